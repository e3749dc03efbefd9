"""The SQL of a list, under review: after a change that is meant, `pytest --snapshot-update`."""

import datetime as dt
from dataclasses import replace

import pytest

from crmpanel.controllers.record_card import RecordCard, find
from crmpanel.controllers.timeline import Timeline
from crmpanel.model.filters import Condition
from crmpanel.query import lookup, timeline
from crmpanel.query.feed import Part, Position

ORGANISATION = Condition(("organisation_id",), "eq", (1,))


@pytest.fixture
def activities(desk):
    return desk.selection("activity", ORGANISATION)


@pytest.fixture
def narrowed(activities):
    return activities.narrowed(
        search="50%", responsible=(1, None), status=("Planned", "Active"), period="overdue"
    )


def test_page(activities, snapshot):
    columns = ["date", "subject", "person_id", "responsible_id"]
    assert activities.page(columns, (("date", True),), 50, 100).sql == snapshot


def test_page_by_name_of_a_reference(activities, snapshot):
    assert activities.page(["subject"], (("person_id", False), ("date", True)), 50).sql == snapshot


def test_page_narrowed(narrowed, snapshot):
    assert narrowed.page(["subject"], (), 50).text == snapshot


def test_count_narrowed(narrowed, snapshot):
    assert narrowed.count().text == snapshot


def test_facet_of_status(narrowed, snapshot):
    assert narrowed.facet("status").sql == snapshot


def test_facet_of_two_responsible_fields(desk, snapshot):
    assert desk.selection("quotation", ORGANISATION).facet("responsible").sql == snapshot


def test_grouped_by_month(desk, snapshot):
    assert desk.selection("quotation").grouped("date", "value", 50).sql == snapshot


def test_grouped_by_reference(desk, snapshot):
    assert desk.selection("quotation").grouped("responsible_id", "count").sql == snapshot


def test_numbers_of_the_header(desk, snapshot, statements):
    card = RecordCard(desk, "organisation", find(desk, "organisation", 1))
    with statements(desk.database) as seen:
        card.counts()
        card.figures()
    assert [sql for sql, _ in seen] == snapshot


def test_lookups(desk, snapshot):
    organisation = desk.registry["organisation"]
    assert [
        lookup.suggest(organisation, "nordlys 55123456", "kn").text,
        lookup.resembling(organisation, "nrodlys", "kn").text,
        lookup.by_title(organisation, "Nordlys AS").text,
        lookup.viewed(organisation, "kn").text,
    ] == snapshot


@pytest.fixture
def feed(desk):
    timeline = Timeline(RecordCard(desk, "organisation", find(desk, "organisation", 1)))
    timeline.pins.read = lambda: {"activity": (3,)}
    timeline.param.update(kinds=["activity", "order"], person=[1], show_changes=True)
    return timeline


def test_page_of_the_timeline_after_an_order(feed, snapshot):
    after = Position(dt.datetime(2026, 1, 20), feed.entities.index(feed.desk.registry["order"]), 1)
    branches = feed._parts(pinned=False)
    part = Part(feed.desk.clock(), after=after)
    assert timeline.bound(branches[-1], part, 20).text == snapshot(name="bound")
    part = replace(part, bound=dt.datetime(2026, 1, 1))
    assert timeline.page(branches, part, 20).text == snapshot(name="page")


def test_timeline_as_a_frame(feed, snapshot):
    assert feed.sql == snapshot


def test_numbers_of_the_timeline(feed, snapshot, statements):
    with statements(feed.desk.database) as seen:
        feed.count()
        feed.users()
    assert [sql for sql, _params in seen] == snapshot


def test_changes_between_entries(feed, snapshot):
    days = [dt.datetime(2026, 1, 20), dt.datetime(2026, 1, 5)]
    part = Part(feed.desk.clock(), until=days[-1])
    assert timeline.folded(feed._log()[0], part, days).text == snapshot
