"""Declared fields and entities work wherever those of the code do."""

import pytest

from crmpanel.controllers.copying import Copying
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.editing import Editing
from crmpanel.controllers.finding import find
from crmpanel.controllers.inputs import mass_input_of
from crmpanel.controllers.merging import Merging
from crmpanel.controllers.record_card import RecordCard
from crmpanel.controllers.record_list import RecordList
from crmpanel.controllers.report import Report
from crmpanel.model.entity import OTHER, Entity, Field
from crmpanel.model.filters import Condition
from crmpanel.model.kinds import BOOLEAN, CHOICE, DATE, NUMBER, REFERENCE, TEXT
from crmpanel.views.panels import field_groups
from crmpanel.workspace import Workspace

FIELDS = [
    Field("nps", NUMBER, "NPS"),
    Field("tier", CHOICE),
    Field("nickname", TEXT),
    Field("vip", BOOLEAN),
]
SURVEY = Entity(
    name="survey", plural="surveys", label="Survey", label_plural="Surveys 2026", title="answer", date="day",
    columns=("answer", "day"), sort=(("day", True),),
    own_fields=(Field("organisation_id", REFERENCE, target="organisation"), Field("answer", TEXT), Field("day", DATE)),
)  # fmt: skip


@pytest.fixture
def desk(database, now):
    with database.load("Import", "test") as load:
        load.declare("organisation", FIELDS)
        load.declare_entity(SURVEY)
        load.execute(
            "UPDATE organisation SET nps = id, tier = 'Gold', nickname = 'Polar', vip = TRUE WHERE id IN (1, 5)"
        )
        load.execute(
            "INSERT INTO survey (id, organisation_id, answer, day) VALUES (1, 1, 'Good', DATE '2026-01-01'), (2, 3, 'Bad', NULL)"
        )
    return Desk(database, "kn", clock=lambda: now)


def test_the_fields_tab_has_a_group_of_them(desk):
    groups = {panel.title: panel.fields for panel in field_groups(desk.registry["organisation"])}
    assert groups[OTHER] == ("nps", "tier", "nickname", "vip")
    assert list(groups)[-1] == "System"


def edit(desk):
    return Editing(desk, desk.registry["organisation"], find(desk, "organisation", 1))


def test_they_are_edited_and_checked_by_their_kind(desk):
    editing = edit(desk)
    assert (editing.editable["nps"], editing.editable["tier"], editing.editable["vip"]) == (
        "number",
        "choice",
        "boolean",
    )
    assert editing.save({"nps": "7,5", "vip": None}).kind == "saved"
    assert (find(desk, "organisation", 1)["nps"], find(desk, "organisation", 1)["vip"]) == (
        7.5,
        None,
    )
    assert editing.undo().kind == "undone" and find(desk, "organisation", 1)["nps"] == 1
    assert list(edit(desk).save({"nps": "seven"}).problems) == ["nps"]
    assert "vanished" not in editing.editable and "source_name" not in editing.editable


def test_lists_filter_sort_search_and_show_them(desk):
    records = RecordList(
        desk, "organisation", columns=["name", "nps", "tier"], search="polar", sort=["-nps"]
    )
    assert [row["nps"] for row in records.rows()] == [5, 1]
    assert records.selection.narrowed(conditions=(Condition(("nps",), "gt", (2,)),)).count
    assert RecordList(desk, "survey", search="good").count() == 1
    assert {"nps", "vanished"} <= {field.name for field in records.all_columns}


def test_reports_group_by_them_and_sum_them_up(desk):
    report = Report(RecordList(desk, "organisation"))
    assert {"tier", "vip"} <= {field.name for field in report.dimensions}
    report.choose("tier", "nps_avg")
    assert report.label(report.chosen_measure) == "Average of NPS"
    assert {row["value"]: row["measure"] for row in report.rows()}["Gold"] == 3


def test_merging_copying_and_mass_edits_take_them_along(desk):
    entity = desk.registry["organisation"]
    assert mass_input_of(entity, entity.field("tier")) == "choice"
    copied = Copying(desk, "organisation", 1).apply(["surveys"])
    made = find(desk, "organisation", copied.id)
    assert (made["tier"], made["nps"], made["source_name"]) == ("Gold", 1, None)
    Merging(desk, "organisation", 6, 1).apply()
    assert find(desk, "organisation", 6)["nickname"] == "Polar"
    assert find(desk, "survey", 1)["organisation_id"] == 6


def test_an_entity_that_refers_to_organisations_is_a_tab_of_their_card(desk):
    card = RecordCard(desk, "organisation", find(desk, "organisation", 1))
    assert (card.layout.tabs[-1].name, card.layout.tabs[-1].label) == ("surveys", "Surveys 2026")
    assert card.counts()["surveys"] == 1
    person = RecordCard(desk, "person", find(desk, "person", 1))
    assert "surveys" not in [tab.name for tab in person.layout.tabs]
    assert "links" not in [tab.name for tab in card.layout.tabs]


def test_in_python(desk):
    workspace = Workspace(desk.database, "kn")
    card = workspace.organisation(1)
    assert card.surveys.df()["answer"].tolist() == ["Good"]
    assert workspace.card("survey", 2).card.title == "Bad"


def test_a_card_that_is_open_goes_on_and_a_new_one_shows_what_has_come(desk):
    card = RecordCard(desk, "organisation", find(desk, "organisation", 1))
    records = RecordList(desk, "organisation")
    editing = Editing(desk, card.entity, card.record)
    with desk.database.load("Import", "test") as load:
        load.declare("organisation", [Field("colour", CHOICE)])
    assert records.rows() and card.counts()
    assert editing.save({"city": "Voss"}).kind == "saved"
    assert Copying(desk, "organisation", 1).lists()
    assert find(desk, "organisation", 1)["city"] == "Voss"
    assert "colour" in RecordCard(desk, "organisation", find(desk, "organisation", 1)).entity.fields
