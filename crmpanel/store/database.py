"""Database: one DuckDB file, owned by one process; every read and write goes through it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from crmpanel.model.registry import Registry
from crmpanel.query.query import Query
from crmpanel.store import integrity
from crmpanel.store.lock import Ownership
from crmpanel.store.writer import Load

#: Called with the SQL, its parameters and the seconds it took.
Tracer = Callable[[str, tuple[Any, ...], float], None]


class Database:
    """An open database. Make one with `open_` or `create`; `close` it, or use it in a ``with``.

    Attributes
    ----------
    path : the file.
    registry : the entities it holds.
    tracers : callables that are told of every statement.
    """

    def __init__(
        self,
        path: Path,
        registry: Registry,
        ownership: Ownership,
        connection: duckdb.DuckDBPyConnection,
    ) -> None:
        self.path, self.registry = path, registry
        self.tracers: list[Tracer] = []
        self.users = 1
        self._ownership, self._connection = ownership, connection
        self._write_lock = threading.RLock()
        self._roles: dict[str, dict[str, str]] | None = None

    def execute(self, query: Query) -> duckdb.DuckDBPyConnection:
        """Run a query on a cursor of its own; a connection is never shared between threads."""
        cursor = self._connection.cursor()
        start = time.perf_counter()
        try:
            return cursor.execute(query.sql, list(query.params))
        finally:
            self._trace(query.sql, query.params, time.perf_counter() - start)

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.execute(query).fetchall()

    def records(self, query: Query) -> list[dict[str, Any]]:
        """All rows of a query as dictionaries by column name."""
        cursor = self.execute(query)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def scalar(self, query: Query) -> Any:
        """The first value of the first row, or None."""
        row = self.execute(query).fetchone()
        return row[0] if row else None

    def frame(self, query: Query) -> Any:
        """The result as a pandas DataFrame."""
        return self.execute(query).df()

    def relation(self, query: Query) -> duckdb.DuckDBPyRelation:
        """The result as a lazy DuckDB relation, to be continued in SQL or Python."""
        self._trace(query.sql, query.params, 0.0)
        return self._connection.cursor().sql(query.text)

    def _trace(self, sql: str, params: tuple[Any, ...] = (), seconds: float = 0.0) -> None:
        for tracer in self.tracers:
            tracer(sql, params, seconds)

    def status_roles(self, entity: str) -> dict[str, str]:
        """What each known status of `entity` means, ``{"Completed": "completed"}``."""
        if self._roles is None:
            roles: dict[str, dict[str, str]] = {}
            for name, status, role in self.rows(Query("SELECT * FROM status_role")):
                roles.setdefault(name, {})[status] = role
            self._roles = roles
        return self._roles.get(entity, {})

    @contextmanager
    def load(self, why: str, source: str) -> Iterator[Load]:
        """One bulk write in one transaction: committed on exit, undone on any error.

        Parameters
        ----------
        why : what the write is for, in a person's words.
        source : where it comes from, e.g. ``import`` or ``demo``.
        """
        with self._write_lock:
            cursor = self._connection.cursor()
            cursor.execute("BEGIN")
            try:
                load = Load(cursor, self.registry, why, source, self._trace)
                yield load
                number = load.seal()
                cursor.execute("COMMIT")
            except BaseException:
                with suppress(duckdb.Error):
                    cursor.execute("ROLLBACK")
                raise
            integrity.acknowledge(self.path, number)
            self._roles = None

    def remember_viewed(self, viewer: str, organisation: int) -> None:
        """Note that `viewer` looked at an organisation now (for "recently viewed")."""
        with self._write_lock:
            self._connection.cursor().execute(
                "INSERT INTO viewed VALUES (?, ?, now()::TIMESTAMP) "
                'ON CONFLICT DO UPDATE SET "at" = excluded."at"',
                [viewer, organisation],
            )

    def maintain(self, sql: str) -> None:
        """Run a maintenance statement such as CHECKPOINT or VACUUM, outside any transaction."""
        with self._write_lock:
            self._connection.cursor().execute(sql)
            self._trace(sql)

    def close(self, then: Callable[[], object] | None = None) -> None:
        """Give up one use of the database; the last one closes the file.

        Parameters
        ----------
        then : done when the file is closed and still owned.
        """
        with self._write_lock:
            self.users -= 1
            if self.users == 0:
                self._connection.close()
                if then is not None:
                    then()
                self._ownership.release()

    def discard(self) -> None:
        """Close and delete a database that was just made and has come to nothing."""
        self.users = 1
        self.close(then=lambda: integrity.remove(self.path))

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
