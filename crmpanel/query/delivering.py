"""Reads for deliveries: who wants some, and what was delivered."""

from __future__ import annotations

from collections.abc import Sequence

from crmpanel.query.query import Query


def choices(names: Sequence[str]) -> Query:
    """What viewers have chosen: viewer, name and value of some preferences."""
    marks = ", ".join("?" * len(names))
    return Query(
        f"SELECT viewer, name, value FROM preference WHERE name IN ({marks}) "
        "AND value IS NOT NULL ORDER BY viewer, name",
        tuple(names),
    )


def deliveries(viewer: str, channel: str) -> Query:
    """A viewer's deliveries over one channel, oldest first; a row without a range is none."""
    return Query(
        'SELECT period, "first", "last", state, "at", reason, begun FROM delivery '
        'WHERE viewer = ? AND channel = ? AND "first" IS NOT NULL AND "last" IS NOT NULL '
        'ORDER BY "last", period',
        (viewer, channel),
    )
