"""A window for a new address with fields in it, which is tried out while it is entered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmpanel.controllers.creating import Creating
from crmpanel.controllers.draft import Draft
from crmpanel.controllers.record_card import RecordCard
from crmpanel.controllers.record_links import example, filled, placeholders
from crmpanel.locale import _
from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import TEMPLATE
from crmpanel.views.creating import CreateForm


def template_of(entity: Entity) -> Field | None:
    """The field of an entity that is such an address."""
    return next((f for f in entity.fields.values() if f.kind is TEMPLATE), None)


class TemplateForm(CreateForm):
    """The window; its parameters are those of `CreateForm`, and besides:

    Parameters
    ----------
    card : the record that it is opened from, which the address is tried with.
    """

    def __init__(self, *args: Any, card: RecordCard | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.card = card
        self._examples: dict[str, dict[str, Any] | None] = {}

    def _read(self) -> tuple[Creating, list[dict[str, Any]]]:
        self._examples.clear()
        return super()._read()

    def _section(self, creating: Creating, draft: Draft) -> dict[str, Any]:
        field = template_of(draft.entity)
        watched = [field.name, field.fields_of, draft.entity.title] if field else []
        tried = {"tried": {"field": field.name, "watched": watched}} if field else {}
        return {**super()._section(creating, draft), **tried}

    def _field(self, draft: Draft, name: str, occurring: list[str]) -> dict[str, Any]:
        shown = super()._field(draft, name, occurring)
        if draft.entity.field(name).kind is TEMPLATE:
            return {**shown, "whole": True}
        owner = self.card.organisation_id if self.card else None
        if self.card is None or owner is None or name != draft.entity.organisation:
            return shown
        only = _("Only {name}", name=self._owner(self.card))
        options = [("", _("All organisations")), (str(owner), only)]
        choices = [{"value": value, "label": label} for value, label in options]
        return {**shown, "input": "options", "options": choices, "whole": False}

    @staticmethod
    def _owner(card: RecordCard) -> str:
        """What the organisation of a card is called."""
        if card.entity.organisation == "id":
            return card.title
        title = card.record.get(str(card.entity.organisation).removesuffix("_id"))
        return str(title or _("this organisation"))

    # -- trying ------------------------------------------------------------------------------

    async def _handle(self, event: dict[str, Any]) -> None:
        if event["type"] == "try" and self.creating is not None:
            await self._try(self.creating, event)
        else:
            await super()._handle(event)

    async def _try(self, creating: Creating, event: Mapping[str, Any]) -> None:
        section, number, values = (event.get(key) for key in ("section", "number", "values"))
        draft = creating.drafts.get(section) if isinstance(section, str) else None
        if draft is None or not isinstance(number, int) or not isinstance(values, dict):
            return
        found = await self._in_thread(self._tried, draft, values)
        self.component.trial = {"number": number, "section": section, **found}

    def _tried(self, draft: Draft, values: Mapping[str, Any]) -> dict[str, Any]:
        """What the address gives as it is entered now, in words and as a link."""
        registry, field = self.display.desk.registry, template_of(draft.entity)
        about = draft.given.get(field.fields_of, values.get(field.fields_of)) if field else None
        if field is None or not isinstance(about, str) or about not in registry:
            return {"text": "", "inserts": []}
        entity, text, name = registry[about], values.get(field.name), values.get("name")
        record = self._example(entity)
        offered = [
            {"text": written, "label": label, "value": value}
            for written, label, value in placeholders(entity, record)
        ]
        text = text.strip() if isinstance(text, str) else ""
        if not text:
            return {"text": "", "inserts": offered}
        called = name.strip() if isinstance(name, str) else ""
        url, reason, wrong = filled(entity, record or {}, text, called or _(draft.entity.label))
        title = str((record or {}).get(entity.title) or "")
        return {
            "label": _("For {name}:", name=title) if title and not wrong else "",
            "text": url,
            "href": url,
            "problem": reason,
            "inserts": offered,
        }

    def _example(self, entity: Entity) -> dict[str, Any] | None:
        """The record that is looked at, or any other where that is of another kind."""
        if entity.name not in self._examples:
            mine = self.card if self.card and self.card.entity.name == entity.name else None
            found = mine.record if mine else example(self.display.desk, entity)
            self._examples[entity.name] = found
        return self._examples[entity.name]
