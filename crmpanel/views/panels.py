"""Fields of a record as titled panels: side panel, Fields tab, About on Details."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crmpanel.locale import _
from crmpanel.model.entity import Entity
from crmpanel.model.layout import Panel
from crmpanel.views.cells import Display

#: Kinds whose values people copy into other programs.
COPIED = ("email", "phone", "identifier", "url")


def panels(
    display: Display,
    entity: Entity,
    record: Mapping[str, Any],
    declared: Iterable[Panel],
    blank: bool = True,
) -> list[dict[str, Any]]:
    """Panels as the `FieldPanels` component takes them.

    Parameters
    ----------
    blank : show fields that have no value.
    """
    found = []
    for panel in declared:
        fields = [
            shown_field(display, entity, name, record)
            for name in panel.fields
            if blank or record.get(name) not in (None, "")
        ]
        if fields:
            found.append({"title": _(panel.title), "fields": fields})
    return found


def field_groups(entity: Entity) -> list[Panel]:
    """All fields of an entity by their declared group, in declared order, System last."""
    groups: dict[str, list[str]] = {}
    for field in entity.fields.values():
        if field.group:
            groups.setdefault(field.group, []).append(field.name)
    last = sorted(groups, key=lambda title: title == "System")
    return [Panel(title, tuple(groups[title])) for title in last]


def shown_field(
    display: Display, entity: Entity, name: str, record: Mapping[str, Any]
) -> dict[str, Any]:
    """A field as `FieldPanels` and `FieldEditor` take it."""
    field = entity.field(name)
    cell = display.cell(entity, name, record)
    shown = {"text": cell} if isinstance(cell, str) else dict(cell)
    if field.kind.name == "long_text":
        shown["text"] = str(record.get(name) or "")
    if field.synchronised:
        shown["title"] = _("Comes from the ERP system; it cannot be changed here.")
    label = _(field.label) + (" ⟲" if field.synchronised else "")
    return {"label": label, "copy": field.kind.name in COPIED, **shown}
