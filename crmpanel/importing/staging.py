"""Staging: the source's tables, copied as text into temporary tables of the transaction.

The rows go through a file in one clean dialect that DuckDB reads at once: handing them over as
parameters took three times as long.
"""

from __future__ import annotations

import csv
import tempfile
from operator import itemgetter
from pathlib import Path

from crmpanel.errors import ImportFailed
from crmpanel.importing.plan import Plan
from crmpanel.importing.rejects import Reject, Rejects
from crmpanel.importing.report import Progress
from crmpanel.importing.sources import Batch, OnReject, Row, Table
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.writer import Load

#: The line of the file, or the number of the row; no export calls a column so.
LINE = '"@line"'

#: Bytes in a line that DuckDB makes room for; more only where a row is longer.
LINE_SIZE = 4_000_000


def staged(table: str) -> str:
    """Name of the temporary table, quoted."""
    return quoted(f"stage_{table}")


def stage(
    plan: Plan, load: Load, rejects: Rejects, progress: Progress
) -> dict[str, tuple[str, ...]]:
    """Copy every table of the plan; returns the unused columns that hold something, by table.

    Raises
    ------
    ImportFailed : a table cannot be read as a whole.
    """
    tables = [(name, table) for name in plan.staged if (table := plan.table(name))]
    total = sum(table.size for _, table in tables) or 1
    done, unused = 0, {}
    with tempfile.TemporaryDirectory(prefix="crmpanel-") as folder:
        for number, (name, table) in enumerate(tables):
            progress.part(done / total, (done + table.size) / total)
            file = Path(folder, f"{number}.csv")
            unused[name] = _Staging(plan, load, rejects, name, table).run(file, progress)
            done += table.size
            file.unlink()
    return unused


class _Staging:
    """The copying of one table."""

    def __init__(self, plan: Plan, load: Load, rejects: Rejects, name: str, table: Table) -> None:
        self._plan, self._load, self._rejects, self._table = plan, load, rejects, table
        self._entities = [s.entity for s in plan.sources if s.table == name]
        self._columns = plan.staged[name]
        self._unused = plan.unused(name)
        self._name = staged(name)
        self._longest = self._written = 0

    def run(self, path: Path, progress: Progress) -> tuple[str, ...]:
        blank = dict(self._unused)
        rejected: list[Reject] = []
        with path.open("w", encoding="utf-8", newline="") as file:
            # All quoted: else a lone carriage return would stand bare, and DuckDB refuses that.
            writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
            for batch in self._plan.source.batches(self._table, self._collect(rejected)):
                start, rows = file.tell(), self._cells(batch)
                writer.writerows(rows)
                self._written += len(rows)
                if file.tell() - start > LINE_SIZE:
                    self._longest = max(self._longest, *map(_bytes, rows))
                _drop_filled(blank, batch.rows)
                self._rejects.add(rejected)
                rejected.clear()
                progress.say(f"Reading {self._table.file}", batch.done)
        self._load.execute(self._read(), [str(path)])
        self._verify()
        return tuple(name for name in self._unused if name not in blank)

    def _cells(self, batch: Batch) -> list[tuple[int | str | None, ...]]:
        places = list(self._columns.values())
        if len(places) < 2:
            return [(line, *(cells[place] for place in places)) for line, cells in batch.rows]
        used = itemgetter(*places)
        return [(line, *used(cells)) for line, cells in batch.rows]

    def _verify(self) -> None:
        """DuckDB's CSV reader has lost rows before; here it must not."""
        row = self._load.execute(f"SELECT count(*) FROM {self._name}").fetchone()
        if row is None or row[0] != self._written:
            raise ImportFailed(
                f"{self._table.file} was not read completely.",
                f"{self._written:,} rows were handed to DuckDB, {row and row[0]:,} arrived.",
                "This is a fault in crmpanel or DuckDB; please report it with the file.",
            )

    def _read(self) -> str:
        """What means "nothing" becomes NULL here, once for all."""
        unset = ", ".join(map(literal, dict.fromkeys(("", *self._plan.mapping.unset))))
        types = {"@line": "BIGINT", **dict.fromkeys(self._columns, "VARCHAR")}
        columns = ", ".join(f"{literal(name)}: '{kind}'" for name, kind in types.items())
        return (
            f"CREATE TEMP TABLE {self._name} AS SELECT * FROM read_csv(?, auto_detect = false, "
            "header = false, delim = ',', quote = '\"', escape = '\"', new_line = '\\n', "
            f"nullstr = [{unset}], max_line_size = {max(LINE_SIZE, self._longest)}, "
            f"columns = {{{columns}}})"
        )

    def _collect(self, rejected: list[Reject]) -> OnReject:
        def reject(line: int, text: str, reason: str) -> None:
            rejected.extend(
                Reject(entity, self._table.file, line, None, text, reason, False)
                for entity in self._entities
            )

        return reject


def _bytes(row: tuple[int | str | None, ...]) -> int:
    """At most so many bytes does a row take: four a character, twice for a doubled quote."""
    return sum(8 * len(str(cell)) + 3 for cell in row)


def _drop_filled(blank: dict[str, int], rows: list[Row]) -> None:
    """Take out of `blank` the columns that hold something in `rows`."""
    cells = [row[1] for row in rows]
    for name, place in list(blank.items()):
        if any(map(itemgetter(place), cells)):
            del blank[name]
