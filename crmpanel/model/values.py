"""What somebody enters as the text that the log keeps, which is the value cast to VARCHAR."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from crmpanel.errors import FilterError, InputError, shortened
from crmpanel.model.kinds import EMAIL, TEMPLATE, Kind
from crmpanel.model.template import parse

#: Characters that a text may have; more was never typed by anybody.
LONGEST = 1_000_000
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_CENT = Decimal("0.01")


def canonical(kind: Kind, value: Any) -> str | None:
    """`value` as the text that a column of this kind gives when cast; None if it is blank.

    Parameters
    ----------
    value : of the kind's type, or text in the form of the log (``2026-02-03``, ``1.5``, ``true``).

    Raises
    ------
    InputError : it cannot be a value of this kind.

    >>> from crmpanel.model.kinds import MONEY
    >>> canonical(MONEY, 70.5), canonical(MONEY, "")
    ('70.50', None)
    """
    if getattr(value, "ndim", None) == 0:  # A number as NumPy and pandas hand it out.
        value = value.item()
    if value is None or (isinstance(value, str) and value == ""):
        return None
    if isinstance(value, str) and not kind.is_text:
        value = _parsed(kind, value)
    try:
        kind.check(value)
    except (ValueError, ArithmeticError) as error:
        if isinstance(error, FilterError):
            raise
        raise _unfit(kind, value, "Give a number.") from None
    return _TEXTS[kind.sql](kind, value)


def typed(kind: Kind, text: str | None) -> Any:
    """The value that the log keeps as `text`; a text that cannot be one stays a text."""
    if text is None or kind.is_text:
        return text
    try:
        return _parsed(kind, text)
    except InputError:
        return text


def check_text(kind: Kind, text: str) -> None:
    """Raise `InputError` unless a new value of this kind can be `text`."""
    if not kind.is_text:
        return
    if "\0" in text:
        raise InputError("The text has a NUL.", "", "Remove that character.")
    if len(text) > LONGEST:
        raise InputError(
            f"The text has {len(text):,} characters.", f"At most {LONGEST:,} can be stored."
        )
    if kind is EMAIL and not _EMAIL.fullmatch(text):
        raise _unfit(kind, text, "Give an address such as kari@nordlys.no.")
    if kind is TEMPLATE:
        parse(text)


def can_be(kind: Kind, value: Any) -> bool:
    """Whether a value that is there, perhaps by an import, could be entered as well."""
    try:
        text = canonical(kind, value)
        if text is not None:
            check_text(kind, text)
    except InputError:
        return False
    return True


def _unfit(kind: Kind, value: Any, remedy: str) -> InputError:
    return InputError(f"{shortened(value)} is no value for a {kind.name} field.", "", remedy)


def _parsed(kind: Kind, text: str) -> Any:
    pattern, parse, remedy = _PARSERS[kind.sql]
    try:
        if re.fullmatch(pattern, text.strip(), re.ASCII):
            return parse(text.strip())
    except (ValueError, ArithmeticError):
        pass
    raise _unfit(kind, text, remedy)


_DAY = r"\d{4}-\d\d-\d\d"
_PARSERS: dict[str, tuple[str, Callable[[str], Any], str]] = {
    "BIGINT": (r"[+-]?\d{1,19}", int, "Give a whole number."),
    "DOUBLE": (r"[+-]?\d{1,17}(\.\d+)?([eE][+-]?\d{1,3})?", float, "Give a number such as 1.5."),
    "DECIMAL(18, 2)": (r"[+-]?\d{1,17}(\.\d+)?", Decimal, "Give an amount such as 1234.50."),
    "BOOLEAN": (r"true|false", "true".__eq__, "Give true or false."),
    "DATE": (_DAY, dt.date.fromisoformat, "Give a date such as 2026-02-28."),
    "TIMESTAMP": (
        _DAY + r"([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?",
        dt.datetime.fromisoformat,
        "Give a date and time such as 2026-02-28 13:30.",
    ),
}


def _whole(kind: Kind, value: Any) -> str:
    return str(int(value))


def _double(kind: Kind, value: Any) -> str:
    return repr(float(value))


def _amount(kind: Kind, value: Any) -> str:
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    amount = exact.quantize(_CENT, ROUND_HALF_EVEN)
    if amount != exact and not isinstance(value, float):
        raise _unfit(kind, value, "Give at most two decimals.")
    return f"{amount + 0:f}"


def _day(kind: Kind, value: Any) -> str:
    if isinstance(value, dt.datetime):
        if value.time() != dt.time():
            raise _unfit(kind, value, "Give a date without a time.")
        value = value.date()
    return str(value.isoformat())


def _moment(kind: Kind, value: Any) -> str:
    time = value.time() if isinstance(value, dt.datetime) else dt.time()
    day = value.date() if isinstance(value, dt.datetime) else value
    text = dt.datetime.combine(day, time).isoformat(sep=" ")
    return text.rstrip("0") if time.microsecond else text


def _dated(text: Callable[[Kind, Any], str]) -> Callable[[Kind, Any], str]:
    """The text of a date, but for pandas' NaT, which is a date to Python."""

    def checked(kind: Kind, value: Any) -> str:
        if value != value:
            raise _unfit(kind, value, "Give a date.")
        return text(kind, value)

    return checked


_TEXTS: dict[str, Callable[[Kind, Any], str]] = {
    "VARCHAR": lambda kind, value: str(value),
    "BIGINT": _whole,
    "DOUBLE": _double,
    "DECIMAL(18, 2)": _amount,
    "BOOLEAN": lambda kind, value: "true" if value else "false",
    "DATE": _dated(_day),
    "TIMESTAMP": _dated(_moment),
}
