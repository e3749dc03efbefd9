"""Undoing from the log of a card: asks first where more would be taken back than is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmpanel.controllers.history import changes_elsewhere
from crmpanel.locale import _, ngettext
from crmpanel.views.components import AskDialog
from crmpanel.views.loading import in_thread

if TYPE_CHECKING:
    from crmpanel.views.record_list import RecordListView


class Undoing:
    """Undoes changesets that a list of changes shows.

    Parameters
    ----------
    records : the list.
    """

    def __init__(self, records: RecordListView) -> None:
        self.records, self.display = records, records.display
        self.dialog: AskDialog | None = None
        self._number = self._changeset = 0

    async def undo(self, changeset: int) -> None:
        """Undo a changeset; ask before, if it is also about other organisations than the card."""
        owner = self.records.organisation
        args = self.display.desk, changeset, owner
        others = await in_thread(changes_elsewhere, *args) if owner is not None else 0
        if others:
            self._ask(changeset, others)
        else:
            await self.display.notices.undo(changeset)

    def _ask(self, changeset: int, others: int) -> None:
        if self.dialog is None:
            self.dialog = AskDialog()
            self.dialog.on_event(self._handle)
            self.records._place(self.dialog)
        self._number, self._changeset = self._number + 1, changeset
        said = ngettext(
            "This also takes back {n} change of other organisations.",
            "This also takes back {n} changes of other organisations.",
            others,
            n=self.display.formats.number(others),
        )
        self.dialog.question = {
            "number": self._number,
            "title": _("Undo all of it?"),
            "parts": [{"type": "text", "text": said}],
            "buttons": [
                {"name": "cancel", "label": _("Cancel"), "kind": "first"},
                {"name": "do", "label": _("Undo all"), "kind": "primary"},
            ],
        }

    async def _handle(self, event: dict[str, Any]) -> None:
        is_answer = event["type"] == "answer" and event.get("number") == self._number
        if self.dialog is None or not is_answer or event.get("name") != "do":
            return
        self._number += 1
        self.dialog.question = {"number": self._number}
        await self.display.notices.undo(self._changeset)
