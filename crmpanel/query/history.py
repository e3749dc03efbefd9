"""What is known of changesets."""

from __future__ import annotations

from collections.abc import Sequence

from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal


def changesets(numbers: Sequence[int]) -> Query:
    """Some changesets: number, at, user, why, source, undoes, undone by, whether field by field."""
    some = ", ".join(literal(int(number)) for number in numbers)
    return Query(
        'SELECT c.id, c."at", c.user_id, c.why, c.source, c.undoes, '
        "(SELECT max(u.id) FROM changeset AS u WHERE u.undoes = c.id), "
        "c.token IS NOT NULL "
        f"FROM changeset AS c WHERE c.id IN ({some})"
    )
