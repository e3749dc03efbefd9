"""The past is what it was: every state is compared with a copy that was kept."""

import copy
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from crmpanel.entities import REGISTRY
from crmpanel.errors import StoreError
from crmpanel.model.changeset import Changeset, Create, Delete, Update
from crmpanel.model.moment import Moment, parse
from crmpanel.query.query import Query
from crmpanel.store import create, open_, rolling_back, staging
from crmpanel.store.past import Past, Scope
from tests.store.test_replay import FIELDS, TARGETS, Writes, everything

ARE_FEW = staging.are_few
PARENTS = {1: None, 2: "1", 3: "2"}
OWNERS = {1: "1", 2: "2", 3: "3", 4: "1"}
PERSONS = {1: "1", 2: "1", 3: "2", 4: "3"}
MOVES = (
    ("activity", "organisation_id"),
    ("activity", "person_id"),
    ("person", "organisation_id"),
    ("organisation", "parent_id"),
)
TITLES = {name: REGISTRY[name].title for name in FIELDS}


class Pasts(Writes):
    """Keeps a copy of everything after each changeset, and compares them all in the end."""

    def fill(self):
        self.copies = {}
        if staging.are_few is not ARE_FEW:
            # As if many records had been called otherwise.
            self.patch.setattr(rolling_back, "MANY", 0)
        world = {
            ("user", 1): {"name": "A"},
            **{("organisation", n): {"name": "Bø", "parent_id": PARENTS[n]} for n in (1, 2, 3)},
            **{("person", n): {"name": "A", "organisation_id": str(n)} for n in (1, 2, 3)},
            **{
                ("activity", n): {
                    "subject": "Call",
                    "organisation_id": OWNERS[n],
                    "person_id": PERSONS[n],
                    "responsible_id": "1",
                }
                for n in (1, 2, 3, 4)
            },
        }
        wanted = {key: {**dict.fromkeys(FIELDS[key[0]]), **world[key]} for key in world}
        self.next = {entity: 1 + sum(key[0] == entity for key in wanted) for entity in FIELDS}
        for entity in FIELDS:
            some = {key: record for key, record in wanted.items() if key[0] == entity}
            self.write([Create(entity, r) for r in some.values()], {**self.model, **some})

    @rule(data=st.data(), id=st.integers(1, 4))
    def move(self, data, id):
        """To another organisation, or in an activity to another person."""
        entity, name = data.draw(st.sampled_from(MOVES))
        if (entity, id) in self.model and any(key[0] == TARGETS[name] for key in self.model):
            wanted = copy.deepcopy(self.model)
            value = wanted[entity, id][name] = self.choose(data, name)
            self.write([Update(entity, id, {name: value})], wanted)

    @rule(data=st.data(), id=st.integers(1, 4), value=st.sampled_from("AB"))
    def rename(self, data, id, value):
        entity = data.draw(st.sampled_from(["user", "organisation", "person"]))
        if (entity, id) in self.model:
            wanted = copy.deepcopy(self.model)
            wanted[entity, id]["name"] = value
            self.write([Update(entity, id, {"name": value})], wanted)

    def done(self, applied, wanted):
        super().done(applied, wanted)
        self.copies[applied.number] = everything(self.database)

    def teardown(self):
        if hasattr(self, "database"):
            for number, kept in self.copies.items():
                compare(self.database, number, kept)
        super().teardown()


def compare(database, number, kept):
    """A past state, and what one organisation and one person had then, with the copy."""
    moment = moment_of(database, number)
    assert everything(Past(database, moment)) == kept
    ids = {entity: sorted(id for name, id in kept if name == entity) for entity in FIELDS}
    if ids["organisation"]:
        organisation = ids["organisation"][number % len(ids["organisation"])]
        compare_organisation(database, moment, organisation, kept)
    if ids["person"]:
        compare_person(database, moment, ids["person"][number % len(ids["person"])], kept)


def moment_of(database, number):
    at = database.scalar(Query('SELECT "at" FROM changeset WHERE id = ?', (number,)))
    return Moment(at, number)


def compare_organisation(database, moment, id, kept):
    """Its records, and the titles of what they refer to."""
    past = Past(database, moment, Scope(id))
    found = everything(past)
    own = {key for key, record in kept.items() if belongs(key, record, id)}
    assert {key: found.get(key) for key in own} == {key: kept[key] for key in own}
    assert {key for key, record in found.items() if belongs(key, record, id)} == own
    titles_are_right(past, own, kept)


def compare_person(database, moment, id, kept):
    """All that refers to it, whosever it was."""
    owner = int(kept["person", id]["organisation_id"])
    past = Past(database, moment, Scope(owner, "person_id", "person", id))
    found = everything(past)
    mine = {key for key, record in kept.items() if record.get("person_id") == str(id)}
    assert {key: found.get(key) for key in mine} == {key: kept[key] for key in mine}
    assert {key for key, record in found.items() if record.get("person_id") == str(id)} == mine


