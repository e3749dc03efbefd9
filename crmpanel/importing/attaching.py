"""Attaching: a source becomes a live one, which is read where it lies."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crmpanel.entities import REGISTRY
from crmpanel.errors import ImportFailed
from crmpanel.importing.choosing import Choice, choose, propose
from crmpanel.importing.customs import declare
from crmpanel.importing.finding import POSTGRES
from crmpanel.importing.inplace import InPlace, paths_of, state_of
from crmpanel.importing.loading import write_roles
from crmpanel.importing.looking import Looking, entities_of
from crmpanel.importing.mapping import Mapping, OfChildren
from crmpanel.importing.narrowing import Narrowing
from crmpanel.importing.plan import Plan
from crmpanel.importing.postgresduck import PostgresInDuck
from crmpanel.importing.seen import Facts, Seen
from crmpanel.importing.sources import Source, Table, open_sources
from crmpanel.model.registry import Registry
from crmpanel.query.lookup import moment
from crmpanel.query.sqltext import quoted
from crmpanel.store import Database, Live, create
from crmpanel.store.refusals import reaching

#: What the folders of the empty databases begin with, before the number of the process.
PREFIX = "crmpanel-live-"


def attach(
    path: object, mapping: str | Path | Mapping | None = None, registry: Registry = REGISTRY
) -> Live:
    """Somebody's data as a database that is read only, and read where they lie.

    Parameters
    ----------
    path : a folder of CSV or Parquet files, a DuckDB file, the address of a PostgreSQL database,
        or whatever else can be imported; see `MOST_HELD` for what is not read in place.
    mapping : as in `import_`; proposed or recognised if None.
    registry : the entities.

    Raises
    ------
    UnknownName, ImportFailed : it cannot be read so; says why and what to do.
    """
    _remove_leftovers()
    folder = tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-")
    try:
        below = create(Path(folder.name) / _file_name(path), registry)
        try:
            with reaching(below.path.name):
                attached = Attached(path, below, mapping)
        except BaseException:
            below.close()
            raise
    except BaseException:
        folder.cleanup()
        raise

    def close() -> None:
        attached.close()
        below.close()
        folder.cleanup()

    return Live(below, attached, then=close)


def _remove_leftovers() -> None:
    """The empty databases of processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).split("-")[0]
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except (ValueError, OSError):
            continue


def sources(path: object) -> list[Source]:
    """What can be read at `path`; another database is read by DuckDB, not by its own driver."""
    if isinstance(path, str) and (address := POSTGRES.fullmatch(path)):
        return [PostgresInDuck(f"postgresql://{address['rest']}")]
    return open_sources(path)


def _file_name(path: object) -> str:
    """A name for the empty database, which messages show: that of what is attached."""
    given = str(path) if isinstance(path, str | Path) else ""
    place = urlsplit(given).path if "://" in given else given
    name = re.sub(r"[^\w.-]", "_", re.split(r"[/\\]", place.rstrip("/\\"))[-1])
    return name[:80].strip(".") or "live"


class Attached:
    """What stands before the tables of a live source.

    Parameters
    ----------
    path, mapping : see `attach`.
    below : the empty database; what the mapping declares is declared there.
    """

    def __init__(self, path: object, below: Database, mapping: str | Path | Mapping | None) -> None:
        self._path, self._below = path, below
        self._lock = threading.RLock()
        self._number = 0
        self._place: InPlace | None = None
        self._tables: dict[str, Table] = {}
        choice = choose(path, below, mapping, sources)
        self.name = choice.source.name
        self._state = self._states(choice.source)
        place = InPlace(below, choice.source)
        try:
            found = self._understood(place, choice, isinstance(mapping, Mapping))
            with below.load("Live source", "live") as load:
                plan = declare(found, load)
            self._called = choice.name or found.mapping.name
            self._take(place, plan.mapping)
            self._write_roles()
        except BaseException:
            place.close()
            raise

    def _understood(self, place: InPlace, choice: Choice, is_complete: bool) -> Plan:
        """The source with a mapping that is complete, as an import would make it."""
        mapping = choice.mapping
        if mapping is not None:
            Plan(choice.source, mapping, self._below.registry).check()
        if mapping is None or not is_complete:
            made = propose(place, self._below.registry, choice).mapping
            mapping = made if mapping else replace(made, name=choice.name, title=self.name)
        return Plan(choice.source, mapping, self._below.registry)

    def _take(self, place: InPlace, mapping: Mapping) -> None:
        """Read a source from now on."""
        plan = Plan(place.source, mapping, self._below.registry)
        plan.check()
        for name, table in self._tables.items():
            if name not in plan.tables:
                raise ImportFailed(
                    f"{table.file} is not there any more.",
                    f"{self.name} was attached with it.",
                    "Put it back, or attach the source again.",
                )
        looking = Looking(self._below, place, Seen(plan, Facts(), self._called, moment()))
        self._place, self._seen, self._lying = place, looking.look(), looking.lying
        self._tables = plan.tables
        self._number += 1

    def _write_roles(self) -> None:
        with self._below.load("Live source", "live") as load:
            write_roles(load, self._seen.plan)

    # -- what a live database asks -------------------------------------------------------------

    def version(self) -> object:
        """See `Beyond`; files are looked at each time."""
        with self._lock:
            if self._place is None or self._states(self._place.source) != self._state:
                self._open_again()
            return self._number

    @property
    def is_told(self) -> bool:
        """See `Beyond`: of files one can tell that they have changed, not of another database."""
        return bool(self._state)

    def _states(self, source: Source) -> tuple[object, ...]:
        given = self._path
        folder = [Path(given)] if isinstance(given, str | Path) and Path(given).is_dir() else []
        return tuple((path, state_of(path)) for path in (*folder, *paths_of(source)))

    def _open_again(self) -> None:
        """Read what is there now, as it was understood before."""
        mapping = self._seen.plan.mapping
        if self._place is not None:
            self._place.close()  # a database cannot be attached twice
            self._place = None
        candidates = sources(self._path)
        source = next((s for s in candidates if s.name == self.name), candidates[0])
        state, place = self._states(source), InPlace(self._below, source)
        try:
            self._take(place, mapping)
        except BaseException:
            place.close()
            raise
        self._state = state

    @property
    def derived(self) -> frozenset[str]:
        """See `Beyond`."""
        return frozenset(
            quoted(name)
            for source in self._seen.plan.sources
            for name, value in source.fields.items()
            if isinstance(value, OfChildren)
        )

    def make(self, cursor: Any, record: tuple[str, int] | None, derived: bool) -> None:
        """See `Beyond`."""
        with self._lock:
            seen, lying = self._seen, self._lying
        if record is not None:
            entity = seen.plan.registry[record[0]]
            Narrowing(seen, lying, cursor, entity, record[1], not self.is_told).make()
            return
        for entity in entities_of(seen.plan):
            records = seen.records(entity, derived=derived)
            cursor.execute(f"CREATE TEMP VIEW {quoted(entity.name)} AS {records}")

    def close(self) -> None:
        """Give up the source."""
        if self._place is not None:
            self._place.close()
