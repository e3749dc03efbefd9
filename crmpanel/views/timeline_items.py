"""The entries of a timeline, ready to be shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crmpanel.controllers.feed_pages import Entry, Fold
from crmpanel.controllers.timeline import Timeline, shown
from crmpanel.locale import _, ngettext
from crmpanel.model.entity import ID, Entity
from crmpanel.model.kinds import LONG_TEXT
from crmpanel.query.feed import Position
from crmpanel.views.cells import Cell, Display
from crmpanel.views.log_rows import LogRows

#: Characters of a text that an entry begins with, and fields that a change lists.
EXCERPT, LISTED = 280, 8
Item = dict[str, Any]


@dataclass
class Folded:
    """Changes between two entries, and those of them that were unfolded.

    Parameters
    ----------
    fold : how many.
    after, until : from which entry to the date of which.
    entries : the changes themselves; none while they are folded.
    """

    fold: Fold
    after: Position | None
    until: dt.datetime | None
    entries: list[Entry] = field(default_factory=list)


@dataclass
class Shown:
    """What a timeline shows.

    Parameters
    ----------
    pinned, coming, been : the entries of its parts.
    records, changes : what is known of them: records by kind and id, rows of the log by id.
    folds : changes between entries of `been`, by key of the entry before.
    ended : whether there is nothing older.
    """

    pinned: list[Entry] = field(default_factory=list)
    coming: list[Entry] = field(default_factory=list)
    been: list[Entry] = field(default_factory=list)
    records: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    changes: dict[int, dict[str, Any]] = field(default_factory=dict)
    folds: dict[str, Folded] = field(default_factory=dict)
    ended: bool = False

    @property
    def entries(self) -> dict[str, Entry]:
        """All entries by key."""
        return {key_of(entry): entry for entry in (*self.pinned, *self.coming, *self.been)}


#: Key of what stands before the first entry.
TOP = "top"


def key_of(entry: Entry) -> str:
    """The key of an entry: the same whenever it is read."""
    return f"{entry['kind']} {entry['id']}"


class Items:
    """Makes the items of the component.

    Parameters
    ----------
    feed, display : the timeline, and how values are shown.
    """

    def __init__(self, feed: Timeline, display: Display) -> None:
        self.feed, self.display, self._log = feed, display, LogRows(display)

    def of(self, found: Shown, coming: int | None) -> list[Item]:
        """The items of all that is shown.

        Parameters
        ----------
        coming : how many entries are still to come in all, if that is known.
        """
        items = list(self._part("pinned", _("Pinned"), found.pinned, found, icon="pin"))
        number = self.display.formats.number(coming) if coming else ""
        items += self._part("coming", _("Upcoming"), found.coming, found, count=number)
        if coming is not None and found.coming and coming > len(found.coming):
            items.append(_more("upcoming", _("Show more of what is upcoming")))
        return items + list(self._been(found))

    def _part(
        self, key: str, label: str, entries: Sequence[Entry], found: Shown, **head: str
    ) -> Iterator[Item]:
        if entries:
            yield {"key": key, "type": "head", "text": label, **head}
        for entry in entries:
            yield self._entry(entry, found, pinned=key == "pinned")

    def _been(self, found: Shown) -> Iterator[Item]:
        """Entries under days and months, with the changes between them."""
        today, before = self.display.desk.clock().date(), None
        yield from self._fold(TOP, found)
        for entry in found.been:
            label = self._heading(entry["at"], today)
            if label != before:
                before = label
                yield {"key": f"head {label}", "type": "head", "text": label}
            yield self._entry(entry, found)
            yield from self._fold(key_of(entry), found)

    def _heading(self, at: dt.datetime | None, today: dt.date) -> str:
        if at is None:
            return _("No date")
        if at.date() == today:
            return _("Today")
        if at.date() == today - dt.timedelta(days=1):
            return _("Yesterday")
        return self.display.formats.month(at)

    # -- entries -----------------------------------------------------------------------------

    def _entry(self, entry: Entry, found: Shown, pinned: bool = False) -> Item:
        entity = self.display.desk.registry[entry["kind"]]
        if entity.about:
            return self._change(entity, entry, found)
        record = found.records.get((entity.name, entry["id"]), {ID.name: entry["id"]})
        item = self._record(entity, record)
        if self.feed.pins.can_pin:
            item["pinned"] = pinned
        return {"key": key_of(entry), "type": "entry", "when": self._when(entity, record), **item}

    def _record(self, entity: Entity, record: Mapping[str, Any]) -> Item:
        text = self.display.text
        return {
            "icon": entity.icon,
            "kind": _(entity.label),
            "title": text(entity, entity.title, record) or _("(untitled)"),
            **self.display.record_link(entity, record[ID.name]),
            "status": _cell(
                self.display.cell(entity, entity.status, record) if entity.status else ""
            ),
            "amount": text(entity, entity.amount, record) if entity.amount else "",
            "meta": [cell for cell in self._meta(entity, record) if cell["text"]],
            "text": self._excerpt(entity, record),
        }

    def _when(self, entity: Entity, record: Mapping[str, Any]) -> Item:
        return _cell(self.display.cell(entity, str(entity.date), record))

    def _meta(self, entity: Entity, record: Mapping[str, Any]) -> Iterator[Item]:
        """Kind and number, what it refers to, and who is responsible."""
        told = {entity.title, entity.date, entity.amount, entity.status, entity.due}
        names = [name for name in shown(entity, self.feed.card.layout.key) if name not in told]
        currencies = {f.currency for f in entity.fields.values()}
        for name in names:
            declared = entity.field(name)
            if declared.kind is not LONG_TEXT and name not in currencies:
                cell = _cell(self.display.cell(entity, name, record))
                yield {**cell, "title": _(declared.label)}

    @staticmethod
    def _excerpt(entity: Entity, record: Mapping[str, Any]) -> str:
        texts = [f.name for f in entity.fields.values() if f.kind is LONG_TEXT and f.group]
        words = " ".join(str(record.get(texts[0]) or "")[: 4 * EXCERPT].split()) if texts else ""
        return words if len(words) <= EXCERPT else words[: EXCERPT - 1] + "…"

    # -- changes -----------------------------------------------------------------------------

    def _change(self, log: Entity, entry: Entry, found: Shown) -> Item:
        rows = [found.changes[id] for id in entry["rows"] or () if id in found.changes]
        item: Item = {"key": key_of(entry), "type": "entry", "minor": True, "icon": log.icon}
        item |= {"kind": _(log.label), "title": entry["what"] or _("(untitled)"), "meta": []}
        item["when"] = self.display.formats.datetime(entry["at"]) if entry["at"] else ""
        if not rows:
            return item
        item["meta"] = [{"text": entry["who"] or _("System")}]
        item["title"] = self._log.what(rows) or item["title"]
        item["title"] = item["title"][:1].upper() + item["title"][1:]
        about, record = (rows[0].get(name) for name in log.about or ())
        registry = self.display.desk.registry
        if about in registry and rows[0]["action"] != "delete":
            item |= self.display.record_link(registry[about], record)
        values = [row for row in rows if row["action"] == "update"]
        item["changes"] = [self._value(log, row) for row in values[:LISTED]]
        if len(values) > LISTED:
            item["text"] = ngettext("{n} more field", "{n} more fields", len(values) - LISTED)
        return item

    def _value(self, log: Entity, row: Mapping[str, Any]) -> Item:
        names = {"label": "field", "old": "old_value", "new": "new_value"}
        return {key: self.display.text(log, name, row) for key, name in names.items()}

    def _fold(self, key: str, found: Shown) -> Iterator[Item]:
        folded = found.folds.get(key)
        if folded is None:
            return
        is_open = bool(folded.entries)
        yield {
            "key": f"fold {key}",
            "type": "fold",
            "text": self._said(folded.fold),
            "open": is_open,
        }
        for entry in folded.entries:
            yield self._entry(entry, found)
        rows = sum(len(entry["rows"]) for entry in folded.entries)
        if is_open and rows < folded.fold.changes:
            yield _more(f"fold {key}", _("Show more changes"))

    def _said(self, fold: Fold) -> str:
        """ "3 changes by Ola Hansen and 1 other"."""
        who, number = self.display.desk.users.get(fold.who_id or 0) or _("System"), fold.changes
        others = fold.people - 1
        n = self.display.formats.number(number)
        if others < 1:
            return ngettext("{n} change by {who}", "{n} changes by {who}", number, n=n, who=who)
        if others == 1:
            return _("{n} changes by {who} and 1 other", n=n, who=who)
        return _("{n} changes by {who} and {others} others", n=n, who=who, others=others)


def _cell(cell: Cell) -> Item:
    return {"text": cell} if isinstance(cell, str) else dict(cell)


def _more(part: str, text: str) -> Item:
    return {"key": f"more {part}", "type": "more", "part": part, "text": text}
