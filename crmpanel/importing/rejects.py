"""Rejects: every row, value and link that could not be taken over, kept in the database by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from crmpanel.importing.sources import Table
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.writer import Load

if TYPE_CHECKING:
    from crmpanel.importing.plan import Plan
    from crmpanel.importing.stage import Stage

TABLES = (
    """CREATE TABLE IF NOT EXISTS import_reject (
    changeset BIGINT NOT NULL,
    entity VARCHAR NOT NULL,
    "file" VARCHAR NOT NULL,
    line BIGINT,
    "column" VARCHAR,
    "value" VARCHAR,
    reason VARCHAR NOT NULL,
    loaded BOOLEAN NOT NULL
)""",
    # The rows as they stood in the source: names and texts of all their cells.
    """CREATE TABLE IF NOT EXISTS import_row (
    changeset BIGINT NOT NULL,
    "table" VARCHAR NOT NULL,
    "file" VARCHAR NOT NULL,
    line BIGINT NOT NULL,
    cells MAP(VARCHAR, VARCHAR) NOT NULL
)""",
)

#: Rejects that a report carries along; the table holds all.
CARRIED = 1_000
#: What the mapping leaves out is no fault of the source.
LEFT_OUT = "left out by the mapping"
#: The rejects of the import that runs, and the rows they are of.
HERE, CELLS = quoted("import rejects"), quoted("import cells")
LINKS = "links"


class Reject(NamedTuple):
    """Something of the source that is not in the database as it stood there.

    `loaded` tells whether the record came in all the same, without this value.
    """

    entity: str
    file: str
    line: int | None
    column: str | None
    value: str | None
    reason: str
    loaded: bool

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line:,}" if self.line is not None else self.file
        what = f", {self.column} = {shortened(self.value)}" if self.column else ""
        return f"{where}{what}: {self.reason}" + ("" if self.loaded else " (not loaded)")


def shortened(value: str | None, length: int = 60) -> str:
    """A value as it is shown in one line."""
    text = repr(value)
    return text if len(text) <= length else text[: length - 2] + "…'"


@dataclass
class Rejects:
    """The rejects of one import, which stay in a temporary table until they are kept.

    Parameters
    ----------
    load : the transaction they are written in.
    """

    load: Load

    def __post_init__(self) -> None:
        self.load.execute(
            f'CREATE TEMP TABLE {HERE} (entity VARCHAR, row BIGINT, "column" VARCHAR, '
            '"value" VARCHAR, reason VARCHAR, loaded BOOLEAN, "file" VARCHAR, line BIGINT)'
        )

    def add_unread(self, entity: str, table: Table, stage: Stage) -> int:
        """Keep the rows of a table that could not be read; returns how many."""
        row = self.load.execute(
            f'INSERT INTO {HERE} SELECT {literal(entity)}, NULL, NULL, "text", reason, FALSE, '
            f"{literal(table.file)}, line FROM {stage.unread_relation} "
            f'WHERE "table" = {literal(table.name)}'
        ).fetchone()
        return int(row[0]) if row else 0

    def add_query(self, entity: str, select: str) -> int:
        """Keep what an SQL query finds; returns how many.

        Parameters
        ----------
        select : SELECT of ``row, column, value, reason, loaded``.
        """
        row = self.load.execute(
            f"INSERT INTO {HERE} SELECT {literal(entity)}, *, NULL, NULL FROM ({select})"
        ).fetchone()
        return int(row[0]) if row else 0

    def locate(self, plan: Plan) -> None:
        """Say of each reject in which file and line it is."""
        files = [plan.file(source) for source in plan.sources]
        cases = " ".join(f"WHEN {n} THEN {literal(file)}" for n, file in enumerate(files))
        file = f"CASE row >> 40 {cases} ELSE {literal(LINKS)} END"
        self.load.execute(
            f'UPDATE {HERE} SET "file" = {file}, line = row & {(1 << 40) - 1} '
            'WHERE row IS NOT NULL AND "file" IS NULL'
        )

    def first(self, limit: int = CARRIED, where: str = "true") -> list[Reject]:
        """The first rejects, by file and line, that meet an SQL condition."""
        rows = self.load.execute(
            'SELECT entity, coalesce("file", \'\'), line, "column", "value", reason, loaded '
            f'FROM {HERE} WHERE {where} ORDER BY "file", line, entity, "column" LIMIT ?',
            [limit],
        ).fetchall()
        return [Reject(*row) for row in rows]

    def count(self, where: str = "true") -> int:
        """How many there are."""
        row = self.load.execute(f"SELECT count(*) FROM {HERE} WHERE {where}").fetchone()
        return int(row[0]) if row else 0

    def faults(self) -> int:
        """How many there are that the mapping did not ask for."""
        return self.count(f"reason <> {literal(LEFT_OUT)}")

    def rows_left_out(self) -> dict[str, int]:
        """How many rows no record was made of, by entity."""
        sql = (
            f'SELECT entity, count(DISTINCT ("file", line)) FROM {HERE} WHERE NOT loaded GROUP BY 1'
        )
        return dict(self.load.execute(sql).fetchall())

    def collect(self, plan: Plan, stage: Stage) -> None:
        """Copy the rows that rejects are of, but for those that the mapping leaves out."""
        self.load.execute(
            f'CREATE TEMP TABLE {CELLS} ("table" VARCHAR, "file" VARCHAR, line BIGINT, '
            "cells MAP(VARCHAR, VARCHAR))"
        )
        self._collect_unread(plan, stage)
        for number, source in enumerate(plan.sources):
            table = plan.table(source.table)
            mine = f"row >> 40 = {number} AND reason <> {literal(LEFT_OUT)}"
            if table is None or not self.count(mine):
                continue
            names = stage.tables[table.name].columns
            pairs = ", ".join(f"{{'k': {literal(n)}, 'v': t.{quoted(n)}}}" for n in names)
            file = literal(plan.file(source))
            self.load.execute(
                f'INSERT INTO {CELLS} SELECT {literal(table.name)}, {file}, t."@line", '
                f"map_from_entries([{pairs}]) FROM {stage.relation(table.name)} AS t "
                f'WHERE t."@line" IN (SELECT row & {(1 << 40) - 1} FROM {HERE} WHERE {mine}) '
                f'AND t."@line" NOT IN (SELECT line FROM {CELLS} '
                f'WHERE "table" = {literal(table.name)})'
            )

    def _collect_unread(self, plan: Plan, stage: Stage) -> None:
        """Rows that could not be read have the columns of their table, with nothing in them."""
        for table in {t.name: t for s in plan.sources if (t := plan.table(s.table))}.values():
            names = stage.tables[table.name].columns
            pairs = ", ".join(f"{{'k': {literal(n)}, 'v': NULL::VARCHAR}}" for n in names)
            self.load.execute(
                f'INSERT INTO {CELLS} SELECT "table", "file", line, map_from_entries([{pairs}]) '
                f'FROM {stage.unread_relation} WHERE "table" = {literal(table.name)}'
            )

    def keep(self, changeset: int) -> None:
        """Write them into the database."""
        for sql in TABLES:
            self.load.execute(sql)
        self.load.execute(
            f'INSERT INTO import_reject SELECT {changeset}, entity, "file", line, "column", '
            f'"value", reason, loaded FROM {HERE}'
        )
        self.load.execute(f"INSERT INTO import_row SELECT {changeset}, * FROM {CELLS}")
