"""Every changeset by others on what one subscribes to is told, once; never one's own."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.notifications import LINES, Notifications
from crmpanel.controllers.subscriptions import Subscriptions
from crmpanel.errors import Conflict, NotFound, UndoRefused, UnknownName, ValidationFailed
from crmpanel.model.changeset import Changeset, Clear, Create, Delete, Keep, MassUpdate, Set, Update
from crmpanel.query.news import FOREVER, Watch
from crmpanel.store import open_


@pytest.fixture
def desk(database):
    return Desk(database, "kn")


@pytest.fixture
def subscriptions(desk):
    return Subscriptions(desk)


@pytest.fixture
def notifications(desk):
    return Notifications(desk)


def write(database, *parts, user=2):
    return database.apply(Changeset(parts, user=user)).number


def told(notifications):
    return [item.number for item in notifications.items(limit=1000)]


@pytest.mark.card("S3")
def test_what_others_change_is_told_field_by_field(database, subscriptions, notifications):
    subscriptions.subscribe("organisation", 1)
    values = {"city": "Voss", "responsible_id": 3}
    number = write(database, Update("organisation", 1, values))
    (item,) = notifications.items()
    assert (item.number, item.user, item.entity, item.id) == (number, 2, "organisation", 1)
    lines = {line["field"]: (line["old_value"], line["new_value"]) for line in item.lines}
    assert lines == {"city": ("Bergen", "Voss"), "responsible_id": ("1", "3")}
    assert item.lines[0]["titles"] == {("user", "1"): "Kari Nordmann", ("user", "3"): "Åse Bjørk"}
    assert (item.changes, item.watched, item.is_unread) == (2, 1, True)


@pytest.mark.card("S3")
def test_what_belongs_to_it_is_told_and_nothing_else(database, subscriptions, notifications):
    before = write(database, Update("organisation", 1, {"city": "Voss"}))
    subscriptions.subscribe("organisation", 1)
    new = write(database, Create("activity", {"subject": "Ring", "organisation_id": 1}))
    write(database, Update("organisation", 3, {"city": "Lund"}))
    write(database, Update("organisation", 1, {"city": "Lillehammer"}), user=1)
    gone = write(database, Delete("activity", 2))
    left = write(database, Update("activity", 1, {"organisation_id": 3}))
    came = write(database, Update("activity", 7, {"organisation_id": 1}))
    assert told(notifications) == [came, left, gone, new]
    assert before not in told(notifications)
    created = notifications.items()[-1]
    assert (created.changes, len(created.lines)) == (1, 1), "a new record is one line"


def test_a_person_is_told_of_alone(database, subscriptions, notifications):
    subscriptions.subscribe("person", 1)
    write(database, Update("person", 2, {"title": "CFO"}))
    write(database, Update("organisation", 1, {"city": "Voss"}))
    mine = write(database, Update("person", 1, {"title": "CTO"}))
    assert told(notifications) == [mine]


def test_two_windows_that_subscribe_at_once_are_ended_at_once(database, subscriptions, desk):
    """Each has looked before the other wrote, and something came in between."""
    for since in (1, 2):
        key = {"entity": "organisation", "record_id": 1, "since": since}
        desk.keep(Keep("subscription", key, {"until": None, "at": desk.clock()}))
    subscriptions.unsubscribe("organisation", 1)
    assert subscriptions.current("organisation", 1) is None
    writes = database.writes
    subscriptions.unsubscribe("organisation", 1)
    assert database.writes == writes


def test_a_mass_edit_is_one_notification_of_several(database, subscriptions, notifications):
    for id in (1, 3, 5):
        subscriptions.subscribe("organisation", id)
    ids = [1, 2, 3, 5, 6]
    number = write(
        database, MassUpdate(("organisation", ids), {"city": Set("Ål"), "type": Clear()})
    )
    (item,) = notifications.items()
    assert (item.number, item.watched) == (number, 3)
    assert len(item.lines) == LINES < item.changes


def test_what_came_while_it_lasted_stays(database, subscriptions, notifications):
    subscriptions.subscribe("organisation", 1)
    subscriptions.subscribe("organisation", 1)
    heard = write(database, Update("organisation", 1, {"city": "Voss"}))
    subscriptions.unsubscribe("organisation", 1)
    subscriptions.unsubscribe("organisation", 1)
    write(database, Update("organisation", 1, {"city": "Lund"}))
    assert subscriptions.current("organisation", 1) is None
    subscriptions.subscribe("organisation", 1)
    again = write(database, Update("organisation", 1, {"city": "Oslo"}))
    assert told(notifications) == [again, heard]
    with pytest.raises(NotFound):
        subscriptions.subscribe("organisation", 999)


def test_read_and_unread(database, subscriptions, notifications):
    subscriptions.subscribe("organisation", 1)
    numbers = [write(database, Update("organisation", 1, {"city": c})) for c in "abcd"]
    assert notifications.unread() == numbers
    notifications.mark_read([numbers[1]])
    notifications.mark_read([numbers[1]])
    assert notifications.unread() == [numbers[0], *numbers[2:]]
    assert [item.is_unread for item in notifications.items()] == [True, True, False, True]
    notifications.mark_all_read()
    assert notifications.unread() == []
    later = write(database, Update("organisation", 1, {"city": "e"}))
    assert notifications.unread() == [later]


def test_pages_have_no_gaps(database, subscriptions, notifications):
    subscriptions.subscribe("organisation", 1)
    numbers = [write(database, Update("organisation", 1, {"city": str(n)})) for n in range(7)]
    pages, before = [], None
    while page := notifications.items(3, before):
        pages += [item.number for item in page]
        before = page[-1].number
    assert pages == numbers[::-1]


def test_one_chooses_what_to_hear_about(database, subscriptions, notifications):
    subscriptions.subscribe("organisation", 1)
    notifications.hear("activity", False)
    write(database, Update("activity", 1, {"subject": "x"}))
    field = write(database, Update("organisation", 1, {"city": "Voss"}))
    assert told(notifications) == notifications.unread() == [field]
    assert notifications.heard["activity"] is False
    notifications.hear("activity", True)
    assert len(told(notifications)) == 2
    with pytest.raises(UnknownName):
        notifications.hear("change", False)


def test_since_tells_of_one_record_without_a_subscription(database, notifications):
    first = write(database, Update("organisation", 1, {"city": "Voss"}))
    second = write(database, Update("activity", 1, {"subject": "x"}))
    found = notifications.since(Watch("organisation", 1, first))
    assert [item.number for item in found] == [second]
    assert notifications.items() == ()


@pytest.mark.hardening(46)
def test_nobody_is_told_of_anothers(database, subscriptions):
    subscriptions.subscribe("organisation", 1)
    write(database, Update("organisation", 1, {"city": "Voss"}), user=3)
    for other in ("oh", "stranger"):
        assert Notifications(Desk(database, other)).items() == ()
        assert Notifications(Desk(database, other)).unread() == []


# -- whatever happens ----------------------------------------------------------------------------

USERS, ORGANISATIONS, PERSONS, ACTIVITIES = (1, 2, None), (1, 2, 3), (1, 2, 3), (1, 2, 7)
AUTHORS, OWNERS = st.sampled_from(USERS), st.sampled_from(ORGANISATIONS)
PARTS = st.one_of(
    st.builds(lambda i, c: Update("organisation", i, {"city": c}), OWNERS, st.sampled_from("ab")),
    st.builds(lambda i: Create("activity", {"subject": "n", "organisation_id": i}), OWNERS),
    st.builds(
        lambda i, o: Update("activity", i, {"organisation_id": o}),
        st.sampled_from(ACTIVITIES),
        OWNERS,
    ),
    st.builds(lambda i: Update("person", i, {"title": "x"}), st.sampled_from(PERSONS)),
    st.builds(lambda i: Delete("person", i), st.sampled_from(PERSONS)),
    st.builds(lambda i: Delete("organisation", i), OWNERS),
    st.builds(lambda c: MassUpdate(("organisation", [1, 2, 3]), {"city": c}), st.just(Clear())),
)
RECORDS = st.one_of(
    st.tuples(st.just("organisation"), OWNERS),
    st.tuples(st.just("person"), st.sampled_from(PERSONS)),
)
STEPS = st.one_of(
    st.tuples(st.just("write"), AUTHORS, st.lists(PARTS, min_size=1, max_size=2)),
    st.tuples(st.just("undo"), AUTHORS, st.integers(1, 12)),
    st.tuples(st.sampled_from(("subscribe", "unsubscribe")), st.sampled_from((1, 2)), RECORDS),
    st.tuples(st.just("restart"), st.none(), st.none()),
)


class World:
    """A database, and who has to be told of what, kept beside it."""

    def __init__(self, path):
        self.path, self.database = path, open_(path)
        self.watching = {1: set(), 2: set()}
        self.expected = {1: [], 2: []}

    def step(self, kind, who, what):
        desk = Desk(self.database, "-").working_as(who) if who in (1, 2) else None
        try:
            if kind == "write":
                self.hear(who, self.database.apply(Changeset(tuple(what), user=who)))
            elif kind == "undo":
                self.hear(who, self.database.undo(what, who))
            elif kind == "restart":
                self.database.close()
                self.database = open_(self.path)
            elif kind == "subscribe":
                Subscriptions(desk).subscribe(*what)
                self.watching[who].add(what)
            else:
                Subscriptions(desk).unsubscribe(*what)
                self.watching[who].discard(what)
        except (Conflict, NotFound, UndoRefused, ValidationFailed):
            pass

    def hear(self, author, applied):
        for user, watched in self.watching.items():
            about = {("organisation", o) for e in applied.events for o in e.organisations}
            about |= {(e.entity, id) for e in applied.events for id in e.ids}
            if author != user and about & watched:
                self.expected[user].append(applied.number)

    def check(self):
        for user, expected in self.expected.items():
            notifications = Notifications(Desk(self.database, "-").working_as(user))
            assert told(notifications) == expected[::-1]
            assert notifications.unread() == expected


@settings(max_examples=40)
@given(st.lists(STEPS, max_size=14))
def test_notifications_are_exact(crm_path, steps):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crm.duckdb"
        shutil.copy(crm_path, path)
        world = World(path)
        try:
            for step in steps:
                world.step(*step)
                world.check()
        finally:
            world.database.close()


def test_a_subscription_lasts_until_it_is_ended(subscriptions):
    subscriptions.subscribe("organisation", 1)
    assert subscriptions.current("organisation", 1).until == FOREVER
