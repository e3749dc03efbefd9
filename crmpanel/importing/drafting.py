"""Drafting: staged text becomes typed records that are not linked yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crmpanel.importing.mapping import Column, Constant, Taken, Value
from crmpanel.importing.origin import Origin
from crmpanel.importing.plan import Plan
from crmpanel.importing.rejects import Rejects
from crmpanel.importing.sifting import Sieve
from crmpanel.importing.stage import LINE
from crmpanel.importing.values import column_type, value_sql
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.writer import Load


def drafted(entity: str) -> str:
    """Name of the temporary table of records that are not linked yet, quoted."""
    return quoted(f"draft_{entity}")


def link_column(column: Column) -> str:
    """Name of the draft's column that keeps the key a link goes by, quoted."""
    return quoted(f"-> {column}")


def fields_of(plan: Plan, entity: Entity) -> dict[str, Value]:
    """The fields that get a value from any source, each with one of the ways it gets it."""
    values = {n: v for source in plan.of(entity.name) for n, v in source.fields.items()}
    if entity.name in plan.mapping.stand_ins:
        values.setdefault(entity.title, Constant(""))
    if plan.mapping.currency:
        for name in currencies(entity):
            values.setdefault(name, Constant(plan.mapping.currency))
    return values


def currencies(entity: Entity) -> list[str]:
    """The fields that hold the currency of an amount."""
    return list(dict.fromkeys(f.currency for f in entity.own_fields if f.currency))


def link_columns(plan: Plan, entity: str) -> list[Column]:
    """The columns that links of an entity go by, over all its sources."""
    routes = [route for s in plan.of(entity) for found in s.links.values() for route in found]
    return list(dict.fromkeys(route.column for route in routes))


def draft(plan: Plan, load: Load, rejects: Rejects, entity: Entity) -> None:
    """Make the draft table of an entity and fill it from all its sources.

    Raises
    ------
    ImportFailed : a value does not fit, and the mapping says to stop then.
    """
    columns = ['"@file" VARCHAR', f"{LINE} BIGINT", '"source_key" VARCHAR']
    for name, value in fields_of(plan, entity).items():
        columns.append(f"{quoted(name)} {column_type(entity.field(name).kind, value)}")
    columns += [f"{link_column(column)} VARCHAR" for column in link_columns(plan, entity.name)]
    load.execute(f"CREATE TEMP TABLE {drafted(entity.name)} ({', '.join(columns)})")
    for source in plan.of(entity.name):
        origin = Origin(plan, source)
        sieve = Sieve(rejects, entity, origin, drafted(entity.name))
        sieve.run()
        load.execute(_Insert(entity, origin, sieve.kept).sql())


@dataclass(frozen=True)
class _Insert:
    """The statement that makes drafts of the rows that passed."""

    entity: Entity
    origin: Origin
    kept: str

    def sql(self) -> str:
        columns, line = dict(self._columns()), self.origin.line
        order = f"ORDER BY {line}"
        if self.origin.source.group:
            order = f"GROUP BY {self.origin.key} ORDER BY min({line})"
        return (
            f"INSERT INTO {drafted(self.entity.name)} ({', '.join(columns)}) "
            f"SELECT {', '.join(columns.values())} FROM {self.origin.sql} "
            f"WHERE {self.kept} {order}"
        )

    def _columns(self) -> Iterator[tuple[str, str]]:
        """Quoted name and SQL of each column."""
        line = self.origin.line
        yield '"@file"', literal(self.origin.file)
        yield LINE, f"min({line})" if self.origin.source.group else line
        yield '"source_key"', self.origin.key
        for name, value in self._values():
            sql = value_sql(value, self.entity.field(name).kind, self.origin.ref)
            yield quoted(name), self._with_currency(name, self._one(sql, value))
        routes = (route for found in self.origin.source.links.values() for route in found)
        for column in dict.fromkeys(route.column for route in routes):
            yield link_column(column), self._one(self.origin.ref(column))

    def _values(self) -> Iterator[tuple[str, Value]]:
        yield from self.origin.source.fields.items()
        if currency := self.origin.plan.mapping.currency:
            for name in currencies(self.entity):
                if name not in self.origin.source.fields:
                    yield name, Constant(currency)

    def _with_currency(self, name: str, sql: str) -> str:
        currency = self.origin.plan.mapping.currency
        if currency and name in currencies(self.entity):
            return f"coalesce({sql}, {literal(currency)})"
        return sql

    def _one(self, sql: str, value: Value | None = None) -> str:
        """Of a group of rows: the aggregate, or the first that holds something."""
        if not self.origin.source.group:
            return sql
        if isinstance(value, Taken) and value.aggregate:
            return f"{value.aggregate}({sql})"
        return f"arg_min({sql}, {self.origin.line})"
