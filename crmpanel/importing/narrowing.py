"""Narrowing: of a live source, the records of one card, so that little of it is read.

What refers to the record is found by conditions on columns as they are in the source: there they
pass over whole blocks of a Parquet file, or are left to the other database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from crmpanel.importing.drafting import Draft, fields_of
from crmpanel.importing.inplace import Lying, as_is
from crmpanel.importing.linking import known, spoken
from crmpanel.importing.mapping import Column, EntitySource, OfChildren, Route
from crmpanel.importing.mappingcheck import link_to
from crmpanel.importing.origin import Origin
from crmpanel.importing.seen import Seen
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal, quoted

EVERY = "TRUE"


@dataclass(frozen=True)
class Narrowing:
    """The making of the tables of one card.

    Parameters
    ----------
    seen, lying : the records, and the tables that they are made of.
    cursor : where the tables are made; the views of all records are there.
    entity, id : the record.
    apart : whether a source takes over conditions on a single column only.
    """

    seen: Seen
    lying: dict[str, Lying]
    cursor: Any
    entity: Entity
    id: int
    apart: bool = False

    def make(self) -> None:
        """Make a table of each entity: what refers to the record, then what that refers to.

        What belongs to no organisation, such as users, is there as a whole.
        """
        made = []
        for entity in self._entities():
            name = quoted(entity.name)
            if entity.organisation is None:
                self._run(f"CREATE TEMP VIEW {name} AS {self.seen.records(entity)}")
                continue
            self._make(entity)
            made.append(entity)
        for entity in made:
            for field, value in fields_of(self.seen.plan, entity).items():
                if isinstance(value, OfChildren) and value.entity in self.seen.plan.entities:
                    self._derive(entity, field, value)
        for entity in made:
            self._add_referred(entity, made)

    def _make(self, entity: Entity) -> None:
        """Make the table of an entity: in two steps, as few rows are linked in no time."""
        some, mine = quoted(f"some {entity.name}"), " OR ".join(self._mine(entity)) or "FALSE"
        first, *more = self._drafts(entity)
        self._run(f"CREATE TEMP TABLE {some} AS {first}")
        for drafts in more:
            self._run(f"INSERT INTO {some} {drafts}")
        records = self.seen.records(entity, f"FROM {some}", derived=False)
        self._run(
            f"CREATE TEMP TABLE {quoted(entity.name)} AS SELECT * FROM ({records}) WHERE {mine}"
        )

    def _drafts(self, entity: Entity) -> list[str]:
        """SELECT of the drafts that may be wanted; one for each way, if they are asked apart."""
        ways = {
            number: self._ways(Draft(self.seen.plan, entity, number))
            for number, source in enumerate(self.seen.plan.sources)
            if source.entity == entity.name
        }
        if not self.apart or entity.name in self.seen.facts.repeated:
            return [self.seen.drafts(entity, lambda d: " OR ".join(ways[d.number]) or "FALSE")]
        most = max(map(len, ways.values()), default=1)
        return [self.seen.drafts(entity, partial(_nth, ways, n)) for n in range(max(most, 1))]

    def _derive(self, entity: Entity, field: str, value: OfChildren) -> None:
        """Fill in what is made from other records: from those that refer to these, by their keys.

        What refers to the record of the card itself is there already, but rounded.
        """
        child, name = self.seen.plan.registry[value.entity], quoted(entity.name)
        link, keys = link_to(entity, child), self._texts(f'SELECT "source_key" FROM {name}')
        where = f'found."id" = {name}."id"'
        if entity.name == self.entity.name and value.function == "latest":
            now = literal(self.seen.now)
            date = quoted(value.field)
            select = (
                f'SELECT {quoted(link)} AS "id", max({date}) FILTER ({date} <= {now}) AS value '
                f"FROM {quoted(child.name)} GROUP BY 1"
            )
            where += f' AND {name}."id" = {self.id}'
        elif keys:
            some = self.seen.drafts(child, partial(self._links, link, keys))
            number, join = self.seen.of_children(entity, field, value, some, 'r."id"')
            select = f'SELECT r."id", {number} AS value FROM {name} AS r {join}'
        else:
            return
        found = f"({select}) AS found WHERE {where}"
        self._run(f"UPDATE {name} SET {quoted(field)} = found.value FROM {found}")

    def _links(self, link: str, keys: list[str], draft: Draft) -> str:
        """Condition: a row may link to a record with one of some keys."""
        routes = draft.source.links.get(link, ())
        if draft.source.group or any(route.via or route.by for route in routes):
            return EVERY
        parts = [self._is(draft.source, route.column, keys) for route in routes]
        return f"({' OR '.join(parts) or 'FALSE'})"

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.cursor.execute(sql).fetchall()
        return found

    def _entities(self) -> list[Entity]:
        """The record's own first: the others are found by what it is called."""
        plan = self.seen.plan
        found = [plan.registry[name] for name in plan.entities]
        return sorted(found, key=lambda entity: entity.name != self.entity.name)

    def _mine(self, entity: Entity) -> list[str]:
        """Conditions on records: they are the record, or refer to it."""
        names = [f.name for f in entity.references if f.target == self.entity.name]
        names += ["id"] * (entity.name == self.entity.name)
        return [f"{quoted(name)} = {self.id}" for name in names]

    def _add_referred(self, entity: Entity, made: list[Entity]) -> None:
        """Records whose titles are shown because others refer to them."""
        refs = [
            f"SELECT {quoted(field.name)} AS id FROM {quoted(other.name)}"
            for other in made
            for field in other.references
            if field.target == entity.name
        ]
        if not refs:
            return
        name = quoted(entity.name)
        ids = self._run(
            f"SELECT DISTINCT id FROM ({' UNION ALL '.join(refs)}) WHERE id IS NOT NULL "
            f"AND id NOT IN (SELECT id FROM {name})"
        )
        if ids:
            some = ", ".join(str(int(id)) for (id,) in ids)
            records = self.seen.records(entity, derived=False)
            self._run(f'INSERT INTO {name} SELECT * FROM ({records}) WHERE "id" IN ({some})')

    # -- conditions on rows --------------------------------------------------------------------

    def _ways(self, draft: Draft) -> list[str]:
        """Conditions of which the rows of all records of the card meet one, others perhaps too."""
        entity, source = draft.entity, draft.source
        is_own = entity.name == self.entity.name
        # Of rows with the same key the first counts, and another row of a group may hold the link.
        whole = source.group and not is_own
        if whole or (len(source.key) > 1 and is_own) or entity.name in self.seen.facts.repeated:
            return [EVERY]
        found = [self._is(source, source.key[0], self._keys)] if is_own else []
        for field in entity.references:
            if field.target == self.entity.name:
                routes = source.links.get(field.name, ())
                found += [self._refers(source, route) for route in routes]
        return [way for way in dict.fromkeys(found) if way != "FALSE"]

    @cached_property
    def _keys(self) -> list[str]:
        """The key of the record."""
        name = known(self.entity.name)
        return self._texts(f'SELECT "source_key" FROM {name} WHERE "@id" = {self.id}')

    def _texts(self, sql: str) -> list[str]:
        return [text for (text,) in self._run(sql) if text is not None]

    def _refers(self, source: EntitySource, route: Route) -> str:
        """Condition: a row may refer to the record in this way."""
        if route.anywhere:
            return "FALSE"
        if route.via:
            texts = self._belonging(route)
        else:
            texts = self._called(route.by)
        if route.by:
            column = Origin(self.seen.plan, source).ref(route.column)
            return f"{spoken(column, route.by)} IN ({', '.join(map(literal, texts)) or 'NULL'})"
        return self._is(source, route.column, texts)

    def _called(self, by: str) -> list[str]:
        """What the record is called where others refer to it."""
        if not by:
            return self._keys
        text = spoken(f"{quoted(by)}::VARCHAR", by)
        return self._texts(f'SELECT {text} FROM {quoted(self.entity.name)} WHERE "id" = {self.id}')

    def _belonging(self, route: Route) -> list[str]:
        """What records of another entity are called that belong to the organisation."""
        other = self.seen.plan.registry[route.via]
        text = spoken(f"{quoted(route.by)}::VARCHAR", route.by) if route.by else '"source_key"'
        sql = f"SELECT {text} FROM {quoted(other.name)} WHERE {quoted(str(other.organisation))} = "
        return self._texts(f"{sql}{self.id}")

    def _is(self, source: EntitySource, column: Column, texts: list[str]) -> str:
        """Condition: a column holds one of some texts; on the column as it is, if that will do."""
        if not self.seen.plan.has(source, column):
            return "FALSE"
        if not column.table and not column.split:
            length = len(column.prefix)
            bare = [text[length:] for text in texts if text.startswith(column.prefix)]
            place = self.seen.plan.staged[source.table][column.name]
            cell = self.lying[source.table].cells[place]
            if found := cell.among(bare, f"{quoted(source.table)}.{as_is(column.name)}"):
                return found
        some = ", ".join(map(literal, texts)) or "NULL"
        return f"{Origin(self.seen.plan, source).ref(column)} IN ({some})"


def _nth(ways: dict[int, list[str]], number: int, draft: Draft) -> str:
    """Condition: a row is found in the way of that number, and in none before."""
    mine = ways[draft.number]
    if number >= len(mine):
        return "FALSE"
    return " AND ".join([mine[number], *(f"({way}) IS NOT TRUE" for way in mine[:number])])


def as_they_are(columns: Iterator[tuple[str, str]]) -> str:
    """Further columns of a view on a table: its columns as they are, for such conditions."""
    return "".join(f", {as_is(place)} AS {as_is(name)}" for name, place in columns)
