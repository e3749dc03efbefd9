"""The menu of lists: what it leads to, and where something is not kept."""

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.links import Links, Place
from crmpanel.controllers.past import at
from crmpanel.views.lists_menu import Lists


@pytest.fixture
def desk(database):
    return Desk(database, "kn")


def names(desk):
    return [[item["name"] for item in group] for group in Lists(desk, Links()).component.groups]


def test_each_entity_of_organisations_has_its_list(desk):
    records, past = names(desk)
    assert records[0] == "organisations"
    listed = {entity.plural for entity in desk.registry if entity.organisation}
    assert {*records, "log"} == listed
    assert past == ["deleted", "log"]


def test_where_nothing_can_be_changed_there_is_no_page_of_deleted_records(desk):
    assert names(at(desk, "2021-01-01"))[1] == ["log"]


@pytest.mark.parametrize(
    ("place", "marked"),
    [
        (Place("list", "activity"), "activities"),
        (Place("list", "deleted"), "deleted"),
        (Place("record", "activity", "1"), ""),
        (Place("report", "activities"), ""),
    ],
)
def test_the_open_page_is_marked(desk, place, marked):
    lists = Lists(desk, Links())
    lists.mark(place)
    assert lists.component.current == marked
