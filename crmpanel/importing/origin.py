"""Origin: one staged table and those joined to it, as SQL that rows are taken from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from crmpanel.importing.mapping import Column, EntitySource, Join
from crmpanel.importing.plan import Plan
from crmpanel.importing.staging import LINE, staged
from crmpanel.query.sqltext import quoted


@dataclass(frozen=True)
class Origin:
    """Where the rows of an entity's source come from.

    Parameters
    ----------
    plan : the bound mapping.
    source : the entity's source.
    """

    plan: Plan
    source: EntitySource

    @cached_property
    def file(self) -> str:
        """The file, as it is named in messages."""
        table = self.plan.table(self.source.table)
        return table.file if table else self.source.table

    @cached_property
    def line(self) -> str:
        """SQL: the line in the file."""
        return f"{quoted(self.source.table)}.{LINE}"

    @cached_property
    def key(self) -> str:
        """SQL: the key of the record; NULL where a part of it is missing."""
        return " || '/' || ".join(self.ref(column) for column in self.source.key)

    @property
    def key_name(self) -> str:
        """What the key is called in messages."""
        return " and ".join(map(str, self.source.key))

    def ref(self, column: Column) -> str:
        """SQL: a column; NULL where the source does not have it."""
        if not self.plan.has(self.source, column):
            return "NULL::VARCHAR"
        return f"{quoted(column.table or self.source.table)}.{quoted(column.name)}"

    @cached_property
    def sql(self) -> str:
        """SQL after FROM: the table, and at most one row of each joined table."""
        joins = [self._join(join) for join in self.source.joins if self.plan.table(join.table)]
        return " ".join([f"{staged(self.source.table)} AS {quoted(self.source.table)}", *joins])

    def _join(self, join: Join) -> str:
        key, alias = quoted(join.key), quoted(join.table)
        return (
            f"LEFT JOIN (SELECT * FROM {staged(join.table)} QUALIFY row_number() "
            f"OVER (PARTITION BY {key} ORDER BY {LINE}) = 1) AS {alias} "
            f"ON {self.ref(join.on)} = {alias}.{key}"
        )
