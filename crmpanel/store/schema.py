"""The tables of a database: numbered SQL files, and one table per declared entity."""

from __future__ import annotations

from importlib import resources

from crmpanel.model.entity import Entity
from crmpanel.model.registry import Registry
from crmpanel.query.sqltext import quoted

#: Number of the newest SQL file; a database with a higher number was made by a later version.
VERSION = 1

#: The log is appended to by the million and never looked up by id: an index would only cost.
WITHOUT_KEY = {"change"}


def system_sql(after: int = 0) -> list[tuple[int, str]]:
    """The numbered SQL files above `after`, as ``(number, text)`` in order."""
    files = resources.files("crmpanel.sql").iterdir()
    numbered = sorted((int(f.name[:4]), f) for f in files if f.name[:4].isdigit())
    return [(number, file.read_text("utf-8")) for number, file in numbered if number > after]


def table_sql(entity: Entity) -> str:
    """CREATE TABLE for an entity."""
    key = "" if entity.name in WITHOUT_KEY else " PRIMARY KEY"
    columns = [
        f"{quoted(f.name)} {f.kind.sql}{key if f.name == 'id' else ''}"
        for f in entity.fields.values()
    ]
    return f"CREATE TABLE {quoted(entity.name)} (\n    " + ",\n    ".join(columns) + "\n)"


def cluster_order(entity: Entity) -> str:
    """The order in which rows of `entity` are stored: by organisation, then by date."""
    keys = [entity.organisation or "id", entity.date, "id"]
    return ", ".join(quoted(key) for key in dict.fromkeys(filter(None, keys)))


def missing_sql(registry: Registry, existing: dict[str, set[str]]) -> list[str]:
    """Statements that add tables and columns declared since the database was made."""
    statements = []
    for entity in registry:
        columns = existing.get(entity.name)
        if columns is None:
            statements.append(table_sql(entity))
            continue
        statements += [
            f"ALTER TABLE {quoted(entity.name)} ADD COLUMN {quoted(f.name)} {f.kind.sql}"
            for f in entity.fields.values()
            if f.name not in columns
        ]
    return statements
