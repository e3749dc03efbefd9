"""Each operator says what its name says, and its copied SQL says the same."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmpanel.controllers.report import GROUPED_KINDS
from crmpanel.entities import REGISTRY
from crmpanel.model.filters import Condition, FilterSet
from crmpanel.model.kinds import BOOLEAN, DATE, DATETIME, REFERENCE
from crmpanel.query.query import Query
from crmpanel.query.selection import Selection
from crmpanel.query.where import Context

ALL = set(range(1, 11))
PLANNED = {1, 4, 6, 7, 8}
DATES = st.dates() | st.datetimes()
VALUES = {
    "VARCHAR": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    "BIGINT": st.integers(-(2**63), 2**63 - 1),
    "DOUBLE": st.floats(-1e15, 1e15) | st.integers(-(10**15), 10**15),
    "DECIMAL(18, 2)": st.floats(-1e15, 1e15) | st.decimals(-(10**15), 10**15, places=3),
    "BOOLEAN": st.booleans(),
    "DATE": DATES,
    "TIMESTAMP": DATES,
}
FIELDS = [
    (entity.name, field) for entity in REGISTRY for field in entity.fields.values() if field.group
]


def ids(desk, entity, *condition):
    query = desk.selection(entity, Condition(*condition)).page([])
    return {row[0] for row in desk.database.rows(query)}


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ((("status",), "eq", ("Planned",)), PLANNED),
        ((("status",), "eq", ("planned",)), set()),
        ((("status",), "ne", ("Planned",)), ALL - PLANNED),
        ((("status",), "in", ("Planned", "Active")), PLANNED | {2, 10}),
        ((("status",), "in", ("Active", None)), {2, 5, 10}),
        ((("status",), "in", (None,)), {5}),
        ((("status",), "not_in", ("Planned",)), ALL - PLANNED),
        ((("status",), "blank"), {5}),
        ((("status",), "not_blank"), ALL - {5}),
        ((("status",), "open"), ALL - {3}),
        ((("subject",), "contains", ("VISIT",)), {2}),
        ((("note",), "not_contains", ("åse",)), ALL - {3}),
        ((("date",), "on_or_after", (dt.date(2026, 2, 3),)), {2, 6, 10}),
        ((("date",), "before", (dt.date(2026, 1, 1),)), {5, 9}),
        ((("date",), "between", (dt.date(2026, 1, 5), dt.date(2026, 1, 20))), {3}),
        ((("date",), "between", (dt.date(2026, 1, 5), dt.date(2026, 1, 21))), {1, 3}),
        ((("date",), "overdue"), {1, 5, 7, 8, 9}),
        ((("date",), "future"), {2, 6, 10}),
        ((("date",), "blank"), {4}),
        ((("responsible_id",), "in", (1,)), {1, 3, 6}),
        ((("responsible_id",), "in", (None, 3)), {4, 7, 8, 9, 10}),
        ((("id",), "in", (1, 2)), {1, 2}),
        ((("id",), "ge", (9,)), {9, 10}),
    ],
)
def test_an_operator_finds_what_it_says(desk, condition, found):
    assert ids(desk, "activity", *condition) == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ((("value",), "gt", (200,)), {1, 3}),
        ((("value",), "ge", (200,)), {1, 2, 3}),
        ((("value",), "lt", (Decimal("70.5"),)), {5, 6}),
        ((("value",), "le", (70.5,)), {4, 5, 6}),
        ((("value",), "eq", (70.5,)), {4}),
        ((("date",), "overdue"), {1, 5}),  # a day is overdue when it is over
        ((("next_follow_up",), "overdue"), set()),
        ((("responsible_id", "responsible2_id"), "in", (2,)), {1, 2}),
        ((("responsible_id", "responsible2_id"), "in", (3, None)), {3, 4, 5, 6}),
    ],
)
def test_numbers_days_and_several_fields(desk, condition, found):
    assert ids(desk, "quotation", *condition) == found


def test_the_truth_of_a_checkbox(desk):
    assert ids(desk, "user", ("active",), "eq", (True,)) == {1, 2}
    assert ids(desk, "user", ("active",), "eq", (False,)) == {3}


@pytest.mark.card("S13g")
@pytest.mark.parametrize(
    ("period", "found"),
    [
        ("overdue", {1, 5, 7, 8, 9}),
        ("future", {2, 6, 10}),
        ("today", {6}),
        ("this_week", {6}),
        ("last_week", {7}),
        ("this_month", {2, 6, 7}),
        ("last_month", {1, 3, 8}),
        ("this_quarter", {1, 2, 3, 6, 7, 8}),
        ("last_quarter", {5}),
        ("this_year", {1, 2, 3, 6, 7, 8}),
        ("last_year", {5}),
        ("2025-12-31..2025-12-31", {5}),  # 23:59:59.5 is still that day
        ("..0001-01-01", {9}),
        ("9999-12-31..9999-12-31", {10}),
        ("..9999-12-31", ALL - {4}),
    ],
)
def test_a_period(desk, period, found):
    query = desk.selection("activity").narrowed(period=period).page([])
    assert {row[0] for row in desk.database.rows(query)} == found


def test_without_a_status_that_ends_the_work_all_is_open_and_none_overdue(desk):
    bare = Context(desk.clock())
    for operator, found in (("open", 10), ("overdue", 0)):
        field = "status" if operator == "open" else "date"
        scope = (Condition((field,), operator),)
        selection = Selection(REGISTRY["activity"], REGISTRY, bare, scope=scope)
        assert desk.database.scalar(selection.count()) == found


@given(st.sampled_from(FIELDS), st.data())
@example(("organisation", REGISTRY["organisation"].field("name")), None)
def test_the_copied_sql_gives_the_same_rows(desk, declared, data):
    """For every field, every operator that it allows, and any value."""
    entity, field = declared
    operators = [key for key in field.kind.operators if key != "open"]
    operator = data.draw(st.sampled_from(operators)) if data else "contains"
    number = {"in": 2, "not_in": 2, "between": 2, "blank": 0, "not_blank": 0}.get(operator, 1)
    number = 0 if operator in ("overdue", "future") else number
    values = VALUES[field.kind.sql]
    drawn = tuple(data.draw(values) for _ in range(number)) if data else ("?'\\ %_\"",)
    query = desk.selection(entity, Condition((field.name,), operator, drawn)).page([field.name])
    assert desk.database.rows(Query(query.text)) == desk.database.rows(query)


@pytest.mark.parametrize("entity", list(REGISTRY), ids=lambda entity: entity.name)
def test_every_default_query_runs(desk, entity):
    """With every filter and every column that the declaration offers."""
    fields = [field.name for field in entity.fields.values()]
    filters = FilterSet(
        search="a",
        responsible=(1, None) if entity.responsible else (),
        status=("x", None) if entity.status else (),
        period="this_year" if entity.date else "",
    )
    plain = desk.selection(entity.name)
    groups = [f.name for f in entity.fields.values() if f.kind in GROUPED_KINDS]
    queries = [plain.grouped(name, m.name) for name in groups for m in entity.measures[:2]]
    for selection in (plain, plain.narrowed(**vars(filters))):
        queries += [selection.count(), selection.page(fields, [(name, True) for name in fields])]
        queries += [selection.facet("status")] if entity.status else []
        queries += [selection.facet("responsible")] if entity.responsible else []
    for query in queries:
        desk.database.rows(query)
    for query in queries[-4:]:
        assert desk.database.rows(Query(query.text)) == desk.database.rows(query)
    assert len(desk.database.rows(plain.page(fields))) == desk.database.scalar(plain.count())


@pytest.mark.hardening(4)
def test_the_first_and_the_last_day_come_back_as_they_are(desk):
    rows = desk.database.records(desk.selection("activity").page(["date"], (("date", False),)))
    assert rows[0]["date"] == dt.datetime(1, 1, 1)
    assert [row["date"] for row in rows][-2] == dt.datetime(9999, 12, 31, 23, 59, 59)
    frame = desk.database.frame(desk.selection("activity").page(["date"], (("date", False),)))
    assert str(frame["date"][0])[:10] == "0001-01-01"


def test_every_kind_is_used_by_some_entity():
    used = {field.kind for _, field in FIELDS}
    assert {BOOLEAN, DATE, DATETIME, REFERENCE} <= used
