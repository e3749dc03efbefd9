"""Templates that are to be stored have only fields of the records that they are for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmpanel.errors import InputError, Problem
from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import TEMPLATE
from crmpanel.model.template import parse
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.staged import Group
from crmpanel.store.staging import Staging


def unfit(staging: Staging, groups: Sequence[Group]) -> Iterator[Problem]:
    """Staged templates, or the entities that they are for, which do not fit each other."""
    for entity in staging.registry:
        for field in (f for f in entity.fields.values() if f.kind is TEMPLATE):
            names = (field.name, field.fields_of)
            if any(g.entity == entity.name and g.field in names for g in groups):
                yield from _unfit(staging, entity, field)


def _unfit(staging: Staging, entity: Entity, field: Field) -> Iterator[Problem]:
    for id, template, about in _pairs(staging, entity, field):
        try:
            if template is not None and about is not None:
                parse(template).check(staging.registry[about])
        except InputError as error:
            yield Problem(entity.name, id, field.name, str(error))


def _pairs(
    staging: Staging, entity: Entity, field: Field
) -> list[tuple[int, str | None, str | None]]:
    """Id, template and entity of each staged record, as they are after the write."""
    name = literal(entity.name)
    after = ", ".join(
        f'CASE WHEN bool_or(s."field" = {literal(n)}) THEN '
        f'any_value(s."new_value") FILTER (s."field" = {literal(n)}) '
        f"ELSE any_value(r.{quoted(n)}) END"
        for n in (field.name, field.fields_of)
    )
    found: list[tuple[int, str | None, str | None]] = staging.execute(
        f'SELECT s."record_id", {after} FROM staged AS s LEFT JOIN {quoted(entity.name)} AS r '
        f'ON r."id" = s."record_id" WHERE s."entity" = {name} AND s."action" <> \'delete\' '
        f'AND s."field" IN ({literal(field.name)}, {literal(field.fields_of)}) '
        "GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return found
