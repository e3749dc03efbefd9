"""A write is whole or not there, and says so."""

import datetime as dt
import gc
import threading
import time
from contextlib import suppress

import duckdb
import pytest

from crmpanel.errors import CrmError, StoreError, UnknownName
from crmpanel.query.query import Query
from crmpanel.store import open_

FULL_DISK = """
import resource, signal, sys
from crmpanel.errors import StoreError
from crmpanel.query.query import Query
from crmpanel.store import open_
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
count = Query("SELECT count(*) FROM organisation")
with open_(sys.argv[1]) as database:
    def write(rows):
        with database.load("Test", "test") as load:
            load.execute("INSERT INTO organisation (id, name) SELECT 1000 + i, repeat('x', 1000) "
                         "FROM range(?) AS r(i)", [rows])
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
    try:
        write(20_000)
        print("written")
    except StoreError as error:
        print(error.remedy)
    print(database.scalar(count))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    write(3)
    print(database.scalar(count))
"""


def organisations(database):
    return database.scalar(Query("SELECT count(*) FROM organisation"))


def add(load, id):
    load.execute("INSERT INTO organisation (id, name) VALUES (?, ?)", [id, "new"])


def test_a_load_is_committed(database, crm_path):
    with database.load("Test", "test") as load:
        add(load, 100)
        assert organisations(database) == 6
    assert organisations(database) == 7


class Oops(Exception):
    pass


@pytest.mark.parametrize("error", [Oops, KeyboardInterrupt, StoreError, GeneratorExit])
def test_an_error_undoes_everything(database, error):
    writes = database.writes
    with pytest.raises(error), database.load("Test", "test") as load:
        add(load, 100)
        raise error("x")
    assert organisations(database) == 6
    assert database.writes == writes
    with database.load("Test", "test") as load:
        add(load, 100)


def test_a_statement_that_fails_says_so(database):
    match = r"Nothing was written to crm\.duckdb.*Duplicate key"
    with pytest.raises(StoreError, match=match) as caught, database.load("T", "test") as load:
        add(load, 100)
        add(load, 1)
    assert isinstance(caught.value.__cause__, duckdb.Error)
    assert organisations(database) == 6


@pytest.mark.hardening(52)
@pytest.mark.parametrize(
    ("sql", "params"),
    [
        ("INSERT INTO organisation (id) VALUES (1)", []),
        ("INSERT INTO nope VALUES (1)", []),
        ("SELECT", []),
        ("INSERT INTO organisation (id) VALUES (?)", []),
        ("INSERT INTO organisation (id, name) VALUES (101, ?)", ["\ud800"]),
        ("INSERT INTO organisation (id, name) VALUES (101, ?)", [object()]),
    ],
)
def test_an_error_that_was_swallowed_fails_the_load_all_the_same(database, sql, params):
    """DuckDB would answer COMMIT with OK, and have rolled back."""
    with pytest.raises((CrmError, ValueError)), database.load("Test", "test") as load:
        add(load, 100)
        with suppress(Exception):
            load.execute(sql, params)
    assert organisations(database) == 6


def test_a_load_within_a_load_is_refused(database):
    with pytest.raises(StoreError, match="within another"), database.load("One", "test") as load:
        add(load, 100)
        with database.load("Two", "test"):
            pass
    assert organisations(database) == 6
    with database.load("Three", "test") as load:
        add(load, 100)


