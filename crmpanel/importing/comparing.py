"""Comparing: which values of records that are there differ from what the export says."""

from __future__ import annotations

from crmpanel.importing.drafting import BAD, ROW, STAND_IN, drafted, given, link_column, rows_of
from crmpanel.importing.job import VANISHED, Job
from crmpanel.importing.linking import follow, is_known, known_by, ready, spoken
from crmpanel.importing.mapping import Constant, EntitySource, OfChildren, Value, columns_of
from crmpanel.importing.matching import NEW, OLD
from crmpanel.importing.values import checks
from crmpanel.importing.vanishing import vanishing
from crmpanel.model.entity import Entity, Field
from crmpanel.query.sqltext import literal, quoted

#: The temporary table of values that differ; what is to happen is its ``verdict``.
DELTA = quoted("import delta")
#: The row of a draft ``d``.
DRAFT = f"d.{ROW}"
#: A difference is written, or the user's value stays, or both have changed it.
WRITE, MINE, CONFLICT = "write", "mine", "conflict"


def begin(job: Job) -> None:
    """Make the table of differences."""
    job.execute(
        f"CREATE TEMP TABLE {DELTA} (entity VARCHAR, record_id BIGINT, organisation_id BIGINT, "
        "subject VARCHAR, field VARCHAR, old_value VARCHAR, new_value VARCHAR, verdict VARCHAR, "
        "base VARCHAR, row BIGINT)"
    )


def compare(job: Job, entity: Entity) -> None:
    """Note each value of a record that is there which differs from what the export says.

    Numbers and times are compared as such. What the export has no column for is not compared.
    """
    if entity.name not in job.held:
        return
    for number, source in enumerate(job.plan.sources):
        if source.entity == entity.name:
            _compare(job, entity, number, source)
    _come_back(job, entity)
    _vanish(job, entity)


def _is_there(job: Job, source: EntitySource, value: Value) -> bool:
    """Whether the export has what a value is made from."""
    if isinstance(value, OfChildren):
        return False
    columns = columns_of(value)
    return isinstance(value, Constant) or any(job.plan.has(source, column) for column in columns)


def compared(job: Job, entity: Entity, source: EntitySource) -> dict[str, tuple[str, str]]:
    """By field: SQL of what the export says, and the joins that needs."""
    found = {
        name: (f"d.{quoted(name)}", "")
        for name, value in given(job.plan, source).items()
        if _is_there(job, source, value)
    }
    for name, routes in source.links.items():
        if any(job.plan.has(source, route.column) for route in routes):
            followed = follow(job, entity, name)
            found[name] = (followed.id, followed.joins)
    return found


def _compare(job: Job, entity: Entity, number: int, source: EntitySource) -> None:
    wanted = compared(job, entity, source)
    fields = [entity.field(name) for name in wanted]
    if not fields:
        return
    pairs, changed, parts = [], [], []
    unfit = _unfit(job, source, entity)
    for place, field in enumerate(fields):
        new, old = f"n{place}", f"o{place}"
        sql = f"CAST({wanted[field.name][0]} AS {field.kind.sql})"
        pairs += [f"{sql} AS {new}", f"t.{quoted(field.name)} AS {old}"]
        changed.append(f"{new} IS DISTINCT FROM {old}{unfit.get(field.name, '')}")
        parts.append(_part(entity, field, old, new, changed[-1]))
    owner = f"t.{quoted(entity.organisation)}" if entity.organisation else "NULL::BIGINT"
    joins = " ".join(dict.fromkeys(joins for _, joins in wanted.values()))
    job.execute(
        f"INSERT INTO {DELTA} SELECT {literal(entity.name)}, id, p.owner, title, p.field, p.old, "
        f"p.new, '{WRITE}', NULL, row FROM (SELECT id, title, row, unnest(flatten("
        f'[{", ".join(parts)}])) AS p FROM (SELECT t."id" AS id, {owner} AS owner, d."@row" AS '
        f"row, d.{BAD} AS bad, t.{quoted(entity.title)} AS title, {', '.join(pairs)} "
        f'FROM {ready(entity.name)} AS r JOIN {drafted(entity.name)} AS d ON d."@row" = r."@row" '
        f'JOIN {quoted(entity.name)} AS t ON t."id" = r."@id" {joins} '
        f"WHERE r.state = '{OLD}' AND d.{STAND_IN} IS NOT TRUE "
        f"AND {rows_of(number, DRAFT)}) WHERE {' OR '.join(changed)})"
    )


