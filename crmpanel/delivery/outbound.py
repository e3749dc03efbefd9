"""Calls to addresses that users have entered: never into our own network, never somewhere else.

A name is resolved once, every address that it has is looked at, and the call goes to that very
address, so that a name cannot mean another host between the two. Nobody is redirected.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import SplitResult, urlunsplit

from crmpanel.controllers.delivering import webhook_parts
from crmpanel.delivery.words import one_line
from crmpanel.errors import CrmError
from crmpanel.locale import _

#: Seconds for the whole call.
TIMEOUT = 5.0
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
#: IPv4 addresses are translated from these.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: Where machines in clouds ask who they are; not even --allow-private opens these.
_METADATA = tuple(map(ipaddress.ip_network, ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32")))


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    allow_private: bool = False,
    timeout: float = TIMEOUT,
) -> int:
    """Send `body` to an address; returns the status, which says that it was accepted.

    Raises
    ------
    InputError : the address is none that may be called.
    CrmError : its host is in our own network, did not answer in time, or did not accept it.
    """
    parts = webhook_parts(url, allow_private)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = resolved(str(parts.hostname), port, allow_private)
    connection = _connection(parts, port, str(address), timeout)
    try:
        status = _asked(connection, parts, body, headers, timeout)
    except TimeoutError:
        raise _failed(_("It did not answer in {n} seconds.", n=round(timeout))) from None
    except (OSError, http.client.HTTPException) as error:
        raise _failed(_why(error)) from None
    if 300 <= status < 400:
        raise _failed(_("It answered with {n}, and redirects are not followed.", n=status))
    if not 200 <= status < 300:
        raise _failed(_("It answered with {n}.", n=status))
    return status


def resolved(host: str, port: int, allow_private: bool = False) -> IPAddress:
    """The address of a host, all of whose addresses may be called; raises `CrmError`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _failed(_why(error)) from None
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses or not all(may_call(address, allow_private) for address in addresses):
        raise CrmError(
            _("The webhook was not called."),
            _("Its host is in the server's own network."),
            _("Choose a public address, or have it allowed (--allow-private)."),
        )
    return addresses[0]


def may_call(address: IPAddress, allow_private: bool = False) -> bool:
    """Whether an address is one that users may have called.

    >>> [may_call(ipaddress.ip_address(a)) for a in ("1.1.1.1", "127.0.0.1", "::ffff:10.0.0.1")]
    [True, False, False]
    """
    return all(_may_call(a, allow_private) for a in (address, *_within(address)))


def _may_call(address: IPAddress, allow_private: bool) -> bool:
    if any(address.version == net.version and address in net for net in _METADATA):
        return False
    if address.is_multicast or address.is_unspecified:
        return False
    return allow_private or address.is_global


def _within(address: IPAddress) -> list[IPAddress]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found: list[IPAddress | None] = [address.ipv4_mapped, address.sixtofour]
    found += address.teredo or ()
    low = int(address) & 0xFFFFFFFF
    if address in _NAT64 or (int(address) >> 32 == 0 and low > 1):  # or ::10.0.0.1, as of old
        found.append(ipaddress.IPv4Address(low))
    return [one for one in found if one is not None]


# -- the call ------------------------------------------------------------------------------------


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was chosen beforehand, whatever its host is called.

    Parameters
    ----------
    host, port : whom the request is for.
    address : whom it goes to.
    context : how it is encrypted; None for not at all.
    """

    def __init__(
        self, host: str, port: int, address: str, timeout: float, context: ssl.SSLContext | None
    ) -> None:
        super().__init__(host, port, timeout=timeout)
        self.default_port = 443 if context else 80
        self._address, self._context = address, context

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)


def _connection(parts: SplitResult, port: int, address: str, timeout: float) -> _Pinned:
    context = ssl.create_default_context() if parts.scheme == "https" else None
    return _Pinned(str(parts.hostname), port, address, timeout, context)


def _asked(
    connection: _Pinned, parts: SplitResult, body: bytes, headers: Mapping[str, str], timeout: float
) -> int:
    late = threading.Event()

    def stop() -> None:  # one who sends a byte now and then would never be late
        late.set()
        with suppress(OSError, AttributeError):
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(timeout, stop)
    timer.daemon = True
    timer.start()
    try:
        path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        connection.request("POST", path, body, dict(headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        if late.is_set():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
        connection.close()


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _("Its certificate cannot be trusted: {why}.", why=error.verify_message)
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return one_line(str(text)).rstrip(".") + "."


def _failed(why: str) -> CrmError:
    return CrmError(
        _("The webhook was not reached."), why, _("It is called again at the next run.")
    )
