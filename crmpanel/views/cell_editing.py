"""CellEditing: cells of a list edited in place."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from crmpanel.controllers.editing import Editing, Outcome
from crmpanel.controllers.finding import find
from crmpanel.controllers.inputs import input_of
from crmpanel.controllers.record_list import RecordList
from crmpanel.errors import CrmError
from crmpanel.locale import _
from crmpanel.views.cells import Display
from crmpanel.views.components import RecordTable
from crmpanel.views.entering import conflict_said, entry, outcome_of, users_offered
from crmpanel.views.loading import in_thread

log = logging.getLogger(__name__)

#: Rows that can be edited at the same time: the one before is still being saved.
OPEN = 8


class CellEditing:
    """Gives a table the values that are edited, and saves what is entered.

    Parameters
    ----------
    records, table, display : the list, and how it is shown.
    is_shown : whether the record with an id is on the page.
    """

    def __init__(
        self,
        records: RecordList,
        table: RecordTable,
        display: Display,
        is_shown: Callable[[Any], bool],
    ) -> None:
        self._records, self._table, self._display = records, table, display
        self._is_shown = is_shown
        self._rows: dict[int, Editing] = {}
        self._number, self._has_choices = 0, False
        entity = records.entity
        fields = {} if records.desk.is_read_only else entity.fields
        found = {name: input_of(entity, field) for name, field in fields.items()}
        #: How each field is entered.
        self.inputs = {name: how for name, how in found.items() if how}
        table.on_event(self._handle)

    async def _handle(self, event: dict[str, Any]) -> None:
        if event["type"] not in ("edit", "save", "theirs"):
            return
        id, column = event.get("id"), event.get("column")
        if not self._is_possible(id, column, event.get("value")):
            log.warning("refused to change %.200r of %s", event, self._records.entity.name)
            return
        if event["type"] == "edit":
            await self._open(int(id))
        elif id in self._rows and event["type"] == "theirs":
            self._rows[id].accept(column)
        elif id in self._rows:
            await self._save(id, str(column), event.get("value"), event.get("mine") is True)

    def _is_possible(self, id: Any, column: Any, value: Any) -> bool:
        known = isinstance(id, int) and (self._is_shown(id) or id in self._rows)
        fits = isinstance(column, str) and column in self.inputs
        return known and fits and (value is None or isinstance(value, str))

    # -- opening -----------------------------------------------------------------------------

    async def _open(self, id: int) -> None:
        """Give the row its values as they are now."""
        desk, entity = self._display.desk, self._records.entity
        try:
            record = await in_thread(find, desk, entity.name, id)
        except CrmError as error:
            self._display.notices.tell(str(error), "warning")
            return
        self._rows.pop(id, None)
        self._rows[id] = Editing(desk, entity, record)
        while len(self._rows) > OPEN:
            del self._rows[next(iter(self._rows))]
        self._table.users = users_offered(desk)
        self._give(id)
        if not self._has_choices:
            self._has_choices = True
            self._table.choices = await in_thread(self._rows[id].choices)

    def _give(self, id: int) -> None:
        self._number += 1
        editing, shown = self._rows[id], self._records.columns
        fields = {
            name: entry(self._display, editing.entity, name, editing.seen, self.inputs[name])
            for name in shown
            if name in self.inputs
        }
        self._table.editing = {"number": self._number, "id": id, "fields": fields}

    # -- saving ------------------------------------------------------------------------------

    async def _save(self, id: int, column: str, value: str | None, mine: bool) -> None:
        editing = self._rows[id]
        outcome = await outcome_of(editing.save, {column: value}, [column] if mine else [])
        self._tell(id, column, editing, outcome)

    def _tell(self, id: int, column: str, editing: Editing, outcome: Outcome) -> None:
        self._number += 1
        collision = outcome.conflicts.get(column)
        entity, notices = editing.entity, self._display.notices
        said = collision and conflict_said(self._display, entity, collision, editing.now)
        self._table.outcome = {
            "number": self._number,
            "id": id,
            "column": column,
            "kind": outcome.kind,
            "message": outcome.problems.get(column, outcome.message),
            "conflict": said or "",
        }
        if outcome.kind == "saved" and outcome.applied:
            label = _(entity.field(column).label)
            title = editing.seen.get(entity.title) or f"{_(entity.label)} {id}"
            notices.done(outcome.applied, _("{record}: {field} changed", record=title, field=label))
