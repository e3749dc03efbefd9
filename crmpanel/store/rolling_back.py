"""Rolling back: the statements that make views of the tables as they were."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import duckdb

from crmpanel.model.entity import Entity
from crmpanel.query.rollback import LATER, TOUCHED, WANTED, Rollback
from crmpanel.query.sqltext import literal, quoted

#: Up to so many records that were called otherwise are kept without asking what refers to them.
MANY = 2000
#: Records: entity and id.
Records = set[tuple[str, int]]


@dataclass(frozen=True)
class Scope:
    """Whose records are rolled back.

    Parameters
    ----------
    organisation : all that belonged to it.
    key, entity, id : and all that referred by `key` to a record, whosever it was.
    """

    organisation: int
    key: str = ""
    entity: str = ""
    id: int = 0


def roll_back(cursor: duckdb.DuckDBPyConnection, rollback: Rollback, scope: Scope) -> None:
    """Make views that are right for the records of a scope and the titles they refer to."""
    organisation = scope.organisation
    whose = f"{quoted(str(rollback.log.organisation))} = {int(organisation)}"
    _begin(cursor, rollback, whose)
    cursor.execute(rollback.collect(whose))
    cursor.execute(rollback.collect(_is_ownerless(rollback)))
    others: Records = set()
    if rollback.tail is not None:
        others = set(cursor.execute(rollback.moved(organisation)).fetchall())
    others |= _referring(cursor, rollback, scope)
    _collect(cursor, rollback, others)
    renamed = _renamed(cursor, rollback, organisation)
    make = partial(_make_views, cursor, rollback, rollback.entities(), organisation)
    make(others | (renamed or set()))
    if renamed is None:
        strangers = set(cursor.execute(rollback.strangers(organisation)).fetchall()) - others
        if _collect(cursor, rollback, strangers):
            cursor.execute(f"DELETE FROM {TOUCHED}")
            make(others | strangers)


def _renamed(
    cursor: duckdb.DuckDBPyConnection, rollback: Rollback, organisation: int
) -> Records | None:
    """Records of other organisations whose title was another, which is kept; None if many."""
    if rollback.tail is None:
        return set()
    where = rollback.renamed(organisation)
    found = cursor.execute(f"{rollback.about(where)} LIMIT {MANY + 1}").fetchall()
    if len(found) > MANY:
        return None
    if found:
        cursor.execute(rollback.collect(f'{where} AND "id" NOT IN (SELECT "id" FROM {LATER})'))
    return set(found)


def _referring(cursor: duckdb.DuckDBPyConnection, rollback: Rollback, scope: Scope) -> Records:
    """Records of any organisation that refer, or did then, to the record of the scope."""
    if not scope.key or scope.entity not in rollback.registry:
        return set()
    args = scope.key, rollback.registry[scope.entity], scope.id
    queries = [rollback.referring(*args, scope.organisation)]
    if rollback.tail is not None:
        queries.append(rollback.turned(*args))
    return {row for sql in queries if sql for row in cursor.execute(sql).fetchall()}


def roll_back_entities(
    cursor: duckdb.DuckDBPyConnection, rollback: Rollback, entities: Iterable[Entity], first: bool
) -> None:
    """Make views of all records of some entities.

    Parameters
    ----------
    first : whether there are no views yet.
    """
    names = ", ".join(literal(entity.name) for entity in entities if not entity.about) or "NULL"
    which = f'"entity" IN ({names})'
    if first:
        _begin(cursor, rollback, which)
    else:
        cursor.execute(rollback.made(which))
    cursor.execute(rollback.collect(which))
    _make_views(cursor, rollback, [e for e in entities if not e.about], None, set())


def _begin(cursor: duckdb.DuckDBPyConnection, rollback: Rollback, made: str) -> None:
    for sql in (*rollback.begin(), *rollback.cut(), rollback.made(made)):
        cursor.execute(sql)


def _is_ownerless(rollback: Rollback) -> str:
    """Condition on log rows: they are about what belongs to no organisation, such as users."""
    names = [literal(e.name) for e in rollback.entities() if e.organisation is None]
    whose = quoted(str(rollback.log.organisation))
    return f'{whose} IS NULL AND "entity" IN ({", ".join(names) or "NULL"})'


def _collect(cursor: duckdb.DuckDBPyConnection, rollback: Rollback, records: Records) -> bool:
    """Keep all that was written later about some records; whether there was anything new."""
    if not records:
        return False
    names, ids = zip(*records, strict=True)
    cursor.execute(f"DELETE FROM {WANTED}")
    into = f"INSERT INTO {WANTED} SELECT unnest(?::VARCHAR[]), unnest(?::BIGINT[])"
    cursor.execute(into, [list(names), list(ids)])
    them = (
        f'("entity", "record_id") IN (SELECT (entity, id) FROM {WANTED}) '
        f'AND "id" NOT IN (SELECT "id" FROM {LATER})'
    )
    before = _rows(cursor)
    cursor.execute(rollback.collect(f"{rollback.tailed()} AND {them}"))
    owners = _owners(cursor, rollback, records)
    if owners:
        whose = quoted(str(rollback.log.organisation))
        some = ", ".join(literal(id) for id in owners)
        cursor.execute(rollback.collect(f"{whose} IN ({some}) AND {them}"))
    return _rows(cursor) > before


def _rows(cursor: duckdb.DuckDBPyConnection) -> int:
    return int(cursor.execute(f"SELECT count(*) FROM {LATER}").fetchall()[0][0])


def _owners(cursor: duckdb.DuckDBPyConnection, rollback: Rollback, records: Records) -> set[int]:
    """The organisations that records belong to now, or have left since: loads log there."""
    found: set[Any] = set()
    for name in {entity for entity, _ in records}:
        entity = rollback.registry[name]
        some = ", ".join(literal(int(id)) for other, id in records if other == name)
        if entity.organisation:
            owner = quoted(entity.organisation)
            now = f'SELECT {owner} FROM {rollback.table(name)} WHERE "id" IN ({some})'
            mine = f'"entity" = {literal(name)} AND "field" = {literal(entity.organisation)}'
            left = (
                f'SELECT TRY_CAST("old_value" AS BIGINT) FROM {LATER} '
                f'WHERE "record_id" IN ({some}) AND {mine}'
            )
            found |= {row[0] for row in cursor.execute(f"{now} UNION {left}").fetchall()}
    return found - {None}


def _make_views(
    cursor: duckdb.DuckDBPyConnection,
    rollback: Rollback,
    entities: Iterable[Entity],
    organisation: int | None,
    others: Records,
) -> None:
    """Make views of the entities that have a record which differs from now."""
    for sql in rollback.touch(entities, organisation):
        cursor.execute(sql)
    found = cursor.execute(f"SELECT DISTINCT entity FROM {TOUCHED}").fetchall()
    fields = cursor.execute(rollback.turned_fields()).fetchall()
    for entity in entities:
        changed = {field for name, field in fields if name == entity.name}
        some = {id for name, id in others if name == entity.name}
        if changed:
            for sql in rollback.rebuild(entity, changed, organisation, some):
                cursor.execute(sql)
        elif (entity.name,) in found:
            cursor.execute(rollback.leave_out(entity))
