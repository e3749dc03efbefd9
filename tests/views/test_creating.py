"""New records in a window, without a browser: what the form shows, and what comes of its events."""

import asyncio
import logging

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.controllers.links import Links
from crmpanel.locale.formats import Formats
from crmpanel.model.changeset import Changeset, Update
from crmpanel.model.filters import Condition
from crmpanel.views.app import App
from crmpanel.views.cells import Display
from crmpanel.views.list_words import empty_words
from crmpanel.views.record_card import RecordCardView
from crmpanel.views.record_list import RecordListView


@pytest.fixture
def display(database, now):
    """Served pages, of which somebody may be told something."""
    shown = Display(Desk(database, "kn", clock=lambda: now), Formats(), Links())
    shown.notices.place()
    return shown


@pytest.fixture
def activities(display):
    """The activities of organisation 1, with their form open."""
    return opened(RecordListView(display.desk, "activity", mine(1), display=display))


def mine(organisation):
    return (Condition(("organisation_id",), "eq", (organisation,)),)


def opened(records):
    records.__panel__()
    records._creating.open()
    asyncio.run(records._creating._form.open())
    return records


def form(records):
    return records._creating._form


def send(form, **event):
    asyncio.run(form._handle(event))
    return form.component.outcome


def save(form, values, **event):
    return send(form, type="save", token=form.component.form["token"], values=values, **event)


def fields(form, section):
    part = next(p for p in form.component.form["sections"] if p["name"] == section)
    return {field["name"]: field for field in part["fields"]}


def told(display):
    """The notice that is shown, and the labels of its buttons."""
    notice = display.notices._toasts[0].notice
    return notice.get("message"), [action["label"] for action in notice.get("actions", ())]


@pytest.mark.card("S13h")
def test_every_list_but_the_log_has_a_button_for_a_new_record(display):
    card = RecordCardView.of(display, "organisation", 1)
    for tab in card.card.layout.lists:
        records = card.card.list(tab.name)
        records.__panel__()
        label = records._summary.create
        assert bool(label) == (tab.entity != "change"), tab.name
        assert empty_words(records, records._creating.label)["action"] == label
    assert card.card.list("quotation_lines")._summary.create == "New quotation line"
    assert card.card.list("activities")._creating._form is None  # nothing is made before it is used


def test_the_form_is_filled_in_and_marks_what_is_needed(activities):
    shown = fields(form(activities), "activity")
    assert shown["subject"]["mandatory"] and shown["subject"]["whole"] and shown["subject"]["first"]
    assert shown["status"]["value"] == "Planned" and "Active" in shown["status"]["offered"]
    assert (shown["responsible_id"]["input"], shown["responsible_id"]["value"]) == ("user", "1")
    assert (shown["person_id"]["input"], shown["person_id"]["owned"]) == ("record", True)
    assert not shown["note"]["first"] and "organisation_id" not in shown
    assert form(activities).component.form["title"] == "New activity"


def test_a_saved_form_says_so_and_cannot_be_saved_again(activities, display):
    token = form(activities).component.form["token"]
    before = activities.count()
    outcome = save(form(activities), {"activity": {"subject": "Call", "date": "2026-02-03T12:00"}})
    assert outcome["kind"] == "created" and told(display) == ("Activity created", ["Open", "Undo"])
    assert display.notices._actions[0].href.startswith("/activity/")
    send(form(activities), type="save", token=token, values={"activity": {"subject": "Call"}})
    assert activities.count() == before + 1


def test_problems_stand_beside_the_fields_and_the_form_stays(activities):
    outcome = save(form(activities), {"activity": {"subject": " ", "date": "x"}})
    assert outcome["kind"] == "refused" and set(outcome["problems"]["activity"]) == {
        "subject",
        "date",
    }
    assert save(form(activities), {"activity": {"subject": "Call"}})["kind"] == "created"


def test_after_save_and_new_an_empty_form_is_open(activities):
    first = form(activities).component.form
    save(form(activities), {"activity": {"subject": "One"}}, again=True)
    second = form(activities).component.form
    assert second["number"] == first["number"] + 1 and second["token"] != first["token"]
    assert save(form(activities), {"activity": {"subject": "Two"}})["kind"] == "created"


def test_a_record_that_the_filters_hide_says_which_and_how_to_see_it(activities, display):
    activities.param.update(status=["Active"], search="visit")
    save(form(activities), {"activity": {"subject": "Call", "status": "Planned"}})
    message, actions = told(display)
    assert message == (
        "Activity created\nIt is hidden by the filters Search: “visit” and Status: Active."
    )
    assert actions == ["Open", "Clear the filters", "Undo"]
    display.notices._actions[1].do()
    assert not activities.is_filtered


def test_a_record_on_another_page_says_so(activities, display):
    activities.page_size = 1
    save(form(activities), {"activity": {"subject": "Old", "date": "2001-01-01T00:00"}})
    assert told(display)[0].endswith("It stands on another page of the list.")


@pytest.mark.card("S14")
def test_on_the_card_of_a_person_the_record_is_the_persons(display):
    card = RecordCardView.of(display, "person", 1)
    records = opened(card.card.list("activities"))
    assert not {"person_id", "organisation_id"} & set(fields(form(records), "activity"))
    save(form(records), {"activity": {"subject": "Call Kari"}})
    id = max(row["id"] for row in records.rows())
    made = find(display.desk, "activity", id)
    assert (made["person_id"], made["organisation_id"]) == (1, 1)


