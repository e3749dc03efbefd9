"""The timeline is what the lists have, merged by date: no gap, no overlap, nothing twice."""

import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.feed_pages import position
from crmpanel.controllers.record_card import RecordCard, find
from crmpanel.controllers.record_list import RecordList
from crmpanel.controllers.timeline import Timeline
from crmpanel.errors import FilterError, UnknownName
from crmpanel.model.changeset import Changeset, Create, Delete, Update
from crmpanel.model.layout import Layout
from crmpanel.store import open_

KINDS = ("activity", "meeting", "email", "quotation", "order", "ticket")


def card_of(desk, id=1, entity="organisation"):
    return RecordCard(desk, entity, find(desk, entity, id))


@pytest.fixture
def feed(desk):
    return Timeline(card_of(desk))


@pytest.fixture
def own(database, now):
    """A timeline over a database that may be written."""
    return Timeline(card_of(Desk(database, "kn", clock=lambda: now)))


def keys(entries):
    return [(entry["kind"], entry["id"]) for entry in entries]


def pages(read, size):
    """All pages one after the other, each begun where the one before ended."""
    found, after = [], None
    while page := read(after, size):
        assert len(page) <= size
        found += page
        after = position(page[-1])
    return found


# -- the same as the lists -------------------------------------------------------------------

DAYS = [dt.datetime(2026, 2, day, hour) for day in (1, 2, 3) for hour in (0, 10, 11)]


@pytest.fixture(scope="module")
def crowded(crm_template, insert_records, tmp_path_factory):
    """Records and changes of which many have the same date, and some none."""
    path = tmp_path_factory.mktemp("crowded") / "crm.duckdb"
    path.write_bytes(crm_template.read_bytes())
    chance, dates = random.Random(7), [*DAYS, None]
    with open_(path) as database:
        with database.load("More", "test") as load:
            for entity in KINDS:
                insert_records(load, entity, [_record(entity, id, chance, dates)
                                              for id in range(100, 112)])  # fmt: skip
            insert_records(load, "change", [_change(id, chance) for id in range(100, 200)])
        yield database


def _record(entity, id, chance, dates):
    at = chance.choice(dates)
    field, title = {
        "activity": ("date", "subject"), "meeting": ("start", "subject"), "email": ("sent", "subject"),
        "quotation": ("date", "description"), "order": ("date", "description"), "ticket": ("created", "subject"),
    }[entity]  # fmt: skip
    if at and entity in ("quotation", "order"):
        at = at.date()
    words = chance.choice(["Lamp", "Pole", "Åse's lamp", None])
    return {"id": id, "organisation_id": 1, field: at, title: words,
            "responsible_id": chance.choice([1, 2, None]), "person_id": chance.choice([1, 2, None])}  # fmt: skip


def _change(id, chance):
    entity = chance.choice(["activity", "organisation", "person"])
    action = chance.choice(["update", "update", "insert"])
    field = "id" if action == "insert" else chance.choice(["status", "phone", "note"])
    number = chance.randint(10, 30)
    return {"id": id, "organisation_id": 1, "changeset": number, "at": DAYS[number % len(DAYS)],
            "responsible_id": chance.choice([1, 2]), "action": action, "entity": entity,
            "record_id": chance.randint(1, 4), "subject": "Lamp", "field": field, "new_value": "x"}  # fmt: skip


def merged(feed, desk):
    """What the lists have, as ``(kind, id) -> date``; changes made at once as one entry."""
    found = {}
    users = [desk.user_id(user) for user in feed.person]
    chosen = feed.kinds or KINDS
    for kind in KINDS if feed.kinds == [] else chosen:
        entity = desk.registry[kind]
        records = RecordList(desk, kind, feed.card.scope(kind), search=feed.search,
                             responsible=users, period=feed.period)  # fmt: skip
        records.columns = [entity.date]
        for row in records.rows() if records.count() <= 50 else _all(records):
            at = row[entity.date]
            moment = (
                at
                if isinstance(at, dt.datetime) or at is None
                else dt.datetime.combine(at, dt.time())
            )
            found[kind, row["id"]] = moment
    if feed.show_changes:
        log = RecordList(desk, "change", feed.card.scope("change"), search=feed.search,
                         responsible=users, period=feed.period)  # fmt: skip
        log.columns = ["at", "changeset", "entity", "record_id", "action"]
        together = {}
        for row in _all(log):
            if row["action"] == "insert" and row["entity"] in KINDS:
                continue
            key = (row["at"], row["changeset"], row["entity"], row["record_id"])
            together.setdefault(key, []).append(row["id"])
        found |= {("change", min(ids)): key[0] for key, ids in together.items()}
    return found


