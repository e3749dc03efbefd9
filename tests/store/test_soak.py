"""Killed at any moment: every acknowledged changeset is whole, and none is half applied."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crmpanel.entities import REGISTRY
from crmpanel.model.changeset import Changeset, Create
from crmpanel.query.query import Query
from crmpanel.store import create, open_
from crmpanel.store.check import check

PROGRAM = Path(__file__).with_name("soaking.py")
LOGGED = Query("SELECT changeset, count(*) FROM change GROUP BY changeset")
MADE = Query("SELECT id FROM changeset")
STORED = [entity for entity in REGISTRY if not entity.about]


def killed(path, seed, seconds):
    """What a process acknowledged before it was killed, some time after its first write.

    Log rows by number of the changeset.
    """
    command = [sys.executable, str(PROGRAM), str(path), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        first = process.stdout.readline()
        assert first, "the process has not begun to write"
        time.sleep(seconds)
        process.kill()
        lines = [first, *process.stdout]
        # The last line may be half written.
        pairs = [line.split() for line in lines if line.endswith("\n")]
        return {int(number): int(rows) for number, rows in pairs}


def rows(database, entity):
    """Every value of every record as the log writes it."""
    names = ", ".join(f'CAST("{name}" AS VARCHAR) AS "{name}"' for name in entity.fields)
    for row in database.records(Query(f'SELECT {names} FROM "{entity.name}"')):
        yield int(row["id"]), {name: text for name, text in row.items() if text is not None}


def held(database):
    """What the tables say."""
    return {(e.name, id): row for e in STORED for id, row in rows(database, e)}


class Replay:
    """What the log says, read on from where it was read before.

    Parameters
    ----------
    shipped : what the database was made with, which the log does not tell.
    """

    def __init__(self, shipped):
        self.records = {key: dict(record) for key, record in shipped.items()}
        self.last = 0

    def read(self, database):
        query = Query("SELECT * FROM change WHERE id > ? ORDER BY id", (self.last,))
        for row in database.records(query):
            record = self.records.setdefault((row["entity"], row["record_id"]), {})
            assert record.get(row["field"]) == row["old_value"], row
            record.pop(row["field"], None)
            if row["new_value"] is not None:
                record[row["field"]] = row["new_value"]
            self.last = row["id"]
        self.records = {key: record for key, record in self.records.items() if record}
        return self.records


def soak(path, shipped, kills, longest):
    chance, replay, acknowledged = random.Random(1), Replay(shipped), {}
    for seed in range(kills):
        acknowledged |= killed(path, seed, chance.uniform(0, longest))
        with open_(path) as database:
            assert held(database) == replay.read(database)
            logged = dict(database.rows(LOGGED))
            made = {number for (number,) in database.rows(MADE)}
            assert {number: logged[number] for number in acknowledged} == acknowledged
            assert made == logged.keys()
            # One more may have been committed before each kill, and not yet be acknowledged.
            assert len(made) <= len(acknowledged) + seed + 2
            if seed % 25 == 0:
                assert check(database) == []
    return acknowledged


@pytest.fixture
def empty(tmp_path):
    """A database with something to begin with, and what it held before, of which no log tells."""
    path = tmp_path / "crm.duckdb"
    with create(path) as database:
        shipped = held(database)
        parts = [Create("organisation", {"name": f"No. {n}"}) for n in range(6)]
        database.apply(Changeset(tuple(parts)))
    assert len(shipped) == sum(len(entity.shipped) for entity in REGISTRY)
    return path, shipped


@pytest.mark.hardening(58)
def test_what_was_acknowledged_is_whole_after_a_kill(empty):
    assert len(soak(*empty, kills=6, longest=0.6)) >= 6


@pytest.mark.soak
@pytest.mark.hardening(58)
def test_what_was_acknowledged_is_whole_after_250_kills(empty):
    acknowledged = soak(*empty, kills=250, longest=1.5)
    print(f"{len(acknowledged):,} changesets acknowledged, none lost")
    assert len(acknowledged) > 500
    with open_(empty[0]) as database:
        sources = {source for (source,) in database.rows(Query("SELECT source FROM changeset"))}
    assert sources == {"edit", "mass edit", "merge", "undo", "restore"}


@pytest.mark.hardening(58)
def test_the_check_sees_a_changeset_that_is_half_applied(empty):
    """What the tests above rest on."""
    path, shipped = empty
    with open_(path) as database:
        assert held(database) == Replay(shipped).read(database)
        with database.load("Test", "test") as load:
            load.execute("DELETE FROM change WHERE id = (SELECT max(id) FROM change)")
        assert held(database) != Replay(shipped).read(database)