def belongs(key, record, organisation):
    itself = key == ("organisation", organisation)
    return itself or record.get("organisation_id") == str(organisation)


def titles_are_right(past, own, kept):
    found = everything(past)
    for key in own:
        for name in kept[key].keys() & TARGETS.keys():
            target = (TARGETS[name], int(kept[key][name]))
            title = TITLES[target[0]]
            assert found[target].get(title) == kept[target].get(title)


@pytest.mark.hardening(38)
def test_every_past_state_is_the_copy_that_was_kept(tmp_path_factory):
    path = tmp_path_factory.mktemp("past") / "template.duckdb"
    create(path).close()
    machine = type("Machine", (Pasts,), {"template": path})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=6, stateful_step_count=12, deadline=None)
    )


@pytest.fixture
def organisation(database):
    """An organisation that was made, called otherwise, and given a person."""
    made = database.apply(Changeset((Create("organisation", {"name": "Old"}),)))
    id = made.events[0].ids[0]
    number = made.number
    database.apply(Changeset((Update("organisation", id, {"name": "New"}),)))
    return id, Moment(moment_of(database, number).at, number)


def name(past, id):
    return past.scalar(Query('SELECT name FROM "organisation" WHERE id = ?', (id,)))


@pytest.mark.hardening(38)
def test_the_past_cannot_be_changed(database, organisation):
    past = Past(database, organisation[1])
    change = Changeset((Update("organisation", organisation[0], {"name": "x"}),))
    acts = [
        lambda: past.apply(change),
        lambda: past.preview(change),
        lambda: past.summary(change),
        lambda: past.undo(organisation[1].changeset),
        lambda: past.maintain("DELETE FROM organisation"),
        lambda: past.load("x", "x").__enter__(),
    ]
    before = everything(database)
    for act in acts:
        with pytest.raises(StoreError, match="The past cannot be changed"):
            act()
    assert everything(database) == before


def test_what_is_written_later_does_not_touch_it(database, organisation):
    id, moment = organisation
    scoped, whole = Past(database, moment, Scope(id)), Past(database, moment)
    assert name(scoped, id) == name(whole, id) == "Old"
    relation = scoped.relation(Query('SELECT "city" FROM "organisation" WHERE id = ?', (id,)))
    database.apply(Changeset((Update("organisation", id, {"city": "Oslo", "name": "Newer"}),)))
    for past in (scoped, whole):
        assert name(past, id) == "Old"
        assert past.scalar(Query('SELECT city FROM "organisation" WHERE id = ?', (id,))) is None
    assert relation.fetchall() == [(None,)]
    database.apply(Changeset((Delete("organisation", id),)))
    assert name(scoped, id) == name(whole, id) == "Old"
    assert name(database, id) is None


def test_a_record_that_the_log_does_not_know_is_there_from_the_day_it_says(database):
    with database.load("Test", "test") as load:
        sql = "INSERT INTO organisation (id, name, created) VALUES (?, ?, ?)"
        load.execute(sql, [901, "Always", None])
        load.execute(sql, [902, "Since", "2026-02-01 10:00:00"])
    for scope in (lambda id: Scope(id), lambda id: None):
        before, after = parse("2026-01-31"), parse("2026-02-01")
        assert name(Past(database, before, scope(901)), 901) == "Always"
        assert name(Past(database, before, scope(902)), 902) is None
        assert name(Past(database, after, scope(902)), 902) == "Since"


@pytest.mark.hardening(7)
def test_a_logged_text_that_is_no_value_leaves_the_present_one(database, organisation):
    id, moment = organisation
    with database.load("Test", "test") as load:
        load.execute(
            'INSERT INTO change (id, organisation_id, changeset, "at", action, entity, record_id, '
            "field, old_value, new_value) VALUES (10000, ?, ?, ?, 'update', 'organisation', ?, "
            "'responsible_id', 'Kari Vik', 'Ola Hansen')",
            [id, load.changeset, "2099-01-01", id],
        )
        load.execute("UPDATE organisation SET responsible_id = 1 WHERE id = ?", [id])
    query = Query('SELECT responsible_id FROM "organisation" WHERE id = ?', (id,))
    assert Past(database, moment, Scope(id)).scalar(query) == 1


@pytest.mark.hardening(51)
def test_threads_share_a_past(database, organisation):
    id, moment = organisation
    past = Past(database, moment, Scope(id))
    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(name, past, id) for _ in range(60)]
        for n in range(5):
            database.apply(Changeset((Update("organisation", id, {"name": f"N{n}"}),)))
        assert {f.result() for f in found} == {"Old"}


def test_closing_the_database_closes_its_past(database, organisation):
    id, moment = organisation
    past = Past(database, moment, Scope(id))
    past.close()
    assert name(database, id) == "New"
    again = Past(database, moment, Scope(id))
    assert name(again, id) == "Old"
    database.close()
    assert again.users == 0
    with open_(database.path) as reopened:
        assert name(reopened, id) == "New"