def _all(records):
    records.page_size = 500
    return records.rows()


@settings(max_examples=30)
@given(
    kinds=st.lists(st.sampled_from(KINDS), unique=True, max_size=3),
    search=st.sampled_from(["", "lamp", "Åse", "kari", "%"]),
    person=st.lists(st.sampled_from(["Kari Nordmann", 2, None]), unique=True, max_size=2),
    period=st.sampled_from(["", "this_month", "last_year", "2026-02-02..2026-02-02"]),
    changes=st.booleans(),
    size=st.sampled_from([3, 7, 40]),
    now=st.sampled_from([*DAYS, dt.datetime(2026, 2, 2, 10, 30)]),
    pinned=st.sets(st.tuples(st.sampled_from(KINDS), st.integers(100, 111)), max_size=8),
)
def test_it_is_the_lists_merged_by_date(
    crowded, kinds, search, person, period, changes, size, now, pinned
):
    desk = Desk(crowded, "kn", clock=lambda: now)
    feed = Timeline(card_of(desk), kinds=kinds, search=search, person=person, period=period)
    feed.show_changes = changes
    pins = {kind: tuple(id for k, id in pinned if k == kind) for kind, _id in pinned}
    feed.pins.read = lambda: pins
    wanted = merged(feed, desk)
    on_top, coming = feed.pinned(), pages(feed.upcoming, size)
    been = pages(feed.rows, size)
    assert sorted(keys(on_top + coming + been)) == sorted(wanted)
    assert set(keys(on_top)) == pinned & set(wanted)
    assert all(
        entry["at"] == wanted[entry["kind"], entry["id"]] for entry in on_top + coming + been
    )
    assert all(entry["at"] is not None and entry["at"] > now for entry in coming)
    assert [e["at"] for e in coming] == sorted(e["at"] for e in coming)
    dated = [entry["at"] for entry in been if entry["at"] is not None]
    assert dated == sorted(dated, reverse=True)
    assert all(at <= now for at in dated)
    assert all(entry["at"] is None for entry in been[len(dated) :])
    assert feed.count() == len(wanted) == len(feed.df())
    assert feed.upcoming_count() == len([entry for entry in coming if entry["kind"] != "change"])


@settings(max_examples=10)
@given(
    person=st.lists(st.sampled_from([1, 2]), unique=True, max_size=1),
    size=st.sampled_from([3, 7, 40]),
    now=st.sampled_from(DAYS),
)
def test_every_change_is_folded_between_entries_once(crowded, person, size, now):
    feed = Timeline(card_of(Desk(crowded, "kn", clock=lambda: now)), person=person)
    assert feed.folds_changes
    after, folded, unfolded = None, 0, []
    while True:
        page = feed.rows(after, size)
        ended = len(page) < size
        dates = [entry["at"] for entry in page if entry["at"] is not None]
        for slot, fold in feed.folds(page, after, ended).items():
            folded += fold.changes
            before = position(page[slot - 1]) if slot else after
            until = dates[slot] if slot < len(dates) else None
            inside = feed.unfolded(before, until, 500)
            assert sum(len(entry["rows"]) for entry in inside) == fold.changes
            unfolded += keys(inside)
        if ended:
            break
        after = position(page[-1])
    feed.show_changes = True
    changes = [key for key in keys(pages(feed.rows, 50)) if key[0] == "change"]
    assert unfolded == changes
    rows = feed.changes([entry for entry in pages(feed.rows, 50) if entry["kind"] == "change"])
    assert folded == len(rows)


