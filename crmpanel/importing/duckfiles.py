"""What DuckDB reads itself: Parquet files and DuckDB databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from crmpanel.errors import CrmError, ImportFailed
from crmpanel.importing.astext import Cell, cells, select_text
from crmpanel.importing.sources import Batch, OnReject, Table
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.glance import Glance, refuse_open_here
from crmpanel.store.schema import system_names


class InDuck(NamedTuple):
    """A table, the relation after FROM that holds its rows, and what these are made of."""

    table: Table
    relation: str
    cells: list[Cell]


class TypedTables:
    """Tables with types, of which SQL makes text.

    Subclasses give ``_opening``, the statements that make them visible; ``_closing``; and
    ``_relations``.

    Attributes
    ----------
    paths : the files in which they are.
    line : SQL of the number of a row; "" if there is none to be had.
    is_everywhere : whether every cursor sees what was made visible on one.
    """

    name: str
    paths: Sequence[Path] = ()
    line = ""
    is_everywhere = True
    _opening: tuple[str, ...] = ()
    _closing: tuple[str, ...] = ()

    def _relations(self, glance: Glance) -> dict[str, tuple[str, str]]:
        """By name of the table: its file for messages, and the relation after FROM."""
        raise NotImplementedError

    def _check(self) -> None:
        """Raise `CrmError` if it must not be opened."""

    def _count(self, glance: Glance, relation: str) -> int:
        """How many rows there are, more or less."""
        return int(glance.rows(f"SELECT count(*) FROM {relation}")[0][0])

    @cached_property
    def _found(self) -> dict[str, InDuck]:
        try:
            self._check()
            with Glance(self.name) as glance:
                for statement in self._opening:
                    glance.execute(statement)
                return dict(self._tables(glance))
        except CrmError as error:
            raise ImportFailed(error.what, error.why, error.remedy) from error

    def _tables(self, glance: Glance) -> Iterator[tuple[str, InDuck]]:
        for name, (file, relation) in self._relations(glance).items():
            found = cells(glance.columns(f"FROM {relation}"))
            columns = tuple(cell.name for cell in found)
            table = Table(name, file, columns, self._count(glance, relation) * 100)
            yield name, InDuck(table, relation, found)

    @property
    def tables(self) -> dict[str, Table]:
        """The tables by name."""
        return {name: found.table for name, found in self._found.items()}

    def found(self, table: Table) -> InDuck:
        """A table as DuckDB sees it."""
        return self._found[table.name]

    def select(self, table: Table) -> str:
        """SQL of all rows as text."""
        found = self._found[table.name]
        return select_text(found.cells, found.relation)

    def prepare(self, cursor: Any) -> None:
        """Make the tables visible on a cursor."""
        for statement in self._opening:
            cursor.execute(statement)

    def release(self, cursor: Any) -> None:
        """Undo `prepare`."""
        for statement in self._closing:
            cursor.execute(statement)

    def batches(self, table: Table, reject: OnReject) -> Iterator[Batch]:
        """Raises what is wrong with the source: its rows are read in SQL."""
        self._found[table.name]
        raise ImportFailed(f"{table.file} has no columns.", "", "Give a table with columns.")

    def note(self, table: Table) -> str:
        """Nothing."""
        return ""

    def warnings(self, table: Table) -> list[str]:
        """Nothing."""
        return []


class ParquetFiles(TypedTables):
    """One table in one or more Parquet files.

    Parameters
    ----------
    paths : the files, in order.
    name : of the table.
    shown : what the file is called in messages.
    """

    kind = "Parquet files"

    def __init__(self, paths: list[Path], name: str = "", shown: str = "") -> None:
        self.paths, self.name = paths, name or paths[0].stem
        self._file = shown or paths[0].name
        self.line = "file_row_number + 1" if len(paths) == 1 else ""

    def _relations(self, glance: Glance) -> dict[str, tuple[str, str]]:
        files = ", ".join(literal(_escaped(str(path))) for path in self.paths)
        return {self.name: (self._file, f"read_parquet([{files}], union_by_name = true)")}


def _escaped(path: str) -> str:
    """DuckDB takes a path for a pattern."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)


class DuckFile(TypedTables):
    """The tables of a DuckDB database, opened read only.

    Parameters
    ----------
    path : the file.
    """

    kind = "a DuckDB database"
    line = "rowid + 1"
    _schema = "main"

    def __init__(self, path: Path) -> None:
        self.path, self.name, self.paths = path, path.stem, [path]
        self._alias = f"source {path.name} {id(self)}"
        self._opening = (f"ATTACH {literal(str(path))} AS {quoted(self._alias)} (READ_ONLY)",)
        self._closing = (f"DETACH {quoted(self._alias)}",)

    def _check(self) -> None:
        refuse_open_here(self.path)

    def _relations(self, glance: Glance) -> dict[str, tuple[str, str]]:
        rows = glance.rows(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal "
            f"AND database_name = {literal(self._alias)} ORDER BY schema_name, table_oid"
        )
        names = {name for _, name in rows}
        own = system_names() if "crm_meta" in names else frozenset()
        found = {}
        for schema, name in rows:
            if name not in own:
                shown = name if schema == self._schema else f"{schema}.{name}"
                relation = f"{quoted(self._alias)}.{quoted(schema)}.{quoted(name)}"
                found[shown] = (f"{self.path.name}: {shown}", relation)
        return found
