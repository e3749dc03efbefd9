"""Every error a user can meet.

::

    CrmError                     what happened, why, and what to do about it
    ├── InputError               what was asked for is not valid
    │   ├── UnknownName          entity, field, operator, column… not declared (names the nearest)
    │   ├── FilterError          a filter value that cannot be understood
    │   ├── AmbiguousName        several organisations carry the name
    │   └── ValidationFailed     a changeset that cannot be saved; lists every problem
    ├── Conflict                 somebody else changed or deleted what was to be changed
    ├── UndoRefused              something later stands on what was to be undone
    ├── NotFound                 no such organisation, person, record or file
    │   ├── Deleted              there was such a record
    │   └── NotYet               it came later than the moment as of which it was looked for
    ├── StoreError               the database file
    │   ├── MissingDatabase      no file at the path
    │   ├── LockedDatabase       another process owns it
    │   ├── ForeignDatabase      a DuckDB file that crmpanel did not make, or no DuckDB file at all
    │   ├── NewerDatabase        made by a later version of crmpanel or DuckDB
    │   └── DamagedDatabase      does not hold what was acknowledged, or cannot be read
    └── ImportFailed             a source or mapping that cannot be imported; nothing was written
"""

from __future__ import annotations

import datetime as dt
import difflib
import traceback
from collections.abc import Iterable, Sequence
from typing import NamedTuple

#: How many known names an error lists before it only counts the rest.
LISTED = 20


def shortened(value: object, most: int = 60) -> str:
    """`value` as it stands in a message: quoted, what cannot be seen escaped, and not too long.

    >>> shortened("a" * 100, 8), shortened("\u202eevil")
    ("'aaaaaaa…'", "'\\\\u202eevil'")
    """
    if isinstance(value, str) and len(value) > most:
        value = value[: most - 1] + "…"
    text = repr(value)
    return text if isinstance(value, str) or len(text) <= most else text[: most - 1] + "…"


def named(entity: str, id: int, title: str | None) -> str:
    """A record as it stands in a message.

    >>> named("person", 1, "Kari Vik"), named("person", 2, None)
    ('person 1 (Kari Vik)', 'person 2')
    """
    return f"{entity} {id}" + (f" ({shortened(title)[1:-1]})" if title else "")


def listed(items: Sequence[object]) -> str:
    """The first of some sentences, and how many more there are."""
    more = f" … and {len(items) - LISTED:,} more." if len(items) > LISTED else ""
    return " ".join(str(item) for item in items[:LISTED]) + more


class CrmError(Exception):
    """An error meant for a person.

    Parameters
    ----------
    what : what happened, one sentence.
    why : the reason, as far as it is known.
    remedy : what the reader can do next.
    """

    def __init__(self, what: str, why: str = "", remedy: str = "") -> None:
        super().__init__(" ".join(part for part in (what, why, remedy) if part))
        self.what, self.why, self.remedy = what, why, remedy

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the message, and the reader's own line that led to it."""
        steps = traceback.extract_tb(self.__traceback__)
        lines = [f"  line {s.lineno}: {s.line}" for s in steps if "ipykernel_" in s.filename]
        return [f"{type(self).__name__}: {self}", *lines]


class InputError(CrmError, ValueError):
    """What was asked for is not valid."""


