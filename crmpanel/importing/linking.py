"""Linking: drafts get their ids and their organisation; keys are followed to what they name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crmpanel.importing.drafting import LINE_BITS, ROW, STAND_IN, drafted, fields_of, link_column
from crmpanel.importing.job import KEY, Job
from crmpanel.importing.mapping import Column, Route
from crmpanel.importing.matching import NEW, matches, merged_keys
from crmpanel.importing.plan import Plan
from crmpanel.importing.vanishing import vanishing
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal, quoted

#: Gives the relation of the records of an entity by the text of a field, or by their keys.
Known = Callable[[str, str], str]


def ready(entity: str) -> str:
    """Name of the temporary table of drafts' ids and organisations, quoted."""
    return quoted(f"ready_{entity}")


def known(entity: str) -> str:
    """Name of the relation of all keys of a source that name a record, quoted."""
    return quoted(f"known_{entity}")


def routes_of(plan: Plan, entity: str, field: str) -> list[Route]:
    """All the ways to follow a reference, of all sources of an entity; not by what is not there."""
    found = [
        route
        for source in plan.of(entity)
        for route in source.links.get(field, ())
        if plan.has(source, route.column)
    ]
    return list(dict.fromkeys(found))


def spoken(text: str, by: str) -> str:
    """SQL: a text as records are found by it: names without regard to case and spaces."""
    return f"nullif(trim(regexp_replace(lower({text}), '\\s+', ' ', 'g')), '')" if by else text


def known_by(job: Job, entity: str, by: str) -> str:
    """Relation of the records by the text they are found by, ``@by``; of several the first."""
    name = quoted(f"known_{entity} by {by}") if by else known(entity)
    if name not in job.made:
        job.made.add(name)
        if by:
            _make_known_by(job, entity, by, name)
        else:
            _make_known(job, job.registry[entity])
    return name if by else f'(SELECT *, "source_key" AS "@by" FROM {name})'


def _make_known_by(job: Job, entity: str, by: str, name: str) -> None:
    declared, parts = job.registry[entity], []
    if entity in job.plan.entities and by in fields_of(job.plan, declared):
        parts.append(
            f'SELECT d.{quoted(by)}::VARCHAR AS text, r."@id", r."@owner" FROM {ready(entity)} '
            f'AS r JOIN {drafted(entity)} AS d ON d.{ROW} = r.{ROW} WHERE r."@id" IS NOT NULL'
        )
    if entity in job.held:
        own = f' AND NOT EXISTS (FROM {ready(entity)} AS r WHERE r."@id" = k."@id")'
        parts.append(
            f'SELECT t.{quoted(by)}::VARCHAR AS text, k."@id", k."@owner" FROM '
            f'{known_by(job, entity, "")} AS k JOIN {quoted(entity)} AS t ON t."id" = k."@id" '
            f"WHERE TRUE{own if entity in job.plan.entities else ''}"
        )
    found = " UNION ALL ".join(parts) or 'SELECT NULL AS text, NULL AS "@id", NULL AS "@owner"'
    job.execute(
        f'CREATE TEMP TABLE {name} AS SELECT {spoken("text", by)} AS "@by", '
        'min("@id")::BIGINT AS "@id", arg_min("@owner", "@id")::BIGINT AS "@owner" '
        f"FROM ({found}) WHERE text IS NOT NULL GROUP BY 1"
    )


@dataclass(frozen=True)
class Followed:
    """A reference in SQL: the id it comes to, and the joins that needs."""

    id: str
    joins: str


def follow(job: Job, entity: Entity, field: str, row: str = "d") -> Followed:
    """Follow a reference of the drafts in `row` (an alias)."""

    def known(other: str, by: str) -> str:
        return known_by(job, other, by) if is_known(job, other) else ""

    return followed(job.plan, entity, field, known, row)


