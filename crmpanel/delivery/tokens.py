"""Tokens of unsubscribe links: they say what is to be ended, and that we wrote them."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
from dataclasses import dataclass

from crmpanel.errors import InputError
from crmpanel.locale import _
from crmpanel.store import Database
from crmpanel.store.secret import derived

#: Days for which a link in a mail works.
LASTS = 180
#: No token of ours is longer.
LONGEST = 600


@dataclass(frozen=True)
class Ending:
    """What a link ends for a user: the subscription on one record, or all mail.

    Parameters
    ----------
    user : id of the user.
    entity, id : the record; None for all mail.
    """

    user: int
    entity: str | None = None
    id: int | None = None


def write(database: Database, ending: Ending, today: dt.date) -> str:
    """The token that stands for an ending; the same day gives the same one."""
    until = (today + dt.timedelta(days=LASTS)).toordinal()
    said = json.dumps([ending.user, ending.entity, ending.id, until], separators=(",", ":"))
    return f"{_text(said.encode())}.{_text(_signature(database, said.encode()))}"


def read(database: Database, token: str, today: dt.date) -> Ending:
    """What a token stands for.

    Raises
    ------
    InputError : it is not ours or too old; which of these is not told.
    """
    said, _dot, signature = str(token)[: LONGEST + 1].partition(".")
    try:
        content, signed = _bytes(said), _bytes(signature)
        if len(token) > LONGEST or not hmac.compare_digest(signed, _signature(database, content)):
            raise ValueError
        user, entity, id, until = json.loads(content)
        if dt.date.fromordinal(until) < today:
            raise ValueError
    except (ValueError, TypeError, binascii.Error):
        raise InputError(
            _("This link does not work."),
            _("It is not complete, or too old."),
            _("Use the link in a newer mail, or end it in the settings of your notifications."),
        ) from None
    return Ending(user, entity, id)


def _signature(database: Database, content: bytes) -> bytes:
    return hmac.new(derived(database, "unsubscribe"), content, hashlib.sha256).digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), b"-_", validate=True)
