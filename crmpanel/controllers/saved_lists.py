"""Saved lists: lists with their filters by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.controllers.links import Links, Place
from crmpanel.controllers.list_state import from_args, to_args
from crmpanel.controllers.record_card import RecordCard
from crmpanel.controllers.record_list import RecordList
from crmpanel.errors import InputError, UnknownName
from crmpanel.locale import _
from crmpanel.model.changeset import Drop, Keep
from crmpanel.model.personal import SAVED_LIST
from crmpanel.query import personal
from crmpanel.store import Database

#: A list that one is told of has at most so many records.
MOST = 2000
LONGEST_NAME = 80
#: States of the records of a list.
KNOWN, NEW, READ = "known", "new", "read"
Row = dict[str, Any]
#: By database and viewer.
_locks: WeakKeyDictionary[Database, dict[str, Lock]] = WeakKeyDictionary()
_guard = Lock()


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
        InputError : the name is blank or too long; the place has no list, or too much in it to be
            told of. Nothing is kept.
        """
        name = name.strip()
        if not name or len(name) > LONGEST_NAME:
            raise InputError(
                _("The list needs a name."), "", _("At most {n} characters.", n=LONGEST_NAME)
            )
        address = Links().write(place)
        self.open(address)
        values = {"address": address, "told_since": None, "at": self.desk.clock()}
        with self.alone():
            self.desk.keep(
                Drop("list_match", {"name": name}),
                Keep("saved_list", {"name": name}, values),
                *(self._told(name, address) if told else ()),
            )

    def forget(self, name: str) -> None:
        """Remove a list, and what was told of it."""
        with self.alone():
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

    def tell(self, name: str, wanted: bool) -> None:
        """Be told when something new matches, or no more; again has no effect.

        Raises
        ------
        UnknownName : there is no such list.
        InputError : it has more than `MOST` records.
        """
        row = self._row(name)
        if wanted == self.is_told(name):
            return
        end = Keep("saved_list", {"name": name}, {"told_since": None})
        with self.alone():
            told = self._told(name, row["address"]) if wanted else [end]
            self.desk.keep(Drop("list_match", {"name": name}), *told)

    def _told(self, name: str, address: str) -> list[Keep]:
        """From now on: what is in the list by now is known."""
        since, ids = self.newest(), self.ids(address)
        if len(ids) > MOST:
            raise InputError(
                _("The list has more than {n} records.", n=MOST),
                _("You can only be told of lists that one could read."),
                _("Set more filters."),
            )
        begin = Keep("saved_list", {"name": name}, {"told_since": since})
        return [begin, *self.kept(name, ids, KNOWN)]

    # -- for what is new -----------------------------------------------------------------------

    def ids(self, address: str) -> list[int]:
        """The records of a list: all, if they are at most `MOST`, else one more than that."""
        query = self.open(address).selection.page(("id",), (), MOST + 1)
        return [found[0] for found in self.desk.database.rows(query)]

    def kept(self, name: str, ids: Iterable[int], state: str) -> list[Keep]:
        """What writes down in which state records of a list are."""
        now = self.desk.clock()
        return [
            Keep("list_match", {"name": name, "record_id": id}, {"state": state, "at": now})
            for id in ids
        ]

    def newest(self) -> int:
        """Number of the newest changeset."""
        return int(self.desk.database.scalar(personal.newest()))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Only one window of a viewer looks and writes down what it has found at a time."""
        with _guard:
            mine = _locks.setdefault(self.desk.database, {}).setdefault(self.desk.me, Lock())
        with mine:
            yield


def place_of(records: RecordList, place: Place) -> Place:
    """A place with the filters that a list has now, on its first page."""
    args = tuple(pair for pair in to_args(records) if pair[0] != "page")
    tab = tuple(pair for pair in place.args if pair[0] == "tab")
    return Place(place.kind, place.entity, place.id, (*tab, *args))
