"""Creating: what a form asks for, what it is filled in with, and what comes of saving it."""

import datetime as dt
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmpanel.controllers.creating import Creating, quick, within
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.draft import RECORD, Draft, can_create
from crmpanel.controllers.finding import find
from crmpanel.controllers.record_card import RecordCard
from crmpanel.controllers.record_list import RecordList
from crmpanel.entities import REGISTRY
from crmpanel.errors import InputError, ValidationFailed
from crmpanel.model.filters import Condition


@pytest.fixture
def at_desk(database, now):
    """Kari Nordmann at a desk where she may write."""
    return Desk(database, "kn", clock=lambda: now)


@pytest.fixture
def form(at_desk):
    """Open the form of an entity, as on the card of organisation 1."""

    def opened(entity, **known):
        return Creating(at_desk, [Draft(at_desk, entity, known or {"organisation_id": 1})])

    return opened


def card(desk, entity, id):
    return RecordCard(desk, entity, find(desk, entity, id))


# -- what is asked -------------------------------------------------------------------------------


def test_every_entity_but_the_log_and_users_has_a_form_that_asks_for_what_is_mandatory(desk):
    assert {e.name for e in REGISTRY if not can_create(e)} == {"change", "pin", "user"}
    for entity in filter(can_create, REGISTRY):
        draft = Draft(desk, entity.name)
        asked = {*draft.inputs, *([entity.title] if entity.title_from else [])}
        assert {f.name for f in entity.fields.values() if f.mandatory} <= asked
        assert draft.needed <= draft.first <= set(draft.inputs)
        never = {f.name for f in entity.fields.values() if f.is_read_only or not f.group}
        assert not never & set(draft.inputs)


def test_the_log_cannot_be_made_by_hand(desk):
    with pytest.raises(InputError, match="by hand"):
        Draft(desk, "change")


def test_what_is_known_from_the_list_is_not_asked(desk):
    draft = Draft(desk, "activity", {"organisation_id": 1})
    assert list(draft.inputs)[:2] == ["subject", "date"] and "organisation_id" not in draft.inputs
    assert (draft.inputs["person_id"], draft.inputs["responsible_id"]) == (RECORD, "user")
    assert {"subject", "date", "status", "type", "person_id"} <= draft.first
    assert not {"note", "priority", "quotation_id"} & draft.first


@pytest.mark.card("L16")
def test_a_person_is_asked_for_first_and_last_name_instead_of_the_name(desk):
    draft = Draft(desk, "person")
    assert draft.needed == {"organisation_id", "first_name", "last_name"}
    assert "name" not in draft.inputs and "middle_name" in draft.first


def test_a_toy_entity_has_a_form_without_machinery_that_knows_it(toy_database, now):
    draft = Draft(Desk(toy_database, "kn", clock=lambda: now), "vehicle", {"organisation_id": 1})
    assert draft.needed == {"plate"} and {"price", "currency", "state"} <= draft.first
    assert draft.defaults == {"bought": "2026-02-03", "driver_id": "1", "currency": "NOK"}


# -- what it is filled in with ------------------------------------------------------------------


@pytest.mark.parametrize(("entity", "filled"), [
    ("activity", {"date": "2026-02-03T11:00", "status": "Planned", "responsible_id": "1"}),
    ("quotation", {"date": "2026-02-03", "level": "A - Hot", "responsible_id": "1", "currency": "NOK"}),
    ("order", {"date": "2026-02-03", "status": "OnGoing", "responsible_id": "1", "currency": "NOK"}),
    ("ticket", {"created": "2026-02-03T10:30", "status": "Ongoing", "responsible_id": "1"}),
    ("meeting", {"start": "2026-02-03T11:00", "status": "Draft", "responsible_id": "1"}),
    ("person", {"responsible_id": "1"}),
])  # fmt: skip
def test_defaults(desk, entity, filled):
    assert Draft(desk, entity, {"organisation_id": 1}).defaults == filled


