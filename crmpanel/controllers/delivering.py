"""Delivering: whether a viewer's notifications also come as e-mail or to a webhook."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from crmpanel.controllers.desk import USERS, Desk
from crmpanel.errors import InputError, UnknownName
from crmpanel.locale import N_, _
from crmpanel.model.changeset import Drop, Keep
from crmpanel.query import delivering, lookup, personal
from crmpanel.store.secret import derived

#: Names of the preferences; the last two hold the changeset after which a channel was chosen.
DIGEST, WEBHOOK = "digest", "webhook"
DIGEST_SINCE, WEBHOOK_SINCE = "digest_since", "webhook_since"
#: How often there is an e-mail. A webhook is called as often, daily if there is no e-mail.
NEVER, DAILY, WEEKLY = "never", "daily", "weekly"
CHOICES = {NEVER: N_("Never"), DAILY: N_("Once a day"), WEEKLY: N_("Once a week")}
#: The channels of the table of deliveries, and of the states there.
MAIL, HOOK = "mail", "webhook"
SENDING, SENT, FAILED = "sending", "sent", "failed"
LONGEST_URL = 2000
#: Set in the environment of all processes: webhooks may be in the same network, and use http.
ALLOW_PRIVATE = "CRMPANEL_ALLOW_PRIVATE"
Row = dict[str, Any]


class Delivering:
    """What the viewer of a desk has chosen: validated here, whoever asks.

    Parameters
    ----------
    desk : database and viewer.
    allow_private : whether a webhook may use http; by default what the environment says.
    """

    def __init__(self, desk: Desk, allow_private: bool | None = None) -> None:
        self.desk = desk
        self._private = private_is_allowed() if allow_private is None else allow_private

    # -- what is chosen ------------------------------------------------------------------------

    @property
    def digest(self) -> str:
        """How often there is an e-mail: one of `CHOICES`."""
        chosen = self.desk.preferences.get(DIGEST, NEVER)
        return chosen if chosen in CHOICES else NEVER

    @property
    def webhook(self) -> str:
        """The address that is called; blank for none."""
        return self.desk.preferences.get(WEBHOOK, "")

    @property
    def address(self) -> str | None:
        """Where e-mail goes: the user's address. None if there is none."""
        return address_of(self.desk)

    @property
    def webhook_key(self) -> str:
        """What the receiver of a webhook checks signatures with; it is this viewer's alone."""
        return derived(self.desk.database, WEBHOOK, self.desk.me).hex()

    def last(self, channel: str) -> Row | None:
        """The latest delivery over `MAIL` or `HOOK`: period, first, last, state, at, reason."""
        rows = self.desk.database.records(delivering.deliveries(self.desk.me, channel))
        return rows[-1] if rows else None

    # -- choosing ------------------------------------------------------------------------------

    def choose_digest(self, chosen: str) -> None:
        """Get an e-mail `NEVER`, `DAILY` or `WEEKLY`, of what comes from now on.

        Raises
        ------
        UnknownName : it is none of these.
        InputError : the viewer is no user, or one without an address.
        """
        if chosen not in CHOICES:
            raise UnknownName("choice", chosen, CHOICES)
        if chosen != NEVER:
            self._refuse_nobody()
            if self.address is None:
                raise InputError(
                    _("There is no address to send e-mail to."),
                    _("The user has none."),
                    _("Have an e-mail address entered for this user."),
                )
        is_new = chosen != NEVER and self.digest == NEVER
        self._choose(MAIL, DIGEST, None if chosen == NEVER else chosen, DIGEST_SINCE, is_new)

    def choose_webhook(self, url: str | None) -> None:
        """Have an address called with what comes from now on; blank for none.

        Raises
        ------
        InputError : the viewer is no user, or the address cannot be called.
        """
        wanted = str(url or "").strip()
        if wanted:
            self._refuse_nobody()
            webhook_parts(wanted, self._private)
        is_new = bool(wanted) and wanted != self.webhook
        self._choose(HOOK, WEBHOOK, wanted or None, WEBHOOK_SINCE, is_new)

    def _choose(self, channel: str, name: str, value: str | None, since: str, is_new: bool) -> None:
        key = {"name": name}
        parts: list[Keep | Drop] = [
            Drop("preference", key) if value is None else Keep("preference", key, {"value": value})
        ]
        if is_new:
            newest = str(self.desk.database.scalar(personal.newest()))
            parts += [Keep("preference", {"name": since}, {"value": newest})]
            # What could not be delivered before it was ended is not wanted any more.
            rows = self.desk.database.records(delivering.deliveries(self.desk.me, channel))
            undone = [row["period"] for row in rows if row["state"] != SENT]
            parts += [Drop("delivery", {"channel": channel, "period": p}) for p in undone]
        self.desk.keep(*parts)

    def _refuse_nobody(self) -> None:
        if self.desk.viewer_id is None:
            raise InputError(
                _("Nobody can be written to."),
                _("It is not known which user you are."),
                _("Choose whom you work as, at the top right."),
            )


