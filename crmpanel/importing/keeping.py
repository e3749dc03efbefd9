"""Keeping: what a database remembers of its imports, beside the log."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from crmpanel.importing import mapping as declarations
from crmpanel.importing.job import Job
from crmpanel.importing.mapping import Mapping
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal
from crmpanel.store import Database

TABLES = (
    # Each import, and the mapping by which its rejects are read when they come back.
    """CREATE TABLE IF NOT EXISTS import_run (
    changeset BIGINT PRIMARY KEY,
    source VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    mapping VARCHAR NOT NULL
)""",
    # Which tables records of an entity came from.
    """CREATE TABLE IF NOT EXISTS import_feed (
    changeset BIGINT NOT NULL,
    entity VARCHAR NOT NULL,
    "table" VARCHAR NOT NULL
)""",
    # Keys that name nothing yet, for the import that brings it.
    """CREATE TABLE IF NOT EXISTS import_dangling (
    source VARCHAR NOT NULL,
    entity VARCHAR NOT NULL,
    record_id BIGINT NOT NULL,
    field VARCHAR NOT NULL,
    rank INTEGER NOT NULL,
    target VARCHAR NOT NULL,
    is_via BOOLEAN NOT NULL,
    "by" VARCHAR NOT NULL,
    key VARCHAR NOT NULL
)""",
)


def prepare(job: Job) -> None:
    """Make the tables where they are not there yet."""
    for sql in TABLES:
        job.execute(sql)


def runs(job: Job) -> list[int]:
    """Numbers of the changesets by which this source was imported."""
    sql = f"SELECT changeset FROM import_run WHERE source = {literal(job.source)}"
    return [row[0] for row in job.rows(sql)]


def fed_by(job: Job, entity: str) -> set[str]:
    """Tables from which earlier imports of this source took records of an entity, in lower case."""
    sql = (
        'SELECT DISTINCT lower("table") FROM import_feed AS f JOIN import_run AS r '
        f"USING (changeset) WHERE r.source = {literal(job.source)} AND f.entity = {literal(entity)}"
    )
    return {row[0] for row in job.rows(sql)}


def keep_run(job: Job, changeset: int) -> None:
    """Remember an import."""
    values = [changeset, job.source, job.plan.source.name, to_json(job.mapping)]
    job.execute("INSERT INTO import_run VALUES (?, ?, ?, ?)", values)
    for entity, table in dict.fromkeys((s.entity, s.table) for s in job.plan.sources):
        job.execute("INSERT INTO import_feed VALUES (?, ?, ?)", [changeset, entity, table])


def kept_mapping(database: Database, source: str) -> Mapping | None:
    """The mapping by which a source was imported last; None if it never was."""
    return kept_mappings(database).get(source)


def kept_mappings(database: Database) -> dict[str, Mapping]:
    """By source, the mapping by which it was imported last; the latest first."""
    tables = Query("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'import_run'")
    if not database.scalar(tables):
        return {}
    sql = (
        "SELECT source, arg_max(mapping, changeset) FROM import_run GROUP BY source "
        "ORDER BY max(changeset) DESC"
    )
    return {source: from_json(text) for source, text in database.rows(Query(sql))}


# -- mappings ------------------------------------------------------------------------------------


def to_json(mapping: Mapping) -> str:
    """A mapping as text, from which `from_json` makes it again.

    >>> mapping = Mapping("own", "Own", (), {"Firms": ("No",)})
    >>> from_json(to_json(mapping)) == mapping
    True
    """
    return json.dumps(_plain(mapping), ensure_ascii=False)


def from_json(text: str) -> Mapping:
    """The mapping that `to_json` wrote."""
    found = _declared(json.loads(text))
    if not isinstance(found, Mapping):
        raise TypeError(f"{type(found).__name__} is no mapping.")
    return found


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"": type(value).__name__, **parts}
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return value


def _declared(value: Any) -> Any:
    """Lists are tuples in declarations."""
    if isinstance(value, list):
        return tuple(map(_declared, value))
    if not isinstance(value, dict):
        return value
    parts = {key: _declared(part) for key, part in value.items() if key}
    if name := value.get(""):
        kind = getattr(declarations, name)
        known = {f.name for f in dataclasses.fields(kind)}
        return kind(**{key: part for key, part in parts.items() if key in known})
    return parts
