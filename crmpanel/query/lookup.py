"""Finding a record: by id, source key or name, and as one types."""

from __future__ import annotations

import datetime as dt
import re

from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import IDENTIFIER, PHONE, TEXT
from crmpanel.model.operators import FOLD
from crmpanel.query.query import Query
from crmpanel.query.sqltext import quoted
from crmpanel.query.where import Predicate, all_of, any_of

#: Words that are looked for; nobody types more to find a name.
WORDS = 6
#: Digits from which on a word may be a phone or VAT number, whatever stands between its signs.
DIGITS = 3
#: Below this similarity (Jaro-Winkler) a word is not taken for a misspelling of another.
ALIKE = 0.88


def record(entity: Entity, id: int) -> Query:
    """One record by id, all fields."""
    return Query(f'SELECT * FROM {quoted(entity.name)} WHERE "id" = ?', (id,))


def by_key(entity: Entity, key: str) -> Query:
    """Ids of records whose key in their source is `key`."""
    return Query(f'SELECT "id" FROM {quoted(entity.name)} WHERE "source_key" = ?', (key,))


def by_title(entity: Entity, title: str) -> Query:
    """Ids, titles and subtitles of records called `title`; case and accents do not matter."""
    name, second = quoted(entity.title), quoted(entity.subtitle or entity.title)
    return Query(
        f'SELECT "id", {name} AS title, {second} AS subtitle FROM {quoted(entity.name)} '
        f"WHERE {FOLD.format(name)} = {FOLD.format('?')} "
        f'ORDER BY {name} = ? DESC, "id"',
        (title, title),
    )


def viewed(entity: Entity, viewer: str, limit: int = 8) -> Query:
    """Organisations that `viewer` looked at, latest first."""
    return Query(
        f"SELECT {_shown(entity)} FROM {quoted(entity.name)} AS r "
        'JOIN viewed AS v ON v.organisation_id = r."id" AND v.viewer = ? '
        'ORDER BY v."at" DESC, r."id" LIMIT ?',
        (viewer, limit),
    )


def suggest(entity: Entity, text: str, viewer: str, limit: int = 8) -> Query:
    """Organisations that fit what has been typed so far, best first.

    Each word must stand somewhere in the fields by which the entity is found. A field that begins
    with a word beats one that contains it; those looked at recently come first among equals.
    """
    words = words_of(text)
    fits = all_of([_fits(entity, word) for word in words])
    points = [_points(entity, word) for word in words]
    title = f"r.{quoted(entity.title)}"
    return Query(
        f"SELECT {_shown(entity)}, {' + '.join(p.sql for p in points) or '0'} AS score "
        f"FROM {quoted(entity.name)} AS r "
        'LEFT JOIN viewed AS v ON v.organisation_id = r."id" AND v.viewer = ? '
        f'WHERE {fits.sql} ORDER BY score DESC, v."at" DESC NULLS LAST, length({title}), '
        f'lower({title}), r."id" LIMIT ?',
        (*(value for p in points for value in p.params), viewer, *fits.params, limit),
    )


def resembling(entity: Entity, text: str, limit: int = 8) -> Query:
    """Organisations with a word that resembles each word typed: for when nothing fits exactly."""
    typed = [word.lower() for word in words_of(text) if len(word) > 2]
    texts = ", ".join(f"r.{quoted(f.name)}" for f, _ in _found_by(entity) if f.kind is TEXT)
    # Only as much of a word is compared as has been typed.
    alike = "list_max([jaro_winkler_similarity(w[:?], ?, ?) FOR w IN words])"
    score = f"least({', '.join([alike] * len(typed))})" if typed else "0"
    values = tuple(value for word in typed for value in (len(word) + 1, word, ALIKE))
    title = quoted(entity.title)
    return Query(
        f"SELECT {_shown(entity)}, {score} AS score FROM (SELECT r.*, "
        f"string_split(lower(concat_ws(' ', {texts})), ' ') AS words "
        f"FROM {quoted(entity.name)} AS r) AS r WHERE score >= ? "
        f'ORDER BY score DESC, lower(r.{title}), r."id" LIMIT ?',
        (*values, ALIKE, limit),
    )


def words_of(text: str) -> list[str]:
    """The words of a text as typed; what is all digits and signs is one number.

    >>> words_of("Nordlys  bergen"), words_of("+47 22 33 44 55")
    (['Nordlys', 'bergen'], ['+47 22 33 44 55'])
    """
    if re.fullmatch(r"[\d\s+().\-/]+", text) and len(_signs(text)) >= DIGITS:
        return [text.strip()]
    return text.split()[:WORDS]


def _found_by(entity: Entity) -> list[tuple[Field, float]]:
    """The fields by which a record is found, the weightiest first."""
    declared = entity.found_by or ((entity.title, 1.0),)
    return [(entity.field(name), weight) for name, weight in sorted(declared, key=lambda d: -d[1])]


def _shown(entity: Entity) -> str:
    found = [field.name for field, _ in _found_by(entity)]
    names = dict.fromkeys(("id", entity.title, *found, *entity.columns))
    return ", ".join(f"r.{quoted(name)}" for name in names)


def _fits(entity: Entity, word: str) -> Predicate:
    """Records that have a word anywhere."""
    return any_of([_has(field, word) for field, _ in _found_by(entity)])


def _points(entity: Entity, word: str) -> Predicate:
    """How well a word fits: the weight of the field that it begins, or half of it."""
    fields = _found_by(entity)
    ways = [(_has(field, word, at_start=True), weight) for field, weight in fields]
    ways += [(_has(field, word), weight / 2) for field, weight in fields]
    ways.sort(key=lambda way: -way[1])
    branches = " ".join(f"WHEN {has.sql} THEN {points}" for has, points in ways)
    return Predicate(
        f"CASE {branches} ELSE 0 END", tuple(value for has, _ in ways for value in has.params)
    )


def _has(field: Field, word: str, at_start: bool = False) -> Predicate:
    """Whether a field contains a word; blanks and signs within a number do not matter."""
    column = f"r.{quoted(field.name)}"
    signs = _signs(word)
    if field.kind in (PHONE, IDENTIFIER) and sum(map(str.isdigit, signs)) >= DIGITS:
        pattern = "[^0-9a-z]*".join(map(re.escape, signs))
        return Predicate(f"regexp_matches({column}, ?, 'i')", ("^" * at_start + pattern,))
    function = "starts_with" if at_start else "contains"
    return Predicate(f"{function}({FOLD.format(column)}, {FOLD.format('?')})", (word,))


def _signs(text: str) -> str:
    """The letters and digits of a text."""
    return re.sub(r"[\W_]", "", text)


def moment() -> dt.datetime:
    """The present moment as databases hold it: local time, whole seconds."""
    return dt.datetime.now().replace(microsecond=0)
