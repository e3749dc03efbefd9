"""Loading: new records into their tables, clustered, and what has changed of the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from crmpanel.errors import ImportFailed
from crmpanel.importing import comparing, keeping
from crmpanel.importing.comparing import DELTA, WRITE
from crmpanel.importing.drafting import drafted, fields_of
from crmpanel.importing.job import KEY, SOURCE, Job
from crmpanel.importing.linking import Followed, follow, ready
from crmpanel.importing.mapping import ANY, OfChildren
from crmpanel.importing.mappingcheck import link_to
from crmpanel.importing.matching import NEW
from crmpanel.importing.plan import Plan
from crmpanel.importing.vanishing import vanishing
from crmpanel.model.changeset import Applied, Changeset, Delete
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.bulk import New, write_bulk
from crmpanel.store.changesets import stage
from crmpanel.store.staging import Staging
from crmpanel.store.writer import Load


def write(job: Job, changeset: Changeset, tell: Callable[[Entity], None]) -> Applied:
    """Write what there is to write, as one changeset; nothing at all if there is nothing.

    Parameters
    ----------
    tell : told of which entity records are written next.
    """
    staging = _staged(job, changeset)
    new = [_new(job, entity) for entity in job.entities]
    origin = f"import {job.plan.source.name}"
    applied = write_bulk(staging, job.numbering, changeset, new, origin, tell)
    if applied.number is not None:
        _refuse_lost(job, staging)
        keeping.keep_run(job, applied.number)
        job.rejects.keep(applied.number)
        for entity in job.entities:
            _keep_dangling(job, entity)
        write_roles(job.load, job.plan)
    return applied


def _staged(job: Job, changeset: Changeset) -> Staging:
    """The changes of records that are there, and the end of those that are to be deleted."""
    gone = [Delete(entity, id) for entity, id in _going(job)]
    staging = Staging(job.load)
    changes = (
        f"SELECT entity, record_id, organisation_id, subject, field, old_value, new_value "
        f"FROM {DELTA} WHERE verdict = '{WRITE}'"
    )
    fields = job.rows(f"SELECT DISTINCT entity, field FROM {DELTA} WHERE verdict = '{WRITE}'")
    if fields:
        staging.select(changes, fields)
    if gone:
        stage(job.load, job.numbering, Changeset(tuple(gone)), staging)
    return staging


def _refuse_lost(job: Job, staging: Staging) -> None:
    """Raise `ImportFailed` if a record would refer to one that goes with another that vanishes."""
    going = {g.entity for g in staging.groups() if g.action == "delete" and g.field == "id"}
    for entity in job.registry:
        for field in () if entity.about else entity.references:
            if field.target not in going:
                continue
            target = job.registry[field.target]
            ids = staging.going(target)
            if job.count(f"{quoted(entity.name)} WHERE {quoted(field.name)} IN ({ids})"):
                raise ImportFailed(
                    f"Vanished {target.label_plural.lower()} cannot be deleted.",
                    f"{entity.label_plural} of the export refer to some, or to what belongs to "
                    f"them ({field.name}).",
                    "Mark them as vanished instead (--vanished mark).",
                )


def _going(job: Job) -> Iterator[tuple[str, int]]:
    if job.choices.vanished == "delete":
        for entity in job.entities:
            if table := vanishing(job, entity):
                for (id,) in job.rows(f"SELECT id FROM {table} ORDER BY 1"):
                    yield entity.name, id


def values_of(job: Job, entity: Entity) -> tuple[dict[str, str], str]:
    """SQL of each field of a draft ``d`` with id and owner in ``r``, and the joins it needs."""
    columns, joins = {}, list[str]()
    for name, value in fields_of(job.plan, entity).items():
        columns[name] = f"d.{quoted(name)}"
        if isinstance(value, OfChildren):
            columns[name], join = of_children(job, entity, name, value)
            joins.append(join)
    for field in entity.references:
        if field.name == entity.organisation:
            columns[field.name] = 'r."@owner"'
        elif any(field.name in source.links for source in job.plan.of(entity.name)):
            followed = follow(job, entity, field.name)
            columns[field.name] = followed.id
            joins.append(followed.joins)
    return columns, " ".join(joins)


def _new(job: Job, entity: Entity) -> New:
    """What makes the new records of an entity, in the order of their ids."""
    values, joins = values_of(job, entity)
    columns = {"id": 'r."@id"', SOURCE: literal(job.source), KEY: 'd."source_key"', **values}
    from_ = (
        f'FROM {ready(entity.name)} AS r JOIN {drafted(entity.name)} AS d ON d."@row" = r."@row"'
    )
    where = f"WHERE r.state = '{NEW}'"
    [(number, first)] = job.rows(
        f'SELECT count(*), min(r."@id") FROM {ready(entity.name)} AS r {where}'
    )
    return New(
        entity,
        number,
        first or 0,
        tuple(columns),
        f"INSERT INTO {quoted(entity.name)} ({', '.join(map(quoted, columns))}) "
        f'SELECT {", ".join(columns.values())} {from_} {joins} {where} ORDER BY r."@id"',
    )


def of_children(job: Job, entity: Entity, field: str, value: OfChildren) -> tuple[str, str]:
    """SQL of the aggregate, and the join it needs."""
    if value.entity not in job.plan.entities:
        return f"NULL::{entity.field(field).kind.sql}", ""
    child = job.registry[value.entity]
    link, there = link_to(entity, child), f'JOIN {ready(child.name)} AS c ON c."@row" = d."@row"'
    parent = Followed('c."@owner"', there)
    if link != child.organisation:
        way = follow(job, child, link)
        parent = Followed(way.id, f"{there} {way.joins}")
    return aggregated(entity, field, value, parent, job.numbering.moment())


def aggregated(
    entity: Entity,
    field: str,
    value: OfChildren,
    parent: Followed,
    now: dt.datetime,
    rows: str = "",
    id: str = 'r."@id"',
) -> tuple[str, str]:
    """SQL of a number over the drafts linked to each record, and the join it needs.

    Parameters
    ----------
    parent : the id of the record that a draft ``d`` is linked to.
    now : what is later does not count for the latest.
    rows : the relation of the drafts; all if empty.
    id : SQL of the record's id.
    """
    column = f"d.{quoted(value.field)}"
    aggregate = f"sum({column})"
    if value.function != "sum":
        aggregate = f"max({column}) FILTER ({column} <= {literal(now)})"
    alias = quoted(f"of {field}")
    join = (
        f'LEFT JOIN (SELECT {parent.id} AS parent, {aggregate} AS "value" '
        f"FROM {rows or drafted(value.entity)} AS d {parent.joins} GROUP BY 1) "
        f"AS {alias} ON {alias}.parent = {id}"
    )
    return f'TRY_CAST({alias}."value" AS {entity.field(field).kind.sql})', join


def _keep_dangling(job: Job, entity: Entity) -> None:
    """Keep the keys that name nothing yet, in place of those that were kept before."""
    mine = f"g.source = {literal(job.source)} AND g.entity = {literal(entity.name)}"
    if entity.name in job.held:
        job.execute(
            f"DELETE FROM import_dangling AS g WHERE {mine} AND g.record_id IN "
            f'(SELECT "@id" FROM {ready(entity.name)})'
        )
    if select := comparing.dangling(job, entity):
        job.execute(f"INSERT INTO import_dangling {select}")


def write_roles(load: Load, plan: Plan) -> None:
    """Declare what the statuses mean; ``*`` in the mapping stands for those it does not name."""
    for name, roles in plan.mapping.roles.items():
        load.status_roles(name, {s: role for s, role in roles.items() if s != ANY})
        entity = plan.registry[name]
        if ANY in roles and name in plan.entities and entity.status in fields_of(plan, entity):
            status = quoted(entity.status or "")
            load.execute(
                f"INSERT INTO status_role SELECT DISTINCT {literal(name)}, {status}, "
                f"{literal(roles[ANY])} FROM {drafted(name)} WHERE {status} IS NOT NULL "
                f"AND {status} NOT IN "
                f"(SELECT status FROM status_role WHERE entity = {literal(name)})"
            )