class UnknownName(InputError, KeyError):
    """A name that is not declared; names the nearest legal neighbour.

    >>> str(UnknownName("column", "sttus", ["status", "subject"]))
    "There is no column 'sttus'. Did you mean 'status'? Known: status, subject."
    """

    def __init__(self, noun: str, name: object, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(str(name)[:80], names, n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        more = f" and {len(names) - LISTED:,} more" if len(names) > LISTED else ""
        super().__init__(
            f"There is no {noun} {shortened(name)}.",
            "",
            f"{hint}Known: {', '.join(names[:LISTED])}{more}.",
        )
        self.noun, self.name, self.near = noun, name, near[0] if near else None

    __str__ = Exception.__str__


class FilterError(InputError):
    """A filter value that cannot be understood."""


class AmbiguousName(InputError):
    """Several organisations carry the name."""


class Problem(NamedTuple):
    """Why one value cannot be saved; the id is None for a record that is still to be made."""

    entity: str
    id: int | None
    field: str | None
    message: str

    def __str__(self) -> str:
        record = self.entity if self.id is None else f"{self.entity} {self.id}"
        return f"{record}{f', {self.field}' if self.field else ''}: {self.message}"


class ValidationFailed(InputError):
    """A changeset that cannot be saved; `problems` has all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("Nothing was saved.", listed(problems))
        self.problems = list(problems)


class Collision(NamedTuple):
    """A value, or a whole record, that is not what the user saw.

    ``seen``, ``now`` and ``new`` are texts as in the log. For a record that was deleted, ``field``
    is None and undoing ``changeset`` brings it back.
    """

    entity: str
    id: int
    record: str | None
    field: str | None
    seen: str | None
    now: str | None
    new: str | None
    by: str | None
    at: dt.datetime | None
    changeset: int | None

    def __str__(self) -> str:
        record = named(self.entity, self.id, self.record)
        who = f" by {self.by}" if self.by else ""
        when = f" at {self.at:%Y-%m-%d %H:%M}" if self.at else ""
        number = f" (changeset {self.changeset})" if self.changeset else ""
        if self.field is None:
            return f"{record} was deleted{who}{when}{number}."
        seen, now, new = (shortened(value) for value in (self.seen, self.now, self.new))
        changed = f" It was changed{who}{when}{number}." if self.changeset else ""
        return f"{record}, {self.field}: you saw {seen}, now it is {now}, yours is {new}.{changed}"


class Conflict(CrmError):
    """Somebody else changed or deleted what was to be changed; `collisions` has each field."""

    def __init__(self, collisions: Sequence[Collision]) -> None:
        gone = {c.changeset for c in collisions if c.field is None and c.changeset}
        remedy = "Look at the values there are now, and save again."
        if gone:
            numbers = ", ".join(map(str, sorted(gone)))
            remedy = f"Undoing changeset {numbers} brings back what was deleted."
        super().__init__("Nothing was saved.", listed(collisions), remedy)
        self.collisions = list(collisions)


class UndoRefused(CrmError):
    """Something later stands on what was to be undone; `reasons` has all of it."""

    def __init__(self, number: int, reasons: Sequence[str], remedy: str = "") -> None:
        super().__init__(f"Changeset {number} cannot be undone.", listed(reasons), remedy)
        self.number, self.reasons = number, list(reasons)


class NotFound(CrmError, LookupError):
    """No such organisation, person, record or file."""


class Deleted(NotFound):
    """There was such a record.

    Parameters
    ----------
    what, why, remedy : see `CrmError`.
    entity, id : the record.
    """

    def __init__(self, what: str, why: str, remedy: str, entity: str, id: int) -> None:
        super().__init__(what, why, remedy)
        self.entity, self.id = entity, id


class NotYet(NotFound):
    """A record came later than the moment as of which it was looked for.

    Parameters
    ----------
    what, why : see `CrmError`.
    name, since : what the record is called, and when it came, if that is known.
    """

    def __init__(self, what: str, why: str, name: str, since: dt.datetime | None) -> None:
        super().__init__(what, why)
        self.name, self.since = name, since


class StoreError(CrmError):
    """Something about the database file."""


class MissingDatabase(StoreError):
    """No file at the path."""


class LockedDatabase(StoreError):
    """Another process owns the file."""


class ForeignDatabase(StoreError):
    """Not a database that crmpanel made."""


class NewerDatabase(StoreError):
    """Made by a later version of crmpanel or DuckDB."""


class DamagedDatabase(StoreError):
    """The file does not hold what was acknowledged, or cannot be read."""


class ImportFailed(CrmError):
    """A source or mapping that cannot be imported; nothing was written."""


class SourceLost(ImportFailed):
    """A source that went away while it was read: not even its other tables can be taken over."""
