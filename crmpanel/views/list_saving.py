"""A list with its filters, kept under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmpanel.controllers.links import Place
from crmpanel.controllers.saved_lists import LONGEST_NAME, SavedLists
from crmpanel.controllers.sentence import sentence
from crmpanel.errors import CrmError
from crmpanel.locale import _
from crmpanel.views.components import AskDialog
from crmpanel.views.loading import in_thread

if TYPE_CHECKING:
    from crmpanel.views.record_list import RecordListView

TOLD = "told"


class ListSaving:
    """The window in which a list is given a name.

    Parameters
    ----------
    records : the list.
    """

    def __init__(self, records: RecordListView) -> None:
        self.records, self.display = records, records.display
        self.dialog: AskDialog | None = None
        self._number = 0

    def link(self) -> list[dict[str, Any]]:
        """The button, as `ListSummary` takes it; none where lists have no address, or are past."""
        if not self._can_be_saved:
            return []
        title = _("Keep this list and its filters among your favourites")
        return [
            {"name": "save", "label": _("Save list"), "icon": "star", "href": None, "title": title}
        ]

    @property
    def _can_be_saved(self) -> bool:
        has_address = self.records.place is not None and self.display.links is not None
        return has_address and not self.records.desk.is_read_only

    def open(self) -> None:
        """Open the window."""
        if not self._can_be_saved:
            return
        if self.dialog is None:
            self.dialog = AskDialog()
            self.dialog.on_event(self._handle)
            self.records._place(self.dialog)
        self._number += 1
        told = {"value": TOLD, "label": _("Tell me when something new matches"), "ticked": False}
        self.dialog.question = {
            "number": self._number,
            "title": _("Save list"),
            "parts": [
                {
                    "type": "input",
                    "name": "name",
                    "label": _("Name"),
                    "value": self._proposal(),
                    "longest": LONGEST_NAME,
                },
                {"type": "ticks", "name": "options", "label": "", "items": [told]},
            ],
            "buttons": [
                {"name": "cancel", "label": _("Cancel"), "kind": "first"},
                {"name": "do", "label": _("Save"), "kind": "primary"},
            ],
        }

    def _proposal(self) -> str:
        """What the list could be called: "Nordlys AS: activities where status is Planned"."""
        said = sentence(self.records, self.display.formats)
        said = said[:1].upper() + said[1:] or _(self.records.entity.label_plural)
        return ": ".join(filter(None, (self.records.whose, said)))[:LONGEST_NAME]

    async def _handle(self, event: dict[str, Any]) -> None:
        values = event.get("values")
        place = self.records.place() if self.records.place is not None else None
        if event.get("number") != self._number or event["type"] != "answer" or place is None:
            return
        if event.get("name") == "do" and isinstance(values, dict) and self.dialog is not None:
            await self._save(self.dialog, values, place)

    async def _save(self, dialog: AskDialog, values: dict[str, Any], place: Place) -> None:
        name, options = str(values.get("name") or "").strip(), values.get("options")
        told = isinstance(options, list) and TOLD in options
        lists = SavedLists(self.display.desk)
        try:
            await in_thread(lists.save, name, place, told)
        except CrmError as error:
            number = dialog.said.get("number", 0) + 1
            dialog.said = {"number": number, "message": str(error), "tone": "danger"}
            return
        self._number += 1
        dialog.question = {"number": self._number}
        said = _("“{name}” is among your favourites.", name=name)
        self.display.notices.tell(said, "success")
