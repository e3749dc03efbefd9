"""RecordCard: which records belong to a record, how many, and the numbers in its header."""

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.layout import layout_of
from crmpanel.controllers.record_card import RecordCard, companions, find
from crmpanel.entities import REGISTRY
from crmpanel.errors import UnknownName
from crmpanel.layouts import LAYOUTS


def card(desk, entity, id):
    return RecordCard(desk, entity, find(desk, entity, id))


@pytest.fixture
def nordlys(desk):
    return card(desk, "organisation", 1)


@pytest.mark.card("S6")
def test_the_tabs_of_an_organisation(nordlys):
    assert [tab.label for tab in nordlys.layout.tabs] == [
        "Details",
        "Fields",
        "Log",
        "Documents",
        "Email",
        "Activities",
        "Quotations",
        "Orders",
        "Support tickets",
        "Products",
        "Quotation lines",
        "Meetings",
        "Persons",
    ]


@pytest.mark.card("S6")
@pytest.mark.parametrize("entity", list(REGISTRY), ids=lambda entity: entity.name)
def test_each_count_is_the_count_of_its_list(desk, records, entity):
    """For the card of every record of every entity; links are there from the beginning."""
    for row in records.get(entity.name, [{"id": 1}, {"id": 10}]):
        record = card(desk, entity.name, row["id"])
        counts = record.counts()
        assert list(counts) == [tab.name for tab in record.layout.lists]
        for name, number in counts.items():
            shown = record.list(name)
            assert shown.count() == len(shown.rows()) == number, (entity.name, row["id"], name)


@pytest.mark.card("S6", "S10")
def test_records_belong_to_their_organisation(nordlys):
    assert nordlys.counts() == {
        "log": 4,
        "documents": 2,
        "emails": 2,
        "activities": 6,
        "quotations": 3,
        "orders": 2,
        "tickets": 2,
        "products": 1,
        "quotation_lines": 2,
        "meetings": 1,
        "persons": 2,
    }


@pytest.mark.card("S14")
def test_records_belong_to_their_person(desk):
    kari = card(desk, "person", 1)
    assert kari.counts() == {
        "log": 1,
        "documents": 1,
        "emails": 2,
        "activities": 1,
        "quotations": 1,
        "orders": 0,
        "tickets": 1,
        "products": 0,
        "meetings": 1,
    }
    assert [row["id"] for row in kari.list("log").rows()] == [4]


def test_a_person_is_seen_in_the_records_of_another_organisation(desk):
    liv = card(desk, "person", 3)
    assert {row["organisation_id"] for row in liv.list("activities").rows(["organisation_id"])} == {
        1,
        3,
    }


def test_a_person_without_an_organisation_has_a_card(desk):
    unlinked = card(desk, "person", 4)
    assert unlinked.organisation_id is None
    assert set(unlinked.counts().values()) == {0}


def test_any_other_record_has_its_fields_and_its_log(desk):
    activity = card(desk, "activity", 1)
    assert [tab.name for tab in activity.layout.tabs] == ["fields", "log"]
    assert activity.counts() == {"log": 1}
    assert activity.layout.side[0].fields == (
        "organisation_id",
        "date",
        "status",
        "responsible_id",
        "person_id",
        "quotation_id",
    )
    assert activity.figures() == []


def test_the_key_of_a_card_is_a_reference_to_it_not_just_a_name(desk):
    """The log's own ``record_id`` must not be taken for a reference to an entity called record."""
    for entity in REGISTRY:
        if entity.name not in LAYOUTS:
            assert layout_of(entity).key == f"{entity.name}_id"
    conditions = card(desk, "activity", 1).scope("change")
    assert [condition.fields for condition in conditions] == [
        ("organisation_id",),
        ("entity",),
        ("record_id",),
    ]


def test_a_tab_that_is_not_there_names_the_nearest(nordlys):
    with pytest.raises(UnknownName, match="Did you mean 'activities'"):
        nordlys.list("activites")
    with pytest.raises(UnknownName, match="no list 'fields'"):
        nordlys.list("fields")
    with pytest.raises(UnknownName, match="no field of user"):
        nordlys.scope("user")


