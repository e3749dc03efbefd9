"""What a database declares: kept in tables of its own, and changed within a write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import duckdb

from crmpanel.errors import InputError
from crmpanel.model.declared import as_text, custom, entity_of, field_of, is_same
from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import ENTITY_NAME
from crmpanel.model.personal import PERSONAL
from crmpanel.model.settling import Declarations, Settled
from crmpanel.query.sqltext import quoted
from crmpanel.store import schema

if TYPE_CHECKING:
    from crmpanel.store.writer import Load


def read(cursor: duckdb.DuckDBPyConnection, existing: schema.Columns) -> Declarations:
    """What a database declares; nothing if it was made before it could.

    Parameters
    ----------
    existing : the columns that it has.
    """
    if "declared_field" not in existing:
        return Declarations()
    sql = "SELECT entity, name, declaration FROM declared_field ORDER BY entity, position, name"
    fields = [(e, field_of(name, text)) for e, name, text in cursor.execute(sql).fetchall()]
    sql = "SELECT name, declaration FROM declared_entity ORDER BY position, name"
    entities = tuple(
        entity_of(name, text, [field for e, field in fields if e == name])
        for name, text in cursor.execute(sql).fetchall()
    )
    own = {entity.name for entity in entities}
    return Declarations(entities, tuple((e, field) for e, field in fields if e not in own))


# -- more ------------------------------------------------------------------------------------------


def declare(load: Load, name: str, fields: Iterable[Field]) -> tuple[Field, ...]:
    """Give an entity fields; see `Load.declare`."""
    entity, wanted = load.registry[name], [custom(field) for field in fields]
    if entity.about:
        raise InputError(f"{entity.label_plural} cannot have fields of a database.")
    new = [field for field in wanted if not _is_there(entity, field)]
    registry = load.registry.with_fields(entity.name, new)
    existing = _columns_of(load, entity.name)
    for field in new:
        _add_column(load, entity.name, field, existing.get(field.name))
    _keep_fields(load, entity.name, new)
    load.registry, grown = registry, registry[entity.name]
    if grown.custom:
        sql = "UPDATE declared_entity SET declaration = ? WHERE name = ?"
        load.execute(sql, [as_text(grown), grown.name])
    return tuple(grown.field(field.name) for field in wanted)


def _is_there(entity: Entity, field: Field) -> bool:
    there = entity.fields.get(field.name)
    if there is None:
        return False
    if there.custom and is_same(there, field):
        return True
    raise InputError(
        f"{entity.label} has a field {field.name} already.",
        f"It is a {there.kind.name} field.",
        "Give the new one another name.",
    )


def _add_column(load: Load, table: str, field: Field, existing: str | None) -> None:
    wanted = field.kind.sql
    if existing is None:
        load.execute(f"ALTER TABLE {quoted(table)} ADD COLUMN {quoted(field.name)} {wanted}")
    elif existing != wanted.replace(", ", ","):
        raise InputError(
            f"Table {table} has a column {field.name} that holds {existing}.",
            "It was declared by another version of crmpanel.",
            "Give the field another name.",
        )


def _keep_fields(load: Load, entity: str, fields: Iterable[Field]) -> None:
    sql = "SELECT coalesce(max(position), 0) FROM declared_field WHERE entity = ?"
    row = load.execute(sql, [entity]).fetchone()
    for place, field in enumerate(fields, int(row[0]) + 1 if row else 1):
        values = [entity, field.name, place, as_text(field)]
        load.execute("INSERT INTO declared_field VALUES (?, ?, ?, ?)", values)


def declare_entity(load: Load, entity: Entity) -> Entity:
    """Add an entity with its table; see `Load.declare_entity`."""
    own = tuple(custom(field, field.group) for field in entity.own_fields)
    whole = entity_of(entity.name, as_text(entity), own)
    registry = load.registry.with_(whole)
    schema.refuse_system_names(registry)
    if _columns_of(load, whole.name):
        raise InputError(
            f"An entity cannot be called {whole.name}.",
            "The database has a table of that name.",
            "Give it another name.",
        )
    load.execute(schema.table_sql(whole))
    load.execute(
        "INSERT INTO declared_entity "
        "SELECT ?, coalesce(max(position), 0) + 1, ? FROM declared_entity",
        [whole.name, as_text(whole)],
    )
    _keep_fields(load, whole.name, own)
    load.registry = registry
    load.status_roles(whole.name, dict(whole.status_roles))
    return whole


def _columns_of(load: Load, table: str) -> dict[str, str]:
    sql = (
        "SELECT column_name, data_type FROM duckdb_columns() "
        "WHERE NOT internal AND table_name = ? AND database_name = current_database()"
    )
    return dict(load.execute(sql, [table]).fetchall())


# -- beside what the code has come to declare -------------------------------------------------


def settle(load: Load, found: Settled, log: Entity) -> None:
    """Write the names that declarations have got; their values and their history go along."""
    for name, field in found.adopted:
        sql = "DELETE FROM declared_field WHERE entity = ? AND name = ?"
        load.execute(sql, [name, field])
    for name, old, new in found.fields:
        _rename_field(load, name, old, new, log)
    for old, new in found.entities.items():
        _rename_entity(load, found, old, new)
    _write_all(load, found)


def _rename_field(load: Load, name: str, old: str, new: str, log: Entity) -> None:
    sql = f"ALTER TABLE {quoted(name)} RENAME COLUMN {quoted(old)} TO {quoted(new)}"
    load.execute(sql)
    sql = f'UPDATE {quoted(log.name)} SET "field" = ? WHERE "entity" = ? AND "field" = ?'
    load.execute(sql, [new, name, old])
    sql = "UPDATE declared_field SET name = ? WHERE entity = ? AND name = ?"
    load.execute(sql, [new, name, old])


def _rename_entity(load: Load, found: Settled, old: str, new: str) -> None:
    """Its table, and the name of it wherever that is kept."""
    load.execute(f"ALTER TABLE {quoted(old)} RENAME TO {quoted(new)}")
    load.execute("DELETE FROM table_rows WHERE name = ?", [old])
    kept = [("declared_entity", "name"), ("declared_field", "entity"), ("status_role", "entity")]
    for declared in (*found.registry, *PERSONAL.values()):
        if not isinstance(declared, Entity) or not declared.custom:
            names = [f.name for f in declared.fields.values() if f.kind is ENTITY_NAME]
            kept += [(declared.name, name) for name in names]
    for table, column in kept:
        name = quoted(column)
        load.execute(f"UPDATE {quoted(table)} SET {name} = ? WHERE {name} = ?", [new, old])


def _write_all(load: Load, found: Settled) -> None:
    """What is declared, as it is called now; what the registry leaves out stays as it is."""
    for entity in found.registry:
        if entity.custom:
            sql = "UPDATE declared_entity SET declaration = ? WHERE name = ?"
            load.execute(sql, [as_text(entity), entity.name])
        for field in entity.own_fields:
            if field.custom:
                sql = "UPDATE declared_field SET declaration = ? WHERE entity = ? AND name = ?"
                load.execute(sql, [as_text(field), entity.name, field.name])
