"""Finding a record: by id, source key or name, and as one types."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from crmpanel.model.entity import Entity
from crmpanel.model.operators import FOLD
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal, quoted
from crmpanel.query.typed import BEGIN, anywhere, misspelt, places, words_of


def record(entity: Entity, id: int) -> Query:
    """One record by id, all fields."""
    return Query(f'SELECT * FROM {quoted(entity.name)} WHERE "id" = ?', (id,))


def title(entity: Entity, id: int) -> Query:
    """What the record with an id is called."""
    return Query(f'SELECT {quoted(entity.title)} FROM {quoted(entity.name)} WHERE "id" = ?', (id,))


def titles(entity: Entity, ids: Sequence[int]) -> Query:
    """Pairs of id and title, for the records with some ids."""
    some = ", ".join(literal(int(id)) for id in ids)
    return Query(
        f'SELECT "id", {quoted(entity.title)} FROM {quoted(entity.name)} WHERE "id" IN ({some})'
    )


def by_key(entity: Entity, key: str) -> Query:
    """Records whose key in their source is `key`, all fields."""
    return Query(
        f'SELECT * FROM {quoted(entity.name)} WHERE "source_key" = ? ORDER BY "id"', (key,)
    )


def by_title(entity: Entity, title: str) -> Query:
    """Ids, titles and subtitles of records called `title`; case and accents do not matter."""
    name, second = quoted(entity.title), quoted(entity.subtitle) if entity.subtitle else "NULL"
    return Query(
        f'SELECT "id", {name} AS title, {second} AS subtitle FROM {quoted(entity.name)} '
        f"WHERE {FOLD.format(name)} = {FOLD.format('?')} "
        f'ORDER BY {name} = ? DESC, "id"',
        (title, title),
    )


def occurring(entity: Entity, names: Sequence[str], limit: int) -> Query:
    """Pairs of field and value: for each of some fields the values that occur most often."""
    parts = [
        f"(SELECT {literal(name)} AS field, {quoted(name)} AS value FROM {quoted(entity.name)} "
        f"WHERE {quoted(name)} <> '' GROUP BY {quoted(name)} "
        f"ORDER BY count(*) DESC, {quoted(name)} LIMIT ?)"
        for name in names
    ]
    return Query(" UNION ALL ".join(parts), (limit,) * len(parts))


def viewed(entity: Entity, viewer: str, limit: int = 8) -> Query:
    """Records that `viewer` looked at, latest first."""
    return Query(
        f"SELECT {_shown(entity)} FROM {quoted(entity.name)} AS r "
        f"JOIN visit AS v ON {_VISITED} "
        'ORDER BY v."at" DESC, r."id" LIMIT ?',
        (entity.name, viewer, limit),
    )


_VISITED = 'v.record_id = r."id" AND v.entity = ? AND v.viewer = ?'


def suggest(entity: Entity, text: str, viewer: str, limit: int = 8) -> Query:
    """Organisations that fit what has been typed so far, best first.

    Each word must stand in one of the fields by which the entity is found. Where it begins the
    name counts more than where it begins another field, a word, or stands inside; those looked at
    recently come first among equals.
    """
    words = words_of(text)
    points = " + ".join([f"CASE {_WHEN} ELSE 0 END"] * len(words)) or "0"
    begins = tuple(pattern for word in words for pattern in places(word))
    return _found(entity, [anywhere(word) for word in words], points, begins, viewer, limit)


def resembling(entity: Entity, text: str, viewer: str, limit: int = 8) -> Query:
    """Organisations with almost the words typed: for when nothing fits exactly."""
    points = f"jaro_winkler_similarity(lower(r.{quoted(entity.title)}), lower(?))"
    patterns = [misspelt(word) for word in words_of(text)]
    return _found(entity, patterns, points, (text,), viewer, limit)


_WHEN = " ".join(f"WHEN regexp_matches(r.said, ?, 'i') THEN {n}" for n in (3, 2, 1))


def _found(
    entity: Entity,
    patterns: list[str],
    points: str,
    params: tuple[str, ...],
    viewer: str,
    limit: int,
) -> Query:
    """Records in whose text each pattern is found, those with most points first."""
    fits = " AND ".join(["regexp_matches(r.said, ?, 'i')"] * len(patterns)) or "FALSE"
    title = f"r.{quoted(entity.title)}"
    return Query(
        f"SELECT {_shown(entity)} FROM (SELECT *, {_said(entity)} AS said "
        f"FROM {quoted(entity.name)}) AS r "
        f"LEFT JOIN visit AS v ON {_VISITED} "
        f'WHERE {fits} ORDER BY {points} DESC, v."at" DESC NULLS LAST, length({title}), '
        f'lower({title}), r."id" LIMIT ?',
        (entity.name, viewer, *patterns, *params, limit),
    )


def _said(entity: Entity) -> str:
    """The fields by which a record is found as one text."""
    columns = ", ".join(map(quoted, _found_by(entity)))
    return f"concat_ws({literal(BEGIN)}, '', {columns})"


def _found_by(entity: Entity) -> tuple[str, ...]:
    return entity.found_by or (entity.title,)


def _shown(entity: Entity) -> str:
    names = dict.fromkeys(("id", entity.title, *_found_by(entity), *entity.columns))
    return ", ".join(f"r.{quoted(name)}" for name in names)


def moment() -> dt.datetime:
    """The present moment as databases hold it: local time, whole seconds."""
    return dt.datetime.now().replace(microsecond=0)
