"""Conditions as SQL: one predicate and its parameters each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crmpanel.errors import FilterError
from crmpanel.model.entity import Entity
from crmpanel.model.filters import Condition
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


def predicate(
    entity: Entity, condition: Condition, context: Context, alias: str = "r"
) -> Predicate:
    """A condition as SQL; raises `UnknownName` or `FilterError` if it makes no sense."""
    condition.check(entity)
    if condition.operator == "in" and None in condition.values:
        return _in_or_blank(entity, condition, context, alias)
    return any_of([_compare(entity, name, condition, context, alias) for name in condition.fields])


def _in_or_blank(entity: Entity, condition: Condition, context: Context, alias: str) -> Predicate:
    blank = all_of(
        [
            _compare(entity, name, Condition((name,), "blank"), context, alias)
            for name in condition.fields
        ]
    )
    rest = tuple(value for value in condition.values if value is not None)
    if not rest:
        return Predicate(f"({blank.sql})", blank.params)
    chosen = predicate(entity, Condition(condition.fields, "in", rest), context, alias)
    return any_of([chosen, Predicate(f"({blank.sql})", blank.params)])


def _compare(
    entity: Entity, name: str, condition: Condition, context: Context, alias: str
) -> Predicate:
    row, kind = operator(condition.operator), entity.field(name).kind
    column = f"{alias}.{quoted(name)}"
    now = context.now.date() if kind is DATE else context.now
    values = _storable(condition.values)
    slots = {
        "column": column,
        "text": FOLD.format(column),
        "now": "?",
        "values": ", ".join("?" * len(values)),
        "is_open": "TRUE",
    }
    if "{now}" in row.sql:
        values = (now, *values)
    if "{is_open}" in row.sql:
        is_open = _is_open(entity, context, alias)
        slots["is_open"], values = is_open.sql, (*values, *is_open.params)
    return Predicate(row.sql.format(**slots), values)


def _is_open(entity: Entity, context: Context, alias: str) -> Predicate:
    closed = context.closed(entity)
    if not entity.status or not closed:
        return Predicate("TRUE")
    column = f"{alias}.{quoted(entity.status)}"
    marks = ", ".join("?" * len(closed))
    return Predicate(f"({column} IS NULL OR {column} NOT IN ({marks}))", closed)


def _storable(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Refuse text that no database can hold, instead of failing inside the driver."""
    for value in values:
        if isinstance(value, str) and not value.isprintable():
            try:
                value.encode("utf-8")
            except UnicodeEncodeError:
                raise FilterError(
                    "The text has half of a surrogate pair, which cannot be stored or searched.",
                    "",
                    "Remove the broken character.",
                ) from None
    return values


def search(
    entity: Entity,
    registry: Registry,
    text: str,
    scope: tuple[Condition, ...] = (),
    alias: str = "r",
) -> Predicate:
    """Records of which a searched field, or the name of a linked person or organisation, has `text`.

    `text` is literal: ``%`` and ``_`` mean themselves. Case and accents do not matter.
    """
    values = _storable((text,))
    found = [Predicate(_contains(f"{alias}.{quoted(f.name)}"), values) for f in entity.searched]
    fixed = {condition.fields[0]: condition.values[0] for condition in scope}
    for reference in entity.references:
        target = registry[reference.target or ""]
        if target.has_card and reference.name not in fixed and reference.name != "parent_id":
            found.append(_linked(reference.name, target, fixed, values, alias))
    return any_of(found) if found else Predicate("FALSE")


def _contains(column: str) -> str:
    return f"contains({FOLD.format(column)}, {FOLD.format('?')})"


def _linked(
    name: str, target: Entity, fixed: Mapping[str, Any], values: tuple[Any, ...], alias: str
) -> Predicate:
    """Records whose reference `name` points to a record with the text in its title."""
    within, params = "", values
    key = target.organisation
    if key in fixed and key != "id":
        within, params = f" AND {quoted(str(key))} = ?", (*values, fixed[key])
    return Predicate(
        f'{alias}.{quoted(name)} IN (SELECT "id" FROM {quoted(target.name)} '
        f"WHERE {_contains(quoted(target.title))}{within})",
        params,
    )
