"""One entity, declared in the tests, is listed, filtered, reported and opened like all others."""

from decimal import Decimal

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.list_state import from_args, to_args
from crmpanel.controllers.record_card import RecordCard, find
from crmpanel.controllers.record_list import RecordList
from crmpanel.controllers.report import Report
from crmpanel.controllers.sentence import sentence
from crmpanel.exporting import export
from crmpanel.locale.formats import Formats
from crmpanel.model.entity import Entity, Field
from crmpanel.model.filters import Condition
from crmpanel.model.kinds import CHOICE, TEXT
from crmpanel.model.registry import Registry
from crmpanel.store import create
from crmpanel.store.check import check
from crmpanel.store.optimize import optimize

ORGANISATION = Condition(("organisation_id",), "eq", (1,))


@pytest.fixture
def vehicles(toy_desk):
    return RecordList(toy_desk, "vehicles")


def test_it_is_listed(vehicles):
    assert vehicles.count() == 4
    assert [row["id"] for row in vehicles.rows()] == [4, 1, 2, 3]
    assert vehicles.columns == ["plate", "organisation_id", "state", "driver_id", "bought", "price"]
    assert vehicles.rows()[1]["driver"] == "Kari Nordmann"
    assert len(vehicles.df()) == 4


def test_it_is_filtered(vehicles, hostile):
    assert vehicles.facet("status")[-1] == (None, None, 1)
    assert vehicles.facet("responsible") == [
        (1, "Kari Nordmann", 2),
        (2, "Ola Hansen", 1),
        (None, None, 1),
    ]
    for change, ids in (
        (dict(search="NORDLYS"), {1, 2}),
        (dict(search="drop table"), {3}),
        (dict(status=[hostile, None]), {3, 4}),
        (dict(responsible=["Kari Nordmann"]), {1, 4}),
        (dict(period="overdue"), {1}),
        (dict(period="this_month"), set()),
        (dict(period="last_month"), {1, 4}),
    ):
        vehicles.clear()
        vehicles.param.update(**change)
        assert {row["id"] for row in vehicles.rows()} == ids
        assert sentence(vehicles, Formats("en_GB")).startswith("vehicles where ")


def test_its_address_is_written_and_read(toy_desk, vehicles):
    vehicles.param.update(status=["Sold"], responsible=[2], period="last_year", sort=["-price"])
    other = RecordList(toy_desk, "vehicle")
    assert from_args(other, to_args(vehicles)) == []
    assert [row["id"] for row in other.rows()] == [2]
    assert from_args(other, (("column", "plat"),))[0].startswith("There is no column of vehicles")


def test_it_is_reported(vehicles):
    report = Report(vehicles)
    report.choose("driver_id", None)
    assert [(row["title"], row["currency"], row["measure"]) for row in report.rows()] == [
        ("Kari Nordmann", "NOK", Decimal(100)),
        ("Ola Hansen", "EUR", Decimal(50)),
        (None, "NOK", Decimal(1)),
        ("Kari Nordmann", None, None),
    ]


def test_it_has_a_card(toy_desk):
    card = RecordCard(toy_desk, "vehicle", find(toy_desk, "vehicles", "AB 1", by_name=True))
    assert card.title == "AB 1"
    assert card.counts() == {"log": 0}
    assert card.layout.side[0].fields == (
        "organisation_id",
        "state",
        "driver_id",
        "bought",
        "service",
        "price",
    )


def test_it_is_counted_on_the_card_of_its_organisation(toy_desk):
    card = RecordCard(toy_desk, "organisation", find(toy_desk, "organisation", 1))
    assert RecordList(toy_desk, "vehicle", card.scope("vehicle")).count() == 2


def test_a_registry_without_people_and_log_works(tmp_path, now):
    """No machinery asks for an entity by its name."""
    thing = Entity(
        name="thing",
        plural="things",
        label="Thing",
        label_plural="Things",
        title="name",
        organisation=None,
        status="state",
        columns=("name", "state"),
        sort=(("name", False),),
        own_fields=(Field("name", TEXT), Field("state", CHOICE)),
    )
    with create(tmp_path / "things.duckdb", Registry([thing])) as database:
        with database.load("Test", "test") as load:
            load.execute("INSERT INTO thing (id, name, state) VALUES (1, 'A', 'x'), (2, 'B', 'y')")
        desk = Desk(database, "kn", clock=lambda: now)
        things = RecordList(desk, "things", search="b")
        assert [row["id"] for row in things.rows()] == [2]
        assert RecordCard(desk, "thing", find(desk, "thing", "A", True)).counts() == {}
        assert Report(things).rows()[0]["records"] == 1
        assert desk.users == {}
        assert check(database) == []
        assert export(database, tmp_path / "out").rows == {"thing": 2}
        optimize(database)