def test_records_to_refer_to_are_found(display):
    records = opened(RecordListView(display.desk, "activity", display=display))
    asked = form(records)
    ask = {"type": "find", "section": "activity", "field": "person_id", "key": "k", "text": ""}
    send(asked, **ask, values={})
    assert asked.component.found["results"] == []
    assert asked.component.found["hint"] == "Choose the organisation first"
    send(asked, **ask, values={"organisation_id": "1"})
    assert [r["title"] for r in asked.component.found["results"]] == ["Kari Vik", "Per Øst"]


@pytest.mark.parametrize("event", [
    {"type": "save"}, {"type": "save", "token": "x", "values": {}}, {"type": "save", "values": "x"},
    {"type": "find"}, {"type": "find", "section": ["x"], "field": {}, "text": 7, "values": 3},
    {"type": "find", "section": "activity", "field": "subject", "values": {}},
    {"type": "look"}, {"type": "look", "section": "activity", "number": "1", "values": {}},
    {"type": "look", "section": "activity", "number": 1, "values": {"subject": ["x"]}},
    {"type": "close"},
])  # fmt: skip
def test_forged_events_change_nothing(activities, event, caplog):
    before = activities.count()
    with caplog.at_level(logging.ERROR):
        send(form(activities), **event)
    assert activities.count() == before and not caplog.records


def test_events_before_the_form_is_open_change_nothing(display):
    app = App(display, "/")
    for event in ("save", "find", "look"):
        send(app.create, type=event, token="", values={"organisation": {"name": "x"}})
    assert app.create.component.outcome["number"] == 0


# -- quick create and duplicates -----------------------------------------------------------------


@pytest.fixture
def app(display):
    made = App(display, "/")
    asyncio.run(made.create.open())
    return made


@pytest.mark.card("L16")
def test_quick_create_leads_to_the_new_card(app, display):
    parts = app.create.component.form["sections"]
    assert [p["name"] for p in parts] == ["organisation", "person", "activity"]
    assert [bool(p["note"]) for p in parts] == [False, True, True]
    outcome = save(app.create, {
        "organisation": {"name": "Fjordbygg AS"}, "person": {"first_name": "Eva", "last_name": "Vik"},
    })  # fmt: skip
    assert outcome["href"] == "/organisation/7"
    assert told(display) == ("Organisation created with person", ["Undo"])


@pytest.mark.card("L17")
def test_records_that_look_the_same_are_shown_with_the_reason(app):
    look = {"type": "look", "section": "organisation"}
    send(app.create, **look, number=1, values={"name": "Nordlys AS", "division": "Production"})
    alike = app.create.component.alike
    first = alike["records"][0]
    assert (alike["number"], first["title"]) == (1, "Nordlys AS, Production")
    assert first["exact"] and first["href"] == "/organisation/2" and "same name" in first["reasons"]
    send(app.create, **look, number=2, values={"name": "Nordlyss AS"})
    records = app.create.component.alike["records"]
    assert records and not any(r["exact"] for r in records)
    send(app.create, **look, number=3, values={"name": "Quite another"})
    assert app.create.component.alike["records"] == []
    send(app.create, **look, number=4, values={"name": "\0"})
    assert app.create.component.alike == {"number": 4, "section": "organisation", "records": []}


def test_an_answer_that_was_overtaken_is_thrown_away(app, monkeypatch):
    draft = app.create.creating.drafts["organisation"]
    asked = draft.alike

    def overtaken(values):
        app.create._looked = 2
        return asked(values)

    monkeypatch.setattr(draft, "alike", overtaken)
    send(app.create, type="look", section="organisation", number=1, values={"name": "Nordlys AS"})
    assert app.create.component.alike["records"] == []


@pytest.mark.card("L17")
def test_a_person_is_looked_for_by_name_and_e_mail(display):
    records = opened(RecordListView(display.desk, "person", mine(1), display=display))
    part = form(records).component.form["sections"][0]
    assert set(part["watched"]) == {"first_name", "middle_name", "last_name", "email"}
    values = {"first_name": "Kari", "last_name": "Vik"}
    send(form(records), type="look", section="person", number=1, values=values)
    assert form(records).component.alike["records"][0]["href"] == "/person/1"


# -- won -----------------------------------------------------------------------------------------


@pytest.mark.card("L16")
def test_the_card_of_a_won_quotation_offers_the_order_and_then_leads_to_it(display, database):
    card = RecordCardView.of(display, "quotation", 1)
    card.__panel__()
    header = card._heading.component
    assert header.buttons == []
    asyncio.run(card._won._handle({"type": "action", "name": "make"}))
    assert "Only what was won" in told(display)[0]
    database.apply(Changeset((Update("quotation", 1, {"level": "Won"}),)))
    assert [b["label"] for b in header.buttons] == ["Create order"]
    asyncio.run(card._won._handle({"type": "action", "name": "make"}))
    assert told(display) == ("Order created", ["Open", "Undo"])
    assert header.buttons == [{"name": "", "label": "Open order", "href": "/order/3"}]
    asyncio.run(card._won._handle({"type": "action", "name": "make"}))
    assert told(display)[0] == "There is one already."
    other = RecordCardView.of(display, "quotation", 3)  # has an order since long
    other.__panel__()
    assert [b["label"] for b in other._heading.component.buttons] == ["Open order"]
