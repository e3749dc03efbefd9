"""Merging, deleting, restoring: what is told beforehand is what happens, and all of it is undone."""

import pytest

from crmpanel.controllers.deleting import Deleting, delete
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.merging import Merging, merge
from crmpanel.controllers.mine import Mine
from crmpanel.controllers.notifications import Notifications
from crmpanel.controllers.recycling import recycled, restore
from crmpanel.controllers.subscriptions import Subscriptions
from crmpanel.errors import Conflict, InputError, NotFound, UnknownName, ValidationFailed
from crmpanel.model.changeset import Changeset, Create, Delete, Update
from crmpanel.query.query import Query
from crmpanel.store import open_


def contents(database):
    tables = [entity.name for entity in database.registry if not entity.about]
    return {name: sorted(database.rows(Query(f'SELECT * FROM "{name}"'))) for name in tables}


def value(database, entity, id, field):
    return database.scalar(Query(f'SELECT "{field}" FROM "{entity}" WHERE id = ?', (id,)))


def apply(database, *parts):
    return database.apply(Changeset(parts)).number


@pytest.fixture
def desk(database):
    return Desk(database, "kn")


# -- what people keep about a record ---------------------------------------------------------------


@pytest.mark.card("S2", "S3", "S4")
def test_favourites_and_subscriptions_follow_a_merge(desk, database):
    others = [desk.working_as(2), desk.working_as(3)]
    for one, ids in ((desk, [3]), (others[0], [1, 3]), (others[1], [3])):
        for id in ids:
            Mine(one).set_favourite("organisation", id, True)
            Subscriptions(one).subscribe("organisation", id)
    Subscriptions(others[1]).unsubscribe("organisation", 3)
    applied = Merging(desk, "organisation", 1, 3).apply()
    assert set(applied.personal) == {"favourite", "subscription"}
    for one in (desk, *others):
        assert [row["id"] for row in Mine(one).favourites()] == [1]
    told = [Subscriptions(one).current("organisation", 1) for one in (desk, *others)]
    assert [watch is not None for watch in told] == [True, True, False]
    assert len(Subscriptions(others[0]).watches()) == 2, "who had both has no more of them"
    number = database.apply(
        Changeset((Update("organisation", 1, {"city": "Voss"}),), user=3)
    ).number
    assert Notifications(desk).unread() == [number]
    database.undo(applied.number)
    assert {row["id"] for row in Mine(desk).favourites()} == {1, 3}
    assert Subscriptions(desk).current("organisation", 3) is not None


def test_what_nobody_keeps_follows_nothing(desk, database):
    assert Merging(desk, "organisation", 1, 3).apply().personal == ()


# -- merging -------------------------------------------------------------------------------------


@pytest.mark.card("S4")
def test_a_merge_moves_all_and_is_taken_apart_again(desk, database):
    before = contents(database)
    merging = Merging(desk, "organisation", 3, 1)
    moves = merging.moves()
    assert (moves["activity"], moves["quotation"], moves["organisation"]) == (6, 3, 1)
    assert "change" not in moves
    Mine(desk).visit("organisation", 1)
    applied = merging.apply({"city": "gone"})
    for name in moves.keys() - {"organisation"}:
        assert database.rows(Query(f'SELECT 1 FROM "{name}" WHERE organisation_id = 1')) == []
    assert value(database, "organisation", 2, "parent_id") == 3
    assert value(database, "organisation", 1, "id") is None
    kept = database.records(Query("SELECT * FROM organisation WHERE id = 3"))[0]
    assert (kept["name"], kept["city"], kept["type"]) == ("Café Solberg", "Bergen", "Prospect")
    # What was blank is filled; what comes from another system, or is kept by the machinery, is not.
    assert (kept["vat_number"], kept["responsible2_id"]) == ("NO 987 654 321 MVA", 2)
    assert (kept["erp_id"], kept["source_key"]) == (None, "17")
    row = database.records(Query("SELECT * FROM changeset WHERE id = ?", (applied.number,)))[0]
    assert (row["source"], row["user_id"]) == ("merge", 1)
    later = apply(database, Create("activity", {"subject": "Later", "organisation_id": 3}))
    database.undo(applied.number)
    assert value(database, "activity", 11, "organisation_id") == 3
    database.undo(later)
    assert contents(database) == before


def test_both_records_side_by_side(desk):
    rows = {pair.field.name: pair for pair in Merging(desk, "organisation", 2, 1).rows()}
    assert (rows["city"].kept, rows["city"].gone, rows["city"].choice) == (
        "Tromsø",
        "Bergen",
        "kept",
    )
    assert rows["phone"].choice == "gone"
    assert (rows["responsible_id"].kept, rows["responsible_id"].gone) == (
        "Ola Hansen",
        "Kari Nordmann",
    )
    assert rows["city"].differs and not rows["name"].differs
    assert not rows.keys() & {"id", "erp_id", "source_key", "created"}


def test_a_record_does_not_come_to_refer_to_itself(desk, database):
    Merging(desk, "organisation", 2, 1).apply({"city": "gone"})
    assert value(database, "organisation", 2, "parent_id") is None
    assert value(database, "organisation", 2, "city") == "Bergen"


def test_a_merge_of_other_records(desk, database):
    applied = Merging(desk, "person", 2, 1).apply()
    assert value(database, "activity", 1, "person_id") == 2
    assert value(database, "person", 2, "email") == "kari@nordlys.no"
    database.undo(applied.number)
    assert value(database, "activity", 1, "person_id") == 1
    Merging(desk, "user", 2, 1).apply()
    assert value(database, "organisation", 1, "responsible_id") == 2


