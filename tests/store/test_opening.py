"""What is not a database of ours is refused, untouched, with words that help."""

import os
import re
import shutil
import socket
import sqlite3
import tempfile
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from crmpanel.entities import REGISTRY
from crmpanel.errors import (
    CrmError,
    ForeignDatabase,
    InputError,
    MissingDatabase,
    NewerDatabase,
    StoreError,
)
from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import NUMBER, TEXT
from crmpanel.query.query import Query
from crmpanel.store import create, exists, open_
from crmpanel.store.refusals import at_opening


def refuse(path, error, match, **options):
    with pytest.raises(error, match=match) as caught:
        open_(path, **options)
    assert caught.value.what
    assert caught.value.remedy
    return caught.value


def test_no_file(tmp_path):
    error = refuse(tmp_path / "none.duckdb", MissingDatabase, "no database at")
    assert "crmpanel demo --db" in error.remedy
    refuse(tmp_path / "none" / "none.duckdb", MissingDatabase, "no database at")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    refuse(tmp_path / "loop", StoreError, "cannot be opened")
    refuse(tmp_path / "a\0b", StoreError, "null")
    refuse(tmp_path / ("x" * 300), StoreError, "too long")
    assert list(tmp_path.glob("*none*")) == []


def test_a_folder(tmp_path):
    refuse(tmp_path, ForeignDatabase, "is a folder")


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"x" * 5000, b"\0" * 5000])
def test_another_file(tmp_path, files, content):
    path = tmp_path / "other.duckdb"
    path.write_bytes(content)
    before = files(path)
    refuse(path, ForeignDatabase, "no DuckDB file")
    assert files(path) == before


def test_a_file_of_sqlite(tmp_path):
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute("CREATE TABLE t (a)")
    error = refuse(tmp_path / "x.sqlite", ForeignDatabase, "SQLite")
    assert "crmpanel import" in error.remedy


def test_what_is_no_regular_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    refuse(tmp_path / "pipe", ForeignDatabase, "no DuckDB file")
    short = os.path.relpath(tmp_path / "s")  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(short)
        refuse(tmp_path / "s", ForeignDatabase, "no DuckDB file")


def test_a_database_of_somebody_else(tmp_path, files):
    path = tmp_path / "theirs.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE organisation (a INTEGER)")
    before = files(path)
    refuse(path, ForeignDatabase, "not one of crmpanel's")
    assert files(path) == before


@pytest.mark.hardening(78)
@pytest.mark.parametrize("log", [False, True], ids=["closed", "with a log"])
def test_a_newer_schema(crm_path, run_python, files, log):
    change = "UPDATE crm_meta SET value = '99' WHERE key = 'schema'"
    leave = "import os; os._exit(0)" if log else "connection.close()"
    run_python(
        f"import duckdb, sys; connection = duckdb.connect(sys.argv[1])\n"
        f'connection.execute("{change}"); {leave}',
        crm_path,
    )
    before = files(crm_path)
    assert ("crm.duckdb.wal" in before) is log
    refuse(crm_path, NewerDatabase, "number 99; this version knows up to 4")
    assert files(crm_path) == before


@pytest.mark.hardening(78)
@pytest.mark.parametrize(
    "text",
    [
        "Trying to read a database file with storage version number 199, but we can only read "
        "storage versions between 64 and 68.",
        "file was written with a storage version greater than the latest version supported by "
        "this DuckDB instance. Try opening the file with a newer version of DuckDB.",
    ],
)
def test_a_newer_duckdb(tmp_path, text):
    """Such a file cannot be made here: its header has a checksum."""
    error = at_opening(tmp_path / "x.duckdb", duckdb.IOException(text))
    assert isinstance(error, NewerDatabase)
    assert "Upgrade DuckDB" in error.remedy


@contextmanager
def ordinary_user():
    """Root may write everywhere; whoever runs the tests as root does this as nobody."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def public_folder():
    """A folder that another user can reach."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        yield Path(folder)
        os.chmod(folder, 0o777)


@pytest.mark.hardening(79)
def test_a_folder_that_cannot_be_written(crm_template, public_folder):
    path = public_folder / "crm.duckdb"
    shutil.copy(crm_template, path)
    path.chmod(0o666)
    public_folder.chmod(0o555)
    with ordinary_user():
        error = refuse(path, StoreError, "cannot be opened for writing.*Permission denied")
        assert "write access to the file and its folder" in error.remedy
        with pytest.raises(StoreError, match="cannot be opened for writing"):
            create(public_folder / "new.duckdb")


