"""Report: the records of a list, grouped and summed."""

from decimal import Decimal

import pytest

from crmpanel.controllers.record_list import RecordList
from crmpanel.controllers.report import Report
from crmpanel.entities import REGISTRY
from crmpanel.errors import UnknownName
from crmpanel.model.filters import Condition

ORGANISATION = Condition(("organisation_id",), "eq", (1,))


def report(desk, entity, *scope, **filters):
    return Report(RecordList(desk, entity, scope, **filters))


@pytest.mark.card("L15", "S13c")
def test_a_report_keeps_the_scope_and_the_filters(desk):
    whole = report(desk, "quotations", ORGANISATION)
    assert [(row["value"], row["currency"], row["measure"]) for row in whole.rows()] == [
        ("Won", "NOK", Decimal(5000)),
        ("A - Hot", "NOK", Decimal(1000)),
        ("A - Hot", "EUR", Decimal(200)),
    ]
    narrowed = report(desk, "quotations", ORGANISATION, status=["A - Hot"], search="lamps")
    assert [row["measure"] for row in narrowed.rows()] == [Decimal(1000)]
    assert narrowed.df()["measure"].tolist() == [1000.0]
    assert narrowed.sql == narrowed.query.text


@pytest.mark.card("L15")
@pytest.mark.parametrize("entity", list(REGISTRY), ids=lambda entity: entity.name)
def test_every_dimension_and_measure_that_is_offered_can_be_shown(desk, entity):
    made = report(desk, entity.name)
    total = made.records.count()
    assert made.dimension in [field.name for field in made.dimensions]
    for dimension in made.dimensions:
        for measure in made.measures[:2]:
            made.choose(dimension.name, measure.name)
            assert sum(row["records"] for row in made.rows()) == total
            assert {row["currency"] for row in made.rows()} <= {None, "NOK", "EUR", "SEK"}


def test_what_is_the_same_in_every_record_is_no_dimension(desk):
    fixed = Condition(("level",), "eq", ("Won",))
    made = report(desk, "quotations", ORGANISATION, fixed)
    assert made.dimension not in ("organisation_id", "level")
    made.choose(None, None)
    assert made.dimension in [field.name for field in made.dimensions]


def test_an_unknown_dimension_or_measure_names_the_nearest(desk):
    made = report(desk, "quotations")
    with pytest.raises(UnknownName, match="Did you mean 'level'"):
        made.choose("lvl", None)
    with pytest.raises(UnknownName, match="Did you mean 'value'"):
        made.choose(None, "values")
    with pytest.raises(UnknownName, match="dimension 'note'"):
        made.choose("note", None)
    assert (made.dimension, made.measure) == ("level", "value")


def test_a_report_is_one_statement(desk, statements):
    made = report(desk, "quotations", status=["Won"])
    desk.context()
    with statements(desk.database) as seen:
        made.rows()
    assert len(seen) == 1
