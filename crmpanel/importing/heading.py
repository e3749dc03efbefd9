"""Heading: where the header of a table of cells is, what stands above it and below the rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crmpanel.importing.sources import Row

#: Rows that are looked at to find the header.
SAMPLE = 200

#: Rows at the end that may be totals or small print.
FOOTER = 8

_NUMBER = re.compile(r"[+-]?[$€£]?\s?\(?\d[\d\s.,'’ ]*\)?\s?[%€$£]?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{1,2}:.*)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)
_YEAR = re.compile(r"(19|20)\d\d")

_TOTAL = re.compile(
    r"(grand |sub[- ]?|gesamt|samlet |total)?"
    r"(totals?|totalt|totaler|sum|summe|summa|sums|i alt|i ?alt|gesamt|insgesamt|sammanlagt)"
    r"\s*(\([^)]*\))?\s*:?",
    re.IGNORECASE,
)
_PRINT = re.compile(
    r"(copyright|©|confidential|vertraulich|fortroli|konfidentiel|konfidenti)", re.IGNORECASE
)


@dataclass(frozen=True)
class Heading:
    """The header of a table.

    Parameters
    ----------
    columns : the names.
    above : how many rows stand above the first row of data, the header included.
    notes : what is unusual about it.
    """

    columns: tuple[str, ...]
    above: int
    notes: tuple[str, ...] = ()


def find_heading(rows: Sequence[Row]) -> Heading:
    """The header among the first rows of a table, by the evidence of what stands below it.

    >>> find_heading([(1, ["Visits"]), (3, ["No", "Firm"]), (4, ["1", "Fjord"])])
    Heading(columns=('No', 'Firm'), above=2, notes=('line 1 stands above the header: Visits',))
    """
    if not rows:
        return Heading((), 0)
    titles = _titles(rows)
    notes = [
        f"line {line:,} stands above the header: {_shown(cells)}" for line, cells in rows[:titles]
    ]
    line, header = rows[titles]
    below = [cells for _, cells in rows[titles + 1 :]]
    if _is_data(header, below):
        width = max(len(cells) for cells in [header, *below])
        names = tuple(f"column {number}" for number in range(1, width + 1))
        first = _shown(header)
        notes.append(f"it has no header: line {line:,} is a row like the others: {first}")
        return Heading(names, titles, tuple(notes))
    return Heading(tuple((cell or "").strip() for cell in header), titles + 1, tuple(notes))


def _shown(cells: Iterable[str | None]) -> str:
    text = " | ".join(cell.strip() for cell in cells if cell and cell.strip())
    return text if len(text) <= 80 else text[:79] + "…"


def _filled(cells: Sequence[str | None]) -> int:
    return sum(1 for cell in cells if cell and cell.strip())


# -- title lines -----------------------------------------------------------------------------------


def _titles(rows: Sequence[Row]) -> int:
    """How many of the rows are titles: few cells are filled, and a header comes after them."""
    widest = max(_filled(cells) for _, cells in rows[:50])
    usual = Counter(len(cells) for _, cells in rows).most_common(1)[0][0]
    count = 0
    while count < len(rows) - 1 and count < 20 and _is_title(rows, count, widest, usual):
        count += 1
    return count if count and _may_be_header(rows[count][1], widest) else 0


def _is_title(rows: Sequence[Row], place: int, widest: int, usual: int) -> bool:
    line, cells = rows[place]
    filled = _filled(cells)
    if len(cells) not in (1, usual) and not place:
        return False
    if filled == 1 and widest == 2:
        return len(cells) == 1 or rows[place + 1][0] > line + 1
    return filled <= max(2 if widest >= 5 else 1, widest // 4) and filled < widest


def _may_be_header(cells: Sequence[str | None], widest: int) -> bool:
    names = [cell.strip() for cell in cells if cell and cell.strip()]
    kinds = {_kind(name) for name in names}
    return (
        len(names) * 2 >= widest
        and len(set(names)) == len(names)
        and not kinds & {"date", "email", "url"}
        and ("number" not in kinds or kinds != {"number"})
    )


# -- no header -------------------------------------------------------------------------------------


def _is_data(header: Sequence[str | None], below: Sequence[Sequence[str | None]]) -> bool:
    """Whether the first row is of the same kind as those below it, and nothing speaks against."""
    rows = [cells for cells in below if cells != header]
    if not rows or _are_numbered(header):
        return False
    votes = [_vote(cell, [r[n] for r in rows if n < len(r)]) for n, cell in enumerate(header)]
    alike, repeated = votes.count("alike"), votes.count("repeated")
    return "unlike" not in votes and (alike > 0 or repeated > 1 or repeated == len(header) == 1)


def _vote(cell: str | None, column: list[str | None]) -> str:
    """What a column says: its first cell is like the others, one of them, or unlike them."""
    if not cell or not cell.strip():
        return ""
    values = [value.strip() for value in column if value and value.strip()]
    if not values:
        return ""
    kind, kinds = _kind(cell.strip()), Counter(map(_kind, values))
    usual, number = kinds.most_common(1)[0]
    if kind == "number" and _YEAR.fullmatch(cell.strip()):
        return "alike" if all(map(_YEAR.fullmatch, values)) else ""
    if number * 5 < len(values) * 4:
        return ""
    if kind == usual != "text":
        return "alike"
    if kind == "text" != usual:
        return "unlike"
    return "repeated" if cell.strip() in values else ""


def _are_numbered(header: Sequence[str | None]) -> bool:
    """Names like 1, 2, 3 … are numbers, but a header all the same."""
    numbers = [int(c) for c in header if c and c.strip().isdecimal() and len(c) < 6]
    return len(numbers) > 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _kind(text: str) -> str:
    for kind, pattern in (("date", _DATE), ("number", _NUMBER), ("email", _EMAIL), ("url", _URL)):
        if pattern.fullmatch(text):
            return kind
    return "text"


# -- below the rows --------------------------------------------------------------------------------


def footer(rows: Sequence[Row], width: int) -> int:
    """How many of the last rows are totals, small print or blank, not records.

    >>> footer([(8, ["A8", "3", "x"]), (9, ["Grand Totals (7 records)", "21", ""])], 3)
    1
    """
    count = 0
    for _, cells in reversed(rows[-FOOTER:]):
        if not _is_footer(cells, width):
            break
        count += 1
    while count and not _filled(rows[-count][1]):
        count -= 1
    return count


def _is_footer(cells: Sequence[str | None], width: int) -> bool:
    texts = [cell.strip() for cell in cells if cell and cell.strip()]
    if not texts:
        return True
    if len(cells) == 1 < width and _PRINT.match(texts[0]):
        return True
    words = [text for text in texts if _kind(text) == "text"]
    return len(words) == 1 and len(texts) < max(2, width) and bool(_TOTAL.fullmatch(words[0]))


def footer_note(row: Row) -> str:
    """What is said of a row below the table that is none of its records."""
    return f"line {row[0]:,} is no record but stands below them: {_shown(row[1])}"