@pytest.mark.hardening(79)
@pytest.mark.parametrize("mode", [0o444, 0o000], ids=["read only", "no access"])
def test_a_file_that_cannot_be_written(crm_template, public_folder, files, mode):
    path = public_folder / "crm.duckdb"
    shutil.copy(crm_template, path)
    path.chmod(mode)
    with ordinary_user():
        refuse(path, StoreError, "cannot be opened for writing.*denied")
    assert path.read_bytes() == crm_template.read_bytes()


def test_a_new_database(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with create("new.duckdb") as database:
        assert database.path == tmp_path / "new.duckdb"
        tables = "SELECT table_name FROM duckdb_tables()"
        assert {row[0] for row in database.rows(Query(tables))} >= {e.name for e in REGISTRY}
        assert database.status_roles("activity")["Completed"] == "completed"
    assert exists("new.duckdb")
    with open_("new.duckdb") as database:
        assert database.scalar(Query("SELECT count(*) FROM organisation")) == 0


def test_a_file_is_only_replaced_when_asked_and_only_a_database(crm_path, tmp_path):
    with pytest.raises(StoreError, match="exists already"):
        create(crm_path)
    with create(crm_path, overwrite=True) as database:
        assert database.scalar(Query("SELECT count(*) FROM organisation")) == 0
    (tmp_path / "notes.txt").write_text("dear diary")
    with pytest.raises(ForeignDatabase):
        create(tmp_path / "notes.txt", overwrite=True)
    assert (tmp_path / "notes.txt").read_text() == "dear diary"
    with pytest.raises(CrmError):
        create(tmp_path, overwrite=True)
    with pytest.raises(StoreError, match="no folder"):
        create(tmp_path / "no" / "new.duckdb")


def test_what_was_left_of_an_older_database_does_no_harm(crm_path):
    crm_path.unlink()
    crm_path.with_name("crm.duckdb.wal").write_bytes(b"left over" * 1000)
    crm_path.with_name("crm.duckdb.commits").write_text("99 abc def")
    with create(crm_path):
        pass
    with open_(crm_path) as database:
        assert database.scalar(Query("SELECT count(*) FROM organisation")) == 0


def test_a_database_that_came_to_nothing_leaves_nothing(tmp_path):
    database = create(tmp_path / "x.duckdb")
    database.discard()
    database.close()
    assert [file.name for file in tmp_path.iterdir()] == ["x.duckdb.lock"]
    assert not exists(tmp_path / "x.duckdb")


# -- declarations that grew ----------------------------------------------------------------------


def test_an_old_database_gets_what_was_declared_since(crm_path, toy, toy_registry, insert_records):
    more = Field("horsepower", NUMBER)
    grown = Entity(**{**declaration(toy), "own_fields": (*toy.own_fields, more)})
    with open_(crm_path, toy_registry) as database:
        assert database.status_roles("vehicle") == {"Sold": "completed"}
        with database.load("Test", "test") as load:
            insert_records(load, "vehicle", [dict(id=1, plate="AB 1")])
    with open_(crm_path, REGISTRY.with_(grown)) as database:
        assert database.records(Query("SELECT plate, horsepower FROM vehicle")) == [
            {"plate": "AB 1", "horsepower": None}
        ]
        assert database.scalar(Query("SELECT count(*) FROM organisation")) == 6
    with open_(crm_path) as database:
        assert database.scalar(Query("SELECT count(*) FROM vehicle")) == 1


def test_opening_an_unchanged_database_writes_nothing(crm_path, statements, files):
    before = files(crm_path)
    open_(crm_path).close()
    assert files(crm_path) == before


def test_a_field_declared_with_another_type_is_refused(crm_path, toy, files, toy_registry):
    open_(crm_path, toy_registry).close()
    fields = tuple(Field("price", TEXT) if f.name == "price" else f for f in toy.own_fields)
    changed = {
        **declaration(toy),
        "own_fields": fields,
        "measures": toy.measures[1:],
        "amount": None,
    }
    before = files(crm_path)
    refuse(
        crm_path,
        StoreError,
        re.escape("Column price of table vehicle holds DECIMAL(18,2), not VARCHAR."),
        registry=REGISTRY.with_(Entity(**changed)),
    )
    assert files(crm_path) == before


@pytest.mark.parametrize("name", ["changeset", "crm_meta", "favourite"])
def test_an_entity_cannot_be_called_like_a_table_of_the_system(tmp_path, crm_path, toy, name):
    registry = REGISTRY.with_(Entity(**{**declaration(toy), "name": name}))
    with pytest.raises(InputError, match="Every database has a table of that name"):
        create(tmp_path / "new.duckdb", registry)
    with pytest.raises(InputError, match="Every database has a table of that name"):
        open_(crm_path, registry)


def declaration(entity):
    """What an entity was declared with."""
    names = entity.__dataclass_fields__
    return {name: getattr(entity, name) for name in names}
