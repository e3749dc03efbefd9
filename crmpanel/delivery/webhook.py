"""The webhook of a digest: the same content as the mail, as signed JSON."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

from crmpanel.controllers.delivering import Delivering
from crmpanel.controllers.links import Links
from crmpanel.delivery.digest import Digest, Entry, Group, Line
from crmpanel.delivery.mail import Letter

#: Number of the form of the body; fields may be added without another number.
SCHEMA = 1


def body(letter: Letter) -> bytes:
    """What is sent (docs/notify.md); made twice it is the same."""
    digest: Digest = letter.digest
    said = {
        "schema": SCHEMA,
        "id": letter.name,
        "period": letter.delivery.period,
        "user": {"id": digest.user, "name": digest.name},
        "after": digest.first,
        "until": digest.last,
        "changes": digest.total,
        "records": [_record(letter, group) for group in digest.groups],
        "more": digest.more,
    }
    return json.dumps(said, ensure_ascii=False).encode()


def headers(letter: Letter, content: bytes, now: float | None = None) -> dict[str, str]:
    """The headers of a call: what it is, and a signature of the time and the body.

    Parameters
    ----------
    now : seconds since 1970; a receiver refuses what is old.
    """
    at = str(int(time.time() if now is None else now))
    key = bytes.fromhex(Delivering(letter.desk).webhook_key)
    signature = hmac.new(key, at.encode() + b"." + content, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "crmpanel",
        "Idempotency-Key": letter.name,
        "X-Crmpanel-Timestamp": at,
        "X-Crmpanel-Signature": f"sha256={signature}",
    }


def _record(letter: Letter, group: Group) -> dict[str, Any]:
    return {
        "entity": group.entity,
        "id": group.id,
        "title": group.title,
        "url": _url(letter, group.entity, group.id) if group.title else None,
        "changes": [_change(entry) for entry in group.entries],
    }


def _url(letter: Letter, entity: str, id: int) -> str | None:
    base = letter.settings.base_url
    return base + Links().record(entity, id) if base else None


def _change(entry: Entry) -> dict[str, Any]:
    return {
        "changeset": entry.number,
        "at": entry.at.astimezone().isoformat(),
        "by": entry.who,
        "lines": [_line(line) for line in entry.lines],
        "more": entry.more,
        "other_records": entry.others,
    }


def _line(line: Line) -> dict[str, Any]:
    said: dict[str, Any] = {
        "action": line.action,
        "entity": line.entity,
        "id": line.id,
        "title": line.title,
    }
    if line.field:
        said |= {"field": line.field, "label": line.label, "old": line.old, "new": line.new}
        said |= {"old_text": line.old_text, "new_text": line.new_text}
    return said
