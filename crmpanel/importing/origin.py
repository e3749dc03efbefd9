"""Origin: one staged table and those joined to it, as SQL that rows are taken from."""

from __future__ import annotations

from collections.abc import Sequence
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
    for name, table in plan.tables.items():
        columns = stage.tables[table.name].columns if table.name in stage.tables else ()
        load.execute(f"CREATE TEMP {view(plan, name, stage.relation(table.name), columns)}")
        places = plan.unused(name)
        filled = set(stage.filled(table.name, [columns[place] for place in places.values()]))
        unused[name] = tuple(n for n, place in places.items() if columns[place] in filled)
    return unused


def view(plan: Plan, name: str, relation: str, columns: Sequence[str], more: str = "") -> str:
    """The view on a table of the plan, as it stands after CREATE.

    Parameters
    ----------
    name : of the table in the mapping.
    relation : its rows, with the columns called so.
    more : further columns of the view.
    """
    table, taken = plan.tables[name], [LINE]
    for column, place in plan.staged[name].items():
        sql = _without(quoted(columns[place]), plan.unset(table.name, columns[place]))
        taken.append(f"{sql} AS {quoted(column)}")
    return f"VIEW {staged(name)} AS SELECT {', '.join(taken)}{more} FROM {relation}"


def _without(text: str, unset: tuple[str, ...]) -> str:
    """SQL: a text, or NULL if it is one of `unset`."""
    none = ", ".join(map(literal, unset))
    return f"CASE WHEN {text} NOT IN ({none}) THEN {text} END" if none else text


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
    def line(self) -> str:
        """SQL: the line in the file."""
        return f"{quoted(self.source.table)}.{LINE}"

    @cached_property
    def key(self) -> str:
        """SQL: the key of the record; NULL where all of it is missing."""
        parts = [self.ref(column) for column in self.source.key]
        if len(parts) == 1:
            return parts[0]
        together = " || '/' || ".join(f"coalesce({part}, '')" for part in parts)
        return f"CASE WHEN coalesce({', '.join(parts)}) IS NOT NULL THEN {together} END"

    @property
    def key_name(self) -> str:
        """What the key is called in messages."""
        return " and ".join(map(str, self.source.key))

    def ref(self, column: Column) -> str:
        """SQL: a column; NULL where the source does not have it."""
        if not self.plan.has(self.source, column):
            return "NULL::VARCHAR"
        text = f"{quoted(column.table or self.source.table)}.{quoted(column.name)}"
        if column.split:
            part = f"split_part({text}, {literal(column.split)}, {column.part})"
            text = f"nullif(trim({part}), '')"
        text = _without(text, column.unset)
        if column.when:
            where = [self._holds(Column(name, column.table), texts) for name, texts in column.when]
            text = f"CASE WHEN {' AND '.join(where)} THEN {text} END"
        return f"{literal(column.prefix)} || {text}" if column.prefix else text

    def _holds(self, column: Column, texts: tuple[str, ...]) -> str:
        """SQL condition: a column holds one of the texts, of which a blank one is NULL."""
        return holds(self.ref(column), texts)

    @cached_property
    def sql(self) -> str:
        """SQL after FROM: the table, and at most one row of each joined table."""
        joins = [self._join(join) for join in self.source.joins if self.plan.table(join.table)]
        parts = [f"{staged(self.source.table)} AS {quoted(self.source.table)}", *joins]
        if self.source.only:
            meant = [self._holds(self.source.named(n), t) for n, t in self.source.only.items()]
            # An inner join with one row, so that the condition can name all that is joined.
            parts.append(f'JOIN (SELECT 1) AS "@only" ON {" AND ".join(meant)}')
        return " ".join(parts)

    def _join(self, join: Join) -> str:
        """At most one row of a joined table, the first; through a link table, if need be."""
        rows, alias = self._rows(join), quoted(join.alias)
        return (
            f'LEFT JOIN (SELECT * FROM ({rows}) QUALIFY row_number() OVER (PARTITION BY "@key" '
            f'ORDER BY "@place", {LINE}) = 1) AS {alias} ON {self.ref(join.on)} = {alias}."@key"'
        )

    def _rows(self, join: Join) -> str:
        key, where = f"t.{quoted(join.key)}", [holds(f"t.{quoted(n)}", v) for n, v in join.where]
        if join.through is None:
            condition = f" WHERE {' AND '.join(where)}" if where else ""
            first = f'{key} AS "@key", 0 AS "@place"'
            return f"SELECT {first}, t.* FROM {staged(join.table)} AS t{condition}"
        link = join.through
        where += [holds(f"l.{quoted(n)}", v) for n, v in link.where]
        condition = f" WHERE {' AND '.join(where)}" if where else ""
        return (
            f'SELECT l.{quoted(link.key)} AS "@key", l.{LINE} AS "@place", t.* '
            f"FROM {staged(link.table)} AS l JOIN {staged(join.table)} AS t "
            f"ON l.{quoted(link.to)} = {key}{condition}"
        )


def holds(text: str, texts: tuple[str, ...]) -> str:
    """SQL condition: `text` is one of `texts`, in any case; a blank one stands for NULL.

    ``*`` stands for any text.
    """
    if "*" in texts:
        return "true" if "" in texts else f"({text} IS NOT NULL)"
    known = [literal(t.lower()) for t in texts if t]
    parts = [f"lower({text}) IN ({', '.join(known)})"] if known else []
    parts += [f"{text} IS NULL"] if "" in texts else []
    return f"({' OR '.join(parts) or 'false'})"