def followed(plan: Plan, entity: Entity, field: str, known: Known, row: str = "d") -> Followed:
    """Follow a reference.

    Parameters
    ----------
    known : gives the relation of the records of an entity by the text they are found by, as
        `known_by` does; "" where there is none.
    row : alias of the drafts.
    """
    target = entity.field(field).target or ""
    ids, joins = [], []
    for number, route in enumerate(routes_of(plan, entity.name, field)):
        other = route.via or target
        alias = quoted(f"{field} {number}")
        if route.anywhere:
            ids.append(f"{alias}.id")
            joins.append(
                f'LEFT JOIN (SELECT "id" FROM {quoted(other)}) AS {alias} '
                f"ON {alias}.id = TRY_CAST({row}.{link_column(route.column)} AS BIGINT)"
            )
        elif relation := known(other, route.by):
            ids.append(f"{alias}.{quoted('@owner' if route.via else '@id')}")
            joins.append(
                f"LEFT JOIN {relation} AS {alias} "
                f'ON {alias}."@by" = {spoken(f"{row}.{link_column(route.column)}", route.by)}'
            )
    return Followed(f"coalesce({', '.join(ids)})" if ids else "NULL::BIGINT", " ".join(joins))


def is_known(job: Job, entity: str) -> bool:
    """Whether keys can name any record of an entity."""
    return entity in job.plan.entities or entity in job.held


def make_ready(job: Job, entity: Entity) -> None:
    """Give the drafts their organisation, and ids in the order in which they are stored."""
    match, owner = matches(job, entity, drafted(entity.name)), Followed("NULL::BIGINT", "")
    if entity.organisation not in (None, "id"):
        owner = follow(job, entity, entity.organisation or "")
    date = _date_order(job.plan, entity)
    columns, order = {"owner": owner.id}, ["owner", *date, ROW]
    state, id, count = literal(NEW), "NULL", "count(*)"
    if match.joins:
        state, id, count = "state", "id", f"count(*) FILTER (state = '{NEW}')"
        columns |= {"state": f"coalesce({match.state}, '{NEW}')", "id": match.id}
        order.insert(0, f"state <> '{NEW}'")
    # Nothing else is sorted with them: with their keys it takes four times as long.
    rows = quoted(f"sorted_{entity.name}")
    found = ", ".join([f"d.{ROW}", *(f"{sql} AS {name}" for name, sql in columns.items()), *date])
    job.execute(
        f"CREATE TEMP TABLE {rows} AS SELECT {ROW}, {', '.join(columns)} FROM (SELECT {found} "
        f"FROM {drafted(entity.name)} AS d {match.joins} {owner.joins}) ORDER BY {', '.join(order)}"
    )
    # New ones come first, so that their places, of which the first is any number, give their ids.
    [(number, place)] = job.rows(f"SELECT {count}, coalesce(min(rowid), 0) FROM {rows}")
    first = job.numbering.records(entity, number)
    id = f"CASE {state} WHEN '{NEW}' THEN rowid - {place} + {first} ELSE {id} END"
    job.execute(
        f"CREATE TEMP VIEW {ready(entity.name)} AS SELECT {ROW}, {state} AS state, "
        f'{id} AS "@id", {id if entity.organisation == "id" else "owner"} AS "@owner" FROM {rows}'
    )


def _make_known(job: Job, entity: Entity) -> None:
    """Gather all keys that name a record: those of this import, and those that came before."""
    keyed = f"{ready(entity.name)} JOIN {drafted(entity.name)} USING ({ROW})"
    here = f'SELECT "source_key", "@id", "@owner" FROM {keyed} WHERE "@id" IS NOT NULL'
    parts = [here] if entity.name in job.plan.entities else []
    if entity.name in job.held:
        parts += _held(job, entity, f"({keyed})" if parts else "")
    job.execute(f"CREATE TEMP TABLE {known(entity.name)} AS {' UNION ALL '.join(parts)}")


def _held(job: Job, entity: Entity, new: str) -> list[str]:
    """The keys that came before, but for those in the relation `new`."""
    owner = f"t.{quoted(entity.organisation)}" if entity.organisation else "NULL::BIGINT"
    there = (
        f'SELECT min("id") AS id FROM {quoted(entity.name)} AS t WHERE {job.mine("t")} '
        f"GROUP BY {quoted(KEY)}"
    )
    earlier = (
        f'SELECT t.{quoted(KEY)} AS "source_key", t."id" AS "@id", {owner} AS "@owner" '
        f"FROM {quoted(entity.name)} AS t "
        f'WHERE t."id" IN ({there}) AND t.{quoted(KEY)} IS NOT NULL'
    )
    merged = (
        f'SELECT m.source_key, t."id", {owner} FROM {merged_keys(job)} AS m '
        f'JOIN {quoted(entity.name)} AS t ON t."id" = m.id '
        f"WHERE m.entity = {literal(entity.name)}"
    )
    if new:
        other = f' AND NOT EXISTS (FROM {new} AS r WHERE r."source_key" = '
        earlier += f"{other}t.{quoted(KEY)})"
        merged += f"{other}m.source_key)"
    if job.choices.vanished == "delete" and (gone := vanishing(job, entity)):
        earlier += f' AND t."id" NOT IN (SELECT id FROM {gone})'
    return [earlier, merged]


