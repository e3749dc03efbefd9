"""A process that is killed, and files that are damaged."""

import random

import pytest

from crmpanel.errors import DamagedDatabase
from crmpanel.query.query import Query
from crmpanel.store import integrity, open_
from crmpanel.store.check import check
from crmpanel.store.integrity import Commit

HALF_WAY = """
import sys, time
from crmpanel.store import open_
database = open_(sys.argv[1])
with database.load("Test", "test") as load:
    load.execute("INSERT INTO organisation (id, name) SELECT 1000 + i, repeat('x', 100) "
                 "FROM range(50_000) AS r(i)")
    load.execute("DELETE FROM person")
    print("half way", flush=True)
    time.sleep(60)
"""
IDS = Query("SELECT id FROM organisation WHERE id >= 1000 ORDER BY id")


def kill_and_reopen(path, write_and_kill, times):
    chance, first = random.Random(1), 1000
    expected = []
    for _ in range(times):
        acknowledged = write_and_kill(path, first, writes=chance.randint(1, 4))
        expected += acknowledged
        with open_(path) as database:
            found = [row[0] for row in database.rows(IDS)]
            persons = database.rows(Query("SELECT id FROM person WHERE id >= 1000 ORDER BY id"))
        # The last write may have been committed and not yet acknowledged; and it is whole.
        assert found in (expected, [*expected, acknowledged[-1] + 1])
        assert [row[0] for row in persons] == found
        expected, first = found, found[-1] + 1


@pytest.mark.hardening(58)
def test_nothing_that_was_acknowledged_is_lost(crm_path, write_and_kill):
    kill_and_reopen(crm_path, write_and_kill, times=3)


@pytest.mark.soak
@pytest.mark.hardening(58)
def test_nothing_that_was_acknowledged_is_lost_in_250_kills(crm_path, write_and_kill):
    kill_and_reopen(crm_path, write_and_kill, times=250)


@pytest.mark.hardening(59)
def test_a_load_that_was_killed_leaves_the_old_state(crm_path, python_running):
    with python_running(HALF_WAY, crm_path) as process:
        assert process.stdout.readline() == "half way\n"
        process.kill()
        process.wait()
    with open_(crm_path) as database:
        assert database.rows(IDS) == []
        assert database.scalar(Query("SELECT count(*) FROM person")) == 5
        assert check(database) == []


# -- the write-ahead log -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def killed(crm_template, tmp_path_factory, write_and_kill, copy_all):
    """Two databases from one, each killed after some writes; the second wrote more."""
    folder = tmp_path_factory.mktemp("killed")
    one, other = (copy_all(crm_template, folder / name) for name in ("one.duckdb", "other.duckdb"))
    write_and_kill(one, writes=3)
    write_and_kill(other, writes=6)
    return one, other


@pytest.fixture
def crashed(killed, tmp_path, copy_all):
    return copy_all(killed[0], tmp_path / "crm.duckdb")


def log(path):
    return path.with_name(path.name + ".wal")


def test_an_undamaged_log_is_taken_in(crashed):
    with open_(crashed) as database:
        assert len(database.rows(IDS)) >= 3
    assert not log(crashed).exists()


@pytest.mark.hardening(60)
@pytest.mark.parametrize(
    "damage", ["removed", "emptied", "cut", "one byte", "foreign", "noise", "flip"]
)
def test_a_damaged_log_is_noticed_and_nothing_touched(crashed, killed, files, damage):
    content = bytearray(log(crashed).read_bytes())
    middle = len(content) // 2
    flipped = content[:]
    flipped[middle] ^= 1
    contents = {
        "emptied": b"",
        "cut": content[:middle],
        "one byte": content[:-1],
        "foreign": log(killed[1]).read_bytes(),
        "noise": random.Random(1).randbytes(5000),
        "flip": flipped,
    }
    log(crashed).unlink()
    if damage != "removed":
        log(crashed).write_bytes(contents[damage])
    before = files(crashed)
    with pytest.raises(DamagedDatabase) as caught:
        open_(crashed)
    assert "backup" in caught.value.remedy
    assert files(crashed) == before
    # What is put back opens.
    log(crashed).write_bytes(content)
    with open_(crashed) as database:
        assert len(database.rows(IDS)) >= 3


@pytest.mark.hardening(60)
def test_an_older_copy_in_place_of_the_file_is_noticed(crashed, crm_template):
    open_(crashed).close()
    crashed.write_bytes(crm_template.read_bytes())
    with pytest.raises(DamagedDatabase, match=r"delete crm\.duckdb\.commits"):
        open_(crashed)
    crashed.with_name("crm.duckdb.commits").unlink()
    with open_(crashed) as database:
        assert database.rows(IDS) == []


def test_rows_that_are_gone_are_noticed(crm_path, run_python):
    run_python(
        "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('DELETE FROM person')", crm_path
    )
    with pytest.raises(DamagedDatabase, match="table person: 0 rows, 5 expected"):
        open_(crm_path)


@pytest.mark.parametrize(
    ("found", "noted", "follows"),
    [
        ("3 c b", "3 c b", True),
        ("4 d c", "3 c b", True),  # killed before the note was written
        ("2 b a", "3 c b", False),
        ("5 e d", "3 c b", False),
        ("3 x b", "3 c b", False),
        ("4 d x", "3 c b", False),
        ("3", "3", True),
        ("3 c b", "3", True),
        ("2", "3", False),
    ],
)
def test_a_commit_follows_another(found, noted, follows):
    assert Commit.parse(found).follows(Commit.parse(noted)) is follows
    assert str(Commit.parse(found)) == found


@pytest.mark.hardening(62)
def test_a_commit_that_cannot_be_noted_is_a_commit(database, crm_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(integrity.os, "fsync", full)
    with database.load("Test", "test") as load:
        load.execute("INSERT INTO organisation (id) VALUES (1000)")
    assert not crm_path.with_name(crm_path.name + ".commits").exists()
    database.close()
    with open_(crm_path) as again:
        assert again.rows(IDS) == [(1000,)]


# -- the file itself -----------------------------------------------------------------------------


def contents(database):
    """A hash of all rows of each table."""
    names = [entity.name for entity in database.registry]
    query = " UNION ALL ".join(f"SELECT '{n}', bit_xor(hash(r)) FROM \"{n}\" AS r" for n in names)
    return dict(database.rows(Query(query)))


@pytest.mark.hardening(61)
def test_a_flipped_bit_is_noticed_or_does_no_harm(crm_path, tmp_path):
    """In 25 places where something stands; what stands in unused blocks may change unseen."""
    with open_(crm_path) as database:
        whole = contents(database)
    original, chance, noticed = crm_path.read_bytes(), random.Random(1), 0
    used = [at for at in range(0, len(original), 1024) if any(original[at : at + 1024])]
    for n in range(25):
        damaged = bytearray(original)
        page = chance.choice(used[:12] if n % 5 else used)
        damaged[page + chance.randrange(1024)] ^= 1 << chance.randrange(8)
        crm_path.write_bytes(damaged)
        try:
            with open_(crm_path) as database:
                findings = check(database)
                if not findings:
                    assert contents(database) == whole
                noticed += bool(findings)
        except DamagedDatabase as error:
            assert "Restore a backup" in error.remedy
            noticed += 1
    assert noticed >= 20
