"""As text: a typed column of DuckDB as the exact text of its values, in SQL."""

from __future__ import annotations

from collections.abc import Iterator

from crmpanel.query.sqltext import quoted
from crmpanel.store.glance import Typed


def select_text(columns: list[Typed], relation: str) -> tuple[tuple[str, ...], str]:
    """Names of the columns of `relation`, nested ones taken apart, and the SELECT of their text."""
    found = [pair for column in columns for pair in _flat(column, "", "")]
    texts = ", ".join(f"{sql} AS {quoted(f'c{n}')}" for n, (_, sql) in enumerate(found))
    return tuple(name for name, _ in found), f"SELECT {texts} FROM {relation}"


def _flat(column: Typed, name: str, sql: str) -> Iterator[tuple[str, str]]:
    """Name and SQL of a column, or of all parts of a nested one: ``a.b``."""
    own = f"{name}.{column.name}" if name else column.name
    path = f"{sql}.{quoted(column.name)}" if sql else quoted(column.name)
    if column.kind == "struct" and column.parts:
        inner = path if sql else f"({path})"
        for part in column.parts:
            yield from _flat(part, own, inner)
    else:
        yield own, text_sql(path, column.kind)


def text_sql(value: str, kind: str) -> str:
    """SQL for the text of a value: whole floats without a fraction, times with an offset in UTC.

    >>> text_sql('"Staff"', "varchar")
    'nullif("Staff", \\'\\')'
    """
    if kind == "varchar":
        return f"nullif({value}, '')"
    if kind in ("double", "float"):
        return (
            f"CASE WHEN isnan({value}) THEN NULL WHEN isfinite({value}) AND {value} = "
            f"trunc({value}) AND abs({value}) < 1e15 THEN CAST(CAST({value} AS BIGINT) AS VARCHAR) "
            f"ELSE CAST({value} AS VARCHAR) END"
        )
    if kind == "blob":
        return f"'(binary, ' || octet_length({value}) || ' bytes)'"
    if kind == "timestamp with time zone":
        moment = f"CAST(make_timestamp(epoch_us({value})) AS VARCHAR)"
        return f"replace({moment}, ' ', 'T') || 'Z'"
    if kind.startswith("timestamp"):
        return f"replace(CAST({value} AS VARCHAR), ' ', 'T')"
    if kind in ("list", "array", "map", "union", "struct"):
        return f"CAST(to_json({value}) AS VARCHAR)"
    return f"nullif(CAST({value} AS VARCHAR), '')"
