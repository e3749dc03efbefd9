"""Copying: a record as a new one, with the lists that are chosen."""

import pytest

from crmpanel.controllers import copying
from crmpanel.controllers.copying import Copying, copy
from crmpanel.controllers.desk import Desk
from crmpanel.errors import InputError, NotFound, UnknownName, ValidationFailed
from crmpanel.query.query import Query


@pytest.fixture
def desk(database):
    return Desk(database, "kn")


def rows(database, entity, where):
    return database.records(Query(f'SELECT * FROM "{entity}" WHERE {where} ORDER BY id'))


@pytest.mark.card("S4")
def test_an_organisation_with_its_lists(desk, database):
    choices = Copying(desk, "organisation", 1).lists()
    assert (choices["persons"], choices["activities"]) == (2, 6)
    # The machinery keeps the contents of documents; the log is nobody's to copy.
    assert not choices.keys() & {"documents", "log", "organisations"}
    copied = copy(desk, "organisation", 1, ["persons", "activities", "persons"])
    [old], [new] = (rows(database, "organisation", f"id = {id}") for id in (1, copied.id))
    assert new["name"] == "Nordlys AS (copy)"
    kept = ("id", "name", "source_key", "created", "erp_id", "last_activity")
    assert {k: v for k, v in new.items() if k not in kept} == {
        k: v for k, v in old.items() if k not in kept
    }
    assert (new["source_key"], new["erp_id"]) == (None, None)
    assert new["created"] > old["created"]
    persons = rows(database, "person", f"organisation_id = {copied.id}")
    assert [person["name"] for person in persons] == ["Kari Vik", "Per Øst"]
    activities = rows(database, "activity", f"organisation_id = {copied.id}")
    linked = {row["subject"]: row["person_id"] for row in activities}
    assert linked["Call about the offer"] == persons[0]["id"]
    assert linked["Later today"] == 3
    assert {row["quotation_id"] for row in activities} == {1, None}
    assert not rows(database, "quotation", f"organisation_id = {copied.id}")
    [changeset] = rows(database, "changeset", f"id = {copied.applied.number}")
    assert (changeset["source"], changeset["user_id"]) == ("copy", 1)
    database.undo(copied.applied.number)
    assert not rows(database, "person", f"organisation_id = {copied.id}")


def test_a_quotation_with_its_lines(desk, database):
    lines = Copying(desk, "quotation", 1).lists()["quotation_lines"]
    copied = copy(desk, "quotation", 1, ["quotation_lines"], level="B - Warm")
    [new] = rows(database, "quotation", f"id = {copied.id}")
    assert (new["description"], new["level"]) == ("Lamps (copy)", "B - Warm")
    assert len(rows(database, "quotation_line", f"quotation_id = {copied.id}")) == lines > 0


def test_what_could_not_be_entered_is_left_out_and_told(desk, database):
    with database.load("Test", "test") as load:
        load.execute("UPDATE person SET email = 'no address' WHERE id = 1")
    copied = copy(desk, "person", 1)
    assert copied.left_out == (("person", 1, "email"),)
    [new] = rows(database, "person", f"id = {copied.id}")
    assert (new["name"], new["email"], new["organisation_id"]) == ("Kari Vik (copy)", None, 1)


def test_what_cannot_be_copied(desk, database, monkeypatch):
    before = database.writes
    with pytest.raises(NotFound):
        Copying(desk, "organisation", 99)
    with pytest.raises(UnknownName, match="Did you mean 'persons'"):
        copy(desk, "organisation", 1, ["person"])
    with pytest.raises(ValidationFailed, match="Organisation is missing"):
        copy(desk, "person", 4)
    monkeypatch.setattr(copying, "MOST", 6)
    with pytest.raises(InputError, match="More than 6 records"):
        copy(desk, "organisation", 1, ["activities"])
    assert database.writes == before
    copy(desk, "organisation", 1, ["persons"])
