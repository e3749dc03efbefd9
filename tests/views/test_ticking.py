"""Tick boxes, mass edits and cells of a list without a browser."""

import asyncio
import logging

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.locale.formats import Formats
from crmpanel.model.changeset import Changeset, Update
from crmpanel.model.filters import Condition
from crmpanel.query.query import Query
from crmpanel.views.cells import Display
from crmpanel.views.record_list import RecordListView

MINE = (Condition(("organisation_id",), "eq", (1,)),)


@pytest.fixture
def show(database):
    """Show a list, as in a notebook."""

    def build(entity="activity", scope=MINE, **state):
        view = RecordListView(Desk(database, "kn"), entity, scope, display=display, **state)
        view.__panel__()
        display.notices.place()
        return view

    display = Display(Desk(database, "kn"), Formats())
    return build


def send(view, type, **event):
    view._table._handle_msg({"type": type, **event})
    return view._table


def window(view, type, **event):
    """An event of the window of the mass edit, and what came of it."""
    mass = view._ticking._mass
    asyncio.run(mass._handle({"type": type, **event}))
    return mass.component.outcome


def notice(view):
    return view.display.notices._toasts[0].notice


def put(field, value):
    return {"field": field, "way": "set", "value": value}


def one(database, id, field):
    return database.scalar(Query(f'SELECT "{field}" FROM activity WHERE id = ?', (id,)))


def test_lists_of_what_can_be_edited_have_tick_boxes_and_the_log_has_none(show):
    assert show()._table.tickable and show("order")._table.tickable
    log = show("change")
    assert not log._table.tickable
    assert not [column for column in log._table.columns if "input" in column]
    assert send(log, "tick", ids=[1], on=True, seq=1).ticks["number"] == ""


def test_ticks_are_told_with_what_they_answer(show):
    view = show()
    table = send(view, "tick", ids=[1, 2], on=True, seq=3)
    assert table.ticks == {"seq": 3, "on": [2, 1], "number": "2", "more": "6", "message": ""}
    assert send(view, "all", seq=4).ticks["number"] == "6"
    table = send(view, "tick", ids=[3], on=False, seq=5)
    assert (table.ticks["number"], table.ticks["more"]) == ("5", "") and 3 not in table.ticks["on"]
    assert send(view, "clear", seq=6).ticks["on"] == []
    send(view, "tick", ids=[1], on=True, seq=7)
    view.search = "visit"
    assert view._table.ticks["number"] == ""


@pytest.mark.hardening(34, 35)
@pytest.mark.parametrize("ids", [[7], ["1"], [None], "1", None, {"a": 1}, [[1]], [1, 8], [1.5]])
def test_forged_ticks_are_refused_and_logged(show, ids, caplog):
    view = show()
    with caplog.at_level(logging.WARNING):
        assert send(view, "tick", ids=ids, on=True, seq=1).ticks["number"] == ""
    assert "refused to tick" in caplog.text


@pytest.mark.card("S13e")
def test_a_mass_edit_from_the_ticks_to_undo(show, database):
    view = show()
    send(view, "tick", ids=[1, 2, 3], on=True, seq=1)
    send(view, "mass", seq=2)
    component = view._ticking._mass.component
    assert component.opened["title"] == "Edit 3 activities"
    assert [field["name"] for field in component.fields][:3] == ["status", "responsible_id", "date"]
    window(view, "opened")
    assert "Planned" in component.choices["status"]
    steps = [put("status", "Completed"), {"field": "date", "way": "shift", "value": "7"}]
    told = window(view, "preview", steps=steps)
    preview = told["preview"]
    assert preview["head"] == "3 of 3 activities will change"
    assert preview["apply"] == "Change 3 activities" and preview["refused"] is None
    status, date = preview["fields"]
    assert (status["label"], status["head"]) == ("Status", "2 records")
    assert {(row["old"], row["new"], row["n"]) for row in status["rows"]} == {
        ("Planned", "Completed", "1"), ("Active", "Completed", "1"),
    }  # fmt: skip
    assert {"20 Jan 2026, 09:00", "5 Jan 2026, 08:00"} < {row["old"] for row in date["rows"]}
    assert preview["samples"]["columns"] == ["Activity", "Status", "Date"]
    assert one(database, 1, "status") == "Planned"
    window(view, "apply", leave_out=False)
    assert one(database, 1, "status") == "Completed"
    assert view._table.ticks["number"] == "" and notice(view)["message"] == "3 activities changed"
    number = notice(view)["number"]
    asyncio.run(view.display.notices._act({"type": "action", "index": 0, "number": number}))
    assert one(database, 1, "status") == "Planned" and notice(view)["message"] == "Undone"


