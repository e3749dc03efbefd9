"""What was won becomes another record: the button on the card of a won quotation."""

from __future__ import annotations

import logging
from typing import Any

from crmpanel.controllers.creating import Created
from crmpanel.controllers.record_card import RecordCard
from crmpanel.controllers.winning import Winning
from crmpanel.locale import _
from crmpanel.views.cells import Display
from crmpanel.views.components import CardHeader
from crmpanel.views.loading import Prefetch, in_thread
from crmpanel.views.notices import Action

log = logging.getLogger(__name__)


class Won:
    """The actions in the head of a card whose record may be won.

    Parameters
    ----------
    card : the record.
    display : how values are shown.
    header : the head of the card.
    """

    def __init__(self, card: RecordCard, display: Display, header: CardHeader) -> None:
        self.card, self.display, self.header = card, display, header
        if self._winning.target is not None:
            header.on_event(self._handle)
            Prefetch(self._actions).deliver(self._show)

    @property
    def _winning(self) -> Winning:
        """The record as it is shown now."""
        return Winning(self.card.desk, self.card.entity, self.card.record)

    async def refresh(self) -> None:
        """Show what can be done now."""
        if self._winning.target is not None:
            self._show(await in_thread(self._actions))

    def _show(self, actions: list[dict[str, Any]]) -> None:
        self.header.buttons = actions

    def _actions(self) -> list[dict[str, Any]]:
        winning = self._winning
        if winning.target is None or not winning.is_won:
            return []
        label, made = _(winning.target.label).lower(), winning.made()
        if made is None and self.card.desk.is_read_only:
            return []
        if made is None:
            label = _("Create {entity}", entity=label)
            return [{"name": "make", "label": label, "primary": True}]
        href = self.display.record_link(winning.target, made).get("href")
        return (
            [{"name": "", "label": _("Open {entity}", entity=label), "href": href}] if href else []
        )

    async def _handle(self, event: dict[str, Any]) -> None:
        if event.get("name") != "make" or self.card.desk.is_read_only:
            return
        try:
            outcome = await in_thread(self._winning.make)
        except Exception:
            log.exception("turning %r into another", self.card.entity.name)
            outcome = Created("failed", _("Something went wrong."))
        self._tell(outcome)
        await self.refresh()

    def _tell(self, outcome: Created) -> None:
        target = self._winning.target
        actions = []
        if target is not None and target.name in outcome.ids:
            href = self.display.record_link(target, outcome.ids[target.name]).get("href")
            actions = [Action(_("Open"), href=href)] if href else []
        if outcome.applied is not None:
            self.display.notices.done(outcome.applied, outcome.message, actions)
        else:
            self.display.notices.tell(outcome.message, "warning", actions)
