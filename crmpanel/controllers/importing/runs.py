"""Imports that were done, for whoever looks for one to undo it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from crmpanel.controllers.desk import USERS, Desk
from crmpanel.query import imports
from crmpanel.store.numbering import log_of

#: Imports that are listed.
MOST = 10


@dataclass(frozen=True)
class Done:
    """An import that was done.

    Parameters
    ----------
    number : of its changeset.
    at, who : when, and by whom if that is known.
    why, source : what it was for, and the name by which the records of its source are known.
    undone : whether it was undone since.
    changes : how many records are new, changed, vanished, returned and deleted by it.
    """

    number: int
    at: dt.datetime
    who: str | None
    why: str
    source: str
    undone: bool
    changes: dict[str, int]


def last_imports(desk: Desk) -> list[Done]:
    """The last imports, the newest first."""
    database, registry = desk.database, desk.registry
    if not database.scalar(imports.has_runs()):
        return []
    query = imports.last_runs(log_of(registry), registry[USERS], MOST)
    return [Done(*_fields(row)) for row in database.rows(query)]


def _fields(row: tuple[Any, ...]) -> list[Any]:
    kinds = ("new", "changed", "vanished", "returned", "deleted")
    counts = (count or 0 for count in row[6:])
    return [*row[:6], dict(zip(kinds, counts, strict=True))]