@pytest.mark.parametrize("changes", [False, True])
def test_entries_of_one_date_stand_on_one_page_each(crowded, changes):
    feed = Timeline(card_of(Desk(crowded, "kn", clock=lambda: DAYS[-1])), show_changes=changes)
    assert keys(pages(feed.rows, 3)) == keys(feed.rows(None, 500))


@pytest.mark.parametrize("rows", [999, 1000, 1001, 2500])
def test_a_mass_edit_of_a_second_longer_than_a_piece_of_the_log(own, insert_records, rows):
    """The piece of the log that a page reads must not end within it for ever."""
    when, earlier = dt.datetime(2026, 1, 25, 12), dt.datetime(2026, 1, 24, 12)
    told = dict(organisation_id=1, responsible_id=1, action="update", entity="person", field="note")
    with own.desk.database.load("Edit", "test") as load:
        insert_records(load, "change", [
            {"id": 1000 + i, "changeset": 90 if i else 89, "at": when if i else earlier,
             "record_id": i // 30, **told} for i in range(rows + 1)])  # fmt: skip
    own.show_changes = True
    found = keys(pages(own.rows, 20))
    assert len(found) == len(set(found)) == own.count() - len(own.upcoming(None, 500))
    entries = own.unfolded(None, None, 20)
    while len(page := own.unfolded(position(entries[-1]), None, 20)) == 20:
        entries += page
    assert keys(entries + page) == [key for key in found if key[0] == "change"]


# -- what an entry is ------------------------------------------------------------------------


def test_what_is_to_come_stands_apart_the_soonest_first(feed):
    assert keys(feed.upcoming()) == [
        ("activity", 6),
        ("meeting", 1),
        ("activity", 2),
        ("quotation", 2),
    ]
    assert keys(feed.rows())[0] == ("ticket", 1)
    assert keys(feed.rows())[-1] == ("ticket", 2), "what has no date is last"


def test_an_entry_tells_who_and_what(feed):
    entry = next(e for e in feed.rows() if e["kind"] == "activity")
    assert (entry["what"], entry["status"], entry["who"]) == (
        "Call about the offer",
        "Planned",
        "Kari Nordmann",
    )
    record = feed.records([entry])["activity", entry["id"]]
    assert (record["type"], record["person"], record["quotation"]) == ("Call", "Kari Vik", "Lamps")


def test_a_frame_and_its_sql(feed):
    frame = feed.df()
    assert list(frame.columns) == ["when", "kind", "what", "who", "status", "id"]
    assert len(frame) == feed.count()
    assert len(feed.desk.database.rows(type(feed.query)(feed.sql))) == len(frame)


def test_numbers_of_each_kind_pass_the_other_filters(feed):
    assert feed.totals() == {
        "activity": 6, "meeting": 1, "email": 2, "quotation": 3, "order": 2, "ticket": 2, "change": 4,
    }  # fmt: skip
    feed.param.update(kinds=["tickets"], search="flickers")
    assert {k: n for k, n in feed.totals().items() if n} == {"ticket": 1}
    feed.clear()
    assert not feed.is_filtered
    assert ("Kari Nordmann" in [name for _id, name, _n in feed.users()]) and feed.users()[-1][
        0
    ] is None


def test_unknown_kinds_users_and_periods_are_refused(feed):
    for wrong, error in (
        (dict(kinds=["tickts"]), UnknownName),
        (dict(kinds=["persons"]), UnknownName),
        (dict(person=["Nobody here"]), UnknownName),
        (dict(period="sometimes"), FilterError),
        (dict(search="a\0b"), FilterError),
    ):
        feed.clear()
        feed.param.update(**wrong)
        for ask in (feed.rows, feed.count):
            with pytest.raises(error):
                ask()


def test_fields_changed_at_once_are_one_entry_and_making_an_entry_is_none(own):
    database, before = own.desk.database, own.totals()["change"]
    made = Create("activity", {"subject": "New", "organisation_id": 1})
    database.apply(Changeset((made, Update("organisation", 1, {"city": "Voss", "phone": "1"}))))
    person = Create("person", {"name": "Anne", "organisation_id": 1})
    database.apply(Changeset((person,)))
    own.show_changes = True
    own.desk.clock = lambda: dt.datetime.now() + dt.timedelta(hours=1)
    changes = [entry for entry in own.rows() if entry["kind"] == "change"]
    assert own.totals()["change"] == before + 3
    assert [(e["status"], len(e["rows"])) for e in changes[:2]] == [
        ("person", 1),
        ("organisation", 2),
    ]
    rows = own.changes(changes[:2])
    assert {rows[id]["field"] for id in changes[1]["rows"]} == {"city", "phone"}


def test_a_person_has_a_timeline_too(desk):
    feed = Timeline(card_of(desk, 1, "person"))
    feed.show_changes = True
    assert set(keys(feed.rows() + feed.upcoming())) == {
        ("activity", 1), ("email", 1), ("email", 2), ("meeting", 1), ("quotation", 1), ("ticket", 1),
        ("change", 4),
    }  # fmt: skip


def test_a_card_without_any(desk):
    feed = Timeline(card_of(desk, 6))
    assert (feed.rows(), feed.upcoming(), feed.pinned(), feed.count()) == ([], [], [], 0)
    feed.kinds, feed.person = ["ticket"], [None]
    assert feed.rows() == [] and len(feed.df()) == 0


# -- pins ------------------------------------------------------------------------------------


def test_a_pin_is_on_top_for_everybody_and_can_be_undone(own, now):
    total = own.count()
    applied = own.pins.pin("activity", 3)
    other = Timeline(card_of(Desk(own.desk.database, "oh", clock=lambda: now)))
    assert keys(other.pinned()) == [("activity", 3)]
    assert ("activity", 3) not in keys(other.rows())
    assert other.count() == total
    assert not other.pins.pin("activity", 3), "it is pinned already"
    own.desk.database.undo(applied.number)
    assert other.pinned() == []
    other.pins.pin("activity", 3)
    other.search = "no such text"
    assert other.pinned() == []
    assert other.pins.unpin("activity", 3) and not other.pins.unpin("activity", 3)


def test_a_pin_outlives_what_was_deleted_and_is_in_no_log(own):
    own.pins.pin("ticket", 1)
    log = own.card.counts()["log"]
    own.desk.database.apply(Changeset((Delete("ticket", 1),)))
    assert own.pinned() == []
    own.desk.database.undo(own.desk.database.scalar(_last()))
    assert keys(own.pinned()) == [("ticket", 1)]
    own.pins.pin("ticket", 2)
    assert own.card.counts()["log"] > log
    rows = RecordList(own.desk, "log", own.card.scope("change")).facet("status")
    assert "pin" not in [value for value, _title, _n in rows]


def _last():
    from crmpanel.query.query import Query

    return Query("SELECT max(id) FROM changeset")


def test_pins_are_those_of_one_organisation(own):
    own.pins.pin("activity", 3)
    assert Timeline(card_of(own.desk, 3)).pins.read() == {}
    person = Timeline(card_of(own.desk, 4, "person"))
    person.pins.pin("email", 1)
    assert person.pins.read() == {"email": (1,)} and own.pins.read() == {"activity": (3,)}


# -- an entity that nobody knows --------------------------------------------------------------


def test_an_entity_of_ones_own_takes_part(toy_desk):
    card = card_of(toy_desk)
    card.layout = Layout("organisation", "organisation_id", (), (), timeline=("vehicle", "change"))
    feed = Timeline(card)
    assert keys(feed.rows()) == [("vehicle", 1), ("vehicle", 2)]
    [first, _second] = feed.rows()
    assert (first["what"], first["status"], first["who"]) == ("AB 1", "In use", "Kari Nordmann")
    assert feed.records([first])["vehicle", 1]["price"] == 100
    feed.show_changes = True
    assert feed.count() == 2 + 4
    assert feed.totals() == {"vehicle": 2, "change": 4}
