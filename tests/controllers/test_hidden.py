"""Whether a list shows a record, and which filters hide it."""

import pytest

from crmpanel.controllers.hidden import Whereabouts, whereabouts
from crmpanel.controllers.record_list import RecordList
from crmpanel.model.filters import Condition


@pytest.fixture
def activities(desk):
    """Activities of organisation 1, filtered."""
    scope = [Condition(("organisation_id",), "eq", (1,))]
    return lambda **filters: RecordList(desk, "activity", scope, **filters)


@pytest.mark.parametrize(("filters", "hidden"), [
    ({}, ()),
    ({"status": ["Planned"]}, ()),
    ({"status": ["Active"]}, ("status",)),
    ({"status": ["Active"], "period": "this_year"}, ("status",)),
    ({"status": ["Active"], "period": "last_year", "search": "offer"}, ("status", "period")),
    ({"responsible": ["Ola Hansen"]}, ("responsible",)),
    ({"search": "visit"}, ("search",)),
])  # fmt: skip
def test_which_filters_hide_a_record(activities, filters, hidden):
    assert whereabouts(activities(**filters), 1).hidden_by == hidden


def test_a_record_may_be_on_another_page(activities):
    assert whereabouts(activities(page_size=2), 4) == Whereabouts((), False)
    assert whereabouts(activities(page_size=2, page=3), 4) == Whereabouts((), True)


def test_a_record_of_another_organisation_is_in_no_page(activities):
    assert whereabouts(activities(), 7) == Whereabouts((), False)