def test_a_value_that_could_not_be_entered_is_not_proposed(desk, database):
    with database.load("Test", "test") as load:
        load.execute("UPDATE person SET email = 'no address' WHERE id = 2")
        load.execute("UPDATE person SET email = NULL WHERE id = 1")
    merging = Merging(desk, "person", 1, 2)
    assert {pair.field.name: pair.choice for pair in merging.rows()}["email"] == "kept"
    with pytest.raises(ValidationFailed, match="no value for a email field"):
        merging.apply({"email": "gone"})
    merging.apply()


def test_what_was_changed_meanwhile_is_a_conflict(desk, database):
    merging = Merging(desk, "organisation", 5, 1)
    apply(database, Update("organisation", 1, {"phone": "1"}))
    before = contents(database)
    with pytest.raises(Conflict, match="now it is '1'"):
        merging.apply()
    merging = Merging(desk, "organisation", 5, 6)
    apply(database, Delete("organisation", 5))
    with pytest.raises(Conflict, match="was deleted"):
        merging.apply()
    assert value(database, "organisation", 6, "id") == 6
    restore(desk, "organisation", 5)
    assert contents(database) == before


def test_what_cannot_be_merged(desk):
    with pytest.raises(InputError, match="with itself"):
        merge(desk, "organisation", 1, 1)
    with pytest.raises(NotFound):
        Merging(desk, "organisation", 1, 99)
    with pytest.raises(UnknownName):
        Merging(desk, "organisation", 1, 2).apply({"erp_id": "gone"})
    with pytest.raises(InputError, match="Choose kept or gone"):
        Merging(desk, "organisation", 1, 2).apply({"city": "both"})


def test_what_is_only_declared_is_merged_too(crm_path, toy_registry, insert_records):
    with open_(crm_path, toy_registry) as database:
        with database.load("Test", "test") as load:
            insert_records(load, "vehicle", [dict(id=1, organisation_id=3, plate="AB 1")])
        Merging(Desk(database, "kn"), "organisation", 1, 3).apply()
        assert value(database, "vehicle", 1, "organisation_id") == 1


# -- deleting ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entity", "id"), [("organisation", 1), ("organisation", 3), ("person", 3), ("user", 1)]
)
def test_what_is_told_beforehand_is_what_happens(desk, database, entity, id):
    told = Deleting(desk, entity, id)
    applied = told.apply("Gone")
    deleted, cleared = {}, {}
    sql = (
        "SELECT action, entity, count(*) FROM change WHERE changeset = ? AND field {} GROUP BY ALL"
    )
    for action, name, n in database.rows(Query(sql.format("= 'id'"), (applied.number,))):
        assert action == "delete"
        deleted[name] = n
    for _, name, n in database.rows(
        Query(sql.format("LIKE '%_id' AND action = 'update'"), (applied.number,))
    ):
        cleared[name] = n
    deleted[entity] -= 1
    assert told.goes() == {name: n for name, n in deleted.items() if n}
    assert told.cleared() == cleared
    assert goes_first(told.goes())
    with pytest.raises(Conflict):
        delete(desk, entity, id)


def goes_first(found):
    return list(found.values()) == sorted(found.values(), reverse=True)


def test_what_belongs_to_nothing_takes_nothing_with_it(toy_desk):
    told = Deleting(toy_desk, "vehicle", 1)
    assert (told.goes(), told.cleared()) == ({}, {})


# -- the recycle bin -----------------------------------------------------------------------------


def listed(desk, *which):
    rows = recycled(desk, *which).rows()
    assert recycled(desk, *which).count() == len(rows)
    return [(row["entity"], row["id"], row["went_with"]) for row in rows]


@pytest.mark.hardening(49)
def test_the_recycle_bin(desk, database):
    assert listed(desk) == []
    delete(desk, "person", 3)
    delete(desk, "organisation", 1)
    went = len(
        database.rows(Query("SELECT 1 FROM change WHERE field = 'id' AND action = 'delete'"))
    )
    assert listed(desk) == [("organisation", 1, went - 2), ("person", 3, 0)]
    assert listed(desk, "persons") == [("person", 3, 0)]
    assert listed(desk, None, 3) == [("person", 3, 0)]
    row = recycled(desk).rows()[0]
    assert (row["title"], row["who"]) == ("Nordlys AS", "Kari Nordmann")
    assert [r["id"] for r in recycled(desk).rows(page=2, page_size=1)] == [3]
    assert list(recycled(desk).df()["id"]) == [1, 3]
    restore(desk, "organisation", 1)
    assert listed(desk) == [("person", 3, 0)]
    assert value(database, "ticket", 1, "person_id") == 1
    restore(desk, "persons", 3)
    assert listed(desk) == []
    for _ in range(2):
        delete(desk, "person", 3)
        restore(desk, "person", 3)
    delete(desk, "person", 3)
    assert listed(desk) == [("person", 3, 0)]
    with pytest.raises(NotFound, match="No person 5 was deleted"):
        restore(desk, "person", 5)


def test_one_comes_back_out_of_a_merge(desk, database):
    Merging(desk, "organisation", 3, 1).apply()
    apply(database, Update("activity", 1, {"organisation_id": 5}))
    restore(desk, "organisation", 1)
    assert value(database, "activity", 2, "organisation_id") == 1
    assert value(database, "activity", 1, "organisation_id") == 5
    # What the merge filled in stays.
    assert value(database, "organisation", 3, "vat_number") == "NO 987 654 321 MVA"
