"""Several numbers in one statement: the tab counts and the key figures of a card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmpanel.errors import UnknownName
from crmpanel.model.declarations import FUNCTIONS
from crmpanel.query.query import Query
from crmpanel.query.selection import Selection
from crmpanel.query.sqltext import quoted


def counts(selections: Mapping[str, Selection]) -> Query:
    """Rows ``(name, records)``: how many records each named selection has."""
    return _each(
        {name: (selection, "count(*) AS records") for name, selection in selections.items()}
    )


def figures(selections: Mapping[str, tuple[Selection, str]]) -> Query:
    """Rows ``(name, value, currency, statuses)``: a number of each selection.

    The statuses are those that occur among its records, sorted, '' for blank: a link that filters
    on them leads to exactly these records. NULL where the selection has no condition on the status.

    Parameters
    ----------
    selections : name → (selection, number), a number being ``count``, or a function and a field
        such as ``sum:value``. A sum over several currencies is NULL: they cannot be added.
    """
    return _each(
        {
            name: (
                selection,
                f"{_number(selection, *number.partition(':')[::2])}, {_statuses(selection)}",
            )
            for name, (selection, number) in selections.items()
        }
    )


def _each(selections: Mapping[str, tuple[Selection, str]]) -> Query:
    parts, params = [], list[Any]()
    for name, (selection, columns) in selections.items():
        where = selection.where()
        table = quoted(selection.entity.name)
        parts.append(f"SELECT ? AS name, {columns} FROM {table} AS r WHERE {where.sql}")
        params += (name, *where.params)
    return Query("\nUNION ALL ".join(parts), tuple(params))


def _statuses(selection: Selection) -> str:
    status = selection.entity.status
    if not any(status in condition.fields for condition in selection.filters.conditions):
        return "NULL::VARCHAR[] AS statuses"
    return f"list_sort(list(DISTINCT coalesce(r.{quoted(str(status))}, ''))) AS statuses"


def _number(selection: Selection, function: str, field: str) -> str:
    if function not in FUNCTIONS:
        raise UnknownName("number of a figure", function, FUNCTIONS)
    if not field:
        return "count(*)::VARCHAR AS value, NULL AS currency"
    declared = selection.entity.field(field)
    column = f"r.{quoted(declared.name)}"
    value = f"{function}({column})"
    if not declared.currency:
        return f"({value})::VARCHAR AS value, NULL AS currency"
    currency = f"r.{quoted(declared.currency)}"
    several = f"count(DISTINCT coalesce({currency}, '')) FILTER ({column} IS NOT NULL) > 1"
    return (
        f"CASE WHEN {several} THEN NULL ELSE ({value})::VARCHAR END AS value, "
        f"max({currency}) FILTER ({column} IS NOT NULL) AS currency"
    )
