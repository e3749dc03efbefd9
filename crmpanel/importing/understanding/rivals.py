"""Rivals: columns of one row with different texts, of which one field could keep only the first."""

from __future__ import annotations

from collections.abc import Sequence

from crmpanel.importing.understanding.profile import ColumnProfile, TableProfile
from crmpanel.query.sqltext import literal, quoted


def differ(table: TableProfile, columns: Sequence[ColumnProfile], other: ColumnProfile) -> bool:
    """Whether a row of a table has a text in one of its columns, and a different one in another."""
    apart = " OR ".join(f"{_said(column)} <> {_said(other)}" for column in columns)
    found = table.cursor.execute(f"SELECT 1 FROM {table.relation} WHERE {apart} LIMIT 1")
    return found.fetchone() is not None


def _said(column: ColumnProfile) -> str:
    """SQL: what a column says, in any case; NULL where it says nothing."""
    none = ", ".join(map(literal, ("", *column.unset)))
    text = f"lower(trim({quoted(column.name)}))"
    return f"CASE WHEN {quoted(column.name)} NOT IN ({none}) THEN {text} END"
