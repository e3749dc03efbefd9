"""CSV files, one per table, read exactly.

Python's csv module reads what is not plain, not DuckDB's `read_csv`: measured on DuckDB 2.0, that
one refuses mixed line ends, knows no UTF-16 with a byte order mark, finds no row at all in
UTF-16-BE, and counts records where a person looking into the file counts lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Protocol

from crmpanel.errors import ImportFailed
from crmpanel.importing.dialect import Dialect, dialect_of
from crmpanel.importing.encodings import encoding_of, guess, readable
from crmpanel.importing.heading import (
    FOOTER,
    SAMPLE,
    Heading,
    find_heading,
    footer,
    footer_note,
)
from crmpanel.importing.plaincsv import SMALLEST, Counted, count
from crmpanel.importing.sources import (
    BATCH,
    MAX_CELL,
    Batch,
    OnReject,
    Row,
    Table,
    check_columns,
)

#: Characters of the first rows that are looked at for the header.
SAMPLED = 1_000_000


class Reader(Protocol):
    """A csv.reader; its class has no public name."""

    line_num: int

    def __next__(self) -> list[str]: ...


class CsvFile:
    """A text file with a table.

    Parameters
    ----------
    path : the file.
    name : of the table.
    shown : what the file is called in messages.
    """

    kind = "CSV files"

    def __init__(self, path: Path, name: str = "", shown: str = "") -> None:
        self.path, self.name = path, name or path.stem
        self._file = shown or path.name
        self._notes: list[str] = []
        self._encoding = ""
        self._first = 0

    @cached_property
    def _guessed(self) -> str:
        return guess(self.path)

    @cached_property
    def dialect(self) -> Dialect:
        """How it separates cells."""
        return dialect_of(self.path, self._guessed)

    @cached_property
    def heading(self) -> Heading:
        """Its header; one that cannot be read has no columns, and `batches` tells why."""
        with self.path.open("r", encoding=self._guessed, errors="replace", newline="") as text:
            rows = list(self._sample(text))
        found = find_heading(rows)
        self._first = rows[found.above][0] if len(rows) > found.above else 0
        return found

    def _sample(self, text: Iterable[str]) -> Iterator[Row]:
        size = 0
        try:
            for row in islice(self._records(self._reader(text), lambda *_: None), SAMPLE):
                yield row
                size += sum(len(cell or "") + 1 for cell in row[1])
                if size > SAMPLED:
                    return
        except ImportFailed:
            return

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The one table."""
        size = self.path.stat().st_size
        return {self.name: Table(self.name, self._file, self.heading.columns, size)}

    def note(self, table: Table) -> str:
        """The encoding, where it is not UTF-8."""
        encoding = self._encoding or "utf-8"
        return "" if encoding.startswith("utf-8") else f"read as {readable(encoding)}"

    def warnings(self, table: Table) -> list[str]:
        """What stands above and below the rows; all of it once they have been read."""
        return [*self.heading.notes, *self._notes]

    @property
    def first_line(self) -> int:
        """Line of the first row of data; 0 if there is none among those looked at."""
        return self._first if self.heading.columns else 0

    def plain(self, least: int | None = None) -> Counted | None:
        """What can be counted if the file is plain: UTF-8 with the same line ends.

        Parameters
        ----------
        least : bytes of a file that is worth it, by default `SMALLEST`.
        """
        size = self.path.stat().st_size
        marked = self._guessed == "utf-8-sig" and self.first_line < 2
        if (
            size < (SMALLEST if least is None else least)
            or marked
            or not self._guessed.startswith("utf-8")
            or not self.first_line
        ):
            return None
        check_columns(self._file, self.heading.columns)
        return count(self.path, self.first_line - 1)

    def below(self, rows: list[Row]) -> int:
        """How many of the last rows are no records; they are noted."""
        number = footer(rows, len(self.heading.columns))
        below = rows[len(rows) - number :]
        self._notes = [footer_note(row) for row in below if any(row[1])]
        return number

    def batches(self, table: Table, reject: OnReject) -> Iterator[Batch]:
        """All rows; a row that is too short, too long or badly quoted is rejected by its line."""
        self._encoding = encoding = encoding_of(self.path, self._file)
        self._notes = []
        with self.path.open("rb") as raw, _text(raw, encoding) as text:
            records = self._records(self._reader(text), reject)
            self._check(records)
            rows: list[Row] = []
            for row in records:
                rows.append(row)
                if len(rows) == BATCH + FOOTER:
                    good = self._even(rows[:BATCH], reject)
                    yield Batch(good, raw.tell() / max(1, table.size))
                    del rows[:BATCH]
            yield Batch(self._even(rows[: len(rows) - self.below(rows)], reject), 1.0)

    def _check(self, records: Iterator[Row]) -> None:
        """Pass over what stands above the rows; raise why there is no header."""
        if not self.heading.columns:
            next(records, None)  # raises what kept the header from being read
            raise ImportFailed(
                f"{self._file} is empty.",
                "It has not even a header.",
                "Export it again, or delete it if the table is not wanted.",
            )
        check_columns(self._file, self.heading.columns)
        for _ in islice(records, self.heading.above):
            pass

    def _even(self, rows: list[Row], reject: OnReject) -> list[Row]:
        """The rows with as many cells as there are columns; blank cells too many do not count."""
        width, named = len(self.heading.columns), self.heading.columns
        least = max((n for n, name in enumerate(named, 1) if name), default=width)
        good: list[Row] = []
        for line, cells in rows:
            if len(cells) != width:
                if len(cells) > width and not any(cells[width:]):
                    cells = cells[:width]
                elif least <= len(cells) < width:
                    cells = cells + [None] * (width - len(cells))
                else:
                    reject(line, _shown(cells), _ragged(len(cells), width))
                    continue
            good.append((line, cells))
        return good

    # -- records ---------------------------------------------------------------------------------

    def _reader(self, text: Iterable[str]) -> Reader:
        csv.field_size_limit(MAX_CELL)
        return csv.reader(text, delimiter=self.dialect.delimiter, strict=True)

    def _records(self, reader: Reader, reject: OnReject) -> Iterator[Row]:
        """Records with the line on which they begin; blank lines are passed over."""
        if self.dialect.told:
            next(reader)
        while True:
            line = reader.line_num + 1
            try:
                cells: list[str | None] = [*next(reader)]
            except StopIteration:
                return
            except csv.Error as error:
                self._refuse_whole(line, str(error))
                reject(line, "", _misquoted(line, reader.line_num))
                continue
            if cells:
                yield line, cells

    def _refuse_whole(self, line: int, error: str) -> None:
        """Raise for what leaves the rest of the file without meaning."""
        if "unexpected end of data" in error:
            raise ImportFailed(
                f"{self._file} is damaged.",
                f'A quotation mark (") opened in line {line:,} is never closed, so '
                "everything after it would be one cell.",
                "Close or double the quotation mark, or export the file again.",
            )
        if "field larger" in error:
            raise ImportFailed(
                f"{self._file} cannot be imported.",
                f"A cell in line {line:,} is longer than {MAX_CELL:,} characters, or a "
                'quotation mark (") in that line is never closed.',
                "Shorten the cell or close the quotation mark.",
            )


@contextmanager
def _text(raw: io.BufferedReader, encoding: str) -> Iterator[io.TextIOWrapper]:
    text = io.TextIOWrapper(raw, encoding, newline="")  # csv needs the line ends as they are
    try:
        yield text
    finally:
        text.detach()


def looks_like_table(path: Path) -> bool:
    """Whether a text file of no known kind is cut into columns, all lines alike."""
    found = dialect_of(path, guess(path))
    return found.told or (found.columns > 1 and found.share >= 0.9 and found.lines > 1)


def _misquoted(first: int, last: int) -> str:
    span = f"; the row reaches to line {last:,}" if last > first else ""
    return f"text follows a closing quotation mark{span}"


def _ragged(cells: int, columns: int) -> str:
    return f"{cells:,} cells where the header has {columns:,}"


def _shown(cells: list[str | None]) -> str:
    return " | ".join(cell or "" for cell in cells)
