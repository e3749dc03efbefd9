"""Ticking: the tick boxes of a list, and what its bar does with the ticked records."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from crmpanel.controllers.inputs import mass_input_of
from crmpanel.controllers.record_list import RecordList
from crmpanel.controllers.ticks import MOST, Ticks
from crmpanel.locale import _
from crmpanel.views.cells import Display
from crmpanel.views.components import RecordTable
from crmpanel.views.mass_editing import MassEditView

log = logging.getLogger(__name__)


class Ticking:
    """Tells a table which rows are ticked, and hears of it.

    Parameters
    ----------
    records, table, display : the list, and how it is shown.
    place : puts a component into the page; used when the first mass edit begins.
    """

    def __init__(
        self,
        records: RecordList,
        table: RecordTable,
        display: Display,
        place: Callable[[Any], None],
    ) -> None:
        self.ticks = Ticks(records)
        self._records, self._table, self._display, self._place = records, table, display, place
        self._mass: MassEditView | None = None
        self._ids: list[int] = []
        self._known: set[int] = set()
        self._total = self._seq = 0
        table.tickable = not records.desk.is_read_only and any(
            mass_input_of(records.entity, field) for field in records.entity.fields.values()
        )
        table.on_event(self._handle)

    def show(self, ids: Iterable[int], total: int) -> None:
        """Tell of a page with some records, and of how many match in all."""
        before, self._ids = self._ids, list(ids)
        # A tick may be on its way while the page changes.
        self._known, self._total = {*before, *self._ids}, total
        self._tell()

    def _tell(self, message: str = "") -> None:
        number, formats = self.ticks.number(self._total), self._display.formats
        offer = not self.ticks.all and 0 < number < self._total
        state = {
            "seq": self._seq,
            "on": [id for id in self._ids if self.ticks.has(id)],
            "number": formats.number(number) if number else "",
            "more": formats.number(self._total) if offer else "",
            "message": message,
        }
        if state != self._table.ticks:
            self._table.ticks = state

    def _handle(self, event: dict[str, Any]) -> None:
        if event["type"] not in ("tick", "all", "clear", "mass") or not self._table.tickable:
            return
        seq, message = event.get("seq"), ""
        self._seq = seq if isinstance(seq, int) else self._seq
        if event["type"] == "tick":
            message = self._tick(event.get("ids"), event.get("on"))
        elif event["type"] == "mass":
            self._edit()
        else:
            (self.ticks.tick_all if event["type"] == "all" else self.ticks.clear)()
        self._tell(message)

    def _tick(self, ids: Any, on: Any) -> str:
        if not isinstance(ids, list) or not all(
            isinstance(id, int) and id in self._known for id in ids
        ):
            log.warning("refused to tick %.200r of %s", ids, self._records.entity.name)
            return ""
        if self.ticks.tick(ids, on is True):
            return ""
        most = self._display.formats.number(MOST)
        return _("At most {n} can be selected one by one.", n=most)

    def _edit(self) -> None:
        if not self.ticks.number(self._total):
            return
        if self._mass is None:
            self._mass = MassEditView(self._display, self._applied)
            self._place(self._mass.component)
        chosen = None if self.ticks.all else self.ticks.number(self._total)
        self._mass.open(self.ticks.selection, self.ticks.number(self._total), chosen)

    def _applied(self) -> None:
        self.ticks.clear()
        self._tell()
