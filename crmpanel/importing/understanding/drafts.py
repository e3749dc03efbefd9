"""What is being made of a table while it is being understood."""

from __future__ import annotations

from dataclasses import dataclass, field

from crmpanel.importing.mapping import (
    Column,
    Custom,
    EntitySource,
    Join,
    Route,
    Taken,
    Value,
    columns_of,
)
from crmpanel.importing.understanding.naming import Names
from crmpanel.importing.understanding.profile import TableProfile


@dataclass
class Draft:
    """A source in the making: the same as `EntitySource`, and how it came about."""

    entity: str
    table: TableProfile
    names: Names
    score: float = 0.0
    key: tuple[Column, ...] = ()
    fields: dict[str, Value] = field(default_factory=dict)
    links: dict[str, list[Route]] = field(default_factory=dict)
    joins: list[Join] = field(default_factory=list)
    only: dict[str, tuple[str, ...]] = field(default_factory=dict)
    skip: dict[str, tuple[str, ...]] = field(default_factory=dict)
    custom: dict[str, Custom] = field(default_factory=dict)
    group: bool = False
    reserved: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """Of the table."""
        return self.table.name

    @property
    def key_name(self) -> str:
        """The key, if it is a single column of its own table."""
        plain = len(self.key) == 1 and not self.key[0].table
        return self.key[0].name if plain else ""

    def used(self) -> set[str]:
        """Columns of its own table that something is made from."""
        found = {c.name for c in self.key if not c.table} | set(self.only) | set(self.skip)
        for value in self.fields.values():
            found |= {c.name for c in columns_of(value) if not c.table}
        for routes in self.links.values():
            for route in routes:
                found |= {route.column.name} if not route.column.table else set()
                found |= {name for name, _ in route.column.when}
        return found | {join.on.name for join in self.joins if not join.on.table}

    def column_of(self, field_name: str) -> str:
        """The column of its own table that a field is taken from, or nothing."""
        value = self.fields.get(field_name)
        if isinstance(value, Taken):
            first = value.columns[0]
            return first.name if isinstance(first, Column) and not first.table else ""
        return ""

    def join(self, join: Join) -> str:
        """Add a join, or find that it is there; returns the name under which it is joined."""
        for known in self.joins:
            if (known.table, known.on, known.key, known.where, known.through) == (
                join.table, join.on, join.key, join.where, join.through
            ):  # fmt: skip
                return known.alias
        taken = {known.alias for known in self.joins} | {self.name}
        name, number = join.table, 2
        while name in taken:
            name, number = f"{join.table} {number}", number + 1
        alias = "" if name == join.table else name
        self.joins.append(Join(join.table, join.on, join.key, alias, join.where, join.through))
        return name

    def source(self) -> EntitySource:
        """The finished part of a mapping."""
        return EntitySource(
            entity=self.entity,
            table=self.name,
            key=self.key,
            fields=self.fields,
            links={name: tuple(routes) for name, routes in self.links.items() if routes},
            joins=tuple(self.joins),
            skip=self.skip,
            group=self.group,
            only=self.only,
            custom=self.custom,
        )
