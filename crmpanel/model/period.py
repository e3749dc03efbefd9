"""Periods: "last quarter" as a half-open range of days."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from crmpanel.errors import FilterError, shortened

UNITS = ("week", "month", "quarter", "year")
#: Keys of the periods offered, in the order of the menu; their English labels.
PERIODS = {
    "overdue": "Overdue",
    "future": "Future",
    "today": "Today",
    **{
        f"{which}_{unit}": f"{which.capitalize()} {unit}"
        for unit in UNITS
        for which in ("this", "last")
    },
}
#: The two that compare with the present moment instead of a range of days.
MOMENTS = ("overdue", "future")
_RANGE = re.compile(r"(\d{4}-\d\d-\d\d)?\.\.(\d{4}-\d\d-\d\d)?", re.ASCII)


@dataclass(frozen=True)
class Days:
    """A range of days: from `start` up to and without `end`; None leaves a side open."""

    start: dt.date | None
    end: dt.date | None


def days(period: str, today: dt.date) -> Days:
    """The days of a period.

    Parameters
    ----------
    period : a key of `PERIODS` except the two moments, or ``2026-01-01..2026-03-31`` (both days
        included; either may be left out).
    today : the day that "this" and "last" refer to.

    Raises
    ------
    FilterError : not a period.

    >>> days("last_quarter", dt.date(2026, 2, 3))
    Days(start=datetime.date(2025, 10, 1), end=datetime.date(2026, 1, 1))
    """
    if period == "today":
        return Days(today, today + dt.timedelta(days=1))
    which, _, unit = str(period).partition("_")
    if period in PERIODS and unit in UNITS:
        start = _start(unit, today)
        if which == "last":
            end, start = start, _start(unit, start - dt.timedelta(days=1))
            return Days(start, end)
        return Days(start, _start(unit, start + dt.timedelta(days=_SPAN[unit])))
    return _custom(period)


#: Days that lead from the first day of a unit into the next one, whatever its length.
_SPAN = {"week": 7, "month": 31, "quarter": 92, "year": 366}


def _start(unit: str, day: dt.date) -> dt.date:
    if unit == "week":
        return day - dt.timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return day.replace(month=1, day=1)


def _custom(period: str) -> Days:
    match = _RANGE.fullmatch(period) if isinstance(period, str) else None
    if not match or not any(match.groups()):
        raise FilterError(
            f"{shortened(period)} is not a period.",
            "",
            "Use one of " + ", ".join(PERIODS) + ", or a range such as 2026-01-01..2026-03-31.",
        )
    try:
        start, last = (dt.date.fromisoformat(text) if text else None for text in match.groups())
    except ValueError:
        raise FilterError(
            f"{period!r} has a day that does not exist.", "", "Write days as 2026-03-31."
        ) from None
    if start and last and last < start:
        raise FilterError(f"{period!r} ends before it begins.", "", "Swap the two days.")
    # No day follows the last of the calendar, so nothing needs to be left out after it.
    return Days(start, last + dt.timedelta(days=1) if last and last < dt.date.max else None)
