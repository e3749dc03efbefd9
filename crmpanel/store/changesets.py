"""A changeset applied: staged, compared with what there is, written together with its log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crmpanel.errors import Conflict, ValidationFailed
from crmpanel.model.changeset import Applied, Changeset, RecordsChanged
from crmpanel.model.entity import Entity
from crmpanel.model.proposal import Assigned, Proposal
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.collisions import collisions, never_there, problems
from crmpanel.store.numbering import Numbering
from crmpanel.store.staged import CHANGED, GONE, LISTED, Group, written
from crmpanel.store.staging import Staging
from crmpanel.store.writer import Load


def apply(load: Load, numbering: Numbering, changeset: Changeset) -> Applied:
    """Write a changeset within a transaction; one that was written before has no effect.

    Raises
    ------
    ValidationFailed, Conflict : see `crmpanel.store.Database.apply`.
    """
    before = numbering.known(changeset.token)
    if before is not None:
        return Applied(before)
    staging, groups = _checked(load, numbering, changeset)
    return write(staging, groups, numbering, changeset)


def preview(load: Load, numbering: Numbering, changeset: Changeset) -> Any:
    """What a changeset would do, as a pandas DataFrame with a row for each value."""
    _checked(load, numbering, changeset)
    return load.execute(
        'SELECT "entity", "record_id" AS id, "subject" AS record, "field", "old_value" AS old, '
        '"new_value" AS new FROM staged ORDER BY rowid'
    ).df()


def _checked(
    load: Load, numbering: Numbering, changeset: Changeset
) -> tuple[Staging, Sequence[Group]]:
    staging = stage(load, numbering, changeset)
    groups = staging.groups()
    check(staging, groups, numbering.log)
    return staging, groups


def stage(load: Load, numbering: Numbering, changeset: Changeset) -> Staging:
    """Stage what a changeset asks for, nothing of which is checked against the database yet.

    Raises
    ------
    ValidationFailed : the changeset asks for what no record can have.
    """
    proposal = Proposal(load.registry, changeset, numbering.record, numbering.moment())
    staging = Staging(load)
    for step in proposal.steps:
        if isinstance(step, Assigned):
            staging.assigned(step)
        else:
            staging.values(step)
    if proposal.made:
        staging.made(proposal.made)
    if proposal.deleted:
        _stage_deleted(staging, {name: list(ids) for name, ids in proposal.deleted.items()})
    return staging


def _stage_deleted(staging: Staging, ids: dict[str, list[int]]) -> None:
    """Records, what belongs to them, and the references to all of these."""
    registry = staging.registry
    owners = [registry[name] for name in ids if registry[name].organisation == "id"]
    for owner in owners:
        staging.deleted(owner, ids[owner.name])
    for entity in registry:
        owning = [owner for owner in owners if entity.belongs_to(owner)]
        if entity not in owners and (owning or entity.name in ids):
            staging.deleted(entity, ids.get(entity.name, []), *owning)
    staging.forget_updates_of_deleted()
    going = {group.entity for group in staging.groups() if group.action == "delete"}
    for name in going:
        staging.cleared(registry[name])


def check(staging: Staging, groups: Sequence[Group], log: Entity) -> None:
    """Raise `Conflict` or `ValidationFailed` if anything stands in the way of the staged rows."""
    if any(group.state in (GONE, CHANGED) for group in groups):
        found = collisions(staging, log)
        unknown = never_there(found)
        if unknown:
            raise ValidationFailed(unknown)
        raise Conflict(found)
    wrong = problems(staging, groups, log)
    if wrong:
        raise ValidationFailed(wrong)


def write(
    staging: Staging, groups: Sequence[Group], numbering: Numbering, changeset: Changeset
) -> Applied:
    """Write the staged rows into their tables and into the log."""
    if not groups:
        return Applied(None)
    load, registry = staging.load, staging.registry
    for name in dict.fromkeys(group.entity for group in groups if group.action == "insert"):
        _insert(load, registry[name], [g for g in groups if g.entity == name])
    for group in groups:
        if group.action == "update":
            _update(load, registry[group.entity], group)
        elif group.action == "delete" and group.field == "id":
            _delete(load, staging, registry[group.entity], group)
    number = numbering.changeset()
    _log(load, numbering, changeset, number, sum(group.number for group in groups))
    load.seal(_added(groups, numbering.log))
    return Applied(number, tuple(_events(staging, groups)))


def _added(groups: Sequence[Group], log: Entity) -> dict[str, int]:
    """Rows that each table has more than before."""
    added = {log.name: sum(group.number for group in groups)}
    for group in groups:
        if group.field == "id":
            rows = group.number if group.action == "insert" else -group.number
            added[group.entity] = added.get(group.entity, 0) + rows
    return added


def _insert(load: Load, entity: Entity, groups: Sequence[Group]) -> None:
    fields = [entity.field(g.field) for g in groups if g.action == "insert"]
    values = ", ".join(
        f'CAST(max("new_value") FILTER ("field" = {literal(f.name)}) AS {f.kind.sql})'
        for f in fields
    )
    load.execute(
        f"INSERT INTO {quoted(entity.name)} ({', '.join(quoted(f.name) for f in fields)}) "
        f'SELECT {values} FROM staged WHERE "entity" = {literal(entity.name)} '
        'AND "action" = \'insert\' GROUP BY "record_id"'
    )


def _update(load: Load, entity: Entity, group: Group) -> None:
    field = entity.field(group.field)
    load.execute(
        f"UPDATE {quoted(entity.name)} AS r SET {quoted(field.name)} = "
        f'CAST(s."new_value" AS {field.kind.sql}) FROM staged AS s WHERE s."record_id" = r."id" '
        f'AND s."entity" = {literal(entity.name)} AND s."action" = \'update\' '
        f'AND s."field" = {literal(field.name)}{_only(group)}'
    )


def _delete(load: Load, staging: Staging, entity: Entity, group: Group) -> None:
    load.execute(
        f"DELETE FROM {quoted(entity.name)} AS r "
        f'WHERE r."id" IN ({staging.going(entity)}){_only(group)}'
    )


def _only(group: Group) -> str:
    """Lets DuckDB find a few records through the index of their table."""
    return f' AND r."id" IN ({written(group.few)})' if group.few else ""


def _log(load: Load, numbering: Numbering, changeset: Changeset, number: int, rows: int) -> None:
    at = numbering.moment()
    load.execute(
        'INSERT INTO changeset (id, "at", user_id, why, source, undoes, token) '
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            number,
            at,
            changeset.user,
            changeset.why,
            changeset.source,
            changeset.undoes,
            changeset.token,
        ],
    )
    load.execute(
        f'INSERT INTO {quoted(numbering.log.name)} ("id", "organisation_id", "changeset", "at", '
        '"responsible_id", "action", "entity", "record_id", "subject", "field", "old_value", '
        '"new_value", "source") SELECT ? + row_number() OVER (), "organisation_id", ?, ?, ?, '
        '"action", "entity", "record_id", "subject", "field", "old_value", "new_value", ? '
        "FROM staged",
        [numbering.log_rows(rows), number, at, changeset.user, changeset.source],
    )


def _events(staging: Staging, groups: Sequence[Group]) -> Iterator[RecordsChanged]:
    """What happened, by entity and action."""
    for entity, action in dict.fromkeys((group.entity, group.action) for group in groups):
        mine = [g for g in groups if (g.entity, g.action) == (entity, action)]
        fields = tuple(group.field for group in mine)
        ids = {id for group in mine for id in group.ids}
        if max(group.number for group in mine) > LISTED:
            number = _count(staging.load, entity, action)
            yield RecordsChanged(entity, action, number, fields, None, None)
            continue
        whose = {id for group in mine for id in (*group.organisations, *_left(staging, group))}
        listed = tuple(sorted(ids)), tuple(sorted(whose))
        yield RecordsChanged(entity, action, len(ids), fields, *listed)


def _left(staging: Staging, group: Group) -> Iterator[int]:
    """The organisations that records no longer belong to."""
    if group.action == "update" and group.field == staging.registry[group.entity].organisation:
        sql = (
            'SELECT DISTINCT CAST("old_value" AS BIGINT) FROM staged WHERE "entity" = ? '
            'AND "field" = ? AND "old_value" IS NOT NULL'
        )
        found = staging.load.execute(sql, [group.entity, group.field]).fetchall()
        yield from (row[0] for row in found)


def _count(load: Load, entity: str, action: str) -> int:
    sql = 'SELECT count(DISTINCT "record_id") FROM staged WHERE "entity" = ? AND "action" = ?'
    row = load.execute(sql, [entity, action]).fetchone()
    return int(row[0]) if row else 0
