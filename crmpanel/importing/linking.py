"""Linking: drafts get their organisation and ids; keys are followed to the records they name."""

from __future__ import annotations

from dataclasses import dataclass

from crmpanel.importing.drafting import drafted, link_column
from crmpanel.importing.mapping import Column, Route
from crmpanel.importing.plan import Plan
from crmpanel.importing.rejects import Rejects
from crmpanel.importing.stage import LINE
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.writer import Load


def ready(entity: str) -> str:
    """Name of the temporary table of records with id and organisation, quoted."""
    return quoted(f"ready_{entity}")


def routes_of(plan: Plan, entity: str, field: str) -> list[Route]:
    """All the ways to follow a reference, of all sources of an entity."""
    found = [route for source in plan.of(entity) for route in source.links.get(field, ())]
    return list(dict.fromkeys(route for route in found))


def spoken(text: str, by: str) -> str:
    """SQL: a text as records are found by it: names without regard to case and spaces."""
    return f"nullif(trim(regexp_replace(lower({text}), '\\s+', ' ', 'g')), '')" if by else text


def known_by(records: str, by: str) -> str:
    """SQL relation: records by the text they are found by, ``@by``; of several the first."""
    if not by:
        return f'(SELECT *, "source_key" AS "@by" FROM {records})'
    return (
        f'(SELECT * FROM (SELECT *, {spoken(quoted(by), by)} AS "@by" FROM {records}) '
        f'QUALIFY row_number() OVER (PARTITION BY "@by" ORDER BY "@id") = 1)'
    )


@dataclass(frozen=True)
class Followed:
    """A reference in SQL: the id it comes to, and the joins that needs."""

    id: str
    joins: str


def follow(plan: Plan, entity: Entity, field: str, row: str = "r") -> Followed:
    """Follow a reference of the records in `row` (alias of a draft or ready table)."""
    if field == entity.organisation:
        return Followed(f'{row}."@owner"', "")
    return _follow(plan, entity, field, row)


def _follow(plan: Plan, entity: Entity, field: str, row: str) -> Followed:
    target = entity.field(field).target or ""
    ids, joins = [], []
    for number, route in enumerate(routes_of(plan, entity.name, field)):
        other = route.via or target
        if other not in plan.entities:
            continue
        alias = quoted(f"{field} {number}")
        ids.append(f"{alias}.{quoted('@owner' if route.via else '@id')}")
        joins.append(
            f"LEFT JOIN {known_by(ready(other), route.by)} AS {alias} "
            f'ON {alias}."@by" = {spoken(row + "." + link_column(route.column), route.by)}'
        )
    return Followed(f"coalesce({', '.join(ids)})" if ids else "NULL::BIGINT", " ".join(joins))


def make_ready(plan: Plan, load: Load, entity: Entity) -> None:
    """Give the drafts their organisation, and ids in the order in which they are stored."""
    owner = Followed("NULL::BIGINT", "")
    if entity.organisation not in (None, "id"):
        owner = _follow(plan, entity, entity.organisation or "", "d")
    order = ["owner", *_date_order(plan, entity), LINE]
    load.execute(
        f"CREATE TEMP TABLE {ready(entity.name)} AS "
        f'SELECT row_number() OVER (ORDER BY {", ".join(order)}) AS "@id", owner AS "@owner", '
        f"* EXCLUDE (owner) FROM (SELECT {owner.id} AS owner, d.* "
        f"FROM {drafted(entity.name)} AS d {owner.joins})"
    )
    if entity.organisation == "id":
        load.execute(f'UPDATE {ready(entity.name)} SET "@owner" = "@id"')


def _date_order(plan: Plan, entity: Entity) -> list[str]:
    """Organisations keep the order of the file; the rest is clustered by date within theirs."""
    if entity.date is None or entity.organisation in (None, "id"):
        return []
    given = any(entity.date in source.fields for source in plan.of(entity.name))
    return [quoted(entity.date)] if given else []


def make_stand_ins(plan: Plan, load: Load, entity: Entity) -> int:
    """Make the records that links name though no table holds them; returns how many."""
    template = plan.mapping.stand_ins.get(entity.name)
    draft = drafted(entity.name)
    keys = [
        f"SELECT {link_column(route.column)} AS key FROM {drafted(other.name)}{_new(draft, route)}"
        for other, route in _naming(plan, entity)
    ]
    if template is None or not keys:
        return 0
    short = "CASE WHEN length(key) > 12 THEN key[:5] || '…' || key[-5:] ELSE key END"
    name = f"replace(replace({literal(template)}, '{{short}}', {short}), '{{key}}', key)"
    row = load.execute(
        f'INSERT INTO {draft} ("@file", {LINE}, "source_key", {quoted(entity.title)}) '
        f"SELECT 'links', row_number() OVER (ORDER BY key), key, {name} "
        f"FROM (SELECT DISTINCT key FROM ({' UNION ALL '.join(keys)})) WHERE key IS NOT NULL "
        f'AND key NOT IN (SELECT "source_key" FROM {draft})'
    ).fetchone()
    return int(row[0]) if row else 0


def _new(draft: str, route: Route) -> str:
    """SQL: of what a route by name finds, only the names that no record has."""
    if not route.by:
        return ""
    name, field = spoken(link_column(route.column), route.by), quoted(route.by)
    known = f"SELECT {spoken(field, route.by)} FROM {draft} WHERE {field} IS NOT NULL"
    return f" WHERE {name} NOT IN ({known})"


def _naming(plan: Plan, entity: Entity) -> list[tuple[Entity, Route]]:
    """Entities and the ways in which they name a record of `entity`."""
    found: dict[tuple[str, Route], None] = {}
    for source in plan.sources:
        declared = plan.registry[source.entity]
        for name, routes in source.links.items():
            if declared.field(name).target == entity.name:
                found.update(dict.fromkeys((source.entity, r) for r in routes if not r.via))
    return [(plan.registry[name], route) for name, route in found]


def note_dangling(plan: Plan, rejects: Rejects, entity: Entity) -> None:
    """Keep every key that names no record of any entity it could name; the record is loaded."""
    targets: dict[Column, list[tuple[str, str]]] = {}
    for source in plan.of(entity.name):
        for name, routes in source.links.items():
            for route in routes:
                target = route.via or entity.field(name).target or ""
                targets.setdefault(route.column, []).append((target, route.by))
    for column, found in targets.items():
        key = link_column(column)
        reason = f"names no {' or '.join(dict.fromkeys(name for name, _ in found))} of this import"
        where = " AND ".join(
            f'{spoken(key, by)} NOT IN (SELECT "@by" FROM {known_by(ready(name), by)} '
            'WHERE "@by" IS NOT NULL)'
            for name, by in dict.fromkeys(found)
            if name in plan.entities
        )
        rejects.add_query(
            entity.name,
            '"@file"',
            f'SELECT "@file", {LINE} AS line, {literal(str(column))} AS "column", '
            f'{key} AS "value", {literal(reason)} AS reason FROM {ready(entity.name)} '
            f"WHERE {key} IS NOT NULL{f' AND {where}' if where else ''}",
            loaded=True,
        )
