"""Looking: the first look through a live source, and the views that its records are made of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from crmpanel.errors import ImportFailed
from crmpanel.importing.inplace import InPlace, Lying
from crmpanel.importing.linking import known, stand_ins
from crmpanel.importing.narrowing import as_they_are
from crmpanel.importing.origin import view
from crmpanel.importing.plan import Plan
from crmpanel.importing.seen import Facts, Seen, id_of, linked
from crmpanel.model.entity import Entity
from crmpanel.store import Database


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
