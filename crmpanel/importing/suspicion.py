"""Suspicion: signs in a staged table that it was not read as it was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from crmpanel.query.sqltext import literal, quoted

#: Rows that are looked at.
SAMPLE = 20_000

Rows = Callable[[str], list[tuple[Any, ...]]]

#: UTF-8 that was once read as Windows-1252: "Ã¸" for "ø", "â€™" for "’".
_GARBLED = (
    "Ã[\u0080-\u00bfŠŒŽšœžŸƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]"
    '|â€[\u0080-\u00bf™œ˜¦“”¢"]|Â[\u00a0-\u00bf]|ï¿½|\ufffd'
)
_DAY = r"^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(\D.*)?$"
_VALUE = r"^\s*[+-]?[$€£]?\s?[\d\s.,'’/:T+Z-]*\d[\d\s.,'’/:T+Z-]*[%€$£]?\s*$"


def suspicions(
    rows: Rows, relation: str, columns: Sequence[str], read: int, unread: int
) -> list[str]:
    """What is odd about a table.

    Parameters
    ----------
    rows : runs a query.
    relation, columns : the staged table.
    read, unread : how many of its rows could be read, and how many could not.
    """
    found = []
    if unread and unread * 50 > read:
        found.append(
            f"{unread:,} of {read + unread:,} rows could not be read: "
            "is the delimiter right, and are cells that hold it quoted?"
        )
    if not read:
        return found
    if len(columns) == 1:
        found += _one_column(rows, relation, columns[0], read)
    found += _by_sample(rows, relation, columns, read)
    return found


def _one_column(rows: Rows, relation: str, column: str, read: int) -> Iterator[str]:
    text = quoted(column)
    sql = f"SELECT count(*) FILTER (regexp_matches({text}, '[,;\\t|]')) FROM {_sample(relation)}"
    [[cut]] = rows(sql)
    if cut * 2 > min(read, SAMPLE):
        yield "it has one column, but most rows hold delimiters: is it a table?"
    elif read > 1:
        yield "it has only one column"


def _by_sample(rows: Rows, relation: str, columns: Sequence[str], read: int) -> Iterator[str]:
    counts = []
    for column in columns:
        text = quoted(column)
        counts += [
            f"count(*) FILTER (regexp_matches({text}, {literal(_GARBLED)}))",
            f"count(*) FILTER (regexp_matches({text}, {literal(_VALUE)}))",
            f"count(*) FILTER (regexp_matches({text}, {literal(_DAY)}))",
        ]
    [found] = rows(f"SELECT {', '.join(counts)} FROM {_sample(relation)}")
    garbled, values, days = found[0::3], found[1::3], found[2::3]
    for column, number in zip(columns, garbled, strict=True):
        if number:
            yield (
                f"column {column} looks garbled in {number:,} rows (such as “Ã¸” for “ø”): "
                "it was saved in another encoding than it says"
            )
    if len(columns) >= 8 and read >= 20 and not any(values):
        yield "no cell holds a number or a date: all columns are text"
    for column, number in zip(columns, days, strict=True):
        if number:
            yield from _mixed_days(rows, relation, column)


def _mixed_days(rows: Rows, relation: str, column: str) -> Iterator[str]:
    """Days that can only be European and days that can only be American, in one column."""
    text = quoted(column)
    first, second = (
        f"CAST(nullif(regexp_extract({text}, {literal(_DAY)}, {n}), '') AS INTEGER)" for n in (1, 2)
    )
    [[day_first, month_first]] = rows(
        f"SELECT count(*) FILTER ({first} BETWEEN 13 AND 31 AND {second} <= 12), "
        f"count(*) FILTER ({second} BETWEEN 13 AND 31 AND {first} <= 12) FROM {relation}"
    )
    if day_first and month_first:
        yield (
            f"column {column} mixes dates of two forms: in {day_first:,} rows the day comes first, "
            f"in {month_first:,} the month"
        )


def _sample(relation: str) -> str:
    return f"(FROM {relation} LIMIT {SAMPLE})"
