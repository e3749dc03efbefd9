"""Sources: the tables at a path, whether CSV files or a SQLite database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from crmpanel.errors import ImportFailed

#: Rows that are handed on at once.
BATCH = 10_000

#: Characters in a cell; nothing a CRM keeps is longer, but an unclosed quotation mark makes it so.
MAX_CELL = 4_000_000

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


def open_sources(path: str | Path) -> list[Source]:
    """What can be read at `path`: a folder of CSV files, a SQLite file, or a folder with some.

    Raises
    ------
    ImportFailed : there is nothing at the path, or nothing that can be read.
    """
    place = Path(path).expanduser()
    if not place.exists():
        raise ImportFailed(
            f"There is no file or folder {place}.",
            "",
            "Give the folder that holds the exported files.",
        )
    try:
        return _in_folder(place.resolve()) if place.is_dir() else [_file(place.resolve())]
    except PermissionError as error:
        raise ImportFailed(
            f"{place.name} cannot be read.",
            f"{error.strerror}.",
            "Give yourself read access to it.",
        ) from None


def _in_folder(folder: Path) -> list[Source]:
    from crmpanel.importing.csvfiles import CsvFolder
    from crmpanel.importing.sqlitefile import SqliteFile

    files = sorted(f for f in folder.iterdir() if f.is_file() and not f.name.startswith("."))
    csvs = [f for f in files if f.suffix.lower() == ".csv"]
    claimed = [f for f in files if f.suffix.lower() in SQLITE_SUFFIXES]
    databases = [f for f in claimed if is_sqlite(f)]
    if claimed and not databases and not csvs:
        return [_file(claimed[0])]
    if not csvs and not databases:
        names = ", ".join(f.name for f in files[:8]) + (", …" if len(files) > 8 else "")
        raise ImportFailed(
            f"There is nothing to import in {folder.name}.",
            f"It holds no CSV or SQLite file, only {names}." if files else "The folder is empty.",
            "Give the folder that holds the exported files.",
        )
    found: list[Source] = [CsvFolder(folder, csvs)] if csvs else []
    return [*found, *(SqliteFile(f) for f in databases)]


def _file(path: Path) -> Source:
    from crmpanel.importing.sqlitefile import SqliteFile

    if is_sqlite(path):
        return SqliteFile(path)
    if path.suffix.lower() == ".csv":
        raise ImportFailed(
            f"{path.name} is one table of an export.",
            "A CRM export is a folder with a CSV file for each table.",
            f"Give the folder: {path.parent.name}.",
        )
    raise ImportFailed(
        f"{path.name} cannot be imported.",
        "It is not a SQLite file.",
        "Give a SQLite file, or a folder of CSV files.",
    )


def is_sqlite(path: Path) -> bool:
    """Whether the file begins like a SQLite database."""
    with path.open("rb") as file:
        return file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC
