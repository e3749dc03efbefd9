"""Reading: every query on a cursor of its own, its errors explained and its time told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from crmpanel.errors import StoreError
from crmpanel.query.query import Query
from crmpanel.store import refusals

#: Called with the SQL, its parameters and the seconds it took.
Tracer = Callable[[str, tuple[Any, ...], float], None]


class Reader:
    """The reading side of a database.

    Attributes
    ----------
    path : the file.
    tracers : callables that are told of every statement.
    """

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self.tracers: list[Tracer] = []
        self._connection = connection
        self._connecting = threading.Lock()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the same database; threads never share one.

        Raises
        ------
        duckdb.Error : the database is closed.
        """
        # A connection that is asked by two threads at once refuses one of them.
        with self._connecting:
            return self._connection.cursor()

    @contextmanager
    def _watched(self, sql: str, params: tuple[Any, ...]) -> Iterator[None]:
        """The tracers are told of a statement, and its errors are explained."""
        start = time.perf_counter()
        try:
            yield
        except duckdb.Error as error:
            explained = self._explained(error)
            if explained is None:
                raise
            raise explained from error
        finally:
            self._trace(sql, params, time.perf_counter() - start)

    def _explained(self, error: duckdb.Error) -> StoreError | None:
        """What an error of a read means; None if the mistake is in the statement."""
        return refusals.at_work(self.path, error)

    @contextmanager
    def _run(self, sql: str, params: tuple[Any, ...]) -> Iterator[duckdb.DuckDBPyConnection]:
        """A statement run on a cursor of its own."""
        with self._watched(sql, params):
            yield self.cursor().execute(sql, list(params))

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
            return self.cursor().sql(query.text)

    def _trace(self, sql: str, params: tuple[Any, ...], seconds: float) -> None:
        for tracer in self.tracers:
            tracer(sql, params, seconds)
