"""Database: one DuckDB file, owned by one process; every read and write goes through it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from crmpanel.errors import StoreError
from crmpanel.model.registry import Registry
from crmpanel.query.query import Query
from crmpanel.store import integrity, refusals
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
    users : how many parts of this process have it open.
    writes : how many writes this process has committed; what is derived from rows is as old.
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
        self.users, self.writes = 1, 0
        self._ownership, self._connection = ownership, connection
        self._users_lock, self._write_lock = threading.Lock(), threading.RLock()
        self._loading = False
        self._roles: tuple[int, dict[str, dict[str, str]]] = (-1, {})

    # -- reading -----------------------------------------------------------------------------

    @contextmanager
    def _cursor(self, query: Query) -> Iterator[duckdb.DuckDBPyConnection]:
        """A query run on a cursor of its own; a connection is never shared between threads."""
        start = time.perf_counter()
        try:
            yield self._connection.cursor().execute(query.sql, list(query.params))
        except duckdb.Error as error:
            raise refusals.at_work(self.path, error) from error.__cause__
        finally:
            self._trace(query.sql, query.params, time.perf_counter() - start)

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._cursor(query) as cursor:
            return cursor.fetchall()

    def records(self, query: Query) -> list[dict[str, Any]]:
        """All rows of a query as dictionaries by column name."""
        with self._cursor(query) as cursor:
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def scalar(self, query: Query) -> Any:
        """The first value of the first row, or None."""
        with self._cursor(query) as cursor:
            row = cursor.fetchone()
        return row[0] if row else None

    def frame(self, query: Query) -> Any:
        """The result as a pandas DataFrame."""
        with self._cursor(query) as cursor:
            return cursor.df()

    def relation(self, query: Query) -> duckdb.DuckDBPyRelation:
        """The result as a lazy DuckDB relation, to be continued in SQL or Python."""
        self._trace(query.sql, query.params, 0.0)
        try:
            return self._connection.cursor().sql(query.text)
        except duckdb.Error as error:
            raise refusals.at_work(self.path, error) from error.__cause__

    def _trace(self, sql: str, params: tuple[Any, ...] = (), seconds: float = 0.0) -> None:
        for tracer in self.tracers:
            tracer(sql, params, seconds)

    def status_roles(self, entity: str) -> dict[str, str]:
        """What each known status of `entity` means, ``{"Completed": "completed"}``."""
        writes, roles = self._roles
        if writes != self.writes:
            writes, roles = self.writes, {}
            for name, status, role in self.rows(Query("SELECT * FROM status_role")):
                roles.setdefault(name, {})[status] = role
            self._roles = (writes, roles)
        return roles.get(entity, {})

    # -- writing -----------------------------------------------------------------------------

    @contextmanager
    def load(self, why: str, source: str) -> Iterator[Load]:
        """One bulk write in one transaction: committed on exit, undone on any error.

        Parameters
        ----------
        why : what the write is for, in a person's words.
        source : where it comes from, e.g. ``import`` or ``demo``.

        Raises
        ------
        StoreError : a statement failed, even if its error was caught on the way; nothing is written.
        """
        with self._write_lock:
            if self._loading:
                raise StoreError("A write cannot begin within another.", "", "Finish it first.")
            self._loading = True
            try:
                yield from self._transaction(why, source)
            except duckdb.Error as error:
                raise refusals.not_written(self.path, error) from error
            finally:
                self._loading = False

    def _transaction(self, why: str, source: str) -> Iterator[Load]:
        cursor = self._connection.cursor()
        cursor.execute("BEGIN")
        try:
            load = Load(cursor, self.registry, why, source, self._trace)
            yield load
            if load.failed is not None:
                raise refusals.not_written(self.path, load.failed) from load.failed
            number = integrity.seal(cursor, self.registry)
            cursor.execute("COMMIT")
        except BaseException:
            with suppress(duckdb.Error):
                cursor.execute("ROLLBACK")
            raise
        integrity.acknowledge(self.path, number)
        self.writes += 1

    def remember_viewed(self, viewer: str, organisation: int) -> None:
        """Note that `viewer` looked at an organisation now (for "recently viewed")."""
        self.maintain(
            "INSERT INTO viewed VALUES (?, ?, now()::TIMESTAMP) "
            'ON CONFLICT DO UPDATE SET "at" = excluded."at"',
            (viewer, organisation),
        )

    def maintain(self, sql: str, params: tuple[Any, ...] = ()) -> None:
        """Run one statement, such as CHECKPOINT or COPY, outside any transaction."""
        with self._write_lock:
            start = time.perf_counter()
            try:
                self._connection.cursor().execute(sql, list(params))
            except duckdb.Error as error:
                raise refusals.at_work(self.path, error) from error.__cause__
            finally:
                self._trace(sql, params, time.perf_counter() - start)

    # -- opening and closing -------------------------------------------------------------------

    def share(self) -> bool:
        """Count one more user; False if the last one has closed the database already."""
        with self._users_lock:
            self.users += self.users > 0
            return self.users > 0

    def close(self, then: Callable[[], object] | None = None) -> None:
        """Give up one use of the database; the last one closes the file. More often does nothing.

        Parameters
        ----------
        then : done when the file is closed and still owned.
        """
        with self._users_lock:
            if self.users == 0:
                return
            if self.users == 1:
                self._shut(then)
            self.users -= 1

    def _shut(self, then: Callable[[], object] | None) -> None:
        with self._write_lock:
            try:
                self._connection.close()
                if then is not None:
                    then()
            finally:
                self._ownership.release()

    def discard(self) -> None:
        """Close and delete a database that was just made and has come to nothing."""
        self.users = min(self.users, 1)
        self.close(then=lambda: integrity.remove(self.path))

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
