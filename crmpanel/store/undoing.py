"""Undo: a changeset reversed by another one, derived from the log alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmpanel.errors import Collision, NotFound, UndoRefused, named, shortened
from crmpanel.model.changeset import Applied, Changeset
from crmpanel.model.entity import Entity
from crmpanel.model.registry import Registry
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.collisions import MOST, collisions, problems
from crmpanel.store.numbering import Numbering
from crmpanel.store.restoring import Which, forget_what_cannot_be, restoring
from crmpanel.store.staged import CHANGED, FEW, REFERRING, THERE, Group
from crmpanel.store.staging import Staging
from crmpanel.store.writer import Load
from crmpanel.store.writing import write

#: The source of changesets that log one row for each new record.
BULK = "import"


def reversal(number: int, user: int | None, only: Which | None = None) -> Changeset:
    """The changeset that undoes another; what it changes is staged by `stage_undo`."""
    if only is not None:
        why = f"Restore of {named(*only, None)} from changeset {number}"
        return Changeset((), why, "restore", user, undoes=number)
    return Changeset((), f"Undo of changeset {number}", "undo", user, undoes=number)


def undo(
    load: Load, numbering: Numbering, changeset: Changeset, only: Which | None = None
) -> Applied:
    """Write a `reversal` within a transaction.

    Parameters
    ----------
    only : the one deleted record that is to come back.

    Raises
    ------
    NotFound, UndoRefused : see `crmpanel.store.Database.undo`.
    """
    number, log = int(changeset.undoes or 0), numbering.log
    staging = stage_undo(load, log, number, only)
    groups = staging.groups()
    against = reasons(staging, groups, log, number)
    if against:
        raise UndoRefused(number, against, _remedy(load, number))
    return write(staging, groups, numbering, changeset)


def _remedy(load: Load, number: int) -> str:
    sql = "SELECT max(id) FROM changeset WHERE undoes = ? AND source = 'undo'"
    last = load.execute(sql, [number]).fetchone()
    if last and last[0]:
        return f"Changeset {last[0]} has undone it already."
    return "Undo the later changesets first."


def stage_undo(load: Load, log: Entity, number: int, only: Which | None = None) -> Staging:
    """Stage the reverse of a changeset, or as much of it as brings back one deleted record.

    Raises
    ------
    NotFound : there is no such changeset.
    UndoRefused : it was not written field by field, or has fields that are not declared any more.
    """
    registry = load.registry
    rows = f'SELECT * FROM {quoted(log.name)} WHERE "changeset" = {literal(number)}'
    load.execute(f"CREATE TEMP TABLE undone AS {restoring(registry, rows, only)}")
    done, is_bulk = _done(load, registry, number, only), _is_bulk(load, number)
    staging = Staging(load)
    for group in done:
        entity = registry[group.entity]
        if group.action == "update":
            _stage_back(staging, entity, group)
        elif group.field == "id" and group.action == "insert":
            _stage_removal(staging, entity, _given(log, entity, number, is_bulk), is_bulk)
        elif group.field == "id":
            _stage_return(staging, entity)
    for name in dict.fromkeys(g.entity for g in done if g.action == "insert"):
        staging.cleared(registry[name], REFERRING)
    if only is not None:
        forget_what_cannot_be(staging)
    return staging


def _done(load: Load, registry: Registry, number: int, only: Which | None) -> list[Group]:
    """What the changeset did, by entity, action and field."""
    found = load.execute(
        'SELECT "entity", "action", "field", count(*), min("record_id", ?) '
        "FROM undone GROUP BY ALL ORDER BY ALL",
        [FEW + 1],
    ).fetchall()
    groups = [Group(e, a, f, None, n, tuple(ids or ()), ()) for e, a, f, n, ids in found]
    if not groups and only is not None:
        raise NotFound(f"Changeset {number} did not delete {named(*only, None)}.")
    sql = "SELECT token, source FROM changeset WHERE id = ?"
    known = load.execute(sql, [number]).fetchone()
    if not known and not groups:
        raise NotFound(f"There is no changeset {number}.")
    if not known or not groups or (known[0] is None and known[1] != BULK):
        raise UndoRefused(number, ["It was a load, which is not logged field by field."])
    strange = [g for g in groups if g.entity not in registry or g.field not in _fields(registry, g)]
    if strange:
        raise UndoRefused(
            number, [f"{g.entity}.{g.field} is a field that is not declared." for g in strange]
        )
    return groups


def _fields(registry: Registry, group: Group) -> Sequence[str]:
    return list(registry[group.entity].fields)


def _stage_back(staging: Staging, entity: Entity, group: Group) -> None:
    """The old values, where the new ones are still there."""
    source = (
        'SELECT "record_id" AS id, "old_value" AS value, "new_value" AS seen, TRUE AS is_seen '
        f'FROM undone WHERE "action" = \'update\' AND "entity" = {literal(entity.name)} '
        f'AND "field" = {literal(group.field)}'
    )
    staging.compared(entity, entity.field(group.field), source, (), group.few)


def _rows(entity: Entity, action: str) -> str:
    return f'undone WHERE "action" = \'{action}\' AND "entity" = {literal(entity.name)}'


def _is_bulk(load: Load, number: int) -> bool:
    """Whether a changeset logged one row for each new record, not one for each value."""
    found = load.execute("SELECT source FROM changeset WHERE id = ?", [number]).fetchone()
    return bool(found and found[0] == BULK)


def _given(log: Entity, entity: Entity, number: int, is_bulk: bool) -> str:
    """The values that new records got from a changeset, as far as the log tells.

    Of a bulk write it is what they held before the first change since: all else they still hold.
    """
    if not is_bulk:
        return f"(SELECT * FROM {_rows(entity, 'insert')})"
    its = f'SELECT "record_id" FROM {_rows(entity, "insert")}'
    return (
        '(SELECT "record_id", any_value("organisation_id") AS organisation_id, '
        'any_value("subject") AS subject, "field", '
        'arg_min({\'was\': "old_value"}, "id").was AS new_value '
        f'FROM {quoted(log.name)} WHERE "changeset" > {literal(number)} AND "action" = \'update\' '
        f'AND "entity" = {literal(entity.name)} AND "record_id" IN ({its}) GROUP BY ALL)'
    )


def _stage_removal(staging: Staging, entity: Entity, given: str, is_bulk: bool) -> None:
    """New records are deleted; a value that they have not got from the changeset is in the way."""
    ids = f'SELECT "record_id" FROM {_rows(entity, "insert")} AND "field" = \'id\''
    found = staging.execute(ids).fetchall()
    staging.deleted(entity, [row[0] for row in found])
    kept = "RIGHT" if is_bulk else "FULL"
    columns = ("record_id", "organisation_id", "subject")
    either = [f"coalesce(s.{quoted(name)}, u.{quoted(name)})" for name in columns]
    staging.execute(
        f"INSERT INTO staged SELECT {literal(entity.name)}, {', '.join(either)}, 'delete', "
        'coalesce(s."field", u."field"), s."old_value", NULL, u."new_value", '
        f"'{CHANGED}' "
        'FROM (SELECT * FROM staged WHERE "action" = \'delete\' AND "state" IS NULL '
        f'AND "entity" = {literal(entity.name)}) AS s {kept} JOIN {given} AS u '
        'ON u."record_id" = s."record_id" AND u."field" = s."field" '
        'WHERE u."new_value" IS DISTINCT FROM s."old_value" AND coalesce(s."record_id", '
        f'u."record_id") IN ({staging.going(entity)} AND "state" IS NULL)'
    )


def _stage_return(staging: Staging, entity: Entity) -> None:
    """Deleted records come back with their ids."""
    ids = f'SELECT "record_id" FROM {_rows(entity, "delete")} AND "field" = \'id\''
    there = f'SELECT "id" FROM {quoted(entity.name)} WHERE "id" IN ({ids})'
    staging.execute(
        'INSERT INTO staged SELECT "entity", "record_id", "organisation_id", "subject", '
        '\'insert\', "field", NULL, "old_value", NULL, '
        f"CASE WHEN \"field\" = 'id' AND \"record_id\" IN ({there}) THEN '{THERE}' END "
        f"FROM {_rows(entity, 'delete')}"
    )


def reasons(staging: Staging, groups: Sequence[Group], log: Entity, number: int) -> list[str]:
    """All that stands in the way of undoing a changeset, a sentence each."""
    if not any(group.state for group in groups):
        return [str(problem) for problem in problems(staging, groups, log)]
    changed = map(_changed, collisions(staging, log, number))
    return list(dict.fromkeys([*changed, *_there(staging, log), *_referring(staging, log, number)]))


def _changed(found: Collision) -> str:
    if found.field is None:
        return str(found)
    since = f" in changeset {found.changeset}" if found.changeset else ""
    record = named(found.entity, found.id, found.record)
    return f"{record}, {found.field}: it was changed to {shortened(found.now)}{since}."


def _there(staging: Staging, log: Entity) -> Iterator[str]:
    """Which records are there again, and since when."""
    since = (
        f'SELECT max(l."changeset") FROM {quoted(log.name)} AS l WHERE l."action" = \'insert\' '
        'AND l."entity" = s."entity" AND l."record_id" = s."record_id"'
    )
    found = staging.execute(
        f'SELECT "entity", "record_id", "subject", ({since}) FROM staged AS s '
        f"WHERE \"state\" = '{THERE}' ORDER BY ALL LIMIT {MOST}"
    ).fetchall()
    for entity, id, subject, changeset in found:
        yield f"{named(entity, id, subject)} is there again since changeset {changeset}."


def _referring(staging: Staging, log: Entity, number: int) -> Iterator[str]:
    """Which records refer to one that is to go, and since when."""
    later = (
        f'SELECT max(l."changeset") FROM {quoted(log.name)} AS l WHERE l."changeset" > ? '
        'AND l."entity" = s."entity" AND l."record_id" = s."record_id" '
        'AND l."field" = s."field" AND l."new_value" = s."old_value"'
    )
    found = staging.execute(
        f'SELECT "entity", "record_id", "subject", "field", ({later}) FROM staged AS s '
        f"WHERE \"state\" = '{REFERRING}' ORDER BY ALL LIMIT {MOST}",
        [number],
    ).fetchall()
    for entity, id, subject, field, changeset in found:
        since = f" since changeset {changeset}" if changeset else ""
        yield f"{named(entity, id, subject)} refers to it as {field}{since}."