def test_users_and_long_spans_are_told_as_lists_show_them(show):
    view = show()
    send(view, "all", seq=1)
    send(view, "mass", seq=2)
    steps = [put("responsible_id", "2"), {"field": "date", "way": "shift", "value": "-1"}]
    user, date = window(view, "preview", steps=steps)["preview"]["fields"]
    assert {row["old"] for row in user["rows"]} == {"Kari Nordmann", ""}
    assert {row["new"] for row in user["rows"]} == {"Ola Hansen"}
    assert [row["old"] for row in date["rows"]] == ["31 Dec 2025, 23:59 – 10 Feb 2026, 13:00"]


@pytest.mark.hardening(37)
def test_refused_records_are_told_and_left_out(show, database):
    database.apply(Changeset((Update("activity", 2, {"date": "9999-12-30"}),)))
    view = show()
    send(view, "all", seq=1)
    send(view, "mass", seq=2)
    step = {"field": "date", "way": "shift", "value": "7"}
    told = window(view, "preview", steps=[step])["preview"]
    assert told["refused"]["head"] == "1 activity cannot be changed"
    assert told["refused"]["rows"][0]["title"] == "Visit in Bergen"
    assert "past the calendar" in told["refused"]["rows"][0]["why"]
    assert told["notes"] == [
        "1 record stays as it is: it has these values already, or no date to move."
    ]
    assert window(view, "apply", leave_out=False)["kind"] == "failed"
    assert window(view, "apply", leave_out=True)["kind"] == "applied"


def test_what_changed_since_the_preview_is_shown_again(show, database):
    view = show()
    send(view, "tick", ids=[1, 4], on=True, seq=1)
    send(view, "mass", seq=2)
    window(view, "preview", steps=[put("priority", "High")])
    database.apply(Changeset((Update("activity", 1, {"priority": "High"}),)))
    told = window(view, "apply")
    assert told["kind"] == "outdated" and told["preview"]["head"].startswith("1 of 2")
    window(view, "closed")
    assert view._ticking._mass.component.opened == {}
    assert window(view, "apply")["kind"] == "outdated" and one(database, 4, "priority") is None


# -- cells -----------------------------------------------------------------------------------


def cell(view, type, id, column, **event):
    asyncio.run(view._cells._handle({"type": type, "id": id, "column": column, **event}))
    return view._table


@pytest.mark.card("S5")
def test_a_cell_is_edited_saved_and_undone(show, database):
    view = show()
    table = cell(view, "edit", 1, "status")
    assert table.editing["id"] == 1 and table.editing["fields"]["status"]["value"] == "Planned"
    assert "person_id" not in table.editing["fields"] and "Active" in table.choices["status"]
    table = cell(view, "save", 1, "status", value="Active")
    assert (table.outcome["kind"], table.outcome["column"]) == ("saved", "status")
    assert one(database, 1, "status") == "Active"
    assert notice(view)["message"] == "Call about the offer: Status changed"
    asyncio.run(view._load(view._asked))
    rows = {row["id"]: row["cells"] for row in table.rows}
    assert any(cell == {"text": "Active", "tone": "info"} for cell in rows[1])


def test_a_problem_and_a_conflict_are_told_at_the_cell(show, database):
    view = show()
    cell(view, "edit", 1, "subject")
    table = cell(view, "save", 1, "subject", value=" ")
    assert (table.outcome["kind"], table.outcome["message"]) == (
        "refused", "Subject cannot be empty.",
    )  # fmt: skip
    database.apply(Changeset((Update("activity", 1, {"subject": "Theirs"}),)))
    table = cell(view, "save", 1, "subject", value="Mine")
    assert table.outcome["conflict"].startswith("Somebody changed this to: Theirs")
    assert cell(view, "save", 1, "subject", value="Mine", mine=True).outcome["kind"] == "saved"
    database.apply(Changeset((Update("activity", 1, {"subject": "Again"}),)))
    cell(view, "save", 1, "subject", value="Mine too")
    cell(view, "theirs", 1, "subject")
    assert cell(view, "save", 1, "subject", value="Now").outcome["kind"] == "saved"


@pytest.mark.hardening(32, 38)
@pytest.mark.parametrize(("id", "column", "value"), [
    (7, "status", "x"), (1, "person_id", "1"), (1, "organisation_id", "2"), (1, "no_such", "x"),
    ("1", "status", "x"), (None, "status", "x"), (1, "status", 7), (1, ["status"], "x"), ([1], "status", "x"),
])  # fmt: skip
def test_forged_cells_are_refused_and_logged(show, database, id, column, value, caplog):
    view = show()
    cell(view, "edit", 1, "status")
    before = database.writes
    with caplog.at_level(logging.WARNING):
        cell(view, "save", id, column, value=value)
    assert "refused to change" in caplog.text and database.writes == before


def test_a_record_that_is_gone_is_told(show, database):
    view = show()
    view.display.live.forget()
    with database.load("gone", "test") as load:
        load.execute("DELETE FROM activity WHERE id = 4")
    assert cell(view, "edit", 4, "status").editing == {}
    assert notice(view)["tone"] == "warning"
    before = view._table.outcome
    assert cell(view, "save", 4, "status", value="x").outcome == before
