"""Dialect: which character separates the cells of a text file, by how evenly it cuts the lines."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

#: Those that exports use, and those that are believed only if they cut every line alike.
COMMON = ",;\t|"
RARE = "\x1f\x01^~¦"

#: Characters that are looked at.
SAMPLE = 1 << 18

_TOLD = re.compile(r"""^"?sep=(.)"?\r?\n""")


@dataclass(frozen=True)
class Dialect:
    """How a text file separates cells.

    Parameters
    ----------
    delimiter : the character.
    told : the file begins with a line that names it, as Excel writes.
    columns : into how many cells it cuts most lines.
    share : of the lines, how many have that many.
    lines : how many were looked at.
    """

    delimiter: str
    told: bool = False
    columns: int = 1
    share: float = 1.0
    lines: int = 0


def dialect_of(path: Path, encoding: str) -> Dialect:
    """The dialect, by the beginning of the file."""
    with path.open("r", encoding=encoding, errors="replace", newline="") as file:
        return dialect(file.read(SAMPLE))


def dialect(text: str) -> Dialect:
    r"""The dialect of the beginning of a text.

    >>> dialect("Firm;Sum\nFjord, Oslo;1,5\nVik, Bergen;2,5\n").delimiter
    ';'
    >>> dialect('sep=|\nFirm|Sum\n').told
    True
    """
    if told := _TOLD.match(text):
        return Dialect(told[1], told=True)
    found = [_measured(text, character) for character in COMMON]
    best = max(found, key=_evenness)
    if best.columns > 1:
        return best
    rare = [_measured(text, character) for character in RARE]
    return next((one for one in rare if one.columns > 1 and one.share == 1.0), best)


def _evenness(found: Dialect) -> tuple[bool, float, int]:
    return found.columns > 1, round(found.share, 2), found.columns


def _measured(text: str, delimiter: str) -> Dialect:
    """How `delimiter` cuts the text; what the sample cuts off does not count."""
    if delimiter not in text:
        return Dialect(delimiter)
    widths = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            if cells:
                widths.append(len(cells))
            if len(widths) > 400:
                break
    except csv.Error:
        pass
    if len(text) >= SAMPLE and len(widths) > 1:
        widths.pop()
    usual, number = Counter(widths).most_common(1)[0] if widths else (1, 1)
    if usual == 1 and widths and widths[0] > 1:  # ragged, but its header is cut
        usual, number = widths[0], widths.count(widths[0])
    return Dialect(delimiter, False, usual, number / max(1, len(widths)), len(widths))
