"""As text: a typed column of DuckDB as the exact text of its values, in SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.glance import Typed

WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


#: Kinds of which each value has one text, and no other value has that text.
ONE_TEXT = ("tinyint", "smallint", "integer", "bigint", "hugeint", "uuid", "varchar")


class Cell(NamedTuple):
    """A column, or a part of a nested one, called ``a.b``: its SQL, and its kind."""

    name: str
    path: str
    kind: str

    @property
    def text(self) -> str:
        """SQL of the text of its values."""
        return text_sql(self.path, self.kind)

    def among(self, texts: Iterable[str], column: str) -> str:
        """SQL condition: a column that holds its values as they are has one of some texts.

        Where a text is no value of the kind, or the kind has several texts for a value, nothing
        is compared: ``""``.

        >>> Cell("AccountId", '"AccountId"', "integer").among(["17", "x"], "c")
        'c IN (17)'
        """
        if self.kind not in ONE_TEXT:
            return ""
        if self.kind == "varchar":
            values = [literal(text) for text in texts]
        elif self.kind == "uuid":
            values = [f"{literal(text)}::UUID" for text in texts if UUID.fullmatch(text)]
        else:
            values = [text for text in texts if WHOLE.fullmatch(text)]
        return f"{column} IN ({', '.join(values)})" if values else "FALSE"


def cells(columns: Iterable[Typed]) -> list[Cell]:
    """The columns, nested ones taken apart."""
    return [cell for column in columns for cell in _flat(column, "", "")]


def select_text(found: Sequence[Cell], relation: str) -> str:
    """SELECT of the text of all columns of `relation`."""
    texts = ", ".join(f"{cell.text} AS {quoted(f'c{n}')}" for n, cell in enumerate(found))
    return f"SELECT {texts} FROM {relation}"


def _flat(column: Typed, name: str, sql: str) -> Iterator[Cell]:
    own = f"{name}.{column.name}" if name else column.name
    path = f"{sql}.{quoted(column.name)}" if sql else quoted(column.name)
    if column.kind == "struct" and column.parts:
        inner = path if sql else f"({path})"
        for part in column.parts:
            yield from _flat(part, own, inner)
    else:
        yield Cell(own, path, column.kind)


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
