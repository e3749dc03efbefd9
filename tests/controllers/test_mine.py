"""Favourites, recently viewed records, visits and preferences."""

import datetime as dt

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.list_state import from_args
from crmpanel.controllers.mine import VISIT_LASTS, Mine
from crmpanel.controllers.record_list import RecordList
from crmpanel.errors import UnknownName
from crmpanel.model.changeset import Changeset, Delete, Update
from crmpanel.model.filters import Condition


@pytest.fixture
def clock(now):
    class Clock:
        def __init__(self):
            self.now = now

        def __call__(self):
            return self.now

        def on(self, **delta):
            self.now += dt.timedelta(**delta)

    return Clock()


@pytest.fixture
def mine(database, clock):
    return Mine(Desk(database, "kn", clock))


def names(rows):
    return [(row["entity"], row["id"], row["title"]) for row in rows]


@pytest.mark.card("S2")
def test_favourites_are_by_name_and_of_every_kind_with_a_card(mine):
    for entity, id in (("person", 3), ("organisation", 5), ("organisation", 3)):
        mine.set_favourite(entity, id, True)
    assert names(mine.favourites()) == [
        ("organisation", 3, "Café Solberg"),
        ("person", 3, "Liv Solberg"),
        ("organisation", 5, "Tvilling AS"),
    ]
    assert mine.is_favourite("person", 3)
    mine.set_favourite("person", 3, False)
    mine.set_favourite("person", 3, False)
    assert not mine.is_favourite("person", 3)
    with pytest.raises(UnknownName):
        mine.set_favourite("user", 1, True)


@pytest.mark.hardening(46)
@pytest.mark.card("S2")
def test_they_are_ones_own_whoever_one_signs_in_as(mine, database):
    mine.set_favourite("organisation", 1, True)
    assert Mine(Desk(database, "oh")).favourites() == []
    assert Mine(Desk(database, "stranger")).favourites() == []
    # One person, whether by login or by choosing who works.
    same = Mine(Desk(database, "oh").working_as(1))
    assert names(same.favourites()) == names(mine.favourites()) != []


@pytest.mark.hardening(46)
def test_titles_are_looked_up_and_never_kept(mine, database):
    mine.set_favourite("organisation", 3, True)
    database.apply(Changeset((Update("organisation", 3, {"name": "Kafé Solberg"}),)))
    assert names(mine.favourites()) == [("organisation", 3, "Kafé Solberg")]
    gone = database.apply(Changeset((Delete("organisation", 3),)))
    assert mine.favourites() == []
    database.undo(gone.number)
    assert names(mine.favourites()) == [("organisation", 3, "Kafé Solberg")]


def test_recently_viewed_are_latest_first(mine, clock):
    for entity, id in (("organisation", 1), ("person", 1), ("organisation", 1), ("user", 1)):
        clock.on(minutes=1)
        mine.visit(entity, id)
    assert [name[:2] for name in names(mine.recents())] == [("organisation", 1), ("person", 1)]


def test_a_visit_tells_of_the_one_before(mine, clock, database):
    begun = clock.now
    assert mine.visit("organisation", 1) is None
    applied = database.apply(Changeset((Update("organisation", 1, {"city": "Voss"}),), user=2))
    clock.on(minutes=5)
    assert mine.visit("organisation", 1) is None, "still the first visit"
    clock.on(days=3)
    again = mine.visit("organisation", 1)
    assert again.seen == applied.number
    assert again.at == begun + dt.timedelta(minutes=5)
    clock.on(minutes=20)
    assert mine.visit("organisation", 1) == again, "a visit lasts, so that what is new stays marked"
    clock.on(minutes=1)
    clock.now += VISIT_LASTS
    assert mine.visit("organisation", 1).at == begun + dt.timedelta(days=3, minutes=25)


def test_preferences_are_kept_and_forgotten(mine):
    mine.desk.prefer("a", "1")
    assert mine.desk.preferences == {"a": "1"}
    mine.desk.prefer("a", None)
    assert mine.desk.preferences == {}


@pytest.mark.card("S13f")
def test_chosen_columns_are_remembered_for_lists_of_that_kind(database):
    def activities(login="kn", organisation=1):
        scope = (Condition(("organisation_id",), "eq", (organisation,)),)
        return RecordList(Desk(database, login), "activity", scope)

    def choose(*columns):
        records = activities()
        records.columns = list(columns) or list(records.default_columns)
        records.keep_columns()

    declared = activities().columns
    choose("subject", "date")
    assert activities().columns == activities(organisation=3).columns == ["subject", "date"]
    assert activities("oh").columns == declared
    assert RecordList(Desk(database, "kn"), "activity").columns != ["subject", "date"]
    records = activities()
    from_args(records, ())
    assert records.columns == ["subject", "date"], "an address without columns leaves the choice"
    from_args(records, (("column", "status"),))
    assert records.columns == ["status"] and activities().columns == ["subject", "date"]
    choose()
    assert activities().columns == declared
    assert Desk(database, "kn").preferences == {}
    # What is no longer declared is left out.
    Desk(database, "kn").prefer("columns activity organisation_id", "gone,subject")
    assert activities().columns == ["subject"]


def test_cards_opened_within_a_second_keep_their_order(database):
    mine = Mine(Desk(database, "kn"))
    for id in (2, 3, 1):
        mine.visit("organisation", id)
    assert [row["id"] for row in mine.recents()][:3] == [1, 3, 2]
