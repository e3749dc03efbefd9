"""Origin: one staged table and those joined to it, as SQL that rows are taken from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from crmpanel.importing.mapping import Column, EntitySource, Join
from crmpanel.importing.plan import Plan
from crmpanel.importing.stage import LINE, Stage
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.writer import Load


def staged(table: str) -> str:
    """Name of the view on a staged table in which the mapping's columns are, quoted."""
    return quoted(f"stage_{table}")


def bind(plan: Plan, stage: Stage, load: Load) -> dict[str, tuple[str, ...]]:
    """Make a view on each table of the plan; returns unused columns that hold something, by table.

    What means "nothing" to the mapping is NULL in the views.

    Raises
    ------
    ImportFailed : a table of the plan could not be read.
    """
    unused = {}
    unset = ", ".join(map(literal, plan.mapping.unset))
    for name, columns in plan.staged.items():
        table = plan.table(name)
        if table is None:
            continue
        relation, names = stage.relation(table.name), stage.tables[table.name].columns
        taken = [LINE]
        for column, place in columns.items():
            text = quoted(names[place])
            sql = f"CASE WHEN {text} NOT IN ({unset}) THEN {text} END" if unset else text
            taken.append(f"{sql} AS {quoted(column)}")
        load.execute(
            f"CREATE TEMP VIEW {staged(name)} AS SELECT {', '.join(taken)} FROM {relation}"
        )
        places = plan.unused(name)
        filled = set(stage.filled(table.name, [names[place] for place in places.values()]))
        unused[name] = tuple(n for n, place in places.items() if names[place] in filled)
    return unused


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
