"""The Details tab: short lists of what is connected to a record, and what is known about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn

from crmpanel.controllers.record_card import RecordCard
from crmpanel.locale import _
from crmpanel.model.layout import Excerpt
from crmpanel.views.cells import Display
from crmpanel.views.components import FieldPanels, RecordTable, SectionHead
from crmpanel.views.list_words import no_log
from crmpanel.views.loading import Prefetch, in_thread
from crmpanel.views.panels import panels
from crmpanel.views.rows import table_columns, table_rows

GRID = """
:host { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 14px 20px;
        align-items: start; width: 100%; }
@media (max-width: 1100px) { :host { grid-template-columns: minmax(0, 1fr); } }
"""
FILLING: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": 0}
WHOLE = ":host { grid-column: 1 / -1; min-width: 0; }"
#: Beside the lists where there is room for two columns of them, else above.
BESIDE = """
:host { grid-column: 1 / -1; display: grid; grid-template-columns: minmax(0, 1fr); gap: 14px 20px;
        align-items: start; width: 100%; min-width: 0; }
@media (min-width: 1560px) {
  :host { grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr); }
}
"""
#: The lists beside a timeline.
ASIDE = """
@media (min-width: 1560px) { :host { grid-template-columns: minmax(0, 1fr); } }
"""
HALF = """
:host { min-width: 0; }
@media (max-width: 1100px) { :host { grid-column: 1 / -1; } }
"""


class Details:
    """Short lists and panels of a card.

    Parameters
    ----------
    card : the record.
    display : how values are shown.
    href : gives the address of a tab, or None where there is no address bar.
    on_list : called with the name of a tab, where tabs have no address.
    timeline : the timeline of the card, if it has one.
    """

    def __init__(
        self, card: RecordCard, display: Display, href: Any, on_list: Any, timeline: Any = None
    ) -> None:
        self.card, self.display, self._href, self._on_list = card, display, href, on_list
        self.timeline = timeline
        #: Opens a record (entity, id), where records have no address.
        self.on_open: Callable[[str, Any], Any] | None = None
        self._tables: list[tuple[Excerpt, SectionHead, RecordTable]] = []

    def __panel__(self) -> pn.Column:
        rows = Prefetch(self._fetch())
        items = [self._section(excerpt) for excerpt in self.card.layout.details]
        self._about = FieldPanels(layout="wide", stylesheets=[WHOLE])
        self._show_about()
        rows.deliver(self._show)
        return pn.Column(self._about, *self._arranged(items), stylesheets=[GRID], **FILLING)

    def _arranged(self, lists: list[pn.Column]) -> list[pn.Column]:
        """The lists; with a timeline, that and the lists as two columns or one."""
        if self.timeline is None:
            return lists
        columns = (
            pn.Column(self.timeline, **FILLING),
            pn.Column(*lists, stylesheets=[GRID, ASIDE], **FILLING),
        )
        return [pn.Column(*columns, stylesheets=[BESIDE], **FILLING)]

    def _show_about(self) -> None:
        card = self.card
        about = panels(self.display, card.entity, card.record, card.layout.about, blank=False)
        self._about.param.update(panels=about, visible=bool(about))

    async def refresh(self) -> None:
        """Show what there is now."""
        self._show_about()
        self._show(await in_thread(self._fetch()))

    def _section(self, excerpt: Excerpt) -> pn.Column:
        tab = self.card.tab(excerpt.tab)
        entity = self.card.desk.registry[str(tab.entity)]
        head = SectionHead(title=_(tab.label), link=_("Show all"), href=self._href(tab.name))
        head.on_event(partial(self._open_list, tab.name))
        table = RecordTable(
            label=_(tab.label), dense=True, busy=True, columns=self._columns(entity, excerpt)
        )
        table.on_event(partial(self._open, entity.name))
        self._tables.append((excerpt, head, table))
        return pn.Column(
            head,
            table,
            margin=0,
            stylesheets=[HALF if excerpt.half else WHOLE],
            sizing_mode="stretch_width",
        )

    def _open_list(self, tab: str, event: dict[str, Any]) -> None:
        self._on_list(tab)

    def _open(self, entity: str, event: dict[str, Any]) -> None:
        if event["type"] == "open" and isinstance(event.get("id"), int) and self.on_open:
            self.on_open(entity, event["id"])

    @staticmethod
    def _columns(entity: Any, excerpt: Excerpt) -> list[dict[str, Any]]:
        columns = table_columns(entity, list(excerpt.columns), [])
        return [
            {**column, "sortable": False, "primary": i == 0} for i, column in enumerate(columns)
        ]

    def _fetch(self) -> Callable[[], list[list[dict[str, Any]]]]:
        database = self.card.desk.database
        queries = [self.card.excerpt_query(excerpt) for excerpt in self.card.layout.details]
        return lambda: [database.records(query) for query in queries]

    def _show(self, found: list[list[dict[str, Any]]]) -> None:
        with pn.io.hold():
            for (excerpt, _head, table), records in zip(self._tables, found, strict=True):
                entity = self.card.desk.registry[str(self.card.tab(excerpt.tab).entity)]
                name = _(entity.label_plural).lower()
                empty = {"title": _("No {list} yet", list=name)}
                table.param.update(
                    rows=table_rows(self.display, entity, list(excerpt.columns), records),
                    empty=no_log() if self.card.desk.is_live and entity.about else empty,
                    busy=False,
                )

    def show_counts(self, counts: dict[str, int]) -> None:
        """Tell how many records each list has in all."""
        for excerpt, head, _table in self._tables:
            total = counts.get(excerpt.tab, 0)
            head.param.update(
                count=self.display.formats.number(total),
                link=_("Show all") if total > excerpt.rows else _("Open list"),
            )
