"""Records that are like one that is entered: perhaps it is there already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crmpanel.model.entity import Entity
from crmpanel.model.likeness import HOST, NUMBER, SIMILAR, Likeness, digits, host
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal, quoted
from crmpanel.query.typed import BEGIN, LETTERS, digits_alone, exactly, misspelt, words_of
from crmpanel.query.where import Predicate, all_of, any_of

#: How similar two names are at least; 1 is equal.
SIMILARITY = 0.9


@dataclass(frozen=True)
class Test:
    """A likeness that the values entered can have, as a condition on alias ``r``."""

    likeness: Likeness
    predicate: Predicate


def tests(entity: Entity, values: Mapping[str, Any]) -> list[Test]:
    """The likenesses of an entity for which the values entered give anything to look for."""
    found = [Test(likeness, _predicate(entity, likeness, values)) for likeness in entity.likenesses]
    return [test for test in found if test.predicate.sql != "FALSE"]


def alike(
    entity: Entity, wanted: list[Test], title: str, id: int | None = None, limit: int = 5
) -> Query:
    """Records alike, best first: id, title, subtitle and which of the tests each passes.

    Parameters
    ----------
    wanted : what they are tested for, the strongest first; at least one.
    title : what the record is called; the most similar come first among equals.
    id : the record itself, if it is there already.
    """
    name = f"r.{quoted(entity.title)}"
    second = f"r.{quoted(entity.subtitle)}" if entity.subtitle else "NULL"
    either = any_of([test.predicate for test in wanted])
    passed = ", ".join(f"coalesce({test.predicate.sql}, FALSE)" for test in wanted)
    params = [value for test in wanted for value in test.predicate.params]
    return Query(
        f'SELECT r."id", {name} AS title, {second} AS subtitle, [{passed}] AS passed '
        f'FROM {quoted(entity.name)} AS r WHERE {either.sql} AND r."id" IS DISTINCT FROM ? '
        f"ORDER BY passed DESC, jaro_winkler_similarity(lower({name}), lower(?)) DESC, "
        f'r."id" LIMIT ?',
        (*params, *either.params, id, title, limit),
    )


def _predicate(entity: Entity, likeness: Likeness, values: Mapping[str, Any]) -> Predicate:
    given = {name: str(values.get(name) or "").strip() for name in likeness.fields}
    nothing = Predicate("FALSE")
    if likeness.way == HOST:
        hosts = {found for text in given.values() if (found := host(text))}
        tests = [_at(name, found) for name in likeness.fields for found in sorted(hosts)]
        return any_of(tests) if tests else nothing
    first = likeness.fields[0]
    if likeness.way == NUMBER:
        number = digits(given[first])
        return _matches(first, digits_alone(number)) if number else nothing
    if likeness.way == SIMILAR:
        return _similar(first, given[first])
    if not given[first]:
        return nothing
    return all_of([_same(entity, name, text) for name, text in given.items()])


def _same(entity: Entity, name: str, text: str) -> Predicate:
    column = f"r.{quoted(name)}"
    if not entity.field(name).kind.is_text:
        kind = entity.field(name).kind.sql
        return Predicate(f"{column} IS NOT DISTINCT FROM TRY_CAST(? AS {kind})", (text or None,))
    if not text:
        return Predicate(f"coalesce({column}, '') = ''")
    return _matches(name, exactly(text))


def _matches(name: str, pattern: str) -> Predicate:
    """One anchored pattern takes a quarter of the time that folding a text takes."""
    return Predicate(f"regexp_matches(r.{quoted(name)}, ?, 'i')", (pattern,))


def _similar(name: str, text: str) -> Predicate:
    """The whole is not too far from it, and its longest word is there, with a slip perhaps."""
    words = [word for word in words_of(text) if len(word) in LETTERS]
    if not words:
        return Predicate("FALSE")
    column = f"r.{quoted(name)}"
    fits = f"regexp_matches(concat({literal(BEGIN)}, {column}), ?, 'i')"
    # CASE, because DuckDB may look at the dearer side of an AND first.
    near = f"jaro_winkler_similarity(lower({column}), lower(?)) >= {SIMILARITY}"
    sql = f"CASE WHEN {near} THEN {fits} ELSE FALSE END"
    return Predicate(sql, (text, misspelt(max(words, key=len))))


def _at(name: str, found: str) -> Predicate:
    """The host of an address in a field, or one below it."""
    column = f"lower(r.{quoted(name)})"
    sql = f"CASE WHEN contains({column}, ?) THEN regexp_matches({column}, ?) ELSE FALSE END"
    return Predicate(sql, (found, rf"(^|[@/.]){_escaped(found)}($|[/:?#\s])"))


def _escaped(text: str) -> str:
    return "".join(sign if sign.isalnum() else f"\\{sign}" for sign in text)
