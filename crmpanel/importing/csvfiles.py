"""A folder of CSV files, one per table, read exactly.

Python's csv module reads them, not DuckDB's `read_csv`: measured on DuckDB 2.0, that one refuses
mixed line ends, knows no UTF-16 with a byte order mark, finds no row at all in UTF-16-BE, and
counts records where a person looking into the file counts lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Protocol

from crmpanel.errors import ImportFailed
from crmpanel.importing.encodings import encoding_of, guess, readable
from crmpanel.importing.sources import BATCH, MAX_CELL, Batch, OnReject, Row, Table

MAX_COLUMNS = 2_000
DELIMITERS = ",;\t|"


class Reader(Protocol):
    """A csv.reader; its class has no public name."""

    line_num: int

    def __next__(self) -> list[str]: ...


class CsvFolder:
    """The CSV files of a folder.

    Parameters
    ----------
    folder : gives the source its name.
    files : the files; the name without suffix is the table's name.
    """

    kind = "CSV files"

    def __init__(self, folder: Path, files: list[Path]) -> None:
        self.name = folder.name
        self._files = {file.stem: file for file in files}
        self._encodings: dict[str, str] = {}

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables by name; one whose header cannot be read has no columns."""
        return {
            name: Table(name, file.name, _peek(file), file.stat().st_size)
            for name, file in self._files.items()
        }

    def note(self, table: Table) -> str:
        """The encoding, where it is not UTF-8."""
        encoding = self._encodings.get(table.name, "utf-8")
        return "" if encoding.startswith("utf-8") else f"read as {readable(encoding)}"

    def batches(self, table: Table, reject: OnReject) -> Iterator[Batch]:
        """All rows; a row that is too short, too long or badly quoted is rejected by its line."""
        path = self._files[table.name]
        self._encodings[table.name] = encoding = encoding_of(path)
        with path.open("rb") as raw, _text(raw, encoding) as text:
            reader = _reader(text, path, encoding)
            header = next(_records(reader, path, reject), (1, []))[1]
            _check_header(path, [cell or "" for cell in header])
            rows: list[Row] = []
            for line, cells in _records(reader, path, reject):
                if len(cells) != len(header):
                    reject(line, _shown(cells), _ragged(len(cells), len(header)))
                    continue
                rows.append((line, cells))
                if len(rows) == BATCH:
                    yield Batch(rows, raw.tell() / max(1, table.size))
                    rows = []
            yield Batch(rows, 1.0)


@contextmanager
def _text(raw: io.BufferedReader, encoding: str) -> Iterator[io.TextIOWrapper]:
    text = io.TextIOWrapper(raw, encoding, newline="")  # csv needs the line ends as they are
    try:
        yield text
    finally:
        text.detach()


def _reader(text: Iterable[str], path: Path, encoding: str) -> Reader:
    csv.field_size_limit(MAX_CELL)
    return csv.reader(text, delimiter=_delimiter(path, encoding), strict=True)


def _delimiter(path: Path, encoding: str) -> str:
    """The character that cuts the first line into most cells."""
    with path.open("r", encoding=encoding, errors="replace", newline="") as file:
        first = file.readline(MAX_CELL)
    return max(DELIMITERS, key=lambda d: len(next(csv.reader([first], delimiter=d), [])))


def _records(reader: Reader, path: Path, reject: OnReject) -> Iterator[Row]:
    """Records with the line on which they begin; blank lines are passed over."""
    while True:
        line = reader.line_num + 1
        try:
            cells: list[str | None] = [*next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            _refuse_whole(path, line, str(error))
            reject(line, "", _misquoted(line, reader.line_num))
            continue
        if cells:
            yield line, cells


def _refuse_whole(path: Path, line: int, error: str) -> None:
    """Raise for what leaves the rest of the file without meaning."""
    if "unexpected end of data" in error:
        raise ImportFailed(
            f"{path.name} is damaged.",
            f'A quotation mark (") opened in line {line:,} is never closed, so '
            "everything after it would be one cell.",
            "Close or double the quotation mark, or export the file again.",
        )
    if "field larger" in error:
        raise ImportFailed(
            f"{path.name} cannot be imported.",
            f"A cell in line {line:,} is longer than {MAX_CELL:,} characters, or a "
            'quotation mark (") in that line is never closed.',
            "Shorten the cell or close the quotation mark.",
        )


def _check_header(path: Path, header: list[str]) -> None:
    if not header:
        raise ImportFailed(
            f"{path.name} is empty.",
            "It has not even a header.",
            "Export it again, or delete it if the table is not wanted.",
        )
    if len(header) > MAX_COLUMNS:
        raise ImportFailed(
            f"{path.name} cannot be imported.",
            f"It has {len(header):,} columns; the limit is {MAX_COLUMNS:,}.",
            "Export fewer columns.",
        )
    names = [cell.strip() for cell in header if cell.strip()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ImportFailed(
            f"{path.name} cannot be imported.",
            f"Its header names {', '.join(map(repr, twice))} more than once.",
            "Rename or remove one of the columns.",
        )


def _peek(path: Path) -> tuple[str, ...]:
    """The header, or nothing where it cannot be read; `batches` tells why."""
    encoding = guess(path)
    try:
        with path.open("r", encoding=encoding, errors="replace", newline="") as text:
            _, cells = next(_records(_reader(text, path, encoding), path, lambda *_: None), (1, []))
    except ImportFailed:
        return ()
    return tuple((cell or "").strip() for cell in cells)


def _misquoted(first: int, last: int) -> str:
    span = f"; the row reaches to line {last:,}" if last > first else ""
    return f"text follows a closing quotation mark{span}"


def _ragged(cells: int, columns: int) -> str:
    return f"{cells:,} cells where the header has {columns:,}"


def _shown(cells: list[str | None]) -> str:
    return " | ".join(cell or "" for cell in cells)
