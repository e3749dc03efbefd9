"""A SQLite database; DuckDB 2.0 has no SQLite extension that loads without a download."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cached_property
from pathlib import Path

from crmpanel.errors import ImportFailed
from crmpanel.importing.sources import BATCH, Batch, OnReject, Row, Table
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
        names = self._query("SELECT name FROM sqlite_schema WHERE type = 'table' "
                            "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
        return {name: self._table(name) for (name,) in names}

    def _table(self, name: str) -> Table:
        columns = self._query("SELECT name FROM pragma_table_info(?)", name)
        size = self._query(f"SELECT count(*) FROM {quoted(name)}")[0][0]
        return Table(name, f"{self.path.name}: {name}", tuple(c for (c,) in columns), size)

    def note(self, table: Table) -> str:
        """Nothing: SQLite keeps its text in Unicode."""
        return ""

    def batches(self, table: Table, reject: OnReject) -> Iterator[Batch]:
        """All rows, numbered from 1 in the order in which they are stored."""
        try:
            with closing(self._connect()) as connection:
                columns = ", ".join(map(quoted, table.columns))
                cursor = connection.execute(f"SELECT {columns} FROM {quoted(table.name)}")
                done = 0
                while found := cursor.fetchmany(BATCH):
                    rows: list[Row] = [(number, [*map(as_text, row)])
                                       for number, row in enumerate(found, done + 1)]
                    done += len(found)
                    yield Batch(rows, done / max(1, table.size))
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True)

    def _query(self, sql: str, *params: str) -> list[tuple[str, ...]]:
        try:
            with closing(self._connect()) as connection:
                return connection.execute(sql, params).fetchall()
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _damaged(self, error: sqlite3.Error) -> ImportFailed:
        return ImportFailed(f"{self.path.name} cannot be read.", f"SQLite says: {error}.",
                            "Give an undamaged copy that no program is writing to.")


def as_text(value: object) -> str | None:
    """A stored value as text: numbers as they are written, binary data in hexadecimal.

    >>> as_text("007"), as_text(14), as_text(9.8), as_text(b"\\x01"), as_text(None)
    ('007', '14', '9.8', '01', None)
    """
    if value is None or isinstance(value, str):
        return value
    return value.hex() if isinstance(value, bytes) else repr(value)
