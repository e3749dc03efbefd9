"""check, optimize and export."""

from contextlib import suppress

import pytest

from crmpanel.errors import DamagedDatabase, StoreError
from crmpanel.model.changeset import Changeset, Keep
from crmpanel.query.query import Query
from crmpanel.store import open_
from crmpanel.store.check import check
from crmpanel.store.optimize import optimize

#: A file of DuckDB: three headers, then blocks.
HEADERS, BLOCK = 3 * 4096, 256 * 1024


def write(database, *statements):
    with database.load("Test", "test") as load:
        for statement in statements:
            load.execute(statement)


# -- check ---------------------------------------------------------------------------------------


def test_a_whole_database_has_no_findings(database):
    seen = []
    assert check(database, lambda stage, done: seen.append(done)) == []
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


@pytest.mark.parametrize(
    ("sql", "finding"),
    [
        (
            "UPDATE activity SET person_id = 99 WHERE id IN (1, 2)",
            "2 rows (id 1, 2) of activity refer to a person that does not exist (person_id).",
        ),
        (
            "UPDATE quotation SET responsible2_id = 98 WHERE id = 1",
            "1 rows (id 1) of quotation refer to a user that does not exist (responsible2_id).",
        ),
        (
            "UPDATE organisation SET status = 'Closed' WHERE id = 1",
            "1 rows (id 1) of organisation have another status than the log says.",
        ),
        (
            "UPDATE organisation SET status = NULL WHERE id = 1",
            "1 rows (id 1) of organisation have another status than the log says.",
        ),
        (
            "UPDATE activity SET responsible_id = 2 WHERE id = 1",
            "1 rows (id 1) of activity have another responsible_id than the log says.",
        ),
        (
            "UPDATE change SET field = 'nope' WHERE id = 2",
            "The log has changes of organisation.nope, a field that is not declared.",
        ),
    ],
)
def test_what_is_planted_is_found(database, sql, finding):
    write(database, sql)
    assert check(database) == [finding]


def test_many_findings_name_the_first(database):
    write(
        database,
        "INSERT INTO person (id, organisation_id) SELECT 100 + i, 77 FROM range(1234) r(i)",
    )
    [finding] = check(database)
    assert finding.startswith("1,234 rows (id 100, 101, 102, 103, 104, …) of person refer to")


def test_only_the_newest_log_row_counts(database):
    write(
        database,
        "UPDATE organisation SET status = 'Closed' WHERE id = 1",
        'INSERT INTO change (id, "at", entity, record_id, field, old_value, new_value) VALUES '
        "(9, '2026-02-01', 'organisation', 1, 'status', 'Active', 'Closed')",
    )
    assert check(database) == []


# -- optimize ------------------------------------------------------------------------------------


def contents(database):
    names = Query("SELECT table_name FROM duckdb_tables() WHERE NOT internal")
    return {
        name: database.rows(Query(f'SELECT count(*), bit_xor(hash(r)) FROM "{name}" AS r'))
        for (name,) in database.rows(names)
    }


def test_optimize_sorts_every_table_and_keeps_every_row(database, crm_path):
    write(
        database,
        "INSERT INTO activity (id, organisation_id, subject, date) SELECT 1000 + i, "
        "1 + (i * 7919) % 6, 'n ' || i, '2026-01-01'::TIMESTAMP + to_minutes(i * 31 % 977) "
        "FROM range(5000) AS r(i)",
    )
    keep = Keep("favourite", {"entity": "organisation", "record_id": 1})
    database.apply(Changeset((keep,), viewer="kn"))
    before, seen = contents(database), []
    sizes = optimize(database, lambda stage, done: seen.append(done))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert sizes[1] == crm_path.stat().st_size
    assert not list(crm_path.parent.glob("*optimizing*"))
    with open_(crm_path) as again:
        assert contents(again) == before
        assert check(again) == []
        stored = again.rows(Query("SELECT organisation_id, date, id FROM activity ORDER BY rowid"))
        known = [row for row in stored if None not in row]
        assert known == sorted(known)
        with pytest.raises(StoreError, match="Duplicate key"):
            write(again, "INSERT INTO activity (id) VALUES (1)")


def test_what_an_interrupted_run_left_does_no_harm(database, crm_path):
    for name in ("crm.duckdb.optimizing", "crm.duckdb.optimizing.wal"):
        crm_path.with_name(name).write_bytes(b"left over" * 1000)
    before = contents(database)
    optimize(database)
    with open_(crm_path) as again:
        assert contents(again) == before
    assert not list(crm_path.parent.glob("*optimizing*"))


def test_an_error_leaves_the_old_file(database, crm_path):
    def fail(stage, done):
        if done > 0.5:
            raise KeyboardInterrupt

    before = contents(database)
    with pytest.raises(KeyboardInterrupt):
        optimize(database, fail)
    assert not list(crm_path.parent.glob("*optimizing*"))
    assert contents(database) == before


def test_a_database_in_use_is_not_exchanged(database, crm_path):
    with open_(crm_path), pytest.raises(StoreError, match="open elsewhere"):
        optimize(database)
    assert database.users == 1


# -- damage ---------------------------------------------------------------------------------------


def test_a_block_that_cannot_be_read_is_told(crm_path):
    """Whoever reads it hears that the file is damaged, not what DuckDB raised."""
    intact = crm_path.read_bytes()
    for start in range(HEADERS, len(intact), BLOCK):
        damaged = bytearray(intact)
        damaged[start + 100] ^= 1
        crm_path.write_bytes(damaged)
        with suppress(DamagedDatabase), open_(crm_path) as database:
            if has_damaged_rows(database):
                return
    pytest.fail("no block of rows was hit")


def has_damaged_rows(database):
    try:
        for entity in database.registry:
            database.rows(Query(f'SELECT * FROM "{entity.name}"'))
    except DamagedDatabase as error:
        return "Restore a backup" in error.remedy
    return False
