"""Rejects: every row, value and link that could not be taken over, kept in the database by name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from crmpanel.importing.sources import Table
from crmpanel.query.sqltext import literal
from crmpanel.store.writer import Load

if TYPE_CHECKING:
    from crmpanel.importing.stage import Stage

TABLE = """CREATE TABLE IF NOT EXISTS import_reject (
    changeset BIGINT NOT NULL,
    entity VARCHAR NOT NULL,
    "file" VARCHAR NOT NULL,
    line BIGINT,
    "column" VARCHAR,
    "value" VARCHAR,
    reason VARCHAR NOT NULL,
    loaded BOOLEAN NOT NULL
)"""

#: Rejects that a report carries along; the table holds all.
CARRIED = 1_000


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
    """The rejects of one import.

    Parameters
    ----------
    load : the transaction they are written in.
    unread : per entity and file, the rows that never came into the staged table.
    """

    load: Load
    unread: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.load.execute(TABLE)

    def add_unread(self, entity: str, table: Table, stage: Stage) -> None:
        """Keep the rows of a table that could not be read."""
        select = (
            'SELECT line, NULL AS "column", "text" AS "value", reason '
            f'FROM {stage.unread_relation} WHERE "table" = {literal(table.name)}'
        )
        found = self.add_query(entity, literal(table.file), select, loaded=False)
        self.unread[entity, table.file] += found

    def add_query(self, entity: str, file: str, select: str, loaded: bool) -> int:
        """Keep what an SQL query finds; returns how many.

        Parameters
        ----------
        entity, file : what the rejects are of; `file` is an SQL expression.
        select : the rest of a SELECT after its list of ``line, column, value, reason``.
        loaded : whether the records come in all the same.
        """
        row = self.load.execute(
            f"INSERT INTO import_reject SELECT {self.load.changeset}, {literal(entity)}, {file}, "
            f'line, "column", "value", reason, {literal(loaded)} FROM ({select})'
        ).fetchone()
        return int(row[0]) if row else 0

    def left_out(self, entity: str, file: str) -> str:
        """SQL for the lines of `file` of which no `entity` is made."""
        return (
            f"SELECT line FROM import_reject WHERE changeset = {self.load.changeset} "
            f'AND entity = {literal(entity)} AND "file" = {literal(file)} '
            "AND NOT loaded AND line IS NOT NULL"
        )

    def first_left_out(self, entity: str) -> Reject | None:
        """The first row that should have become an `entity` and did not."""
        found = self.first(1, f"entity = {literal(entity)} AND NOT loaded")
        return found[0] if found else None

    def first(self, limit: int = CARRIED, where: str = "true") -> list[Reject]:
        """The first rejects, by file and line, that meet an SQL condition."""
        rows = self.load.execute(
            'SELECT entity, "file", line, "column", "value", reason, loaded FROM import_reject '
            f'WHERE changeset = ? AND {where} ORDER BY "file", line, entity, "column" LIMIT ?',
            [self.load.changeset, limit],
        ).fetchall()
        return [Reject(*row) for row in rows]

    def count(self) -> int:
        """How many there are."""
        return int(self._one("SELECT count(*) FROM import_reject WHERE changeset = ?"))

    def rows_left_out(self, entity: str) -> int:
        """How many rows no record was made of."""
        return int(
            self._one(
                'SELECT count(DISTINCT ("file", line)) FROM import_reject '
                f"WHERE changeset = ? AND entity = {literal(entity)} AND NOT loaded"
            )
        )

    def _one(self, sql: str) -> int:
        row = self.load.execute(sql, [self.load.changeset]).fetchone()
        return row[0] if row else 0
