"""Values of the log in words, and texts that cannot leave their line."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from crmpanel.controllers.desk import USERS, Desk
from crmpanel.locale import _
from crmpanel.locale.formats import Formats
from crmpanel.model.entity import ID, Field

LONGEST = 300
#: Direction of text could be turned round with these, so that a line reads as something else.
_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])


def one_line(text: str, most: int = LONGEST) -> str:
    """`text` as a single line of visible characters, not too long.

    >>> one_line("a\\r\\nBcc: b@c.no\\u202e  d"), one_line("abcdef", 4)
    ('a Bcc: b@c.no d', 'abc…')
    """
    spaced = "".join(" " if unicodedata.category(c) in _SPACES else c for c in text)
    line = " ".join(spaced.translate(_TURNS).split())
    return line if len(line) <= most else line[: most - 1] + "…"


#: Control characters, separators of lines and paragraphs, and halves of characters.
_SPACES = ("Cc", "Zl", "Zp", "Cs")


def logged(desk: Desk, formats: Formats, row: dict[str, Any], value: str | None) -> str:
    """A value of the log as its field shows it; blank if there is none.

    Parameters
    ----------
    row : the row of the log, with the titles of what it refers to.
    """
    if value is None:
        return ""
    fields = desk.registry[row["entity"]].fields if row["entity"] in desk.registry else {}
    field = fields.get(row["field"] or "")
    if field is None or field is ID:
        return one_line(str(value))
    with suppress(ValueError, KeyError, ArithmeticError):  # a load logs other people's spellings
        return one_line(_worded(desk, formats, row, field, str(value)))
    return one_line(str(value))


def _worded(desk: Desk, formats: Formats, row: dict[str, Any], field: Field, value: str) -> str:
    if field.target == USERS:
        return str(desk.users.get(int(value)) or _("No longer there"))
    if field.target:
        return str(row["titles"].get((field.target, value)) or _("No longer there"))
    word = _WORDS.get(field.kind.name)
    return word(formats, value) if word else value


_WORDS: dict[str, Callable[[Formats, str], str]] = {
    "date": lambda formats, value: formats.date(dt.date.fromisoformat(value)),
    "datetime": lambda formats, value: formats.datetime(dt.datetime.fromisoformat(value)),
    "integer": lambda formats, value: formats.number(int(value)),
    "number": lambda formats, value: formats.number(float(value)),
    "money": lambda formats, value: formats.money(value, None),
    "percent": lambda formats, value: formats.percent(value),
    "size": lambda formats, value: formats.size(int(value)),
    "boolean": lambda formats, value: {"true": _("Yes"), "false": _("No")}[value],
}
