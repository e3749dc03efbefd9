"""Moments as people give them."""

import datetime as dt

import pytest

from crmpanel.errors import InputError
from crmpanel.model.moment import parse


@pytest.mark.parametrize(
    ("given", "at", "written"),
    [
        ("2026-01-01", dt.datetime(2026, 1, 1, 23, 59, 59, 999999), "2026-01-01"),
        (dt.date(2026, 1, 1), dt.datetime(2026, 1, 1, 23, 59, 59, 999999), "2026-01-01"),
        (" 2026-01-01 12:30 ", dt.datetime(2026, 1, 1, 12, 30), "2026-01-01T12:30:00"),
        ("2026-01-01T12:30:05", dt.datetime(2026, 1, 1, 12, 30, 5), "2026-01-01T12:30:05"),
        (dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 1), "2026-01-01T00:00:00"),
    ],
)
def test_a_day_or_a_time(given, at, written):
    moment = parse(given)
    assert moment.at == at
    assert str(moment) == written
    assert parse(str(moment)) == moment


def test_a_time_of_another_zone_is_that_of_this_one():
    given = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
    assert parse(given).at == given.astimezone().replace(tzinfo=None)
    assert parse("2026-01-01T12:00:00+00:00") == parse(given)


@pytest.mark.hardening(22)
@pytest.mark.parametrize(
    "given",
    ["", "x", "20260101", "2026-13-01", "2026-W01-1", "0000-00-00", "\0", "9" * 999, None, 1.5, []],
)
def test_what_is_no_moment(given):
    with pytest.raises(InputError, match="neither a date nor a time"):
        parse(given)
