"""Plain CSV: files of which it can be shown that DuckDB's parallel reader reads them exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from crmpanel.query.sqltext import literal

#: Smaller files are read by Python's csv module, which needs no proof.
SMALLEST = 2_000_000

_CHUNK = 1 << 22
_QUOTE, _NEWLINE = ord('"'), ord("\n")


@dataclass(frozen=True)
class Counted:
    """What was counted in a file, apart from any parser.

    Parameters
    ----------
    rows : records below the lines that were to be skipped.
    lines : the line on which each record begins; None if each takes one line.
    """

    rows: int
    lines: Any = None


def count(path: Path, skip: int) -> Counted | None:
    """Count the records of a file below the first `skip` lines; None where that is in doubt.

    A quotation mark opens or closes; a newline between an even number of them ends a record. A
    stray mark makes the number differ from what a parser finds, and then the file is not plain.
    """
    marks = newlines = returns = pairs = 0
    ends: list[Any] = []
    last = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            chunk += file.readline(_CHUNK)
            if b"\0" in chunk:
                return None
            returns += chunk.count(b"\r")
            pairs += chunk.count(b"\r\n")
            outside, found = _ends(chunk, marks)
            ends.append((outside + newlines).astype(np.int64))
            marks += found
            newlines += chunk.count(b"\n")
            last = chunk
    if marks % 2 or (returns and not returns == pairs == newlines) or not newlines:
        return None
    return _counted(ends, skip, last)


def _ends(chunk: bytes, marks: int) -> tuple[Any, int]:
    """Which of the newlines of a chunk end a record, and how many quotation marks it has."""
    newlines = chunk.count(b"\n")
    if b'"' not in chunk:
        return np.arange(newlines if marks % 2 == 0 else 0), 0
    content = np.frombuffer(chunk, np.uint8)
    quotes = np.flatnonzero(content == _QUOTE)
    before = np.searchsorted(quotes, np.flatnonzero(content == _NEWLINE)) + marks
    return np.flatnonzero(before % 2 == 0), len(quotes)


def _counted(ends: list[Any], skip: int, last: bytes) -> Counted | None:
    """From the numbers of the newlines that end a record: where each record begins."""
    closing = np.concatenate(ends)
    starts = np.concatenate(([1], closing + 2))  # lines, of which the first is 1
    if last.endswith(b"\n"):
        starts = starts[:-1]
    if skip and (len(closing) < skip or closing[skip - 1] != skip - 1):
        return None  # a record above the rows takes several lines
    starts = starts[skip:]
    regular = len(starts) == 0 or starts[-1] - starts[0] == len(starts) - 1
    return Counted(len(starts), None if regular else starts)


def read_sql(path: Path, delimiter: str, skip: int, names: Sequence[str]) -> str:
    """SQL after FROM: the file as text, strictly; anything unusual is an error.

    The end of lines is not named: told that it is CR LF, DuckDB 2.0 finds no row.
    """
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    return (
        f"read_csv({literal(_escaped(str(path)))}, auto_detect = false, header = false, "
        f"skip = {skip}, delim = {literal(delimiter)}, quote = '\"', escape = '\"', "
        f"nullstr = '', strict_mode = true, columns = {{{columns}}})"
    )


def _escaped(path: str) -> str:
    """DuckDB takes a path for a pattern."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)
