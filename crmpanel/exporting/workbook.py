"""Excel workbooks, written row by row: what a cell cannot hold exactly is written as text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from crmpanel.importing.own import LONG_TEXTS, Part
from crmpanel.query.portable import protected_in_xml
from crmpanel.query.sqltext import quoted
from crmpanel.store.snapshot import Snapshot

#: Rows of a sheet below its header: what Excel opens.
ROWS = 1_048_575
#: Characters of a piece of a long text: a cell can hold 32,767, of which some count twice.
PIECE = 16_000
#: The first day that all programs number alike: Excel takes 1900 for a leap year.
FIRST_DAY = dt.date(1900, 3, 1)
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def write_workbooks(
    source: Snapshot, part: Part, folder: Path
) -> tuple[list[Path], int, list[str]]:
    """Write a table; gives its files, the number of rows, and what is worth knowing.

    A file has one sheet, and another one where there are texts longer than a cell can be.
    """
    columns = [protected_in_xml(sql) if kind == "VARCHAR" else sql for _, kind, sql in part.columns]
    select = f"SELECT {', '.join(columns)} FROM {quoted(part.name)}"
    rows = (row for batch in source.batches(select) for row in batch)
    paths, count, first = list[Path](), 0, next(rows, None)
    while first is not None or not paths:
        number = f"-{len(paths) + 1}" if paths else ""
        path = folder / f"{part.name}{number}.xlsx"
        written, first = _write(path, part, first, rows)
        paths, count = [*paths, path], count + written
    notes = []
    if len(paths) > 1:
        notes = [
            f"{part.label}: {count:,} rows are in {len(paths)} files, as Excel opens {ROWS:,}."
        ]
    return paths, count, notes


def _write(
    path: Path, part: Part, first: tuple[Any, ...] | None, rows: Iterator[tuple[Any, ...]]
) -> tuple[int, tuple[Any, ...] | None]:
    """Write as many rows as a sheet takes; gives their number, and the first that is left."""
    with Workbook(str(path), _OPTIONS) as book:
        sheet, longer = _sheet(book, part), _LongTexts(book)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        count, row = 0, first
        while row is not None and count < ROWS:
            count += 1
            for place, value in enumerate(row):
                if isinstance(value, str) and len(value) > PIECE:
                    value = longer.write(count + 1, part.columns[place][0], value)
                if value is not None:
                    _cell(sheet, count, place, value, day, moment)
            row = next(rows, None)
    return count, row


class _LongTexts:
    """A sheet of texts that are longer than a cell can be, made when there is one."""

    def __init__(self, book: Workbook) -> None:
        self._book, self._line = book, 0
        self._sheet: Worksheet | None = None

    def write(self, row: int, column: str, text: str) -> str:
        """Write a text in pieces; gives its beginning."""
        sheet = self._sheet = self._sheet or self._book.add_worksheet(LONG_TEXTS)
        if not self._line:
            for place, name in enumerate(("row", "column", "text")):
                sheet.write_string(0, place, name)
        for start in range(0, len(text), PIECE):
            self._line += 1
            sheet.write_number(self._line, 0, row)
            sheet.write_string(self._line, 1, column)
            # No piece begins like a formula, or is blank.
            sheet.write_string(self._line, 2, "|" + text[start : start + PIECE])
        return text[:1000] + "…"


def _sheet(book: Workbook, part: Part) -> Worksheet:
    sheet = book.add_worksheet(part.name[:31])
    sheet.freeze_panes(1, 0)
    head = book.add_format({"bold": True, "bottom": 1})
    for place, (name, kind, _) in enumerate(part.columns):
        sheet.set_column(place, place, 28 if kind == "VARCHAR" else 14)
        sheet.write_string(0, place, name, head)
    return sheet


def _cell(sheet: Worksheet, row: int, column: int, value: Any, day: Format, moment: Format) -> None:
    """One value, in the kind of cell that holds it exactly."""
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, dt.datetime):
        if value.date() >= FIRST_DAY and not value.microsecond:
            sheet.write_datetime(row, column, value, moment)
        else:
            sheet.write_string(row, column, value.isoformat(sep=" "))
    elif isinstance(value, dt.date):
        if value >= FIRST_DAY:
            sheet.write_datetime(row, column, value, day)
        else:
            sheet.write_string(row, column, value.isoformat())
    elif _is_exact(value):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(
            row, column, str(value) if isinstance(value, int | Decimal) else repr(value)
        )


def _is_exact(value: int | float | Decimal) -> bool:
    """Whether a number is the same when it is read: cells have sixteen digits, and no -0."""
    if isinstance(value, float):
        return float(f"{value:.16G}") == value and str(value) != "-0.0"
    return -(10**15) < value < 10**15 and Decimal(f"{float(value):.16G}") == value
