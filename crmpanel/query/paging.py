"""A page of records: found first, then their references are given titles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import REFERENCE
from crmpanel.model.registry import Registry
from crmpanel.query.query import Query
from crmpanel.query.sqltext import quoted
from crmpanel.query.where import Predicate

#: ``(("date", True),)``: by date, newest first.
Sort = tuple[tuple[str, bool], ...]


def label_name(field: Field) -> str:
    """Name of the column that carries the title of a referred record."""
    return field.name.removesuffix("_id")


def page(
    entity: Entity,
    registry: Registry,
    where: Predicate,
    columns: Iterable[str],
    sort: Sort,
    limit: int | None,
    offset: int,
) -> Query:
    """See `Selection.page`."""
    fields = [entity.field(name) for name in dict.fromkeys(("id", *columns))]
    order = _Order(entity, registry, sort or entity.sort)
    inner = ", ".join(f"r.{quoted(f.name)}" for f in fields)
    sql = (
        f"SELECT {inner}, {order.keys} FROM {quoted(entity.name)} AS r{order.joins} "
        f"WHERE {where.sql} ORDER BY {order.by}"
    )
    params = where.params
    if limit is not None:
        sql, params = f"{sql} LIMIT ? OFFSET ?", (*params, limit, offset)
    return Query(_with_titles(registry, fields, sql, order), params)


class _Order:
    """Sort keys as SQL, and the joins that they need."""

    def __init__(self, entity: Entity, registry: Registry, sort: Sort) -> None:
        self.joins = ""
        self._keys: list[str] = []
        self._ways: list[str] = []
        for name, descending in sort:
            self._add(registry, entity.field(name), descending)
        if all(name != "id" for name, _ in sort):
            # Without it, records that are equal could stand on two pages, or on none.
            self._add(registry, entity.field("id"), bool(sort) and sort[0][1])

    def _add(self, registry: Registry, field: Field, descending: bool) -> None:
        column, is_text = f"r.{quoted(field.name)}", field.kind.is_text
        if field.kind is REFERENCE:
            target, alias = registry[field.target or ""], f"o{len(self._keys)}"
            self.joins += f' LEFT JOIN {quoted(target.name)} AS {alias} ON {alias}."id" = {column}'
            column, is_text = f"{alias}.{quoted(target.title)}", True
        self._keys.append(f"lower({column})" if is_text else column)
        self._ways.append("DESC NULLS LAST" if descending else "ASC NULLS LAST")

    @property
    def keys(self) -> str:
        """The keys as columns of the page."""
        return ", ".join(f"{key} AS {quoted(f'order {i}')}" for i, key in enumerate(self._keys))

    @property
    def by(self) -> str:
        """The keys as an order of the page's own query."""
        return self._ordered(self._keys)

    @property
    def again(self) -> str:
        """The same order outside that query, where joins may have lost it."""
        return self._ordered([f"p.{quoted(f'order {i}')}" for i in range(len(self._keys))])

    def _ordered(self, keys: Sequence[str]) -> str:
        return ", ".join(f"{key} {way}" for key, way in zip(keys, self._ways, strict=True))


def _with_titles(registry: Registry, fields: Sequence[Field], page: str, order: _Order) -> str:
    columns, joins = [], ""
    for i, field in enumerate(fields):
        columns.append(f"p.{quoted(field.name)}")
        if field.kind is REFERENCE:
            target, alias = registry[field.target or ""], f"t{i}"
            columns.append(f"{alias}.{quoted(target.title)} AS {quoted(label_name(field))}")
            joins += (
                f"\nLEFT JOIN {quoted(target.name)} AS {alias} "
                f'ON {alias}."id" = p.{quoted(field.name)}'
            )
    return f"SELECT {', '.join(columns)}\nFROM ({page}) AS p{joins}\nORDER BY {order.again}"
