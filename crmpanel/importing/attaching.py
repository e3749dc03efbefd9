"""Attaching: a source becomes a live one, which is read where it lies."""

from __future__ import annotations

import re
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
from crmpanel.importing.inplace import InPlace, Lying, paths_of, state_of
from crmpanel.importing.linking import known, stand_ins
from crmpanel.importing.loading import write_roles
from crmpanel.importing.mapping import Mapping, OfChildren
from crmpanel.importing.narrowing import Narrowing, as_they_are
from crmpanel.importing.origin import view
from crmpanel.importing.plan import Plan
from crmpanel.importing.postgresduck import PostgresInDuck
from crmpanel.importing.seen import Facts, Seen, id_of, linked
from crmpanel.importing.sources import Source, open_sources
from crmpanel.model.entity import Entity
from crmpanel.model.registry import Registry
from crmpanel.query.lookup import moment
from crmpanel.query.sqltext import quoted
from crmpanel.store import Database, Live, create


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
    folder = tempfile.TemporaryDirectory(prefix="crmpanel-live-")
    try:
        below = create(Path(folder.name) / _file_name(path), registry)
        try:
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
            made = propose(place, self._below.registry, mapping).mapping
            mapping = made if mapping else replace(made, name=choice.name, title=self.name)
        return Plan(choice.source, mapping, self._below.registry)

    def _take(self, place: InPlace, mapping: Mapping) -> None:
        """Read a source from now on."""
        plan = Plan(place.source, mapping, self._below.registry)
        plan.check()
        looking = Looking(self._below, place, Seen(plan, Facts(), self._called, moment()))
        self._place, self._seen, self._lying = place, looking.look(), looking.lying
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


def entities_of(plan: Plan) -> list[Entity]:
    """The entities that get records: first what others belong to."""
    found = [plan.registry[name] for name in plan.entities]
    return sorted(found, key=lambda entity: entity.organisation not in (None, "id"))


def make_views(seen: Seen, lying: dict[str, Lying], cursor: Any) -> None:
    """Make the views of a live source in the database below, where every cursor sees them.

    Entities keep their empty tables there; what stands before these is made for each cursor.
    """
    for sql in statements(seen, lying):
        cursor.execute(f"CREATE OR REPLACE {sql}")


def statements(seen: Seen, lying: dict[str, Lying]) -> list[str]:
    """The views that the records of a live source are made of."""
    plan, made = seen.plan, list[str]()
    numbered = seen.numbered()
    for name, table in lying.items():
        places = ((c, table.columns[place]) for c, place in plan.staged[name].items())
        rows = table.rows(name in numbered)
        made.append(view(plan, name, rows, table.columns, as_they_are(places)))
    for entity in entities_of(plan):
        made += seen.views(entity)
    return made


class Looking:
    """The first look through a source: which keys and links are as one would expect.

    Parameters
    ----------
    below, place : where it is looked from, and the tables.
    seen : the records, of which nothing is known yet.
    """

    def __init__(self, below: Database, place: InPlace, seen: Seen) -> None:
        self._cursor, self._place, self._seen = below.cursor(), place, seen
        self._facts: Facts | None = None
        plan = seen.plan
        self.lying = {name: place.table(table.name) for name, table in plan.tables.items()}

    def look(self) -> Seen:
        """The records, with what is known of them.

        Raises
        ------
        ImportFailed : a table that is needed is empty, or two keys would have the same id.
        """
        self._know(self._seen.facts)
        entities = entities_of(self._seen.plan)
        repeated = frozenset(e.name for e in entities if self._is_repeated(e))
        self._know(replace(self._seen.facts, repeated=repeated))
        stood = {e.name: held for e in entities if (held := self._stand_ins(e))}
        self._know(replace(self._seen.facts, stand_ins=stood))
        complete = frozenset(
            (entity.name, field.name)
            for entity in entities
            for field in entity.references
            if self._is_complete(entity, field.name, str(field.target))
        )
        self._know(replace(self._seen.facts, complete=complete))
        self._cursor.close()
        return self._seen

    def _know(self, facts: Facts) -> None:
        """Make the views with what is known."""
        if facts != self._facts:
            self._facts, self._seen = facts, replace(self._seen, facts=facts)
            make_views(self._seen, self.lying, self._cursor)

    def _count(self, what: str, relation: str) -> tuple[int, ...]:
        [found] = self._cursor.execute(f"SELECT {what} FROM {relation}").fetchall()
        return tuple(map(int, found))

    def _is_repeated(self, entity: Entity) -> bool:
        """Whether a key occurs in several rows."""
        key, sources = '"source_key"', self._seen.plan.of(entity.name)
        what = f"count(*), count(DISTINCT {key}), count(DISTINCT {id_of(key)})"
        rows, keys, ids = self._count(what, linked(entity.name))
        if not rows and any(source.required for source in sources):
            raise ImportFailed(
                f"No {entity.name} could be made from the table {sources[0].table}.",
                "No row of it has a key and passes the mapping.",
                "Check that the source is complete.",
            )
        if ids < keys:
            raise ImportFailed(
                f"The {entity.plural} of {self._place.source.name} cannot be told apart.",
                "Two of their keys come to the same id.",
                "Import it: crmpanel import SOURCE --db FILE",
            )
        return keys < rows

    def _stand_ins(self, entity: Entity) -> str:
        """Hold the records in memory that only links name; returns the relation, if there are."""
        select = stand_ins(self._seen.plan, entity)
        if not select:
            return ""
        relation = self._place.held(f"stand-ins {entity.name}")
        self._cursor.execute(f"CREATE TABLE {relation} AS {self._seen.stood_in(entity, select)}")
        return relation

    def _is_complete(self, entity: Entity, field: str, target: str) -> bool:
        """Whether each key that a reference goes by names a record."""
        key = self._seen.simple(entity, field)
        if not key or target not in self._seen.plan.entities:
            return False
        named = f'(SELECT "source_key" FROM {known(target)})'
        where = f"WHERE {key} IS NOT NULL AND {key} NOT IN {named}"
        return self._count("count(*)", f"{linked(entity.name)} AS d {where}") == (0,)