def test_without_a_currency_of_its_own_an_organisation_gets_the_one_used_most(desk):
    assert Draft(desk, "quotation", {"organisation_id": 3}).defaults["currency"] == "NOK"


def test_the_viewer_who_is_no_user_is_responsible_for_nothing(shared_database):
    draft = Draft(Desk(shared_database, "nobody"), "activity", {"organisation_id": 1})
    assert "responsible_id" not in draft.defaults


def test_values_that_occur_and_known_statuses_are_offered(desk):
    offered = Draft(desk, "activity", {"organisation_id": 1}).choices()
    assert offered["type"][1:] == ["Call", "E-mail", "Visit"]
    assert offered["status"][:3] == ["Planned", "Active", "Completed"] and "subject" not in offered


def test_references_lead_to_records_of_the_organisation_only(desk):
    draft = Draft(desk, "activity", {"organisation_id": 1})
    found = draft.find("person_id", "", {})
    assert [r["title"] for r in found] == ["Kari Vik", "Per Øst"] and found[0]["subtitle"] == "CEO"
    assert [r["id"] for r in draft.find("person_id", "øst", {})] == ["2"]
    asked = Draft(desk, "activity")
    assert asked.find("person_id", "", {}) == []
    assert [r["id"] for r in asked.find("person_id", "", {"organisation_id": "3"})] == ["3"]
    assert "Café Solberg" in [r["title"] for r in asked.find("organisation_id", "solb", {})]
    for name, text in (("subject", "x"), (None, ""), (["x"], ""), ("responsible_id", "")):
        assert draft.find(name, text, {}) == []
    for text in (None, 7, "\0", "\ud800", "x" * 10_000):
        assert isinstance(draft.find("person_id", text, {"organisation_id": ["x"]}), list)


def test_a_new_record_belongs_to_the_card_it_is_made_on(desk):
    def known(entity, id, tab):
        return within(desk, tab, card(desk, entity, id).scope(tab))

    assert known("organisation", 1, "activity") == {"organisation_id": 1}
    assert known("person", 1, "activity") == {"person_id": 1, "organisation_id": 1}
    assert known("person", 4, "activity") == {"person_id": 4}
    assert within(desk, "activity", ()) == {}
    assert within(desk, "activity", [Condition(("status",), "eq", ("Planned",))]) == {}


# -- saving --------------------------------------------------------------------------------------


@pytest.mark.card("S13h")
def test_what_was_entered_is_created_for_the_organisation(form, at_desk):
    new = form("activity")
    outcome = new.save({"activity": {**new.draft.defaults, "subject": " Call ", "person_id": "2"}})
    assert (outcome.kind, outcome.message) == ("created", "Activity created")
    made = find(at_desk, "activity", outcome.ids["activity"])
    assert (made["organisation_id"], made["subject"], made["person"]) == (1, "Call", "Per Øst")
    assert (made["date"], made["status"]) == (dt.datetime(2026, 2, 3, 11), "Planned")
    assert made["responsible"] == "Kari Nordmann" and outcome.applied.counts["insert"] == 1
    at_desk.database.undo(outcome.applied.number)
    assert not at_desk.database.scalar(
        at_desk.selection("activity", Condition(("id",), "eq", (made["id"],))).count()
    )


@pytest.mark.card("L16")
def test_the_name_of_a_person_is_made_of_its_parts(form, at_desk):
    outcome = form("person").save(
        {"person": {"first_name": "Eva", "middle_name": "", "last_name": "Vik"}}
    )
    assert find(at_desk, "person", outcome.ids["person"])["name"] == "Eva Vik"
    refused = form("person").save({"person": {"first_name": "Eva", "middle_name": "M"}})
    assert refused.problems == {"person": {"last_name": "Last name is missing."}}


