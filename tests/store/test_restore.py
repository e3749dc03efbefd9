"""Restore: one deleted record comes back, with what went with it."""

import pytest

from crmpanel.errors import Conflict, NotFound, UndoRefused, ValidationFailed
from crmpanel.model.changeset import Changeset, Delete, MassUpdate, Set, Update
from crmpanel.query.query import Query


def apply(database, *parts):
    return database.apply(Changeset(parts)).number


def contents(database):
    """All records; the log tells how they came to be so."""
    tables = [entity.name for entity in database.registry if not entity.about]
    return {name: sorted(database.rows(Query(f'SELECT * FROM "{name}"'))) for name in tables}


def value(database, entity, id, field):
    return database.scalar(Query(f'SELECT "{field}" FROM "{entity}" WHERE id = ?', (id,)))


@pytest.mark.hardening(49)
def test_one_record_out_of_a_mass_delete(database):
    before = contents(database)
    number = apply(
        database,
        Delete("organisation", 1),
        Delete("organisation", 3),
        Update("organisation", 5, {"city": "Bodø"}),
    )
    assert value(database, "activity", 7, "id") is None
    applied = database.undo(number, user=2, only=("organisation", 3))
    assert value(database, "activity", 7, "person_id") == 3
    assert value(database, "organisation", 1, "id") is None
    assert value(database, "organisation", 5, "city") == "Bodø"
    row = database.records(Query("SELECT * FROM changeset WHERE id = ?", (applied.number,)))[0]
    assert (row["undoes"], row["source"], row["user_id"]) == (number, "restore", 2)
    second = database.undo(number, only=("organisation", 1)).number
    # Together they are all but the other change; and each of them can be undone.
    later = apply(database, Update("organisation", 5, {"city": "Oslo"}))
    assert contents(database) == before
    for done in (later, second, applied.number):
        database.undo(done)
    assert value(database, "organisation", 3, "id") is None


def test_a_record_comes_back_without_the_references_to_what_is_gone(database):
    number = apply(database, Delete("organisation", 1), Delete("organisation", 3))
    database.undo(number, only=("organisation", 1))
    assert value(database, "activity", 6, "subject") == "Later today"
    assert value(database, "activity", 6, "person_id") is None
    assert value(database, "activity", 1, "person_id") == 1
    number = apply(database, Delete("person", 1), Update("activity", 1, {"responsible_id": 2}))
    apply(database, Delete("user", 2))
    database.undo(number, only=("person", 1))
    assert value(database, "person", 1, "name") == "Kari Vik"


def test_references_come_back_unless_they_have_another_value_since(database):
    number = apply(database, Delete("person", 1))
    activities = Query("SELECT id FROM activity WHERE person_id = 1")
    assert database.rows(activities) == []
    apply(database, Update("activity", 1, {"person_id": 2}), Delete("quotation", 1))
    database.undo(number, only=("person", 1))
    assert value(database, "activity", 1, "person_id") == 2
    assert value(database, "quotation", 1, "id") is None
    assert value(database, "email", 1, "person_id") == 1


def test_what_is_in_the_way_of_a_restore(database):
    number = apply(database, Delete("person", 3))
    with pytest.raises(NotFound, match="did not delete person 1"):
        database.undo(number, only=("person", 1))
    with pytest.raises(NotFound, match="did not delete"):
        database.undo(99, only=("person", 3))
    later = apply(database, Delete("organisation", 3))
    with pytest.raises(UndoRefused, match=f"no organisation 3 .* deleted in changeset {later}"):
        database.undo(number, only=("person", 3))
    database.undo(later, only=("organisation", 3))
    database.undo(number, only=("person", 3))
    with pytest.raises(UndoRefused, match="is there again"):
        database.undo(number, only=("person", 3))


def test_what_moves_elsewhere_does_not_go_with_its_owner(database):
    parts = [
        MassUpdate(("activity", [7, 10]), {"organisation_id": Set(1)}),
        Update("person", 3, {"organisation_id": 1}),
        Delete("organisation", 3),
    ]
    before = contents(database)
    number = apply(database, *parts)
    assert value(database, "activity", 7, "organisation_id") == 1
    assert value(database, "activity", 7, "person_id") == 3
    assert database.rows(Query("SELECT * FROM quotation WHERE organisation_id = 3")) == []
    database.undo(number)
    assert contents(database) == before


def test_what_moves_to_one_that_goes_as_well_goes(database):
    moved = Update("activity", 7, {"organisation_id": 1})
    apply(database, moved, Delete("organisation", 3), Delete("organisation", 1))
    assert value(database, "activity", 7, "id") is None


def test_what_belongs_to_nobody_any_more_stays(toy_registry, crm_path, insert_records):
    from crmpanel.store import open_

    with open_(crm_path, toy_registry) as database:
        with database.load("Test", "test") as load:
            insert_records(load, "vehicle", [dict(id=1, organisation_id=3, plate="AB 1")])
        apply(database, Update("vehicle", 1, {"organisation_id": None}), Delete("organisation", 3))
        assert value(database, "vehicle", 1, "plate") == "AB 1"


@pytest.mark.hardening(49)
def test_what_is_deleted_must_be_as_it_was_seen(database):
    seen = Update("person", 1, {}, {})
    apply(database, seen)
    changed = Update("person", 1, {"title": "CEO"}, {"title": "Buyer"})
    with pytest.raises(Conflict, match="you saw 'Buyer', now it is 'CEO'"):
        apply(database, changed, Delete("person", 1))
    apply(database, Update("person", 1, {"title": "CEO"}, {"title": "CEO"}), Delete("person", 1))
    with pytest.raises(Conflict, match="was deleted"):
        apply(database, seen)
    with pytest.raises(ValidationFailed, match="There is no person 77"):
        apply(database, Update("person", 77, {}))
