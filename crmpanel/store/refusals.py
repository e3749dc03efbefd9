"""What can be wrong with a database file, in words that a person can act on."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from crmpanel.errors import (
    DamagedDatabase,
    ForeignDatabase,
    LockedDatabase,
    MissingDatabase,
    NewerDatabase,
    StoreError,
)

#: What DuckDB raises when a file, a disk or its own state is broken, not the statement.
BROKEN = (
    duckdb.IOException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.SerializationException,
)


def refuse_other_files(path: Path) -> None:
    """Raise unless there is a DuckDB file at `path`; it is not opened as a database for that."""
    try:
        mode = path.stat().st_mode
        head = _head(path) if stat.S_ISREG(mode) else b""
    except FileNotFoundError:
        raise MissingDatabase(
            f"There is no database at {path}.",
            "",
            "Make one with: crmpanel demo --db FILE, or: crmpanel import FOLDER --db FILE, "
            "or an empty one to import into with: crmpanel serve --new FILE",
        ) from None
    except (OSError, ValueError) as error:
        raise unusable(path, error) from None
    if stat.S_ISDIR(mode):
        raise ForeignDatabase(
            f"{path} is a folder, not a database.",
            "",
            "To import the files in it: crmpanel import FOLDER --db FILE",
        )
    if head[8:12] != b"DUCK":
        raise ForeignDatabase(
            f"{path.name} is not a crmpanel database.",
            "It is a SQLite file." if head.startswith(b"SQLite") else "It is no DuckDB file.",
            "To import it: crmpanel import FILE --db NEW",
        )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def unusable(path: Path, error: Exception) -> StoreError:
    """The operating system refused the file."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    remedy = "Give yourself write access to the file and its folder."
    if not isinstance(error, PermissionError):
        remedy = "Put the database on a local disk that can be written, and try again."
    return StoreError(f"{path} cannot be opened for writing.", f"{reason}.", remedy)


def foreign(path: Path) -> ForeignDatabase:
    """A DuckDB file without the tables that every crmpanel database has."""
    return ForeignDatabase(
        f"{path.name} is a DuckDB database, but not one of crmpanel's.",
        "It has no table crm_meta.",
        "Import its tables into a new database with: crmpanel import",
    )


def newer(path: Path, found: int, known: int) -> NewerDatabase:
    """A schema with a higher number than this version of crmpanel has."""
    return NewerDatabase(
        f"{path.name} was made by a later version of crmpanel.",
        f"Its schema is number {found}; this version knows up to {known}.",
        "Upgrade crmpanel. The file was not touched.",
    )


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Errors of opening the file at `path`, explained."""
    try:
        yield
    except duckdb.Error as error:
        raise at_opening(path, error) from error
    except OSError as error:
        raise unusable(path, error) from error


def at_opening(path: Path, error: duckdb.Error) -> StoreError:
    """What an error of DuckDB at opening means to a person."""
    text = first_line(error)
    if "Could not set lock" in text or "Conflicting lock" in text:
        return LockedDatabase(
            f"The database {path.name} is in use.",
            text,
            "Stop the process that has it open, and try again.",
        )
    if "version number" in text or "newer version" in text:
        return NewerDatabase(
            f"{path.name} was made by another version of DuckDB.",
            text,
            "Upgrade DuckDB. The file was not touched.",
        )
    if "Permission" in text or "Read-only" in text:
        return unusable(path, PermissionError(0, text.rstrip(".")))
    return damaged(path, error)


def damaged(path: Path, error: duckdb.Error) -> DamagedDatabase:
    """The file cannot be read."""
    return DamagedDatabase(
        f"{path.name} cannot be read.", first_line(error), "Restore a backup, or import again."
    )


def at_work(path: Path, error: duckdb.Error) -> StoreError | None:
    """What an error of a read means; None if the mistake is in the statement."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return StoreError(
            f"There is not enough memory for this part of {path.name}.",
            first_line(error),
            "Narrow the list with a filter, or give the process more memory.",
        )
    if isinstance(error, duckdb.ConnectionException):
        return StoreError(f"{path.name} is closed.", "", "Connect again.")
    # A block whose checksum is wrong comes as the error from which all others descend.
    broken = isinstance(error, BROKEN) or type(error) is duckdb.Error
    return damaged(path, error) if broken else None


def not_reached(name: str, error: duckdb.Error) -> StoreError:
    """A live source that could not be read."""
    return StoreError(
        f"{name} cannot be read now.",
        first_line(error),
        "Look whether all of it is there and whole, then try again.",
    )


@contextmanager
def reaching(name: str) -> Iterator[None]:
    """Errors of looking at a live source, explained."""
    try:
        yield
    except duckdb.Error as error:
        raise not_reached(name, error) from error


def not_written(path: Path, error: Exception) -> StoreError:
    """A write that failed and was undone."""
    remedy = "Try again."
    if isinstance(error, duckdb.IOException) or "Could not write" in str(error):
        remedy = "Look whether the disk is full. Nothing that was saved before is lost."
    return StoreError(f"Nothing was written to {path.name}.", first_line(error), remedy)


def first_line(error: Exception) -> str:
    """The first line of what an error says, as a sentence."""
    line = next(iter(str(error).splitlines()), type(error).__name__)
    return line if line.endswith((".", "!", "?")) else line + "."
