"""Notifications: what others wrote about what a viewer subscribes to, each changeset once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.history import referred
from crmpanel.controllers.mine import listed
from crmpanel.controllers.subscriptions import Subscriptions
from crmpanel.errors import UnknownName
from crmpanel.model.changeset import Drop, Keep
from crmpanel.model.entity import Entity
from crmpanel.model.personal import READ
from crmpanel.query import personal
from crmpanel.query.news import FOREVER, Wanted, Watch, fields, lines, news, numbers, touched

#: Rows of the log that a notification tells in full.
LINES = 4
PAGE = 20
ALL = 1_000_000
#: Records that are marked as new; more were not looked at one by one anyway.
MARKED = 2000
#: Preferences: what is not heard of, and up to which changeset all is read.
MUTED, READ_UP_TO = "muted", "read_up_to"
Row = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """A changeset by somebody else about something that is watched.

    Parameters
    ----------
    number, at, user : the changeset, when, and the id of who wrote it.
    why, source, undoes : see `controllers.history.Written`.
    action : what was done to all records, ``update`` if not the same to all.
    entity, id : the first watched record that it is about.
    watched, changes, records : how many watched records it is about, how many rows of the log it
        has, and how many records these are about.
    lines : the first of these rows, with the titles of what they refer to.
    is_unread : whether the viewer has not read it.
    """

    number: int
    at: dt.datetime
    user: int | None
    why: str
    source: str
    undoes: int | None
    action: str
    entity: str
    id: int
    watched: int
    changes: int
    records: int
    lines: tuple[Row, ...] = ()
    is_unread: bool = True


class Notifications:
    """The notifications of the viewer of a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @cached_property
    def log(self) -> Entity:
        """The entity of the log."""
        return next(entity for entity in self.desk.registry if entity.about)

    # -- what there is -------------------------------------------------------------------------

    def unread(self) -> list[int]:
        """Numbers of the changesets that the viewer has not read."""
        wanted = self._wanted(after=self._read_up_to())
        if not wanted.watches:
            return []
        found = self.desk.database.rows(numbers(self.desk.registry, self.log, wanted))
        read = self._read()
        return [number for (number,) in found if number not in read]

    def items(
        self, limit: int = PAGE, before: int | None = None, after: int = 0
    ) -> tuple[Item, ...]:
        """Notifications, newest first.

        Parameters
        ----------
        limit : how many at most.
        before, after : numbers of changesets between which they are.
        """
        wanted = self._wanted(after, FOREVER if before is None else before)
        read, all_read = self._read(), self._read_up_to()
        items = self._news(wanted, limit)
        return tuple(
            replace(item, is_unread=item.number > all_read and item.number not in read)
            for item in items
        )

    def frame(self, unread: bool) -> Any:
        """The rows of the log that are told of, newest first, as a pandas DataFrame."""
        read, after = self._read(), self._read_up_to() if unread else 0
        wanted = self._wanted(after)
        found = self.desk.database.frame(lines(self.desk.registry, self.log, wanted, ALL))
        if unread and read:
            found = found[~found["changeset"].isin(read)]
        return found.reset_index(drop=True)

    def since(self, watch: Watch, limit: int = PAGE) -> tuple[Item, ...]:
        """What others wrote about one record after a changeset, subscribed or not."""
        return self._news(Wanted((watch,), self.desk.viewer_id), limit)

    def touched(self, watch: Watch) -> dict[str, frozenset[int]]:
        """Ids of the records that this is about, by entity; of very many, some."""
        wanted = Wanted((watch,), self.desk.viewer_id)
        found: dict[str, set[int]] = {}
        query = touched(self.desk.registry, self.log, wanted, MARKED)
        for entity, id in self.desk.database.rows(query):
            found.setdefault(entity, set()).add(id)
        return {entity: frozenset(ids) for entity, ids in found.items()}

    def fields(self, watch: Watch) -> list[Row]:
        """What fields of the watched record held before: field, old_value, who, at."""
        wanted = Wanted((watch,), self.desk.viewer_id)
        query = fields(self.desk.registry, self.log, wanted, watch.entity, watch.id)
        rows = [{**row, "entity": watch.entity} for row in self.desk.database.records(query)]
        titles = referred(self.desk, rows)
        return [{**row, "titles": titles} for row in rows]

    def _news(self, wanted: Wanted, limit: int) -> tuple[Item, ...]:
        database, registry = self.desk.database, self.desk.registry
        if not wanted.watches:
            return ()
        found = database.records(news(registry, self.log, wanted, limit))
        if not found:
            return ()
        span = replace(wanted, after=found[-1]["number"] - 1, before=found[0]["number"] + 1)
        told: dict[int, list[Row]] = {}
        rows = database.records(lines(registry, self.log, span, LINES))
        titles = referred(self.desk, rows)
        for row in rows:
            told.setdefault(row["changeset"], []).append({**row, "titles": titles})
        return tuple(_item(row, told.get(row["number"], [])) for row in found)

    def _wanted(self, after: int = 0, before: int = FOREVER) -> Wanted:
        watches = Subscriptions(self.desk).watches()
        return Wanted(watches, self.desk.viewer_id, tuple(self.muted), after, before)

    # -- read ----------------------------------------------------------------------------------

    def _read(self) -> set[int]:
        return {number for (number,) in self.desk.database.rows(personal.rows(READ, self.desk.me))}

    def _read_up_to(self) -> int:
        return int(self.desk.preferences.get(READ_UP_TO, 0))

    def mark_read(self, numbers: Iterable[int]) -> None:
        """Some notifications have been read."""
        parts = [Keep("notification_read", {"changeset": int(number)}) for number in numbers]
        if parts:
            self.desk.keep(*parts)

    def mark_all_read(self) -> None:
        """All that there is by now has been read."""
        newest = int(self.desk.database.scalar(personal.newest()))
        self.desk.keep(
            Keep("preference", {"name": READ_UP_TO}, {"value": str(newest)}),
            Drop("notification_read"),
        )

    # -- what to hear about --------------------------------------------------------------------

    @property
    def heard(self) -> dict[str, bool]:
        """By entity whether the viewer hears of it; only those that an organisation can have."""
        muted = self.muted
        return {
            e.name: e.name not in muted
            for e in self.desk.registry
            if e.organisation is not None and not e.about
        }

    @property
    def muted(self) -> Sequence[str]:
        """Names of the entities that are not heard of."""
        known = self.desk.preferences.get(MUTED)
        return [name for name in listed(known) if name in self.desk.registry]

    def hear(self, entity: str, wanted: bool) -> None:
        """Hear of an entity, or no more; raises `UnknownName`."""
        if entity not in self.heard:
            raise UnknownName("kind of record", entity, self.heard)
        muted = [name for name in self.muted if name != entity] + ([] if wanted else [entity])
        self.desk.prefer(MUTED, ",".join(sorted(muted)) or None)


def _item(row: Row, told: Sequence[Row]) -> Item:
    first = row["first"]
    return Item(
        row["number"],
        row["at"],
        row["user_id"],
        row["why"] or "",
        row["source"] or "",
        row["undoes"],
        row["action"],
        first["entity"],
        first["id"],
        row["watched"],
        row["changes"],
        row["records"],
        tuple(told),
    )
