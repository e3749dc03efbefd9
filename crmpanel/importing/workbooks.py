"""Workbooks of our own exports, as CSV: every cell is text, exactly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from crmpanel.errors import ImportFailed
from crmpanel.importing.own import LONG_TEXTS

#: Long texts by row and column.
Longer = Mapping[tuple[int, str], str]


def as_csv(path: Path, target: Path) -> Path:
    """Write the first sheet of a workbook as CSV, in which nothing is nothing, with its long texts.

    Raises
    ------
    ImportFailed : it is no workbook.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        longer = _longer(book)
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise ImportFailed(
            f"{path.name} cannot be read.", f"As a workbook: {error}.", "Export it again."
        ) from error
    with target.open("w", encoding="utf-8", newline="") as file:
        header = [str(cell) for cell in rows[0]] if rows else []
        for number, row in enumerate(rows, 1):
            _line(file, number, row, header, longer)
    return target


def _longer(book: Any) -> Longer:
    if LONG_TEXTS not in book.sheet_names:
        return {}
    found: dict[tuple[int, str], list[str]] = {}
    for row, column, text in book.get_sheet_by_name(LONG_TEXTS).to_python()[1:]:
        found.setdefault((int(row), str(column)), []).append(str(text)[1:])
    return {key: "".join(pieces) for key, pieces in found.items()}


def _line(file: TextIO, number: int, row: list[Any], header: list[str], longer: Longer) -> None:
    cells = []
    for name, value in zip(header, row, strict=True):
        text = longer.get((number, name)) or _text(value)
        cells.append("" if text == "" else '"' + text.replace('"', '""') + '"')
    file.write(",".join(cells) + "\n")


def _text(value: Any) -> str:
    """A cell as text; blank text has an apostrophe, so that none is nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value)
