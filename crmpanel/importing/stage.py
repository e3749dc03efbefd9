"""Stage: all tables of a source, copied once as text before anything is known of their meaning."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from crmpanel.errors import ImportFailed
from crmpanel.importing.bundle import in_sql
from crmpanel.importing.report import Progress
from crmpanel.importing.sources import (
    MAX_CELL,
    Batch,
    InSql,
    OnReject,
    Row,
    Source,
    Table,
    check_columns,
)
from crmpanel.importing.suspicion import suspicions
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store import Database
from crmpanel.store.scratch import Scratch

#: The line of the file, or the number of the row.
LINE = '"@line"'

#: The table of the rows that could not be read; no file is called so.
UNREAD = "@unread/"

#: Bytes in a line that DuckDB makes room for; more only where a row is longer.
LINE_SIZE = 4_000_000

#: Rows that could not be read, which are carried along; the table holds all.
CARRIED = 1_000


class Unread(NamedTuple):
    """A row that could not be read."""

    table: str
    file: str
    line: int
    text: str
    reason: str


class Stage:
    """A source's tables as relations of text, of which proposal, preview and load are made.

    Blank text is NULL. The relations are visible on every cursor of the database until the stage
    is left; no other transaction is held up.

    Parameters
    ----------
    database : the open database that the source is for; nothing is written to it.
    source : what is read.
    progress : told of the reading, as one stage.

    Attributes
    ----------
    tables : those that could be read, by name, their columns called as in the relations.
    failed : why the others could not be read, by name.
    cursor : a connection on which the relations are visible.

    Raises
    ------
    StoreError : there is no room for the copy.
    """

    def __init__(self, database: Database, source: Source, progress: Progress | None = None):
        self.source = source
        self.tables: dict[str, Table] = {}
        self.failed: dict[str, ImportFailed] = {}
        self._names: dict[str, str] = {}
        self._rows: dict[str, int] = {}
        self._warnings: dict[str, list[str]] = {}
        self._progress = progress or Progress(None)
        self._scratch = Scratch(database)
        self.cursor = self._scratch.cursor

    def __enter__(self) -> Stage:
        try:
            self._copy()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Delete the copy."""
        self._scratch.close()

    # -- what is there ---------------------------------------------------------------------------

    def relation(self, table: str) -> str:
        """A table as SQL that can stand after FROM: ``"@line"`` and its columns as text.

        Raises
        ------
        ImportFailed : the table could not be read.
        """
        if table in self.failed:
            raise self.failed[table]
        return self._scratch.relation(self._names[table])

    def rows(self, table: str) -> int:
        """How many rows of a table were read."""
        return self._rows[table]

    def warnings(self, table: str) -> list[str]:
        """What is suspicious in the way a table was read, worst last."""
        if table not in self._warnings:
            columns = self.tables[table].columns
            self._warnings[table] = [
                *self.source.warnings(self.source.tables[table]),
                *suspicions(
                    self._scratch.rows,
                    self.relation(table),
                    columns,
                    self._rows[table],
                    self.unread_count(table),
                ),
            ]
        return self._warnings[table]

    def unread_count(self, table: str) -> int:
        """How many rows of a table could not be read."""
        sql = f'SELECT count(*) FROM {self.unread_relation} WHERE "table" = ?'
        return int(self._scratch.rows(sql, [table])[0][0])

    def filled(self, table: str, columns: Sequence[str]) -> list[str]:
        """Those of the columns that hold something."""
        if not columns:
            return []
        counts = ", ".join(f"count({quoted(column)}) > 0" for column in columns)
        [found] = self._scratch.rows(f"SELECT {counts} FROM {self.relation(table)}")
        return [column for column, full in zip(columns, found, strict=True) if full]

    @property
    def left_out(self) -> dict[str, str]:
        """Files that were found beside the tables but not read, and why."""
        return dict(getattr(self.source, "left_out", {}))

    @property
    def unread_relation(self) -> str:
        """SQL after FROM: all rows that could not be read: table, file, line, text, reason."""
        return self._scratch.relation(UNREAD)

    @cached_property
    def unread(self) -> list[Unread]:
        """The first thousand rows that could not be read, by table and line."""
        sql = f'SELECT * FROM {self.unread_relation} ORDER BY "table", line LIMIT {CARRIED}'
        return [Unread(*row) for row in self._scratch.rows(sql)]

    # -- copying ---------------------------------------------------------------------------------

    def _copy(self) -> None:
        self._scratch.execute(
            f'CREATE TABLE {self.unread_relation} ("table" VARCHAR, "file" VARCHAR, '
            'line BIGINT, "text" VARCHAR, reason VARCHAR)'
        )
        tables = list(self.source.tables.values())
        total, done = sum(table.size for table in tables) or 1, 0
        for number, table in enumerate(tables):
            self._progress.part(done / total, (done + table.size) / total)
            done += table.size
            try:
                self._copy_table(number, table)
            except ImportFailed as error:
                self.failed[table.name] = error

    def _copy_table(self, number: int, table: Table) -> None:
        if not table.columns:
            next(self.source.batches(table, lambda *_: None), None)  # raises the reason
        staged = replace(table, columns=distinct(table.columns))
        name = self._names[table.name] = f"{number} {table.name}"
        copying = _Copying(self._scratch, self.source, table, self._progress)
        if found := in_sql(self.source, table):
            rows = copying.run_sql(*found, name, staged.columns)
        else:
            rows = copying.run(self._scratch.folder / f"{number}.csv", name, staged.columns)
        self._rows[table.name] = rows - self._drop_blank(name, staged.columns)
        self.tables[table.name] = staged

    def _drop_blank(self, name: str, columns: tuple[str, ...]) -> int:
        """Take out rows that hold nothing; returns how many."""
        blank = " AND ".join(f"{quoted(column)} IS NULL" for column in columns)
        [[count]] = self._scratch.rows(f"DELETE FROM {self._scratch.relation(name)} WHERE {blank}")
        return int(count)