def _unfit(job: Job, source: EntitySource, entity: Entity) -> dict[str, str]:
    """By field: condition that its text could be understood; what is there stays, if not."""
    found = {}
    for name, value in given(job.plan, source).items():
        for check in checks(value, entity.field(name).kind, lambda column: "NULL::VARCHAR"):
            column = literal(check.column)
            found[name] = (
                f' AND coalesce(NOT list_contains([p."column" FOR p IN bad], {column}), TRUE)'
            )
    return found


def _part(entity: Entity, field: Field, old: str, new: str, changed: str) -> str:
    """A list of the difference, empty if there is none; a record that moves is the new one's."""
    owner = f"coalesce({new}, owner)" if field.name == entity.organisation else "owner"
    texts = [f"{part}::VARCHAR" for part in (old, new)]
    return (
        f"CASE WHEN {changed} THEN [{{'field': {literal(field.name)}, 'owner': {owner}, "
        f"'old': {texts[0]}, 'new': {texts[1]}}}] ELSE [] END"
    )


def _mark(job: Job, entity: Entity, from_: str, new: str) -> None:
    owner = f"t.{quoted(entity.organisation)}" if entity.organisation else "NULL::BIGINT"
    job.execute(
        f'INSERT INTO {DELTA} SELECT {literal(entity.name)}, t."id", {owner}, '
        f"t.{quoted(entity.title)}, {literal(VANISHED)}, t.{quoted(VANISHED)}::VARCHAR, {new}, "
        f"'{WRITE}', NULL, NULL FROM {quoted(entity.name)} AS t {from_}"
    )


def _come_back(job: Job, entity: Entity) -> None:
    """Records that had vanished, and which the source has again."""
    again = f'FROM {ready(entity.name)} AS r WHERE r."@id" = t."id" AND r.state = \'{OLD}\''
    where = f"WHERE {job.mine('t')} AND t.{quoted(VANISHED)} IS NOT NULL AND EXISTS ({again})"
    _mark(job, entity, where, "NULL")


def _vanish(job: Job, entity: Entity) -> None:
    if job.choices.vanished == "mark" and (table := vanishing(job, entity)):
        now = f"{literal(str(job.numbering.moment()))}"
        _mark(job, entity, f'WHERE t."id" IN (SELECT id FROM {table})', now)


def derive(job: Job, entity: Entity) -> None:
    """Compare what is made from other records, where some of these are new or have changed."""
    from crmpanel.importing.loading import of_children

    if entity.name not in job.held:
        return
    for name, value in _derived(job, entity).items():
        other = job.registry[value.entity]
        changes = job.count(f"{DELTA} WHERE entity = {literal(other.name)}")
        if not changes and not job.count(f"{ready(other.name)} WHERE state = '{NEW}'"):
            continue
        field = entity.field(name)
        sql, join = of_children(job, entity, name, value)
        owner = f"t.{quoted(entity.organisation)}" if entity.organisation else "NULL::BIGINT"
        old = f"t.{quoted(name)}"
        job.execute(
            f'INSERT INTO {DELTA} SELECT {literal(entity.name)}, t."id", {owner}, '
            f"t.{quoted(entity.title)}, {literal(name)}, {old}::VARCHAR, "
            f"CAST({sql} AS {field.kind.sql})::VARCHAR, '{WRITE}', NULL, r.\"@row\" "
            f'FROM {ready(entity.name)} AS r JOIN {quoted(entity.name)} AS t ON t."id" = r."@id" '
            f"{join} WHERE r.state = '{OLD}' AND {old} IS DISTINCT FROM "
            f"CAST({sql} AS {field.kind.sql})"
        )


