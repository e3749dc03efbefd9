"""Mass edits: what is previewed is what is written, and undoing brings everything back."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.inputs import input_of, mass_input_of
from crmpanel.controllers.mass_editing import MassEditing
from crmpanel.controllers.record_list import RecordList
from crmpanel.controllers.ticks import Ticks
from crmpanel.entities import REGISTRY
from crmpanel.model.filters import Condition
from crmpanel.query.query import Query
from crmpanel.store.check import check

MINE = (Condition(("organisation_id",), "eq", (1,)),)


@pytest.fixture
def activities(database):
    """The activities of organisation 1, which are 1 to 6."""
    return RecordList(Desk(database, "kn"), "activity", MINE)


@pytest.fixture
def edit(activities):
    """Begin a mass edit of some of them, or of all."""

    def begin(*ids, **state):
        activities.param.update(**state)
        ticks = Ticks(activities)
        ticks.tick(ids) if ids else ticks.tick_all()
        return MassEditing(activities.desk, ticks.selection, len(ids) or None)

    return begin


def put(field, value):
    return {"field": field, "way": "set", "value": value}


def move(field, days):
    return {"field": field, "way": "shift", "value": days}


def clear(field):
    return {"field": field, "way": "clear"}


def values(database, *fields):
    names = ", ".join(f'"{name}"' for name in ("id", *fields))
    return {row[0]: row[1:] for row in database.rows(Query(f"SELECT {names} FROM activity"))}


def test_what_is_offered_follows_from_the_declaration():
    for entity in REGISTRY:
        for field in entity.fields.values():
            how = mass_input_of(entity, field)
            if how is not None:
                assert how == input_of(entity, field) and field.name != entity.title
                assert field.kind.name not in ("identifier", "email", "phone", "url", "size")
    offered = {e.name: [f for f in e.fields if mass_input_of(e, e.fields[f])] for e in REGISTRY}
    assert offered["activity"] == [
        "date", "type", "action", "status", "priority", "responsible_id", "note",
    ]  # fmt: skip
    assert offered["change"] == [] and "first_name" not in offered["person"]
    assert all("responsible_id" in offered[name] for name in ("ticket", "order", "document"))


@pytest.mark.card("S13e")
def test_a_preview_counts_what_would_change_and_writes_nothing(edit, database):
    before = values(database, "status", "date")
    mass = edit()
    found = mass.preview([put("status", "Completed"), put("responsible_id", "2")])
    summary = found.summary
    assert (found.kind, summary.records, summary.changed, summary.unchanged) == ("preview", 6, 6, 0)
    status, user = summary.fields
    assert [(v.old, v.new, v.number) for v in status.values] == [
        ("Planned", "Completed", 3), (None, "Completed", 1), ("Active", "Completed", 1),
    ]  # fmt: skip
    assert (status.number, status.distinct, status.others) == (5, 3, 0)
    assert {(v.old, v.number) for v in user.values} == {("1", 3), (None, 1)}
    first = summary.samples[0]
    assert (first.id, first.title) == (1, "Call about the offer")
    assert first.values == {"status": ("Planned", "Completed"), "responsible_id": ("1", "2")}
    assert values(database, "status", "date") == before


@pytest.mark.card("S13e")
@pytest.mark.hardening(57)
def test_it_is_applied_as_one_changeset_once_and_undone_as_one(edit, database):
    before = values(database, "status", "date", "responsible_id")
    mass = edit(1, 2, 4)
    mass.preview([put("status", "Completed"), move("date", "-7"), clear("responsible_id")])
    done, again = mass.apply(), mass.apply()
    assert (done.kind, done.applied.counts["update"]) == ("applied", 3)
    assert again.applied.number == done.applied.number and not again.applied
    now = values(database, "status", "date", "responsible_id")
    assert [now[id][0] for id in (1, 2, 4)] == ["Completed"] * 3 and now[3] == before[3]
    assert (before[1][1] - now[1][1]).days == 7 and now[4][1] is None
    sql = "SELECT source, user_id FROM changeset WHERE id = ?"
    assert database.rows(Query(sql, (done.applied.number,))) == [("mass edit", 1)]
    database.undo(done.applied.number)
    assert values(database, "status", "date", "responsible_id") == before
    assert check(database) == []


@pytest.mark.hardening(37)
def test_records_that_cannot_be_changed_are_named_and_left_out_on_demand(edit, database):
    with database.load("far", "test") as load:
        load.execute("UPDATE activity SET date = '9999-12-30' WHERE id = 2")
    mass = edit()
    summary = mass.preview([move("date", "7"), put("priority", "High")]).summary
    assert (summary.changed, summary.refused_number, summary.unchanged) == (5, 1, 0)
    (refused,) = summary.refused
    assert (refused.id, refused.title, refused.field) == (2, "Visit in Bergen", "date")
    before = values(database, "priority", "date")
    assert mass.apply().kind == "failed"
    assert values(database, "priority", "date") == before
    assert mass.apply(leave_out=True).applied.counts["update"] == 5
    now = values(database, "priority", "date")
    assert now[2] == before[2] and now[1][0] == "High" and now[4] == ("High", None)


def test_what_has_changed_since_the_preview_is_told(edit, activities, database):
    mass = edit(status=["Planned"])
    assert mass.preview([put("priority", "High")]).summary.changed == 3
    database.apply(_update(4, status="Active"))
    told = mass.apply()
    assert (told.kind, told.summary.changed) == (
        "outdated",
        2,
    ) and "since the preview" in told.message
    assert values(database, "priority")[1] == (None,)
    database.apply(_update(2, note="elsewhere"))
    assert mass.apply().applied.counts["update"] == 2
    assert values(database, "priority")[4] == (None,)


def _update(id, **new):
    from crmpanel.model.changeset import Changeset, Update

    return Changeset((Update("activity", id, new),))


def test_what_was_ticked_stays_so_where_filters_let_it_go_and_what_is_gone_is_told(edit, database):
    from crmpanel.model.changeset import Changeset, Delete

    mass = edit(1, 4, status=["Planned"])
    database.apply(_update(4, status="Active"))
    database.apply(Changeset((Delete("activity", 1),)))
    found = mass.preview([put("priority", "High")])
    assert (found.summary.records, found.summary.changed, found.gone) == (1, 1, 1)


@pytest.mark.hardening(35)
def test_records_of_others_are_never_touched(edit, database):
    found = edit(1, 7, 8).preview([put("priority", "High")])
    assert (found.summary.records, found.gone) == (1, 2)
    assert edit(7).preview([put("priority", "High")]).summary.records == 0


@pytest.mark.parametrize(("step", "said"), [
    (put("status", " "), "Enter a value"), (put("date", "soon"), "2026-02-28"),
    (move("date", "1.5"), "number of days"), (move("date", "0"), "number of days"),
    (move("date", "9999999"), "too many"), (put("responsible_id", "99"), "There is no user 99"),
])  # fmt: skip
def test_what_cannot_be_entered_is_told_beside_its_field(edit, step, said):
    found = edit().preview([step, put("priority", "x")] if step["field"] != "priority" else [step])
    assert found.kind == "refused" and said in found.problems[step["field"]]


@pytest.mark.hardening(32, 33, 34, 40)
@pytest.mark.parametrize("steps", [
    [], ["status"], [put("subject", "x")], [put("organisation_id", "2")], [put("id", "2")],
    [put("created", "2026-01-01")], [put("source_key", "x")], [put("person_id", "1")], [move("status", "1")],
    [put(["status"], "x")], [put("status", 7)], [put("status", {"a": 1})], [{"field": "status"}],
    [put("status", "x"), put("no_such", "x")], [{"field": "status", "way": "drop"}],
])  # fmt: skip
def test_forged_steps_are_refused_and_logged(edit, database, steps, caplog):
    before = values(database, "status", "subject", "organisation_id")
    mass = edit()
    with caplog.at_level(logging.WARNING):
        assert mass.preview(steps).kind == "failed"
    assert "refused" in caplog.text
    assert mass.apply(leave_out=True).kind == "failed"
    assert values(database, "status", "subject", "organisation_id") == before


def test_a_mandatory_field_cannot_be_cleared(database):
    from crmpanel.model.entity import Field
    from crmpanel.model.kinds import CHOICE

    mass = MassEditing(Desk(database, "kn"), RecordList(Desk(database, "kn"), "order").selection)
    entity = mass.entity
    assert mass.ways("status") == ("set", "clear") and mass.ways("date") == (
        "set",
        "clear",
        "shift",
    )
    mass.entity = _with(entity, Field("status", CHOICE, mandatory=True))
    assert mass.ways("status") == ("set",)


def _with(entity, field):
    from dataclasses import replace

    return replace(
        entity, own_fields=tuple(field if f.name == field.name else f for f in entity.own_fields)
    )


STEPS = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from([put("status", "Planned"), put("status", "Ø <b>"), clear("status")]),
        "date": st.sampled_from([move("date", "30"), move("date", "-400"), clear("date"), put("date", "2026-02-10T13:00")]),
        "responsible_id": st.sampled_from([put("responsible_id", "1"), clear("responsible_id")]),
    },
).filter(bool)  # fmt: skip


@given(steps=STEPS, ids=st.sets(st.integers(1, 10), max_size=10))
def test_what_is_previewed_is_what_is_done_and_undo_restores(activities, database, steps, ids):
    ticks = Ticks(activities)
    ticks.tick_all()
    ticks.tick(ids, on=False)
    before = values(database, "status", "date", "responsible_id")
    mass = MassEditing(activities.desk, ticks.selection)
    summary = mass.preview(steps.values()).summary
    assert summary.records == len({1, 2, 3, 4, 5, 6} - ids)
    done = mass.apply(leave_out=True).applied
    now = values(database, "status", "date", "responsible_id")
    changed = {id for id in before if before[id] != now[id]}
    assert len(changed) == summary.changed == done.counts["update"]
    assert not changed & ids and changed <= {1, 2, 3, 4, 5, 6}
    for field in summary.fields:
        at = ("status", "date", "responsible_id").index(field.field)
        assert field.number == sum(before[id][at] != now[id][at] for id in before)
        assert field.number == sum(v.number for v in field.values) + field.others
    if done:
        database.undo(done.number)
    assert values(database, "status", "date", "responsible_id") == before
