"""Copying: one table of a source into the scratch database, in the fastest way that is exact."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from crmpanel.errors import ImportFailed
from crmpanel.importing.bundle import unwrapped
from crmpanel.importing.csvfiles import CsvFile
from crmpanel.importing.heading import FOOTER
from crmpanel.importing.plaincsv import read_sql
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
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.scratch import Scratch

#: The table of the rows that could not be read; no file is called so.
UNREAD = "@unread/"

#: Bytes in a line that DuckDB makes room for; more only where a row is longer.
LINE_SIZE = 4_000_000


class Unread(NamedTuple):
    """A row that could not be read."""

    table: str
    file: str
    line: int
    text: str
    reason: str


def make_unread(scratch: Scratch) -> None:
    """Make the table of the rows that cannot be read."""
    scratch.execute(
        f'CREATE TABLE {scratch.relation(UNREAD)} ("table" VARCHAR, "file" VARCHAR, '
        'line BIGINT, "text" VARCHAR, reason VARCHAR)'
    )


class Copying:
    """The copying of one table.

    What DuckDB reads itself is copied in SQL, and so are CSV files that are plain. All else goes
    through a file in one clean dialect: handing the rows over as parameters took three times as
    long.

    Parameters
    ----------
    scratch : where to.
    source, table : what is copied.
    progress : told how far it has come.
    """

    def __init__(self, scratch: Scratch, source: Source, table: Table, progress: Progress) -> None:
        self._scratch, self._source, self._table = scratch, source, table
        self._progress = progress
        self._longest = self._written = 0
        self._unread: list[Unread] = []
        self._where: list[str] = []

    def run(self, name: str, columns: tuple[str, ...]) -> int:
        """Make a relation `name` with ``@line`` and `columns`; returns how many rows it has.

        Raises
        ------
        ImportFailed : the table cannot be read as a whole.
        """
        self._name, self._columns = self._scratch.relation(name), columns
        self._raw = self._scratch.relation(f"{name} rows")
        part, own = unwrapped(self._source, self._table)
        self._progress.say(f"Reading {self._table.file}", 0.0)
        if isinstance(part, InSql):
            line = self._in_sql(part, own)
        elif not isinstance(part, CsvFile) or not (line := self._plain(part)):
            line = self._through_file(self._scratch.folder / "rows.csv")
        return self._view(line)

    def _count(self, where: str = "true") -> int:
        return int(self._scratch.rows(f"SELECT count(*) FROM {self._raw} WHERE {where}")[0][0])

    def _view(self, line: str) -> int:
        """Make the relation; rows that hold nothing are none. Returns how many others there are.

        They are hidden, not deleted: their places count where lines follow from the order.
        """
        columns = ", ".join(map(quoted, self._columns))
        blank = " AND ".join(f"{quoted(column)} IS NULL" for column in self._columns)
        if self._count(blank):
            self._where.append(f"NOT ({blank})")
        where = " AND ".join(self._where) or "true"
        self._scratch.execute(
            f'CREATE VIEW {self._name} AS SELECT {line} AS "@line", {columns} FROM {self._raw}'
            + (f" WHERE {where}" if self._where else "")
        )
        return self._count(where)

    # -- in SQL ----------------------------------------------------------------------------------

    def _in_sql(self, source: InSql, own: Table) -> str:
        check_columns(self._table.file, own.columns)
        source.prepare(self._scratch)
        try:
            names = ", ".join(map(quoted, self._columns))
            self._scratch.execute(
                f"CREATE TABLE {self._raw} AS SELECT * FROM ({source.select(own)}) AS t({names})"
            )
        finally:
            source.release(self._scratch)
        self._refuse_long()
        return "rowid + 1"

    def _refuse_long(self) -> None:
        long = " OR ".join(f"length({quoted(column)}) > {MAX_CELL}" for column in self._columns)
        sql = f"SELECT min(rowid) + 1 FROM {self._raw} WHERE {long}"
        if (row := self._scratch.rows(sql)[0][0]) is not None:
            raise ImportFailed(
                f"{self._table.file} cannot be imported.",
                f"A cell in row {row:,} is longer than {MAX_CELL:,} characters.",
                "Shorten it, or leave the row out.",
            )

    # -- plain CSV -------------------------------------------------------------------------------

    def _plain(self, file: CsvFile) -> str:
        """Copy a CSV file by DuckDB's own reader; nothing is there where that is unsure."""
        counted = file.plain()
        if counted is None:
            return ""
        rows = read_sql(file.path, file.dialect.delimiter, file.first_line - 1, self._columns)
        line = f"rowid + {file.first_line}"
        if counted.lines is not None:
            self._scratch.register("lines of the file", {"@line": counted.lines})
            rows, line = f'{rows} POSITIONAL JOIN "lines of the file"', '"@line"'
        done = self._scratch.attempt(f"CREATE TABLE {self._raw} AS SELECT * FROM {rows}")
        if counted.lines is not None:
            self._scratch.unregister("lines of the file")
        if not done or self._count() != counted.rows:
            self._scratch.execute(f"DROP TABLE IF EXISTS {self._raw}")
            return ""
        self._hide_below(file, counted.rows, line)
        return line

    def _hide_below(self, file: CsvFile, count: int, line: str) -> None:
        """Totals and small print below the rows are no records."""
        columns = ", ".join(map(quoted, self._columns))
        sql = f"SELECT {line}, {columns} FROM {self._raw} WHERE rowid >= {count - FOOTER}"
        last: list[Row] = [(row[0], list(row[1:])) for row in self._scratch.rows(sql)]
        if below := file.below(sorted(last, key=lambda row: row[0])):
            self._where.append(f"rowid < {count - below}")

    # -- through a file --------------------------------------------------------------------------

    def _through_file(self, path: Path) -> str:
        try:
            self._write(path)
            self._scratch.execute(self._read(), [str(path)])
        finally:
            path.unlink(missing_ok=True)
        if (found := self._count()) != self._written:  # the reader has lost rows before
            raise ImportFailed(
                f"{self._table.file} was not read completely.",
                f"{self._written:,} rows were handed to DuckDB, {found:,} arrived.",
                "This is a fault in crmpanel or DuckDB; please report it with the file.",
            )
        return '"@line"'

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

    def _read(self) -> str:
        types = {"@line": "BIGINT", **dict.fromkeys(self._columns, "VARCHAR")}
        declared = ", ".join(f"{literal(name)}: '{kind}'" for name, kind in types.items())
        return (
            f"CREATE TABLE {self._raw} AS SELECT * FROM read_csv(?, auto_detect = false, "
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


def _cells(batch: Batch) -> Iterator[tuple[Any, ...]]:
    return ((line, *cells) for line, cells in batch.rows)


def _bytes(row: Row) -> int:
    """At most so many bytes does a row take: four a character, twice for a doubled quote."""
    return sum(8 * len(cell or "") + 3 for cell in row[1]) + 20
