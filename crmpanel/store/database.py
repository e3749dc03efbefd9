"""Database: one DuckDB file, owned by one process; every read and write goes through it."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from crmpanel.errors import StoreError
from crmpanel.model.registry import Registry
from crmpanel.query.query import Query
from crmpanel.store import integrity, refusals
from crmpanel.store.lock import Ownership
from crmpanel.store.writer import Load, transaction

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
        self._roles: tuple[int, Mapping[str, dict[str, str]]] = (-1, {})

    # -- reading -----------------------------------------------------------------------------

    @contextmanager
    def _watched(self, sql: str, params: tuple[Any, ...]) -> Iterator[None]:
        """The tracers are told of a statement, and its errors are explained."""
        start = time.perf_counter()
        try:
            yield
        except duckdb.Error as error:
            explained = refusals.at_work(self.path, error)
            if explained is None:
                raise
            raise explained from error
        finally:
            self._trace(sql, params, time.perf_counter() - start)

    @contextmanager
    def _run(self, sql: str, params: tuple[Any, ...]) -> Iterator[duckdb.DuckDBPyConnection]:
        """A statement run on a cursor of its own: threads never share one."""
        with self._watched(sql, params):
            yield self._connection.cursor().execute(sql, list(params))

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._run(query.sql, query.params) as cursor:
            return cursor.fetchall()

    def records(self, query: Query) -> list[dict[str, Any]]:
        """All rows of a query as dictionaries by column name."""
        with self._run(query.sql, query.params) as cursor:
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def scalar(self, query: Query) -> Any:
        """The first value of the first row, or None."""
        with self._run(query.sql, query.params) as cursor:
            row = cursor.fetchone()
        return row[0] if row else None

    def frame(self, query: Query) -> Any:
        """The result as a pandas DataFrame."""
        with self._run(query.sql, query.params) as cursor:
            return cursor.df()

    def relation(self, query: Query) -> duckdb.DuckDBPyRelation:
        """The result as a lazy DuckDB relation, to be continued in SQL or Python."""
        with self._watched(query.sql, query.params):
            return self._connection.cursor().sql(query.text)

    def _trace(self, sql: str, params: tuple[Any, ...], seconds: float) -> None:
        for tracer in self.tracers:
            tracer(sql, params, seconds)

    def status_roles(self, entity: str) -> dict[str, str]:
        """What each known status of `entity` means, ``{"Completed": "completed"}``."""
        if self._roles[0] != self.writes:
            writes, roles = self.writes, defaultdict[str, dict[str, str]](dict)
            for name, status, role in self.rows(Query("SELECT * FROM status_role")):
                roles[name][status] = role
            self._roles = (writes, roles)
        return self._roles[1].get(entity, {})

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
        StoreError : a statement failed, even if that was caught on the way; nothing is written.
        """
        with self._write_lock:
            if self._loading:
                raise StoreError("A write cannot begin within another.", "", "Finish it first.")
            self._loading = True
            try:
                with transaction(self._connection, self.path) as cursor:
                    load = Load(cursor, self.registry, why, source, self._trace)
                    yield load
                    load.seal()
                self.writes += 1
            except duckdb.Error as error:
                raise refusals.not_written(self.path, error) from error
            finally:
                self._loading = False

    def remember_viewed(self, viewer: str, organisation: int) -> None:
        """Note that `viewer` looked at an organisation now (for "recently viewed")."""
        self.maintain(
            "INSERT INTO viewed VALUES (?, ?, now()::TIMESTAMP) "
            'ON CONFLICT DO UPDATE SET "at" = excluded."at"',
            (viewer, organisation),
        )

    def maintain(self, sql: str, params: tuple[Any, ...] = ()) -> None:
        """Run one statement, such as CHECKPOINT or COPY, outside any transaction."""
        with self._write_lock, self._run(sql, params):
            pass

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
            try:
                if self.users == 1:
                    self._shut(then)
            finally:
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
