"""Records counted and summed by a value: the choices of a filter, and reports."""

from __future__ import annotations

from collections.abc import Sequence

from crmpanel.model.entity import Entity, Field, Measure
from crmpanel.model.kinds import REFERENCE
from crmpanel.model.registry import Registry
from crmpanel.query.query import Query
from crmpanel.query.sqltext import quoted
from crmpanel.query.where import Predicate


def facet(
    entity: Entity,
    registry: Registry,
    fields: Sequence[Field],
    scoped: Predicate,
    others: Predicate,
) -> Query:
    """See `Selection.facet`; `others` are the filters but the one whose choices are asked for."""
    value = f"r.{quoted(fields[0].name)}" if len(fields) == 1 else _either(fields)
    counted = (
        f"SELECT value, count(*) FILTER (WHERE passes) AS records FROM (SELECT {value} AS value, "
        f"{others.sql} AS passes FROM {quoted(entity.name)} AS r WHERE {scoped.sql}) GROUP BY value"
    )
    title, join, order = "c.value", "", "c.records DESC, lower(c.value)"
    if fields[0].kind is REFERENCE:
        title, join = _title(registry, fields[0], "c.value")
        order = f"lower({title})"
    return Query(
        f"SELECT c.value, {title} AS title, c.records FROM ({counted}) AS c{join} "
        f"ORDER BY {order}, c.value",
        (*others.params, *scoped.params),
    )


def _either(fields: Sequence[Field]) -> str:
    """Each record once for every different value that it has in one of the fields."""
    columns = ", ".join(f"r.{quoted(f.name)}" for f in fields)
    blank = " AND ".join(f"r.{quoted(f.name)} IS NULL" for f in fields)
    return (
        f"unnest(CASE WHEN {blank} THEN [NULL]::{fields[0].kind.sql}[] "
        f"ELSE list_filter(list_distinct([{columns}]), lambda x: x IS NOT NULL) END)"
    )


def grouped(
    entity: Entity,
    registry: Registry,
    where: Predicate,
    group: Field,
    measure: Measure,
    limit: int | None,
) -> Query:
    """See `Selection.grouped`."""
    column = f"r.{quoted(group.name)}"
    value = f"date_trunc('month', {column})" if group.kind.is_day else column
    inner = (
        f"SELECT {value} AS value, {_currency(entity, measure)} AS currency, count(*) AS records, "
        f"{_computed(measure)} AS measure FROM {quoted(entity.name)} AS r "
        f"WHERE {where.sql} GROUP BY ALL"
    )
    title, join = "g.value", ""
    if group.kind is REFERENCE:
        title, join = _title(registry, group, "g.value")
    first = "g.value" if group.kind.is_day else "g.measure"
    sql = (
        f"SELECT g.value, {title} AS title, g.currency, g.records, g.measure "
        f"FROM ({inner}) AS g{join} ORDER BY {first} DESC NULLS LAST, g.value, g.currency"
    )
    if limit is None:
        return Query(sql, where.params)
    return Query(f"{sql} LIMIT ?", (*where.params, limit))


def _title(registry: Registry, field: Field, value: str) -> tuple[str, str]:
    target = registry[field.target or ""]
    return f"t.{quoted(target.title)}", f' LEFT JOIN {quoted(target.name)} AS t ON t."id" = {value}'


def _computed(measure: Measure) -> str:
    return f"{measure.function}(r.{quoted(measure.field)})" if measure.field else "count(*)"


def _currency(entity: Entity, measure: Measure) -> str:
    name = entity.field(measure.field).currency if measure.field else None
    return f"r.{quoted(name)}" if name else "NULL"
