"""Selection: an entity, a scope and a filter set. Its methods are the queries of a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from crmpanel.errors import FilterError, UnknownName
from crmpanel.model.entity import Entity, Measure
from crmpanel.model.filters import Condition, FilterSet
from crmpanel.model.registry import Registry
from crmpanel.query import grouping, paging
from crmpanel.query.paging import Sort, label_name
from crmpanel.query.query import Query
from crmpanel.query.sqltext import quoted
from crmpanel.query.where import Context, Predicate, all_of, any_of, predicate, search

__all__ = ["Selection", "Sort", "label_name"]


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

    def narrowed(self, **filters: Any) -> Selection:
        """The same selection with other filters."""
        return replace(self, filters=replace(self.filters, **filters))

    def where(self) -> Predicate:
        """The scope and the filters as one predicate on alias ``r``."""
        return all_of([self._scoped(), self._filtered(self.filters)])

    def _scoped(self) -> Predicate:
        listed = [predicate(self.entity, c, self.context) for c in self.entity.listed]
        within = [predicate(self.entity, c, self.context) for c in self.scope]
        return all_of([*([any_of(listed)] if listed else ()), *within])

    def _filtered(self, filters: FilterSet) -> Predicate:
        conditions = filters.all_conditions(self.entity, self.context.now.date())
        predicates = [predicate(self.entity, c, self.context) for c in conditions]
        text = filters.search.strip()
        if text:
            predicates.append(search(self.entity, self.registry, text, self.scope, self._scoped()))
        return all_of(predicates)

    def count(self) -> Query:
        """How many records there are."""
        where = self.where()
        table = quoted(self.entity.name)
        return Query(f"SELECT count(*) AS count FROM {table} AS r WHERE {where.sql}", where.params)

    def records(self, limit: int) -> Query:
        """All fields of the first so many records, by id."""
        where = self.where()
        table = quoted(self.entity.name)
        sql = f'SELECT r.* FROM {table} AS r WHERE {where.sql} ORDER BY r."id" LIMIT ?'
        return Query(sql, (*where.params, limit))

    def page(
        self, columns: Iterable[str], sort: Sort = (), limit: int | None = None, offset: int = 0
    ) -> Query:
        """Records with `columns`; references come as id and as title of the referred record.

        The rows of the page are found first and titles are looked up for them alone.

        Parameters
        ----------
        columns : names of fields; ``id`` is always first.
        sort : order; ``id`` breaks ties, so that pages never overlap. Blank values come last.
        limit, offset : which page; no limit gives all records.
        """
        where = self.where()
        return paging.page(self.entity, self.registry, where, columns, sort, limit, offset)

    def facet(self, part: str) -> Query:
        """The choices of ``status``, ``kind`` or ``responsible``: value, title, records.

        All values within the scope are listed; the count is that of records which also pass the
        other filters, so it tells what choosing the value would show.
        """
        entity = self.entity
        parts = {
            "status": (entity.status,),
            "kind": (entity.kind,),
            "responsible": entity.responsible,
        }
        if part not in parts:
            raise UnknownName("filter with choices", part, parts)
        fields = [self.entity.field(name) for name in parts[part] if name]
        if not fields:
            raise FilterError(f"{self.entity.label_plural} have no {part}.")
        others = self._filtered(self.filters.without(part))
        return grouping.facet(self.entity, self.registry, fields, self._scoped(), others)

    def grouped(self, dimension: str, measure: str, limit: int | None = None) -> Query:
        """Records grouped by a field: value, title, currency, records, measure.

        Amounts in different currencies are never added: each currency is a group of its own.
        Groups come in falling order of the measure; dates are grouped by month, newest first.
        """
        group, by = self.entity.field(dimension), self.measure(measure)
        return grouping.grouped(self.entity, self.registry, self.where(), group, by, limit)

    def measure(self, name: str) -> Measure:
        """The measure of the entity called `name`; raises `UnknownName`."""
        found = {m.name: m for m in self.entity.measures}
        if name not in found:
            raise UnknownName(f"measure of {self.entity.name}", name, found)
        return found[name]
