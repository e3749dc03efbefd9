"""Finding an organisation: by id, source key or name, and as one types."""

from __future__ import annotations

import datetime as dt
import re

from crmpanel.model.entity import Entity
from crmpanel.model.operators import FOLD
from crmpanel.query.query import Query
from crmpanel.query.sqltext import quoted

#: Fields of an organisation by which it is found, and their weight when the text begins one.
FOUND_BY = (
    ("name", 1.0),
    ("division", 0.8),
    ("city", 0.6),
    ("domain", 0.8),
    ("vat_number", 0.9),
    ("phone", 0.9),
    ("source_key", 0.9),
    ("erp_id", 0.9),
)
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
        f'ORDER BY {name} = ? DESC, "id" LIMIT 20',
        (title, title),
    )


def viewed(viewer: str, limit: int = 8) -> Query:
    """Organisations that `viewer` looked at, latest first."""
    return Query(
        f"SELECT {_SHOWN}, NULL AS field, NULL AS matched FROM viewed AS v "
        'JOIN "organisation" AS r ON r."id" = v.organisation_id '
        'WHERE v.viewer = ? ORDER BY v."at" DESC LIMIT ?',
        (viewer, limit),
    )


_SHOWN = 'r."id", r."name", r."division", r."city", r."country", r."type"'


def suggest(text: str, viewer: str, limit: int = 8) -> Query:
    """Organisations that fit what has been typed so far, best first.

    A field that begins with the text beats one that contains it; those looked at recently come
    first among equals. Spaces and punctuation in numbers do not matter.
    """
    scores, params = [], []
    for name, weight in FOUND_BY:
        column, value = f'r."{name}"', text
        folded = f"coalesce({FOLD.format(column)}, '')"
        if name in ("vat_number", "phone"):
            value = re.sub(r"\D", "", text)
            folded = f"regexp_replace(coalesce({column}, ''), '[^0-9]', '', 'g')"
            if len(value) < 3:
                continue
        scores.append(
            (
                name,
                f"CASE WHEN starts_with({folded}, f{len(params)}) THEN {weight} "
                f"WHEN contains({folded}, f{len(params)}) THEN {weight / 2} "
                "ELSE 0 END",
            )
        )
        params.append(value)
    folds = ", ".join(f"{FOLD.format('?')} AS f{i}" for i in range(len(params)))
    columns = ", ".join(f"{sql} AS s{i}" for i, (_, sql) in enumerate(scores))
    best = "greatest(" + ", ".join(f"s{i}" for i in range(len(scores))) + ", 0)"
    field = (
        "CASE "
        + " ".join(f"WHEN s{i} = score THEN '{name}'" for i, (name, _) in enumerate(scores))
        + " END"
    )
    matched = (
        "CASE "
        + " ".join(f'WHEN s{i} = score THEN r."{name}"' for i, (name, _) in enumerate(scores))
        + " END"
    )
    return Query(
        f"SELECT {_SHOWN}, {field} AS field, {matched} AS matched FROM ("
        f"SELECT *, {best} AS score FROM (SELECT r.*, {columns} "
        f'FROM "organisation" AS r, (SELECT {folds}))) AS r '
        'LEFT JOIN viewed AS v ON v.organisation_id = r."id" AND v.viewer = ? '
        'WHERE score > 0 ORDER BY score DESC, v."at" DESC NULLS LAST, length(r."name"), '
        'lower(r."name") LIMIT ?',
        (*params, viewer, limit),
    )


def resembling(text: str, limit: int = 8) -> Query:
    """Organisations with a word that resembles each word typed: for when nothing fits exactly."""
    words = [word for word in re.split(r"\W+", text) if len(word) > 2][:4]
    params: list[object] = []
    scores = []
    for word in words:
        scores.append(
            "list_max(list_transform(words, lambda w: jaro_winkler_similarity("
            f"w[1:{len(word) + 1}], {FOLD.format('?')})))"
        )
        params.append(word)
    score = "least(" + ", ".join(scores) + ")" if scores else "0"
    said = 'concat_ws(\' \', r."name", r."division", r."city", split_part(r."domain", \'.\', 1))'
    return Query(
        f"SELECT {_SHOWN}, 'name' AS field, r.\"name\" AS matched FROM ("
        f"SELECT *, {score} AS score FROM (SELECT r.*, "
        f"string_split_regex({FOLD.format(said)}, '[^\\pL\\pN]+') AS words "
        'FROM "organisation" AS r)) AS r WHERE score >= ? '
        'ORDER BY score DESC, lower(r."name") LIMIT ?',
        (*params, ALIKE, limit),
    )


def moment() -> dt.datetime:
    """The present moment as databases hold it: local time, whole seconds."""
    return dt.datetime.now().replace(microsecond=0)
