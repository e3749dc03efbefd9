"""Matching: which records of the database an export's rows are, by their source and key there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crmpanel.importing.job import KEY, SOURCE, Job
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal, quoted

#: What a draft is: a new record, one that is there, one that was merged into another since, or
#: one that was deleted.
NEW, OLD, MERGED, DELETED = "new", "old", "merged", "deleted"
_MERGED, _DELETED = quoted("merged keys"), quoted("deleted keys")
_INTO = re.compile(r"^Merge of \w+ (\d+) into (\d+)$")


@dataclass(frozen=True)
class Match:
    """What a draft is in the database, in SQL: its id and state, and the joins that needs."""

    id: str
    state: str
    joins: str


def matches(job: Job, entity: Entity, draft: str) -> Match:
    """Find the records that drafts (alias ``d``) are; the state of a new one is NULL."""
    if entity.name not in job.held and not _was_held(job, entity):
        return Match("NULL::BIGINT", "NULL::VARCHAR", "")
    by_key = (
        f'SELECT {quoted(KEY)} AS key, min("id") AS id FROM {quoted(entity.name)} AS t '
        f"WHERE {job.mine('t')} GROUP BY 1"
    )
    of = f"entity = {literal(entity.name)}"
    merged = f"SELECT source_key AS key, id FROM {merged_keys(job)} WHERE {of}"
    deleted = f"SELECT source_key AS key, id FROM {deleted_keys(job)} WHERE {of}"
    joins = [
        f'LEFT JOIN ({sql}) AS {alias} ON {alias}.key = d."source_key"'
        for alias, sql in {"mo": by_key, "mm": merged, "md": deleted}.items()
    ]
    gone = f"WHEN md.id IS NOT NULL AND NOT {_is_wanted(job, entity)} THEN '{DELETED}' "
    state = (
        f"CASE WHEN mo.id IS NOT NULL THEN '{OLD}' WHEN mm.id IS NOT NULL THEN '{MERGED}' {gone}END"
    )
    return Match("coalesce(mo.id, mm.id)", f"({state})", " ".join(joins))


def _is_wanted(job: Job, entity: Entity) -> str:
    """Condition: a record that was deleted is to be made again."""
    chosen = [
        id
        for (name, id, field), policy in job.choices.fields.items()
        if (name, field, policy) == (entity.name, "id", "source")
    ]
    some = f" OR md.id IN ({', '.join(map(str, chosen))})" if chosen else ""
    return f"({literal(job.choices.policy == 'source')}{some})"


def _was_held(job: Job, entity: Entity) -> bool:
    """Whether the log tells of records of the entity that are gone."""
    return bool(
        job.count(
            f"(SELECT entity FROM {deleted_keys(job)} UNION ALL SELECT entity "
            f"FROM {merged_keys(job)}) WHERE entity = {literal(entity.name)}"
        )
    )


def cancelled(job: Job) -> set[int]:
    """Changesets that are undone, and those that undo them: none of them counts."""
    found: set[int] = set()
    sql = "SELECT id, undoes FROM changeset WHERE source = 'undo' AND undoes IS NOT NULL"
    for id, undoes in job.rows(f"{sql} ORDER BY id DESC"):
        if id not in found:
            found |= {id, undoes}
    return found


def written(numbers: set[int]) -> str:
    """Numbers as an SQL list, which is never empty."""
    return ", ".join(map(str, sorted(numbers))) or "NULL"


def merged_keys(job: Job) -> str:
    """The temporary table of keys of records that were merged: ``entity, source_key, id``."""
    _make(job)
    return _MERGED


def deleted_keys(job: Job) -> str:
    """The temporary table of keys of deleted records: ``entity, source_key, id, changeset``."""
    _make(job)
    return _DELETED


def _make(job: Job) -> None:
    if job.gone_is_known:
        return
    job.gone_is_known = True
    job.execute(f"CREATE TEMP TABLE {_MERGED} (entity VARCHAR, source_key VARCHAR, id BIGINT)")
    log = quoted(job.numbering.log.name)
    of = f'SELECT * FROM {log} WHERE "action" = \'delete\' AND "field" = '
    undone = written(cancelled(job))
    job.execute(
        f"CREATE TEMP TABLE {_DELETED} AS "
        'SELECT k."entity" AS entity, k."old_value" AS source_key, k."record_id" AS id, '
        f'k."changeset" AS changeset FROM ({of} {literal(KEY)}) AS k '
        f'JOIN ({of} {literal(SOURCE)} AND "old_value" = {literal(job.source)}) AS s '
        'ON s."entity" = k."entity" AND s."record_id" = k."record_id" '
        'AND s."changeset" = k."changeset" JOIN changeset AS c ON c.id = k."changeset" '
        f"WHERE c.source <> 'import' AND (c.id IN ({undone})) IS NOT TRUE "
        'QUALIFY row_number() OVER (PARTITION BY k."entity", k."old_value" '
        'ORDER BY k."changeset" DESC) = 1'
    )
    if job.count(_DELETED):
        _follow_merges(job)


def _follow_merges(job: Job) -> None:
    """Of the deleted records, those that were merged into one that is still there."""
    into: dict[tuple[str, int], int] = {}
    sql = (
        'SELECT l."entity", l."record_id", c.why FROM changeset AS c JOIN '
        f'{quoted(job.numbering.log.name)} AS l ON l."changeset" = c.id '
        "AND l.\"action\" = 'delete' AND l.\"field\" = 'id' WHERE c.source = 'merge' "
        f"AND (c.id IN ({written(cancelled(job))})) IS NOT TRUE"
    )
    for entity, id, why in job.rows(sql):
        told = _INTO.match(why or "")
        if told and int(told[1]) == id:
            into[entity, id] = int(told[2])
    there = _there(job, {(entity, id) for (entity, _), id in into.items()})
    rows = []
    for entity, key, id in job.rows(f"SELECT entity, source_key, id FROM {_DELETED}"):
        last, seen = id, {id}
        while (entity, last) not in there and into.get((entity, last), last) not in seen:
            last = into[entity, last]
            seen.add(last)
        if (entity, last) in there:
            rows.append([entity, key, str(last)])
    if rows:
        job.execute(
            f"INSERT INTO {_MERGED} SELECT r[1], r[2], r[3]::BIGINT "
            "FROM (SELECT unnest(?::VARCHAR[][]) AS r)",
            [rows],
        )
        job.execute(
            f"DELETE FROM {_DELETED} AS d USING {_MERGED} AS m "
            "WHERE m.entity = d.entity AND m.source_key = d.source_key"
        )


def _there(job: Job, records: set[tuple[str, int]]) -> set[tuple[str, int]]:
    """Those of some records that there are."""
    found = set()
    for entity in {name for name, _ in records if name in job.registry}:
        ids = written({id for name, id in records if name == entity})
        sql = f'SELECT "id" FROM {quoted(entity)} WHERE "id" IN ({ids})'
        found |= {(entity, row[0]) for row in job.rows(sql)}
    return found
