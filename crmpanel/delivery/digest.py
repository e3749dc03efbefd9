"""Digest: what came for a reader between two changesets, ready to be written as mail or JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crmpanel.controllers import telling
from crmpanel.controllers.desk import USERS, Desk
from crmpanel.controllers.notifications import Item, Notifications
from crmpanel.controllers.sentence import field_label
from crmpanel.controllers.subscriptions import Subscriptions
from crmpanel.delivery.words import logged, one_line
from crmpanel.locale import _
from crmpanel.locale.formats import Formats
from crmpanel.model.entity import ID
from crmpanel.query.news import Wanted, numbers

#: Changesets that a digest tells of; of more it gives the number.
MOST = 100
Row = dict[str, Any]
#: Titles by entity and id; what is not there for the reader has none.
Titles = dict[tuple[str, int], str]


@dataclass(frozen=True)
class Line:
    """One value that was changed, or a record that came or went.

    Parameters
    ----------
    action : ``insert``, ``update`` or ``delete``.
    entity, id, title : the record; it has no title if it is not there for the reader.
    is_of_group : whether it is the record that the group is about.
    field, label : the field and what it is called; blank unless it was changed.
    old, new : the values as the log has them.
    old_text, new_text : the same as the reader sees them.
    """

    action: str
    entity: str
    id: int
    title: str | None
    is_of_group: bool
    field: str
    label: str
    old: str | None
    new: str | None
    old_text: str
    new_text: str


@dataclass(frozen=True)
class Entry:
    """A changeset: who wrote it and when.

    Parameters
    ----------
    more : how many lines of it are not told.
    others : how many other watched records it is about, under which it is not told again.
    """

    number: int
    at: dt.datetime
    who: str
    lines: tuple[Line, ...]
    more: int
    others: int


@dataclass(frozen=True)
class Group:
    """What came about one watched record, latest first; no title if it is not there."""

    entity: str
    id: int
    title: str | None
    entries: tuple[Entry, ...]

    @property
    def label(self) -> str:
        """What it is called in a sentence: "Nordlys AS", "a deleted activity"."""
        return self.title or self.entity


@dataclass(frozen=True)
class Digest:
    """What came for a reader after changeset `first`, up to and with `last`.

    Parameters
    ----------
    user, name : the reader.
    total : how many changesets that is; `more` of them are counted and not told.
    groups : by watched record, the one with the latest changeset first.
    """

    user: int
    name: str
    first: int
    last: int
    total: int
    groups: tuple[Group, ...]
    more: int


def count(desk: Desk, first: int, last: int) -> int:
    """How many changesets came for the reader after `first`, up to `last`."""
    muted = tuple(Notifications(desk).muted)
    wanted = Wanted(Subscriptions(desk).watches(), desk.viewer_id, muted, first, last + 1)
    log = Notifications(desk).log
    return len(desk.database.rows(numbers(desk.registry, log, wanted))) if wanted.watches else 0


def digest(desk: Desk, formats: Formats, first: int, last: int) -> Digest:
    """What came for the reader of `desk` after changeset `first`, up to and with `last`.

    Everything is read through the reader's own desk, and titles are those of today. That is where
    rights cut in: a record that the reader may not see is one that `titles` does not find, and a
    field that is hidden from them is no row of `Notifications`; neither is in the log's words here,
    since the subjects that the log keeps are not used.
    """
    items = Notifications(desk).items(MOST, last + 1, first)
    total = count(desk, first, last) if len(items) == MOST else len(items)
    found = titles(desk, _mentioned(items))
    about = dict.fromkeys((item.entity, item.id) for item in items)
    groups = tuple(
        Group(*key, found.get(key), tuple(_entry(desk, formats, i, found) for i in mine))
        for key in about
        if (mine := [item for item in items if (item.entity, item.id) == key])
    )
    user = desk.viewer_id or 0
    name = str(desk.users.get(user, ""))
    return Digest(user, name, first, last, total, groups, total - len(items))


def titles(desk: Desk, records: Iterable[tuple[str, int]]) -> Titles:
    """Titles of those of some records that are there for the reader of `desk`."""
    known = [key for key in records if key[0] in desk.registry]
    return {key: one_line(title) for key, title in telling.titles(desk, known).items()}


def _mentioned(items: Sequence[Item]) -> list[tuple[str, int]]:
    lines = [(line["entity"], int(line["record_id"])) for i in items for line in i.lines]
    return [(item.entity, item.id) for item in items] + lines


def _entry(desk: Desk, formats: Formats, item: Item, found: Titles) -> Entry:
    who = one_line(str(desk.users.get(item.user or 0) or "")) or _("System")
    lines = tuple(_line(desk, formats, item, row, found) for row in item.lines)
    more = max(0, item.changes - len(lines))
    return Entry(item.number, item.at, who, lines, more, item.watched - 1)


def _line(desk: Desk, formats: Formats, item: Item, row: Row, found: Titles) -> Line:
    key = (str(row["entity"]), int(row["record_id"]))
    action, name = str(row["action"]), row["field"]
    is_value = action == "update" and name not in (None, ID.name)
    old, new = (row["old_value"], row["new_value"]) if is_value else (None, None)
    return Line(
        action,
        *key,
        found.get(key),
        key == (item.entity, item.id),
        str(name) if is_value else "",
        one_line(field_label(desk.registry, str(name), key[0])) if is_value else "",
        old,
        new,
        logged(desk, formats, row, old),
        logged(desk, formats, row, new),
    )


def kind(desk: Desk, entity: str) -> str:
    """What records of an entity are called in a sentence: "activity"."""
    label = _(desk.registry[entity].label) if entity in desk.registry else entity
    return label.lower() if entity != USERS else _("user")
