"""Every error a user can meet.

::

    CrmError                     what happened, why, and what to do about it
    ├── InputError               what was asked for is not valid
    │   ├── UnknownName          entity, field, operator, report, column… not declared (names the nearest)
    │   ├── FilterError          a filter value that cannot be understood
    │   └── AmbiguousName        several organisations carry the name
    ├── NotFound                 no such organisation, person, record or file
    ├── StoreError               the database file
    │   ├── MissingDatabase      no file at the path
    │   ├── LockedDatabase       another process owns it
    │   ├── ForeignDatabase      a DuckDB file that crmpanel did not make, or no DuckDB file at all
    │   ├── NewerDatabase        made by a later version of crmpanel or DuckDB
    │   └── DamagedDatabase      does not hold what was acknowledged, or cannot be read
    └── ImportFailed             a source or mapping that cannot be imported; nothing was written
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


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


class InputError(CrmError, ValueError):
    """What was asked for is not valid."""


class UnknownName(InputError, KeyError):
    """A name that is not declared; names the nearest legal neighbour.

    >>> str(UnknownName("column", "sttus", ["status", "subject"]))
    "There is no column 'sttus'. Did you mean 'status'? Known: status, subject."
    """

    def __init__(self, noun: str, name: object, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(str(name), names, n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        shown = str(name) if len(str(name)) <= 80 else str(name)[:79] + "…"
        super().__init__(f"There is no {noun} {shown!r}.", "", f"{hint}Known: {', '.join(names)}.")
        self.noun, self.name, self.near = noun, name, near[0] if near else None

    __str__ = Exception.__str__


class FilterError(InputError):
    """A filter value that cannot be understood."""


class AmbiguousName(InputError):
    """Several organisations carry the name."""


class NotFound(CrmError, LookupError):
    """No such organisation, person, record or file."""


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
