"""Opening and creating database files, with an error that a person can act on."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import duckdb

from crmpanel.entities import REGISTRY
from crmpanel.errors import StoreError
from crmpanel.model.entity import Entity
from crmpanel.model.registry import Registry
from crmpanel.model.settling import Settled, settled
from crmpanel.query.sqltext import quoted
from crmpanel.store import declaring, integrity, refusals, schema
from crmpanel.store.database import Database
from crmpanel.store.lock import Ownership, locked_by
from crmpanel.store.numbering import log_of
from crmpanel.store.writer import Load

#: v1.2.0 strings halve the time of the small reads that a card makes (docs/performance.md).
SETTINGS = {
    "autoinstall_known_extensions": "false",
    # It casts join keys, so that no zone map applies and each page scans whole tables for titles.
    "disabled_optimizers": "compressed_materialization",
    "storage_compatibility_version": "v1.2.0",
}

_opened: list[Database] = []
_opening = threading.Lock()


def open_(path: str | Path, registry: Registry = REGISTRY) -> Database:
    """Open an existing database; opening it again in the same process shares it.

    Nothing is changed in a file that is refused.

    Parameters
    ----------
    path : the file, or a symbolic or hard link to it.
    registry : the entities; tables and columns declared since are added.

    Raises
    ------
    MissingDatabase, LockedDatabase, ForeignDatabase, NewerDatabase, DamagedDatabase
    """
    real = _real(path)
    schema.refuse_system_names(registry)
    with _opening:
        shared = _open_here(real)
        if shared is not None and shared.share():
            return _same(shared, registry)
        refusals.refuse_other_files(real)
        return _open(real, registry, _verify, _upgrade)


def create(path: str | Path, registry: Registry = REGISTRY, overwrite: bool = False) -> Database:
    """Make a new, empty database.

    Raises
    ------
    StoreError : the file exists and `overwrite` is not set, or the folder cannot be written.
    LockedDatabase : the file exists and is in use.
    """
    real = _real(path)
    schema.refuse_system_names(registry)
    if not real.parent.is_dir():
        raise StoreError(f"There is no folder {real.parent}.", "", "Create it first.")
    with _opening:
        if _open_here(real) is not None:
            raise locked_by(real, os.getpid())
        if real.exists():
            _refuse_replacing(real, overwrite)
        return _open(real, registry, _clear, _fill)


def _refuse_replacing(path: Path, overwrite: bool) -> None:
    if not overwrite:
        raise StoreError(
            f"{path.name} exists already.",
            "",
            "Choose another name, or pass --overwrite to replace it.",
        )
    refusals.refuse_other_files(path)


def exists(path: str | Path) -> bool:
    """Whether there is a file at `path`."""
    return Path(path).expanduser().exists()


def _real(path: str | Path) -> Path:
    try:
        return Path(os.path.realpath(Path(path).expanduser()))
    except ValueError as error:
        raise refusals.unusable(Path(path), error) from None


def is_open_here(path: Path) -> bool:
    """Whether this process has the database at `path` open."""
    with _opening:
        return _open_here(path) is not None


def _open_here(path: Path) -> Database | None:
    """The database that this process has open at `path`."""
    _opened[:] = [database for database in _opened if database.users > 0]
    for database in _opened:
        with suppress(OSError):
            if os.path.samefile(database.path, path):
                return database
    return None


def _same(database: Database, registry: Registry) -> Database:
    if database.code is not registry:
        database.close()
        raise StoreError(
            f"{database.path.name} is open with other entities.", "", "Close it first."
        )
    return database


def _open(
    path: Path,
    registry: Registry,
    before: Callable[[Path, Ownership, Registry], None],
    after: Callable[[Database, duckdb.DuckDBPyConnection], None],
) -> Database:
    with refusals.explained(path):
        ownership = Ownership(path)
        try:
            before(path, ownership, registry)
            connection = duckdb.connect(str(path), config=dict(SETTINGS))
            ownership.cover_file()
        except BaseException:
            ownership.release()
            raise
        database = Database(path, registry, ownership, connection)
        try:
            after(database, connection)
        except BaseException:
            database.discard() if before is _clear else database.close()
            raise
    _opened.append(database)
    return database


# -- an existing file --------------------------------------------------------------------------


def _verify(path: Path, ownership: Ownership, registry: Registry) -> None:
    """Look at the file without changing it: closing a database that was written would."""
    with duckdb.connect(str(path), read_only=True, config=dict(SETTINGS)) as connection:
        version = schema.version(connection)
        if version is None:
            raise refusals.foreign(path)
        if version > schema.VERSION:
            raise refusals.newer(path, version, schema.VERSION)
        integrity.verify(path, connection)
        existing = schema.columns(connection)
        found = _settled(connection, registry, existing)
        schema.refuse_other_types(found.registry, schema.renamed(existing, found))


def _settled(
    connection: duckdb.DuckDBPyConnection, registry: Registry, existing: schema.Columns
) -> Settled:
    """What the code and the database declare together."""
    return settled(registry, declaring.read(connection, existing), schema.system_names())


def _upgrade(database: Database, connection: duckdb.DuckDBPyConnection) -> None:
    version, existing = schema.version(connection) or 0, schema.columns(connection)
    found = _settled(connection, database.code, existing)
    database.declared(found.registry)
    existing = schema.renamed(existing, found)
    entities = schema.missing_entities(database.registry, existing)
    columns = schema.missing_columns(database.registry, existing)
    personal = schema.missing_personal(existing)
    if not (entities or columns or personal or found.is_new) and version == schema.VERSION:
        return
    with database.load("Upgrade", "upgrade") as load:
        if found.is_new:
            declaring.settle(load, found, log_of(found.registry))
        for statement in (*personal, *columns):
            load.execute(statement)
        _make_system(load, after=version)
        for entity in entities:
            _make_table(load, entity)


# -- a new file --------------------------------------------------------------------------------


def _clear(path: Path, ownership: Ownership, registry: Registry) -> None:
    """Remove what is there, which is owned by now."""
    integrity.remove(path)
    ownership.uncover_file()


def _fill(database: Database, connection: duckdb.DuckDBPyConnection) -> None:
    with database.load("New database", "create") as load:
        for statement in schema.missing_personal({}):
            load.execute(statement)
        _make_system(load, after=0)
        load.execute("INSERT INTO crm_meta VALUES ('application', 'crmpanel')")
        for entity in database.registry:
            _make_table(load, entity)


def _make_system(load: Load, after: int) -> None:
    for number, sql in schema.system_sql(after):
        load.execute(sql)
        load.execute("INSERT OR REPLACE INTO crm_meta VALUES ('schema', ?)", [str(number)])


def _make_table(load: Load, entity: Entity) -> None:
    load.execute(schema.table_sql(entity))
    load.status_roles(entity.name, dict(entity.status_roles))
    # They come with the table, not by a changeset: whatever day is looked at, they are there.
    for id, record in enumerate(entity.shipped, 1):
        names, marks = ", ".join(map(quoted, ("id", *record))), ", ".join("?" * (len(record) + 1))
        sql = f"INSERT INTO {quoted(entity.name)} ({names}) VALUES ({marks})"
        load.execute(sql, [id, *record.values()])
