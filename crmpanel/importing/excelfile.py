"""Excel and LibreOffice workbooks: each sheet is a table; read in a process of its own."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from crmpanel.errors import ImportFailed
from crmpanel.importing import workbook_child
from crmpanel.importing.archive import check_workbook
from crmpanel.importing.heading import FOOTER, SAMPLE, Heading, find_heading, footer, footer_note
from crmpanel.importing.sources import (
    BATCH,
    MAX_CELL,
    Batch,
    OnReject,
    Row,
    Table,
    check_columns,
    only_unicode,
)

#: Bytes and seconds that reading a workbook may take.
MEMORY = 8_000_000_000
PATIENCE = 900

#: What a sheet is called that nobody gave a name.
_NAMELESS = re.compile(
    r"(sheet|ark|blad|tabelle|feuil|feuille|hoja|foglio|planilha|taul)\s?\d*", re.I
)


class ExcelFile:
    """A workbook.

    Parameters
    ----------
    path : the file: .xlsx, .xlsm, .xlsb, .xls or .ods.
    name : of the table, if it has only one sheet.
    shown : what the file is called in messages.
    """

    kind = "Excel sheets"

    def __init__(self, path: Path, name: str = "", shown: str = "") -> None:
        self.path, self.name = path, name or path.stem
        self._file = shown or path.name
        self._notes: dict[str, list[str]] = {}
        self.left_out: dict[str, str] = {}
        self._macros = zipfile.is_zipfile(path) and check_workbook(path, self._file)

    @cached_property
    def _sheets(self) -> dict[str, dict[str, Any]]:
        """The sheets that hold something, by the names of their tables."""
        self._keep = tempfile.TemporaryDirectory(prefix="crmpanel-")
        found = [sheet for sheet in self._converted() if self._wanted(sheet)]
        alone = len(found) == 1
        return {
            self.name if alone and _NAMELESS.fullmatch(s["name"]) else self._named(s, alone): s
            for s in found
        }

    def _named(self, sheet: dict[str, Any], alone: bool) -> str:
        if _NAMELESS.fullmatch(sheet["name"]):
            return f"{self.name} {sheet['name']}"
        return self.name if alone else str(sheet["name"])

    def _wanted(self, sheet: dict[str, Any]) -> bool:
        if sheet["never"]:
            self.left_out[f"{self._file}: {sheet['name']}"] = (
                "a sheet that no user can make visible"
            )
        return not sheet["never"] and sheet["rows"] > 0

    def _converted(self) -> list[dict[str, Any]]:
        folder = Path(self._keep.name)
        command = [sys.executable, "-I", workbook_child.__file__, str(self.path), str(folder)]
        try:
            subprocess.run(
                [*command, str(MEMORY)], timeout=PATIENCE, capture_output=True, check=False
            )
            result = json.loads((folder / "sheets.json").read_text("utf-8"))
        except subprocess.TimeoutExpired:
            result = {"error": f"it took longer than {PATIENCE // 60} minutes"}
        except FileNotFoundError:
            result = {"error": "it takes too much memory"}
        if "error" in result:
            raise self._unreadable(result["error"])
        return list(result["sheets"])

    def _unreadable(self, error: str) -> ImportFailed:
        if "password" in error.lower() or "encrypt" in error.lower():
            return ImportFailed(
                f"{self._file} cannot be read.",
                "It is protected by a password.",
                "Save it without a password.",
            )
        return ImportFailed(
            f"{self._file} cannot be read.",
            f"As a workbook: {error}.",
            "Open it in a spreadsheet program, and save it as .xlsx or .csv.",
        )

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The sheets by name."""
        found = {}
        for name, sheet in self._sheets.items():
            file = self._file if len(self._sheets) == 1 else f"{self._file}: {sheet['name']}"
            columns = self._headings[name].columns
            found[name] = Table(
                name, file, columns, sheet["rows"] * 100 * max(1, len(columns)) // 8
            )
        return found or {self.name: Table(self.name, self._file, (), 0)}

    @cached_property
    def _headings(self) -> dict[str, Heading]:
        return {name: self._heading(name) for name in self._sheets}

    def _heading(self, name: str) -> Heading:
        rows = list(islice(self._rows(name), SAMPLE))
        width = max((len(cells) for _, cells in rows), default=0)
        return find_heading([(line, _padded(cells, width)) for line, cells in rows])

    def _rows(self, name: str) -> Iterator[Row]:
        csv.field_size_limit(MAX_CELL)
        path = Path(self._keep.name, self._sheets[name]["file"])
        with path.open("r", encoding="utf-8", newline="", errors="surrogatepass") as file:
            for row in csv.reader(file):
                yield int(row[0]), [cell or None for cell in row[1:]]

    def note(self, table: Table) -> str:
        """That its macros are not run."""
        return "its macros were not run" if self._macros else ""

    def warnings(self, table: Table) -> list[str]:
        """What is unusual in the sheet."""
        sheet = self._sheets.get(table.name, {})
        found = list(self._headings[table.name].notes) if sheet else []
        if sheet.get("merged"):
            found.append(f"{sheet['merged']:,} cells are merged with one above and have its value")
        if sheet.get("hidden"):
            found.append("the sheet is hidden")
        return [*found, *self._notes.get(table.name, [])]

    def batches(self, table: Table, reject: OnReject) -> Iterator[Batch]:
        """All rows that are not blank, numbered as in the spreadsheet program."""
        if table.name not in self._sheets:
            raise ImportFailed(
                f"{self._file} is empty.", "No sheet of it holds anything.", "Export it again."
            )
        heading, size = self._headings[table.name], self._sheets[table.name]["rows"]
        check_columns(table.file, heading.columns)
        rows: list[Row] = []
        done = 0
        for row in islice(self._rows(table.name), heading.above, None):
            rows.append(row)
            if len(rows) == BATCH + FOOTER:
                done += BATCH
                yield Batch(self._even(table, rows[:BATCH], reject), done / size)
                del rows[:BATCH]
        count = footer(rows, len(heading.columns))
        below = rows[len(rows) - count :]
        self._notes[table.name] = [footer_note(row) for row in below]
        yield Batch(self._even(table, rows[: len(rows) - count], reject), 1.0)

    def _even(self, table: Table, rows: list[Row], reject: OnReject) -> list[Row]:
        width, good = len(table.columns), list[Row]()
        for line, cells in rows:
            if len(cells) > width:
                shown = " | ".join(cell or "" for cell in cells)
                reject(line, shown, f"{len(cells):,} cells where the header has {width:,}")
            else:
                good.append((line, _padded(cells, width)))
        return only_unicode(good, reject)


def _padded(cells: list[str | None], width: int) -> list[str | None]:
    return cells + [None] * (width - len(cells))
