"""What is measured on the server: the reads behind what a person does, cells included."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.data import Organisations, Size
from crmpanel.controllers.past import at, found_at
from crmpanel.controllers.record_card import RecordCard, companions, find
from crmpanel.controllers.record_list import RecordList
from crmpanel.controllers.report import Report
from crmpanel.controllers.search import OrganisationSearch
from crmpanel.store.opening import SETTINGS
from crmpanel.views.cells import Display
from crmpanel.views.panels import panels
from crmpanel.views.rows import table_rows
from crmpanel.views.timeline import COMING, FIRST, TimelineView
from crmpanel.views.timeline_items import Items, Shown
from crmpanel.views.timeline_reading import Reading
from crmpanel.workspace import Workspace

PERIODS = ("overdue", "this_month", "last_month", "this_year", "last_year", "future")
Filters = dict[str, Any]


@dataclass(frozen=True)
class Filtered:
    """A list of an organisation and what it is narrowed to."""

    records: RecordList
    filters: Filters


class Side:
    """One database with everything that is measured on it.

    Parameters
    ----------
    path : the file; nobody else may have it open.
    """

    def __init__(self, path: Path) -> None:
        self.workspace = Workspace.open(path, language="en")
        self.database, self.desk = self.workspace.database, self.workspace.desk
        self.display = self.workspace.display()
        self.size, self.organisations = Size.of(self.database), Organisations(self.database)
        self.finder = OrganisationSearch(self.desk)
        self.bare = duckdb.connect(str(self.database.path), config=dict(SETTINGS))

    def close(self) -> None:
        """Close the database."""
        self.bare.close()
        self.workspace.close()

    # -- the card ----------------------------------------------------------------------------

    def card(self, id: int) -> RecordCard:
        """The card of an organisation, as far as one row tells."""
        return RecordCard(self.desk, "organisation", find(self.desk, "organisation", id))

    def card_with_activities(self, id: int) -> None:
        """The organisation, all tab counts, the newest activities and their number."""
        card = self.card(id)
        card.counts()
        self.page(card.list("activities"))

    def card_with_details(self, id: int) -> None:
        """What the card opens with: side panel, tab counts, key figures and the short lists."""
        self._details(self.card(id), self.display)

    @staticmethod
    def _details(card: RecordCard, display: Display) -> None:
        panels(display, card.entity, card.record, card.layout.side, blank=False)
        card.counts()
        card.figures()
        for excerpt in card.layout.details:
            entity = card.desk.registry[str(card.tab(excerpt.tab).entity)]
            table_rows(display, entity, list(excerpt.columns), card.excerpt(excerpt))

    def card_as_of(self, id: int, day: str) -> None:
        """The same as it was on a day, rolled back anew each time as for the first visitor."""
        desk, record = found_at(at(self.desk, day), "organisation", id)
        self._details(RecordCard(desk, "organisation", record), self.display.over(desk))

    def is_older(self, id: int, days: int) -> bool:
        """Whether an organisation is older than some days."""
        made = self.card(id).record["created"]
        return made is None or made < dt.datetime.now() - dt.timedelta(days=days + 2)

    def card_a_week_ago(self, id: int) -> None:
        """The card with details as it was a week ago."""
        self.card_as_of(id, str(dt.date.today() - dt.timedelta(days=7)))

    def card_a_year_ago(self, id: int) -> None:
        """The card with details as it was a year ago."""
        self.card_as_of(id, str(dt.date.today() - dt.timedelta(days=365)))

    def timeline(self, id: int) -> None:
        """The timeline of Details as it opens: pinned, upcoming and latest entries."""
        self._read_timeline(TimelineView(self.card(id), display=self.display))

    def timeline_with_changes(self, id: int) -> None:
        """The same with changes of fields as entries."""
        feed = TimelineView(self.card(id), display=self.display, show_changes=True)
        self._read_timeline(feed)

    @staticmethod
    def _read_timeline(feed: TimelineView) -> None:
        found = Reading(feed).first(Shown(), FIRST, COMING)
        Items(feed, feed.display).of(found(), None)

    def log(self, id: int) -> None:
        """The Log tab."""
        self.page(RecordList(self.desk, "log", self._scope(id, "change")))

    def page(self, records: RecordList) -> None:
        """One page of a list with its exact total, ready to be shown."""
        rows = records.rows(companions(records.entity, records.columns))
        table_rows(self.display, records.entity, records.columns, rows)
        records.count()

    def _scope(self, id: int, entity: str) -> Any:
        return RecordCard(self.desk, "organisation", {"id": id}).scope(entity)

    # -- the same statements without crmpanel ------------------------------------------------

    def statements(self, work: Callable[[Any], Any], case: Any) -> list[tuple[str, list[Any]]]:
        """The SQL and parameters that a piece of work runs."""
        seen: list[tuple[str, list[Any]]] = []

        def note(sql: str, params: tuple[Any, ...], _seconds: float) -> None:
            seen.append((sql, list(params)))

        self.database.tracers.append(note)
        try:
            work(case)
        finally:
            self.database.tracers.remove(note)
        return seen

    def run_bare(self, statements: Sequence[tuple[str, list[Any]]]) -> None:
        """Run statements on cursors of DuckDB's own."""
        for sql, params in statements:
            self.bare.cursor().execute(sql, params).fetchall()

    # -- filters -----------------------------------------------------------------------------

    def filtered(self, id: int, seed: int) -> Filtered:
        """The activities of an organisation and one to four filters that make sense there."""
        chooser = random.Random(seed)
        records = RecordList(self.desk, "activities", self._scope(id, "activity"))
        words = " ".join(str(row["subject"]) for row in records.rows(["subject"])[:10]).split()
        offered: Filters = {
            "status": [value for value, _title, _n in records.facet("status")],
            "responsible": [value for value, _title, _n in records.facet("responsible")],
        }
        filters: Filters = {
            part: chooser.sample(values, min(len(values), chooser.randint(1, 2)))
            for part, values in offered.items()
            if values
        }
        filters["period"] = chooser.choice(PERIODS)
        filters["search"] = chooser.choice(words or ["the"])[:8]
        chosen = chooser.sample(sorted(filters), chooser.randint(1, len(filters)))
        return Filtered(records, {part: filters[part] for part in chosen})

    def filter(self, case: Filtered) -> None:
        """Choose filters: the first page of what passes, and how many do."""
        case.records.clear()
        case.records.param.update(**case.filters)
        self.page(case.records)

    def facets(self, case: Filtered) -> None:
        """The choices beside the filters, with the number of records that each would show."""
        case.records.clear()
        case.records.param.update(**case.filters)
        case.records.facet("status")
        case.records.facet("responsible")

    # -- everything --------------------------------------------------------------------------

    def search(self, text: str) -> None:
        """The organisation search, as far as it was typed."""
        self.finder.find(text)

    def all_organisations(self, filters: Filters) -> None:
        """The front page: organisations by name."""
        records = RecordList(self.desk, "organisations", **filters)
        self.page(records)

    def report(self, id: int | None) -> None:
        """Activities by type, of an organisation or of everybody."""
        scope = () if id is None else self._scope(id, "activity")
        Report(RecordList(self.desk, "activities", scope)).rows()
