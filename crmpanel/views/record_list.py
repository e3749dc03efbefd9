"""RecordListView: a list with its filters, table and pages; the same in a page and a notebook."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
from panel.viewable import Viewer

from crmpanel.controllers.history import Written
from crmpanel.controllers.links import Place
from crmpanel.controllers.record_card import companions
from crmpanel.controllers.record_list import STATE, RecordList
from crmpanel.controllers.sentence import sentence
from crmpanel.errors import CrmError
from crmpanel.locale import _
from crmpanel.model.changeset import Applied, RecordsChanged
from crmpanel.model.entity import Field
from crmpanel.views.cell_editing import CellEditing
from crmpanel.views.cells import Display
from crmpanel.views.components import ListSummary, RecordTable
from crmpanel.views.filter_bar import FilterBar
from crmpanel.views.inside import Inside
from crmpanel.views.list_creating import ListCreating
from crmpanel.views.list_saving import ListSaving
from crmpanel.views.list_words import count_words, empty_words, error_words, report_link
from crmpanel.views.live import concerns
from crmpanel.views.loading import Prefetch, in_thread, once_open
from crmpanel.views.log_rows import LogRows
from crmpanel.views.page_foot import PageFoot
from crmpanel.views.rows import table_columns, table_rows
from crmpanel.views.ticking import Ticking
from crmpanel.views.undoing import Undoing


class RecordListView(RecordList, Viewer):
    """A list that can be displayed. Its parameters are those of `RecordList`.

    Parameters
    ----------
    display : how values are shown; None for the defaults of a notebook.
    """

    def __init__(self, *args: Any, display: Display, **params: Any) -> None:
        self.display = display
        #: Opens a record (entity, id) or the report in place of the list, in `inside`.
        self.on_open: Callable[[str, Any], Any] | None = None
        self.on_report: Callable[[], Any] | None = None
        self.inside: Inside | None = None
        #: Whether somebody can see it: a list on a tab that is not open waits with reading.
        self.in_sight = True
        #: Where an export is brought, if that fills the list; offered while it is empty.
        self.bring: str | None = None
        self._is_stale = False
        #: What the record is called on whose card the list is.
        self.whose = ""
        #: Says of a record, by id, what is new about it.
        self.mark: Callable[[Any], str | None] = lambda id: None
        self._layout: pn.Column | None = None
        self._shown: dict[Any, dict[str, Any]] = {}
        self._asked = 0
        super().__init__(*args, **params)
        self._undoing = Undoing(self)
        self._log = LogRows(display, self._undoing.undo) if self.entity.about else None
        self._creating = ListCreating(self)
        self._saving = ListSaving(self)
        #: Where the list is, with its filters; None where it has no address.
        self.place: Callable[[], Place] | None = None

    def __repr__(self) -> str:
        said = sentence(self, self.display.formats)
        return f"<{_(self.entity.label_plural)}{': ' * bool(said)}{said}>"

    __str__ = __repr__

    def __panel__(self) -> pn.Column:
        if self._layout is None:
            self._layout = self._build()
            if self.display.links is None:
                self.inside = Inside(self._layout)
                self._layout = self.inside.__panel__()
        return self._layout

    def _build(self) -> pn.Column:
        rows = Prefetch(self._fetch())
        self._bar = FilterBar(self, self.display)
        self._summary = ListSummary(clear=_("Clear filters"), create=self._creating.label)
        self._table = RecordTable(
            label=_(self.entity.label_plural),
            busy=True,
        )
        self._summary.on_event(self._summary_event)
        self._table.on_event(self._table_event)
        self._ticking = Ticking(self, self._table, self.display, self._place)
        self._cells = CellEditing(self, self._table, self.display, self._shown.__contains__)
        self._table.columns = self._headings()
        self.param.watch(self._reload, list(STATE))
        self._foot = PageFoot(self)
        rows.deliver(lambda found: self._show(*found))
        once_open(self._load_facets)
        self.display.live.watch(self._written)
        parts = [self._bar, self._summary, self._table, self._foot.component]
        if self.display.links is None:
            parts += self.display.notices.place()
        self._column = pn.Column(*parts, margin=0, sizing_mode="stretch_width")
        self._creating.place = self._place
        return self._column

    def _place(self, component: Any) -> None:
        """Put something into the page that most visits do without."""
        self._column.append(component)

    def _headings(self) -> list[dict[str, Any]]:
        return table_columns(self.entity, list(self.columns), self.sort, self._cells.inputs)

    # -- events ------------------------------------------------------------------------------

    def _summary_event(self, event: dict[str, Any]) -> None:
        if event["type"] == "clear":
            self.clear()
        elif event["type"] == "create":
            self._creating.open()
        elif event.get("name") == "save":
            self._saving.open()
        elif self.on_report is not None:
            self.on_report()

    def _table_event(self, event: dict[str, Any]) -> None:
        column = event.get("column")
        if event["type"] == "act" and self._log is not None:
            pn.state.execute(partial(self._log.act, event, self._shown), schedule=False)
        if event["type"] == "sort" and column in self.entity.fields:
            self.toggle_sort(column, bool(event.get("additive")))
        elif event["type"] == "action":
            self.clear() if self.is_filtered else self._creating.open()
        elif event["type"] == "open" and event.get("id") in self._shown:
            self._open(self._shown[event["id"]], self.entity.fields.get(column))

    def _open(self, record: dict[str, Any], field: Field | None) -> None:
        """Open the record of a row, or the one that a cell of it refers to."""
        refers = field is not None and field.target and record.get(field.name) is not None
        if self.on_open is not None:
            self.on_open(
                *(
                    (field.target, record[field.name])
                    if refers
                    else (self.entity.name, record["id"])
                )
            )

    # -- loading -----------------------------------------------------------------------------

    def _fetch(self) -> Callable[[], tuple[list[dict[str, Any]], int, dict[int, Written]]]:
        """What reads the present page and its total; queries are made now, read later."""
        database, page, count = self.desk.database, self._page_query(), self.selection.count()
        log, grouped = self._log, "-at" in self.sort[:1]

        def fetch() -> tuple[list[dict[str, Any]], int, dict[int, Written]]:
            records = database.records(page)
            known = log.known(records, grouped) if log else {}
            return records, int(database.scalar(count)), known

        return fetch

    def _reload(self, *_events: Any) -> None:
        """Say at once that rows are coming, so that nobody takes the old ones for the answer."""
        self._asked += 1
        self._table.busy = True
        pn.state.execute(partial(self._load, self._asked), schedule=False)

    def refresh(self) -> None:
        """Read the rows again: now if they are in sight, else when they come into it."""
        self._is_stale = self._layout is not None and not self.in_sight
        if self._layout is not None and self.in_sight:
            self._reload()

    def come(self, in_sight: bool) -> None:
        """The list comes into sight or goes out of it."""
        self.in_sight = in_sight
        if in_sight and self._is_stale:
            self.refresh()

    async def _written(self, applied: Applied) -> None:
        if any(self._concerns(event) for event in applied.events):
            await self.follow()

    async def follow(self) -> None:
        """As `refresh`, without a sign of it meanwhile."""
        self._is_stale = self._layout is not None and not self.in_sight
        if self._layout is not None and self.in_sight:
            self._asked += 1
            await self._load(self._asked)

    def _concerns(self, event: RecordsChanged) -> bool:
        """Whether an event may have changed a row: a record, or the name of one it refers to."""
        entity = event.entity if self.entity.about else self.entity.name
        if concerns(event, entity, self.organisation):
            return True
        targets = {field.target for field in self.entity.references}
        registry = self.desk.registry
        return event.entity in targets and registry[event.entity].title in event.fields

    async def _load(self, asked: int) -> None:
        """Load the page, then the choices; an answer that was overtaken is thrown away."""
        try:
            records, total, written = await in_thread(self._fetch())
        except CrmError as error:
            self._show_error(error)
            return
        if asked == self._asked and self._show(records, total, written):
            await self._load_facets()

    def _page_query(self) -> Any:
        needed = [*self.columns, *companions(self.entity, self.columns)]
        return self.selection.page(
            needed, self.order, self.page_size, (self.page - 1) * self.page_size
        )

    async def _load_facets(self) -> None:
        asked = self._asked
        parts = [
            part
            for part, has in (
                ("responsible", self.entity.responsible),
                ("status", self.entity.status),
                ("kind", self.entity.kind),
            )
            if has
        ]
        for part in parts:
            facet = await in_thread(self.desk.database.rows, self.selection.facet(part))
            if asked != self._asked:
                return
            self._bar.show_facets(part, facet)

    def _show(self, records: list[dict[str, Any]], total: int, written: dict[int, Written]) -> bool:
        """Show a page; False if there is no such page, and the last one is loaded instead."""
        if total and not records:
            self.page = math.ceil(total / self.page_size)
            return False
        self._shown.clear()
        self._shown.update({record["id"]: record for record in records})
        with pn.io.hold():
            self._table.param.update(
                columns=self._headings(),
                busy=False,
                rows=self._rows(list(self.columns), records, written),
                empty=empty_words(self, self._creating.label, self.bring),
            )
            self._show_summary(total)
            self._foot.show(total)
            self._ticking.show(self._shown, total)
        return True

    def _rows(
        self, columns: list[str], records: list[dict[str, Any]], written: dict[int, Written]
    ) -> list[dict[str, Any]]:
        rows = table_rows(self.display, self.entity, columns, records)
        rows = [{**row, "news": self.mark(row["id"])} for row in rows]
        if self._log is None:
            return rows
        column = columns.index("old_value") if "old_value" in columns else len(columns) - 1
        return self._log.dress(rows, records, written, column)

    def _show_summary(self, total: int) -> None:
        self._summary.param.update(
            count=count_words(self, self.display, total),
            sentence=sentence(self, self.display.formats),
            links=[*self._saving.link(), report_link(self, self.display)],
        )

    def _show_error(self, error: CrmError) -> None:
        self._table.param.update(busy=False, rows=[], empty=error_words(error))
