"""What is asked for: organisations, filters and words, drawn at random but the same in each run."""

from __future__ import annotations

import random
from typing import Any

from benchmarks.work import Side
from crmpanel.query.query import Query


def names(side: Side, ids: list[int]) -> list[str]:
    """Names of organisations, in the order of `ids`."""
    marks = ", ".join("?" * len(set(ids)))
    sql = f'SELECT "id", "name" FROM "organisation" WHERE "id" IN ({marks})'
    found = dict(side.database.rows(Query(sql, tuple(set(ids)))))
    return [str(found[id]) for id in ids]


def typed(side: Side, ids: list[int]) -> list[str]:
    """What somebody has typed of a name so far: two to eight letters, or a later word of it."""
    chooser, texts = random.Random(3), []
    for name in names(side, ids):
        words = name.split()
        text = name if chooser.random() < 0.7 else chooser.choice(words)
        texts.append(text[: chooser.randint(2, 8)])
    return texts


def misspelt(side: Side, ids: list[int]) -> list[str]:
    """Names with two letters swapped, so that nothing contains the text."""
    texts = []
    for name in names(side, ids):
        word = max(name.split(), key=len).lower()
        middle = len(word) // 2
        swapped = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
        texts.append(swapped)
    return texts


def front_pages(side: Side, count: int) -> list[dict[str, Any]]:
    """Filters of the front page: none, a status, a user, a word, another order, a later page."""
    chooser = random.Random(4)
    users = [id for (id,) in side.database.rows(Query('SELECT "id" FROM "user"'))]
    found = "SELECT DISTINCT status FROM organisation WHERE status IS NOT NULL ORDER BY 1"
    statuses = [value for (value,) in side.database.rows(Query(found))]
    kinds: tuple[Any, ...] = (
        dict,
        lambda: {"status": [chooser.choice(statuses)]},
        lambda: {"responsible": [chooser.choice(users)]},
        lambda: {"search": chooser.choice(("nord", "service", "maskin", "oslo"))},
        lambda: {"sort": ["-last_activity"]},
        lambda: {"page": chooser.randint(2, 10)},
    )
    return [kinds[i % len(kinds)]() for i in range(count)]
