"""What a condition may say, and that nothing which makes no sense is skipped in silence."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmpanel.entities import REGISTRY
from crmpanel.errors import FilterError, InputError, UnknownName
from crmpanel.model.filters import Condition, FilterSet
from crmpanel.model.kinds import BOOLEAN, DATE, DATETIME, INTEGER, KINDS, MONEY, TEXT

ACTIVITY = REGISTRY["activity"]
TODAY = dt.date(2026, 2, 3)


def check(*condition):
    Condition(*condition).check(ACTIVITY)


@pytest.mark.hardening(20)
@pytest.mark.parametrize(
    ("condition", "match"),
    [
        ((("sttus",), "eq", ("New",)), "Did you mean 'status'"),
        ((("status",), "equals", ("New",)), "no operator 'equals'"),
        ((("status",), None, ("New",)), "no operator None"),
        ((('status"; drop table x',), "eq", ("New",)), "no field"),
        (((), "eq", ("New",)), "at least one field"),
        ((("date",), "contains", ("x",)), "cannot be compared"),
        ((("id",), "contains", ("x",)), "cannot be compared"),
        ((("status",), "eq", ()), "takes 1 values"),
        ((("status",), "eq", ("a", "b")), "takes 1 values"),
        ((("status",), "in", ()), "at least one"),
        ((("date",), "between", (TODAY,)), "takes 2 values"),
        ((("date",), "overdue", (TODAY,)), "takes 0 values"),
        ((("status",), "eq", (None,)), "Use 'blank'"),
        ((("status",), "not_in", (None,)), "Use 'blank'"),
        ((("subject",), "open"), "not the status"),
        ((("responsible_id",), "in", ("Kari",)), "whole number"),
        ((("responsible_id",), "in", (True,)), "whole number"),
        ((("responsible_id",), "in", (2**63,)), "64 bits"),
        ((("status",), "in", (3,)), "Give a text"),
        ((("date",), "before", ("2026-01-01",)), "Give a date"),
        ((("subject",), "contains", ("a\0b",)), "NUL"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(condition, match):
    with pytest.raises(InputError, match=match):
        check(*condition)


@pytest.mark.hardening(1)
def test_half_a_surrogate_pair_is_refused():
    for value in ("\ud800", "ok \udfff"):
        with pytest.raises(FilterError, match="surrogate"):
            check(("status",), "eq", (value,))


@pytest.mark.hardening(3)
@pytest.mark.parametrize(
    "value", [2**128, 10**16, float("nan"), float("inf"), Decimal("nan"), True, "1", 1j, None]
)
def test_a_number_that_no_field_can_hold_is_refused(value):
    with pytest.raises(FilterError):
        Condition(("value",), "gt", (value,)).check(REGISTRY["quotation"])


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (TEXT, ["", "a\0b", "\u202e", "x" * 10**6], [1, None, b"x"]),
        (INTEGER, [0, -(2**63), 2**63 - 1], [2**63, 1.0, "1", True]),
        (MONEY, [0, 1.5, Decimal("1.50"), -(10**15)], [10**16, float("-inf"), "1"]),
        (BOOLEAN, [True, False], [1, "yes"]),
        (DATE, [dt.date.min, dt.date.max, dt.datetime(2026, 1, 1)], ["2026-01-01", 0]),
        (DATETIME, [dt.datetime.max], [dt.datetime(2026, 1, 1, tzinfo=dt.UTC)]),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_kind_knows_its_values(kind, good, bad):
    for value in good:
        kind.check(value)
    for value in bad:
        with pytest.raises(FilterError, match="is no value for"):
            kind.check(value)


@given(st.sampled_from(list(KINDS.values())), st.text() | st.integers() | st.floats() | st.dates())
def test_a_value_is_taken_or_refused_with_a_reason(kind, value):
    try:
        kind.check(value)
    except FilterError as error:
        assert error.what
        assert error.remedy


@pytest.mark.parametrize(
    ("entity", "filters", "match"),
    [
        ("user", dict(responsible=(1,)), "have no responsible"),
        ("user", dict(status=("New",)), "have no status"),
        ("user", dict(period="today"), "have no date"),
        ("document", dict(period="overdue"), "cannot be overdue"),
        ("activity", dict(period="yesterday"), "not a period"),
        ("activity", dict(period=5), "not a period"),
        ("activity", dict(responsible=("Kari",)), "whole number"),
        ("activity", dict(status=(3,)), "Give a text"),
    ],
)
def test_a_filter_that_the_entity_cannot_have_is_refused(entity, filters, match):
    with pytest.raises(FilterError, match=match):
        FilterSet(**filters).all_conditions(REGISTRY[entity], TODAY)


def test_filters_become_conditions():
    filters = FilterSet(responsible=(1, None), status=("Planned",), period="this_month")
    assert filters.all_conditions(REGISTRY["quotation"], TODAY) == (
        Condition(("responsible_id", "responsible2_id"), "in", (1, None)),
        Condition(("level",), "in", ("Planned",)),
        Condition(("date",), "between", (dt.date(2026, 2, 1), dt.date(2026, 3, 1))),
    )


@pytest.mark.parametrize(
    ("period", "condition"),
    [
        ("2026-01-01..", Condition(("date",), "on_or_after", (dt.date(2026, 1, 1),))),
        ("..2026-01-01", Condition(("date",), "before", (dt.date(2026, 1, 2),))),
        ("..9999-12-31", Condition(("date",), "not_blank")),
        ("overdue", Condition(("delivery_date",), "overdue")),
        ("future", Condition(("delivery_date",), "future")),
    ],
)
def test_a_period_becomes_a_condition(period, condition):
    assert FilterSet(period=period).all_conditions(REGISTRY["order"], TODAY) == (condition,)


def test_a_filter_set_is_true_if_anything_is_chosen():
    assert not FilterSet()
    assert not FilterSet(search="  ")
    assert FilterSet(search="x")
    assert FilterSet(status=(None,))
    assert not FilterSet(status=("x",), search=" ").without("status")


def test_an_unknown_name_lists_its_neighbours_but_not_a_whole_telephone_book():
    error = UnknownName("user", "Kari Nordman", [f"User {n}" for n in range(500)])
    assert "and 480 more" in str(error)
    assert len(str(error)) < 400
    assert UnknownName("user", "x" * 10**6, ["y"]).near is None
