"""The tables of a database: numbered SQL files, and one table per declared entity."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from importlib import resources

import duckdb

from crmpanel.errors import InputError, StoreError
from crmpanel.model.entity import Entity
from crmpanel.model.personal import PERSONAL, VIEWER, Personal
from crmpanel.model.registry import Registry
from crmpanel.query.sqltext import quoted

#: Number of the newest SQL file; a database with a higher number was made by a later version.
VERSION = 3

#: Type of each column by its name, by table.
Columns = Mapping[str, Mapping[str, str]]


def version(connection: duckdb.DuckDBPyConnection) -> int | None:
    """Number of the last SQL file that made this database; None if it is not one of ours."""
    with suppress(duckdb.CatalogException):
        row = connection.execute("SELECT value FROM crm_meta WHERE key = 'schema'").fetchone()
        return int(row[0]) if row else None
    return None


def columns(connection: duckdb.DuckDBPyConnection) -> Columns:
    """The columns that the database has."""
    found: dict[str, dict[str, str]] = {}
    sql = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
    for table, column, kind in connection.execute(sql).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def system_sql(after: int = 0) -> list[tuple[int, str]]:
    """The numbered SQL files above `after`, as ``(number, text)`` in order."""
    files = resources.files("crmpanel.sql").iterdir()
    numbered = sorted((int(f.name[:4]), f) for f in files if f.name[:4].isdigit())
    return [(number, file.read_text("utf-8")) for number, file in numbered if number > after]


def system_names() -> frozenset[str]:
    """The tables that every database has, whatever its entities."""
    made = {name for _, sql in system_sql() for name in re.findall(r"CREATE TABLE (\w+)", sql)}
    return frozenset(made | PERSONAL.keys())


def refuse_system_names(registry: Registry) -> None:
    """Raise `InputError` if an entity is called like a table that every database has."""
    taken = system_names()
    for entity in registry:
        if entity.name in taken:
            raise InputError(
                f"An entity cannot be called {entity.name}.",
                "Every database has a table of that name.",
                "Give it another name.",
            )


def table_sql(entity: Entity) -> str:
    """CREATE TABLE for an entity.

    The log is appended to by the million and never looked up by id: an index would only cost.
    """
    key = "" if entity.about else " PRIMARY KEY"
    lines = [
        f"{quoted(f.name)} {f.kind.sql}{key if f.name == 'id' else ''}"
        for f in entity.fields.values()
    ]
    return f"CREATE TABLE {quoted(entity.name)} (\n    " + ",\n    ".join(lines) + "\n)"


def personal_sql(table: Personal) -> str:
    """CREATE TABLE for personal state."""
    key = ", ".join(quoted(name) for name in (VIEWER, *(field.name for field in table.key)))
    columns = [f"{quoted(f.name)} {f.kind.sql}" for f in table.fields.values()]
    lines = ",\n    ".join((*columns, f"PRIMARY KEY ({key})"))
    return f"CREATE TABLE {quoted(table.name)} (\n    {lines}\n)"


def cluster_order(entity: Entity) -> str:
    """The order in which rows of `entity` are stored: by organisation, then by date."""
    keys = [entity.organisation or "id", entity.date, "id"]
    return ", ".join(quoted(key) for key in dict.fromkeys(filter(None, keys)))


def missing_entities(registry: Registry, existing: Columns) -> list[Entity]:
    """Entities declared since the database was made."""
    return [entity for entity in registry if entity.name not in existing]


def missing_personal(existing: Columns) -> list[str]:
    """Statements that make the tables of personal state declared since the database was made."""
    return [personal_sql(table) for name, table in PERSONAL.items() if name not in existing]


def missing_columns(registry: Registry, existing: Columns) -> list[str]:
    """Statements that add the columns declared since the database was made."""
    tables: list[Entity | Personal] = [*registry, *PERSONAL.values()]
    return [
        f"ALTER TABLE {quoted(table.name)} ADD COLUMN {quoted(f.name)} {f.kind.sql}"
        for table in tables
        if table.name in existing
        for f in table.fields.values()
        if f.name not in existing[table.name]
    ]


def refuse_other_types(registry: Registry, existing: Columns) -> None:
    """Raise `StoreError` if a column holds something else than its field declares."""
    for entity in registry:
        for field in entity.fields.values():
            found = existing.get(entity.name, {}).get(field.name)
            wanted = field.kind.sql.replace(", ", ",")
            if found not in (None, wanted):
                raise StoreError(
                    f"Column {field.name} of table {entity.name} holds {found}, not {wanted}.",
                    "Its field has been declared differently since the database was made.",
                    "Name the field differently, or import the data into a new database.",
                )
