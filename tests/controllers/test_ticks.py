"""Ticks: they stay while pages and order change, and go with the filters."""

import pytest

from crmpanel.controllers.record_list import RecordList
from crmpanel.controllers.ticks import MOST, Ticks


@pytest.fixture
def ticks(desk):
    return Ticks(RecordList(desk, "activity"))


def ids(ticks):
    found = ticks.records.desk.database.records(ticks.selection.page(["id"]))
    return sorted(row["id"] for row in found)


def test_records_are_ticked_and_unticked(ticks):
    assert ids(ticks) == [] and ticks.number(10) == 0
    ticks.tick([1, 2, 3])
    ticks.tick([2], on=False)
    assert ids(ticks) == [1, 3] and ticks.number(10) == 2
    assert ticks.has(1) and not ticks.has(2)


def test_all_that_match_but_some(ticks):
    ticks.tick([1])
    ticks.tick_all()
    assert ticks.number(10) == 10 == len(ids(ticks))
    ticks.tick([2, 3], on=False)
    ticks.tick([3])
    assert ticks.number(10) == 9 and 2 not in ids(ticks) and ticks.has(3)


@pytest.mark.card("S13e")
def test_ticks_survive_pages_and_order_but_not_filters(ticks):
    ticks.tick([1, 2])
    ticks.records.param.update(page=2, page_size=25)
    ticks.records.sort = ["subject"]
    assert ids(ticks) == [1, 2]
    ticks.records.status = ["Planned"]
    assert ids(ticks) == []
    ticks.tick_all()
    assert ids(ticks) == [1, 4, 6, 7, 8]
    ticks.records.search = "call"
    assert not ticks.all


def test_there_is_a_limit_to_ticking_one_by_one(ticks):
    assert ticks.tick(range(MOST)) and not ticks.tick([MOST + 1])
    assert ticks.number(10) == MOST and ticks.tick([5])
