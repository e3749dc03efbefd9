"""What stands in the way of staged rows, told from the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmpanel.errors import Collision, Problem
from crmpanel.model.entity import Entity
from crmpanel.model.registry import Registry
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.staged import BEYOND, CHANGED, FEW, GONE, NEEDED, Group, written
from crmpanel.store.staging import Staging
from crmpanel.store.templates import unfit

#: So many problems are told of one write; nobody reads more.
MOST = 1000
_MESSAGES = {
    BEYOND: "The date would be before the year 1 or after 9999.",
    NEEDED: "It refers to a record that is to be deleted, and has to refer to one.",
}


def collisions(staging: Staging, log: Entity, before: int = 0) -> list[Collision]:
    """Staged rows whose record is gone, or holds another value than was seen.

    Parameters
    ----------
    before : number of a changeset; only what changed after it is told.
    """
    last = (
        'SELECT "entity", "record_id", "field", arg_max(struct_pack("at", "responsible_id", '
        f'"changeset", "subject"), "id") AS last FROM {quoted(log.name)} '
        f'WHERE coalesce("changeset", 0) > {literal(before)} '
        'AND "record_id" IN (SELECT "record_id" FROM staged WHERE "state" IS NOT NULL) '
        "GROUP BY ALL"
    )
    name, user = _user(staging.registry, log)
    values = ", ".join(map(_if_changed, ("field", "seen", "old_value", "new_value")))
    field = f"CASE s.\"state\" WHEN '{GONE}' THEN 'id' ELSE s.\"field\" END"
    sql = (
        f'SELECT s."entity", s."record_id", coalesce(s."subject", n.last."subject"), {values}, '
        f'{name}, n.last."at", n.last."changeset" FROM staged AS s LEFT JOIN ({last}) AS n '
        f'ON n."entity" = s."entity" AND n."record_id" = s."record_id" AND n."field" = {field}'
        f"{user} WHERE s.\"state\" IN ('{GONE}', '{CHANGED}') "
        f'ORDER BY s."entity", s."record_id", s."field" LIMIT {MOST}'
    )
    found = staging.execute(sql).fetchall()
    return list(dict.fromkeys(Collision(*row) for row in found))


def _user(registry: Registry, log: Entity) -> tuple[str, str]:
    """The name of who made the change, and the JOIN that finds it."""
    user = registry[str(log.field("responsible_id").target)]
    name = f"u.{quoted(user.title)}"
    return name, f' LEFT JOIN {quoted(user.name)} AS u ON u."id" = n.last."responsible_id"'


def _if_changed(column: str) -> str:
    return f"CASE s.\"state\" WHEN '{CHANGED}' THEN s.{quoted(column)} END"


def never_there(found: Sequence[Collision]) -> list[Problem]:
    """Records of which not even the log knows."""
    return [
        Problem(c.entity, c.id, None, f"There is no {c.entity} {c.id}.")
        for c in found
        if c.field is None and c.changeset is None
    ]


def problems(staging: Staging, groups: Sequence[Group], log: Entity) -> list[Problem]:
    """Staged values that cannot be written: no date, no address, or referring to nothing."""
    found = [*_in_state(staging, groups), *unfit(staging, groups)]
    for group in groups:
        field = staging.registry[group.entity].fields.get(group.field)
        if field is not None and field.target and group.action != "delete":
            target = staging.registry[field.target]
            if not _are_there(staging, group, target):
                found += _unlinked(staging, group, target, groups, log)
    return found[:MOST]


def _in_state(staging: Staging, groups: Sequence[Group]) -> Iterator[Problem]:
    if not any(group.state in _MESSAGES for group in groups):
        return
    states = ", ".join(map(literal, _MESSAGES))
    sql = (
        f'SELECT "entity", "record_id", "field", "state" FROM staged WHERE "state" IN ({states}) '
        f"ORDER BY ALL LIMIT {MOST}"
    )
    for entity, id, field, state in staging.execute(sql).fetchall():
        yield Problem(entity, id, field, _MESSAGES[state])


def _are_there(staging: Staging, group: Group, target: Entity) -> bool:
    """Whether, as far as a look without the table tells, all that a group refers to is there."""
    rows = staging.in_memory
    if rows is None:
        return False
    mine = [r for r in rows if (r.entity, r.field) == (group.entity, group.field) and r.new_value]
    new = {r.record_id for r in rows if r.entity == target.name and r.action == "insert"}
    ids = sorted({int(str(row.new_value)) for row in mine} - new)
    if not ids:
        return True
    sql = f'SELECT count(*) FROM {quoted(target.name)} WHERE "id" IN ({written(ids)})'
    found = staging.load.execute(sql).fetchone()
    return bool(found and found[0] == len(ids))


def _unlinked(
    staging: Staging, group: Group, target: Entity, groups: Sequence[Group], log: Entity
) -> Iterator[Problem]:
    """Staged references to a record that will not be there."""
    where = (
        f'"entity" = {literal(group.entity)} AND "action" = {literal(group.action)} '
        f'AND "field" = {literal(group.field)} AND "new_value" IS NOT NULL'
    )
    there = f'SELECT "id" FROM {quoted(target.name)} WHERE "id" IN ({_wanted(staging, where)})'
    id, going = 'CAST(s."new_value" AS BIGINT)', ""
    for other in groups:
        if (other.entity, other.action, other.field) == (target.name, "insert", "id"):
            there += (
                f' UNION ALL SELECT "record_id" FROM staged WHERE "entity" = '
                f"{literal(target.name)} AND \"action\" = 'insert' AND \"field\" = 'id'"
            )
        if (other.entity, other.action, other.field) == (target.name, "delete", "id"):
            going = f" OR {id} IN ({staging.going(target)})"
    sql = (
        f'SELECT "record_id", "new_value" FROM staged AS s WHERE {where} '
        f"AND ({id} NOT IN ({there}){going}) ORDER BY ALL LIMIT {MOST}"
    )
    missing = staging.execute(sql).fetchall()
    deleted = _deleted(staging, target, {int(value) for _, value in missing}, log)
    for record, value in missing:
        changeset = deleted.get(int(value))
        why = f": it was deleted in changeset {changeset}" if changeset else ""
        message = f"There is no {target.name} {value} to refer to{why}."
        yield Problem(group.entity, record, group.field, message)


def _deleted(staging: Staging, entity: Entity, ids: set[int], log: Entity) -> dict[int, int]:
    """Which changeset deleted records last; the log is read only if any are missing."""
    if not ids:
        return {}
    sql = (
        f'SELECT "record_id", max("changeset") FROM {quoted(log.name)} WHERE "entity" = ? '
        f'AND "action" = \'delete\' AND "record_id" IN ({written(sorted(ids))}) GROUP BY ALL'
    )
    return dict(staging.load.execute(sql, [entity.name]).fetchall())


def _wanted(staging: Staging, where: str) -> str:
    """The ids that staged rows refer to; written out if they are few, to be looked up by index."""
    sql = f'SELECT DISTINCT CAST("new_value" AS BIGINT) FROM staged WHERE {where}'
    ids = [row[0] for row in staging.execute(f"{sql} LIMIT {FEW + 1}").fetchall()]
    return written(ids) if 0 < len(ids) <= FEW else sql
