"""Load: a bulk write inside one transaction."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from crmpanel.errors import UnknownName
from crmpanel.model.entity import ROLES, Entity, Field
from crmpanel.model.registry import Registry
from crmpanel.store import declaring, integrity


@contextmanager
def transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor in a transaction of which nothing is kept that was not committed within."""
    cursor.execute("BEGIN")
    try:
        yield cursor
    finally:
        with suppress(duckdb.Error):
            cursor.execute("ROLLBACK")


class Load:
    """Statements of one transaction; `Database.load` commits them or undoes them.

    Parameters
    ----------
    cursor : a cursor on which the transaction has begun.
    registry : the declared entities, with those that are declared on the way.
    why, source : kept with the changeset.
    trace : told of every statement, its parameters and seconds.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        registry: Registry,
        why: str,
        source: str,
        trace: Callable[[str, tuple[Any, ...], float], None],
    ) -> None:
        self._cursor, self.registry, self._trace = cursor, registry, trace
        self.why, self.source = why, source
        self._failed: Exception | None = None
        self._sealed: integrity.Commit | None = None

    def execute(self, sql: str, params: Sequence[Any] = ()) -> duckdb.DuckDBPyConnection:
        """Run one statement; returns the cursor with its result."""
        return self._run(self._cursor.execute, sql, params)

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> duckdb.DuckDBPyConnection:
        """Run one statement for each row of parameters."""
        return self._run(self._cursor.executemany, sql, rows)

    def _run(
        self, run: Callable[..., duckdb.DuckDBPyConnection], sql: str, params: Sequence[Any]
    ) -> duckdb.DuckDBPyConnection:
        start = time.perf_counter()
        try:
            return run(sql, list(params))
        except Exception as error:
            self._failed = error
            raise
        finally:
            self._trace(sql, tuple(params), time.perf_counter() - start)

    @cached_property
    def changeset(self) -> int:
        """Number of the changeset of this write, made when first asked for."""
        found = self.execute("SELECT coalesce(max(id), 0) + 1 FROM changeset").fetchone()
        number = int(found[0]) if found else 1
        at = dt.datetime.now().replace(microsecond=0)
        self.execute(
            'INSERT INTO changeset (id, "at", why, source) VALUES (?, ?, ?, ?)',
            [number, at, self.why, self.source],
        )
        return number

    def status_role(self, entity: str, status: str, role: str) -> None:
        """Declare what a free-text status means; `role` is one of `ROLES`."""
        self.status_roles(entity, {status: role})

    def status_roles(self, entity: str, roles: Mapping[str, str]) -> None:
        """Declare what several statuses of an entity mean."""
        self.registry[entity]
        for role in roles.values():
            if role not in ROLES:
                raise UnknownName("status role", role, ROLES)
        if roles:
            self.execute(
                "INSERT OR REPLACE INTO status_role SELECT ?, unnest(?), unnest(?)",
                [entity, list(roles), list(roles.values())],
            )

    def declare(self, entity: str, fields: Iterable[Field]) -> tuple[Field, ...]:
        """Give an entity more fields, which this database has from then on.

        Parameters
        ----------
        entity : name of the entity, of the code's or of the database's own.
        fields : what they are; a field that there is already, and can hold the same, stays as it
            is. Their group is `OTHER` unless they name one.

        Returns
        -------
        fields : as they are declared now. `registry` has them; that of the database has them when
            this write is committed.

        Raises
        ------
        UnknownName : there is no such entity, or none that a reference leads to.
        InputError : there is another field of that name, or it cannot be declared so.
        """
        return declaring.declare(self, entity, fields)

    def declare_entity(self, entity: Entity) -> Entity:
        """Add an entity with its table, which this database has from then on.

        Raises
        ------
        InputError : there is one of that name or plural, a table of that name, or it, or one of
            its fields, cannot be declared so.
        UnknownName : there is no entity that a reference leads to.
        """
        return declaring.declare_entity(self, entity)

    def seal(self, added: Mapping[str, int] | None = None) -> None:
        """Write row counts and the next commit number, just before COMMIT.

        Parameters
        ----------
        added : rows added by table; None if that is not known.

        Raises
        ------
        Exception : that of a statement which failed, if it was caught on the way.
        """
        if self._failed is not None:
            # DuckDB answers a COMMIT after an error with OK and rolls back.
            raise self._failed
        self._sealed = integrity.seal(self._cursor, self.registry, added)

    def commit(self, path: Path) -> None:
        """Commit what was sealed, and note that outside the file; without a seal there is nothing.

        Parameters
        ----------
        path : the database file.
        """
        if self._sealed is not None:
            self._cursor.execute("COMMIT")
            integrity.acknowledge(path, self._sealed)