def test_every_problem_is_told_at_once_and_nothing_is_saved(form, statements, database):
    values = {
        "description": " ",
        "value": "1,234",
        "date": "tomorrow",
        "person_id": "3",
        "responsible_id": "99",
    }
    with statements(database) as seen:
        outcome = form("quotation").save({"quotation": values})
    assert outcome.kind == "refused" and not any(sql.startswith("INSERT") for sql, _ in seen)
    problems = outcome.problems["quotation"]
    assert set(problems) == {"description", "value", "date", "person_id"}
    assert "missing" in problems["description"] and "either" in problems["value"]
    assert "another organisation" in problems["person_id"]


def test_a_problem_that_only_the_store_sees_stands_beside_its_field(form):
    outcome = form("activity").save({"activity": {"subject": "x", "responsible_id": "99"}})
    assert outcome.kind == "refused" and "99" in outcome.problems["activity"]["responsible_id"]


def test_without_a_known_organisation_it_is_needed(at_desk):
    new = Creating(at_desk, [Draft(at_desk, "activity")])
    outcome = new.save({"activity": {"subject": "x", "person_id": "1"}})
    assert set(outcome.problems["activity"]) == {"organisation_id", "person_id"}
    values = {"subject": "x", "organisation_id": "3", "person_id": "3"}
    assert new.save({"activity": values}).kind == "created"
    gone = Creating(at_desk, [Draft(at_desk, "activity")])
    values = {"activity": {"subject": "x", "organisation_id": "77"}}
    assert "no longer" in gone.save(values).problems["activity"]["organisation_id"]


@pytest.mark.hardening("40")
@pytest.mark.parametrize("values", [
    {"activity": {"subject": "x", "id": "1", "organisation_id": "3", "created": "2000-01-01", "no": "x"}},
    {"activity": {"subject": "x"}, "person": {"first_name": "x"}, "change": "x"},
])  # fmt: skip
def test_what_was_not_asked_for_is_ignored_and_logged(form, at_desk, values, caplog):
    with caplog.at_level(logging.WARNING):
        outcome = form("activity").save(values)
    assert outcome.kind == "created" and "ignored" in caplog.text
    made = find(at_desk, "activity", outcome.ids["activity"])
    assert made["organisation_id"] == 1 and made["created"].year > 2020 and made["id"] > 10
    assert set(outcome.ids) == {"activity"}


@pytest.mark.parametrize("values", [
    {}, {"activity": None}, {"activity": [1]}, {"activity": {"subject": 7}}, {"activity": {"subject": ["x"]}},
])  # fmt: skip
def test_forged_values_are_refused(form, values):
    assert "subject" in form("activity").save(values).problems["activity"]


@pytest.mark.hardening("57")
def test_a_form_that_is_sent_twice_makes_one_record(form, at_desk):
    new, values = form("activity"), {"activity": {"subject": "Only once"}}
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(new.save, [values] * 8))
    assert {o.ids["activity"] for o in outcomes} == {outcomes[0].ids["activity"]}
    again = Creating(at_desk, [Draft(at_desk, "activity", {"organisation_id": 1})])
    again.token = new.token
    assert again.save(values).ids == {}
    found = at_desk.selection("activity").narrowed(search="Only once").count()
    assert at_desk.database.scalar(found) == 1


TEXTS = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.sampled_from(["", "1", "2026-02-03", "1,5", "true", "a@b.no"]),
)


ANY = dict.fromkeys((*REGISTRY["person"].fields, "x"), TEXTS)
NAMED = {**ANY, "first_name": st.just("Eva"), "last_name": st.just("Vik")}


@given(st.fixed_dictionaries({}, optional=ANY) | st.fixed_dictionaries({}, optional=NAMED))
def test_any_values_are_created_as_entered_or_the_problems_are_named(at_desk, values):
    new = Creating(at_desk, [Draft(at_desk, "person", {"organisation_id": 1})])
    outcome = new.save({"person": values})
    if outcome.kind == "refused":
        assert outcome.problems["person"].keys() <= new.draft.inputs.keys()
        assert all(outcome.problems["person"].values())
        return
    assert outcome.kind == "created"
    made = find(at_desk, "person", outcome.ids["person"])
    for name, how in new.draft.inputs.items():
        text = values.get(name) or ""
        wanted = text if how == "area" else text.strip()
        kept = made[name]
        if how in ("date", "boolean", "user", RECORD):
            kept = None if kept is None else str(kept).lower()
        assert (kept or "") == wanted, name


