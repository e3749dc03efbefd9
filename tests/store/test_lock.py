"""One process owns a database, and whoever else asks is told which."""

import os
import shutil

import pytest

from crmpanel.errors import LockedDatabase, StoreError
from crmpanel.query.query import Query
from crmpanel.store import create, lock, open_
from crmpanel.store.lock import Ownership

HOLDER = """
import duckdb, sys, time
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
time.sleep(60)
"""


@pytest.mark.hardening(53, 54, 55)
def test_another_process_is_refused_whatever_it_calls_the_file(crm_path, open_elsewhere, tmp_path):
    links = [tmp_path / "symbolic.duckdb", tmp_path / "hard.duckdb", tmp_path / "deep" / "x.duckdb"]
    links[0].symlink_to(crm_path)
    links[1].hardlink_to(crm_path)
    links[2].parent.mkdir()
    links[2].symlink_to(links[0])
    with open_(crm_path):
        crm_path.read_bytes()  # which drops DuckDB's own lock
        shutil.copy(crm_path, tmp_path / "copy.duckdb")
        told = open_elsewhere(crm_path, *links, tmp_path / "copy.duckdb")
    assert told[-1] == "opened"
    for line in told[:-1]:
        assert line.startswith("LockedDatabase")
        assert f"process {os.getpid()} (" in line
        assert f"kill {os.getpid()}" in line
    assert open_elsewhere(crm_path) == ["opened"]


@pytest.mark.hardening(53)
def test_a_process_without_crmpanel_is_named_too(crm_path, python_running):
    with python_running(HOLDER, crm_path) as holder:
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(LockedDatabase, match=str(holder.pid)):
            open_(crm_path)


@pytest.mark.hardening(53)
def test_the_owner_who_was_killed_owns_nothing(crm_path, write_and_kill):
    write_and_kill(crm_path, writes=1)
    with open_(crm_path):
        pass


def test_one_process_shares_its_database(crm_path, tmp_path):
    (tmp_path / "symbolic.duckdb").symlink_to(crm_path)
    (tmp_path / "hard.duckdb").hardlink_to(crm_path)
    one = open_(crm_path)
    others = [
        open_(str(crm_path)),
        open_(tmp_path / "symbolic.duckdb"),
        open_(tmp_path / "hard.duckdb"),
    ]
    assert all(other is one for other in others)
    assert one.users == 4
    for other in others:
        other.close()
    assert one.scalar(Query("SELECT 1")) == 1
    one.close()
    one.close()
    assert one.users == 0
    with pytest.raises(StoreError, match="is closed"):
        one.scalar(Query("SELECT 1"))
    with pytest.raises(StoreError, match="is closed"):
        one.relation(Query("SELECT 1"))
    with open_(crm_path) as again:
        assert again is not one


def test_a_database_is_not_shared_with_other_entities(crm_path, toy_registry):
    with open_(crm_path) as database:
        with pytest.raises(StoreError, match="other entities"):
            open_(crm_path, toy_registry)
        assert database.users == 1


def test_an_open_database_is_not_replaced(crm_path, tmp_path):
    (tmp_path / "hard.duckdb").hardlink_to(crm_path)
    with open_(crm_path) as database:
        for path in (crm_path, tmp_path / "hard.duckdb"):
            with pytest.raises(LockedDatabase, match="in use"):
                create(path, overwrite=True)
        assert database.scalar(Query("SELECT count(*) FROM organisation")) == 6


def test_a_lock_that_nobody_holds_is_no_obstacle(crm_path):
    sidecar = crm_path.with_name(crm_path.name + ".lock")
    for content in ("", "nonsense", '{"pid": 1}', '{"pid": "x"}', "[]"):
        sidecar.write_text(content)
        open_(crm_path).close()


def test_waiting_processes_do_not_hide_the_owner(crm_path, monkeypatch):
    """``/proc/locks`` has lines of another shape for those who wait."""
    status = crm_path.stat()
    device = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    lines = (
        f"1: -> FLOCK  ADVISORY  WRITE 99 {device} 0 EOF\n"
        f"2: POSIX  ADVISORY  WRITE 98 {device} 0 EOF\n"
        f"3: FLOCK  ADVISORY  WRITE 97 {device} 0 EOF\n"
    )
    monkeypatch.setattr(lock.Path, "read_text", lambda self: lines)
    with crm_path.open() as file:
        assert lock._holder(file.fileno()) == 97


def test_ownership_is_given_up(crm_path):
    one = Ownership(crm_path)
    with pytest.raises(LockedDatabase):
        Ownership(crm_path)
    one.release()
    Ownership(crm_path).release()
