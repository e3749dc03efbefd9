"""Snapshot: much that is read as of one moment, and written into files, while others go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from crmpanel.errors import StoreError
from crmpanel.query.sqltext import literal
from crmpanel.store import refusals
from crmpanel.store.database import Database

#: Rows that are in memory at a time.
BATCH = 10_000


class Snapshot:
    """A database as it was when it was first read; see `snapshot`."""

    def __init__(self, database: Database, cursor: duckdb.DuckDBPyConnection) -> None:
        self.registry, self.path = database.registry, database.path
        self._cursor = cursor

    def rows(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self._cursor.execute(sql, list(params)).fetchall()

    def batches(self, sql: str) -> Iterator[list[tuple[Any, ...]]]:
        """All rows of a query, of which few are in memory; nothing else is read meanwhile."""
        self._cursor.execute(sql)
        while rows := self._cursor.fetchmany(BATCH):
            yield rows

    def write(self, select: str, file: Path, options: str) -> int:
        """Write the result of a query into a file; gives the number of rows.

        Raises
        ------
        StoreError : the file cannot be written.
        """
        try:
            sql = f"COPY ({select}) TO {literal(str(file))} ({options})"
            row = self._cursor.execute(sql).fetchone()
        except duckdb.IOException as error:
            if file.name in str(error) or "No space" in str(error):
                why, remedy = refusals.first_line(error), "Name a folder that has room for it."
                raise StoreError(f"{file} cannot be written.", why, remedy) from error
            raise
        return int(row[0]) if row else 0


@contextmanager
def snapshot(database: Database) -> Iterator[Snapshot]:
    """Everything that is read within is of one moment; writes of others are not held up.

    Raises
    ------
    StoreError : something cannot be read or written.
    """
    cursor = database.cursor()
    try:
        cursor.execute("BEGIN")
        yield Snapshot(database, cursor)
    except duckdb.Error as error:
        explained = refusals.at_work(database.path, error)
        if explained is None:
            explained = StoreError("It cannot be written.", f"{refusals.first_line(error)}.", "")
        raise explained from error
    finally:
        with suppress(duckdb.Error):
            cursor.execute("ROLLBACK")
        cursor.close()
