"""The chronicle: what the log tells of a moment, of a field, and of what came after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from crmpanel.model.entity import Entity
from crmpanel.model.moment import Moment
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal, quoted


def written_at(number: int) -> Query:
    """The time of a changeset."""
    return Query('SELECT "at" FROM changeset WHERE id = ?', (int(number),))


def last_changeset() -> Query:
    """The number of the last changeset."""
    return Query("SELECT max(id) FROM changeset")


def made_at(log: Entity, entity: Entity, id: int, after: Moment) -> Query:
    """When a record was made, as the log tells."""
    return Query(
        f'SELECT min("at") FROM {quoted(log.name)} WHERE "entity" = ? AND "record_id" = ? '
        'AND "action" = \'insert\' AND "field" = \'id\' AND "at" >= ?',
        (entity.name, id, after.at),
    )


def later(moment: Moment, of: str = "", number: str = "changeset") -> str:
    """Condition: a row of the log, or of the changesets, was written after a moment.

    Parameters
    ----------
    of : alias of the table, if it has one.
    number : the column that has the number of the changeset.
    """
    dot, at = f"{of}." if of else "", literal(moment.at)
    same = ""
    if moment.changeset is not None:
        same = f' OR {dot}"at" = {at} AND {dot}{quoted(number)} > {int(moment.changeset)}'
    return f'({dot}"at" > {at}{same})'


def of_field(log: Entity, users: Entity, entity: Entity, id: int, field: str) -> Query:
    """Changes of one field of a record, in order: `COLUMNS`."""
    where = 'c."entity" = ? AND c."record_id" = ? AND c."field" = ?'
    return _told(log, users, where, (entity.name, id, field))


def since(log: Entity, users: Entity, moment: Moment, belongs: Sequence[str]) -> Query:
    """Changes after a moment, in order: `COLUMNS`.

    Parameters
    ----------
    belongs : conditions on alias ``c``, one of which tells that a change is looked for.
    """
    seen = "(c.\"action\" = 'update' OR c.\"field\" = 'id')"
    return _told(log, users, f"{later(moment, 'c')} AND {seen} AND ({' OR '.join(belongs)})", ())


def about(log: Entity, entity: Entity, id: int, key: str, others: Sequence[Entity]) -> list[str]:
    """Conditions on alias ``c``: a change is of a record, or of one that belongs to it.

    Parameters
    ----------
    key : the reference by which others belong to it.
    """
    number = int(id)
    mine = [f'c."entity" = {literal(entity.name)} AND c."record_id" = {number}']
    if entity.organisation == "id":
        mine.append(f"c.{quoted(str(log.organisation))} = {number}")
    for other in others:
        of = f'c."entity" = {literal(other.name)} AND '
        mine.append(
            f'{of}c."record_id" IN (SELECT "id" FROM {quoted(other.name)} '
            f"WHERE {quoted(key)} = {number})"
        )
        # What has been taken away from it is told of by the change that did so.
        mine.append(f'{of}c."field" = {literal(key)} AND c."old_value" = \'{number}\'')
    return mine


class Saved(NamedTuple):
    """What was saved at one moment: when, by whom, and how many changes."""

    at: dt.datetime
    who: str | None
    changes: int


def of_card(log: Entity, entity: Entity, id: int, organisation: int | None) -> str:
    """Condition on alias ``c``: changes of a record; of an organisation, of what it has as well."""
    found = []
    if organisation is not None:
        found.append(f"c.{quoted(str(log.organisation))} = {int(organisation)}")
    if entity.organisation != "id":
        found.append(f'c."entity" = {literal(entity.name)} AND c."record_id" = {int(id)}')
    return " AND ".join(found)


def saved(
    log: Entity, users: Entity, moment: Moment, mine: str, is_later: bool, limit: int
) -> Query:
    """The changes nearest to a moment, as rows of `Saved`, the nearest first.

    Parameters
    ----------
    mine : condition on alias ``c``: what they are about.
    is_later : whether they are later than the moment.
    """
    side, order = (
        (later(moment, "c"), "ASC")
        if is_later
        else (f'{later(moment, "c")} IS NOT TRUE AND c."at" IS NOT NULL', "DESC")
    )
    seen = "(c.\"action\" = 'update' OR c.\"field\" = 'id')"
    names = f'SELECT "id", {quoted(users.title)} AS title FROM {quoted(users.name)}'
    return Query(
        f'SELECT s."at", u.title, s.changes FROM (SELECT c."at", count(*) AS changes, '
        f"any_value(c.{quoted(log.responsible[0])}) AS user FROM {quoted(log.name)} AS c "
        f'WHERE {mine} AND {seen} AND {side} GROUP BY c."at" ORDER BY c."at" {order} LIMIT ?) AS s '
        f'LEFT JOIN ({names}) AS u ON u."id" = s.user ORDER BY s."at" {order}',
        (limit,),
    )


#: Of a change: name of the column, and its SQL.
COLUMNS = (
    ("when", 'c."at"'),
    ("who", "u.title"),
    ("entity", 'c."entity"'),
    ("record_id", 'c."record_id"'),
    ("record", 'c."subject"'),
    ("action", 'c."action"'),
    ("field", 'c."field"'),
    ("from", 'c."old_value"'),
    ("to", 'c."new_value"'),
    ("changeset", 'c."changeset"'),
)


def _told(log: Entity, users: Entity, where: str, params: tuple[Any, ...]) -> Query:
    columns = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in COLUMNS)
    names = f'SELECT "id", {quoted(users.title)} AS title FROM {quoted(users.name)}'
    sql = (
        f"SELECT {columns} FROM {quoted(log.name)} AS c "
        f'LEFT JOIN ({names}) AS u ON u."id" = c.{quoted(log.responsible[0])} '
        f'WHERE {where} ORDER BY c."at", c."changeset", c."id"'
    )
    return Query(sql, params)
