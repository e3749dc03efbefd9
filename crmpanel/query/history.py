"""What is known of changesets, and of who wrote what."""

from __future__ import annotations

from collections.abc import Sequence

from crmpanel.model.entity import Entity
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal, quoted


def changesets(log: Entity, numbers: Sequence[int]) -> Query:
    """Some changesets: number, at, user, why, source, undoes, undone by, whether field by field,
    how many records.
    """
    some = ", ".join(literal(int(number)) for number in numbers)
    return Query(
        'SELECT c.id, c."at", c.user_id, c.why, c.source, c.undoes, '
        "(SELECT max(u.id) FROM changeset AS u WHERE u.undoes = c.id), "
        "c.token IS NOT NULL, coalesce(s.records, 0) "
        f"FROM changeset AS c LEFT JOIN ({_sizes(log, some)}) AS s ON s.number = c.id "
        f"WHERE c.id IN ({some})"
    )


def _sizes(log: Entity, some: str) -> str:
    """Number and records of changesets that may be about many; a save of a card is not counted, as
    to look for its rows reads the whole log. A new or deleted record has one row of its id, which
    is counted in a third of the time that different records take.
    """
    about, which = (quoted(name) for name in log.about or ("", ""))
    changed = f"CASE WHEN \"action\" = 'update' THEN ({about}, {which}) END"
    return (
        "SELECT changeset AS number, count(*) FILTER (\"field\" = 'id') + "
        f"count(DISTINCT {changed}) AS records "
        f"FROM {quoted(log.name)} WHERE changeset IN (SELECT id FROM changeset "
        f"WHERE id IN ({some}) AND source <> 'edit') GROUP BY changeset"
    )


def changes_elsewhere(log: Entity, number: int, organisation: int) -> Query:
    """How many changes of a changeset are of other organisations, or of what belongs to none."""
    return Query(
        f"SELECT count(*) FROM {quoted(log.name)} WHERE changeset = ? "
        "AND (\"action\" = 'update' OR \"field\" = 'id') "
        f"AND {quoted(str(log.organisation))} IS DISTINCT FROM ?",
        (number, organisation),
    )


def last_writers(log: Entity, entity: str, ids: Sequence[int], after: int = 0) -> Query:
    """Pairs of record and user: who wrote some records of an entity last.

    Parameters
    ----------
    after : only what was written after this changeset.
    """
    about, which = log.about or ("", "")
    some = ", ".join(literal(int(id)) for id in ids)
    who = quoted(log.responsible[0])
    return Query(
        f'SELECT {quoted(which)}, arg_max({who}, "id") FROM {quoted(log.name)} '
        f"WHERE {quoted(about)} = ? AND {quoted(which)} IN ({some}) AND changeset > ? GROUP BY ALL",
        (entity, after),
    )


def has_written(user: int | None, after: int) -> Query:
    """Whether a user, or nobody, wrote any changeset after another."""
    return Query(
        "SELECT count(*) > 0 FROM changeset WHERE user_id IS NOT DISTINCT FROM ? AND id > ?",
        (user, after),
    )
