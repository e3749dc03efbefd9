"""The order of a list: blank values last, ties stable, pages that cover everything once."""

import datetime as dt
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmpanel.controllers.desk import Desk
from crmpanel.errors import InputError
from crmpanel.store import create

COLUMNS = ["plate", "state", "driver_id", "bought", "price", "id"]
SORTS = st.lists(
    st.tuples(st.sampled_from(COLUMNS), st.booleans()), max_size=3, unique_by=lambda s: s[0]
)


@pytest.fixture(scope="module")
def garage(toy_registry, insert_records, now, tmp_path_factory):
    """Two hundred vehicles of which few have a value that no other has."""
    chance = random.Random(1)
    choose = lambda *values: chance.choice([*values, None])  # noqa: E731
    with create(tmp_path_factory.mktemp("garage") / "crm.duckdb", toy_registry) as database:
        with database.load("Test data", "test") as load:
            names = ["ola", "Kari", "kari", "Åse"]
            insert_records(load, "user", [dict(id=n, name=name) for n, name in enumerate(names, 1)])
            for n in chance.sample(range(1000), 200):
                vehicle = dict(
                    id=n,
                    organisation_id=None,
                    plate=choose("AB", "ab", "Ab", "æ", "z", ""),
                    state=choose("In use", "Sold"),
                    driver_id=choose(1, 2, 3, 4, 99),
                    bought=choose(dt.date(2026, 1, 1), dt.date(2025, 1, 1), dt.date.min),
                    price=choose(0, -5, 100),
                )
                insert_records(load, "vehicle", [vehicle])
        yield Desk(database, "kn", clock=lambda: now)


def rows(desk, sort, limit=None, offset=0):
    query = desk.selection("vehicle").page(COLUMNS, sort, limit, offset)
    return desk.database.records(query)


def key(row, name):
    """What a column is ordered by."""
    value = row["driver"] if name == "driver_id" else row[name]
    return value.lower() if isinstance(value, str) else value


@given(SORTS)
def test_blank_values_are_last_and_all_others_in_order(garage, sort):
    found = rows(garage, tuple(sort))
    assert len(found) == 200
    for one, other in pairwise(found):
        for name, descending in sort or [("bought", True)]:
            a, b = key(one, name), key(other, name)
            if a != b:
                assert b is None or (a is not None and (a > b if descending else a < b))
                break
        else:
            first = sort[0][1] if sort else True
            assert (one["id"] > other["id"]) is first


@settings(max_examples=25)
@given(SORTS, st.integers(17, 230))
def test_pages_cover_everything_once(garage, sort, size):
    whole = [row["id"] for row in rows(garage, tuple(sort))]
    pages = []
    for offset in range(0, 200 + size, size):
        pages += [row["id"] for row in rows(garage, tuple(sort), size, offset)]
    assert pages == whole
    assert len(set(pages)) == 200


def test_a_column_is_there_once_and_its_title_beside_it(garage):
    query = garage.selection("vehicle").page(["driver_id", "plate", "driver_id"], limit=1)
    [row] = garage.database.records(query)
    assert list(row) == ["id", "driver_id", "driver", "plate"]


def test_without_an_order_the_declared_one_holds(garage):
    assert rows(garage, ()) == rows(garage, (("bought", True),))


def test_an_unknown_column_is_refused(garage):
    with pytest.raises(InputError, match="Did you mean 'plate'"):
        rows(garage, (("plates", True),))
