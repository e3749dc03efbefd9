"""Kinds of field: what a value is, how it is stored, compared and aligned."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

from crmpanel.errors import FilterError, shortened

CHOSEN = ("eq", "ne", "in", "not_in", "blank", "not_blank")
TEXTUAL = ("eq", "ne", "in", "not_in", "contains", "not_contains", "open", "blank", "not_blank")
ORDERED = ("eq", "ne", "lt", "le", "gt", "ge", "blank", "not_blank")
NAMED = (*CHOSEN, "lt", "le", "gt", "ge")
DATED = ("on_or_after", "before", "between", "overdue", "future", "blank", "not_blank")

#: Numbers beyond this are refused: DECIMAL(18, 2) cannot hold them, and nobody meant them.
LARGEST = 10**16


@dataclass(frozen=True)
class Kind:
    """A kind of value.

    Parameters
    ----------
    name : key of the kind.
    sql : DuckDB type of the column.
    operators : keys of the operators that apply (see `crmpanel.model.operators`).
    align : ``start`` or ``end``, in the reading direction.
    searchable : whether a list's search looks into fields of this kind unless the field says else.
    mass : whether a mass edit offers fields of this kind unless the field says else: not those
        whose values tell records apart.
    """

    name: str
    sql: str
    operators: tuple[str, ...]
    align: str = "start"
    searchable: bool = False
    mass: bool = True

    @property
    def is_text(self) -> bool:
        """Whether values are text, whose order does not depend on case."""
        return self.sql == "VARCHAR"

    @property
    def is_day(self) -> bool:
        """Whether values are days or moments."""
        return self.sql in ("DATE", "TIMESTAMP")

    def check(self, value: Any) -> None:
        """Raise `FilterError` unless `value` can be compared with a field of this kind."""
        problem = _PROBLEMS[self.sql](value)
        if problem:
            raise FilterError(
                f"{shortened(value)} is no value for a {self.name} field.", "", problem
            )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return "Give a text."
    try:
        value.encode()
    except UnicodeEncodeError:
        return "It has half of a surrogate pair, which cannot be stored: remove that character."
    return ""


def _whole(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, Integral):
        return "Give a whole number."
    return "" if -(2**63) <= int(value) < 2**63 else "Give a number of at most 64 bits."


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        return "Give a number."
    if not math.isfinite(value) or not -LARGEST < value < LARGEST:  # type: ignore[operator]
        return f"Give a number below {LARGEST:,}."
    return ""


def _truth(value: Any) -> str:
    return "" if isinstance(value, bool) else "Give True or False."


def _day(value: Any) -> str:
    if not isinstance(value, dt.date):
        return "Give a date."
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return "Give a local time, without a time zone."
    return ""


_PROBLEMS = {
    "VARCHAR": _text,
    "BIGINT": _whole,
    "DOUBLE": _number,
    "DECIMAL(18, 2)": _number,
    "BOOLEAN": _truth,
    "DATE": _day,
    "TIMESTAMP": _day,
}

TEXT = Kind("text", "VARCHAR", TEXTUAL, searchable=True)
LONG_TEXT = Kind("long_text", "VARCHAR", TEXTUAL, searchable=True)
IDENTIFIER = Kind("identifier", "VARCHAR", TEXTUAL, searchable=True, mass=False)
CHOICE = Kind("choice", "VARCHAR", TEXTUAL)
EMAIL = Kind("email", "VARCHAR", TEXTUAL, searchable=True, mass=False)
PHONE = Kind("phone", "VARCHAR", TEXTUAL, searchable=True, mass=False)
URL = Kind("url", "VARCHAR", TEXTUAL, searchable=True, mass=False)
INTEGER = Kind("integer", "BIGINT", ORDERED, align="end")
#: A number that names something, such as an id or a year: not a quantity.
NUMERAL = Kind("numeral", "BIGINT", NAMED)
NUMBER = Kind("number", "DOUBLE", ORDERED, align="end")
MONEY = Kind("money", "DECIMAL(18, 2)", ORDERED, align="end")
PERCENT = Kind("percent", "DOUBLE", ORDERED, align="end")
SIZE = Kind("size", "BIGINT", ORDERED, align="end", mass=False)
BOOLEAN = Kind("boolean", "BOOLEAN", ("eq", "blank", "not_blank"))
DATE = Kind("date", "DATE", DATED)
DATETIME = Kind("datetime", "TIMESTAMP", DATED)
REFERENCE = Kind("reference", "BIGINT", CHOSEN)
ENTITY_NAME = Kind("entity_name", "VARCHAR", TEXTUAL, mass=False)
FIELD_NAME = Kind("field_name", "VARCHAR", TEXTUAL, mass=False)
#: A web address with fields of a record in it, see `crmpanel.model.template`.
TEMPLATE = Kind("template", "VARCHAR", TEXTUAL, searchable=True, mass=False)
#: What the log says happened, in words, and a value, as the field that it was of shows it.
ACTION = Kind("action", "VARCHAR", TEXTUAL, mass=False)
LOGGED_VALUE = Kind("logged_value", "VARCHAR", TEXTUAL, searchable=True, mass=False)

KINDS = {kind.name: kind for kind in list(globals().values()) if isinstance(kind, Kind)}
