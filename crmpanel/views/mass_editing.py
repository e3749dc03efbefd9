"""MassEditView: the window of a mass edit, and what becomes of its events."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from crmpanel.controllers.mass_editing import MassEditing, MassOutcome
from crmpanel.errors import CrmError
from crmpanel.locale import _
from crmpanel.query.selection import Selection
from crmpanel.views.cells import Display
from crmpanel.views.components import MassEdit
from crmpanel.views.entering import users_offered
from crmpanel.views.loading import in_thread
from crmpanel.views.mass_preview import counted, shown

log = logging.getLogger(__name__)


class MassEditView:
    """The window in which the ticked records of a list are edited.

    Parameters
    ----------
    display : how values are shown.
    on_applied : called when records were changed.
    """

    def __init__(self, display: Display, on_applied: Callable[[], None]) -> None:
        self.display, self._on_applied = display, on_applied
        self.component = MassEdit()
        self.component.on_event(self._handle)
        self._editing: MassEditing | None = None
        self._number, self._busy = 0, False

    def open(self, records: Selection, number: int, chosen: int | None) -> None:
        """Begin a mass edit.

        Parameters
        ----------
        number : how many records there are.
        chosen : how many the user ticked; None if all that match.
        """
        self._editing = editing = MassEditing(self.display.desk, records, chosen)
        entity = editing.entity
        self._number += 1
        title = _("Edit {records}", records=counted(self.display, entity, number))
        fields = [
            {
                "name": name,
                "label": _(entity.field(name).label),
                "input": how,
                "ways": list(editing.ways(name)),
            }
            for name, how in _usual_first(editing).items()
        ]
        self.component.param.update(
            fields=fields,
            users=users_offered(self.display.desk),
            choices={},
            outcome={},
            opened={"number": self._number, "title": title},
        )

    # -- what is done ------------------------------------------------------------------------

    async def _handle(self, event: dict[str, Any]) -> None:
        editing = self._editing
        if editing is None or self._busy:
            return
        if event["type"] == "closed":
            self._editing, self.component.opened = None, {}
        elif event["type"] == "opened":
            self.component.choices = await in_thread(editing.choices)
        else:
            self._busy = True
            try:
                self._tell(editing, await self._outcome(editing, event))
            finally:
                self._busy = False

    async def _outcome(self, editing: MassEditing, event: dict[str, Any]) -> MassOutcome:
        work, given = editing.apply, event.get("leave_out") is True
        if event["type"] == "preview":
            steps = event.get("steps")
            work, given = editing.preview, steps if isinstance(steps, list) else []
        try:
            return await in_thread(work, given)
        except CrmError as error:
            return MassOutcome("failed", str(error))
        except Exception:
            log.exception("changing many of %r", editing.entity.name)
            said = _("Something went wrong."), _("The server's log has the details.")
            return MassOutcome("failed", " ".join(said))

    def _tell(self, editing: MassEditing, outcome: MassOutcome) -> None:
        self._number += 1
        preview = None
        if outcome.summary is not None and outcome.kind != "applied":
            preview = shown(self.display, editing.entity, outcome.summary, outcome.gone)
        self.component.outcome = {
            "number": self._number,
            "kind": outcome.kind,
            "message": outcome.message,
            "problems": dict(outcome.problems),
            "preview": preview,
        }
        if outcome.kind == "applied" and outcome.applied is not None:
            self._on_applied()
            done = counted(self.display, editing.entity, outcome.applied.counts["update"])
            self.display.notices.done(outcome.applied, _("{records} changed", records=done))


def _usual_first(editing: MassEditing) -> dict[str, str]:
    """The fields as declared, but those that mass edits are for before the others."""
    entity, inputs = editing.entity, editing.inputs
    usual = [entity.status, *entity.responsible, entity.due, entity.date]
    names = dict.fromkeys([*(name for name in usual if name in inputs), *inputs])
    return {name: inputs[name] for name in names if name}