def _derived(job: Job, entity: Entity) -> dict[str, OfChildren]:
    return {
        name: value
        for source in job.plan.of(entity.name)
        for name, value in source.fields.items()
        if isinstance(value, OfChildren) and value.entity in job.plan.entities
    }


def link_later(job: Job, entity: Entity) -> None:
    """Records that this import does not have, but whose kept keys now name something."""
    ways = job.rows(
        'SELECT DISTINCT field, rank, target, is_via, "by" FROM import_dangling WHERE source = '
        f"{literal(job.source)} AND entity = {literal(entity.name)} ORDER BY ALL"
    )
    for name in dict.fromkeys(way[0] for way in ways):
        mine = [way for way in ways if way[0] == name and is_known(job, way[2])]
        if mine and name in entity.fields:
            _link_later(job, entity, entity.field(name), mine)


def _link_later(
    job: Job, entity: Entity, field: Field, ways: list[tuple[str, int, str, bool, str]]
) -> None:
    found = " UNION ALL ".join(
        f"SELECT g.record_id AS id, g.rank AS rank, k.{quoted('@owner' if is_via else '@id')} "
        f"AS value FROM import_dangling AS g JOIN {known_by(job, target, by)} AS k "
        f'ON k."@by" = {spoken("g.key", by)} WHERE g.source = {literal(job.source)} '
        f"AND g.entity = {literal(entity.name)} AND g.field = {literal(name)} "
        f"AND g.rank = {rank} AND g.target = {literal(target)}"
        for name, rank, target, is_via, by in ways
    )
    here = ""
    if entity.name in job.plan.entities:
        here = f' AND NOT EXISTS (FROM {ready(entity.name)} AS r WHERE r."@id" = t."id")'
    owner = f"t.{quoted(entity.organisation)}" if entity.organisation else "NULL::BIGINT"
    owner = f"coalesce(f.value, {owner})" if field.name == entity.organisation else owner
    job.execute(
        f'INSERT INTO {DELTA} SELECT {literal(entity.name)}, t."id", {owner}, '
        f"t.{quoted(entity.title)}, {literal(field.name)}, NULL, f.value::VARCHAR, '{WRITE}', "
        f"NULL, NULL FROM (SELECT id, arg_min(value, rank) AS value FROM ({found}) "
        f"WHERE value IS NOT NULL GROUP BY id) AS f JOIN {quoted(entity.name)} AS t "
        f'ON t."id" = f.id WHERE t.{quoted(field.name)} IS NULL{here}'
    )


def dangling(job: Job, entity: Entity) -> str | None:
    """SELECT of the keys of this import's records that name nothing yet, for the references."""
    parts = []
    for number, source in enumerate(job.plan.sources):
        if source.entity != entity.name:
            continue
        for name, routes in source.links.items():
            for rank, route in enumerate(routes):
                if not job.plan.has(source, route.column):
                    continue
                target = route.via or entity.field(name).target or ""
                key = f"d.{link_column(route.column)}"
                parts.append(
                    f"SELECT {literal(job.source)}, {literal(entity.name)}, b.id, "
                    f"{literal(name)}, {rank}, {literal(target)}, {literal(bool(route.via))}, "
                    f"{literal(route.by)}, {key} FROM {drafted(entity.name)} AS d "
                    f"JOIN {_blank(job, entity, name)} AS b ON b.row = {DRAFT} "
                    f"WHERE {key} IS NOT NULL AND {rows_of(number, DRAFT)}"
                )
    return " UNION ALL ".join(parts) or None


def _blank(job: Job, entity: Entity, field: str) -> str:
    """The temporary table of this import's records that refer to nothing: row and id.

    It is made first, so that DuckDB knows how few they are when it joins them with the drafts.
    """
    name = quoted(f"blank_{entity.name} {field}")
    if name not in job.made:
        job.made.add(name)
        job.execute(
            f'CREATE TEMP TABLE {name} AS SELECT {ROW} AS row, "@id" AS id '
            f"FROM {ready(entity.name)} WHERE state IN ('{NEW}', '{OLD}') AND \"@id\" IN "
            f'(SELECT "id" FROM {quoted(entity.name)} WHERE {quoted(field)} IS NULL)'
        )
    return name
