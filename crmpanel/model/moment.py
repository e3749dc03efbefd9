"""Moment: a point in the past, given as a day, a time or the number of a changeset."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from crmpanel.errors import InputError, shortened

#: What a person gives: a day means its end, a number the state right after that changeset.
When = dt.date | str | int
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Moment:
    """A point in the order in which things were written.

    Parameters
    ----------
    at : what was written later is after it.
    changeset : of what was written in that same second, what has a greater number is after it as
        well; None if nothing is.
    day : whether a whole day was meant.
    """

    at: dt.datetime
    changeset: int | None = None
    day: bool = False

    def __str__(self) -> str:
        if self.day:
            return self.at.date().isoformat()
        return self.at.isoformat(timespec="auto" if self.at.microsecond else "seconds")


def end_of(day: dt.date) -> Moment:
    """The end of a day."""
    return Moment(dt.datetime.combine(day, dt.time.max), day=True)


def parse(when: dt.date | str) -> Moment:
    """A moment given as a day or a time, or as ISO text of either.

    Raises
    ------
    InputError : it is neither.

    >>> print(parse("2026-01-01")), print(parse("2026-01-01 12:30"))
    2026-01-01
    2026-01-01T12:30:00
    (None, None)
    """
    if isinstance(when, dt.datetime):
        local = when.astimezone().replace(tzinfo=None) if when.tzinfo else when
        return Moment(local)
    if isinstance(when, dt.date):
        return end_of(when)
    text = when.strip() if isinstance(when, str) else ""
    for read in (_day, _time):
        try:
            return parse(read(text))
        except (ValueError, OverflowError):
            continue
    raise InputError(
        f"{shortened(when)} is neither a date nor a time.",
        "",
        "Write 2026-01-01 or 2026-01-01 12:30, or give the number of a changeset.",
    )


def _day(text: str) -> dt.date:
    if len(text) != 10 or not _DAY.match(text):
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def _time(text: str) -> dt.datetime:
    if len(text) < 16 or not _DAY.match(text):
        raise ValueError(text)
    return dt.datetime.fromisoformat(text)
