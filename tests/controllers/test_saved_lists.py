"""Lists kept by name, and being told when something new matches."""

import datetime as dt
import threading
import time

import pytest

from crmpanel.controllers import saved_lists
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.links import Links, Place
from crmpanel.controllers.list_news import GROWN, ListNews
from crmpanel.errors import InputError, NotFound, UnknownName
from crmpanel.model.changeset import Changeset, Create, Delete, Update

PLANNED = Place("record", "organisation", "1", (("tab", "activities"), ("status", "Planned")))
HOT = Place("list", "quotations", args=(("status", "A - Hot"),))


@pytest.fixture
def lists(database, now):
    return ListNews(Desk(database, "kn", clock=lambda: now))


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
    assert lists.all() == []
    lists.save("Planned", PLANNED)
    with pytest.raises(InputError, match="more than 2 records"):
        lists.tell("Planned", True)
    assert not lists.is_told("Planned")


def test_a_list_that_grows_too_long_says_so_once(lists, database, monkeypatch):
    lists.save("Planned", PLANNED, told=True)
    count = lists.open(lists.all()[0]["address"]).count()
    monkeypatch.setattr(saved_lists, "MOST", count)
    add = Create("activity", {"subject": "n", "organisation_id": 1, "status": "Planned"})
    write(database, add, add)
    lists.check()
    lists.check()
    assert found(lists) == [("Planned", "activity", (GROWN,), True)]
    assert lists.matches()[0].has_grown
    lists.mark_read(lists.matches())
    lists.check()
    assert found(lists) == [("Planned", "activity", (GROWN,), False)]
    write(database, Delete("activity", 1))
    write(database, Update("activity", 4, {"status": "Completed"}))
    lists.check()
    assert found(lists) == [("Planned", "activity", (11, 12), True)], "and goes on when it can"


# -- what the viewer wrote -----------------------------------------------------------------------


@pytest.fixture
def clock(lists):
    """Hours that have passed."""
    hours, begun = [0], lists.desk.clock()
    lists.desk.clock = lambda: begun + dt.timedelta(hours=hours[0])
    return hours


def test_what_comes_by_time_passing_is_told_whoever_wrote_it_last(lists, database, clock):
    """What one has planned oneself is overdue one day."""
    lists.save("Late", Place("list", "activities", args=(("period", "overdue"),)), told=True)
    write(database, Update("activity", 6, {"subject": "Mine"}), user=1)
    lists.check({"activity"})
    assert found(lists) == []
    clock[0] = 6
    ListNews(lists.desk).check()
    assert found(lists) == [("Late", "activity", (6,), True)]
    write(database, Update("activity", 3, {"status": "Planned"}), user=1)
    lists.check({"activity"})
    assert found(lists) == [("Late", "activity", (6,), True)], "what one puts there oneself is not"


def test_looking_writes_nothing_unless_there_is_something(lists, database):
    lists.save("Planned", PLANNED, told=True)
    write(database, Update("activity", 2, {"subject": "Theirs"}))
    writes = database.writes
    lists.check({"activity"})
    assert database.writes == writes


# -- several windows -----------------------------------------------------------------------------


def test_two_windows_that_look_at_once_find_the_same(lists, database, monkeypatch):
    """One has read the list and is slow; meanwhile another looks, and what it found is read."""
    lists.save("Planned", PLANNED, told=True)
    write(database, Update("activity", 2, {"status": "Planned"}))
    slow, other = ListNews(lists.desk), ListNews(Desk(database, "kn", clock=lists.desk.clock))
    begun, read = threading.Event(), slow.ids

    def ids(address):
        found = read(address)
        begun.set()
        time.sleep(0.5)
        return found

    slow.ids = ids
    first = threading.Thread(target=slow.check)
    first.start()
    assert begun.wait(5)
    write(database, Update("activity", 5, {"status": "Planned"}))
    other.check()
    other.mark_read(other.matches())
    first.join()
    assert {ids: unread for _n, _e, ids, unread in found(other)} == {(2, 5): False}


def test_reading_what_has_gone_by_then_breaks_nothing(lists, database):
    lists.save("Planned", PLANNED, told=True)
    write(database, Update("activity", 2, {"status": "Planned"}))
    write(database, Update("activity", 5, {"status": "Planned"}))
    lists.check()
    shown = lists.matches()
    write(database, Update("activity", 2, {"status": "Completed"}))
    lists.check()
    lists.mark_read(shown)
    assert len(lists.matches()) == 1
    lists.check()
    assert found(lists) == [("Planned", "activity", (5,), False)]


@pytest.mark.hardening(46)
def test_they_are_ones_own(lists, database):
    lists.save("Planned", PLANNED, told=True)
    other = ListNews(Desk(database, "oh"))
    assert other.all() == other.matches() == []
