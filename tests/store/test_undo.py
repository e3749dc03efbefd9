"""Undo: derived from the log, whole or refused with reasons."""

import pytest

from crmpanel.errors import NotFound, UndoRefused
from crmpanel.model.changeset import Changeset, Create, Delete, MassUpdate, NewRecord, Set, Update
from crmpanel.query.query import Query


def apply(database, *parts):
    return database.apply(Changeset(parts)).number


def contents(database):
    """All records; the log tells how they came to be so."""
    tables = [entity.name for entity in database.registry if not entity.about]
    return {name: sorted(database.rows(Query(f'SELECT * FROM "{name}"'))) for name in tables}


NEW = NewRecord()


@pytest.mark.parametrize(
    "parts",
    [
        [Update("organisation", 1, {"phone": "1", "employees": 5, "parent_id": 3})],
        [Update("organisation", 4, {"city": None})],
        [Delete("organisation", 1), Update("person", 3, {"phone": None})],
        [Delete("person", 1), Delete("user", 2)],
        [Create("organisation", {"name": "x"}, NEW), Update("person", 1, {"organisation_id": NEW})],
        [MassUpdate(("activity", [1, 2, 3]), {"status": Set("Lost"), "person_id": Set(2)})],
    ],
)
def test_undo_restores_and_redo_does_it_again(database, parts):
    before = contents(database)
    number = apply(database, *parts)
    after = contents(database)
    assert after != before
    undone = database.undo(number, user=1)
    assert contents(database) == before
    redone = database.undo(undone.number)
    assert contents(database) == after
    database.undo(redone.number)
    assert contents(database) == before
    row = database.records(Query("SELECT * FROM changeset WHERE id = ?", (undone.number,)))[0]
    assert (row["undoes"], row["source"], row["user_id"]) == (number, "undo", 1)


def refused(database, number):
    before = contents(database)
    with pytest.raises(UndoRefused) as caught:
        database.undo(number)
    assert contents(database) == before
    assert caught.value.number == number
    return caught.value


def test_a_later_change_is_in_the_way(database):
    first = apply(database, Update("person", 1, {"title": "Chair", "phone": "1"}))
    second = apply(database, Update("person", 1, {"title": "Owner"}))
    error = refused(database, first)
    assert error.reasons == [
        f"person 1 (Kari Vik), title: it was changed to 'Owner' in changeset {second}."
    ]
    assert error.remedy == "Undo the later changesets first."
    database.undo(second)
    database.undo(first)


def test_all_that_stands_on_a_new_record_is_told(database):
    new = NewRecord()
    first = apply(
        database,
        Create("organisation", {"name": "Ny AS"}, new),
        Create("person", {"name": "Eva", "organisation_id": new}),
    )
    second = apply(database, Update("person", 6, {"title": "CEO"}))
    third = apply(database, Update("activity", 1, {"person_id": 6}))
    fourth = apply(database, Create("activity", {"subject": "Call", "organisation_id": 7}))
    error = refused(database, first)
    assert sorted(error.reasons) == [
        f"activity 1 (Call about the offer) refers to it as person_id since changeset {third}.",
        f"activity 11 (Call) refers to it as organisation_id since changeset {fourth}.",
        f"person 6 (Eva), title: it was changed to 'CEO' in changeset {second}.",
    ]
    for number in (fourth, third, second, first):
        database.undo(number)


def test_what_is_gone_or_back_is_told(database):
    first = apply(database, Update("person", 1, {"title": "Chair"}))
    second = apply(database, Delete("person", 1))
    assert refused(database, first).reasons[0].endswith(f"(changeset {second}).")
    third = database.undo(second).number
    error = refused(database, second)
    assert f"person 1 (Kari Vik) is there again since changeset {third}." in error.reasons
    assert error.remedy == f"Changeset {third} has undone it already."


def test_a_record_does_not_return_to_what_is_gone(database):
    first = apply(database, Delete("activity", 7))
    second = apply(database, Delete("organisation", 3))
    [reason, other] = refused(database, first).reasons
    assert f"no organisation 3 to refer to: it was deleted in changeset {second}" in reason
    assert "no person 3" in other


def test_what_was_not_logged_field_by_field_cannot_be_undone(database):
    with database.load("Demo", "demo") as load:
        number = load.changeset
    assert "load" in refused(database, number).reasons[0]
    assert "load" in refused(database, 2).reasons[0]
    with pytest.raises(NotFound, match="no changeset 99"):
        database.undo(99)
