"""Records as the headings and rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmpanel.locale import _
from crmpanel.model.entity import VANISHED, Entity
from crmpanel.views.cells import Display


def table_columns(
    entity: Entity, names: list[str], sort: list[str], inputs: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Headings of a table, with the order that it is in.

    Parameters
    ----------
    inputs : how cells are edited in place, by field; none are by default.
    """
    primary = entity.title if entity.title in names else names[0]
    order = {name.removeprefix("-"): (i, name.startswith("-")) for i, name in enumerate(sort)}
    columns = []
    for name in names:
        field = entity.field(name)
        place, descending = order.get(name, (0, None))
        columns.append(
            {
                "name": name,
                "label": _(field.label),
                "align": field.kind.align,
                "sortable": True,
                "kind": field.kind.name,
                "primary": name == primary,
                "order": place + 1,
                "sort": None if descending is None else "desc" if descending else "asc",
                **({"input": inputs[name]} if inputs and name in inputs else {}),
            }
        )
    return columns


def table_rows(
    display: Display, entity: Entity, names: list[str], records: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Rows of a table; each opens the card of its record, the log opens the changed record."""
    return [
        {
            "id": record["id"],
            "muted": bool(record.get(VANISHED)),
            **_opens(display, entity, record),
            "cells": _cells(display, entity, names, record),
        }
        for record in records
    ]


def _cells(display: Display, entity: Entity, names: list[str], record: dict[str, Any]) -> list[Any]:
    """The cells of a row; the first that is looked at says that the record has vanished."""
    cells: list[Any] = [
        display.cell(entity, name, record) or _untitled(entity, name) for name in names
    ]
    if record.get(VANISHED):
        at = names.index(entity.title) if entity.title in names else 0
        cell = cells[at] if isinstance(cells[at], dict) else {"text": cells[at]}
        notes = (cell.get("note"), _("vanished from the source"))
        cells[at] = {**cell, "note": " · ".join(filter(None, notes))}
    return cells


def _untitled(entity: Entity, name: str) -> str:
    """A record without a title still needs something to click on."""
    return _("(untitled)") if name == entity.title else ""


def _opens(display: Display, entity: Entity, record: dict[str, Any]) -> dict[str, Any]:
    if entity.about:
        what, which = (record.get(name) for name in entity.about)
        if what not in display.desk.registry or display.links is None:
            return {}
        return display.record_link(display.desk.registry[what], which)
    return display.record_link(entity, record["id"])
