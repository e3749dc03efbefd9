"""Conditions as SQL on alias ``r``: one predicate and its parameters each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crmpanel.model.entity import Entity, Field
from crmpanel.model.filters import Condition, check_search
from crmpanel.model.kinds import DATE
from crmpanel.model.operators import FOLD, operator
from crmpanel.model.registry import Registry
from crmpanel.query.sqltext import quoted

#: Roles of a status that end the work on a record, so that it cannot be overdue.
CLOSED = ("completed", "won", "lost", "cancelled")


@dataclass(frozen=True)
class Context:
    """What a query needs to know beside the filters.

    Parameters
    ----------
    now : the moment that "overdue" and "future" refer to.
    roles : what statuses mean, by entity: ``{"activity": {"Completed": "completed"}}``.
    """

    now: dt.datetime
    roles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def closed(self, entity: Entity) -> tuple[str, ...]:
        """Statuses of `entity` that end the work on a record, sorted."""
        roles = self.roles.get(entity.name, {})
        return tuple(sorted(status for status, role in roles.items() if role in CLOSED))


@dataclass(frozen=True)
class Predicate:
    """SQL that is true or false, and its parameters."""

    sql: str
    params: tuple[Any, ...] = ()


def all_of(predicates: list[Predicate]) -> Predicate:
    """All of them; TRUE if there are none."""
    predicates = [p for p in predicates if p.sql != "TRUE"]
    return Predicate(
        " AND ".join(p.sql for p in predicates) or "TRUE",
        tuple(value for p in predicates for value in p.params),
    )


def any_of(predicates: list[Predicate]) -> Predicate:
    """Any of them."""
    if len(predicates) == 1:
        return predicates[0]
    return Predicate(
        "(" + " OR ".join(p.sql for p in predicates) + ")",
        tuple(value for p in predicates for value in p.params),
    )


def predicate(entity: Entity, condition: Condition, context: Context) -> Predicate:
    """A condition as SQL; raises `UnknownName` or `FilterError` if it makes no sense."""
    condition.check(entity)
    if condition.operator == "in" and None in condition.values:
        return _in_or_blank(entity, condition, context)
    return any_of([_compare(entity, name, condition, context) for name in condition.fields])


def _in_or_blank(entity: Entity, condition: Condition, context: Context) -> Predicate:
    blank = all_of(
        [_compare(entity, name, Condition((name,), "blank"), context) for name in condition.fields]
    )
    rest = tuple(value for value in condition.values if value is not None)
    if not rest:
        return Predicate(f"({blank.sql})", blank.params)
    chosen = predicate(entity, Condition(condition.fields, "in", rest), context)
    return any_of([chosen, Predicate(f"({blank.sql})", blank.params)])


def _compare(entity: Entity, name: str, condition: Condition, context: Context) -> Predicate:
    row, kind = operator(condition.operator), entity.field(name).kind
    column, values = f"r.{quoted(name)}", condition.values
    slots = {
        "column": column,
        "text": FOLD.format(column),
        "now": "?",
        "values": ", ".join("?" * len(values)),
    }
    if "{now}" in row.sql:
        values = (context.now.date() if kind is DATE else context.now, *values)
    if "{is_open}" in row.sql:
        is_open = _is_open(entity, context)
        if is_open is None:
            # Where no status ends the work on a record, all are open and none is overdue.
            return Predicate("TRUE" if row.key == "open" else "FALSE")
        slots["is_open"], values = is_open.sql, (*values, *is_open.params)
    return Predicate(row.sql.format(**slots), values)


def _is_open(entity: Entity, context: Context) -> Predicate | None:
    closed = context.closed(entity)
    if not entity.status or not closed:
        return None
    column = f"r.{quoted(entity.status)}"
    marks = ", ".join("?" * len(closed))
    return Predicate(f"({column} IS NULL OR {column} NOT IN ({marks}))", closed)


def search(
    entity: Entity, registry: Registry, text: str, scope: tuple[Condition, ...], scoped: Predicate
) -> Predicate:
    """Records that have `text` in a searched field or in the name of a person or organisation.

    `text` is literal: ``%`` and ``_`` mean themselves. Case and accents do not matter.

    Parameters
    ----------
    scope, scoped : what all records have in common, and the same as SQL.
    """
    check_search(text)
    found = [Predicate(_contains(f"r.{quoted(f.name)}"), (text,)) for f in entity.searched]
    fixed = {name for condition in scope for name in condition.fields}
    for reference in entity.references:
        target = registry[reference.target or ""]
        if target.has_card and target.name != entity.name and reference.name not in fixed:
            found.append(_linked(entity, reference, target, text, scoped))
    return any_of(found) if found else Predicate("FALSE")


def _contains(column: str) -> str:
    return f"contains({FOLD.format(column)}, {FOLD.format('?')})"


def _linked(
    entity: Entity, reference: Field, target: Entity, text: str, scoped: Predicate
) -> Predicate:
    """Records that refer to one with the text in its title; others' names are not read."""
    column, title = quoted(reference.name), quoted(target.title)
    if scoped.sql == "TRUE":
        return Predicate(
            f'r.{column} IN (SELECT "id" FROM {quoted(target.name)} WHERE {_contains(title)})',
            (text,),
        )
    # The OR, which looks at both sides, keeps DuckDB from folding every name before it joins.
    return Predicate(
        f"r.{column} IN (SELECT k.id FROM (SELECT {column} AS id FROM {quoted(entity.name)} AS r "
        f'WHERE {scoped.sql}) AS k JOIN {quoted(target.name)} AS t ON t."id" = k.id '
        f"WHERE {_contains(f't.{title}')} OR k.id IS NULL)",
        (*scoped.params, text),
    )
