"""A record's fields edited in place: on the Fields tab and in the side panel, saved as one."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import panel as pn

from crmpanel.controllers.editing import Editing, Outcome
from crmpanel.controllers.inputs import why_read_only
from crmpanel.controllers.record_card import RecordCard
from crmpanel.locale import _
from crmpanel.model.layout import Panel
from crmpanel.views.cells import Display
from crmpanel.views.components import FieldEditor
from crmpanel.views.entering import conflict_said, entry, outcome_of, users_offered
from crmpanel.views.loading import in_thread
from crmpanel.views.panels import field_groups, shown_field


class FieldEditing:
    """The `FieldEditor` components of a record, and what becomes of their events.

    Parameters
    ----------
    card : the record; it is read again after a save.
    display : how values are shown.
    on_drafts : called when what is entered and not saved begins or ceases to be.
    mark : says of a field what is new about it.
    """

    def __init__(
        self,
        card: RecordCard,
        display: Display,
        on_drafts: Callable[[], None] = lambda: None,
        mark: Callable[[str], str | None] = lambda name: None,
    ) -> None:
        self.card, self.display, self._on_drafts, self._mark = card, display, on_drafts, mark
        self.editing = Editing(card.desk, card.entity, card.record)
        self._drafted: set[str] = set()
        self._editors: list[tuple[FieldEditor, bool]] = []
        self._book, self._number, self._has_choices = secrets.token_hex(6), 0, False

    @property
    def has_drafts(self) -> bool:
        """Whether something is entered and not saved."""
        return bool(self._drafted)

    def fields(self) -> FieldEditor:
        """All fields, for the Fields tab."""
        return self._editor(False, layout="grid")

    def side(self, **params: Any) -> FieldEditor:
        """The fields of the side panel."""
        return self._editor(True, layout="side", label=_("Information"), **params)

    def _editor(self, is_side: bool, **params: Any) -> FieldEditor:
        links, card = self.display.links, self.card
        editor = FieldEditor(
            panels=self._panels(is_side),
            book=self._book,
            home=links.record(card.entity.name, card.id) if links else "",
            **params,
        )
        editor.on_event(self._handle)
        self._editors.append((editor, is_side))
        self._has_choices = False
        return editor

    # -- what is shown -----------------------------------------------------------------------

    def _panels(self, is_side: bool) -> list[dict[str, Any]]:
        declared = self.card.layout.side if is_side else field_groups(self.card.entity)
        found = [
            {"title": _(panel.title), "fields": self._fields(panel, is_side)} for panel in declared
        ]
        return [panel for panel in found if panel["fields"]]

    def _fields(self, panel: Panel, is_side: bool) -> list[dict[str, Any]]:
        """In the side panel, what is blank and cannot be filled is left out."""
        editable, seen = self.editing.editable, self.editing.seen
        return [
            {
                **self._field(name),
                **({} if is_side else self._history(name)),
                "news": self._mark(name),
            }
            for name in panel.fields
            if not is_side or name in editable or seen.get(name) not in (None, "")
        ]

    def _field(self, name: str) -> dict[str, Any]:
        entity, seen = self.card.entity, self.editing.seen
        how = self.editing.editable.get(name)
        if how is not None:
            return entry(self.display, entity, name, seen, how)
        shown = {**shown_field(self.display, entity, name, seen), "name": name}
        return {**shown, "title": why_read_only(entity.field(name))}

    def _history(self, name: str) -> dict[str, Any]:
        """Where the log tells of a field."""
        links, card = self.display.links, self.card
        log = next((t for t in card.layout.lists if card.desk.registry[str(t.entity)].about), None)
        if links is None or log is None:
            return {}
        args = (("tab", log.name), ("status", card.entity.name), ("kind", name))
        return {"history": links.record(card.entity.name, card.id, args)}

    def refresh(self) -> None:
        """Show the record as it is now, but for the fields for which something is entered."""
        self.editing.follow(self.card.record, but=self._drafted)
        self._show()

    def _show(self, **state: Any) -> None:
        for editor, is_side in self._editors:
            editor.param.update(panels=self._panels(is_side), **state)

    # -- what is done ------------------------------------------------------------------------

    async def _handle(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        if kind == "begin":
            await self._offer()
        elif kind == "drafts":
            self._draft(event.get("fields"))
        elif kind == "theirs":
            self.editing.accept(event.get("field"))
            self._show()
        elif kind == "undo":
            self._tell(await outcome_of(self.editing.undo))
        elif isinstance(event.get("values"), dict):
            mine = event.get("mine")
            mine = mine if isinstance(mine, list) else []
            self._tell(await outcome_of(self.editing.save, event["values"], mine))

    async def _offer(self) -> None:
        """Give users and choices, which are read when the first field is opened."""
        if self._has_choices:
            return
        self._has_choices = True
        users = users_offered(self.card.desk)
        for editor, _side in self._editors:
            editor.users = users
        choices = await in_thread(self.editing.choices)
        for editor, _side in self._editors:
            editor.choices = choices

    def _draft(self, fields: Any) -> None:
        before = self.has_drafts
        self._drafted = {str(name) for name in fields} if isinstance(fields, list) else set()
        if before != self.has_drafts:
            self._on_drafts()

    def _tell(self, outcome: Outcome) -> None:
        self._number += 1
        told = {
            "number": self._number,
            "kind": outcome.kind,
            "message": outcome.message,
            "problems": dict(outcome.problems),
            "conflicts": {
                name: conflict_said(self.display, self.card.entity, found, self.editing.now)
                for name, found in outcome.conflicts.items()
            },
            "undo": outcome.kind == "saved" and self.editing.can_undo,
        }
        with pn.io.hold():
            if outcome.kind in ("saved", "undone"):
                self.card.record = dict(self.editing.seen)
                self._show(outcome=told)
            else:
                for editor, _side in self._editors:
                    editor.outcome = told
