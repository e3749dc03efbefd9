"""The links of a card: its menu, the window for a new one, and what is written meanwhile."""

import asyncio
import logging

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.links import Links
from crmpanel.locale.formats import Formats
from crmpanel.model.changeset import Changeset, Create, Delete, Update
from crmpanel.views.app import App
from crmpanel.views.cells import Display
from crmpanel.views.creating import CreateForm
from crmpanel.views.record_card import RecordCardView
from crmpanel.views.record_list import RecordListView
from crmpanel.views.template_form import TemplateForm


@pytest.fixture
def display(database, now):
    display = Display(Desk(database, "kn", clock=lambda: now), Formats(), Links())
    display.notices.place()
    return display


def opened(display, entity="organisation", id=1):
    card = RecordCardView.of(display, entity, id)
    card.__panel__()
    return card


def menu(card):
    tool = next(tool for tool in card._heading.component.tools if tool["name"] == "links")
    return {item["name"]: item for item in tool["items"]}


def press(card, item):
    asyncio.run(card._tools._act({"type": "tool", "name": "links", "choice": item}))


@pytest.fixture
def form(display):
    card = opened(display)
    press(card, "new")
    return card._tools.tools[0]._form


def send(form, **event):
    asyncio.run(form._handle(event))
    return form.component


def tried(form, **values):
    values = {"template": "", "name": "", **values}
    return send(form, type="try", section="link", number=7, values=values).trial


def test_the_menu_names_each_link_and_where_it_leads(display):
    found = menu(opened(display))
    assert found["link-2"] == {
        "name": "link-2",
        "label": "LinkedIn",
        "note": "www.linkedin.com",
        "href": "https://www.linkedin.com/search/results/companies/?keywords=Nordlys%20AS",
        "external": True,
    }
    assert found["link-1"]["disabled"] == "Website needs Website, which is blank."
    assert "href" not in found["link-1"]
    assert list(found)[-3:] == ["rule", "new", "edit"] and found["edit"]["href"] == "/links"


@pytest.mark.card("S1")
def test_every_card_has_links_but_those_of_links(display):
    assert "link-10" in menu(opened(display, "person", 1))
    assert list(menu(opened(display, "quotation", 1))) == ["none", "rule", "new", "edit"]
    tools = opened(display, "link", 2)._heading.component.tools
    assert [tool["name"] for tool in tools] == ["as_of"]


def test_ones_own_links_stand_apart(display, database):
    values = {"name": "Own", "template": "https://x.no/", "entity": "organisation"}
    database.apply(Changeset((Create("link", {**values, "organisation_id": 1}),)))
    assert list(menu(opened(display)))[:4] == ["own", "link-11", "all", "link-1"]
    assert "link-11" not in menu(opened(display, id=2))


def test_a_card_shows_at_once_what_is_written_about_links(display, database):
    card = opened(display)
    values = {"name": "ERP", "template": "https://erp.no/{erp_id}", "entity": "organisation"}
    database.apply(Changeset((Create("link", values),)))
    assert menu(card)["link-11"]["href"] == "https://erp.no/10001"
    database.apply(Changeset((Delete("link", 11), Update("link", 2, {"name": "In"}))))
    assert "link-11" not in menu(card) and menu(card)["link-2"]["label"] == "In"
    database.apply(Changeset((Update("organisation", 1, {"website": "www.nordlys.no"}),)))
    assert menu(card)["link-1"]["href"] == "https://www.nordlys.no"


@pytest.mark.card("S1")
def test_a_notebook_has_the_links_as_a_list(database):
    card = opened(Display(Desk(database, "kn"), Formats()))
    assert [(link.name, bool(link.url), link.reason) for link in card.links] == [
        ("Website", False, "Website needs Website, which is blank."),
        ("LinkedIn", True, ""),
        ("Map", False, "Map needs Address, which is blank."),
        ("Brønnøysund Register", True, ""),
    ]
    assert "edit" not in menu(card)


@pytest.mark.hardening("33")
def test_what_is_not_offered_is_refused(display, caplog):
    card = opened(display)
    with caplog.at_level(logging.WARNING):
        press(card, "link-99")
    assert "is no entry" in caplog.text
    press(card, "link-2")
    assert card._tools.tools[0]._form is None