def test_two_threads_write_one_after_the_other(database):
    def write(first):
        for n in range(first, first + 5):
            with database.load("Test", "test") as load:
                add(load, n)

    threads = [threading.Thread(target=write, args=[first]) for first in (100, 200, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert organisations(database) == 6 + 15


@pytest.mark.hardening(51)
def test_threads_read_their_own_rows(database):
    """1,200 reads in four threads, each of an answer that no other thread asked for."""
    foreign = []

    def read(which):
        for n in range(300):
            asked = which * 1000 + n
            rows = database.rows(Query("SELECT ? + i FROM range(50) AS r(i)", (asked,)))
            if rows != [(asked + i,) for i in range(50)]:
                foreign.append(asked)

    threads = [threading.Thread(target=read, args=[which]) for which in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert foreign == []


def test_what_is_derived_follows_the_writes(database):
    assert database.status_roles("quotation")["B - Warm"] == "open"
    with database.load("Test", "test") as load:
        load.status_role("quotation", "B - Warm", "lost")
    assert database.status_roles("quotation")["B - Warm"] == "lost"
    assert database.status_roles("nope") == {}


def test_a_role_is_checked(database):
    with pytest.raises(UnknownName, match="Did you mean 'lost'"), database.load("T", "t") as load:
        load.status_role("quotation", "x", "losst")
    with (
        pytest.raises(UnknownName, match="Did you mean 'quotation'"),
        database.load("T", "t") as load,
    ):
        load.status_role("quotaton", "x", "lost")


def test_a_changeset_is_made_once_and_only_when_asked_for(database):
    sets = Query("SELECT why, source FROM changeset ORDER BY id")
    with database.load("Nothing", "test"):
        pass
    assert database.rows(sets) == []
    with database.load("Some", "import") as load:
        assert load.changeset == load.changeset == 1
    with database.load("More", "test") as load:
        assert load.changeset == 2
    assert database.rows(sets) == [("Some", "import"), ("More", "test")]


def test_row_counts_are_kept_with_each_commit(database, crm_path):
    with database.load("Test", "test") as load:
        load.executemany("INSERT INTO person (id) VALUES (?)", [[n] for n in range(100, 110)])
    kept = Query("SELECT rows FROM table_rows WHERE name = 'person'")
    assert database.scalar(kept) == 15


def test_every_statement_reaches_the_tracers(database, statements):
    with statements(database) as seen:
        database.rows(Query("SELECT ?", (1,)))
        with database.load("Test", "test") as load:
            add(load, 100)
        database.maintain("CHECKPOINT")
        database.relation(Query("SELECT 2"))
        with pytest.raises(duckdb.Error):
            database.rows(Query("SELEC"))
    assert [sql for sql, _ in seen] == [
        "SELECT ?",
        "INSERT INTO organisation (id, name) VALUES (?, ?)",
        "CHECKPOINT",
        "SELECT 2",
        "SELEC",
    ]
    assert seen[1][1] == (100, "new")


def test_a_relation_outlives_its_making(database):
    relation = database.relation(
        Query("SELECT id FROM organisation WHERE name = ?", ("Tvilling AS",))
    )
    gc.collect()
    assert sorted(relation.fetchall()) == [(5,), (6,)]


@pytest.mark.hardening(1, 2, 4)
def test_texts_and_dates_are_stored_exactly(database, hostile, insert_records):
    texts = [
        "a\0b",
        "\0",
        "\u202e",
        hostile,
        "  ",
        "\r\n\t",
        "0012",
        "x" * 1_000_000,
        "e\u0301",
        "é",
    ]
    moments = [dt.datetime.min, dt.datetime.max, dt.datetime(2026, 3, 29, 2, 30), None]
    rows = [dict(id=n, subject=text, date=moments[n % 4]) for n, text in enumerate(texts, 100)]
    with database.load("Test", "test") as load:
        insert_records(load, "activity", rows)
    stored = Query("SELECT id, subject, date FROM activity WHERE id >= 100 ORDER BY id")
    assert database.records(stored) == rows


@pytest.mark.hardening(62)
def test_a_full_disk_fails_the_write_and_nothing_else(crm_path, run_python):
    """The largest size of a file stands for the disk."""
    remedy, before, after = run_python(FULL_DISK, crm_path)
    assert "disk is full" in remedy
    assert (before, after) == ("6", "9")
    with open_(crm_path) as database:
        assert organisations(database) == 9


def test_closing_waits_for_reads_that_are_running(crm_path):
    """A page that is being left still reads in other threads."""
    found = []

    def read():
        found.append(
            database.scalar(
                Query("SELECT sum(a.range * b.range) FROM range(20000) AS a, range(3000) AS b")
            )
        )

    for _ in range(3):
        database = open_(crm_path)
        thread = threading.Thread(target=read)
        thread.start()
        time.sleep(0.05)
        database.close()
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 3
