"""Live: what lies elsewhere, seen as if it were in a database, and never copied there."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

import duckdb

from crmpanel.errors import StoreError
from crmpanel.model.entity import Entity
from crmpanel.query.query import Query
from crmpanel.query.sqltext import quoted
from crmpanel.store import refusals
from crmpanel.store.database import Database
from crmpanel.store.rolling_back import Scope
from crmpanel.store.viewed import Viewed

#: Seconds for which the rows of a card are shown where nothing tells that they have changed.
FRESH = 5.0
#: A record: its entity and id.
Record = tuple[str, int]


class Beyond(Protocol):
    """What lies elsewhere."""

    name: str

    @property
    def derived(self) -> frozenset[str]:
        """Fields that are made from other records, quoted: read only where they are named."""

    @property
    def is_told(self) -> bool:
        """Whether the version tells of rows that have changed, not of tables only."""

    def version(self) -> object:
        """What is another when the views have to be made again.

        Raises
        ------
        CrmError : it is not there any more, or not as it was understood.
        """

    def make(self, cursor: Any, record: Record | None, derived: bool) -> None:
        """Make a view of each entity; for a card, tables of what refers to the record.

        Parameters
        ----------
        derived : False to leave blank what is made from other records.
        """


class Live(Viewed):
    """A live source. Queries read it as they read a database; each reads what is there then.

    Parameters
    ----------
    below : an open database without records.
    beyond : what stands before its tables.
    scope : the record whose card is read; None for all.
    then : done when it is closed.
    """

    def __init__(
        self,
        below: Database,
        beyond: Beyond,
        scope: Scope | None = None,
        then: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(below, scope)
        self._beyond, self._then = beyond, then
        self._known: object = None
        self._made = 0.0
        #: With what is made from other records, and without.
        self._cursors: dict[bool, duckdb.DuckDBPyConnection] = {}
        if then is not None:
            below.pasts.discard(self)  # closes the one below, not the other way round

    def within(self, scope: Scope | None) -> Live:
        """The card of one record."""
        return Live(self._below, self._beyond, scope)

    def owner(self, entity: Entity, id: int) -> int | None:
        """The organisation that a record belongs to."""
        if entity.organisation in (None, "id"):
            return id if entity.organisation else None
        sql = f'SELECT {quoted(str(entity.organisation))} FROM {quoted(entity.name)} WHERE "id" = ?'
        found: int | None = self.scalar(Query(sql, (id,)))
        return found

    def refusal(self) -> StoreError:
        """Why it cannot be written to."""
        return StoreError(
            f"{self._beyond.name} cannot be changed here.",
            "It is a live source: shown as it lies, and read only.",
            "To work with it, import it: crmpanel import SOURCE --db FILE",
        )

    # -- reading -------------------------------------------------------------------------------

    def _prepared(self, sql: str) -> duckdb.DuckDBPyConnection:
        version = self._beyond.version()
        if version != self._known or self._is_stale():
            self.writes += self._known is not None  # what is derived from rows is out of date
            self._forget()
        named = "SELECT *" in sql or any(name in sql for name in self._beyond.derived)
        derived = self.scope is not None or named
        if derived not in self._cursors:
            cursor = self._below.cursor()
            try:
                self._beyond.make(cursor, self._record, derived)
            except BaseException:
                cursor.close()
                raise
            self._cursors[derived], self._known = cursor, version
            self._made = time.monotonic()
        self._cursors[derived].execute("BEGIN")
        return self._cursors[derived]

    def _is_stale(self) -> bool:
        """Whether the rows of a card, which were read at once, may have changed since."""
        return self.scope is not None and not (
            self._beyond.is_told or time.monotonic() - self._made < FRESH
        )

    def _forget(self) -> None:
        while self._cursors:
            self._cursors.popitem()[1].close()

    @property
    def _record(self) -> Record | None:
        if self.scope is None:
            return None
        if self.scope.entity:
            return self.scope.entity, self.scope.id
        root = next(entity.name for entity in self.registry if entity.organisation == "id")
        return root, self.scope.organisation

    def _explained(self, error: duckdb.Error) -> StoreError | None:
        """A statement that was right before is wrong where columns have gone."""
        if isinstance(error, duckdb.ConnectionException | duckdb.OutOfMemoryException):
            return super()._explained(error)
        return refusals.not_reached(self._beyond.name, error)

    def _shut(self, then: Any) -> None:
        super()._shut(then)
        if self._then is not None:
            self._then()
