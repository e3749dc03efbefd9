"""The filters in words."""

import pytest

from crmpanel.controllers.record_list import RecordList
from crmpanel.controllers.sentence import period_label, sentence
from crmpanel.locale.formats import Formats
from crmpanel.model.period import PERIODS

ENGLISH = Formats("en_GB")


@pytest.mark.parametrize(
    ("entity", "filters", "words"),
    [
        ("activities", {}, ""),
        ("activities", dict(search="  "), ""),
        ("activities", dict(search=" {x} %s "), "activities where some text contains “{x} %s”"),
        (
            "activities",
            dict(status=["Planned", None], responsible=[1, None], period="overdue"),
            "activities where responsible is Kari Nordmann or blank and status is Planned or blank "
            "and date is overdue",
        ),
        ("orders", dict(period="overdue"), "orders where delivery date is overdue"),
        ("orders", dict(period="this_month"), "orders where order date is this month"),
        (
            "orders",
            dict(period="2026-01-01..2026-03-31"),
            "orders where order date is 1 Jan 2026 – 31 Mar 2026",
        ),
    ],
)
def test_filters_in_words(desk, entity, filters, words):
    assert sentence(RecordList(desk, entity, **filters), ENGLISH) == words


@pytest.mark.parametrize("period", PERIODS)
def test_every_period_has_a_label(period):
    assert period_label(period, ENGLISH) == PERIODS[period]


@pytest.mark.parametrize(
    ("period", "label"),
    [
        ("2026-01-01..", "from 1 Jan 2026"),
        ("..2026-01-01", "until 1 Jan 2026"),
        ("2026-01-01..9999-12-31", "from 1 Jan 2026"),
        ("..9999-12-31", "any date"),
    ],
)
def test_a_range_in_words(period, label):
    assert period_label(period, ENGLISH) == label
