"""Unlinked: records that belong to no organisation, though others of their kind do."""

from __future__ import annotations

from crmpanel.errors import InputError
from crmpanel.model.entity import Entity
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store import Database


def can_be_unlinked(entity: Entity) -> bool:
    """Whether records of an entity are to belong to an organisation; shipped ones are for all."""
    return not entity.about and not entity.shipped and entity.organisation not in (None, "id")


def unlinked(database: Database, entity: str | None = None) -> Query:
    """Records without organisation: entity, id, title, source, key there, and the keys they name.

    Parameters
    ----------
    entity : name or plural; all, if left out.

    Raises
    ------
    UnknownName : there is no such entity.
    InputError : its records belong to no organisation anyway.
    """
    registry = database.registry
    chosen = [e for e in registry if can_be_unlinked(e)]
    if entity is not None:
        declared = registry[entity]
        if not can_be_unlinked(declared):
            raise InputError(f"{declared.label_plural} belong to no organisation.")
        chosen = [declared]
    tables = Query("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'import_dangling'")
    keys = "(SELECT NULL AS entity, NULL AS record_id, NULL AS keys LIMIT 0)"
    if database.scalar(tables):
        keys = (
            "(SELECT entity, record_id, string_agg(DISTINCT key, ', ' ORDER BY key) AS keys "
            "FROM import_dangling GROUP BY ALL)"
        )
    parts = [
        f'SELECT {literal(e.name)} AS entity, r."id" AS id, r.{quoted(e.title)}::VARCHAR AS title, '
        'r."source_name" AS source, r."source_key" AS source_key, k.keys AS names '
        f"FROM {quoted(e.name)} AS r LEFT JOIN {keys} AS k ON k.entity = {literal(e.name)} "
        f'AND k.record_id = r."id" WHERE r.{quoted(str(e.organisation))} IS NULL'
        for e in chosen
    ]
    return Query(f"{' UNION ALL '.join(parts)} ORDER BY entity, id")