@pytest.mark.card("L1")
def test_the_window_tries_the_address_on_the_record(form):
    fields = {f["name"]: f for f in form.component.form["sections"][0]["fields"]}
    assert list(fields) == ["name", "template", "country", "organisation_id", "position"]
    labels = [option["label"] for option in fields["organisation_id"]["options"]]
    assert labels == ["All organisations", "Only Nordlys AS"]
    found = tried(form, template=" https://x.no/{name} ")
    assert (found["label"], found["href"]) == ("For Nordlys AS:", "https://x.no/Nordlys%20AS")
    assert {"text": "{city}", "label": "City", "value": "Bergen"} in found["inserts"]
    assert tried(form, name="Map", template="https://x.no/{address}")["problem"] == (
        "Map needs Address, which is blank."
    )
    wrong = tried(form, template="https://{name}.no/")
    assert "host of the link would come from data" in wrong["problem"] and not wrong["label"]
    assert (
        not wrong["href"] and "Did you mean" in tried(form, template="https://x/{nme}")["problem"]
    )
    assert tried(form)["text"] == "" and tried(form)["inserts"]


@pytest.mark.card("L1")
def test_a_link_is_made_for_all_or_for_one(form, display, database):
    token = form.component.form["token"]
    values = {"name": "ERP", "template": "https://{name}/", "organisation_id": "1"}
    saved = send(form, type="save", token=token, values={"link": values}).outcome
    assert saved["kind"] == "refused" and "template" in saved["problems"]["link"]
    values["template"] = "https://x.no/{nme}"
    saved = send(form, type="save", token=token, values={"link": values}).outcome
    assert "Did you mean 'name'" in saved["problems"]["link"]["template"]
    values["template"] = "https://x.no/{erp_id}"
    saved = send(form, type="save", token=token, values={"link": values}).outcome
    assert saved["kind"] == "created" and saved["href"] is None
    own = [link.name for link in opened(display).links if link.own]
    assert own == ["ERP"] and not [link for link in opened(display, id=3).links if link.own]


@pytest.mark.hardening("34")
@pytest.mark.parametrize(
    "event",
    [
        {"section": "user", "number": 1, "values": {}},
        {"section": ["link"], "number": 1, "values": {}},
        {"section": "link", "number": "1", "values": {}},
        {"section": "link", "number": 1, "values": []},
    ],
)
def test_a_forged_trial_is_ignored(form, event):
    before = form.component.trial
    assert send(form, type="try", **event).trial is before


def test_forged_values_of_a_trial_are_no_address(form):
    assert tried(form, template=["https://x.no"], name={})["text"] == ""
    assert tried(form, template="https://x.no/\ud800{name}")["problem"]


@pytest.mark.card("L1")
def test_all_links_are_a_list_with_the_same_window(display):
    app = App(display, "/links")
    records = app._page
    assert records.display.text(records.entity, "entity", {"entity": "person"}) == "Person"
    assert len(records._table.rows) == len(records.entity.shipped)
    records._creating.open()
    asyncio.run(records._creating._form.open())
    made = records._creating._form
    assert isinstance(made, TemplateForm)
    entity = next(f for f in made.component.form["sections"][0]["fields"] if f["name"] == "entity")
    assert entity["value"] == "organisation" and entity["input"] == "options"
    offered = {option["value"]: option["label"] for option in entity["options"]}
    assert offered["person"] == "Person" and not offered.keys() & {"link", "change", "user"}
    found = tried(made, entity="person", template="https://x.no/{title}")
    assert found["href"] and "{department}" in {item["text"] for item in found["inserts"]}
    assert tried(made, entity="nobody", template="https://x.no/") == {
        "number": 7,
        "section": "link",
        "text": "",
        "inserts": [],
    }


def test_other_lists_have_the_ordinary_window(display):
    records = RecordListView(display.desk, "person", display=display)
    records.__panel__()
    records._creating.open()
    assert type(records._creating._form) is CreateForm


@pytest.mark.card("L1")
def test_a_cell_of_the_list_can_be_edited_and_refuses(display):
    records = RecordListView(display.desk, "link", display=display)
    records.__panel__()
    cells = records._cells
    asyncio.run(cells._handle({"type": "edit", "id": 2, "column": "entity"}))
    assert {"value": "person", "label": "Person"} in records._table.editing["fields"]["entity"][
        "options"
    ]
    save = {"type": "save", "id": 2, "column": "template", "value": "javascript:alert(1)"}
    asyncio.run(cells._handle(save))
    assert records._table.outcome["kind"] == "refused"
    asyncio.run(cells._handle({**save, "value": "https://x.no/{nme}"}))
    assert "Did you mean 'name'" in records._table.outcome["message"]
    asyncio.run(cells._handle({**save, "value": "https://x.no/{name}"}))
    assert records._table.outcome["kind"] == "saved"


def test_the_way_back_from_a_link_is_the_list_of_links(display, database):
    assert opened(display, "link", 2)._heading.component.crumbs == [
        {"text": "Links", "href": "/links"}
    ]
    database.apply(Changeset((Update("link", 2, {"organisation_id": 1}),)))
    crumbs = opened(display, "link", 2)._heading.component.crumbs
    assert [crumb["href"] for crumb in crumbs] == ["/", "/organisation/1", "/links"]
