"""The Fields tab: a record's fields, edited in place."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

import panel as pn

from crmpanel.controllers.editing import Editing, Outcome
from crmpanel.controllers.inputs import why_read_only
from crmpanel.controllers.record_card import RecordCard
from crmpanel.errors import Collision, CrmError, InputError
from crmpanel.locale import _
from crmpanel.model.kinds import DATETIME
from crmpanel.model.values import canonical
from crmpanel.views.cells import Display
from crmpanel.views.components import FieldEditor
from crmpanel.views.loading import Prefetch, in_thread
from crmpanel.views.panels import field_groups, shown_field

log = logging.getLogger(__name__)


class FieldEditing:
    """What the `FieldEditor` of a record shows, and what becomes of its events.

    Parameters
    ----------
    card : the record; it is read again after a save.
    display : how values are shown.
    """

    def __init__(self, card: RecordCard, display: Display) -> None:
        self.card, self.display = card, display
        self.editing = Editing(card.desk, card.entity, card.record)
        self._drafted: set[str] = set()
        self._number = 0
        links = display.links
        self.component = FieldEditor(
            panels=self._panels(),
            users=self._users(),
            home=links.record(card.entity.name, card.id) if links else "",
        )
        self.component.on_event(self._handle)
        Prefetch(self.editing.choices).deliver(self._offer)

    def _offer(self, choices: dict[str, list[str]]) -> None:
        self.component.choices = choices

    # -- what is shown -----------------------------------------------------------------------

    def _panels(self) -> list[dict[str, Any]]:
        groups = field_groups(self.card.entity)
        return [
            {"title": _(panel.title), "fields": [self._field(name) for name in panel.fields]}
            for panel in groups
        ]

    def _field(self, name: str) -> dict[str, Any]:
        entity, seen = self.card.entity, self.editing.seen
        field, how = entity.field(name), self.editing.editable.get(name)
        shown = {**shown_field(self.display, entity, name, seen), "name": name}
        if how is None:
            return {**shown, "title": why_read_only(field)}
        return {**shown, "input": how, "value": self._value(name), "mandatory": field.mandatory}

    def _value(self, name: str) -> str:
        """The text that a value is edited as."""
        kind, value = self.card.entity.field(name).kind, self.editing.seen.get(name)
        try:
            text = canonical(kind, value) or ""
        except InputError:
            return str(value)
        if kind is DATETIME:
            return text
        return text.removesuffix(".0") if isinstance(value, float) else text

    def _users(self) -> list[dict[str, str]]:
        named = sorted(self.card.desk.users.items(), key=lambda user: str(user[1]).casefold())
        return [{"value": str(id), "label": str(name)} for id, name in named]

    def refresh(self) -> None:
        """Show the record as it is now, but for the fields for which something is entered."""
        self.editing.follow(self.card.record, but=self._drafted)
        self.component.panels = self._panels()

    # -- what is done ------------------------------------------------------------------------

    async def _handle(self, event: dict[str, Any]) -> None:
        if event["type"] == "drafts":
            fields = event.get("fields")
            self._drafted = {str(name) for name in fields} if isinstance(fields, list) else set()
        elif event["type"] == "theirs":
            self.editing.accept(event.get("field"))
            self.component.panels = self._panels()
        elif event["type"] == "undo":
            await self._do(self.editing.undo)
        elif isinstance(event.get("values"), dict):
            mine = event.get("mine")
            await self._do(
                self.editing.save, event["values"], mine if isinstance(mine, list) else []
            )

    async def _do(self, work: Callable[..., Outcome], *args: Any) -> None:
        try:
            # The language of messages belongs to the context.
            outcome = await in_thread(copy_context().run, work, *args)
        except CrmError as error:
            outcome = Outcome("failed", str(error))
        except Exception:
            log.exception("changing %r", self.card.entity.name)
            said = _("Something went wrong."), _("The server's log has the details.")
            outcome = Outcome("failed", " ".join(said))
        await self._tell(outcome)

    async def _tell(self, outcome: Outcome) -> None:
        changed = outcome.kind in ("saved", "undone")
        with pn.io.hold():
            if changed:
                self.card.record = dict(self.editing.seen)
                self.component.panels = self._panels()
            self._number += 1
            self.component.outcome = {
                "number": self._number,
                "kind": outcome.kind,
                "message": outcome.message,
                "problems": dict(outcome.problems),
                "conflicts": {name: self._said(c) for name, c in outcome.conflicts.items()},
                "undo": outcome.kind == "saved" and self.editing.can_undo,
            }

    def _said(self, collision: Collision) -> str:
        """Who changed a field to what, and when."""
        now = self.display.text(self.card.entity, str(collision.field), self.editing.now)
        who, value = collision.by or _("Somebody"), now or _("(blank)")
        if collision.at is None:
            return _("{who} has changed this to: {value}", who=who, value=value)
        when = self.display.formats.datetime(collision.at)
        return _("{who} changed this to: {value} ({when})", who=who, value=value, when=when)
