"""Opening and creating database files, with an error that a person can act on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import duckdb

import crmpanel.store.schema as schema
from crmpanel.entities import REGISTRY
from crmpanel.errors import (
    DamagedDatabase,
    ForeignDatabase,
    LockedDatabase,
    MissingDatabase,
    NewerDatabase,
    StoreError,
)
from crmpanel.model.registry import Registry
from crmpanel.store import integrity
from crmpanel.store.database import Database
from crmpanel.store.lock import Ownership

#: v1.2.0 strings halve the time of the small reads that a card makes (docs/performance.md).
SETTINGS = {"autoinstall_known_extensions": "false", "storage_compatibility_version": "v1.2.0"}

Prepare = Callable[[Database, duckdb.DuckDBPyConnection], None]

_opened: dict[Path, Database] = {}
_opening = threading.Lock()


def open_(path: str | Path, registry: Registry = REGISTRY) -> Database:
    """Open an existing database; opening it again in the same process shares it.

    Parameters
    ----------
    path : the file.
    registry : the entities; tables and columns declared since are added.

    Raises
    ------
    MissingDatabase, LockedDatabase, ForeignDatabase, NewerDatabase, DamagedDatabase
    """
    real = Path(path).expanduser().resolve()
    with _opening:
        shared = _opened.get(real)
        if shared is not None and shared.users > 0:
            shared.users += 1
            return shared
        _refuse_other_files(real)
        database = _own(real, registry, _prepare_existing)
        _opened[real] = database
        return database


def create(path: str | Path, registry: Registry = REGISTRY, overwrite: bool = False) -> Database:
    """Make a new, empty database.

    Raises
    ------
    StoreError : the file exists and `overwrite` is not set, or the folder cannot be written.
    LockedDatabase : the file exists and is in use.
    """
    real = Path(path).expanduser().resolve()
    with _opening:
        if real.exists() and not overwrite:
            raise StoreError(
                f"{real.name} exists already.",
                "",
                "Choose another name, or pass --overwrite to replace it.",
            )
        if not real.parent.is_dir():
            raise StoreError(f"There is no folder {real.parent}.", "", "Create it first.")
        database = _own(real, registry, _prepare_new, replace=True)
        _opened[real] = database
        return database


def exists(path: str | Path) -> bool:
    """Whether there is a file at `path`."""
    return Path(path).expanduser().exists()


def _own(path: Path, registry: Registry, prepare: Prepare, replace: bool = False) -> Database:
    try:
        ownership = Ownership(path)
    except PermissionError as error:
        raise StoreError(
            f"{path} cannot be opened for writing.",
            str(error.strerror),
            "Give yourself write access to the file and its folder.",
        ) from None
    try:
        if replace:
            integrity.remove(path)
            ownership.uncover_file()
        connection = duckdb.connect(str(path), config=dict(SETTINGS))
    except duckdb.Error as error:
        ownership.release()
        raise explain(path, error) from error
    ownership.cover_file()
    database = Database(path, registry, ownership, connection)
    try:
        prepare(database, connection)
    except BaseException as error:
        if replace:
            integrity.remove(path)
        database.close()
        if isinstance(error, duckdb.Error):
            raise explain(path, error) from error
        raise
    return database


def _prepare_new(database: Database, connection: duckdb.DuckDBPyConnection) -> None:
    with database.load("New database", "create") as load:
        for number, sql in schema.system_sql():
            load.execute(sql)
            load.execute("INSERT OR REPLACE INTO crm_meta VALUES ('schema', ?)", [str(number)])
        load.execute("INSERT INTO crm_meta VALUES ('application', 'crmpanel')")
        for entity in database.registry:
            load.execute(schema.table_sql(entity))
            for status, role in entity.status_roles:
                load.status_role(entity.name, status, role)


def _prepare_existing(database: Database, connection: duckdb.DuckDBPyConnection) -> None:
    cursor = connection.cursor()
    version = _schema_version(database.path, cursor)
    if version > schema.VERSION:
        raise NewerDatabase(
            f"{database.path.name} was made by a later version of crmpanel.",
            f"Its schema is number {version}; this version knows up to {schema.VERSION}.",
            "Upgrade crmpanel. The file was not touched.",
        )
    integrity.verify(database.path, cursor)
    statements = schema.missing_sql(database.registry, _columns(cursor))
    if statements or version < schema.VERSION:
        with database.load("Upgrade", "upgrade") as load:
            for number, sql in schema.system_sql(after=version):
                load.execute(sql)
                load.execute("INSERT OR REPLACE INTO crm_meta VALUES ('schema', ?)", [str(number)])
            for statement in statements:
                load.execute(statement)


def _schema_version(path: Path, cursor: duckdb.DuckDBPyConnection) -> int:
    with suppress(duckdb.CatalogException):
        row = cursor.execute("SELECT value FROM crm_meta WHERE key = 'schema'").fetchone()
        if row:
            return int(row[0])
    raise ForeignDatabase(
        f"{path.name} is a DuckDB database, but not one of crmpanel's.",
        "It has no table crm_meta.",
        "Import its tables into a new database with: crmpanel import",
    )


def _columns(cursor: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    sql = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal"
    for table, column in cursor.execute(sql).fetchall():
        found.setdefault(table, set()).add(column)
    return found


def _refuse_other_files(path: Path) -> None:
    if not path.exists():
        raise MissingDatabase(
            f"There is no database at {path}.",
            "",
            "Make one with: crmpanel demo --db FILE, or: crmpanel import FOLDER --db FILE",
        )
    if path.is_dir():
        raise ForeignDatabase(
            f"{path} is a folder, not a database.",
            "",
            "To import the files in it: crmpanel import FOLDER --db FILE",
        )
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except PermissionError:
        raise StoreError(
            f"{path} cannot be read.", "Permission denied.", "Give yourself access to the file."
        ) from None
    if head[8:12] != b"DUCK":
        raise ForeignDatabase(
            f"{path.name} is not a crmpanel database.",
            "It is a SQLite file." if head.startswith(b"SQLite") else "It is no DuckDB file.",
            "To import it: crmpanel import FILE --db NEW",
        )


def explain(path: Path, error: duckdb.Error) -> StoreError:
    """What a DuckDB error at opening means to a person."""
    text = str(error).splitlines()[0]
    if "Could not set lock" in text:
        return LockedDatabase(
            f"The database {path.name} is in use.",
            text,
            "Stop the process that has it open, and try again.",
        )
    if "version number" in text or "newer version" in text:
        return NewerDatabase(
            f"{path.name} was made by a later version of DuckDB.",
            text,
            "Upgrade DuckDB. The file was not touched.",
        )
    if "Permission" in text or "Read-only" in text:
        return StoreError(
            f"{path.name} cannot be opened for writing.",
            text,
            "Give yourself write access to the file and its folder.",
        )
    return DamagedDatabase(
        f"{path.name} cannot be read.",
        text,
        "Restore a backup; crmpanel check tells what can still be read.",
    )
