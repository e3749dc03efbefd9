"""Past: the database as it was at a moment, read only and exact, from the log."""

from __future__ import annotations

import duckdb

from crmpanel.errors import StoreError
from crmpanel.model.entity import Entity
from crmpanel.model.moment import Moment
from crmpanel.query.query import Query
from crmpanel.query.rollback import Rollback
from crmpanel.query.sqltext import quoted
from crmpanel.store.database import Database
from crmpanel.store.rolling_back import Scope, roll_back, roll_back_entities
from crmpanel.store.viewed import Viewed

#: Name of the database, and the first changeset that was no load.
WHERE = "SELECT current_database(), (SELECT min(id) FROM changeset WHERE token IS NOT NULL)"


class Past(Viewed):
    """A database as it was at a moment. Queries read it as they read the present one.

    The views are made when the first query needs them, and again when something has been written
    since. A field that was not yet declared then is blank; what a status means has no history.

    Parameters
    ----------
    present : the open database.
    moment : the moment.
    scope : whose records are read; None for all, of which those of an entity are rolled back when
        it is first read.
    """

    def __init__(self, present: Database, moment: Moment, scope: Scope | None = None) -> None:
        super().__init__(present, scope)
        self.moment: Moment = moment
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._known, self._ready = -1, set[str]()
        self._declared = present.registry

    @property
    def present(self) -> Database:
        """The open database."""
        return self._below

    def within(self, scope: Scope | None) -> Past:
        """The same moment for some of the records."""
        return Past(self.present, self.moment, scope)

    # -- reading -------------------------------------------------------------------------------

    def _prepared(self, sql: str) -> duckdb.DuckDBPyConnection:
        """The connection, in a transaction that sees no log row which the views do not know."""
        while True:
            cursor = self._cursor or self._below.cursor()
            cursor.execute("BEGIN")
            logged, registry = self._logged(cursor), self.registry
            known = logged == self._known and registry is self._declared
            if not known and self._cursor is not None:
                self._forget()
                continue
            missing = [e for e in registry if e.name not in self._ready and _reads(sql, e)]
            if known and not missing:
                return cursor
            try:
                self._roll_back(cursor, missing)
                cursor.execute("COMMIT")
            except BaseException:
                cursor.close()
                self._forget()
                raise
            self._cursor, self._known, self._declared = cursor, logged, registry

    def _roll_back(self, cursor: duckdb.DuckDBPyConnection, entities: list[Entity]) -> None:
        rollback = Rollback(self.registry, self.moment, *cursor.execute(WHERE).fetchall()[0])
        if self.scope is not None:
            roll_back(cursor, rollback, self.scope)
            self._ready = {entity.name for entity in self.registry}
        else:
            roll_back_entities(cursor, rollback, entities, first=not self._ready)
            self._ready |= {entity.name for entity in entities}

    def _logged(self, cursor: duckdb.DuckDBPyConnection) -> int:
        """Rows of the log: each changeset that is of any account here adds some."""
        name = next(entity.name for entity in self.registry if entity.about)
        sql = "SELECT rows FROM table_rows WHERE name = ?"
        return int(cursor.execute(sql, [name]).fetchall()[0][0])

    def _forget(self) -> None:
        cursor, self._cursor = self._cursor, None
        self._known, self._ready = -1, set()
        if cursor is not None:
            cursor.close()

    def owner(self, entity: Entity, id: int) -> int | None:
        """The organisation that a record belonged to; that of today if it was not there."""
        if entity.organisation in (None, "id"):
            return id if entity.organisation else None
        rollback = Rollback(self.registry, self.moment, *self.present.rows(Query(WHERE))[0])
        found = self.present.rows(Query(rollback.owner(entity, id)))
        return next((row[0] for row in found if row[0] is not None), None)

    def refusal(self) -> StoreError:
        """Why it cannot be written to."""
        return StoreError("The past cannot be changed.", "", "Go back to the present first.")


def _reads(sql: str, entity: Entity) -> bool:
    """Whether a query may read the table of an entity."""
    return quoted(entity.name) in sql
