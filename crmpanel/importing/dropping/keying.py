"""Keying: the columns by which the rows of a dropped file are known when a newer one comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

from crmpanel.importing.understanding.profile import ColumnProfile, TableProfile
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.importing.understanding.words import words

#: Columns that are tried together, and so many of them at once.
TRIED, TOGETHER = 5, 3


def key_columns(
    table: TableProfile, whose: str | None, tells_apart: Callable[[Sequence[str]], bool]
) -> tuple[str, ...]:
    """As few columns as tell the rows apart, those that look like keys first; empty if none do.

    A text that people edit, or a number that measures something, tells rows apart only by chance.

    Parameters
    ----------
    whose : the column that names organisations, if any.
    tells_apart : whether all rows differ in these columns.
    """
    scores = {c.name: _likeness(c, whose) for c in table.columns.values() if c.filled == table.rows}
    names = sorted((name for name in scores if scores[name]), key=lambda name: -scores[name])
    for size in range(1, TOGETHER + 1):
        for group in combinations(names if size == 1 else names[:TRIED], size):
            if tells_apart(group):
                return group
    return ()


def _likeness(column: ColumnProfile, whose: str | None) -> int:
    """How much a column looks like one that says which row it is; 0 for what cannot."""
    forms = column.forms
    if column.name == whose:
        return 4
    if column.compact in vocabulary().words["key"] or _is_called_key(column.name):
        return 5
    if forms.share("guid", "sfid") > 0.9:
        return 5
    if forms.share("date") > 0.9:
        return 2
    if forms.share("long", "number", "boolean") > 0.5 or forms.mean_length > 40:
        return 0
    return 3 if forms.share("code", "email") > 0.9 else 1


def _is_called_key(name: str) -> bool:
    return bool({*words(name)[-1:]} & vocabulary().words["key"])
