"""Numbers, dates and sizes that nobody expects are still written."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmpanel.locale import use_language
from crmpanel.locale.formats import Formats, negotiate

LANGUAGES = ["en_GB", "nb_NO", "da_DK", "sv_SE", "de_DE", "ar_EG", "ja_JP"]
ALL = st.sampled_from(LANGUAGES).map(Formats)
NUMBERS = st.floats() | st.integers() | st.decimals()
ENGLISH = Formats("en_GB")


@pytest.mark.hardening(3)
@given(ALL, NUMBERS, st.none() | st.text(max_size=4) | st.sampled_from(["NOK", "eur", "ÆØÅ"]))
def test_any_number_is_written(formats, number, currency):
    for text in (
        formats.number(number),
        formats.percent(number),
        formats.money(number, currency),
        formats.compact_money(number, currency),
    ):
        assert text


@pytest.mark.hardening(4)
@given(ALL, st.datetimes())
def test_any_moment_is_written(formats, moment):
    assert formats.date(moment.date())
    assert formats.month(moment)
    assert formats.datetime(moment).startswith(formats.date(moment)) or moment.time() != dt.time()


@given(ALL, st.integers(0, 10**30), st.integers(0, 10**6))
def test_any_size_and_distance_is_written(formats, size, days):
    assert formats.size(size)
    assert formats.distance(days)


@given(st.none() | st.text() | st.text("abnoe-_;q=0.5,* "))
def test_any_header_names_a_language(header):
    assert Formats(negotiate(header)).tag


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ENGLISH.number(-0.0), "0"),
        (ENGLISH.number(0.005), "0"),
        (ENGLISH.number(Decimal("1234.5")), "1,234.5"),
        (ENGLISH.number(1e300), "1e+300"),
        (ENGLISH.money(-0.001, "NOK"), "NOK\u00a00.00"),
        (ENGLISH.money(5, "no?"), "5.00 no?"),
        (ENGLISH.percent(12.5), "12.5%"),
        (ENGLISH.size(999), "999 B"),
        (ENGLISH.size(5 * 10**15), "5 PB"),
        (ENGLISH.size(10**19), "10,000 PB"),
        (ENGLISH.distance(1), "1 day"),
        (ENGLISH.distance(12), "12 days"),
        (ENGLISH.distance(59), "59 days"),
        (ENGLISH.distance(100), "3 months"),
        (ENGLISH.distance(800), "2 years"),
        (Formats("nb").distance(1), "1 døgn"),
    ],
)
def test_examples(text, expected):
    assert text == expected


def test_a_language_without_a_catalogue_speaks_english():
    use_language("xx")
    try:
        from crmpanel.locale import _

        assert _("Clear filters") == "Clear filters"
    finally:
        use_language("en")
