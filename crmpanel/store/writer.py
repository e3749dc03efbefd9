"""Load: a bulk write inside one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import duckdb

from crmpanel.errors import StoreError, UnknownName
from crmpanel.model.entity import ROLES
from crmpanel.model.registry import Registry
from crmpanel.store import integrity


class Load:
    """Statements of one transaction; `Database.load` commits them or undoes them.

    Parameters
    ----------
    cursor : a cursor on which the transaction has begun.
    registry : the declared entities.
    why, source : kept with the changeset.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        registry: Registry,
        why: str,
        source: str,
        trace: Callable[[str, tuple[Any, ...]], None],
    ) -> None:
        self._cursor, self._registry, self._trace = cursor, registry, trace
        self.why, self.source = why, source
        self._failed: Exception | None = None

    def execute(self, sql: str, params: Sequence[Any] = ()) -> duckdb.DuckDBPyConnection:
        """Run one statement; returns the cursor with its result."""
        return self._run(self._cursor.execute, sql, params)

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> duckdb.DuckDBPyConnection:
        """Run one statement for each row of parameters."""
        return self._run(self._cursor.executemany, sql, rows)

    def _run(self, run: Callable[..., Any], sql: str, params: Sequence[Any]) -> Any:
        try:
            return run(sql, list(params))
        except duckdb.Error as error:
            # DuckDB answers a COMMIT after an error with OK and rolls back: remember it instead.
            self._failed = error
            raise
        finally:
            self._trace(sql, ())

    @cached_property
    def changeset(self) -> int:
        """Number of the changeset of this write, made when first asked for."""
        number = self.execute("SELECT coalesce(max(id), 0) + 1 FROM changeset").fetchone()[0]
        at = dt.datetime.now().replace(microsecond=0)
        self.execute(
            "INSERT INTO changeset VALUES (?, ?, NULL, ?, ?)", [number, at, self.why, self.source]
        )
        return int(number)

    def status_role(self, entity: str, status: str, role: str) -> None:
        """Declare what a free-text status means; `role` is one of `ROLES`."""
        self._registry[entity]
        if role not in ROLES:
            raise UnknownName("status role", role, ROLES)
        self.execute("INSERT OR REPLACE INTO status_role VALUES (?, ?, ?)", [entity, status, role])

    def seal(self) -> int:
        """Write row counts and the commit number, just before COMMIT; returns that number."""
        if self._failed is not None:
            raise StoreError("Nothing was written.", str(self._failed)) from self._failed
        return integrity.seal(self._cursor, self._registry)
