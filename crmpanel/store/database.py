"""Database: one DuckDB file, owned by one process; every read and write goes through it."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from crmpanel.errors import StoreError
from crmpanel.model.changeset import Applied, Changeset
from crmpanel.model.moment import Moment
from crmpanel.model.registry import Registry
from crmpanel.query.query import Query
from crmpanel.store import changesets, integrity, refusals, undoing
from crmpanel.store.lock import Ownership
from crmpanel.store.numbering import Numbering
from crmpanel.store.reader import Reader
from crmpanel.store.summary import Outdated, Summary, apply_previewed, summarise
from crmpanel.store.writer import Load, transaction

#: Seconds that reads have to come to their end when the database is closed.
PATIENCE = 5.0
#: Called with what a changeset did.
Listener = Callable[[Applied], None]
Act = Callable[[Load, Numbering, Changeset], Applied]


class Database(Reader):
    """An open database. Make one with `open_` or `create`; `close` it, or use it in a ``with``.

    Attributes
    ----------
    path : the file.
    code : the entities that it was opened with.
    registry : these, with the fields and entities that the database declares itself; another one
        when it has come to declare more.
    tracers : callables that are told of every statement.
    listeners : callables that are told what a changeset did, once it is committed.
    moment : the moment that it shows; None if that is the present.
    users : how many parts of this process have it open.
    writes : how many writes this process has committed; what is derived from rows is as old.
    """

    moment: Moment | None = None

    def __init__(
        self,
        path: Path,
        registry: Registry,
        ownership: Ownership,
        connection: duckdb.DuckDBPyConnection,
    ) -> None:
        super().__init__(path, connection)
        self.code = self._registry = registry
        self.listeners: list[Listener] = []
        self.users, self.writes = 1, 0
        self._ownership, self._numbering = ownership, Numbering()
        self._users_lock, self._write_lock = threading.Lock(), threading.RLock()
        self._loading = False
        #: What reads this database as it was; it closes with it.
        self.pasts: weakref.WeakSet[Database] = weakref.WeakSet()
        self._roles: tuple[int, Mapping[str, dict[str, str]]] = (-1, {})

    @property
    def registry(self) -> Registry:
        """The entities and fields of the code and of the database together."""
        return self._registry

    def declared(self, registry: Registry) -> None:
        """Take the entities and fields that the database has when it is opened."""
        self._registry = registry

    @property
    def present(self) -> Database:
        """The database as it is now: this one, unless it shows the past."""
        return self

    def refusal(self) -> StoreError | None:
        """Why it cannot be written to; None if it can."""
        return None

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
        with self._transaction(why, source) as load:
            yield load
            load.seal()

    @contextmanager
    def _transaction(self, why: str, source: str, keep: bool = True) -> Iterator[Load]:
        """The one write that there is at a time; rolled back unless it is to be kept."""
        with self._write_lock:
            if self._loading:
                raise StoreError("A write cannot begin within another.", "", "Finish it first.")
            self._loading = True
            try:
                with transaction(self.cursor()) as cursor:
                    load = Load(cursor, self.registry, why, source, self._trace)
                    yield load
                    if keep:
                        load.commit(self.path)
                        self._registry = load.registry
                self.writes += keep
            except duckdb.Error as error:
                raise refusals.not_written(self.path, error) from error
            finally:
                self._loading = False

    def apply(self, changeset: Changeset) -> Applied:
        """Write a changeset and its log, as a whole or not at all.

        Raises
        ------
        ValidationFailed : it cannot be saved; lists every problem.
        Conflict : somebody else changed or deleted what it changes.
        StoreError : it could not be written.
        """
        return self._told(changesets.apply, changeset)

    def undo(
        self, number: int, user: int | None = None, only: tuple[str, int] | None = None
    ) -> Applied:
        """Reverse a changeset by a new one.

        Parameters
        ----------
        user : id of the user who does it, if known.
        only : entity and id of a record that the changeset deleted. It comes back, with what went
            with it and the references to these, unless they have been given another value since;
            its own references to records that are not there now are blank. All else stays.

        Raises
        ------
        NotFound : there is no such changeset, or it did not delete that record.
        UndoRefused : something later stands on it; lists all of that.
        """
        act = partial(undoing.undo, only=only)
        return self._told(act, undoing.reversal(number, user, only))

    def perform(self, act: Act, changeset: Changeset, keep: bool = True) -> Applied:
        """Let `act` write a changeset in the one write that there is at a time, e.g. an import.

        Parameters
        ----------
        act : writes and seals; what it does not seal is rolled back.
        keep : False to roll back whatever it does: nobody hears of it then.

        Raises
        ------
        StoreError : a statement failed, even if that was caught on the way; nothing is written.
        """
        if keep:
            return self._told(act, changeset)
        with self._write_lock:
            try:
                with self._transaction(changeset.why, changeset.source, keep=False) as load:
                    return act(load, self._numbering.begin(load, self.writes), changeset)
            finally:
                self._numbering.as_of = -1  # what was numbered never was

    def _told(self, act: Act, changeset: Changeset) -> Applied:
        with self._write_lock:
            with self._transaction(changeset.why, changeset.source) as load:
                applied = act(load, self._numbering.begin(load, self.writes), changeset)
            self._numbering.committed(changeset.token, applied.number, self.writes)
        for listener in list(self.listeners) if applied else ():
            try:
                listener(applied)
            except Exception:
                # What is committed stands, whoever cannot bear to hear of it.
                logging.getLogger(__name__).exception("A listener failed.")
        return applied

    def preview(self, changeset: Changeset) -> Any:
        """What a changeset would do, as a pandas DataFrame with a row for each value.

        Raises
        ------
        ValidationFailed, Conflict : as when it is applied.
        """
        with self._transaction(changeset.why, changeset.source, keep=False) as load:
            return changesets.preview(load, self._numbering.begin(load, self.writes), changeset)

    def summary(self, changeset: Changeset) -> Summary:
        """What a mass edit would do, counted; records that cannot be changed are told by name.

        Raises
        ------
        ValidationFailed : no record can be changed so.
        """
        with self._transaction(changeset.why, changeset.source, keep=False) as load:
            return summarise(load, self._numbering.begin(load, self.writes), changeset)

    def apply_previewed(self, previewed: Summary, leave_out: bool = False) -> Applied | Summary:
        """Write a mass edit if it does what was previewed.

        Parameters
        ----------
        leave_out : write the rest where some records are refused.

        Returns
        -------
        applied : what it did; or what it would do by now if that is something else: nothing is
            written then.

        Raises
        ------
        ValidationFailed, Conflict, StoreError : as `apply`.
        """
        act = partial(_previewed, previewed, leave_out)
        try:
            return self._told(act, previewed.changeset)
        except Outdated as outdated:
            return outdated.summary

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
        for past in list(self.pasts):
            past.close()
        with self._write_lock:
            try:
                self._close_connection()
                if then is not None:
                    then()
            finally:
                self._ownership.release()

    def _close_connection(self) -> None:
        """Close it when the reads that run have come to their end; slow ones are stopped."""
        start = time.monotonic()
        while True:
            try:
                with self._connecting:
                    return self._connection.close()
            except duckdb.Error:  # refused while a cursor is at work in another thread
                waited = time.monotonic() - start
                if waited > 2 * PATIENCE:
                    raise
                if waited > PATIENCE:
                    self._connection.interrupt()
                time.sleep(0.01)

    def discard(self) -> None:
        """Close and delete a database that was just made and has come to nothing."""
        self.users = min(self.users, 1)
        self.close(then=lambda: integrity.remove(self.path))

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _previewed(
    previewed: Summary, leave_out: bool, load: Load, numbering: Numbering, _: Changeset
) -> Applied:
    return apply_previewed(load, numbering, previewed, leave_out)
