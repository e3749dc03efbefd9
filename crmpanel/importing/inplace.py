"""In place: the tables of a source as relations of text that are read where they lie."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from crmpanel.errors import ImportFailed
from crmpanel.importing.astext import Cell
from crmpanel.importing.bundle import unwrapped
from crmpanel.importing.copying import Copying, make_unread
from crmpanel.importing.csvfiles import CsvFile
from crmpanel.importing.duckfiles import TypedTables
from crmpanel.importing.heading import FOOTER
from crmpanel.importing.plaincsv import read_sql
from crmpanel.importing.report import Progress
from crmpanel.importing.sources import Row, Source, Table, check_columns
from crmpanel.importing.stage import LINE, distinct
from crmpanel.query.sqltext import quoted
from crmpanel.store import Database
from crmpanel.store.scratch import Scratch

#: Bytes of files that are held in memory because DuckDB cannot read them exactly where they lie.
MOST_HELD = 64_000_000
#: The rows of a window have a number, but no condition on other columns reaches what is below it.
COUNTED = "row_number() OVER ()"


@dataclass(frozen=True)
class Lying:
    """A table where it lies.

    Parameters
    ----------
    columns : their names, all different.
    relation : SQL after FROM.
    cells : the columns as they are there.
    line : SQL of the number of a row; "" if it has to be counted.
    """

    columns: tuple[str, ...]
    relation: str
    cells: tuple[Cell, ...]
    line: str = ""

    def rows(self, numbered: bool) -> str:
        """SQL after FROM: ``"@line"``, the columns as text, and as they are (`as_is`).

        Parameters
        ----------
        numbered : whether the numbers of rows are needed even where they have to be counted.
        """
        line = self.line or (COUNTED if numbered else "NULL::BIGINT")
        texts = [f"{c.text} AS {quoted(n)}" for n, c in zip(self.columns, self.cells, strict=True)]
        whole = [f"{c.path} AS {as_is(n)}" for n, c in zip(self.columns, self.cells, strict=True)]
        return f"(SELECT {', '.join([f'{line} AS {LINE}', *texts, *whole])} FROM {self.relation})"


def as_is(column: str) -> str:
    """Name of the column that holds values as they are, on which conditions reach the source."""
    return quoted(f"= {column}")


class InPlace:
    """The tables of a source where they lie, visible on every cursor of a database.

    What DuckDB cannot read exactly there (workbooks, JSON, CSV files that are not plain) is held
    in memory as text, if there is little of it.

    Parameters
    ----------
    below : the open database; nothing is written to it.
    source : what is read.

    Attributes
    ----------
    cursor : a connection on which the relations are visible.
    failed : why tables could not be read, by name.
    """

    def __init__(self, below: Database, source: Source) -> None:
        self.source = source
        self._scratch = Scratch(below)
        self.cursor = self._scratch.cursor
        self.failed: dict[str, ImportFailed] = {}
        self._opened: list[TypedTables] = []
        self._made: dict[str, Lying] = {}
        self._held = 0
        make_unread(self._scratch)

    def table(self, name: str) -> Lying:
        """A table by its name in the source.

        Raises
        ------
        ImportFailed : it cannot be read.
        """
        if name not in self._made:
            table = self.source.tables[name]
            self._made[name] = self._lying(table)
        return self._made[name]

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables that can be read; the reasons of the others are in `failed`."""
        found = {}
        for name, table in self.source.tables.items():
            try:
                found[name] = replace(table, columns=self.table(name).columns)
            except ImportFailed as error:
                self.failed[name] = error
        return found

    def relation(self, table: str) -> str:
        """A table as SQL that can stand after FROM, its rows numbered."""
        return self.table(table).rows(numbered=True)

    def _lying(self, table: Table) -> Lying:
        if not table.columns:
            next(self.source.batches(table, lambda *_: None), None)  # raises the reason
        check_columns(table.file, table.columns)
        part, own = unwrapped(self.source, table)
        columns = distinct(table.columns)
        if isinstance(part, TypedTables) and part.is_everywhere:
            return self._in_duck(part, own, columns)
        if isinstance(part, CsvFile) and (relation := self._plain(part, columns)):
            return Lying(columns, relation, _texts(columns))
        return self._in_memory(part, table, columns)

    def _in_duck(self, part: TypedTables, own: Table, columns: tuple[str, ...]) -> Lying:
        found = part.found(own)
        if part not in self._opened:
            part.prepare(self._scratch)
            self._opened.append(part)
        return Lying(columns, found.relation, tuple(found.cells), part.line)

    def _plain(self, file: CsvFile, columns: tuple[str, ...]) -> str:
        """The relation of a CSV file; "" unless it is proven that DuckDB reads it exactly."""
        counted = file.plain(least=1)
        if counted is None:
            return ""
        rows = read_sql(file.path, file.dialect.delimiter, file.first_line - 1, columns)
        # Looked at as a whole: what is not looked at may be no UTF-8.
        seen = ", ".join(f"max(length({quoted(column)}))" for column in columns)
        proof = f"CREATE OR REPLACE TEMP TABLE proof AS SELECT count(*) AS n, {seen} FROM {rows}"
        if not self._scratch.attempt(proof):
            return ""
        if self._scratch.rows("SELECT n FROM proof") != [(counted.rows,)]:
            return ""
        last = self._scratch.rows(f"SELECT * FROM {rows} OFFSET {max(0, counted.rows - FOOTER)}")
        below: list[Row] = [(number, list(row)) for number, row in enumerate(last)]
        return "" if file.below(below) else rows

    def _in_memory(self, part: Source, table: Table, columns: tuple[str, ...]) -> Lying:
        self._held += sum(path.stat().st_size for path in paths_of(part))
        if self._held > MOST_HELD:
            raise ImportFailed(
                f"{table.file} cannot be shown where it lies.",
                f"Only Parquet, DuckDB and plain UTF-8 CSV can; of others, up to "
                f"{MOST_HELD // 1_000_000} MB are held in memory.",
                "Import it: crmpanel import SOURCE --db FILE",
            )
        name = f"{len(self._made)} {table.name}"
        Copying(self._scratch, self.source, table, Progress(None)).run(name, columns)
        return Lying(columns, self._scratch.relation(name), _texts(columns), LINE)

    def held(self, name: str) -> str:
        """The relation of a table in memory, for what is made of the source once."""
        return self._scratch.relation(name)

    def close(self) -> None:
        """Give up what is held, and what is open."""
        for part in self._opened:
            with suppress(Exception):  # it may be in use, and is closed with the database then
                part.release(self._scratch)
        self._scratch.close()


def _texts(columns: tuple[str, ...]) -> tuple[Cell, ...]:
    return tuple(Cell(column, quoted(column), "varchar") for column in columns)


def paths_of(source: Source) -> Iterator[Path]:
    """The files of a source."""
    for part in getattr(source, "parts", ()):
        yield from paths_of(part)
    own = getattr(source, "path", None)
    yield from getattr(source, "paths", [own] if own else [])


def state_of(path: Path) -> tuple[int, ...] | None:
    """What is another when the content of a file is; None if it is not there.

    SQLite's latest writes are in a file beside.
    """
    found: list[int] = []
    for file in (path, path.with_name(path.name + "-wal")):
        with suppress(OSError):
            there = os.stat(file)
            found += [there.st_ino, there.st_size, there.st_mtime_ns]
    return tuple(found) or None
