"""Staged rows written into their tables and into the log: one by one if few, else in bulk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from crmpanel.model.changeset import Applied, Changeset, RecordsChanged
from crmpanel.model.entity import Entity
from crmpanel.model.registry import Registry
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.numbering import Numbering
from crmpanel.store.staged import LISTED, LOGGED, Group, Row, written
from crmpanel.store.staging import Staging
from crmpanel.store.writer import Load

#: Columns of the log as they are written; those of the staged rows are the last.
_LOGGED = ("id", "changeset", "at", "responsible_id", "source", *LOGGED)


def write(
    staging: Staging, groups: Sequence[Group], numbering: Numbering, changeset: Changeset
) -> Applied:
    """Write the staged rows into their tables and into the log."""
    if not groups:
        return Applied(None)
    write_rows(staging, groups)
    number, at = numbering.changeset(), numbering.moment()
    record(staging.load, changeset, number, at)
    log_rows(staging, groups, numbering, changeset, (number, at))
    staging.load.seal(added(groups, numbering.log))
    return Applied(number, tuple(events(staging, groups)))


def write_rows(staging: Staging, groups: Sequence[Group]) -> None:
    """Write the staged rows into their tables."""
    load, registry = staging.load, staging.registry
    few = staging.in_memory
    if few is not None:
        return _write_few(load, registry, few)
    for name in dict.fromkeys(group.entity for group in groups if group.action == "insert"):
        _insert(load, registry[name], [g for g in groups if g.entity == name])
    for group in groups:
        if group.action == "update":
            _update(load, registry[group.entity], group)
        elif group.action == "delete" and group.field == "id":
            _delete(load, staging, registry[group.entity], group)
    return None


def _write_few(load: Load, registry: Registry, rows: Sequence[Row]) -> None:
    """One statement for each record: nothing is faster while there are few."""
    records: dict[tuple[str, str, int], dict[str, str | None]] = {}
    for row in rows:
        record = records.setdefault((row.action, row.entity, row.record_id), {})
        record[row.field] = row.new_value
    for (action, name, id), texts in sorted(records.items(), key=lambda item: item[0]):
        entity = registry[name]
        casts = [f"CAST(? AS {entity.field(field).kind.sql})" for field in texts]
        if action == "insert":
            into = f"{quoted(name)} ({', '.join(map(quoted, texts))})"
            sql = f"INSERT INTO {into} VALUES ({', '.join(casts)})"
        else:
            values = zip(map(quoted, texts), casts, strict=True)
            assigned = ", ".join(f"{column} = {cast}" for column, cast in values)
            sql = f'UPDATE {quoted(name)} SET {assigned} WHERE "id" = {literal(id)}'
        load.execute(sql, list(texts.values()))


def added(groups: Sequence[Group], log: Entity) -> dict[str, int]:
    """Rows that each table has more than before."""
    added = {log.name: sum(group.number for group in groups)}
    for group in groups:
        if group.field == "id":
            rows = group.number if group.action == "insert" else -group.number
            added[group.entity] = added.get(group.entity, 0) + rows
    return added


def _insert(load: Load, entity: Entity, groups: Sequence[Group]) -> None:
    fields = [entity.field(g.field) for g in groups if g.action == "insert"]
    values = ", ".join(
        f'CAST(max("new_value") FILTER ("field" = {literal(f.name)}) AS {f.kind.sql})'
        for f in fields
    )
    load.execute(
        f"INSERT INTO {quoted(entity.name)} ({', '.join(quoted(f.name) for f in fields)}) "
        f'SELECT {values} FROM staged WHERE "entity" = {literal(entity.name)} '
        'AND "action" = \'insert\' GROUP BY "record_id"'
    )


def _update(load: Load, entity: Entity, group: Group) -> None:
    field = entity.field(group.field)
    load.execute(
        f"UPDATE {quoted(entity.name)} AS r SET {quoted(field.name)} = "
        f'CAST(s."new_value" AS {field.kind.sql}) FROM staged AS s WHERE s."record_id" = r."id" '
        f'AND s."entity" = {literal(entity.name)} AND s."action" = \'update\' '
        f'AND s."field" = {literal(field.name)}{_only(group)}'
    )


def _delete(load: Load, staging: Staging, entity: Entity, group: Group) -> None:
    load.execute(
        f"DELETE FROM {quoted(entity.name)} AS r "
        f'WHERE r."id" IN ({staging.going(entity)}){_only(group)}'
    )


def _only(group: Group) -> str:
    """Lets DuckDB find a few records through the index of their table."""
    return f' AND r."id" IN ({written(group.few)})' if group.few else ""


def record(load: Load, changeset: Changeset, number: int, at: dt.datetime) -> None:
    """Note who writes a changeset, and why; a blank token is that of a load."""
    load.execute(
        'INSERT INTO changeset (id, "at", user_id, why, source, undoes, token) '
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            number,
            at,
            changeset.user,
            changeset.why,
            changeset.source,
            changeset.undoes,
            changeset.token or None,
        ],
    )


def log_rows(
    staging: Staging,
    groups: Sequence[Group],
    numbering: Numbering,
    changeset: Changeset,
    when: tuple[int, dt.datetime],
) -> None:
    """Write the staged rows into the log.

    Parameters
    ----------
    when : number and moment of the changeset.
    """
    (number, at), load = when, staging.load
    rows = sum(group.number for group in groups)
    before, few = numbering.log_rows(rows), staging.in_memory
    same = [number, at, changeset.user, changeset.source]
    into = f"INSERT INTO {quoted(numbering.log.name)} ({', '.join(map(quoted, _LOGGED))}) "
    if few is None:
        sql = f"SELECT ? + row_number() OVER (), ?, ?, ?, ?, {', '.join(LOGGED)} FROM staged"
        load.execute(into + sql, [before, *same])
        return
    line = f"({', '.join('?' * len(_LOGGED))})"
    params = [v for n, row in enumerate(few, 1) for v in (before + n, *same, *row.logged)]
    load.execute(f"{into}VALUES {', '.join([line] * len(few))}", params)


def events(staging: Staging, groups: Sequence[Group]) -> Iterator[RecordsChanged]:
    """What happened, by entity and action."""
    for entity, action in dict.fromkeys((group.entity, group.action) for group in groups):
        mine = [g for g in groups if (g.entity, g.action) == (entity, action)]
        fields = tuple(group.field for group in mine)
        ids = {id for group in mine for id in group.ids}
        if max(group.number for group in mine) > LISTED:
            number = _count(staging.load, entity, action)
            yield RecordsChanged(entity, action, number, fields, None, None)
            continue
        whose = {id for group in mine for id in (*group.organisations, *_left(staging, group))}
        listed = tuple(sorted(ids)), tuple(sorted(whose))
        yield RecordsChanged(entity, action, len(ids), fields, *listed)


def _left(staging: Staging, group: Group) -> Iterator[int]:
    """The organisations that records no longer belong to."""
    if group.action == "update" and group.field == staging.registry[group.entity].organisation:
        yield from (int(text) for text in staging.old_values(group))


def _count(load: Load, entity: str, action: str) -> int:
    sql = 'SELECT count(DISTINCT "record_id") FROM staged WHERE "entity" = ? AND "action" = ?'
    row = load.execute(sql, [entity, action]).fetchone()
    return int(row[0]) if row else 0
