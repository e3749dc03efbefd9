"""Pages of the merged feed, and what was changed between the entries of one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from crmpanel.query import timeline
from crmpanel.query.feed import Branch, Part, Position
from crmpanel.store import Database

Entry = dict[str, Any]


@dataclass(frozen=True)
class Fold:
    """Changes between two entries, in short.

    Parameters
    ----------
    changes, people : how many fields were changed, and by how many users.
    who_id : who made most of them.
    """

    changes: int
    people: int
    who_id: int | None


def position(entry: Entry) -> Position:
    """Where an entry stands: what a page begins after."""
    return Position(entry["at"], entry["rank"], entry["id"])


class FeedPages:
    """Reads entries of branches, see `crmpanel.query.timeline`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def read(self, branches: list[Branch], part: Part, limit: int | None = None) -> list[Entry]:
        """The entries of a part; of one with a bound those this side of it."""
        return self.database.records(timeline.page(branches, part, limit)) if branches else []

    def cut(self, branches: list[Branch], part: Part, limit: int) -> list[Entry]:
        """So many entries, unless there are no more: the log is read piece by piece."""
        found: list[Entry] = []
        while True:
            part = replace(part, bound=self._bound(branches, part, limit))
            piece = self.read(branches, part, limit - len(found))
            found += piece
            # A piece has an entry at least: it has rows that the one before had not.
            if part.bound is None or len(found) >= limit or not piece:
                return found
            part = replace(part, after=position(piece[-1]))

    def _bound(self, branches: list[Branch], part: Part, limit: int) -> dt.datetime | None:
        part = replace(part, bound=None)
        for branch in branches:
            if branch.is_log:
                bound = self.database.scalar(timeline.bound(branch, part, limit))
                return bound if isinstance(bound, dt.datetime) else None
        return None

    def folds(self, log: list[Branch], part: Part, dates: Sequence[dt.datetime]) -> dict[int, Fold]:
        """What the log has between dates, by slot; see `timeline.folded`."""
        found = {}
        for branch in log:
            for slot, *values in self.database.rows(timeline.folded(branch, part, dates)):
                found[slot] = Fold(*values)
        return found
