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
_OTHERS = bytes(code for code in range(256) if code not in (_QUOTE, _NEWLINE))


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
    ends, returns, last = _Ends(), 0, b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            chunk += file.readline(_CHUNK)
            # Looking for a sign is ten times as fast as counting it.
            found = chunk.count(b"\r") if b"\r" in chunk else 0
            if b"\0" in chunk or (found and found != chunk.count(b"\r\n")):
                return None
            returns += found
            ends.add(chunk)
            last = chunk
    if ends.marks % 2 or returns not in (0, ends.newlines) or not ends.newlines:
        return None
    return ends.counted(skip, last.endswith(b"\n"))


class _Ends:
    """The newlines that end a record, by their number.

    Attributes
    ----------
    newlines, marks : how many there are so far, and how many quotation marks.
    """

    def __init__(self) -> None:
        self.newlines = self.marks = 0
        #: A range where all newlines end a record, which need no room.
        self._parts: list[Any] = []

    def add(self, chunk: bytes) -> None:
        """Look at the next part of the file."""
        signs = chunk.translate(None, _OTHERS)
        newlines = signs.count(b"\n")
        # What is left of the marks when pairs are gone has a newline between its two.
        if self.marks % 2 == 0 and b'"' not in signs.replace(b'""', b""):
            self._parts.append(range(self.newlines, self.newlines + newlines))
        else:
            self._parts.append(self._outside(chunk) + self.newlines)
        self.newlines += newlines
        self.marks += len(signs) - newlines

    def _outside(self, chunk: bytes) -> Any:
        """Numbers of the newlines in the chunk that are not between quotation marks."""
        content = np.frombuffer(chunk, np.uint8)
        quotes = np.flatnonzero(content == _QUOTE)
        before = np.searchsorted(quotes, np.flatnonzero(content == _NEWLINE)) + self.marks
        return np.flatnonzero(before % 2 == 0)

    def counted(self, skip: int, is_closed: bool) -> Counted | None:
        """The records below `skip` lines; whether a newline closes the last one must be told."""
        if all(isinstance(part, range) for part in self._parts):
            rows = self.newlines - skip + (not is_closed)
            return Counted(rows) if self.newlines >= skip else None
        closing = np.concatenate([np.asarray(part, np.int64) for part in self._parts])
        starts = np.concatenate(([1], closing + 2))  # lines, of which the first is 1
        starts = starts[:-1] if is_closed else starts
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
