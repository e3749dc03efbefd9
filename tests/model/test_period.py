"""Periods are half-open ranges of days that leave no gap and no overlap."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmpanel.errors import FilterError
from crmpanel.model.period import MOMENTS, PERIODS, UNITS, Days, days

DAY = dt.timedelta(days=1)
TODAYS = st.dates(dt.date(2, 1, 1), dt.date(9998, 12, 30))


@given(st.sampled_from(UNITS), TODAYS)
def test_this_unit_contains_today_and_follows_the_last(unit, today):
    this, last = days(f"this_{unit}", today), days(f"last_{unit}", today)
    assert this.start <= today < this.end
    assert last.start < last.end == this.start
    assert days(f"this_{unit}", last.start) == last
    assert days(f"this_{unit}", last.end - DAY) == last
    assert days(f"last_{unit}", this.end) == this


@given(TODAYS)
def test_a_year_is_four_quarters_and_twelve_months(today):
    year = days("this_year", today)
    for unit, number in (("quarter", 4), ("month", 12)):
        day, found = year.start, 0
        while day < year.end:
            day, found = days(f"this_{unit}", day).end, found + 1
        assert (day, found) == (year.end, number)


@given(TODAYS)
def test_a_week_begins_on_monday(today):
    week = days("this_week", today)
    assert week.start.weekday() == 0
    assert week.end - week.start == 7 * DAY


@given(TODAYS)
def test_today_is_one_day(today):
    assert days("today", today) == Days(today, today + DAY)


@given(st.dates(max_value=dt.date(9999, 12, 30)), st.dates(max_value=dt.date(9999, 12, 30)))
def test_a_range_has_both_its_days(one, other):
    first, last = sorted((one, other))
    assert days(f"{first}..{last}", one) == Days(first, last + DAY)
    assert days(f"{first}..", one) == Days(first, None)
    assert days(f"..{last}", one) == Days(None, last + DAY)


@pytest.mark.hardening(4)
def test_the_ends_of_the_calendar():
    assert days("0001-01-01..9999-12-31", dt.date(2026, 1, 1)) == Days(dt.date.min, None)
    assert days("..9999-12-31", dt.date(2026, 1, 1)) == Days(None, None)


@pytest.mark.parametrize(
    ("period", "match"),
    [
        ("2026-02-30..", "day that does not exist"),
        ("2026-02-02..2026-02-01", "ends before"),
        ("..", "not a period"),
        ("2026-1-1..", "not a period"),
        ("２０２６-01-01..", "not a period"),
        ("03/04/2026..", "not a period"),
        ("this_decade", "not a period"),
        ("this_month ", "not a period"),
        ("THIS_MONTH", "not a period"),
        ("' or 1=1", "not a period"),
        (None, "not a period"),
    ],
)
def test_what_is_no_period_is_refused(period, match):
    with pytest.raises(FilterError, match=match):
        days(period, dt.date(2026, 2, 3))


@given(st.text())
def test_any_text_is_a_period_or_refused(text):
    try:
        assert isinstance(days(text, dt.date(2026, 2, 3)), Days)
    except FilterError as error:
        assert len(str(error)) < 500


def test_moments_are_no_ranges():
    for moment in MOMENTS:
        assert moment in PERIODS
        with pytest.raises(FilterError):
            days(moment, dt.date(2026, 2, 3))