def private_is_allowed() -> bool:
    """Whether the environment allows webhooks in the same network."""
    return os.environ.get(ALLOW_PRIVATE, "").strip().lower() in ("1", "true", "yes")


def user_of(desk: Desk) -> Row:
    """All that is known of the user that a desk belongs to; empty if there is none."""
    user = desk.viewer_id
    if user is None or USERS not in desk.registry:
        return {}
    found = desk.database.records(lookup.record(desk.registry[USERS], user))
    return found[0] if found else {}


def address_of(desk: Desk) -> str | None:
    """The e-mail address of the user that a desk belongs to, if it can be one."""
    text = str(user_of(desk).get("email") or "").strip()
    return text if _ADDRESS.fullmatch(text) and len(text) <= 254 else None


#: What can be written to without any quoting; never a blank, a line break or a list of several.
_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+")


def webhook_parts(url: str, allow_private: bool = False) -> SplitResult:
    """An address that may be called, taken apart; who is behind its name is checked at the call.

    Raises
    ------
    InputError : it may not.
    """
    wrong = _wrong_with(url, allow_private)
    if wrong:
        remedy = _("Give an address such as https://example.com/hook.")
        raise InputError(_("This address cannot be called."), wrong, remedy)
    return urlsplit(url)


def _wrong_with(url: str, allow_private: bool) -> str:
    if len(url) > LONGEST_URL:
        return _("It is too long.")
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return _("It has characters that no address has.")
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _port = parts.port
    except ValueError:
        return _("It is no address.")
    if parts.scheme != "https" and not (parts.scheme == "http" and allow_private):
        return _("It must begin with https://.")
    if not host or not re.fullmatch(r"[a-z0-9._:-]+", host):
        return _("It names no host.")
    if "@" in parts.netloc:
        return _("It must not contain a user name or a password.")
    return _("It must not contain a #.") if parts.fragment else ""


def chosen(desk: Desk) -> Mapping[int, Mapping[str, str]]:
    """By id of a user what they have chosen; only those who want something delivered."""
    names = (DIGEST, DIGEST_SINCE, WEBHOOK, WEBHOOK_SINCE, "language")
    found: dict[int, dict[str, str]] = {}
    users = {desk.working_as(id).me: id for id in desk.users}
    for viewer, name, value in desk.database.rows(delivering.choices(names)):
        if viewer in users:
            found.setdefault(users[viewer], {})[name] = value
    return {id: values for id, values in sorted(found.items()) if channels(values)}


def channels(choices: Mapping[str, str]) -> list[str]:
    """Over which channels somebody with these preferences wants to hear."""
    mail = [MAIL] if choices.get(DIGEST) in (DAILY, WEEKLY) else []
    return mail + ([HOOK] if choices.get(WEBHOOK) else [])
