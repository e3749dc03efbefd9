"""The message over a card: its note, or that the record has been deleted."""

from __future__ import annotations

from typing import Any

from crmpanel.controllers.record_card import RecordCard
from crmpanel.locale import _
from crmpanel.views.cells import Display
from crmpanel.views.components import PageMessage
from crmpanel.views.recycled import restore_record


class CardMessage:
    """What is said over a card.

    Parameters
    ----------
    card : the record.
    display : tells the visitor what was done.
    """

    def __init__(self, card: RecordCard, display: Display) -> None:
        self.card, self.display = card, display
        self.component = PageMessage(margin=(8, 0, 0, 0))
        self.component.on_event(self._handle)
        self.refresh()

    def refresh(self) -> None:
        """Show the note of the record as it is now."""
        alert = self.card.record.get("alert")
        note = {"tone": "warning", "title": _("Note"), "text": alert}
        self.component.items = [note] if alert else []

    def say_deleted(self) -> None:
        """Say that the record has been deleted, with the way back."""
        gone = _("{name} has been deleted.", name=self.card.title)
        message = {"tone": "danger", "title": gone, "text": "", "action": _("Restore")}
        self.component.items = [message]

    async def _handle(self, event: dict[str, Any]) -> None:
        if event["type"] == "action" and any(i.get("action") for i in self.component.items):
            await restore_record(self.display, self.card.entity.name, self.card.id)
        else:
            self.component.items = []
