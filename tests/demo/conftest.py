"""One demo database for all tests of the demo data, and a way to ask it."""

import datetime as dt

import duckdb
import pytest

from crmpanel import demo
from crmpanel.store import create

TODAY = dt.date(2026, 6, 15)
ORGANISATIONS = 160


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The file, and the counts that `build` returned."""
    path = tmp_path_factory.mktemp("demo") / "demo.duckdb"
    with create(path) as database:
        counts = demo.build(database, organisations=ORGANISATIONS, today=TODAY)
    return path, counts


@pytest.fixture(scope="session")
def rows(built):
    """``rows(sql)``: what the demo database answers."""
    connection = duckdb.connect(str(built[0]), read_only=True)
    yield lambda sql, *params: connection.execute(sql, params).fetchall()
    connection.close()


@pytest.fixture(scope="session")
def value(rows):
    """``value(sql)``: the first value of the answer."""
    return lambda sql, *params: rows(sql, *params)[0][0]
