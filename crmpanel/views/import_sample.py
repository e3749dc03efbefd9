"""The first records of an import, as a table shows them before they are there."""

from __future__ import annotations

from typing import Any

from crmpanel.importing.preview import Sample
from crmpanel.model.entity import Entity
from crmpanel.query.selection import label_name
from crmpanel.views.cells import Display
from crmpanel.views.rows import table_columns

#: Columns that are shown.
COLUMNS = 9


def sample_table(
    sample: Sample, display: Display
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Columns and rows of a `RecordTable`: the usual columns first, then what else is filled."""
    entity = sample.entity
    filled = [field.name for field in sample.fields]
    usual = [name for name in entity.columns if name in filled]
    names = [*usual, *(n for n in filled if n not in usual and n != "created")][:COLUMNS]
    if not names:
        return [], []
    columns = [{**c, "sortable": False} for c in table_columns(entity, names, [])]
    rows = [
        {
            "id": at,
            "href": None,
            "muted": False,
            "cells": [_cell(display, entity, name, record) for name in names],
        }
        for at, record in enumerate(sample.rows)
    ]
    return columns, rows


def _cell(display: Display, entity: Entity, name: str, record: dict[str, Any]) -> Any:
    if entity.field(name).target:
        # It has no record to lead to yet: only what that is called.
        return record[name] or ""
    known = {label_name(field): None for field in entity.fields.values() if field.target}
    return display.cell(entity, name, {**known, **record})
