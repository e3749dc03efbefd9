"""Loading: linked records into the tables of the database, clustered, each with its log row."""

from __future__ import annotations

from crmpanel.importing.drafting import fields_of
from crmpanel.importing.linking import follow, ready
from crmpanel.importing.mapping import ANY, OfChildren
from crmpanel.importing.mappingcheck import link_to
from crmpanel.importing.plan import Plan
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.writer import Load


def write(plan: Plan, load: Load, entity: Entity) -> None:
    """Insert the ready records of an entity, in the order of their ids."""
    columns = {"id": 'r."@id"', "source_key": 'r."source_key"'}
    joins: list[str] = []
    for name, value in fields_of(plan, entity).items():
        columns[name] = f"r.{quoted(name)}"
        if isinstance(value, OfChildren):
            columns[name], join = _of_children(plan, load, entity, name, value)
            joins.append(join)
    for field in entity.references:
        followed = follow(plan, entity, field.name)
        columns[field.name] = followed.id
        joins.append(followed.joins)
    names = ", ".join(map(quoted, columns))
    values = ", ".join(columns.values())
    load.execute(
        f"INSERT INTO {quoted(entity.name)} ({names}) SELECT {values} "
        f'FROM {ready(entity.name)} AS r {" ".join(joins)} ORDER BY r."@id"'
    )


def _of_children(
    plan: Plan, load: Load, entity: Entity, field: str, value: OfChildren
) -> tuple[str, str]:
    """SQL of the aggregate, and the join it needs."""
    if value.entity not in plan.entities:
        return f"NULL::{entity.field(field).kind.sql}", ""
    child = plan.registry[value.entity]
    parent = follow(plan, child, link_to(entity, child), "c")
    column = f"c.{quoted(value.field)}"
    now = f'(SELECT "at" FROM changeset WHERE id = {load.changeset})'
    aggregate = (
        f"sum({column})" if value.function == "sum" else f"max({column}) FILTER ({column} <= {now})"
    )
    alias = quoted(f"of {field}")
    join = (
        f'LEFT JOIN (SELECT {parent.id} AS parent, {aggregate} AS "value" '
        f"FROM {ready(child.name)} AS c {parent.joins} GROUP BY 1) AS {alias} "
        f'ON {alias}.parent = r."@id"'
    )
    return f'TRY_CAST({alias}."value" AS {entity.field(field).kind.sql})', join


def write_log(plan: Plan, load: Load) -> None:
    """One log row for each record: it was created by this import."""
    records = []
    for name in plan.entities:
        entity = plan.registry[name]
        title = (
            f"{quoted(entity.title)}::VARCHAR"
            if entity.title in fields_of(plan, entity)
            else "NULL"
        )
        records.append(
            f'SELECT "@owner", {literal(name)} AS entity, "@id", {title} AS subject '
            f"FROM {ready(name)}"
        )
    why = literal(f"import {plan.source.name}")
    load.execute(f"""
        INSERT INTO "change" ("id", "organisation_id", "changeset", "at", "action", "entity",
                              "record_id", "subject", "field", "new_value", "source")
        SELECT (SELECT coalesce(max(id), 0) FROM "change")
                   + row_number() OVER (ORDER BY "@owner", entity, "@id"),
               "@owner", s.id, s."at", 'insert', entity, "@id", subject, 'id', "@id", {why}
        FROM ({" UNION ALL ".join(records)}), changeset AS s WHERE s.id = {load.changeset}
        ORDER BY "@owner", entity, "@id" """)


def write_roles(plan: Plan, load: Load) -> None:
    """Declare what the statuses mean; ``*`` in the mapping stands for those it does not name."""
    for name, roles in plan.mapping.roles.items():
        for status, role in roles.items():
            if status != ANY:
                load.status_role(name, status, role)
        entity = plan.registry[name]
        if ANY in roles and name in plan.entities and entity.status in fields_of(plan, entity):
            status = quoted(entity.status or "")
            load.execute(
                f"INSERT INTO status_role SELECT DISTINCT {literal(name)}, {status}, "
                f"{literal(roles[ANY])} FROM {ready(name)} WHERE {status} IS NOT NULL AND {status} "
                f"NOT IN (SELECT status FROM status_role WHERE entity = {literal(name)})"
            )
