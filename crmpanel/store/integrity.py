"""Was anything lost? A commit counter outside the file, row counts inside it.

A write-ahead log that is truncated, missing or foreign makes DuckDB open *silently without* rows
that were acknowledged. So each commit has a number, written into the database with the commit and
into a sidecar after it; and the row count of every table is kept beside the tables.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
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


def commit_number(cursor: duckdb.DuckDBPyConnection) -> int:
    """Number of the last commit that the database holds."""
    row = cursor.execute("SELECT value FROM crm_meta WHERE key = 'commits'").fetchone()
    return int(row[0]) if row else 0


def seal(cursor: duckdb.DuckDBPyConnection, registry: Registry) -> None:
    """Inside a transaction: store row counts and the next commit number."""
    number = commit_number(cursor) + 1
    counts = row_counts(cursor, [entity.name for entity in registry])
    cursor.executemany("INSERT OR REPLACE INTO table_rows VALUES (?, ?)", list(counts.items()))
    cursor.execute("INSERT OR REPLACE INTO crm_meta VALUES ('commits', ?)", [str(number)])


def acknowledge(path: Path, number: int) -> None:
    """After COMMIT: note outside the file that commit `number` was acknowledged.

    The commit stands whether or not this succeeds: without it, a loss would only go unnoticed.
    """
    target = commits_file(path)
    draft = target.with_name(target.name + ".new")
    with suppress(OSError):
        with draft.open("w") as file:
            file.write(f"{number}\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)


def acknowledged(path: Path) -> int | None:
    """The last acknowledged commit, or None where no sidecar came with the file."""
    try:
        return int(commits_file(path).read_text())
    except (OSError, ValueError):
        return None


def remove(path: Path) -> None:
    """Delete a database and what belongs to it."""
    for file in (path, log_file(path), commits_file(path)):
        file.unlink(missing_ok=True)


def verify(path: Path, cursor: duckdb.DuckDBPyConnection) -> None:
    """Compare the database with what was acknowledged; raises `DamagedDatabase`."""
    expected, found = acknowledged(path), commit_number(cursor)
    if expected is not None and found < expected:
        raise DamagedDatabase(
            f"{path.name} does not hold everything that was saved in it.",
            f"It ends at commit {found}, but commit {expected} was acknowledged: its write-ahead "
            "log was lost, or an older copy was put in its place.",
            f"Put back {path.name} together with {log_file(path).name}, or restore a backup. If "
            f"the older copy is what you want, delete {commits_file(path).name}.",
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
