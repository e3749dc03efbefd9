"""Settings of deliveries: options of the command, then the environment, then a TOML file."""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crmpanel.errors import InputError, UnknownName, shortened
from crmpanel.locale.formats import DEFAULT

PASSWORD = "CRMPANEL_SMTP_PASSWORD"
#: Where the settings file is, unless an option says so.
FILE = "CRMPANEL_SETTINGS"
PLAIN, STARTTLS, SSL = "none", "starttls", "ssl"


@dataclass(frozen=True)
class Settings:
    """How deliveries go out.

    Parameters
    ----------
    smtp : host and port of the mail server, ``"mail.example.com:587"``; blank for none.
    tls : ``none``, ``starttls`` or ``ssl``.
    user, password : for the mail server, if it asks.
    sender : the address that mail is from, ``"CRM <crm@example.com>"``.
    base_url : where readers find the application.
    language : of readers who have chosen none.
    allow_private : whether webhooks may be in the same network, and use http.
    """

    smtp: str = ""
    tls: str = PLAIN
    user: str = ""
    password: str = ""
    sender: str = ""
    base_url: str = ""
    language: str = DEFAULT
    allow_private: bool = False

    # -- read ----------------------------------------------------------------------------------

    @classmethod
    def read(
        cls,
        given: Mapping[str, Any],
        file: Path | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> Settings:
        """Settings from options, environment and file, each going before the next.

        Parameters
        ----------
        given : by name; None for what is not given.
        file : a TOML file; by default the one that the environment names.

        Raises
        ------
        InputError : a setting makes no sense; names it.
        UnknownName : the file has a setting that there is none of.
        """
        path = file or (Path(environ[FILE]) if environ.get(FILE) else None)
        found = _from_file(path) if path else {}
        found |= {n: environ[e] for n, e in NAMES.items() if environ.get(e, "").strip()}
        found |= {name: value for name, value in given.items() if value is not None}
        found["password"] = environ.get(PASSWORD, "")
        return cls(**{n: _typed(n, value) for n, value in found.items()}).checked()

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Settings:
        """Settings as another process sends them; raises `InputError` and `UnknownName`."""
        known = [field.name for field in fields(cls)]
        for name in values:
            if name not in known:
                raise UnknownName("setting", name, known)
        return cls(**{name: _typed(name, value) for name, value in values.items()}).checked()

    def values(self) -> dict[str, Any]:
        """All settings by name."""
        return asdict(self)

    def __repr__(self) -> str:
        shown = replace(self, password="***" if self.password else "")
        return f"Settings({', '.join(f'{k}={v!r}' for k, v in shown.values().items())})"

    # -- checked -------------------------------------------------------------------------------

    def checked(self) -> Settings:
        """The same settings, if they can be used; raises `InputError`."""
        if self.tls not in (PLAIN, STARTTLS, SSL):
            raise UnknownName("kind of encryption", self.tls, (PLAIN, STARTTLS, SSL))
        if self.smtp:
            _ = self.server
            if not self.sender:
                raise _wrong("sender", "", "It is not known whom mail is from.", "Give --from.")
            _ = self.sender_address
        if self.base_url and not _is_site(self.base_url):
            raise _wrong("base_url", self.base_url, "", "Give one such as https://crm.example.com.")
        if self.password and self.tls == PLAIN and self.smtp and not _is_near(self.server[0]):
            raise InputError(
                "The password would cross the network unencrypted.", "", "Add --starttls or --ssl."
            )
        return self

    @property
    def server(self) -> tuple[str, int]:
        """Host and port of the mail server."""
        host, colon, port = self.smtp.rpartition(":")
        if not colon or "]" in port:
            host, port = self.smtp, {PLAIN: "25", STARTTLS: "587", SSL: "465"}[self.tls]
        host = host.strip("[]")
        is_port = port.isascii() and port.isdigit() and 0 < int(port) < 2**16
        if not is_port or not host or not host.isprintable() or " " in host:
            raise _wrong("smtp", self.smtp, "", "Give one such as mail.example.com:587.")
        return host, int(port)

    @property
    def sender_address(self) -> Address:
        """Whom mail is from."""
        name, address = parseaddr(self.sender)
        try:
            return Address(name, addr_spec=address)
        except Exception:  # the parser of the standard library raises of several kinds
            raise _wrong(
                "sender", self.sender, "", "Give one like CRM <crm@example.com>."
            ) from None


#: What settings are called in the environment.
NAMES = {
    "smtp": "CRMPANEL_SMTP",
    "tls": "CRMPANEL_SMTP_TLS",
    "user": "CRMPANEL_SMTP_USER",
    "sender": "CRMPANEL_FROM",
    "base_url": "CRMPANEL_BASE_URL",
    "language": "CRMPANEL_LANGUAGE",
    "allow_private": "CRMPANEL_ALLOW_PRIVATE",
}


def _from_file(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path.name} cannot be read.", str(error.strerror)) from None
    except ValueError as error:
        raise InputError(f"{path.name} is not TOML.", str(error)) from None
    if "from" in found:
        found["sender"] = found.pop("from")
    for name in found:
        if name == "password":
            raise InputError(
                f"{path.name} has a password.", "Files are copied.", f"Put it into ${PASSWORD}."
            )
        if name not in NAMES:
            raise UnknownName("setting", name, [*NAMES, "from"])
    return found


def _typed(name: str, value: Any) -> Any:
    if name != "allow_private":
        if not isinstance(value, str):
            raise _wrong(name, value, "", "Give a text.")
        if name != "password" and not value.strip().isprintable():
            raise _wrong(name, value, "It has characters that cannot be seen.", "Remove them.")
        return value.strip().rstrip("/") if name == "base_url" else value.strip()
    if isinstance(value, str):
        return value.strip().lower() in ("1", "true", "yes")
    if not isinstance(value, bool):
        raise _wrong(name, value, "", "Give true or false.")
    return value


def _wrong(name: str, value: Any, why: str, remedy: str) -> InputError:
    said = f" {shortened(value)}" if value else ""
    return InputError(f"The setting {name}{said} cannot be used.", why, remedy)


def _is_site(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and not set(url) & set(" <>\"'\\")
    rest = parts.query or parts.fragment or "@" in parts.netloc
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname) and not rest


def _is_near(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
