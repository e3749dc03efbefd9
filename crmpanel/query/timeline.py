"""The timeline: records of several entities and what was changed, merged into one feed by date.

Each entity is a branch, cut to what a page needs before the branches are merged. A page begins
after the last entry of the one before, not after so many rows: it costs the same however deep.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from crmpanel.query.feed import Branch, Part
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal, quoted

#: Rows of the log read for each entry that is wanted; all fields changed at once are one entry.
ROWS = 50
#: With the moment, what tells the entries of the log: written together, about one record.
ENTRY = ("changeset", "entity", "record_id")
_READ = 'e."at" AS "when", e.kind, e.what, e.who, e.status, e.id'
_NOTHING = (
    'SELECT NULL::TIMESTAMP AS "at", NULL::VARCHAR AS kind, NULL::VARCHAR AS what, '
    "NULL::VARCHAR AS who, NULL::VARCHAR AS status, NULL::BIGINT AS id WHERE FALSE"
)


def page(branches: Sequence[Branch], part: Part, limit: int | None = None) -> Query:
    """Entries: kind, rank, id, at, what, status, who_id, who, and for changes the ids of the rows.

    Where the log takes part in a page, `part` has its bound, and the page may be shorter than
    `limit`, but not empty.

    Parameters
    ----------
    limit : how many at most; None for all.
    """
    entries = [_entries(branch, part, limit) for branch in branches]
    sql = "\nUNION ALL ".join(f"({entry.sql})" for entry in entries)
    params = tuple(value for entry in entries for value in entry.params)
    return _limited(f"SELECT * FROM (\n{sql}\n) AS e\n{_order(part)}", params, limit)


def _order(part: Part) -> str:
    return f'ORDER BY e."at" {part.way}, e.rank, e.id {part.way.split()[0]}'


def _limited(sql: str, params: tuple[Any, ...], limit: int | None) -> Query:
    return Query(sql, params) if limit is None else Query(f"{sql} LIMIT ?", (*params, limit))


def _entries(branch: Branch, part: Part, limit: int | None) -> Query:
    """The entries of a branch, with the names of who is responsible looked up for them alone."""
    rows = _changes(branch, part) if branch.is_log else _records(branch, part)
    way = part.way.split()[0]
    cut = _limited(f'{rows.sql} ORDER BY "at" {part.way}, id {way}', rows.params, limit)
    entity, name, join = branch.selection.entity, "NULL::VARCHAR", ""
    if entity.responsible:
        table, name = _user(branch)
        join = f' LEFT JOIN {table} AS u ON u."id" = b.who_id'
    sql = (
        f"SELECT {literal(entity.name)} AS kind, {branch.rank} AS rank, b.*, {name} AS who "
        f"FROM ({cut.sql}) AS b{join}"
    )
    return Query(sql, cut.params)


def _columns(branch: Branch) -> tuple[str, str, str]:
    """Title, status and who is responsible, as SQL."""
    entity = branch.selection.entity
    who = [f"r.{quoted(name)}" for name in entity.responsible]
    return (
        f"r.{quoted(entity.title)}",
        f"r.{quoted(entity.status)}" if entity.status else "NULL::VARCHAR",
        f"coalesce({', '.join(who)})" if who else "NULL::BIGINT",
    )


def _records(branch: Branch, part: Part) -> Query:
    what, status, who = _columns(branch)
    where = part.where(branch)
    return Query(
        f'SELECT r."id" AS id, CAST({branch.date} AS TIMESTAMP) AS "at", {what} AS what, '
        f"{status} AS status, {who} AS who_id, NULL::BIGINT[] AS rows "
        f"FROM {branch.table} WHERE {where.sql}",
        where.params,
    )


def _changes(branch: Branch, part: Part) -> Query:
    what, status, who = _columns(branch)
    where, having = part.where(branch), part.having(branch)
    return Query(
        f'SELECT min(r."id") AS id, {branch.date} AS "at", max({what}) AS what, '
        f"max({status}) AS status, max({who}) AS who_id, "
        f'list(r."id" ORDER BY r."id") AS rows '
        f"FROM {branch.table} WHERE {where.sql} GROUP BY {_entry(branch)} HAVING {having.sql}",
        (*where.params, *having.params),
    )


def _entry(branch: Branch) -> str:
    return ", ".join((branch.date, *(f"r.{quoted(name)}" for name in ENTRY)))


def bound(branch: Branch, part: Part, limit: int) -> Query:
    """How far the log has to be read for so many entries; NULL if to its end.

    Its rows are made into entries only this side of that moment: all of them would take long. The
    page ends there, for beyond it a change might be missing between two records. What has the
    date of the entry that the page begins after is read in any case, and not counted: or else a
    mass edit, of which all rows have one date, would hold the page up for ever.
    """
    where = part.where(branch, strictly=True)
    return Query(
        f'SELECT CASE WHEN count(b."at") = ? THEN {"max" if part.upcoming else "min"}(b."at") END '
        f'AS bound FROM (SELECT {branch.date} AS "at" FROM {branch.table} WHERE {where.sql} '
        f"ORDER BY {branch.date} {part.way} LIMIT ?) AS b",
        (limit * ROWS, *where.params, limit * ROWS),
    )


def listed(branches: Sequence[Branch]) -> Query:
    """All entries, with the columns that a person reads."""
    if not branches:
        return Query(f"SELECT {_READ} FROM ({_NOTHING}) AS e")
    entries = page(branches, Part())
    return Query(f"SELECT {_READ} FROM ({entries.sql}) AS e\n{_order(Part())}", entries.params)


def number(branches: Sequence[Branch], part: Part) -> Query:
    """How many entries a part has of other branches than the log."""
    wheres = [(branch, part.where(branch)) for branch in branches]
    counts = [f"SELECT count(*) AS n FROM {branch.table} WHERE {w.sql}" for branch, w in wheres]
    return Query(
        f"SELECT CAST(sum(n) AS BIGINT) AS entries FROM ({' UNION ALL '.join(counts)})",
        tuple(value for _branch, where in wheres for value in where.params),
    )


def number_of_entries(branch: Branch) -> Query:
    """How many entries the log has."""
    where = branch.selection.where()
    return Query(
        f"SELECT count(*) AS entries FROM (SELECT DISTINCT {_entry(branch)} "
        f"FROM {branch.table} WHERE {where.sql})",
        where.params,
    )


def folded(branch: Branch, part: Part, dates: Sequence[dt.datetime]) -> Query:
    """What the log has between entries: slot, changes, people, and who made most of them.

    Parameters
    ----------
    part : from where to where, of what has been.
    dates : those of the entries, in order; slot 0 is before the first of them.
    """
    where, who = part.where(branch), _columns(branch)[2]
    slot = " + ".join(f"CAST({branch.date} <= ? AS INTEGER)" for _ in dates) or "0"
    return Query(
        f"SELECT {slot} AS slot, count(*) AS changes, count(DISTINCT {who}) AS people, "
        f"mode({who}) AS who_id FROM {branch.table} "
        f"WHERE {where.sql} AND {branch.date} IS NOT NULL GROUP BY slot ORDER BY slot",
        (*dates, *where.params),
    )


def users(branches: Sequence[Branch]) -> Query:
    """The choices of who is responsible: id, name, and how many entries choosing it would show."""
    facets = [_users_of_log(b) if b.is_log else b.selection.facet("responsible") for b in branches]
    sql = "\nUNION ALL ".join(f"({facet.sql})" for facet in facets)
    return Query(
        "SELECT f.value, max(f.title) AS title, CAST(sum(f.records) AS BIGINT) AS records "
        f"FROM (\n{sql}\n) AS f GROUP BY f.value ORDER BY lower(max(f.title)), f.value",
        tuple(value for facet in facets for value in facet.params),
    )


def _users_of_log(branch: Branch) -> Query:
    """As `Selection.facet`, but changes made at once count as one."""
    where, (user, title) = branch.selection.narrowed(responsible=()).where(), _user(branch)
    return Query(
        f"SELECT c.value, {title} AS title, count(*) AS records FROM (SELECT DISTINCT "
        f"{_columns(branch)[2]} AS value, {_entry(branch)} FROM {branch.table} "
        f'WHERE {where.sql}) AS c LEFT JOIN {user} AS u ON u."id" = c.value GROUP BY ALL',
        where.params,
    )


def _user(branch: Branch) -> tuple[str, str]:
    """Table of those who are responsible, and the column of their names on alias ``u``."""
    entity = branch.selection.entity
    user = branch.selection.registry[str(entity.field(entity.responsible[0]).target)]
    return quoted(user.name), f"u.{quoted(user.title)}"
