"""What DuckDB reads itself: Parquet files and DuckDB databases."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from crmpanel.errors import CrmError, ImportFailed
from crmpanel.importing.astext import select_text
from crmpanel.importing.sources import Batch, OnReject, Table
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.glance import Glance, refuse_open_here
from crmpanel.store.schema import system_names


class TypedTables:
    """Tables with types, of which SQL makes text.

    Subclasses give ``_opening``, the statement that makes them visible, or nothing; ``_closing``;
    and ``_relations``.
    """

    name: str
    _opening = _closing = ""

    def _relations(self, glance: Glance) -> dict[str, tuple[str, str]]:
        """By name of the table: its file for messages, and the relation after FROM."""
        raise NotImplementedError

    def _check(self) -> None:
        """Raise `CrmError` if it must not be opened."""

    @cached_property
    def _found(self) -> dict[str, tuple[Table, str]]:
        """The tables, and the SELECT of their text."""
        try:
            self._check()
            with Glance(self.name) as glance:
                if self._opening:
                    glance.execute(self._opening)
                return dict(self._tables(glance))
        except CrmError as error:
            raise ImportFailed(error.what, error.why, error.remedy) from error

    def _tables(self, glance: Glance) -> Iterator[tuple[str, tuple[Table, str]]]:
        for name, (file, relation) in self._relations(glance).items():
            columns, select = select_text(glance.columns(f"FROM {relation}"), relation)
            [[size]] = glance.rows(f"SELECT count(*) FROM {relation}")
            yield name, (Table(name, file, columns, int(size) * 100), select)

    @property
    def tables(self) -> dict[str, Table]:
        """The tables by name."""
        return {name: table for name, (table, _) in self._found.items()}

    def select(self, table: Table) -> str:
        """SQL of all rows as text."""
        return self._found[table.name][1]

    def prepare(self, cursor: Any) -> None:
        """Make the tables visible on a cursor."""
        if self._opening:
            cursor.execute(self._opening)

    def release(self, cursor: Any) -> None:
        """Undo `prepare`."""
        if self._closing:
            cursor.execute(self._closing)

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

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.stem
        self._alias = f"source {path.name} {id(self)}"
        self._opening = f"ATTACH {literal(str(path))} AS {quoted(self._alias)} (READ_ONLY)"
        self._closing = f"DETACH {quoted(self._alias)}"

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
                shown = name if schema == "main" else f"{schema}.{name}"
                relation = f"{quoted(self._alias)}.{quoted(schema)}.{quoted(name)}"
                found[shown] = (f"{self.path.name}: {shown}", relation)
        return found
