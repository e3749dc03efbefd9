"""Viewed: a database of which other rows are seen than its tables hold, read only."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

import duckdb

from crmpanel.errors import StoreError
from crmpanel.model.entity import Entity
from crmpanel.model.registry import Registry
from crmpanel.query.query import Query
from crmpanel.query.sqltext import quoted
from crmpanel.store.database import Database
from crmpanel.store.rolling_back import Scope

RESULT = quoted("viewed result")


class Viewed(Database):
    """A database seen through views that stand before its tables; it cannot be written to.

    Each has a connection of its own with these views. Subclasses make them when the first query
    needs them, and again when they are out of date (``_prepared``).

    Parameters
    ----------
    below : the open database whose tables they stand before.
    scope : whose records are read; None for all.
    """

    def __init__(self, below: Database, scope: Scope | None = None) -> None:
        super(Database, self).__init__(below.path, below._connection)
        self._below, self.scope = below, scope
        self.tracers = below.tracers
        self.listeners, self.users, self.writes = [], 1, 0
        self._write_lock = self._lock = threading.RLock()
        self._users_lock = threading.Lock()
        below.pasts.add(self)

    @property
    def registry(self) -> Registry:
        """What is declared below."""
        return self._below.registry

    def status_roles(self, entity: str) -> dict[str, str]:
        """What each known status of `entity` means."""
        return self._below.status_roles(entity)

    def within(self, scope: Scope | None) -> Viewed:
        """The same for some of the records."""
        raise NotImplementedError

    def owner(self, entity: Entity, id: int) -> int | None:
        """The organisation that a record belongs to."""
        raise NotImplementedError

    # -- reading -------------------------------------------------------------------------------

    def _prepared(self, sql: str) -> duckdb.DuckDBPyConnection:
        """A connection, in a transaction, on which all views that a statement reads are right."""
        raise NotImplementedError

    @contextmanager
    def _run(self, sql: str, params: tuple[Any, ...]) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._lock, self._watched(sql, params):
            cursor = self._prepared(sql)
            try:
                yield cursor.execute(sql, list(params))
            finally:
                with suppress(duckdb.Error):
                    cursor.execute("ROLLBACK")

    def relation(self, query: Query) -> duckdb.DuckDBPyRelation:
        """The result as a relation; it is read at once, so that nothing later touches it."""
        own = self.within(self.scope)
        with own._watched(query.sql, query.params):
            cursor = own._prepared(query.sql)
            cursor.execute(f"CREATE TEMP TABLE {RESULT} AS {query.text}")
            cursor.execute("COMMIT")
            return cursor.table(RESULT)

    def _forget(self) -> None:
        """Give up the views; the next query makes them."""
        raise NotImplementedError

    # -- what it does not do -------------------------------------------------------------------

    def refusal(self) -> StoreError:
        """Why it cannot be written to."""
        raise NotImplementedError

    def _transaction(self, why: str, source: str, keep: bool = True) -> NoReturn:
        """Whatever writes begins with one."""
        raise self.refusal()

    def maintain(self, sql: str, params: tuple[Any, ...] = ()) -> None:
        """Raises `StoreError`: it cannot be written to."""
        raise self.refusal()

    def _shut(self, then: Any) -> None:
        """The database below stays open."""
        with self._lock:
            self._forget()
