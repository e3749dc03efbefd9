"""Lists kept by name, and being told when something new matches."""

import pytest

from crmpanel.controllers import saved_lists
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.links import Links, Place
from crmpanel.controllers.saved_lists import SavedLists
from crmpanel.errors import InputError, NotFound, UnknownName
from crmpanel.model.changeset import Changeset, Create, Delete, Update

PLANNED = Place("record", "organisation", "1", (("tab", "activities"), ("status", "Planned")))
HOT = Place("list", "quotations", args=(("status", "A - Hot"),))


@pytest.fixture
def lists(database, now):
    return SavedLists(Desk(database, "kn", clock=lambda: now))


def write(database, *parts, user=2):
    return database.apply(Changeset(parts, user=user))


def found(lists):
    return [(m.name, m.entity, m.ids, m.is_unread) for m in lists.matches()]


@pytest.mark.card("S3")
def test_a_list_is_kept_by_name_with_its_filters(lists):
    lists.save("Planned ", PLANNED)
    lists.save("hot", HOT)
    assert [row["name"] for row in lists.all()] == ["hot", "Planned"]
    (hot, planned) = lists.all()
    assert lists.href(planned, Links("/crm")) == "/crm/organisation/1?tab=activities&status=Planned"
    assert lists.href(hot, Links(in_query=True)) == "/?at=/quotations&status=A%20-%20Hot"
    assert lists.open(planned["address"]).status == ["Planned"]
    lists.save("hot", PLANNED)
    assert len(lists.all()) == 2
    lists.forget("hot")
    assert [row["name"] for row in lists.all()] == ["Planned"]


@pytest.mark.parametrize(
    ("name", "place", "error"),
    [
        ("", PLANNED, InputError),
        ("x" * 81, PLANNED, InputError),
        ("r", Place("report", "quotations"), InputError),
        ("r", Place("record", "organisation", "999", (("tab", "activities"),)), NotFound),
        ("r", Place("record", "organisation", "1", (("tab", "fields"),)), UnknownName),
        ("r", Place("list", "nothing"), UnknownName),
    ],
)
def test_what_is_no_list_is_not_kept(lists, name, place, error):
    with pytest.raises(error):
        lists.save(name, place)
    assert lists.all() == []


@pytest.mark.card("S3")
def test_one_is_told_of_what_newly_matches_and_once(lists, database):
    lists.save("Planned", PLANNED, told=True)
    assert lists.is_told("Planned")
    lists.check()
    assert found(lists) == []
    new = Create("activity", {"subject": "n", "organisation_id": 1, "status": "Planned"})
    write(database, new)
    write(database, Update("activity", 2, {"status": "Planned"}))
    write(database, Update("activity", 5, {"status": "Planned"}), user=1)
    write(database, Create("activity", {"subject": "n", "organisation_id": 3, "status": "Planned"}))
    lists.check({"activity"})
    lists.check()
    assert found(lists) == [("Planned", "activity", (2, 11), True)]
    lists.mark_read(lists.matches())
    assert found(lists) == [("Planned", "activity", (2, 11), False)]
    write(database, Update("activity", 2, {"status": "Completed"}))
    lists.check()
    write(database, Update("activity", 2, {"status": "Planned"}))
    lists.check({"person"})
    assert found(lists) == [("Planned", "activity", (11,), False)]
    lists.check({"activity"})
    assert sorted(found(lists)) == [
        ("Planned", "activity", (2,), True),
        ("Planned", "activity", (11,), False),
    ]
    lists.tell("Planned", False)
    assert found(lists) == []
    with pytest.raises(UnknownName):
        lists.tell("Plannned", True)


def test_a_list_whose_record_has_gone_tells_nothing(lists, database):
    lists.save("Planned", PLANNED, told=True)
    write(database, Delete("organisation", 1))
    lists.check()
    assert found(lists) == []


@pytest.mark.parametrize(
    ("place", "empty", "fill"),
    [
        (
            Place("record", "organisation", "3", (("tab", "quotations"), ("status", "Lost"))),
            Update("quotation", 4, {"level": "Gone"}),
            Update("quotation", 5, {"level": "Lost"}),
        ),
        (
            Place("list", "tickets", args=(("status", "Ongoing"), ("status", "Odd"))),
            Update("ticket", 1, {"status": "Closed"}),
            Update("ticket", 2, {"status": "Odd"}),
        ),
    ],
)
def test_a_filter_whose_value_occurs_nowhere_any_more_stays(lists, database, place, empty, fill):
    lists.save("Mine", place, told=True)
    write(database, empty)
    lists.check()
    assert found(lists) == [], "not every other record is new"
    assert lists.open(lists.all()[0]["address"]).count() == 0
    write(database, fill)
    lists.check()
    assert [ids for _name, _entity, ids, _unread in found(lists)] == [(fill.id,)]


def test_a_filter_on_a_user_who_has_gone_tells_nothing(lists, database):
    write(database, Create("user", {"name": "Short", "login": "s"}), user=1)
    lists.save("Hers", Place("list", "activities", args=(("responsible", "4"),)), told=True)
    write(database, Delete("user", 4))
    lists.check()
    assert found(lists) == []


def test_a_list_that_nobody_could_read_is_refused(lists, monkeypatch):
    monkeypatch.setattr(saved_lists, "MOST", 2)
    with pytest.raises(InputError, match="more than 2 records"):
        lists.save("Planned", PLANNED, told=True)
    assert not lists.is_told("Planned")


@pytest.mark.hardening(46)
def test_they_are_ones_own(lists, database):
    lists.save("Planned", PLANNED, told=True)
    other = SavedLists(Desk(database, "oh"))
    assert other.all() == other.matches() == []
