"""SQL with its values written in says the same as SQL with parameters."""

import datetime as dt
from decimal import Decimal

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmpanel.query.query import Query
from crmpanel.query.sqltext import inlined, literal, quoted

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = (
    st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(-(10**15), 10**15, places=2)
)
VALUES = st.none() | st.booleans() | TEXTS | NUMBERS | st.dates() | st.datetimes()


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        yield opened


@pytest.mark.hardening(19)
@given(VALUES)
@example("")
@example("?")
@example("a\0?'b\0")
@example("'; drop table x; --")
@example("\\' % _ \u202e")
@example(dt.date.min)
@example(dt.datetime.max)
@example(-0.0)
@example(0.1)
@example(1e300)
@example(Decimal("1E+5"))
@example(True)
def test_a_literal_is_the_value(connection, value):
    cursor = connection.cursor()
    [found] = cursor.execute(f"SELECT {literal(value)}").fetchone()
    [bound] = cursor.execute("SELECT ?", [value]).fetchone()
    assert found == bound
    if not isinstance(value, Decimal):
        assert found == value
        assert type(found) is type(bound)


@given(st.lists(VALUES, max_size=4))
def test_each_placeholder_gets_its_value(connection, values):
    # As text, DuckDB writes a decimal by its scale, which a literal and a parameter may differ in.
    slots = ["?::DOUBLE::VARCHAR" if isinstance(v, Decimal) else "?::VARCHAR" for v in values]
    query = Query("SELECT [" + ", ".join(slots) + "] AS v", tuple(values))
    cursor = connection.cursor()
    assert cursor.execute(query.text).fetchone() == cursor.execute(query.sql, values).fetchone()


def test_a_placeholder_too_many_is_noticed():
    for sql, params in (("SELECT ?", ()), ("SELECT 1", (1,)), ("SELECT ?, ?", (1,))):
        with pytest.raises(ValueError, match="placeholders"):
            inlined(sql, params)


@pytest.mark.hardening(21)
@given(TEXTS.filter(lambda text: text and "\0" not in text))
@example('a"; drop table "x')
def test_a_quoted_identifier_is_one_identifier(connection, name):
    cursor = connection.cursor().execute(f"SELECT 1 AS {quoted(name)}")
    assert [column[0] for column in cursor.description] == [name]
