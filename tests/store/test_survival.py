"""One owner, nothing acknowledged lost: locks, killed writers, broken files."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from crmpanel.errors import (
    CrmError,
    DamagedDatabase,
    ForeignDatabase,
    LockedDatabase,
    MissingDatabase,
    NewerDatabase,
    StoreError,
)
from crmpanel.query.query import Query
from crmpanel.store import create, open_
from crmpanel.store.check import check
from crmpanel.store.optimize import optimize

OPEN = "import sys; from crmpanel.store import open_; open_(sys.argv[1])"
#: Writes users one load at a time, says so after each, and waits to be killed.
WRITE = """
import sys
from crmpanel.store import open_
database = open_(sys.argv[1])
for n in range(int(sys.argv[2]), 100000):
    with database.load("test", "test") as load:
        load.execute('INSERT INTO "user" (id, name) VALUES (?, ?)', [n, f"user {n}"])
    print(n, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    target = tmp_path / "crm.duckdb"
    create(target).close()
    return target


def in_other_process(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", OPEN, str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def users(path: Path) -> int:
    with open_(path) as database:
        return int(database.scalar(Query('SELECT count(*) FROM "user"')))


def fill(path: Path, rows: int = 20_000) -> None:
    with open_(path) as database, database.load("test", "test") as load:
        load.execute(
            "INSERT INTO organisation (id, name, city) "
            f"SELECT i, 'Organisation ' || i, md5(i::VARCHAR) FROM range({rows}) AS r(i)"
        )


def killed_writer(path: Path, after: int, first: int = 0) -> int:
    """Kill -9 a process after it acknowledged some loads; returns how many it did."""
    command = [sys.executable, "-c", WRITE, str(path), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        acknowledged = 0
        for _line in writer.stdout:
            acknowledged += 1
            if acknowledged == after:
                writer.send_signal(signal.SIGKILL)
        return acknowledged


@pytest.mark.hardening(53)
@pytest.mark.hardening(54)
@pytest.mark.hardening(55)
def test_only_one_process_owns_a_database(path: Path, tmp_path: Path) -> None:
    symlink, hardlink = tmp_path / "link.duckdb", tmp_path / "other" / "hard.duckdb"
    hardlink.parent.mkdir()
    symlink.symlink_to(path)
    os.link(path, hardlink)
    with open_(path):
        # Opening and closing the file drops DuckDB's own lock, not ours.
        shutil.copy(path, tmp_path / "copy.duckdb")
        for name in (path, symlink, hardlink):
            refused = in_other_process(name)
            assert "LockedDatabase" in refused.stderr
            assert str(os.getpid()) in refused.stderr
    assert in_other_process(path).returncode == 0


def test_one_process_shares_a_database_it_opens_twice(path: Path) -> None:
    first, second = open_(path), open_(path)
    first.close()
    assert second.rows(Query("SELECT 1")) == [(1,)]
    second.close()
    assert in_other_process(path).returncode == 0


@pytest.mark.hardening(58)
def test_a_killed_writer_loses_nothing_acknowledged(path: Path) -> None:
    total = 0
    for after in (1, 4, 9):
        total += killed_writer(path, after, first=total * 10 + 1)
        found = users(path)
        assert found >= total  # one more may have been written but not yet acknowledged
        total = found


@pytest.mark.hardening(60)
@pytest.mark.parametrize("harm", ["removed", "truncated", "foreign"])
def test_a_lost_write_ahead_log_is_noticed(path: Path, harm: str) -> None:
    killed_writer(path, after=5)
    log = path.with_name(path.name + ".wal")
    if harm == "removed":
        log.unlink()
    elif harm == "truncated":
        log.write_bytes(log.read_bytes()[:40])
    else:
        log.write_bytes(random.Random(1).randbytes(4096))
    with pytest.raises(DamagedDatabase) as error:
        open_(path)
    assert error.value.remedy


@pytest.mark.hardening(61)
def test_flipped_bytes_are_found(path: Path) -> None:
    fill(path)
    whole, dice = path.read_bytes(), random.Random(7)
    before = answer(path)
    for _ in range(25):
        harmed = bytearray(whole)
        harmed[dice.randrange(len(harmed))] ^= 1 << dice.randrange(8)
        path.write_bytes(harmed)
        path.with_name(path.name + ".wal").unlink(missing_ok=True)
        assert found_out(path) or answer(path) == before


def found_out(path: Path) -> bool:
    """Whether opening or checking says that something is wrong."""
    try:
        with open_(path) as database:
            return bool(check(database))
    except StoreError as error:
        return bool(str(error))


def answer(path: Path) -> object:
    with open_(path) as database:
        return database.rows(Query("SELECT count(*), bit_xor(hash(r)) FROM organisation AS r"))


@pytest.mark.hardening(78)
def test_a_newer_database_is_refused_untouched(path: Path) -> None:
    with open_(path) as database, database.load("test", "test") as load:
        load.execute("UPDATE crm_meta SET value = '999' WHERE key = 'schema'")
    before = hashlib.sha256(path.read_bytes()).digest()
    with pytest.raises(NewerDatabase):
        open_(path)
    assert hashlib.sha256(path.read_bytes()).digest() == before


def test_files_that_are_no_databases(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "empty.duckdb").touch()
    for name, error in (
        ("nothing.duckdb", MissingDatabase),
        ("notes.txt", ForeignDatabase),
        ("empty.duckdb", ForeignDatabase),
        (".", ForeignDatabase),
    ):
        with pytest.raises(error) as raised:
            open_(tmp_path / name)
        assert raised.value.remedy


def test_a_failed_load_changes_nothing(path: Path) -> None:
    with open_(path) as database:
        with pytest.raises(ZeroDivisionError), database.load("test", "test") as load:
            load.execute("INSERT INTO \"user\" (id, name) VALUES (1, 'Kari')")
            raise ZeroDivisionError
        # DuckDB would answer this COMMIT with OK, and have rolled back.
        with pytest.raises(CrmError), database.load("test", "test") as load:
            load.execute("INSERT INTO \"user\" (id, name) VALUES (2, 'Ola')")
            with pytest.raises(Exception, match="nowhere"):
                load.execute("SELECT * FROM nowhere")
    assert users(path) == 0


@pytest.mark.hardening(51)
def test_threads_never_see_each_others_rows(path: Path) -> None:
    fill(path, 2_000)
    wrong: list[object] = []

    def read(start: int) -> None:
        for i in range(start, start + 300):
            rows = database.rows(Query("SELECT id, name FROM organisation WHERE id = ?", (i,)))
            if rows != [(i, f"Organisation {i}")]:
                wrong.append(rows)

    with open_(path) as database:
        threads = [threading.Thread(target=read, args=(n * 300,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_check_finds_what_was_planted(path: Path) -> None:
    with open_(path) as database:
        with database.load("test", "test") as load:
            load.execute(
                "INSERT INTO organisation (id, name, responsible_id, city) "
                "VALUES (1, 'Nordlys', 99, 'Bergen')"
            )
            load.execute(
                'INSERT INTO "change" (id, organisation_id, "at", action, entity, record_id, '
                "field, new_value) VALUES (1, 1, TIMESTAMP '2026-01-01', 'changed', "
                "'organisation', 1, 'city', 'Oslo')"
            )
        findings = " ".join(check(database))
    assert "responsible_id" in findings
    assert "city" in findings


def test_optimize_sorts_by_organisation_and_keeps_every_row(path: Path) -> None:
    with open_(path) as database, database.load("test", "test") as load:
        load.execute("INSERT INTO organisation (id, name) SELECT i, i::VARCHAR FROM range(50) r(i)")
        load.execute(
            "INSERT INTO activity (id, organisation_id, subject, date) SELECT i, i % 50, "
            "'Call ' || i, TIMESTAMP '2026-01-01' - to_days((i % 97)::INT) FROM range(9000) r(i)"
        )
    content = Query("SELECT count(*), bit_xor(hash(r)) FROM activity AS r")
    with open_(path) as database:
        before = database.rows(content)
        optimize(database)
    with open_(path) as database:
        assert database.rows(content) == before
        stored = database.rows(Query("SELECT organisation_id, date FROM activity ORDER BY rowid"))
        assert stored == sorted(stored)
        assert check(database) == []
