"""Resolved: a staged table with a column more that holds the id of what each row names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from crmpanel.importing.dropping.linkage import Way, keys, spoken
from crmpanel.importing.sources import Batch, OnReject, Source, Table
from crmpanel.importing.stage import LINE, Stage
from crmpanel.model.registry import Registry
from crmpanel.query.sqltext import quoted

#: Columns that no file has: the number of the row, and ids of records that are named.
ROW_NUMBER = "@row"


def id_column(field: str) -> str:
    """The column that holds the ids for a reference."""
    return f"@{field}"


class Resolved(Stage):
    """A stage of one table, and the source that it is of, each row with ids of what it names.

    Parameters
    ----------
    stage : the staged file.
    table : name of the table.
    links : by reference, the column that names records and the way in which it does.
    registry : the entities.
    """

    def __init__(
        self, stage: Stage, table: str, links: dict[str, tuple[str, Way]], registry: Registry
    ) -> None:
        vars(self).update(vars(stage))
        self._links, self._registry = links, registry
        own = stage.tables[table]
        more = (ROW_NUMBER, *map(id_column, links))
        self.tables = {table: replace(own, columns=(*own.columns, *more))}
        self.source = _Source(stage.source, self.tables)

    def relation(self, table: str) -> str:
        """The table as SQL that can stand after FROM."""
        ids, joins = [f"s.{LINE}::VARCHAR AS {quoted(ROW_NUMBER)}"], []
        for place, (field, (column, way)) in enumerate(self._links.items()):
            alias = f"k{place}"
            ids.append(f"{alias}.id::VARCHAR AS {quoted(id_column(field))}")
            joins.append(
                f"LEFT JOIN (SELECT key, id FROM ({keys(self._registry, way)}) WHERE n = 1) "
                f"AS {alias} ON {alias}.key = {spoken(f's.{quoted(column)}', way.how)}"
            )
        rows = super().relation(table)
        return f"(SELECT s.*, {', '.join(ids)} FROM {rows} AS s {' '.join(joins)})"

    def filled(self, table: str, columns: Sequence[str]) -> list[str]:
        """None: every column of the file has a field."""
        return []


class _Source:
    """The source with the columns more in its table."""

    def __init__(self, source: Source, tables: dict[str, Table]) -> None:
        self._source, self.tables = source, tables
        self.name, self.kind = source.name, source.kind

    def batches(self, table: Table, reject: OnReject) -> Iterator[Batch]:
        """The rows of the file."""
        return self._source.batches(self._source.tables[table.name], reject)

    def note(self, table: Table) -> str:
        """What should be known of how it was read."""
        return self._source.note(self._source.tables[table.name])

    def warnings(self, table: Table) -> list[str]:
        """What is suspicious in it."""
        return self._source.warnings(self._source.tables[table.name])
