"""Editing: which fields can be edited, how values are entered, and what comes of saving them."""

import datetime as dt
import logging

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.editing import Editing
from crmpanel.controllers.finding import find
from crmpanel.controllers.inputs import input_of, number_entered, why_read_only
from crmpanel.entities import REGISTRY
from crmpanel.errors import InputError


@pytest.fixture
def edit(database):
    """Get the fields of a record as they are now, to be edited."""
    desk = Desk(database, "kn")
    return lambda entity, id: Editing(desk, REGISTRY[entity], find(desk, entity, id))


def test_what_can_be_edited_follows_from_the_declaration():
    for entity in REGISTRY:
        for field in entity.fields.values():
            how = input_of(entity, field)
            if field.synchronised or field.group in ("System", "") or entity.about:
                assert how is None, field.name
            elif field.target:
                assert how == ("user" if field.target == "user" else None)
            if how is None:
                assert why_read_only(field)
    organisation = REGISTRY["organisation"]
    assert input_of(organisation, organisation.fields["comment"]) == "area"
    assert "ERP" in why_read_only(organisation.fields["erp_id"])
    assert "system" in why_read_only(organisation.fields["id"])


@pytest.mark.parametrize(("text", "number"), [
    ("1,5", "1.5"), ("1.5", "1.5"), ("1 234,50", "1234.50"), ("1\u202f234\u00a0567", "1234567"),
    ("\u22122", "-2"), (" 7 ", "7"), ("0,125", "0.125"), ("1234.567", "1234.567"),
])  # fmt: skip
def test_numbers_are_read_with_comma_or_point(text, number):
    assert number_entered(text) == number


@pytest.mark.parametrize("text", ["1,234", "1.234", "-12.500"])
def test_a_number_that_can_be_read_in_two_ways_is_refused(text):
    with pytest.raises(InputError, match="either"):
        number_entered(text)


@pytest.mark.card("S5")
def test_several_fields_are_saved_as_one_and_undone_as_one(edit, database):
    fields = edit("organisation", 1)
    values = {"city": " Oslo ", "revenue": "2 000,5", "responsible_id": "2", "phone": None}
    outcome = fields.save(values)
    assert (outcome.kind, outcome.message) == ("saved", "Saved 4 changes")
    now = edit("organisation", 1).seen
    assert (now["city"], float(now["revenue"]), now["phone"]) == ("Oslo", 2000.5, None)
    assert now["responsible"] == "Ola Hansen" == fields.seen["responsible"]
    assert fields.can_undo and fields.undo().kind == "undone" and not fields.can_undo
    assert edit("organisation", 1).seen["city"] == "Bergen"
    assert fields.undo().kind == "failed"


def test_dates_and_truths(edit):
    fields = edit("person", 1)
    saved = fields.save({"birthday": "1980-02-28", "block_mass_email": "true"})
    assert saved.message == "Saved 2 changes"
    assert (fields.seen["birthday"], fields.seen["block_mass_email"]) == (
        dt.date(1980, 2, 28),
        True,
    )
    activity = edit("activity", 1)
    assert activity.save({"date": "2026-05-01T13:30"}).kind == "saved"
    assert activity.seen["date"] == dt.datetime(2026, 5, 1, 13, 30)


def test_every_problem_is_told_at_once_and_nothing_is_saved(edit):
    fields = edit("organisation", 1)
    outcome = fields.save({"city": "Oslo", "email": "no address", "employees": "1,5", "name": " "})
    assert outcome.kind == "refused" and set(outcome.problems) == {"email", "employees", "name"}
    assert "kari@" in outcome.problems["email"]
    assert "whole" in outcome.problems["employees"] and "empty" in outcome.problems["name"]
    assert edit("organisation", 1).seen["city"] == "Bergen"


def test_a_problem_that_only_the_store_sees_stands_beside_its_field(edit):
    outcome = edit("organisation", 1).save({"responsible_id": "999"})
    assert outcome.kind == "refused" and "999" in outcome.problems["responsible_id"]


@pytest.mark.hardening(32, 40)
@pytest.mark.parametrize("values", [
    {"erp_id": "1"}, {"id": "2"}, {"created": "2026-01-01"}, {"parent_id": "2"}, {"no_such": "x"},
    {"city": 7}, {"city": ["x"]}, {"city": "Oslo", "source_key": "x"},
])  # fmt: skip
def test_a_forged_field_is_refused_and_logged(edit, values, caplog):
    with caplog.at_level(logging.WARNING):
        assert edit("organisation", 1).save(values).kind == "failed"
    assert "refused" in caplog.text
    assert edit("organisation", 1).seen["city"] == "Bergen"


def test_the_log_cannot_be_edited(edit):
    assert edit("change", 1).editable == {}


def test_a_conflict_is_told_and_either_side_may_win(edit):
    mine, theirs = edit("organisation", 1), edit("organisation", 1)
    theirs.save({"city": "Oslo", "address": "Gate 1"})
    outcome = mine.save({"city": "Bodø"})
    assert outcome.kind == "conflict"
    collision = outcome.conflicts["city"]
    assert (collision.now, collision.by) == ("Oslo", "Kari Nordmann")
    assert mine.save({"city": "Bodø"}).kind == "conflict"
    assert mine.save({"city": "Bodø"}, mine=["city", 7, "nonsense"]).kind == "saved"
    assert (mine.seen["city"], mine.seen["address"]) == ("Bodø", "Gate 1")
    assert theirs.save({"city": "Moss"}).kind == "conflict"
    theirs.accept("city")
    assert theirs.seen["city"] == "Bodø"


def test_a_record_that_is_gone_and_an_undo_that_comes_too_late(edit, database):
    first, second = edit("organisation", 5), edit("organisation", 5)
    first.save({"city": "Bodø"})
    assert edit("organisation", 5).save({"city": "Moss"}).kind == "saved"
    late = first.undo()
    assert late.kind == "failed" and "no longer" in late.message
    with database.load("gone", "test") as load:
        load.execute("DELETE FROM organisation WHERE id = 5")
    assert second.save({"city": "x"}).kind == "failed"


def test_nothing_to_change_is_no_error(edit):
    assert edit("organisation", 1).save({"city": "Bergen"}).message == "Nothing had to be changed."


def test_the_values_that_occur_are_offered(edit):
    choices = edit("organisation", 1).choices()
    assert choices["type"] == ["Customer", "Prospect"]
    assert choices["country"] == ["Norway", "Sweden"] and "city" not in choices
