"""Imports that were done: which, by whom, and what the log tells that they did."""

from __future__ import annotations

from crmpanel.model.entity import Entity
from crmpanel.query.query import Query
from crmpanel.query.sqltext import quoted


def has_runs() -> Query:
    """Whether the table of imports is there: the first import makes it."""
    return Query("SELECT count(*) > 0 FROM duckdb_tables() WHERE table_name = 'import_run'")


def last_runs(log: Entity, users: Entity, limit: int) -> Query:
    """The last imports, the newest first: number, at, who, why, source, whether it is undone,
    and how many records are new, changed, vanished, returned and deleted by it.
    """
    undone = (
        "EXISTS (FROM changeset AS u WHERE u.undoes = c.id AND u.source = 'undo' AND NOT EXISTS "
        "(FROM changeset AS v WHERE v.undoes = u.id AND v.source = 'undo'))"
    )
    # Each of these is one row of a record; only of changed ones there may be several.
    kinds = {
        "new": "\"action\" = 'insert' AND \"field\" = 'id'",
        "vanished": '"field" = \'vanished\' AND "new_value" IS NOT NULL',
        "returned": '"field" = \'vanished\' AND "new_value" IS NULL',
        "deleted": "\"action\" = 'delete' AND \"field\" = 'id'",
    }
    is_changed = "\"action\" = 'update' AND \"field\" <> 'vanished'"
    counts = {kind: f"count(*) FILTER ({where})" for kind, where in kinds.items()}
    counts["changed"] = f'count(DISTINCT CASE WHEN {is_changed} THEN ("entity", "record_id") END)'
    columns = ", ".join(
        f"{counts[kind]} AS {quoted(kind)}"
        for kind in ("new", "changed", "vanished", "returned", "deleted")
    )
    return Query(
        f'WITH runs AS (SELECT c.id, c."at", u.{quoted(users.title)} AS who, c.why, r.source, '
        f"{undone} AS undone FROM import_run AS r JOIN changeset AS c ON c.id = r.changeset "
        f'LEFT JOIN {quoted(users.name)} AS u ON u."id" = c.user_id ORDER BY c.id DESC LIMIT ?), '
        f'did AS (SELECT "changeset" AS id, {columns} FROM {quoted(log.name)} '
        'WHERE "changeset" IN (SELECT id FROM runs) GROUP BY ALL) '
        "SELECT * FROM runs LEFT JOIN did USING (id) ORDER BY id DESC",
        (limit,),
    )
