"""The build as a whole: sizes, reproducibility, refusals, clustering."""

import datetime as dt

import duckdb
import pytest

from crmpanel import demo
from crmpanel.demo.building import batches
from crmpanel.entities import REGISTRY
from crmpanel.errors import InputError
from crmpanel.store import create
from crmpanel.store.schema import cluster_order

from .conftest import ORGANISATIONS, TODAY

TABLES = [*(entity.name for entity in REGISTRY), "changeset", "content", "status_role"]


def fingerprint(path):
    """Number of rows and a hash of every table, whatever the order of the rows."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return {
            table: connection.execute(
                f'SELECT count(*), bit_xor(hash(t)), sum(hash(t)) FROM "{table}" AS t'
            ).fetchone()
            for table in TABLES
        }


def make(path, organisations=41, activities=600, **options):
    with create(path) as database:
        return demo.build(database, organisations, activities, **{"today": TODAY, **options})


def test_the_counts_are_those_asked_for(built, value):
    counts = built[1]
    assert counts["organisation"] == ORGANISATIONS
    assert counts["activity"] == pytest.approx(100 * ORGANISATIONS, rel=0.01)
    assert counts["change"] == pytest.approx(2 * counts["activity"], rel=0.03)
    for table, count in counts.items():
        assert value(f'SELECT count(*) FROM "{table}"') == count > 0


@pytest.mark.parametrize(
    ("table", "per_organisation"),
    [
        ("person", 5),
        ("quotation", 8),
        ("ticket", 6),
        ("meeting", 8),
        ("product", 6),
        ("document", 6),
        ("email", 22),
    ],
)
def test_the_other_entities_are_in_proportion(built, table, per_organisation):
    assert built[1][table] / ORGANISATIONS == pytest.approx(per_organisation, rel=0.45)


def test_the_same_seed_and_day_give_the_same_rows(tmp_path):
    make(tmp_path / "one.duckdb")
    make(tmp_path / "two.duckdb")
    make(tmp_path / "other.duckdb", seed=7)
    one = fingerprint(tmp_path / "one.duckdb")
    assert one == fingerprint(tmp_path / "two.duckdb")
    other = fingerprint(tmp_path / "other.duckdb")
    assert {t for t in TABLES if one[t] == other[t]} == {"user", "link", "content", "status_role"}


@pytest.mark.timeout(600)
def test_batches_change_nothing_but_the_rounding(tmp_path, monkeypatch):
    """A build in three batches has the organisations, persons and activities of a build in one."""
    make(tmp_path / "one.duckdb", organisations=90)
    monkeypatch.setattr("crmpanel.demo.building.BATCH_BLOCKS", 1)
    assert len(list(batches(90, 600))) == 3
    make(tmp_path / "three.duckdb", organisations=90)
    one, three = fingerprint(tmp_path / "one.duckdb"), fingerprint(tmp_path / "three.duckdb")
    same = {t for t in TABLES if one[t] == three[t]}
    assert same >= set(TABLES) - {"change", "changeset"}


@pytest.mark.parametrize("organisations", [1, 41])
def test_any_size_can_be_built(tmp_path, organisations):
    counts = make(tmp_path / "any.duckdb", organisations=organisations, activities=0)
    assert (counts["organisation"], counts["activity"]) == (organisations, 0)


def test_today_may_be_a_leap_day(tmp_path):
    assert make(tmp_path / "leap.duckdb", organisations=2, today=dt.date(2028, 2, 29))["person"]


@pytest.mark.parametrize("wrong", [{"organisations": 0}, {"activities": -1}])
def test_impossible_numbers_are_refused(tmp_path, wrong):
    with pytest.raises(InputError):
        make(tmp_path / "wrong.duckdb", **wrong)


def test_a_database_with_data_is_refused(tmp_path):
    with create(tmp_path / "twice.duckdb") as database:
        demo.build(database, 1, 0, today=TODAY)
        with pytest.raises(InputError, match="empty"):
            demo.build(database, 1, 0, today=TODAY)


def test_progress_runs_from_nothing_to_all(tmp_path):
    seen = []
    make(tmp_path / "progress.duckdb", progress=lambda what, share: seen.append((what, share)))
    shares = [share for _, share in seen]
    assert shares == sorted(shares) and 0 < shares[0] < 0.2 and shares[-1] == 1
    assert all(what for what, _ in seen)


@pytest.mark.parametrize("entity", [e for e in REGISTRY if e.organisation], ids=lambda e: e.name)
def test_rows_lie_by_organisation_and_date_and_are_numbered_so(rows, entity):
    """Stored in the order of their ids, and that is the clustering order."""
    stored = [row[0] for row in rows(f'SELECT id FROM "{entity.name}"')]
    assert stored == sorted(stored)
    order = cluster_order(entity)
    assert stored == [row[0] for row in rows(f'SELECT id FROM "{entity.name}" ORDER BY {order}')]
