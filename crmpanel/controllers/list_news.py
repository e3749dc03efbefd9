"""What is new in saved lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from crmpanel.controllers import saved_lists
from crmpanel.controllers.saved_lists import KNOWN, NEW, READ, SavedLists
from crmpanel.errors import CrmError
from crmpanel.model.changeset import Drop, Keep
from crmpanel.model.personal import MATCH
from crmpanel.query import history, personal

#: Stands for the records of a list that has grown too long to be told of.
GROWN = -1
Row = dict[str, Any]


@dataclass(frozen=True)
class Matches:
    """Records that are new in a saved list.

    Parameters
    ----------
    name : of the list.
    entity, ids : which records.
    at : when the first of them was found there.
    is_unread : whether the viewer has not read of them.
    """

    name: str
    entity: str
    ids: tuple[int, ...]
    at: dt.datetime
    is_unread: bool

    @property
    def has_grown(self) -> bool:
        """Whether they are no records, but that the list has too many to be told of."""
        return self.ids == (GROWN,)


class ListNews(SavedLists):
    """The saved lists of the viewer of a desk, and what is new in them."""

    def check(self, entities: Iterable[str] | None = None) -> None:
        """See what is new in the lists that the viewer is told of.

        Parameters
        ----------
        entities : only lists of these; None for all.
        """
        wanted = None if entities is None else set(entities)
        with self.alone():
            for row in self.all():
                if row["told_since"] is not None:
                    try:
                        self._check(row, wanted)
                    except CrmError:
                        continue  # a list that cannot be read any more tells nothing

    def _check(self, row: Row, entities: set[str] | None) -> None:
        entity = self.open(row["address"]).entity.name
        if entities is not None and entity not in entities:
            return
        name, newest = row["name"], self.newest()
        known = {r["record_id"] for r in self._matches(name)}
        ids = set(self.ids(row["address"]))
        if len(ids) > saved_lists.MOST:
            if GROWN not in known:
                self.desk.keep(*self.kept(name, [GROWN], NEW))
            return
        new, gone = sorted(ids - known), known - ids
        mine = self._written_by_me(entity, new, row["told_since"])
        parts: list[Keep | Drop] = [
            *self.kept(name, [id for id in new if id not in mine], NEW),
            *self.kept(name, [id for id in new if id in mine], KNOWN),
            *(Drop("list_match", {"name": name, "record_id": id}) for id in sorted(gone)),
        ]
        if self._has_written(row["told_since"]):
            parts.append(Keep("saved_list", {"name": name}, {"told_since": newest}))
        if parts:
            self.desk.keep(*parts)

    def _written_by_me(self, entity: str, ids: list[int], after: int) -> set[int]:
        """Of some records those that the viewer was the last to write since the last look.

        What was written before has come by time passing, such as what is overdue now.
        """
        me = self.desk.viewer_id
        if not ids:
            return set()
        log = next(e for e in self.desk.registry if e.about)
        rows = self.desk.database.rows(history.last_writers(log, entity, ids, after))
        return {id for id, user in rows if user == me}

    def _has_written(self, after: int) -> bool:
        query = history.has_written(self.desk.viewer_id, after)
        return bool(self.desk.database.scalar(query))

    def _matches(self, name: str) -> list[Row]:
        return self.desk.database.records(personal.rows(MATCH, self.desk.me, name=name))

    def matches(self) -> list[Matches]:
        """What was found new in lists, latest first; together what was found at once."""
        found: dict[tuple[str, dt.datetime, str, bool], list[int]] = {}
        for row in self.desk.database.records(personal.rows(MATCH, self.desk.me)):
            if row["state"] != KNOWN:
                has_grown = row["record_id"] == GROWN
                key = (row["name"], row["at"], row["state"], has_grown)
                found.setdefault(key, []).append(row["record_id"])
        entities = {row["name"]: self._entity(row) for row in self.all()}
        items = [
            Matches(name, str(entities[name]), tuple(ids), at, state == NEW)
            for (name, at, state, _), ids in found.items()
            if entities.get(name)
        ]
        return sorted(items, key=lambda item: item.at, reverse=True)

    def _entity(self, row: Row) -> str | None:
        try:
            return self.open(row["address"]).entity.name
        except CrmError:
            return None

    def mark_read(self, items: Iterable[Matches]) -> None:
        """Some of these have been read."""
        parts = [
            Keep("list_match", {"name": m.name, "record_id": id}, {"state": READ, "at": m.at})
            for m in items
            for id in m.ids
        ]
        if parts:
            with self.alone():
                self.desk.keep(*parts)
