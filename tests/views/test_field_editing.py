"""The Fields tab and the side panel without a browser: what they show, and what becomes of events."""

import asyncio

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.locale.formats import Formats
from crmpanel.views.cells import Display
from crmpanel.views.field_editing import FieldEditing
from crmpanel.views.record_card import RecordCardView


@pytest.fixture
def opened(database):
    """A card and its fields, as in a notebook."""
    card = RecordCardView.of(Display(Desk(database, "kn"), Formats()), "organisation", 1)
    card.__panel__()
    card.tab = "fields"
    return card, card._fields


def editor(fields):
    """The component that was made last."""
    return fields._editors[-1][0]


def send(fields, **event):
    asyncio.run(fields._handle(event))
    return editor(fields).outcome


def shown(fields):
    return of(editor(fields))


def of(component):
    return {f["name"]: f for panel in component.panels for f in panel["fields"]}


def test_fields_say_how_they_are_entered_or_why_they_are_not(opened):
    fields = shown(opened[1])
    assert (fields["city"]["input"], fields["city"]["value"]) == ("text", "Bergen")
    assert (fields["revenue"]["input"], fields["revenue"]["value"]) == ("number", "1500000.00")
    assert (fields["responsible_id"]["input"], fields["responsible_id"]["value"]) == ("user", "1")
    assert fields["name"]["mandatory"]
    for name in ("erp_id", "id", "created", "parent_id"):
        assert "input" not in fields[name] and fields[name]["title"]


@pytest.mark.card("S5")
def test_a_save_is_seen_in_the_fields_the_heading_and_the_side_panel(opened):
    card, fields = opened
    outcome = send(fields, type="save", values={"city": "Narvik", "name": "Nordlys Kraft AS"})
    assert (outcome["kind"], outcome["undo"]) == ("saved", True)
    assert shown(fields)["city"]["text"] == "Narvik" == card.record["city"]
    assert card._heading.component.title == "Nordlys Kraft AS"
    assert "Narvik" in str(card._side.panels)
    assert card._counts["log"] == 6
    assert send(fields, type="undo")["kind"] == "undone"
    assert card._heading.component.title == "Nordlys AS"


def test_a_conflict_says_who_and_what(opened, database):
    _, fields = opened
    other = FieldEditing(opened[0].card, opened[0].display)
    other.fields()
    other.display.live.forget()
    send(other, type="save", values={"responsible_id": "3"})
    outcome = send(fields, type="save", values={"responsible_id": "2"})
    assert outcome["kind"] == "conflict"
    assert outcome["conflicts"]["responsible_id"].startswith(
        "Kari Nordmann changed this to: Åse Bjørk"
    )
    asyncio.run(fields._handle({"type": "theirs", "field": "responsible_id"}))
    assert shown(fields)["responsible_id"]["text"] == "Åse Bjørk"


@pytest.mark.parametrize(
    "event", [{"values": {"erp_id": "1"}}, {"values": {"city": 1}}, {"values": "x"}, {}]
)
def test_forged_events_change_nothing(opened, event):
    card, fields = opened
    editor(fields)._handle_msg({"type": "save", **event})
    assert editor(fields).outcome.get("kind") in (None, "failed")
    assert card.record["city"] == "Bergen" and card.record["erp_id"] == "10001"


@pytest.mark.card("S8")
def test_the_side_panel_offers_empty_fields_that_can_be_filled(opened):
    card, fields = opened
    side = of(card._side)
    assert side["address"]["text"] == "" and side["address"]["input"] == "text"
    assert all(field.get("input") or field["text"] for field in side.values())
    outcome = send(fields, type="save", values={"address": "Gate 1"})
    assert outcome["kind"] == "saved" and card._side.outcome == outcome
    assert of(card._side)["address"]["text"] == "Gate 1" == shown(fields)["address"]["text"]
    assert card._side.book == editor(fields).book != ""


def draft(fields, names):
    asyncio.run(fields._handle({"type": "drafts", "fields": names}))


@pytest.mark.card("S5")
def test_the_fields_tab_is_marked_while_anything_is_unsaved(opened):
    card, fields = opened

    def marked():
        return [tab["name"] for tab in card._bar.tabs if tab["mark"]]

    assert marked() == []
    draft(fields, ["city"])
    assert marked() == ["fields"]
    draft(fields, "nonsense")
    assert marked() == []


def test_choices_and_users_come_when_the_first_field_is_opened(opened):
    card, fields = opened
    assert (card._side.users, card._side.choices) == ([], {})
    send(fields, type="begin")
    assert card._side.choices["type"] == ["Customer", "Prospect"] == editor(fields).choices["type"]
    assert {"value": "2", "label": "Ola Hansen"} in card._side.users
