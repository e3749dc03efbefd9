"""Stage: all tables of a source, copied once as text before anything is known of their meaning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from crmpanel.errors import ImportFailed, SourceLost
from crmpanel.importing.copying import UNREAD, Copying, Unread, make_unread
from crmpanel.importing.report import Progress
from crmpanel.importing.sources import Source, Table, release
from crmpanel.importing.suspicion import suspicions
from crmpanel.query.sqltext import quoted
from crmpanel.store import Database
from crmpanel.store.scratch import Scratch

#: The line of the file, or the number of the row.
LINE = '"@line"'

#: Rows that could not be read, which are carried along; the table holds all.
CARRIED = 1_000


class Stage:
    """A source's tables as relations of text, of which proposal, preview and load are made.

    Blank text is NULL. The relations are visible on every cursor of the database until the stage
    is left; no other transaction is held up.

    Parameters
    ----------
    database : the open database that the source is for; nothing is written to it.
    source : what is read.
    progress : told of the reading, as one stage.

    Attributes
    ----------
    tables : those that could be read, by name, their columns called as in the relations.
    failed : why the others could not be read, by name.
    cursor : a connection on which the relations are visible.

    Raises
    ------
    StoreError : there is no room for the copy.
    SourceLost : the source went away while it was read.
    """

    def __init__(self, database: Database, source: Source, progress: Progress | None = None):
        self.source = source
        self.tables: dict[str, Table] = {}
        self.failed: dict[str, ImportFailed] = {}
        self._names: dict[str, str] = {}
        self._rows: dict[str, int] = {}
        self._warnings: dict[str, list[str]] = {}
        self._progress = progress or Progress(None)
        self._scratch = Scratch(database)
        self.cursor = self._scratch.cursor

    def __enter__(self) -> Stage:
        try:
            self._copy()
        except BaseException:
            self.close()
            raise
        finally:
            # A connection is not held while somebody thinks about what was read.
            release(self.source)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Delete the copy."""
        self._scratch.close()

    # -- what is there ---------------------------------------------------------------------------

    def relation(self, table: str) -> str:
        """A table as SQL that can stand after FROM: ``"@line"`` and its columns as text.

        Raises
        ------
        ImportFailed : the table could not be read.
        """
        if table in self.failed:
            raise self.failed[table]
        return self._scratch.relation(self._names[table])

    def rows(self, table: str) -> int:
        """How many rows of a table were read."""
        return self._rows[table]

    def warnings(self, table: str) -> list[str]:
        """What is suspicious in the way a table was read, worst last."""
        if table not in self._warnings:
            columns = self.tables[table].columns
            self._warnings[table] = [
                *self.source.warnings(self.source.tables[table]),
                *suspicions(
                    self._scratch.rows,
                    self.relation(table),
                    columns,
                    self._rows[table],
                    self.unread_count(table),
                ),
            ]
        return self._warnings[table]

    def unread_count(self, table: str) -> int:
        """How many rows of a table could not be read."""
        sql = f'SELECT count(*) FROM {self.unread_relation} WHERE "table" = ?'
        return int(self._scratch.rows(sql, [table])[0][0])

    def filled(self, table: str, columns: Sequence[str]) -> list[str]:
        """Those of the columns that hold something."""
        if not columns:
            return []
        counts = ", ".join(f"count({quoted(column)}) > 0" for column in columns)
        [found] = self._scratch.rows(f"SELECT {counts} FROM {self.relation(table)}")
        return [column for column, full in zip(columns, found, strict=True) if full]

    @property
    def unreadable(self) -> dict[str, str]:
        """Tables that could not be read, and files that were found beside them, and why."""
        failed = {name: str(error) for name, error in self.failed.items()}
        return {**failed, **getattr(self.source, "left_out", {})}

    @property
    def unread_relation(self) -> str:
        """SQL after FROM: all rows that could not be read: table, file, line, text, reason."""
        return self._scratch.relation(UNREAD)

    @cached_property
    def unread(self) -> list[Unread]:
        """The first thousand rows that could not be read, by table and line."""
        sql = f'SELECT * FROM {self.unread_relation} ORDER BY "table", line LIMIT {CARRIED}'
        return [Unread(*row) for row in self._scratch.rows(sql)]

    # -- copying ---------------------------------------------------------------------------------

    def _copy(self) -> None:
        make_unread(self._scratch)
        tables = list(self.source.tables.values())
        total, done = sum(table.size for table in tables) or 1, 0
        for number, table in enumerate(tables):
            self._progress.part(done / total, (done + table.size) / total)
            done += table.size
            try:
                self._copy_table(number, table)
            except SourceLost:
                raise
            except ImportFailed as error:
                self.failed[table.name] = error

    def _copy_table(self, number: int, table: Table) -> None:
        if not table.columns:
            next(self.source.batches(table, lambda *_: None), None)  # raises the reason
        staged = replace(table, columns=distinct(table.columns))
        name = self._names[table.name] = f"{number} {table.name}"
        copying = Copying(self._scratch, self.source, table, self._progress)
        self._rows[table.name] = copying.run(name, staged.columns)
        self.tables[table.name] = staged


def distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names that differ by more than case, as SQL demands; none is blank, none is ``@line``.

    >>> distinct(("Id", "ID", "", "@line"))
    ('Id', 'ID (2)', 'column 3', '@line (2)')
    """
    taken = {"@line", *(name.casefold() for name in names)}
    seen = {"@line"}
    found = []
    for place, name in enumerate(names, 1):
        own = name or f"column {place}"
        if own.casefold() in seen or (not name and own.casefold() in taken):
            own = next(n for n in _numbered(own) if n.casefold() not in taken)
        seen.add(own.casefold())
        taken.add(own.casefold())
        found.append(own)
    return tuple(found)


def _numbered(name: str) -> Iterator[str]:
    number = 2
    while True:
        yield f"{name} ({number})"
        number += 1
