"""What goes with a record when it is deleted, and what was deleted and is not there now."""

from __future__ import annotations

from collections.abc import Iterator

from crmpanel.model.entity import Entity
from crmpanel.model.registry import Registry
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal, quoted

#: What happens to records of an entity when another record is deleted.
GOES, CLEARED = "goes", "cleared"


def consequences(registry: Registry, entity: Entity, id: int) -> Query:
    """Rows ``(what, entity, records)``: what goes with a record, and what loses a reference.

    Only entities with such records are listed.
    """
    key = literal(id)
    parts = [_goes(other, key) for other in registry if other.belongs_to(entity)]
    parts += [part for other in registry for part in _cleared(registry, other, entity, key)]
    if not parts:
        return Query("SELECT '' AS what, '' AS entity, 0 AS records WHERE FALSE")
    return Query(
        "SELECT what, entity, CAST(sum(records) AS BIGINT) AS records FROM (\n"
        + "\nUNION ALL ".join(parts)
        + "\n) GROUP BY ALL HAVING sum(records) > 0"
    )


def _goes(entity: Entity, key: str) -> str:
    return (
        f"SELECT '{GOES}' AS what, {literal(entity.name)} AS entity, count(*) AS records "
        f"FROM {quoted(entity.name)} WHERE {quoted(str(entity.organisation))} = {key}"
    )


def _cleared(registry: Registry, entity: Entity, owner: Entity, key: str) -> Iterator[str]:
    """For each reference that loses its record: how many records have it and stay."""
    stays = "TRUE"
    if entity.name == owner.name:
        stays = f'"id" <> {key}'
    elif entity.belongs_to(owner):
        stays = f"{quoted(str(entity.organisation))} IS DISTINCT FROM {key}"
    for field in () if entity.about else entity.references:
        target = registry[str(field.target)]
        if target.name == owner.name:
            going = f"= {key}"
        elif target.belongs_to(owner):
            theirs = f"{quoted(str(target.organisation))} = {key}"
            going = f'IN (SELECT "id" FROM {quoted(target.name)} WHERE {theirs})'
        else:
            continue
        if field.name != entity.organisation or not entity.belongs_to(owner):
            yield (
                f"SELECT '{CLEARED}' AS what, {literal(entity.name)} AS entity, "
                f"count(*) AS records FROM {quoted(entity.name)} "
                f"WHERE {quoted(field.name)} {going} AND {stays}"
            )


def last_deletion(log: Entity, entity: Entity, id: int) -> Query:
    """The last deletion of a record: number of the changeset, subject, at, responsible_id."""
    return Query(
        'SELECT "changeset", "subject", "at", "responsible_id" '
        f'FROM {quoted(log.name)} WHERE "entity" = ? AND "record_id" = ? '
        'AND "action" = \'delete\' AND "field" = \'id\' ORDER BY "changeset" DESC LIMIT 1',
        (entity.name, id),
    )


def deleted(
    registry: Registry,
    log: Entity,
    entity: Entity | None = None,
    organisation: int | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Query:
    """Deleted records that are not there now, latest first.

    What went with another record is counted there and not listed.

    Parameters
    ----------
    entity, organisation : only records of this entity, and of the organisation with this id.
    limit, offset : which page; no limit gives all.
    """
    user = registry[str(log.field("responsible_id").target)]
    page, params = "", tuple[int, ...]()
    if limit is not None:
        page, params = " LIMIT ? OFFSET ?", (limit, offset)
    gone, filters = _gone(registry, log, entity, organisation)
    return Query(
        f"{gone}\nSELECT g.entity, g.record_id AS id, g.subject AS title, "
        f'g."at", u.{quoted(user.title)} AS who, g.changeset, coalesce(w.records, 0) AS went_with '
        f"FROM (SELECT * FROM listed ORDER BY log_id DESC{page}) AS g "
        "LEFT JOIN (SELECT owner, changeset, organisation_id, count(*) AS records FROM deleted "
        "WHERE owner IS NOT NULL GROUP BY ALL) AS w ON w.owner = g.entity "
        "AND w.changeset = g.changeset AND w.organisation_id = g.record_id "
        f'LEFT JOIN {quoted(user.name)} AS u ON u."id" = g.responsible_id '
        "ORDER BY g.log_id DESC",
        (*filters, *params),
    )


def deleted_count(
    registry: Registry, log: Entity, entity: Entity | None = None, organisation: int | None = None
) -> Query:
    """How many records `deleted` has."""
    gone, filters = _gone(registry, log, entity, organisation)
    return Query(f"{gone}\nSELECT count(*) AS count FROM listed", filters)


def _gone(
    registry: Registry, log: Entity, entity: Entity | None, organisation: int | None
) -> tuple[str, tuple[str | int, ...]]:
    """WITH: every deletion in the log, and of these the last of each record to be listed."""
    stored = [other for other in registry if not other.about]
    owners = {e: o.name for e in stored for o in stored if e.belongs_to(o)}
    whose = "".join(f" WHEN {literal(e.name)} THEN {literal(name)}" for e, name in owners.items())
    owner = f'CASE "entity"{whose} END' if whose else "NULL::VARCHAR"
    there = " UNION ALL ".join(
        f'SELECT {literal(e.name)} AS entity, "id" FROM {quoted(e.name)} WHERE "id" IN '
        f"(SELECT record_id FROM deleted WHERE entity = {literal(e.name)})"
        for e in stored
    )
    chosen: dict[str, str | int] = {}
    if entity is not None:
        chosen["l.entity = ?"] = entity.name
    if organisation is not None:
        chosen["l.organisation_id = ?"] = organisation
    sql = (
        'WITH deleted AS MATERIALIZED (SELECT "id" AS log_id, "entity", "record_id", "subject", '
        f'"at", "responsible_id", "changeset", "organisation_id", {owner} AS owner '
        f"FROM {quoted(log.name)} WHERE \"action\" = 'delete' AND \"field\" = 'id'),\n"
        "last AS (SELECT unnest(arg_max(d, d.log_id)) FROM deleted AS d "
        "GROUP BY d.entity, d.record_id),\n"
        f"there AS ({there}),\n"
        "listed AS (SELECT l.* FROM last AS l "
        "ANTI JOIN there AS t ON t.entity = l.entity AND t.id = l.record_id "
        "ANTI JOIN deleted AS o ON o.entity = l.owner AND o.record_id = l.organisation_id "
        f"AND o.changeset = l.changeset WHERE {' AND '.join(chosen) or 'TRUE'})"
    )
    return sql, tuple(chosen.values())
