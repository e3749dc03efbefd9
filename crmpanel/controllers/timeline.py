"""Timeline: the state of the merged feed of a card, and its entries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import param

from crmpanel.controllers.feed_pages import Entry, FeedPages, Fold
from crmpanel.controllers.pinning import Pins
from crmpanel.controllers.record_card import RecordCard, companions
from crmpanel.errors import UnknownName
from crmpanel.model.entity import Entity
from crmpanel.model.filters import Condition, FilterSet
from crmpanel.model.kinds import LONG_TEXT
from crmpanel.query import counting, timeline
from crmpanel.query.feed import Branch, Part, Position
from crmpanel.query.query import Query
from crmpanel.query.selection import Selection

#: The parameters that narrow the feed.
FILTERS = ("search", "kinds", "person", "period")
PAGE_SIZE = 20


class Timeline(param.Parameterized):
    """What happened with a record, and what is to come, of all kinds in one feed.

    Parameters
    ----------
    card : the record; its layout says which entities take part.

    Example
    -------
    >>> card.timeline.kinds, card.timeline.person = ["tickets"], ["Ola Hansen"]  # doctest: +SKIP
    >>> card.timeline.count(), card.timeline.df().head()                        # doctest: +SKIP
    """

    search = param.String("", doc="Text that an entry must contain, as in lists.")
    kinds = param.List([], doc="Names or plurals of entities; empty for all that take part.")
    person = param.List([], doc="Names or ids of users who are responsible; None for nobody.")
    period = param.String("", doc="A period, as in lists; empty for all time.")
    show_changes = param.Boolean(False, doc="Whether changes of fields are entries too.")
    page_size = param.Integer(PAGE_SIZE, bounds=(1, 500), doc="Entries of a page.")

    def __init__(self, card: RecordCard, **params: Any) -> None:
        self.card, self.desk = card, card.desk
        self.pins = Pins(card.desk, card.organisation_id)
        self._pages = FeedPages(card.desk.database)
        super().__init__(**params)

    # -- what takes part ---------------------------------------------------------------------

    @cached_property
    def entities(self) -> tuple[Entity, ...]:
        """The entities that take part, in order; the log is the last, whatever the layout says."""
        declared = [self.desk.registry[name] for name in self.card.layout.timeline]
        return tuple(sorted(declared, key=lambda entity: bool(entity.about)))

    @property
    def chosen(self) -> tuple[Entity, ...]:
        """The entities whose records are entries now; raises `UnknownName`."""
        names = {name: entity for entity in self.entities for name in (entity.name, entity.plural)}
        for kind in self.kinds:
            if kind not in names:
                raise UnknownName("kind of entry", kind, names)
        wanted = {names[kind] for kind in self.kinds}
        if not wanted:
            wanted = {entity for entity in self.entities if not entity.about}
        if self.show_changes:
            wanted |= {entity for entity in self.entities if entity.about}
        return tuple(entity for entity in self.entities if entity in wanted)

    @property
    def is_filtered(self) -> bool:
        """Whether any filter is set."""
        return bool(self.search.strip() or self.kinds or self.person or self.period)

    def clear(self) -> None:
        """Remove all filters at once."""
        self.param.update(**{name: type(getattr(self, name))() for name in FILTERS})

    @property
    def filters(self) -> FilterSet:
        """The filters but the kinds; raises `FilterError` for an unknown user."""
        users = tuple(self.desk.user_id(user) for user in self.person)
        return FilterSet(self.search, users, period=self.period)

    def _branches(self, entities: Sequence[Entity]) -> list[Branch]:
        """What cannot pass the filters, having no such part, has no branch."""
        filters = self.filters
        return [
            Branch(self._selection(entity, filters), self.entities.index(entity))
            for entity in entities
            if (entity.responsible or not filters.responsible)
            and (entity.due or filters.period != "overdue")
        ]

    def _selection(self, entity: Entity, filters: FilterSet) -> Selection:
        scope = self.card.scope(entity.name)
        if entity.about:
            scope = (*scope, *self._not_made(entity))
        return replace(self.desk.selection(entity.name, *scope), filters=filters)

    def _not_made(self, log: Entity) -> Iterator[Condition]:
        """A record that is an entry itself is not told of a second time as made.

        A condition for each entity: DuckDB reads the whole log for a list of more than a few.
        """
        action = ("action", str(log.about and log.about[0]))
        for other in self.entities:
            if not other.about:
                yield Condition(action, "not_in", ("insert", other.name))

    def _parts(self, pinned: bool) -> list[Branch]:
        """The branches with what is pinned, or with what is not."""
        pins, found = self.pins.read(), []
        for branch in self._branches(self.chosen):
            ids = pins.get(branch.selection.entity.name, ())
            selection = branch.selection
            only = (Condition(("id",), "in", ids),) if pinned and ids else ()
            others = () if pinned else (Condition(("id",), "ne", (id,)) for id in ids)
            selection = replace(selection, scope=(*selection.scope, *only, *others))
            if ids or not pinned:
                found.append(replace(branch, selection=selection))
        return found

    # -- numbers -----------------------------------------------------------------------------

    def totals(self) -> dict[str, int]:
        """Records of each kind that pass the other filters; of the log, changes of fields."""
        branches = self._branches(self.entities)
        selections = {b.selection.entity.name: b.selection for b in branches}
        found = dict.fromkeys((entity.name for entity in self.entities), 0)
        if selections:
            found |= dict(self.desk.database.rows(counting.counts(selections)))
        return found

    def count(self) -> int:
        """The exact number of entries."""
        branches = self._branches(self.chosen)
        records = {b.selection.entity.name: b.selection for b in branches if not b.is_log}
        number = 0
        if records:
            rows = self.desk.database.rows(counting.counts(records))
            number = sum(records for _name, records in rows)
        for branch in branches:
            if branch.is_log:
                number += self.desk.database.scalar(timeline.number_of_entries(branch))
        return int(number)

    def upcoming_count(self) -> int:
        """How many of them are still to come, but for the pinned ones."""
        part, branches = Part(self.desk.clock(), upcoming=True), self._parts(pinned=False)
        records = [branch for branch in branches if not branch.is_log]
        return int(self.desk.database.scalar(timeline.number(records, part))) if records else 0

    def users(self) -> list[tuple[int | None, str | None, int]]:
        """Who can be chosen as person: id, name, and how many entries that would show."""
        branches = [b for b in self._branches(self.chosen) if b.selection.entity.responsible]
        return self.desk.database.rows(timeline.users(branches)) if branches else []

    # -- entries -----------------------------------------------------------------------------

    @property
    def query(self) -> Query:
        """All entries in the order of their dates, latest first."""
        return timeline.listed(self._branches(self.chosen))

    @property
    def sql(self) -> str:
        """That query as SQL which can be run anywhere."""
        return self.query.text

    def df(self) -> Any:
        """All entries as a pandas DataFrame: when, kind, what, who, status, id."""
        return self.desk.database.frame(self.query)

    def pinned(self) -> list[Entry]:
        """The entries on top, latest first."""
        return self._pages.read(self._parts(pinned=True), Part())

    def upcoming(self, after: Position | None = None, limit: int | None = None) -> list[Entry]:
        """What is still to come, the soonest first; a page of it, see `rows`."""
        return self._page(Part(self.desk.clock(), True, after), limit)

    def rows(self, after: Position | None = None, limit: int | None = None) -> list[Entry]:
        """A page of what has been, latest first, and at the end of what has no date.

        Parameters
        ----------
        after : position of the last entry of the page before; none for the first page.
        limit : how many; by default `page_size`. Fewer come only at the end.
        """
        return self._page(Part(self.desk.clock(), False, after), limit)

    def _page(self, part: Part, limit: int | None) -> list[Entry]:
        return self._pages.cut(self._parts(pinned=False), part, limit or self.page_size)

    def records(self, entries: Sequence[Entry]) -> dict[tuple[str, int], dict[str, Any]]:
        """What else is shown of entries: their records, by kind and id."""
        found: dict[tuple[str, int], dict[str, Any]] = {}
        for entity in self.entities:
            ids = [entry["id"] for entry in entries if entry["kind"] == entity.name]
            if ids and not entity.about:
                selection = self._within(entity, Condition(("id",), "in", tuple(ids)))
                page = selection.page(shown(entity, self.card.layout.key), (("id", False),))
                rows = self.desk.database.records(page)
                found |= {(entity.name, row["id"]): row for row in rows}
        return found

    def _within(self, entity: Entity, *conditions: Condition) -> Selection:
        return self.desk.selection(entity.name, *self.card.scope(entity.name), *conditions)

    # -- changes -----------------------------------------------------------------------------

    @property
    def folds_changes(self) -> bool:
        """Whether changes are told of in short between the entries."""
        return not (self.show_changes or self.search.strip() or self.kinds or self.period)

    def folds(
        self, entries: Sequence[Entry], after: Position | None = None, ended: bool = False
    ) -> dict[int, Fold]:
        """What was changed between the entries of a page of `rows`, by slot.

        Slot 0 is before the first entry. What comes after the last is with the next page, unless
        the feed has `ended`.
        """
        dates = [entry["at"] for entry in entries if entry["at"] is not None]
        until = None if ended or not dates else dates[-1]
        part = Part(self.desk.clock(), False, after, until)
        return self._pages.folds(self._log(), part, dates)

    def unfolded(
        self, after: Position | None, until: dt.datetime | None, limit: int = PAGE_SIZE
    ) -> list[Entry]:
        """The changes of a fold as entries: from an entry to the date of the next; see `rows`."""
        part = Part(self.desk.clock(), False, after, until)
        return self._pages.cut(self._log(), part, limit)

    def _log(self) -> list[Branch]:
        return self._branches([entity for entity in self.entities if entity.about])

    def changes(self, entries: Sequence[Entry]) -> dict[int, dict[str, Any]]:
        """The rows of the log that entries are made of, by id."""
        found: dict[int, dict[str, Any]] = {}
        for entity in self.entities:
            mine = [entry for entry in entries if entry["kind"] == entity.name]
            if entity.about and mine:
                ids = tuple(id for entry in mine for id in entry["rows"])
                selection = self._within(
                    entity, Condition(("id",), "in", ids), *_dated(entity, mine)
                )
                names = [*companions(entity, ()), *entity.columns]
                rows = self.desk.database.records(selection.page(names, (("id", False),)))
                found |= {row["id"]: row for row in rows}
        return found


def _dated(entity: Entity, entries: Sequence[Entry]) -> tuple[Condition, ...]:
    """From the first to the last of their moments: so much less of a long log is read."""
    dates = [entry["at"] for entry in entries]
    if None in dates:
        return ()
    last = max(dates)
    if last == dt.datetime.max:
        return ()
    span = (min(dates), last + dt.timedelta(microseconds=1))
    return (Condition((str(entity.date),), "between", span),)


def shown(entity: Entity, key: str) -> tuple[str, ...]:
    """Fields that an entry shows of a record, beside what all entries have.

    Parameters
    ----------
    key : the field that refers to the record of the card, which needs no telling.
    """
    fixed = (key, entity.organisation)
    references = [f.name for f in entity.references if f.name not in (*fixed, *entity.responsible)]
    long = [f.name for f in entity.fields.values() if f.kind is LONG_TEXT and f.group]
    names = (entity.title, entity.subtitle, entity.date, entity.amount, entity.group_by)
    wanted = (*names, *entity.responsible, *references, *long[:1], *companions(entity, ()))
    amount = entity.amount and entity.field(entity.amount).currency
    return tuple(dict.fromkeys(name for name in (*wanted, amount) if name))
