"""``crmpanel check``: is every block readable, every link good, every log row true?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import duckdb

from crmpanel.errors import StoreError
from crmpanel.model.entity import Entity, Field
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.database import Database
from crmpanel.store.refusals import first_line

Progress = Callable[[str, float], None]
#: Ids that a finding names.
SHOWN = 5
#: Rows of a table that are looked up by their id.
LOOKED_UP = 20


def check(database: Database, progress: Progress | None = None) -> list[str]:
    """Everything that is wrong with a database, a sentence each; empty if it is whole.

    Row counts and the commit number are verified when a database is opened, before this.
    """
    steps = list(_steps(database))
    findings: list[str] = []
    for i, (title, run) in enumerate(steps):
        if progress:
            progress(title, i / len(steps))
        try:
            findings += run()
        except (duckdb.Error, StoreError) as error:
            findings.append(f"{title} failed: {first_line(error)}")
    if progress:
        progress("Checked", 1.0)
    return list(dict.fromkeys(findings))


def _steps(database: Database) -> Iterator[tuple[str, Callable[[], Iterable[str]]]]:
    names = Query("SELECT table_name FROM duckdb_tables() WHERE NOT internal ORDER BY 1")
    for (name,) in database.rows(names):
        yield f"Reading table {name}", partial(_unreadable, database, name)
    for entity in database.registry:
        if not entity.about:
            yield f"Looking up rows of {entity.name}", partial(_lost, database, entity)
        # The log tells of records that are gone.
        for field in () if entity.about else entity.references:
            title = f"Checking {field.name} of {entity.name}"
            yield title, partial(_dangling, database, entity, field)
    for log in filter(lambda entity: entity.about, database.registry):
        for entity in database.registry:
            title = f"Checking the log of {entity.name}"
            yield title, partial(_untrue, database, log, entity)


def _unreadable(database: Database, table: str) -> list[str]:
    """Hashing whole rows reads every block, whose checksums DuckDB verifies."""
    database.scalar(Query(f"SELECT bit_xor(hash(r)) FROM {quoted(table)} AS r"))
    return []


def _lost(database: Database, entity: Entity) -> list[str]:
    """Some rows, spread over the table, must be found through its index."""
    table = quoted(entity.name)
    some = Query(
        f'SELECT "id" FROM {table} WHERE hash("id") % greatest(1, '
        f"(SELECT count(*) FROM {table}) // {LOOKED_UP}) = 0 LIMIT {2 * LOOKED_UP}"
    )
    ids = [row[0] for row in database.rows(some)]
    if not ids:
        return []
    lookup = f'SELECT "id" FROM {table} WHERE "id" = ?'
    found = database.rows(Query(" UNION ALL ".join([lookup] * len(ids)), tuple(ids)))
    whole = sorted(row[0] for row in found) == sorted(ids)
    return [] if whole else [f"The index of table {entity.name} does not find all its rows."]


def _dangling(database: Database, entity: Entity, field: Field) -> list[str]:
    target, column = database.registry[field.target or ""], quoted(field.name)
    found = _ids(
        database,
        f"{quoted(entity.name)} AS r ANTI JOIN {quoted(target.name)} AS t "
        f'ON t."id" = r.{column} WHERE r.{column} IS NOT NULL',
    )
    no = f"of {entity.name} refer to a {target.name} that does not exist ({field.name})."
    return [f"{found} {no}"] if found else []


def _untrue(database: Database, log: Entity, entity: Entity) -> Iterator[str]:
    """The newest log row of a field must say what the record says."""
    logged = Query(
        f'SELECT DISTINCT "field" FROM {quoted(log.name)} '
        'WHERE "entity" = ? AND "field" IS NOT NULL ORDER BY 1',
        (entity.name,),
    )
    for (name,) in database.rows(logged):
        if name not in entity.fields:
            yield f"The log has changes of {entity.name}.{name}, a field that is not declared."
        elif found := _ids(database, _disagreeing(database, log, entity, entity.field(name))):
            yield f"{found} of {entity.name} have another {name} than the log says."


def _disagreeing(database: Database, log: Entity, entity: Entity, field: Field) -> str:
    value, join, id = f"CAST(r.{quoted(field.name)} AS VARCHAR)", "", ""
    if field.target:
        target = database.registry[field.target]
        value = f"t.{quoted(target.title)}"
        # Changesets log what is referred to by its id, loads by its title.
        id = f" AND n.last.v IS DISTINCT FROM CAST(r.{quoted(field.name)} AS VARCHAR)"
        join = f'LEFT JOIN {quoted(target.name)} AS t ON t."id" = r.{quoted(field.name)} '
    newest = (
        'SELECT "record_id", arg_max(struct_pack(v := "new_value"), ("at", "id")) AS last '
        f'FROM {quoted(log.name)} WHERE "entity" = {literal(entity.name)} '
        f'AND "field" = {literal(field.name)} GROUP BY 1'
    )
    return (
        f"({newest}) AS n JOIN {quoted(entity.name)} AS r "
        f'ON r."id" = n."record_id" {join}WHERE n.last.v IS DISTINCT FROM {value}{id}'
    )


def _ids(database: Database, source: str) -> str:
    """How many rows ``r`` of `source` there are, and the ids of the first; empty if none."""
    found = database.rows(
        Query(f'SELECT r."id", count(*) OVER () FROM {source} ORDER BY 1 LIMIT {SHOWN}')
    )
    if not found:
        return ""
    more = ", …" if found[0][1] > len(found) else ""
    return f"{found[0][1]:,} rows (id {', '.join(str(row[0]) for row in found)}{more})"
