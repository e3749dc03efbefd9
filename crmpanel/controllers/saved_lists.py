"""Saved lists: a list with its filters by name, and what is new in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.controllers.links import Links, Place
from crmpanel.controllers.list_state import from_args, to_args
from crmpanel.controllers.record_card import RecordCard
from crmpanel.controllers.record_list import RecordList
from crmpanel.errors import CrmError, InputError, UnknownName
from crmpanel.locale import _
from crmpanel.model.changeset import Drop, Keep
from crmpanel.model.personal import MATCH, SAVED_LIST
from crmpanel.query import history, personal

#: A list that one is told of has at most so many records.
MOST = 2000
LONGEST_NAME = 80
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


class SavedLists:
    """The saved lists of the viewer of a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def all(self) -> list[Row]:
        """Name, address, told_since and at of each, by name."""
        rows = self.desk.database.records(personal.rows(SAVED_LIST, self.desk.me))
        return sorted(rows, key=lambda row: str(row["name"]).casefold())

    def _row(self, name: str) -> Row:
        found = {row["name"]: row for row in self.all()}
        if name not in found:
            raise UnknownName("saved list", name, found)
        return found[name]

    def is_told(self, name: str) -> bool:
        """Whether the viewer is told of new records; raises `UnknownName`."""
        return self._row(name)["told_since"] is not None

    def href(self, row: Row, links: Links | None) -> str | None:
        """The address of a list where addresses are written in this way."""
        return links.write(Links().read(row["address"])) if links else None

    def save(self, name: str, place: Place, told: bool = False) -> None:
        """Keep a list under a name; one of that name is replaced.

        Parameters
        ----------
        place : where it is, with its filters.
        told : be told when something new matches.

        Raises
        ------
        InputError : the name is blank or too long; the place has no list; there is too much in it.
        """
        name = name.strip()
        if not name or len(name) > LONGEST_NAME:
            raise InputError(
                _("The list needs a name."), "", _("At most {n} characters.", n=LONGEST_NAME)
            )
        address = Links().write(place)
        self.open(address)
        values = {"address": address, "told_since": None, "at": self.desk.clock()}
        self.desk.keep(
            Drop("list_match", {"name": name}), Keep("saved_list", {"name": name}, values)
        )
        if told:
            self.tell(name, True)

    def forget(self, name: str) -> None:
        """Remove a list, and what was told of it."""
        self.desk.keep(Drop("saved_list", {"name": name}), Drop("list_match", {"name": name}))

    def open(self, address: str) -> RecordList:
        """The list at an address; raises `CrmError` if there is none."""
        place = Links().read(address)
        args = tuple(pair for pair in place.args if pair[0] not in ("tab", "page"))
        if place.kind == "list":
            records = RecordList(self.desk, place.entity)
        elif place.kind == "record":
            record = find(self.desk, place.entity, place.id or "")
            card = RecordCard(self.desk, place.entity, record)
            records = card.list(place.arg("tab") or "")
        else:
            raise InputError(_("Only a list can be saved."))
        from_args(records, args, strict=True)
        return records

    # -- what is new ---------------------------------------------------------------------------

    def tell(self, name: str, wanted: bool) -> None:
        """Be told when something new matches, or no more.

        Raises
        ------
        UnknownName : there is no such list.
        InputError : it has more than `MOST` records.
        """
        row = self._row(name)
        if not wanted:
            keep = Keep("saved_list", {"name": name}, {"told_since": None})
            self.desk.keep(keep, Drop("list_match", {"name": name}))
            return
        ids = self._ids(row)
        since = int(self.desk.database.scalar(personal.newest()))
        keep = Keep("saved_list", {"name": name}, {"told_since": since})
        self.desk.keep(Drop("list_match", {"name": name}), keep, *self._kept(name, ids, "known"))

    def check(self, entities: Iterable[str] | None = None) -> None:
        """See what is new in the lists that the viewer is told of.

        Parameters
        ----------
        entities : only lists of these; None for all.
        """
        for row in self.all():
            if row["told_since"] is not None:
                try:
                    self._check(row, None if entities is None else set(entities))
                except CrmError:
                    continue  # a list that cannot be read any more tells nothing

    def _check(self, row: Row, entities: set[str] | None) -> None:
        records = self.open(row["address"])
        if entities is not None and records.entity.name not in entities:
            return
        ids, name = set(self._ids(row)), row["name"]
        known = {r["record_id"] for r in self._matches(name)}
        new, gone = sorted(ids - known), known - ids
        mine = self._written_by_me(records.entity.name, new)
        parts: list[Keep | Drop] = [
            *self._kept(name, [id for id in new if id not in mine], "new"),
            *self._kept(name, [id for id in new if id in mine], "known"),
            *(Drop("list_match", {"name": name, "record_id": id}) for id in sorted(gone)),
        ]
        if parts:
            self.desk.keep(*parts)

    def _ids(self, row: Row) -> list[int]:
        records = self.open(row["address"])
        query = records.selection.page(("id",), (), MOST + 1)
        ids = [found[0] for found in self.desk.database.rows(query)]
        if len(ids) > MOST:
            raise InputError(
                _("The list has more than {n} records.", n=MOST),
                _("You can only be told of lists that one could read."),
                _("Set more filters."),
            )
        return ids

    def _written_by_me(self, entity: str, ids: list[int]) -> set[int]:
        """Of some records those that the viewer was the last to write."""
        me = self.desk.viewer_id
        if not ids:
            return set()
        log = next(e for e in self.desk.registry if e.about)
        rows = self.desk.database.rows(history.last_writers(log, entity, ids))
        return {id for id, user in rows if user == me}

    def _kept(self, name: str, ids: Iterable[int], state: str) -> list[Keep]:
        now = self.desk.clock()
        return [
            Keep("list_match", {"name": name, "record_id": id}, {"state": state, "at": now})
            for id in ids
        ]

    def _matches(self, name: str) -> list[Row]:
        return self.desk.database.records(personal.rows(MATCH, self.desk.me, name=name))

    def matches(self) -> list[Matches]:
        """What was found new in lists, latest first; together what was found at once."""
        found: dict[tuple[str, dt.datetime, str], list[int]] = {}
        for row in self.desk.database.records(personal.rows(MATCH, self.desk.me)):
            if row["state"] != "known":
                found.setdefault((row["name"], row["at"], row["state"]), []).append(
                    row["record_id"]
                )
        entities = {row["name"]: self._entity(row) for row in self.all()}
        items = [
            Matches(name, str(entities[name]), tuple(ids), at, state == "new")
            for (name, at, state), ids in found.items()
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
            Keep("list_match", {"name": item.name, "record_id": id}, {"state": "read"})
            for item in items
            for id in item.ids
        ]
        if parts:
            self.desk.keep(*parts)


def place_of(records: RecordList, place: Place) -> Place:
    """A place with the filters that a list has now, on its first page."""
    args = tuple(pair for pair in to_args(records) if pair[0] != "page")
    tab = tuple(pair for pair in place.args if pair[0] == "tab")
    return Place(place.kind, place.entity, place.id, (*tab, *args))
