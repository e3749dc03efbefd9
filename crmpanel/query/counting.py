"""Several numbers in one statement: the tab counts and the key figures of a card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crmpanel.query.query import Query
from crmpanel.query.selection import Selection
from crmpanel.query.sqltext import literal, quoted


def counts(selections: Iterable[Selection]) -> Query:
    """Rows ``(name, records)``, one for each selection, under the name of its entity."""
    parts, params = [], []
    for selection in selections:
        where = selection.where()
        parts.append(
            f"SELECT {literal(selection.entity.name)} AS name, count(*) AS records "
            f"FROM {quoted(selection.entity.name)} AS r WHERE {where.sql}"
        )
        params += where.params
    return Query("\nUNION ALL ".join(parts), tuple(params))


def figures(selections: Mapping[str, tuple[Selection, str]]) -> Query:
    """Rows ``(name, value, currency)``: a number of each selection.

    Parameters
    ----------
    selections : name → (selection, number), a number being ``count``, ``sum:FIELD`` or
        ``max:FIELD``. A sum over several currencies is NULL: they cannot be added.
    """
    parts, params = [], []
    for name, (selection, number) in selections.items():
        where = selection.where()
        function, _, field = number.partition(":")
        value, currency = _number(selection, function, field)
        parts.append(
            f"SELECT {literal(name)} AS name, ({value})::VARCHAR AS value, "
            f"{currency} AS currency FROM {quoted(selection.entity.name)} AS r "
            f"WHERE {where.sql}"
        )
        params += where.params
    return Query("\nUNION ALL ".join(parts), tuple(params))


def _number(selection: Selection, function: str, field: str) -> tuple[str, str]:
    if not field:
        return "count(*)", "NULL"
    declared = selection.entity.field(field)
    value = f"{function}(r.{quoted(declared.name)})"
    if not declared.currency:
        return value, "NULL"
    currency = f"r.{quoted(declared.currency)}"
    return f"CASE WHEN count(DISTINCT {currency}) < 2 THEN {value} END", f"max({currency})"