class _Copying:
    """The copying of one table through a file in one clean dialect, which DuckDB reads at once.

    Handing the rows over as parameters took three times as long.
    """

    def __init__(self, scratch: Scratch, source: Source, table: Table, progress: Progress) -> None:
        self._scratch, self._source, self._table = scratch, source, table
        self._progress = progress
        self._longest = self._written = 0
        self._unread: list[Unread] = []

    def run(self, path: Path, name: str, columns: tuple[str, ...]) -> int:
        relation = self._scratch.relation(name)
        try:
            self._write(path)
            self._scratch.execute(self._read(relation, columns), [str(path)])
        finally:
            path.unlink(missing_ok=True)
        return self._verified(relation)

    def _write(self, path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            # All quoted: else a lone carriage return would stand bare, and DuckDB refuses that.
            writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
            for batch in self._source.batches(self._table, self._collect()):
                start = file.tell()
                writer.writerows(_cells(batch))
                self._written += len(batch.rows)
                if file.tell() - start > LINE_SIZE:
                    self._longest = max(self._longest, *map(_bytes, batch.rows))
                self._keep_unread()
                self._progress.say(f"Reading {self._table.file}", batch.done)

    def run_sql(self, source: InSql, own: Table, name: str, columns: tuple[str, ...]) -> int:
        """Copy a table that DuckDB reads itself."""
        check_columns(self._table.file, own.columns)
        self._progress.say(f"Reading {self._table.file}", 0.0)
        relation = self._scratch.relation(name)
        source.prepare(self._scratch)
        try:
            names = ", ".join(map(quoted, ("@line", *columns)))
            self._scratch.execute(
                f"CREATE TABLE {relation} AS SELECT * FROM "
                f"(SELECT row_number() OVER (), * FROM ({source.select(own)})) AS t({names})"
            )
        finally:
            source.release(self._scratch)
        self._refuse_long(relation, columns)
        [[count]] = self._scratch.rows(f"SELECT count(*) FROM {relation}")
        return int(count)

    def _refuse_long(self, relation: str, columns: tuple[str, ...]) -> None:
        long = " OR ".join(f"length({quoted(column)}) > {MAX_CELL}" for column in columns)
        sql = f'SELECT min("@line") FROM {relation} WHERE {long}'
        if (row := self._scratch.rows(sql)[0][0]) is not None:
            raise ImportFailed(
                f"{self._table.file} cannot be imported.",
                f"A cell in row {row:,} is longer than {MAX_CELL:,} characters.",
                "Shorten it, or leave the row out.",
            )

    def _verified(self, relation: str) -> int:
        """DuckDB's CSV reader has lost rows before; here it must not."""
        [[found]] = self._scratch.rows(f"SELECT count(*) FROM {relation}")
        if found != self._written:
            raise ImportFailed(
                f"{self._table.file} was not read completely.",
                f"{self._written:,} rows were handed to DuckDB, {found:,} arrived.",
                "This is a fault in crmpanel or DuckDB; please report it with the file.",
            )
        return self._written

    def _read(self, relation: str, columns: tuple[str, ...]) -> str:
        types = {"@line": "BIGINT", **dict.fromkeys(columns, "VARCHAR")}
        declared = ", ".join(f"{literal(name)}: '{kind}'" for name, kind in types.items())
        return (
            f"CREATE TABLE {relation} AS SELECT * FROM read_csv(?, auto_detect = false, "
            "header = false, delim = ',', quote = '\"', escape = '\"', new_line = '\\n', "
            f"nullstr = '', max_line_size = {max(LINE_SIZE, self._longest)}, "
            f"columns = {{{declared}}})"
        )

    def _collect(self) -> OnReject:
        def reject(line: int, text: str, reason: str) -> None:
            self._unread.append(Unread(self._table.name, self._table.file, line, text, reason))

        return reject

    def _keep_unread(self) -> None:
        if self._unread:
            self._scratch.execute(
                f"INSERT INTO {self._scratch.relation(UNREAD)} "
                "SELECT r[1], r[2], r[3]::BIGINT, r[4], r[5] "
                "FROM (SELECT unnest(?::VARCHAR[][]) AS r)",
                [[[str(cell) for cell in row] for row in self._unread]],
            )
            self._unread.clear()


def distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names that differ by more than case, as SQL demands; none is blank, none is ``@line``.

    >>> distinct(("Id", "ID", "", "@line"))
    ('Id', 'ID (2)', 'column 3', '@line (2)')
    """
    taken = {"@line", *(name.casefold() for name in names)}
    seen = {"@line"}
    found = []
    for place, name in enumerate(names, 1):
        own = name or f"column {place}"
        if own.casefold() in seen or (not name and own.casefold() in taken):
            own = next(n for n in _numbered(own) if n.casefold() not in taken)
        seen.add(own.casefold())
        taken.add(own.casefold())
        found.append(own)
    return tuple(found)


def _numbered(name: str) -> Iterator[str]:
    number = 2
    while True:
        yield f"{name} ({number})"
        number += 1


def _cells(batch: Batch) -> Iterator[tuple[Any, ...]]:
    return ((line, *cells) for line, cells in batch.rows)


def _bytes(row: Row) -> int:
    """At most so many bytes does a row take: four a character, twice for a doubled quote."""
    return sum(8 * len(cell or "") + 3 for cell in row[1]) + 20
