"""``crmpanel optimize``: every table in the order of its organisations again, in a new file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from crmpanel.errors import StoreError
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store import integrity, refusals, schema
from crmpanel.store.database import Database

Progress = Callable[[str, float], None]


def optimize(database: Database, progress: Progress | None = None) -> tuple[int, int]:
    """Write the database anew, clustered and without gaps, and put it in place of the old file.

    The old file stays as it is until the new one is complete. Afterwards `database` is closed.

    Returns
    -------
    before, after : bytes of the file.

    Raises
    ------
    StoreError : somebody else in this process has the database open, or there is no room.
    """
    if database.users > 1:
        raise StoreError(
            "The database is open elsewhere in this process.", "", "Close it there first."
        )
    path = database.path
    draft = path.with_name(path.name + ".optimizing")
    integrity.remove(draft)
    try:
        _copy(database, draft, progress or (lambda stage, done: None))
        before, after = path.stat().st_size, draft.stat().st_size
    except OSError as error:
        integrity.remove(draft)
        raise refusals.unusable(path, error) from error
    except BaseException:
        integrity.remove(draft)
        raise
    database.close(then=lambda: os.replace(draft, path))
    return before, after


def _copy(database: Database, draft: Path, progress: Progress) -> None:
    tables = [
        row[0]
        for row in database.rows(
            Query("SELECT table_name FROM duckdb_tables() WHERE NOT internal ORDER BY table_name")
        )
    ]
    database.maintain(f"ATTACH {literal(str(draft))} AS draft (STORAGE_VERSION 'v1.2.0')")
    try:
        for i, table in enumerate(tables):
            progress(f"Sorting {table}", i / len(tables))
            _copy_table(database, table)
        progress("Sorted", 1.0)
    finally:
        database.maintain("DETACH draft")


def _copy_table(database: Database, table: str) -> None:
    created = database.scalar(
        Query(
            "SELECT sql FROM duckdb_tables() WHERE table_name = ? AND NOT internal "
            "AND database_name = current_database()",
            (table,),
        )
    )
    order = (
        f" ORDER BY {schema.cluster_order(database.registry[table])}"
        if table in database.registry
        else ""
    )
    name = quoted(table)
    database.maintain(created.replace("CREATE TABLE ", "CREATE TABLE draft.", 1))
    database.maintain(f"INSERT INTO draft.{name} SELECT * FROM {name}{order}")
