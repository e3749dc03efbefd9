"""Text to kinds: what is understood, what is not, and that nothing is bent on the way."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmpanel.importing.coercion import _USUAL, NO, YES, _any_iso, _usual, coerced, domain
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.model import kinds
from crmpanel.store import create


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with create(tmp_path_factory.mktemp("coercion") / "crm.duckdb") as made:
        yield made


TIMES = {
    "2024-01-31T10:00:00.000+0000": dt.datetime(2024, 1, 31, 10),
    "2024-01-31T10:00:00.000+0230": dt.datetime(2024, 1, 31, 7, 30),
    "2024-01-31T10:00:00-05:00": dt.datetime(2024, 1, 31, 15),
    "2024-01-31T10:00:00Z": dt.datetime(2024, 1, 31, 10),
    "2024-01-31 10:00": dt.datetime(2024, 1, 31, 10),
    "2024-01-31": dt.datetime(2024, 1, 31),
    "0001-01-01": dt.datetime(1, 1, 1),
    "9999-12-31T23:59:59": dt.datetime(9999, 12, 31, 23, 59, 59),
    "2026-03-29T02:30:00": dt.datetime(2026, 3, 29, 2, 30),  # in no clock of Europe
    "2024-02-30": None,
    "03/04/2026": None,
    "20240131": None,
    "infinity": None,
    "epoch": None,
    "today": None,
}
NUMBERS = {
    "1": 1.0, " 1.5 ": 1.5, "-2": -2.0, "+.5": 0.5, "1e3": 1000.0, "007": 7.0,
    "NaN": None, "inf": None, "1e999": None, "1_000": None, "1,5": None, "0x1F": None, "": None,
}  # fmt: skip
INTEGERS = {"7": 7, "007": 7, "7.0": 7, "7.5": None, str(2**63 - 1): 2**63 - 1, str(2**128): None}
MONEY = {"1234.5": Decimal("1234.50"), "1e2": Decimal("100.00"), str(10**17): None, "$5": None}
BOOLEANS = {
    "1": True, "TRUE": True, "yes": True, "Active": True, "checked": True,
    "0": False, "False": False, "n": False, "inactive": False, "2": None,
}  # fmt: skip
DATES = {"2024-01-31 00:00:00.000": dt.date(2024, 1, 31), "31.01.2024": None}
PERCENTS = {"45.5": 45.5, "45.5 %": 45.5, "half": None}

CASES = [
    (kind, text, value)
    for kind, table in [
        (kinds.DATETIME, TIMES),
        (kinds.NUMBER, NUMBERS),
        (kinds.INTEGER, INTEGERS),
        (kinds.MONEY, MONEY),
        (kinds.BOOLEAN, BOOLEANS),
        (kinds.DATE, DATES),
        (kinds.PERCENT, PERCENTS),
    ]
    for text, value in table.items()
]


@pytest.mark.hardening(3)
@pytest.mark.hardening(4)
@pytest.mark.parametrize(("kind", "text", "value"), CASES)
def test_kinds(kind, text, value, rows):
    assert rows(f"SELECT {coerced(kind, 't')} FROM (SELECT ? AS t)", text) == [(value,)]


@pytest.mark.parametrize("kind", kinds.KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_takes_null(kind, rows):
    assert rows(f"SELECT {coerced(kind, 't')} FROM (SELECT NULL::VARCHAR AS t)") == [(None,)]


FORMS = sorted({form for forms in _USUAL.values() for form in forms.values()})


@st.composite
def nearly_usual(draw):
    """A time as most systems write it, with signs changed, left out and put in, of a usual length."""
    form = draw(st.sampled_from(FORMS))
    text = list(draw(st.datetimes(dt.datetime(1000, 1, 1))).strftime(form.replace("%g", "%f")))
    text = text if "%g" not in form else text[:23] + text[26:]
    length = len(text)
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(text) - 1))
        new = draw(st.sampled_from(["", *"0123456789-+:.TZ é", "  "]))
        text[place : place + draw(st.integers(0, 2))] = [*new]
    return "".join(text).ljust(length) if draw(st.booleans()) else "".join(text).rjust(length)


@given(st.lists(nearly_usual(), min_size=1, max_size=50))
def test_what_is_read_fast_is_read_as_by_its_pattern(rows, texts):
    sql = f"SELECT t, {_usual('t')}, {_any_iso('t')} FROM (SELECT unnest(?::VARCHAR[]) AS t)"
    for text, fast, exact in rows(sql, texts):
        assert fast in (None, exact), text


@pytest.mark.parametrize(
    "text",
    [
        "31-01-20  ", "24-01-31   13:45:00", "31-01-20 13:45:00  ", "  24-01-31", " 024-01-31",
        "\t024-01-31", "epoch     ", "infinity  ", "-infinity ", "     epoch         ", "2024-1-31 ",
        "2024-01-31  1:45:00", " 2024-01-31T13:45:00.12Z", "2024-01-31T 1:45:00Z",
    ],
)  # fmt: skip
def test_spaces_are_no_digits(text, rows):
    assert rows(f"SELECT {coerced(kinds.DATETIME, 't')} FROM (SELECT ? AS t)", text) == [(None,)]


def test_the_usual_forms_are_read_without_a_pattern(rows):
    for form in FORMS:
        text = dt.datetime(2024, 1, 31, 10, 30).strftime(form.replace("%g", "000"))
        assert rows(f"SELECT {_usual('t')} IS NOT NULL FROM (SELECT ? AS t)", text) == [(True,)]


def test_a_given_format(rows):
    sql = coerced(kinds.DATE, "t", format=("%d-%m-%Y",))
    found = rows(f"SELECT {sql} FROM (VALUES ('22-01-2007'), ('2007-01-22')) AS v(t)")
    assert found == [(dt.date(2007, 1, 22),), (None,)]


@pytest.mark.parametrize(
    ("site", "host"),
    [
        ("www.Fjord.example", "fjord.example"),
        ("https://www.fjord.example/om?x=1", "fjord.example"),
        ("http://user:secret@fjord.example:8080", "fjord.example"),
        ("fjord.example", "fjord.example"),
        ("none", None),
        ("", None),
    ],
)
def test_domains(site, host, rows):
    assert rows(f"SELECT {domain('t')} FROM (SELECT ? AS t)", site) == [(host,)]


def test_what_is_understood_as_yes_or_no_is_read_as_such():
    truths = vocabulary().truths
    assert (truths["yes"] - {*YES}, truths["no"] - {*NO}) == (set(), set())
