"""Seen: the records of a live source, as SQL on its tables as they lie.

They are made by what an import makes them by; only ids differ: they follow from the keys.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from crmpanel.importing.drafting import (
    OUT,
    ROW,
    Draft,
    drafted,
    fields_of,
    link_column,
    link_columns,
)
from crmpanel.importing.job import KEY, SOURCE
from crmpanel.importing.linking import Followed, followed, known, ready, routes_of, spoken
from crmpanel.importing.loading import aggregated
from crmpanel.importing.mapping import OfChildren
from crmpanel.importing.mappingcheck import link_to
from crmpanel.importing.plan import Plan
from crmpanel.importing.sifting import KEYLESS, SKIPPED
from crmpanel.importing.values import column_type
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal, quoted

#: Ids of keys that are no small numbers begin here; all are exact in JavaScript.
FIRST_HASH = 1 << 52
NUMBER = "[1-9][0-9]{0,14}"
#: Gives a condition on the rows of a source; "" for none.
Where = Callable[[Draft], str]


def id_of(key: str) -> str:
    """SQL: the id of the record with a key: the key itself where it is a number, else its hash.

    The same on every machine and after every start.
    """
    return (
        f"CASE WHEN regexp_full_match({key}, '{NUMBER}') THEN TRY_CAST({key} AS BIGINT) "
        f"ELSE (hash({key}) & {FIRST_HASH - 1})::BIGINT + {FIRST_HASH} END"
    )


def linked(entity: str) -> str:
    """Name of the view of the keys and links of drafts, quoted."""
    return quoted(f"linked_{entity}")


@dataclass(frozen=True)
class Facts:
    """What is known of a source once it has been looked through.

    Parameters
    ----------
    repeated : entities of which several rows have the same key.
    complete : links, as entity and field, of which every key names a record.
    stand_ins : by entity, the relation of the records that only links name.
    """

    repeated: frozenset[str] = frozenset()
    complete: frozenset[tuple[str, str]] = frozenset()
    stand_ins: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """The records of the entities of a plan.

    Parameters
    ----------
    plan, facts : what is read, and what is known of it.
    name : by which the records of the source are known.
    now : what is later does not count for the latest of something.
    """

    plan: Plan
    facts: Facts
    name: str
    now: dt.datetime

    def numbered(self) -> set[str]:
        """The tables of which the first of several rows counts, as the mapping calls them."""
        found = set[str]()
        for source in self.plan.sources:
            for join in source.joins:
                found |= {join.table, join.through.table if join.through else join.table}
            if source.group or source.entity in self.facts.repeated:
                found.add(source.table)
            targets = self.plan.registry[source.entity]
            for name, routes in source.links.items():
                for route in (route for route in routes if route.by):
                    named = route.via or targets.field(name).target or ""
                    found |= {other.table for other in self.plan.of(named)}
        return found

    def views(self, entity: Entity) -> list[str]:
        """The views that records are made of: drafts, their keys and links, ids and organisations.

        As they stand after CREATE. What is linked to needs no fields, and to bind them takes time.
        """
        return [
            f"VIEW {drafted(entity.name)} AS {self.drafts(entity)}",
            f"VIEW {linked(entity.name)} AS {self.drafts(entity, bare=self._is_lenient)}",
            f"VIEW {ready(entity.name)} AS {self._ready(entity)}",
            f'VIEW {known(entity.name)} AS SELECT "source_key", "@id", "@owner" '
            f"FROM {ready(entity.name)}",
        ]

    @property
    def _is_lenient(self) -> bool:
        """Whether no value can keep a row from becoming a record."""
        return self.plan.mapping.on_bad_value == "empty"

    # -- drafts --------------------------------------------------------------------------------

    def drafts(self, entity: Entity, where: Where = lambda draft: "", bare: bool = False) -> str:
        """SELECT of the drafts of an entity.

        Parameters
        ----------
        where : gives a condition on the rows of each source, if only some are wanted.
        bare : without the fields: keys and links alone.
        """
        columns = self._columns(entity, bare)
        parts = [
            self._part(Draft(self.plan, entity, number, bare=bare), where, columns)
            for number, source in enumerate(self.plan.sources)
            if source.entity == entity.name
        ]
        if relation := self.facts.stand_ins.get(entity.name):
            parts.append(f"SELECT {', '.join(columns)}, 0 AS {OUT} FROM {relation}")
        if not parts:
            none = ", ".join(f"NULL::{kind} AS {name}" for name, kind in columns.items())
            parts.append(f"SELECT {none}, 0 AS {OUT} WHERE FALSE")
        rows = " UNION ALL ".join(parts)
        if entity.name in self.facts.repeated:
            # As in an import, the first row with a key counts, whether or not it is fit.
            rows = (
                f"SELECT * FROM ({rows}) WHERE {OUT} NOT IN ({SKIPPED}, {KEYLESS}) QUALIFY "
                f'row_number() OVER (PARTITION BY "source_key" ORDER BY {ROW}) = 1'
            )
        return f"SELECT * EXCLUDE ({OUT}) FROM ({rows}) WHERE {OUT} = 0"

    def _part(self, draft: Draft, where: Where, columns: dict[str, str]) -> str:
        """The drafts of one source, with all columns that the entity gets from any."""
        draft = replace(draft, where=where(draft))
        rows, own, by = f"({draft.read()})", draft.columns(), ""
        if draft.source.group:
            rows, own = f"(SELECT * FROM ({draft.checked()}) WHERE {OUT} = 0)", draft.grouped()
            by = ' GROUP BY "source_key"'
        there = [
            f"TRY_CAST({own.get(name, 'NULL')} AS {kind}) AS {name}"
            for name, kind in columns.items()
        ]
        return f"SELECT {', '.join(there)}, {own[OUT]} AS {OUT} FROM {rows}{by}"

    def _columns(self, entity: Entity, bare: bool = False) -> dict[str, str]:
        """Columns of the drafts of an entity, and their types."""
        columns = {ROW: "BIGINT", '"source_key"': "VARCHAR"}
        for name, value in ({} if bare else fields_of(self.plan, entity)).items():
            columns[quoted(name)] = column_type(entity.field(name).kind, value)
        links = link_columns(self.plan, entity.name)
        return columns | {link_column(column): "VARCHAR" for column in links}

    def stood_in(self, entity: Entity, select: str) -> str:
        """SELECT of drafts for records that only links name, with all columns of the entity."""
        own = {ROW: "c0", '"source_key"': "c2", quoted(entity.title): "c3"}
        columns = [
            f"{own.get(name, 'NULL')}::{kind} AS {name}"
            for name, kind in self._columns(entity).items()
        ]
        return f"SELECT {', '.join(columns)} FROM ({select}) AS t(c0, c1, c2, c3)"

    # -- links ---------------------------------------------------------------------------------

    def _ready(self, entity: Entity) -> str:
        id, owner = id_of('d."source_key"'), Followed("NULL::BIGINT", "")
        if entity.organisation == "id":
            owner = Followed(id, "")
        elif entity.organisation is not None:
            owner = self.follow(entity, entity.organisation)
        return (
            f'SELECT d.{ROW}, d."source_key", {id} AS "@id", {owner.id} AS "@owner" '
            f"FROM {linked(entity.name)} AS d {owner.joins}"
        )

    def simple(self, entity: Entity, field: str) -> str:
        """SQL of the key that a reference goes by, if that is all there is to it; else ""."""
        routes = routes_of(self.plan, entity.name, field)
        if len(routes) != 1 or routes[0].via or routes[0].by or routes[0].anywhere:
            return ""
        return f"d.{link_column(routes[0].column)}"

    def follow(self, entity: Entity, field: str) -> Followed:
        """Follow a reference of the drafts ``d``; what is complete need not be looked at."""
        if (entity.name, field) in self.facts.complete:
            key = self.simple(entity, field)
            return Followed(f"CASE WHEN {key} IS NOT NULL THEN {id_of(key)} END", "")
        return followed(self.plan, entity, field, self._known_by)

    def _known_by(self, entity: str, by: str) -> str:
        """Relation of the records of an entity by a text; of several the first."""
        if entity not in self.plan.entities:
            return ""
        if not by:
            return f'(SELECT *, "source_key" AS "@by" FROM {known(entity)})'
        if by not in fields_of(self.plan, self.plan.registry[entity]):
            return ""
        return (
            f'(SELECT {spoken(f"d.{quoted(by)}::VARCHAR", by)} AS "@by", '
            f'arg_min(r."@id", r.{ROW}) AS "@id", arg_min(r."@owner", r.{ROW}) AS "@owner" '
            f"FROM {ready(entity)} AS r JOIN {drafted(entity)} AS d "
            f'ON d."source_key" = r."source_key" GROUP BY 1)'
        )

    # -- records -------------------------------------------------------------------------------

    def records(self, entity: Entity, drafts: str = "", derived: bool = True) -> str:
        """SELECT of the records of an entity, with all its fields.

        Parameters
        ----------
        drafts : SELECT of those they are made of, if not all.
        derived : False to leave blank what is made from other records.
        """
        rows = f"({drafts})" if drafts else drafted(entity.name)
        columns = {"id": 'd."@id"', SOURCE: literal(self.name), KEY: 'd."source_key"'}
        joins = list[str]()
        for name, value in fields_of(self.plan, entity).items():
            columns[name] = f"d.{quoted(name)}"
            if isinstance(value, OfChildren):
                columns[name], join = "NULL", ""
                if derived:
                    columns[name], join = self.of_children(entity, name, value)
                joins.append(join)
        for link in entity.references:
            if any(link.name in source.links for source in self.plan.of(entity.name)):
                way = self.follow(entity, link.name)
                columns[link.name] = way.id
                joins.append(way.joins)
        made = ", ".join(
            f"TRY_CAST({columns.get(f.name, 'NULL')} AS {f.kind.sql}) AS {quoted(f.name)}"
            for f in entity.fields.values()
        )
        key = quoted(KEY)
        from_ = f'(SELECT *, {id_of(key)} AS "@id" FROM {rows}) AS d'
        return f"SELECT {made} FROM {from_} {' '.join(joins)}"

    def of_children(
        self, entity: Entity, name: str, value: OfChildren, drafts: str = "", id: str = 'd."@id"'
    ) -> tuple[str, str]:
        """SQL of a number over the records linked to each of an entity, and the join it needs.

        Parameters
        ----------
        drafts : SELECT of those that count, if not all.
        id : SQL of the id of the record that they are linked to.
        """
        if value.entity not in self.plan.entities:
            return f"NULL::{entity.field(name).kind.sql}", ""
        child = self.plan.registry[value.entity]
        parent = self.follow(child, link_to(entity, child))
        rows = f"({drafts})" if drafts else drafted(child.name)
        return aggregated(entity, name, value, parent, self.now, rows, id)