def test_a_list_is_made_once(nordlys):
    assert nordlys.list("activities") is nordlys.list("activities")
    assert nordlys.list("activities") is not nordlys.list("orders")


def test_figures_over_several_currencies_say_so(nordlys):
    found = {figure.name: (value, currency) for figure, value, currency, _ in nordlys.figures()}
    assert found == {
        "open_activities": ("5", None),
        "overdue": ("2", None),
        "open_quotations": (None, "NOK"),
        "orders": ("900.00", "NOK"),
        "open_tickets": ("1", None),
    }


def test_an_organisation_without_records_has_figures(desk):
    found = {figure.name: value for figure, value, *_ in card(desk, "organisation", 6).figures()}
    assert found["open_activities"] == "0"
    assert found["open_quotations"] is None


def test_the_statuses_of_a_figure_lead_to_the_records_it_counts(desk):
    shown = [card(desk, "organisation", id) for id in (1, 2, 4)]
    counted = [
        (card.list(figure.tab), int(value), statuses)
        for card in shown
        for figure, value, _, statuses in card.figures()
        if statuses and figure.number == "count"
    ]
    assert counted
    for records, number, statuses in counted:
        records.status = [status or None for status in statuses]
        assert records.count() == number


@pytest.mark.card("S7")
def test_each_figure_and_excerpt_shows_records_of_its_tab(desk):
    for entity, id in (("organisation", 1), ("person", 1), ("organisation", 4)):
        shown = card(desk, entity, id)
        counts = shown.counts()
        for figure, value, *_ in shown.figures():
            if figure.number == "count":
                assert int(value) <= counts[figure.tab]
        for excerpt in shown.layout.details:
            rows = shown.excerpt(excerpt)
            assert len(rows) == min(excerpt.rows, counts[excerpt.tab])
            listed = shown.list(excerpt.tab).rows()
            assert [row["id"] for row in rows] == [row["id"] for row in listed[: excerpt.rows]]
            assert set(excerpt.columns) <= set(rows[0] if rows else excerpt.columns)


def test_the_header_is_two_statements_and_details_one_each(nordlys, statements):
    nordlys.desk.context()
    with statements(nordlys.desk.database) as seen:
        nordlys.counts()
        nordlys.figures()
    assert len(seen) == 2
    with statements(nordlys.desk.database) as seen:
        for excerpt in nordlys.layout.details:
            nordlys.excerpt(excerpt)
    assert len(seen) == len(nordlys.layout.details)


@pytest.mark.hardening(1)
def test_a_title_is_never_empty(database, insert_records, now):
    names = [None, "", "  ", "\u200b x", "x" * 10_000]
    with database.load("Test", "test") as load:
        for n, name in enumerate(names, 100):
            insert_records(load, "organisation", [dict(id=n, name=name)])
    desk = Desk(database, "kn", clock=lambda: now)
    titles = [card(desk, "organisation", 100 + n).title for n in range(len(names))]
    assert titles == ["Organisation 100", "Organisation 101", "Organisation 102", *names[3:]]


def test_companions_are_what_a_row_needs_beside_its_columns():
    quotation = REGISTRY["quotation"]
    assert companions(quotation, ["number", "value"]) == [
        "description",
        "level",
        "date",
        "vanished",
        "currency",
    ]
    assert {"changeset", "entity", "record_id", "old_value"} < {*companions(REGISTRY["change"], [])}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.entity)
def test_every_field_that_a_layout_names_is_declared(layout):
    entity = REGISTRY[layout.entity]
    for panel in (*layout.side, *layout.about):
        for name in panel.fields:
            entity.field(name)
    tabs = {tab.name: tab for tab in layout.tabs}
    for excerpt in layout.details:
        for name in excerpt.columns:
            REGISTRY[tabs[excerpt.tab].entity].field(name)
    assert {figure.tab for figure in layout.figures} <= tabs.keys()
