"""Selection: an entity, a scope and a filter set. Its methods are the queries of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crmpanel.errors import FilterError, UnknownName
from crmpanel.model.entity import Entity, Field, Measure
from crmpanel.model.filters import Condition, FilterSet
from crmpanel.model.kinds import DATE, DATETIME, REFERENCE, TEXTUAL
from crmpanel.model.registry import Registry
from crmpanel.query.query import Query
from crmpanel.query.sqltext import quoted
from crmpanel.query.where import Context, Predicate, all_of, predicate, search

#: ``(("date", True),)``: by date, newest first.
Sort = tuple[tuple[str, bool], ...]


def label_name(field: Field) -> str:
    """Name of the column that carries the title of a referred record."""
    return field.name.removesuffix("_id")


@dataclass(frozen=True)
class Selection:
    """The records of an entity within a scope that pass the filters.

    Parameters
    ----------
    entity, registry : what is selected from, and the entities it refers to.
    context : the present moment and the meaning of statuses.
    filters : what the user has chosen.
    scope : what the user cannot change, e.g. the organisation of the card.
    """

    entity: Entity
    registry: Registry
    context: Context
    filters: FilterSet = field(default_factory=FilterSet)
    scope: tuple[Condition, ...] = ()

    def where(self, without: str | None = None) -> Predicate:
        """The scope and the filters as one predicate on alias ``r``."""
        filters = self.filters.without(without) if without else self.filters
        return (
            all_of([self._scoped(), self._filtered(filters)])
            if self.scope
            else self._filtered(filters)
        )

    def _scoped(self) -> Predicate:
        return all_of([predicate(self.entity, c, self.context) for c in self.scope])

    def _filtered(self, filters: FilterSet) -> Predicate:
        conditions = filters.all_conditions(self.entity, self.context.now.date())
        predicates = [predicate(self.entity, c, self.context) for c in conditions]
        if filters.search.strip():
            predicates.append(
                search(self.entity, self.registry, filters.search.strip(), self.scope)
            )
        return all_of(predicates)

    @property
    def _table(self) -> str:
        return f"{quoted(self.entity.name)} AS r"

    def count(self) -> Query:
        """How many records there are."""
        where = self.where()
        return Query(f"SELECT count(*) AS count FROM {self._table} WHERE {where.sql}", where.params)

    def page(
        self, columns: Sequence[str], sort: Sort = (), limit: int | None = None, offset: int = 0
    ) -> Query:
        """Records with `columns`; references come as id and as title of the referred record.

        The rows of the page are found first and titles are looked up for them alone.

        Parameters
        ----------
        columns : names of fields; ``id`` is always first.
        sort : order; ``id`` breaks ties, so that pages never overlap. Blank values come last.
        limit, offset : which page; no limit gives all records.
        """
        fields = [self.entity.field(name) for name in dict.fromkeys(("id", *columns))]
        order, joins = self._order(sort or self.entity.sort)
        where = self.where()
        inner_columns = {f.name for f in fields} | {name for name, _ in sort or self.entity.sort}
        inner = ", ".join(
            f"r.{quoted(name)}" for name in self.entity.fields if name in inner_columns
        )
        keys = "".join(f", {key} AS {quoted(f'order {i}')}" for i, (key, _) in enumerate(order))
        by = ", ".join(f"{key} {way}" for key, way in order)
        page = f"SELECT {inner}{keys} FROM {self._table}{joins} WHERE {where.sql} ORDER BY {by}"
        params = where.params
        if limit is not None:
            page += " LIMIT ? OFFSET ?"
            params = (*params, limit, offset)
        return Query(self._with_titles(fields, page, [way for _, way in order]), params)

    def _order(self, sort: Sort) -> tuple[list[tuple[str, str]], str]:
        """Sort keys as ``(expression, direction)`` and the joins that they need."""
        keys, joins = [], ""
        for i, (name, descending) in enumerate(sort):
            declared = self.entity.field(name)
            column = f"r.{quoted(name)}"
            if declared.kind is REFERENCE:
                target = self.registry[declared.target or ""]
                joins += f' LEFT JOIN {quoted(target.name)} AS o{i} ON o{i}."id" = {column}'
                column = f"o{i}.{quoted(target.title)}"
            if declared.kind is REFERENCE or declared.kind.operators is TEXTUAL:
                column = f"lower({column})"
            keys.append((column, "DESC NULLS LAST" if descending else "ASC NULLS LAST"))
        if all(name != "id" for name, _ in sort):
            keys.append(('r."id"', "DESC" if sort and sort[0][1] else "ASC"))
        return keys, joins

    def _with_titles(self, fields: list[Field], page: str, ways: list[str]) -> str:
        columns, joins = [], ""
        for i, wanted in enumerate(fields):
            columns.append(f"p.{quoted(wanted.name)}")
            if wanted.kind is REFERENCE:
                target = self.registry[wanted.target or ""]
                columns.append(f"t{i}.{quoted(target.title)} AS {quoted(label_name(wanted))}")
                joins += (
                    f"\nLEFT JOIN {quoted(target.name)} AS t{i} "
                    f'ON t{i}."id" = p.{quoted(wanted.name)}'
                )
        by = ", ".join(f"p.{quoted(f'order {i}')} {way}" for i, way in enumerate(ways))
        return f"SELECT {', '.join(columns)}\nFROM ({page}) AS p{joins}\nORDER BY {by}"

    def facet(self, part: str) -> Query:
        """The choices of ``status`` or ``responsible``: value, title, records.

        All values within the scope are listed; the count is that of records which also pass the
        other filters, so it tells what choosing the value would show.
        """
        names = self.entity.responsible if part == "responsible" else (self.entity.status,)
        if not names or names[0] is None:
            raise FilterError(f"{self.entity.label_plural} have no {part}.")
        others = self._filtered(self.filters.without(part))
        scope = self._scoped()
        value = _either(names) if len(names) > 1 else f"r.{quoted(str(names[0]))}"
        counted = (
            f"SELECT value, count(*) FILTER (WHERE passes) AS records FROM "
            f"(SELECT {value} AS value, {others.sql} AS passes FROM {self._table} "
            f"WHERE {scope.sql}) GROUP BY value"
        )
        params = (*others.params, *scope.params)
        if part == "status":
            return Query(
                f"SELECT value, value AS title, records FROM ({counted}) "
                "ORDER BY records DESC, lower(value)",
                params,
            )
        return Query(
            f'SELECT c.value, u."name" AS title, c.records FROM ({counted}) AS c '
            'LEFT JOIN "user" AS u ON u."id" = c.value '
            'ORDER BY lower(u."name")',
            params,
        )

    def grouped(self, dimension: str, measure: str, limit: int = 50) -> Query:
        """Records grouped by a field: value, title, currency, records, measure.

        Amounts in different currencies are never added: each currency is a group of its own.
        Groups come in falling order of the measure; dates are grouped by month, in time order.
        """
        group, by = self.entity.field(dimension), self.measure(measure)
        where = self.where()
        value = (
            "count(*)" if by.function == "count" else f"{by.function}(r.{quoted(by.field or '')})"
        )
        inner = (
            f"SELECT {self._dimension(group)} AS value, {self._currency(by)} AS currency, "
            f"count(*) AS records, {value} AS measure "
            f"FROM {self._table} WHERE {where.sql} GROUP BY ALL"
        )
        order = "g.value DESC NULLS LAST" if self._by_month(group) else "g.measure DESC NULLS LAST"
        join, title = "", "g.value"
        if group.kind is REFERENCE:
            target = self.registry[group.target or ""]
            join = f' LEFT JOIN {quoted(target.name)} AS t ON t."id" = g.value'
            title = f"t.{quoted(target.title)}"
        return Query(
            f"SELECT g.value, {title} AS title, g.currency, g.records, g.measure "
            f"FROM ({inner}) AS g{join} ORDER BY {order}, g.value LIMIT ?",
            (*where.params, limit),
        )

    @staticmethod
    def _by_month(group: Field) -> bool:
        return group.kind in (DATE, DATETIME)

    def _dimension(self, group: Field) -> str:
        column = f"r.{quoted(group.name)}"
        return f"date_trunc('month', {column})" if self._by_month(group) else column

    def _currency(self, measure: Measure) -> str:
        name = self.entity.field(measure.field).currency if measure.field else None
        return f"r.{quoted(name)}" if name else "NULL"

    def measure(self, name: str) -> Measure:
        """The measure of the entity called `name`; raises `UnknownName`."""
        found = {m.name: m for m in self.entity.measures}
        if name not in found:
            raise UnknownName(f"measure of {self.entity.name}", name, found)
        return found[name]

    def narrowed(self, **filters: Any) -> Selection:
        """The same selection with other filters."""
        return replace(self, filters=replace(self.filters, **filters))


def _either(names: tuple[str, ...]) -> str:
    """Each record once for every different value that it has in one of the fields."""
    columns = ", ".join(f"r.{quoted(name)}" for name in names)
    blank = " AND ".join(f"r.{quoted(name)} IS NULL" for name in names)
    return (
        f"unnest(CASE WHEN {blank} THEN [NULL]::BIGINT[] "
        f"ELSE list_filter(list_distinct([{columns}]), lambda x: x IS NOT NULL) END)"
    )
