"""Choices with their counts, reports, tab counts and key figures."""

import datetime as dt
from decimal import Decimal

import pytest

from crmpanel.errors import FilterError, UnknownName
from crmpanel.model.filters import Condition, FilterSet
from crmpanel.query.counting import counts, figures
from crmpanel.query.query import Query

ORGANISATION = Condition(("organisation_id",), "eq", (1,))


def facet(desk, entity, part, *scope, **filters):
    query = desk.selection(entity, *scope).narrowed(**filters).facet(part)
    assert desk.database.rows(Query(query.text)) == desk.database.rows(query)
    return desk.database.rows(query)


@pytest.mark.card("S13d")
def test_statuses_with_their_counts_most_frequent_first(desk, hostile):
    assert facet(desk, "activity", "status") == [
        ("Planned", "Planned", 5),
        ("Active", "Active", 2),
        (hostile, hostile, 1),
        ("Completed", "Completed", 1),
        (None, None, 1),
    ]


@pytest.mark.card("S13d")
def test_a_choice_tells_what_it_would_show_under_the_other_filters(desk):
    """Its own part does not count, and what would show nothing stays in the list."""
    found = facet(desk, "activity", "status", ORGANISATION, status=("Active",), search="call")
    assert found == [
        ("Planned", "Planned", 1),
        ("Active", "Active", 0),
        ("Completed", "Completed", 0),
        (None, None, 0),
    ]


@pytest.mark.card("S13b")
def test_a_record_counts_for_each_of_its_two_responsible_users_once(desk):
    assert facet(desk, "quotation", "responsible") == [
        (1, "Kari Nordmann", 1),
        (2, "Ola Hansen", 2),
        (3, "Åse Bjørk", 2),  # both on quotation 4, counted once
        (None, None, 2),
    ]


@pytest.mark.card("S13b", "S13d")
@pytest.mark.parametrize("entity", ["activity", "quotation", "organisation", "ticket", "change"])
@pytest.mark.parametrize("part", ["status", "responsible"])
def test_choosing_a_value_shows_as_many_as_its_count(desk, entity, part):
    for value, _title, number in facet(desk, entity, part, search="a"):
        chosen = desk.selection(entity).narrowed(search="a", **{part: (value,)})
        assert desk.database.scalar(chosen.count()) == number


def test_there_are_no_choices_of_what_an_entity_has_not(desk):
    with pytest.raises(FilterError, match="Users have no status"):
        desk.selection("user").facet("status")
    with pytest.raises(UnknownName, match="Did you mean 'status'"):
        desk.selection("activity").facet("stats")


@pytest.mark.card("L15")
def test_amounts_in_different_currencies_are_never_added(desk):
    query = desk.selection("quotation").grouped("level", "value")
    assert desk.database.rows(query) == [
        ("Won", "Won", "NOK", 1, Decimal(5000)),
        ("A - Hot", "A - Hot", "NOK", 1, Decimal(1000)),
        ("A - Hot", "A - Hot", "EUR", 1, Decimal(200)),
        ("Lost", "Lost", "SEK", 1, Decimal("70.50")),
        ("B - Warm", "B - Warm", "SEK", 1, Decimal(40)),
        ("A - Hot", "A - Hot", None, 1, Decimal(30)),
    ]


@pytest.mark.card("L15")
def test_dates_are_grouped_by_month_newest_first(desk):
    found = desk.database.rows(desk.selection("quotation").grouped("date", "count"))
    assert found[:2] == [
        (dt.datetime(2026, 3, 1), dt.datetime(2026, 3, 1), None, 1, 1),
        (dt.datetime(2026, 2, 1), dt.datetime(2026, 2, 1), None, 1, 1),
    ]
    assert found[-1] == (None, None, None, 1, 1)


@pytest.mark.card("L15")
def test_references_are_grouped_by_what_they_are_called(desk):
    found = desk.database.rows(desk.selection("activity").grouped("responsible_id", "count"))
    assert found[0] == (None, None, None, 4, 4)
    assert (1, "Kari Nordmann", None, 3, 3) in found


@pytest.mark.card("L15")
def test_every_record_is_in_one_group(desk):
    for entity in desk.registry:
        for field in ("created", "id"):
            groups = desk.database.rows(desk.selection(entity.name).grouped(field, "count"))
            total = desk.database.scalar(desk.selection(entity.name).count())
            assert sum(row[3] for row in groups) == total


def test_groups_are_not_cut_off_unless_asked_for(desk):
    selection = desk.selection("change")
    assert len(desk.database.rows(selection.grouped("id", "count"))) == 4
    assert len(desk.database.rows(selection.grouped("id", "count", limit=2))) == 2


def test_an_unknown_measure_names_the_nearest(desk):
    with pytest.raises(UnknownName, match="Did you mean 'value'"):
        desk.selection("quotation").grouped("level", "values")


@pytest.mark.card("S6")
def test_counts_are_one_statement_whatever_the_names(desk):
    everything = desk.selection("activity")
    query = counts({"all?": everything, "o'ne": everything.narrowed(status=("Active",))})
    assert dict(desk.database.rows(query)) == {"all?": 10, "o'ne": 2}
    assert desk.database.rows(Query(query.text)) == desk.database.rows(query)


def figure(desk, entity, number, *scope, **filters):
    selection = desk.selection(entity, *scope).narrowed(**filters)
    query = figures({"x": (selection, number)})
    assert desk.database.rows(Query(query.text)) == desk.database.rows(query)
    [(_, value, currency, _)] = desk.database.rows(query)
    return value, currency


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (dict(status=("Won",)), ("5000.00", "NOK")),
        (dict(status=("A - Hot",), search="lamps"), ("1000.00", "NOK")),
        (dict(status=("A - Hot",)), (None, "NOK")),  # NOK, EUR and a blank
        (dict(status=("A - Hot",), search="plates"), ("30.00", None)),
        (dict(search="no such"), (None, None)),
    ],
)
def test_a_figure_over_several_currencies_has_no_value(desk, filters, expected):
    assert figure(desk, "quotation", "sum:value", **filters) == expected


def test_an_amount_without_a_currency_is_not_added_to_one_with(desk):
    found = figure(desk, "quotation", "sum:value", search="cafe", status=("B - Warm", "A - Hot"))
    assert found == (None, "SEK")


def test_a_figure_counts_or_takes_the_last(desk):
    assert figure(desk, "activity", "count", ORGANISATION) == ("6", None)
    assert figure(desk, "activity", "max:date", ORGANISATION) == ("2026-02-10 13:00:00", None)
    assert figure(desk, "ticket", "sum:time_spent") == ("1.5", None)
    with pytest.raises(UnknownName, match="Did you mean 'sum'"):
        figure(desk, "ticket", "sums:time_spent")
    with pytest.raises(UnknownName, match="Did you mean 'time_spent'"):
        figure(desk, "ticket", "sum:time_spend")


def test_narrowing_replaces_one_part_of_the_filters(desk):
    selection = desk.selection("activity").narrowed(search="a", status=("x",))
    assert selection.narrowed(search="").filters == FilterSet(status=("x",))
