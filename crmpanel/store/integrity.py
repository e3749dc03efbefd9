"""Was anything lost? The last commit is noted outside the file, row counts inside it.

A write-ahead log that is truncated, missing or foreign makes DuckDB open *silently without* rows
that were acknowledged. So each commit has a number and a random token, written into the database
with the commit and into a sidecar after it; and the row count of every table is kept beside the
tables. Between the two a process may be killed, so the database may be one commit ahead.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from crmpanel.errors import DamagedDatabase
from crmpanel.model.registry import Registry
from crmpanel.query.sqltext import literal, quoted


def log_file(path: Path) -> Path:
    """The write-ahead log that DuckDB keeps beside the database."""
    return path.with_name(path.name + ".wal")


def commits_file(path: Path) -> Path:
    """The sidecar that holds the number of the last acknowledged commit."""
    return path.with_name(path.name + ".commits")


def row_counts(cursor: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> dict[str, int]:
    """Rows per table, counted in one statement."""
    parts = [f"SELECT {literal(name)}, count(*) FROM {quoted(name)}" for name in tables]
    return dict(cursor.execute(" UNION ALL ".join(parts)).fetchall())


@dataclass(frozen=True)
class Commit:
    """A commit, with the token of the one before it; a blank token is not known."""

    number: int
    token: str = ""
    previous: str = ""

    @classmethod
    def parse(cls, text: str) -> Commit:
        """What `text` says: number, token, token of the commit before."""
        number, *tokens = text.split()
        return cls(int(number), *tokens[:2])

    def __str__(self) -> str:
        return f"{self.number} {self.token} {self.previous}".strip()

    def follows(self, noted: Commit) -> bool:
        """Whether this is the noted commit, or the one that came right after it."""
        token = self.token if self.number == noted.number else self.previous
        known = bool(token and noted.token)
        return self.number - noted.number in (0, 1) and (token == noted.token or not known)


def last_commit(cursor: duckdb.DuckDBPyConnection) -> Commit:
    """The last commit that the database holds."""
    row = cursor.execute("SELECT value FROM crm_meta WHERE key = 'commits'").fetchone()
    return Commit.parse(row[0]) if row else Commit(0)


def seal(
    cursor: duckdb.DuckDBPyConnection, registry: Registry, added: Mapping[str, int] | None = None
) -> Commit:
    """Inside a transaction: store row counts and the next commit, which is returned.

    Parameters
    ----------
    added : rows that were added to tables, less than 0 where some were deleted; None if that is
        not known, so that the rows are counted.
    """
    if added is None:
        counts = row_counts(cursor, [entity.name for entity in registry])
        cursor.execute(
            "INSERT OR REPLACE INTO table_rows SELECT unnest(?), unnest(?)",
            [list(counts), list(counts.values())],
        )
    else:
        for name, rows in added.items():
            cursor.execute("UPDATE table_rows SET rows = rows + ? WHERE name = ?", [rows, name])
    last = last_commit(cursor)
    commit = Commit(last.number + 1, secrets.token_hex(8), last.token)
    upsert = "UPDATE crm_meta SET value = ? WHERE key = 'commits'"
    if last.number == 0:
        upsert = "INSERT INTO crm_meta VALUES ('commits', ?)"
    cursor.execute(upsert, [str(commit)])
    return commit


def acknowledge(path: Path, commit: Commit) -> None:
    """After COMMIT: note outside the file what was acknowledged.

    The commit stands whether or not this succeeds: without a note, a loss only goes unnoticed.
    """
    target = commits_file(path)
    draft = target.with_name(target.name + ".new")
    try:
        with draft.open("w") as file:
            file.write(f"{commit}\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError:
        with suppress(OSError):
            target.unlink(missing_ok=True)


def acknowledged(path: Path) -> Commit | None:
    """The last acknowledged commit, or None where no sidecar came with the file."""
    try:
        return Commit.parse(commits_file(path).read_text())
    except (OSError, ValueError):
        return None


def remove(path: Path) -> None:
    """Delete a database and what belongs to it."""
    for file in (path, log_file(path), commits_file(path)):
        file.unlink(missing_ok=True)


def verify(path: Path, cursor: duckdb.DuckDBPyConnection) -> None:
    """Compare the database with what was acknowledged; raises `DamagedDatabase`."""
    noted, found = acknowledged(path), last_commit(cursor)
    if noted is not None and not found.follows(noted):
        raise DamagedDatabase(
            f"{path.name} is not what was saved last.",
            f"It ends at commit {found.number}, but commit {noted.number} was acknowledged: its "
            "write-ahead log was lost or exchanged, or another copy was put in its place.",
            f"Put back {path.name} together with {log_file(path).name}, or restore a backup. If "
            f"this copy is what you want, delete {commits_file(path).name}.",
        )
    wrong = _wrong_counts(cursor)
    if wrong:
        raise DamagedDatabase(
            f"{path.name} has lost rows.", "; ".join(wrong) + ".", "Restore a backup."
        )


def _wrong_counts(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    kept = dict(cursor.execute("SELECT name, rows FROM table_rows").fetchall())
    counted = row_counts(cursor, kept) if kept else {}
    return [
        f"table {name}: {counted[name]:,} rows, {kept[name]:,} expected"
        for name in kept
        if counted[name] != kept[name]
    ]