# -- quick create --------------------------------------------------------------------------------


@pytest.mark.card("L16")
def test_linked_records_are_made_in_one_go(at_desk):
    new = quick(at_desk)
    assert list(new.drafts) == ["organisation", "person", "activity"]
    outcome = new.save({
        "organisation": {"name": "Fjordbygg AS"},
        "person": {"first_name": "Eva", "last_name": "Vik"},
        "activity": {**new.drafts["activity"].defaults, "subject": "First call"},
    })  # fmt: skip
    assert outcome.message == "Organisation created with person and activity"
    assert list(outcome.ids) == ["organisation", "person", "activity"]
    made = {name: find(at_desk, name, id) for name, id in outcome.ids.items()}
    org = outcome.ids["organisation"]
    assert made["person"]["organisation_id"] == made["activity"]["organisation_id"] == org
    assert made["activity"]["person_id"] == outcome.ids["person"]
    at_desk.database.undo(outcome.applied.number)
    assert not at_desk.database.rows(
        at_desk.selection("person", Condition(("id",), "eq", (outcome.ids["person"],))).page(["id"])
    )


def test_sections_in_which_nothing_was_entered_are_left_out(at_desk):
    new = quick(at_desk)
    filled = {name: dict(draft.defaults) for name, draft in new.drafts.items()}
    outcome = new.save({**filled, "organisation": {"name": "Alene AS"}})
    assert (outcome.message, set(outcome.ids)) == ("Organisation created", {"organisation"})
    new = quick(at_desk)
    filled["activity"]["subject"] = "Call"
    outcome = new.save({**filled, "organisation": {"name": "Uten person AS"}})
    assert set(outcome.ids) == {"organisation", "activity"}
    assert find(at_desk, "activity", outcome.ids["activity"])["person_id"] is None


def test_half_a_person_is_a_problem_of_that_section(at_desk):
    outcome = quick(at_desk).save({"organisation": {}, "person": {"first_name": "Eva"}})
    assert set(outcome.problems) == {"organisation", "person"}
    assert set(outcome.problems["person"]) == {"last_name"}


# -- in a notebook -------------------------------------------------------------------------------


def test_a_list_makes_records_of_its_own(at_desk):
    activities = card(at_desk, "organisation", 1).list("activities")
    before = activities.count()
    id = activities.create(
        subject="Call", responsible="Ola Hansen", person=card(at_desk, "person", 2)
    )
    made = find(at_desk, "activity", id)
    assert activities.count() == before + 1 and made["responsible"] == "Ola Hansen"
    assert (made["person"], made["status"]) == ("Per Øst", "Planned")
    id = card(at_desk, "person", 1).list("activities").create(subject="x", status=None)
    made = find(at_desk, "activity", id)
    assert (made["person_id"], made["organisation_id"], made["status"]) == (1, 1, None)
    person = (
        card(at_desk, "organisation", 3).list("persons").create(first_name="Eva", last_name="Vik")
    )
    assert find(at_desk, "person", person)["name"] == "Eva Vik"


def test_what_a_list_cannot_make_is_refused(at_desk):
    activities = card(at_desk, "organisation", 1).list("activities")
    with pytest.raises(InputError, match="Organisation is 1"):
        activities.create(subject="x", organisation=3)
    with pytest.raises(InputError, match="cannot be organisation 1"):
        activities.create(subject="x", person=card(at_desk, "organisation", 1))
    with pytest.raises(ValidationFailed, match="sbject"):
        activities.create(sbject="x")
    with pytest.raises(InputError, match="by hand"):
        RecordList(at_desk, "log").create(field="x")