def _date_order(plan: Plan, entity: Entity) -> list[str]:
    """Organisations keep the order of the file; the rest is clustered by date within theirs."""
    if entity.date is None or entity.organisation in (None, "id"):
        return []
    given = any(entity.date in source.fields for source in plan.of(entity.name))
    return [quoted(entity.date)] if given else []


def make_stand_ins(job: Job, entity: Entity) -> int:
    """Make the records that links name though no table holds them; returns how many."""
    select = stand_ins(job.plan, entity)
    if not select:
        return 0
    into = f'{drafted(entity.name)} ({ROW}, {STAND_IN}, "source_key", {quoted(entity.title)})'
    found = job.execute(f"INSERT INTO {into} {select}").fetchone()
    return int(found[0]) if found else 0


def stand_ins(plan: Plan, entity: Entity) -> str:
    """SELECT of the drafts for records that links name though no table holds them."""
    template = plan.mapping.stand_ins.get(entity.name)
    draft = drafted(entity.name)
    keys = [
        f"SELECT {link_column(route.column)} AS key FROM {drafted(other.name)} AS l"
        f"{_new(draft, route)}"
        for other, route in _naming(plan, entity)
    ]
    if template is None or not keys:
        return ""
    short = "CASE WHEN length(key) > 12 THEN key[:5] || '…' || key[-5:] ELSE key END"
    name = f"replace(replace({literal(template)}, '{{short}}', {short}), '{{key}}', key)"
    row = f"{len(plan.sources) << LINE_BITS} + row_number() OVER (ORDER BY key)"
    return (
        f"SELECT {row}, TRUE, key, {name} "
        f"FROM (SELECT DISTINCT key FROM ({' UNION ALL '.join(keys)})) AS k WHERE key IS NOT NULL "
        f'AND NOT EXISTS (FROM {draft} AS d WHERE d."source_key" = k.key)'
    )


def _new(draft: str, route: Route) -> str:
    """SQL: of what a route by name finds, only the names that no record has."""
    if not route.by:
        return ""
    name = spoken(f"l.{link_column(route.column)}", route.by)
    return (
        f" WHERE NOT EXISTS (FROM {draft} AS n WHERE "
        f"{spoken(f'n.{quoted(route.by)}', route.by)} = {name})"
    )


def _naming(plan: Plan, entity: Entity) -> list[tuple[Entity, Route]]:
    """Entities and the ways in which they name a record of `entity`."""
    found: dict[tuple[str, Route], None] = {}
    for source in plan.sources:
        declared = plan.registry[source.entity]
        for name, routes in source.links.items():
            if declared.field(name).target == entity.name:
                found.update(dict.fromkeys((source.entity, r) for r in routes if not r.via))
    return [(plan.registry[name], route) for name, route in found]


def note_dangling(job: Job, entity: Entity) -> None:
    """Keep every key that names no record of any entity it could name; the record is loaded."""
    targets: dict[Column, list[tuple[str, str]]] = {}
    for source in job.plan.of(entity.name):
        for name, routes in source.links.items():
            # A record's own key may name another of the same key; that it does not is no loss.
            named = (r for r in routes if not r.anywhere and r.column not in source.key)
            for route in (r for r in named if job.plan.has(source, r.column)):
                target = route.via or entity.field(name).target or ""
                targets.setdefault(route.column, []).append((target, route.by))
    for column, found in targets.items():
        key = f"d.{link_column(column)}"
        reason = f"names no {' or '.join(dict.fromkeys(name for name, _ in found))} of this import"
        unknown = "".join(
            f" AND NOT EXISTS (FROM {known_by(job, name, by)} AS k "
            f'WHERE k."@by" = {spoken(key, by)})'
            for name, by in dict.fromkeys(found)
            if is_known(job, name)
        )
        job.rejects.add_query(
            entity.name,
            f'SELECT d.{ROW}, {literal(str(column))} AS "column", {key} AS "value", '
            f"{literal(reason)} AS reason, TRUE AS loaded FROM {drafted(entity.name)} AS d "
            f"WHERE {key} IS NOT NULL{unknown}",
        )
