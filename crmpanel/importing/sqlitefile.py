"""A SQLite database; DuckDB 2.0 has no SQLite extension that loads without a download."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cached_property
from pathlib import Path

from crmpanel.errors import ImportFailed
from crmpanel.importing.sources import BATCH, Batch, OnReject, Row, Table, check_cells
from crmpanel.query.sqltext import quoted


class SqliteFile:
    """The tables of a SQLite database, opened read only.

    Parameters
    ----------
    path : the file.
    """

    kind = "a SQLite database"

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.stem

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables by name; views and SQLite's own tables are left out."""
        names = self._column(
            "SELECT name FROM sqlite_schema WHERE type = 'table' "
            "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        )
        return {name: self._table(name) for name in map(str, names)}

    def _table(self, name: str) -> Table:
        columns = self._column("SELECT name FROM pragma_table_info(?)", name)
        size = self._column(f"SELECT count(*) FROM {quoted(name)}")[0]
        return Table(name, f"{self.path.name}: {name}", tuple(map(str, columns)), int(size))

    def note(self, table: Table) -> str:
        """Nothing: SQLite keeps its text in Unicode."""
        return ""

    def warnings(self, table: Table) -> list[str]:
        """Nothing."""
        return []

    def batches(self, table: Table, reject: OnReject) -> Iterator[Batch]:
        """All rows, numbered from 1 in the order in which they are stored."""
        try:
            with closing(self._connect()) as connection:
                columns = ", ".join(map(_without_binary, table.columns))
                cursor = connection.execute(f"SELECT {columns} FROM {quoted(table.name)}")
                done = 0
                while found := cursor.fetchmany(BATCH):
                    rows: list[Row] = [
                        (number, [*map(as_text, row)]) for number, row in enumerate(found, done + 1)
                    ]
                    check_cells(table.file, rows)
                    done += len(found)
                    yield Batch(rows, done / max(1, table.size))
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True)

    def _column(self, sql: str, *params: str) -> list[str | int]:
        try:
            with closing(self._connect()) as connection:
                return [row[0] for row in connection.execute(sql, params)]
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _damaged(self, error: sqlite3.Error) -> ImportFailed:
        return ImportFailed(
            f"{self.path.name} cannot be read.",
            f"SQLite says: {error}.",
            "Give an undamaged copy that no program is writing to.",
        )


def _without_binary(column: str) -> str:
    """SQL for a column in which pictures and the like are not fetched, only named."""
    name = quoted(column)
    binary = f"'(binary, ' || length({name}) || ' bytes)'"
    return f"CASE typeof({name}) WHEN 'blob' THEN {binary} ELSE {name} END"


def as_text(value: object) -> str | None:
    """A stored value as text; numbers as they are written.

    >>> as_text("007"), as_text(14), as_text(9.8), as_text(None)
    ('007', '14', '9.8', None)
    """
    return value if value is None or isinstance(value, str) else repr(value)
