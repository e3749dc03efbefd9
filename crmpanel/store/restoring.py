"""Restore: the part of an undo that brings back one deleted record."""

from __future__ import annotations

from crmpanel.model.registry import Registry
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.staged import Group
from crmpanel.store.staging import Staging

#: A record: entity and id.
Which = tuple[str, int]


def restoring(registry: Registry, rows: str, only: Which | None) -> str:
    """Of a changeset's log rows, as SQL, those to be undone so that one record comes back.

    They are its own, those of the records that went with it, and of the references to all of these
    that the changeset cleared or, in a merge, turned to another record.

    Parameters
    ----------
    only : the record; None for all rows.

    Raises
    ------
    UnknownName : there is no such entity.
    """
    if only is None:
        return rows
    owner, id = registry[only[0]], literal(int(only[1]))
    its = [literal(entity.name) for entity in registry if entity.belongs_to(owner)]
    back = f'"entity" = {literal(owner.name)} AND "record_id" = {id}'
    if its:
        back += f' OR "entity" IN ({", ".join(its)}) AND "organisation_id" = {id}'
    return (
        f'WITH l AS ({rows}), back AS (SELECT "entity", "record_id" FROM l '
        f"WHERE \"action\" = 'delete' AND \"field\" = 'id' AND ({back})) "
        'SELECT * FROM l WHERE "action" = \'delete\' AND ("entity", "record_id") IN '
        '(SELECT ("entity", "record_id") FROM back) '
        f"OR \"action\" = 'update' AND ({_referring(registry)})"
    )


def _referring(registry: Registry) -> str:
    """Condition on log rows: a reference that was one to a record in ``back``."""
    fields = [(e.name, f) for e in registry if not e.about for f in e.references]
    targets = dict.fromkeys(str(field.target) for _, field in fields)
    conditions = []
    for target in targets:
        pairs = [
            f"({literal(entity)}, {literal(field.name)})"
            for entity, field in fields
            if field.target == target
        ]
        conditions.append(
            f'("entity", "field") IN ({", ".join(pairs)}) AND TRY_CAST("old_value" AS BIGINT) IN '
            f'(SELECT "record_id" FROM back WHERE "entity" = {literal(target)})'
        )
    return " OR ".join(conditions) or "FALSE"


def forget_what_cannot_be(staging: Staging) -> None:
    """References that are of no use any more do not keep a record from coming back.

    Those to the record that have been given another value since stay as they are; its own to
    records that are not there now come back blank.
    """
    staging.execute('DELETE FROM staged WHERE "action" = \'update\' AND "state" IS NOT NULL')
    groups = [g for g in staging.groups() if g.action == "insert"]
    returning = {group.entity for group in groups}
    for group in groups:
        field = staging.registry[group.entity].field(group.field)
        if field.target and not field.mandatory:
            _forget_lost(staging, group, field.target, field.target in returning)


def _forget_lost(staging: Staging, group: Group, target: str, is_returning: bool) -> None:
    mine = (
        f'"entity" = {literal(group.entity)} AND "action" = \'insert\' '
        f'AND "field" = {literal(group.field)}'
    )
    id = 'CAST("new_value" AS BIGINT)'
    # Only these are looked for, not all that there is.
    there = (
        f'SELECT "id" FROM {quoted(target)} WHERE "id" IN (SELECT {id} FROM staged WHERE {mine})'
    )
    if is_returning:
        there += (
            f' UNION ALL SELECT "record_id" FROM staged WHERE "entity" = {literal(target)} '
            "AND \"action\" = 'insert' AND \"field\" = 'id'"
        )
    staging.execute(f"DELETE FROM staged WHERE {mine} AND {id} NOT IN ({there})")
