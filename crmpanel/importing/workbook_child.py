"""Runs in a process of its own: the sheets of a workbook, as CSV files of exact text.

A workbook of a few kilobytes can claim billions of cells, and whoever reads it runs out of memory:
that must not be the server. Called with the workbook and the folder to write to; imports nothing
of crmpanel.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

Merged = dict[int, list[tuple[int, int]]]

_CELL = re.compile(
    rb"<(?:\w+:)?c\b(?=[^>]*\bt=[\"']e[\"'])[^>]*\br=[\"']([A-Z]+)(\d+)[\"'][^>]*>"
    rb"(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v[^>]*>([^<]*)<",
    re.DOTALL,
)
_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)>")


def text(value: Any) -> str:
    """A cell as exact text: whole numbers without a fraction, dates in ISO 8601.

    >>> text(7.0), text(0.1), text(dt.datetime(2024, 1, 31, 9, 5)), text(True)
    ('7', '0.1', '2024-01-31T09:05:00', 'TRUE')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        number = format(Decimal(repr(value)), "f")
        return number.removesuffix(".0") if abs(value) < 1e21 else repr(value)
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def convert(path: str, folder: str) -> list[dict[str, Any]]:
    """Write ``0.csv``, ``1.csv``, …; returns what is known of each sheet."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    sheets = []
    with CalamineWorkbook.from_path(path) as workbook:
        for number, found in enumerate(workbook.sheets_metadata):
            if found.typ != SheetTypeEnum.WorkSheet:
                continue
            known: dict[str, Any] = {"name": found.name, "file": f"{number}.csv"}
            known["hidden"] = found.visible != SheetVisibleEnum.Visible
            known["never"] = found.visible == SheetVisibleEnum.VeryHidden
            if not known["never"]:
                sheet = workbook.get_sheet_by_name(found.name)
                merged = _merged(sheet.merged_cell_ranges)
                errors = _errors(path, found.name)
                rows = _rows(sheet, merged, errors)
                known["rows"] = _write(rows, Path(folder, known["file"]))
                known["merged"] = sum(map(len, merged.values()))
            sheets.append(known)
    return sheets


def _merged(ranges: Any) -> Merged:
    """By row: the columns whose cell is merged with one above, and the row of that."""
    found: Merged = {}
    for (top, left), (bottom, _) in ranges or ():
        for row in range(top + 1, min(bottom, top + 100_000) + 1):
            found.setdefault(row, []).append((left, top))
    return found


def _rows(sheet: Any, merged: Merged, errors: dict[int, dict[int, str]]) -> Iterator[list[str]]:
    """Rows with their number, from 1; what is blank before, between and after is left out."""
    left = sheet.start[1] if sheet.start else 0
    above: dict[tuple[int, int], str] = {}
    tops: Merged = {}
    for column, top in {place for cells in merged.values() for place in cells}:
        tops.setdefault(top, []).append((column, top))
    for row, values in enumerate(sheet.iter_rows()):
        cells = [text(value) for value in values]
        for column, error in errors.get(row, {}).items():
            if 0 <= column - left < len(cells):
                cells[column - left] = error
        for column, top in merged.get(row, ()):
            if 0 <= column - left < len(cells) and not cells[column - left]:
                cells[column - left] = above.get((column, top), "")
        for column, top in tops.get(row, ()):
            if 0 <= column - left < len(cells):
                above[column, top] = cells[column - left]
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            yield [str(row + 1), *cells]


def _write(rows: Iterator[list[str]], path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="", errors="surrogatepass") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for count, row in enumerate(rows, 1):  # noqa: B007
            writer.writerow(row)
    return count


# -- errors such as #N/A, which the reader takes for blank -----------------------------------------


def _errors(path: str, name: str) -> dict[int, dict[int, str]]:
    """By row and column, from 0."""
    found: dict[int, dict[int, str]] = {}
    if not zipfile.is_zipfile(path):
        return found
    with zipfile.ZipFile(path) as archive:
        part = _part(archive, name)
        content = archive.read(part) if part else b""
    if b't="e"' in content or b"t='e'" in content:
        for match in _CELL.finditer(content):
            letters, row, error = match.groups()
            found.setdefault(int(row) - 1, {})[_column(letters.decode())] = error.decode()
    return found


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _part(archive: zipfile.ZipFile, name: str) -> str | None:
    """Name of the part that holds a sheet."""
    from html import unescape

    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    ids = [
        _attribute(s, r"\w+:id")
        for s in _SHEET.findall(book)
        if unescape(_attribute(s, "name")) == name
    ]
    for relation in _RELATION.findall(relations):
        if ids and _attribute(relation, "Id") == ids[0]:
            target = _attribute(relation, "Target")
            part = target[1:] if target.startswith("/") else f"xl/{target}"
            return part if part in names else None
    return None


def _attribute(attributes: str, name: str) -> str:
    found = re.search(rf"(?:^|\s){name}\s*=\s*[\"']([^\"']*)[\"']", attributes)
    return found[1] if found else ""


def _limit(bytes_: int) -> None:
    try:
        import resource
    except ImportError:  # there is none on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (bytes_, bytes_))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _limit(int(sys.argv[3]))
    try:
        result: dict[str, Any] = {"sheets": convert(sys.argv[1], sys.argv[2])}
    except BaseException as error:
        result = {"error": f"{type(error).__name__}: {error}"[:500]}
    Path(sys.argv[2], "sheets.json").write_text(json.dumps(result), encoding="utf-8")
