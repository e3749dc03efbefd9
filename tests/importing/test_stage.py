"""The stage: every table and column of a source as text, before anything is known of it."""

import os

import pytest

from crmpanel.errors import ImportFailed, StoreError
from crmpanel.importing.sources import open_sources
from crmpanel.importing.stage import Stage, distinct
from crmpanel.store.scratch import Scratch


@pytest.fixture
def stage(database):
    """Stage a path."""
    opened = []

    def open_(path):
        opened.append(Stage(database, open_sources(path)[0]))
        return opened[-1].__enter__()

    yield open_
    for each in opened:
        each.close()


def read(stage, table):
    return stage.cursor.execute(
        f'SELECT * FROM {stage.relation(table)} ORDER BY "@line"'
    ).fetchall()


def test_all_tables_and_columns(export, stage):
    staged = stage(export(Weather=[["Day", "", "day"], ["1", " x ", ""], ["2", "y", "z"]]))
    assert list(staged.tables) == ["Account", "Contact", "Weather"]
    assert staged.tables["Weather"].columns == ("Day", "column 2", "day (2)")
    assert read(staged, "Weather") == [(2, "1", " x ", None), (3, "2", "y", "z")]
    assert staged.rows("Weather") == 2
    assert staged.filled("Weather", ["Day", "day (2)"]) == ["Day", "day (2)"]


def test_other_cursors_see_it_within_transactions(export, stage, database):
    staged = stage(export())
    with database.load("Look", "test") as load:
        load.execute(f"CREATE TEMP TABLE copied AS FROM {staged.relation('Account')}")
        assert load.execute("SELECT count(*) FROM copied").fetchone() == (1,)


def test_two_stages_at_once(export, stage):
    one, two = stage(folder := export()), stage(folder)
    assert one.relation("Account") != two.relation("Account")
    one.close()
    assert read(two, "Account") == [(2, "A1", "Fjord AS", "U1")]


def test_rows_that_cannot_be_read_are_kept(export, stage):
    staged = stage(export(Task=b"Id,Subject\nT1,a\nT2\nT3,b,c\n"))
    assert [(u.table, u.file, u.line, u.text) for u in staged.unread] == [
        ("Task", "Task.csv", 3, "T2"),
        ("Task", "Task.csv", 4, "T3 | b | c"),
    ]
    assert staged.rows("Task") == 1


def test_a_bad_table_fails_alone(export, stage):
    staged = stage(export(Task=b""))
    assert list(staged.failed) == ["Task"] and "Task" not in staged.tables
    with pytest.raises(ImportFailed, match="is empty"):
        staged.relation("Task")
    assert staged.rows("Account") == 1


def test_nothing_is_left_behind(export, stage, database, tmp_path):
    staged = stage(export())
    assert list(tmp_path.glob(".crm.duckdb.scratch-*"))
    staged.close()
    staged.close()
    assert not list(tmp_path.glob(".crm.duckdb.scratch-*"))
    attached = "SELECT count(*) FROM duckdb_databases() WHERE database_name LIKE 'scratch%'"
    assert database.cursor().execute(attached).fetchone() == (0,)


def test_what_a_killed_process_left_is_removed(database, tmp_path):
    left = tmp_path / f".crm.duckdb.scratch-{os.getpid()}0-1"
    left.mkdir()
    (left / "scratch.duckdb").write_bytes(b"x")
    other = tmp_path / ".other.duckdb.scratch-1-1"
    other.mkdir()
    Scratch(database).close()
    assert not left.exists() and other.exists()


def test_no_room(database, tmp_path, monkeypatch):
    monkeypatch.setattr("pathlib.Path.mkdir", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(StoreError, match="no room to work"):
        Scratch(database)


def test_names_are_distinct():
    assert distinct(("Id", "ID", "", "column 3", "@line", "id (2)")) == (
        "Id",
        "ID (3)",
        "column 3 (2)",
        "column 3",
        "@line (2)",
        "id (2)",
    )
