"""``crmpanel check``: is every block readable, every link good, every log row true?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import duckdb

from crmpanel.model.entity import Entity, Field
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.database import Database

Progress = Callable[[str, float], None]


def check(database: Database, progress: Progress | None = None) -> list[str]:
    """Everything that is wrong with a database, a sentence each; empty if it is whole.

    Row counts and the commit number are verified when a database is opened, before this.
    """
    entities = list(database.registry)
    steps = [(f"Reading {entity.name}", _unreadable, entity) for entity in entities]
    steps += [(f"Links of {entity.name}", _dangling, entity) for entity in entities]
    steps += [
        (f"Log of {entity.name}", _untrue_log, entity) for entity in entities if not entity.about
    ]
    findings: list[str] = []
    for i, (title, run, entity) in enumerate(steps):
        if progress:
            progress(title, i / len(steps))
        try:
            findings += run(database, entity)
        except duckdb.Error as error:
            findings.append(f"Table {entity.name} cannot be read: {str(error).splitlines()[0]}")
    if progress:
        progress("Checked", 1.0)
    return list(dict.fromkeys(findings))


def _unreadable(database: Database, entity: Entity) -> Iterator[str]:
    """Hashing whole rows reads every block, whose checksums DuckDB verifies."""
    database.scalar(Query(f"SELECT bit_xor(hash(r)) FROM {quoted(entity.name)} AS r"))
    yield from ()


def _dangling(database: Database, entity: Entity) -> Iterator[str]:
    for field in entity.references:
        count = database.scalar(
            Query(
                f"SELECT count(*) FROM {quoted(entity.name)} AS r ANTI JOIN {quoted(str(field.target))} "
                f'AS t ON t."id" = r.{quoted(field.name)} WHERE r.{quoted(field.name)} IS NOT NULL'
            )
        )
        if count:
            yield f"{count:,} rows of {entity.name} have a {field.name} that does not exist."


def _untrue_log(database: Database, entity: Entity) -> Iterator[str]:
    """The newest log row of a field must say what the record says."""
    logged = [
        row[0]
        for row in database.rows(
            Query(
                'SELECT DISTINCT "field" FROM "change" WHERE "entity" = ? AND "field" IS NOT NULL',
                (entity.name,),
            )
        )
    ]
    for name in logged:
        if name not in entity.fields:
            yield f"The log has changes of {entity.name}.{name}, a field that is not declared."
            continue
        count = database.scalar(_disagreeing(database, entity, entity.field(name)))
        if count:
            yield f"{count:,} values of {entity.name}.{name} differ from the newest log row."


def _disagreeing(database: Database, entity: Entity, field: Field) -> Query:
    value, join = f"CAST(r.{quoted(field.name)} AS VARCHAR)", ""
    if field.target:
        target = database.registry[field.target]
        value = f"t.{quoted(target.title)}"
        join = f'LEFT JOIN {quoted(target.name)} AS t ON t."id" = r.{quoted(field.name)} '
    newest = (
        'SELECT "record_id", arg_max(struct_pack(v := "new_value"), ("at", "id")) AS last '
        f'FROM "change" WHERE "entity" = {literal(entity.name)} '
        f'AND "field" = {literal(field.name)} GROUP BY 1'
    )
    return Query(
        f"SELECT count(*) FROM ({newest}) AS n JOIN {quoted(entity.name)} AS r "
        f'ON r."id" = n."record_id" {join}WHERE n.last.v IS DISTINCT FROM {value}'
    )
