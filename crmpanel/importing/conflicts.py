"""Conflicts: what users have changed since the last import, and what they have deleted."""

from __future__ import annotations

from crmpanel.importing.comparing import CONFLICT, DELTA, MINE, WRITE
from crmpanel.importing.drafting import drafted, title
from crmpanel.importing.job import VANISHED, Job
from crmpanel.importing.keeping import runs
from crmpanel.importing.linking import ready
from crmpanel.importing.matching import DELETED, cancelled, deleted_keys, written
from crmpanel.importing.report import Disagreement
from crmpanel.query.sqltext import literal, quoted

#: So many conflicts a report carries along.
CARRIED = 1_000
_OWN = quoted("own edits")


def judge(job: Job) -> None:
    """Say of each difference whether it is written; what users have changed is seen in the log."""
    if not job.held or not job.count(DELTA):
        return
    log = quoted(job.numbering.log.name)
    undone, imports = written(cancelled(job)), written(set(runs(job)))
    job.execute(
        f'CREATE TEMP TABLE {_OWN} AS WITH l AS (SELECT c."entity" AS entity, c."record_id" AS '
        'id, c."field" AS field, c."old_value" AS old, c."id" AS row, '
        f'c."changeset" IN ({imports}) AS is_import, c."at" AS at, c."changeset" AS changeset, '
        f'c."responsible_id" AS who FROM {log} AS c JOIN {DELTA} AS d ON d.entity = c."entity" '
        'AND d.record_id = c."record_id" AND d.field = c."field" WHERE c."action" = \'update\' '
        f'AND (c."changeset" IN ({undone})) IS NOT TRUE AND d.field <> {literal(VANISHED)}), '
        "last AS (SELECT entity, id, field, max(row) FILTER (is_import) AS row FROM l "
        "GROUP BY ALL) SELECT l.entity, l.id, l.field, arg_min({'was': l.old}, l.row).was AS base, "
        "max(l.at) AS at, arg_max(l.who, l.row) AS who, max(l.changeset) AS changeset "
        "FROM l JOIN last USING (entity, id, field) WHERE l.row > coalesce(last.row, 0) "
        "GROUP BY ALL"
    )
    same = "o.entity = d.entity AND o.id = d.record_id AND o.field = d.field"
    job.execute(
        f"UPDATE {DELTA} AS d SET base = o.base, verdict = CASE WHEN o.base IS NOT DISTINCT FROM "
        f"d.new_value THEN '{MINE}' ELSE '{CONFLICT}' END FROM {_OWN} AS o WHERE {same} "
        "AND o.base IS DISTINCT FROM d.old_value"
    )


def decide(job: Job) -> None:
    """Let the policy, or who has chosen for a field, decide the conflicts that were listed."""
    if job.choices.policy == "source":
        job.execute(f"UPDATE {DELTA} SET verdict = '{WRITE}' WHERE verdict = '{CONFLICT}'")
    for (entity, id, field), policy in job.choices.fields.items():
        verdict = WRITE if policy == "source" else CONFLICT
        job.execute(
            f"UPDATE {DELTA} SET verdict = ? WHERE entity = ? AND record_id = ? AND field = ? "
            "AND base IS DISTINCT FROM old_value AND base IS DISTINCT FROM new_value "
            f"AND EXISTS (FROM {_OWN} WHERE entity = ? AND id = ? AND field = ?)",
            [verdict, entity, id, field, entity, id, field],
        )


def count(job: Job) -> dict[str, int]:
    """How many conflicts there are, by entity."""
    found = dict(
        job.rows(f"SELECT entity, count(*) FROM {DELTA} WHERE verdict = '{CONFLICT}' GROUP BY 1")
    )
    for entity in job.entities:
        gone = job.count(f"{ready(entity.name)} WHERE state = '{DELETED}'")
        if gone:
            found[entity.name] = found.get(entity.name, 0) + gone
    return found


def first(job: Job, limit: int = CARRIED) -> list[Disagreement]:
    """The first conflicts."""
    user = job.registry[str(job.numbering.log.field("responsible_id").target)]
    name = f"u.{quoted(user.title)}"
    join = f' LEFT JOIN {quoted(user.name)} AS u ON u."id" = o.who'
    found = []
    if job.held and job.count(f"{DELTA} WHERE verdict = '{CONFLICT}'"):
        found = job.rows(
            "SELECT d.entity, d.record_id, d.subject, d.field, d.base, d.old_value, d.new_value, "
            f"{name}, o.at, o.changeset FROM {DELTA} AS d JOIN {_OWN} AS o ON o.entity = d.entity "
            f"AND o.id = d.record_id AND o.field = d.field{join} "
            f"WHERE d.verdict = '{CONFLICT}' ORDER BY ALL LIMIT {limit}"
        )
    return [Disagreement(*row) for row in [*found, *_deleted(job, limit - len(found))]]


def _deleted(job: Job, limit: int) -> list[tuple[object, ...]]:
    log = quoted(job.numbering.log.name)
    found: list[tuple[object, ...]] = []
    for entity in job.entities:
        if not job.count(f"{ready(entity.name)} WHERE state = '{DELETED}'"):
            continue
        found += job.rows(
            f"SELECT {literal(entity.name)}, g.id, c.\"subject\", 'id', g.id::VARCHAR, NULL, "
            f'{title(job, entity)}, NULL, c."at", g.changeset '
            f"FROM {ready(entity.name)} AS r JOIN {drafted(entity.name)} AS d "
            f'ON d."@row" = r."@row" JOIN {deleted_keys(job)} AS g '
            f'ON g.entity = {literal(entity.name)} AND g.source_key = d."source_key" '
            f'JOIN {log} AS c ON c."changeset" = g.changeset AND c."entity" = g.entity '
            'AND c."record_id" = g.id AND c."field" = \'id\' AND c."action" = \'delete\' '
            f"WHERE r.state = '{DELETED}' ORDER BY 2 LIMIT {max(0, limit)}"
        )
    return found
