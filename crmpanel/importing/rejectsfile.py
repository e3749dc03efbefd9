"""Rejects as a CSV file: downloaded, corrected in a spreadsheet, and imported again.

Each row of the export that something was wrong with is one row, with all its cells; a column is
called by its table and name. The first columns say what was wrong and where.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from crmpanel.errors import ImportFailed, NotFound
from crmpanel.importing.rejects import CELLS, HERE, LEFT_OUT
from crmpanel.importing.sources import BATCH, Batch, OnReject, Table
from crmpanel.query.portable import FORMULA
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal
from crmpanel.store import Database

#: What the first columns are called: what was wrong, where, and under which name it was imported.
FIRST = ("@problem", "@table", "@file", "@line", "@source")
_FORMULA = re.compile(FORMULA)
#: Runs a query and gives all its rows.
Rows = Callable[[str], Sequence[tuple[Any, ...]]]


def write_rejects(rows: Rows, path: Path, source: str, tables: tuple[str, str], where: str) -> int:
    """Write rejected rows into a CSV file; returns how many.

    Parameters
    ----------
    source : name under which the records of the source are known.
    tables : where the rejects are, and the rows that they are of.
    where : condition on both.
    """
    rejects, cells = tables
    names = rows(
        f'SELECT DISTINCT "table", unnest(map_keys(cells)) FROM {cells} WHERE {where} ORDER BY ALL'
    )
    order = _columns(rows, cells, where)
    columns = sorted(names, key=lambda pair: (pair[0], order.get(pair, 0)))
    found = rows(
        'SELECT c."table", c."file", c.line, c.cells, p.problem '
        f'FROM (SELECT * FROM {cells} WHERE {where}) AS c JOIN (SELECT "file", line, '
        "string_agg(DISTINCT concat(\"column\", coalesce(' = ' || \"value\", ''), ': ', reason), "
        f"'; ') AS problem FROM {rejects} WHERE {where} AND reason <> {literal(LEFT_OUT)} "
        'GROUP BY ALL) AS p ON p."file" = c."file" AND p.line = c.line ORDER BY ALL'
    )
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*FIRST, *(f"{table}.{name}" for table, name in columns)])
        for table, where_from, line, texts, problem in found:
            own = [texts.get(name) if table == of else None for of, name in columns]
            writer.writerow(
                [_safe(text) for text in (problem, table, where_from, line, source, *own)]
            )
    return len(found)


def _columns(rows: Rows, cells: str, where: str) -> dict[tuple[str, str], int]:
    """The place of each column in its table."""
    found = rows(
        f'SELECT "table", any_value(map_keys(cells)) FROM {cells} WHERE {where} GROUP BY 1'
    )
    return {(table, name): place for table, names in found for place, name in enumerate(names)}


def _safe(value: Any) -> str:
    """Text that no spreadsheet takes for a formula; `_plain` gives it back."""
    text = "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) else text


def _plain(text: str) -> str | None:
    return (text[1:] if text.startswith("'") and _FORMULA.match(text) else text) or None


def save_rejects(database: Database, changeset: int, path: Path) -> int:
    """Write the rejected rows of an import into a CSV file; returns how many.

    Raises
    ------
    NotFound : there was no such import.
    """

    def rows(sql: str) -> Sequence[tuple[Any, ...]]:
        return database.rows(Query(sql))

    held = {row[0] for row in rows("SELECT table_name FROM duckdb_tables() WHERE NOT internal")}
    found = (
        rows(f"SELECT source FROM import_run WHERE changeset = {int(changeset)}")
        if "import_run" in held
        else []
    )
    if not found:
        raise NotFound(f"Changeset {int(changeset)} was no import.")
    where = f"changeset = {int(changeset)}"
    return write_rejects(rows, path, found[0][0], ("import_reject", "import_row"), where)


def write_here(rows: Rows, path: Path, source: str) -> int:
    """Write the rejected rows of the import that runs; returns how many."""
    return write_rejects(rows, path, source, (HERE, CELLS), "TRUE")


class RejectsFile:
    """Rejects that have been corrected, as tables of the export that they are of.

    Parameters
    ----------
    path : the file.
    """

    kind = "rejects of an import"

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        self._text = path.read_text("utf-8-sig")
        first = self._text.partition("\n")[0]
        self._delimiter = max(",;\t", key=first.count)

    @staticmethod
    def is_one(path: Path) -> bool:
        """Whether a file looks like one that was written here."""
        if path.suffix.lower() != ".csv" or not path.is_file():
            return False
        with path.open("rb") as file:
            start = file.read(40).decode("utf-8-sig", "replace")
        return bool(re.match(r'"?@problem"?[,;\t]"?@table', start))

    @cached_property
    def _rows(self) -> list[tuple[int, list[str]]]:
        reader = csv.reader(self._text.splitlines(keepends=True), delimiter=self._delimiter)
        found, line = [], 1
        for row in reader:
            if any(row):
                found.append((line, row))
            line = reader.line_num + 1
        if len(found) < 2 or tuple(found[0][1][: len(FIRST)]) != FIRST:
            raise ImportFailed(
                f"{self.name} has no rejected rows.",
                f"Its first columns should be {', '.join(FIRST)}, with rows below them.",
                "Keep these columns when you correct it, and save it as CSV (UTF-8).",
            )
        return found

    @property
    def source(self) -> str:
        """The name under which the records of the source are known."""
        return self._rows[1][1][FIRST.index("@source")]

    @cached_property
    def _places(self) -> dict[str, dict[str, int]]:
        """By table: its columns, and their places in a row."""
        names = {row[1] for _, row in self._rows[1:] if len(row) > 1}
        found: dict[str, dict[str, int]] = {name: {} for name in sorted(names) if name}
        for place, head in enumerate(self._rows[0][1]):
            for name in sorted(found, key=len, reverse=True):
                if place >= len(FIRST) and head.startswith(f"{name}."):
                    found[name][head[len(name) + 1 :]] = place
                    break
        return found

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables by name."""
        return {
            name: Table(name, self.name, tuple(places), len(self._text))
            for name, places in self._places.items()
        }

    def batches(self, table: Table, reject: OnReject) -> Iterator[Batch]:
        """The rows of a table; the line is that of this file."""
        places = list(self._places[table.name].values())
        width, rows = len(self._rows[0][1]), []
        for line, row in self._rows[1:]:
            if len(row) != width:
                reject(line, self._delimiter.join(row), f"{len(row)} cells, not {width}")
            elif row[1] == table.name:
                rows.append((line, [_plain(row[place]) for place in places]))
        for start in range(0, len(rows), BATCH):
            yield Batch(rows[start : start + BATCH], min(1.0, (start + BATCH) / len(rows)))

    def warnings(self, table: Table) -> list[str]:
        """There is nothing to doubt in it."""
        return []

    def note(self, table: Table) -> str:
        """There is nothing to know of it."""
        return ""
