"""Sources: tables of text, wherever they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from crmpanel.errors import ImportFailed

#: Rows that are handed on at once.
BATCH = 10_000

#: Characters in a cell; nothing a CRM keeps is longer, but an unclosed quotation mark makes it so.
MAX_CELL = 4_000_000

#: Columns of a table.
MAX_COLUMNS = 2_000

SQLITE_SUFFIXES = (".sqlite", ".sqlite3", ".db")
SQLITE_MAGIC = b"SQLite format 3\0"

#: A row, with the number of its line (or row) in the file.
Row = tuple[int, list[str | None]]
#: Told of a row that cannot be read: line, its text, the reason.
OnReject = Callable[[int, str, str], None]


@dataclass(frozen=True)
class Table:
    """A table of a source.

    Parameters
    ----------
    name : its name: of the file without suffix, or in the database.
    file : where it is, for messages.
    columns : its header.
    size : how much there is to read, in any unit, for the progress.
    """

    name: str
    file: str
    columns: tuple[str, ...]
    size: int


@dataclass(frozen=True)
class Batch:
    """Some rows of a table, and how much of it has been read by then, from 0 to 1."""

    rows: list[Row]
    done: float


class Source(Protocol):
    """Something that holds tables of text."""

    name: str
    kind: str

    @property
    def tables(self) -> dict[str, Table]:
        """The tables by name. Reading them must not need more than their headers."""

    def batches(self, table: Table, reject: OnReject) -> Iterator[Batch]:
        """All rows of a table, every cell as the text it is written with.

        Raises
        ------
        ImportFailed : the table as a whole cannot be read.
        """

    def note(self, table: Table) -> str:
        """What should be known of how a table was read, e.g. its encoding."""

    def warnings(self, table: Table) -> list[str]:
        """What is suspicious in how a table was read; all of it once that is done."""


@runtime_checkable
class InSql(Protocol):
    """A source of which DuckDB reads the tables itself."""

    def prepare(self, cursor: Any) -> None:
        """Make the tables visible on a cursor.

        Raises
        ------
        ImportFailed : they cannot be read.
        """

    def select(self, table: Table) -> str:
        """SQL of all rows of a table in their order, every column as text."""

    def release(self, cursor: Any) -> None:
        """Undo `prepare`."""


def open_sources(path: object) -> list[Source]:
    """What can be read at `path`, the most likely first.

    Parameters
    ----------
    path : a file, a folder or a zip of files, the address of a PostgreSQL database, a data frame,
        or a dictionary of frames by name.

    Raises
    ------
    ImportFailed : there is nothing at the path, or nothing that can be read.
    """
    from crmpanel.importing.finding import find_sources

    return find_sources(path)


def release(source: Source) -> None:
    """Give up what a source holds open, such as a connection; it can be read again."""
    if close := getattr(source, "close", None):
        close()


def check_columns(file: str, header: Sequence[str]) -> None:
    """Refuse a header that cannot be told apart.

    Raises
    ------
    ImportFailed : it has too many columns, or a name more than once.
    """
    if len(header) > MAX_COLUMNS:
        raise ImportFailed(
            f"{file} cannot be imported.",
            f"It has {len(header):,} columns; the limit is {MAX_COLUMNS:,}.",
            "Export fewer columns.",
        )
    counts = Counter(cell.strip() for cell in header if cell.strip())
    twice = sorted(name for name, count in counts.items() if count > 1)
    if twice:
        raise ImportFailed(
            f"{file} cannot be imported.",
            f"Its header names {', '.join(map(repr, twice[:10]))} more than once.",
            "Rename or remove one of the columns.",
        )


def check_cells(file: str, rows: list[Row]) -> None:
    """Refuse cells longer than anything a CRM keeps.

    Raises
    ------
    ImportFailed : there is one; names its row.
    """
    for number, cells in rows:
        if any(len(cell) > MAX_CELL for cell in cells if cell):
            raise ImportFailed(
                f"{file} cannot be imported.",
                f"A cell in row {number:,} is longer than {MAX_CELL:,} characters.",
                "Shorten it, or leave the row out.",
            )


def only_unicode(rows: list[Row], reject: OnReject) -> list[Row]:
    """The rows without those that hold half of a character, which no file of text can."""
    try:
        "".join(cell for _, cells in rows for cell in cells if cell).encode()
    except UnicodeEncodeError:
        return [row for row in rows if _is_unicode(row, reject)]
    return rows


def _is_unicode(row: Row, reject: OnReject) -> bool:
    text = " | ".join(cell or "" for cell in row[1])
    try:
        text.encode()
    except UnicodeEncodeError as error:
        half = f"U+{ord(text[error.start]):04X}"
        shown = text.encode("utf-8", "backslashreplace").decode()
        reject(row[0], shown, f"it holds half of a character ({half})")
        return False
    return True


def is_sqlite(path: Path) -> bool:
    """Whether the file begins like a SQLite database."""
    with path.open("rb") as file:
        return file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC
