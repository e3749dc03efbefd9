"""Winning: a won quotation becomes an order, with its lines, once."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.controllers.winning import Winning
from crmpanel.entities import REGISTRY
from crmpanel.errors import InputError, UnknownName
from crmpanel.model.changeset import Changeset, Create, Update
from crmpanel.model.entity import Entity, Field
from crmpanel.model.filters import Condition
from crmpanel.model.kinds import TEXT
from crmpanel.model.registry import Registry


@pytest.fixture
def at_desk(database, now):
    return Desk(database, "kn", clock=lambda: now)


@pytest.fixture
def won(at_desk):
    """Quotation 1, which has one line, won; and a line of it that another order has."""
    taken = Create(
        "quotation_line", {"organisation_id": 1, "quotation_id": 1, "order_id": 1, "name": "Taken"}
    )
    at_desk.database.apply(Changeset((Update("quotation", 1, {"level": "Won"}), taken)))
    return lambda: Winning(at_desk, REGISTRY["quotation"], find(at_desk, "quotation", 1))


def lines(desk, order):
    selection = desk.selection("quotation_line", Condition(("order_id",), "eq", (order,)))
    return [row["name"] for row in desk.database.records(selection.page(["name"]))]


@pytest.mark.card("L16")
def test_a_won_quotation_becomes_an_order_with_its_lines(won, at_desk):
    winning = won()
    assert winning.is_won and winning.made() is None
    outcome = winning.make()
    assert (outcome.kind, outcome.message) == ("created", "Order created")
    order = find(at_desk, "order", outcome.ids["order"])
    assert (order["description"], order["value"], order["currency"]) == ("Lamps", 1000, "NOK")
    assert (order["quotation_id"], order["organisation_id"], order["person_id"]) == (1, 1, 1)
    assert (order["responsible_id"], order["date"], order["status"]) == (
        1,
        dt.date(2026, 2, 3),
        "OnGoing",
    )
    assert lines(at_desk, order["id"]) == ["Lamp"] and "Taken" in lines(at_desk, 1)
    assert winning.made() == order["id"]
    at_desk.database.undo(outcome.applied.number)
    assert winning.made() is None and lines(at_desk, order["id"]) == []


@pytest.mark.hardening("57")
def test_it_is_made_once_however_often_and_by_whom_it_is_asked_for(won, at_desk):
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda winning: winning.make(), [won() for _ in range(4)]))
    assert sorted(o.kind for o in outcomes) == ["created", "failed", "failed", "failed"]
    assert len({o.ids["order"] for o in outcomes}) == 1


def test_after_an_undo_it_can_be_made_again(won, at_desk):
    winning = won()
    at_desk.database.undo(winning.make().applied.number)
    assert winning.make().kind == "created"


@pytest.mark.parametrize(("entity", "id"), [("quotation", 1), ("quotation", 4), ("order", 1)])
def test_what_was_not_won_becomes_nothing(at_desk, entity, id):
    winning = Winning(at_desk, REGISTRY[entity], find(at_desk, entity, id))
    assert not winning.is_won and winning.make().kind == "failed"
    assert winning.made() is None


def test_a_declaration_names_what_refers_back():
    plain = dict(plural="as", label="A", label_plural="As", title="t", columns=("t",), sort=(),
                 organisation=None, own_fields=(Field("t", TEXT),))  # fmt: skip
    with pytest.raises(UnknownName):
        Registry([Entity(name="a", becomes="b", **plain)])
    with pytest.raises(InputError, match="cannot become"):
        Registry([Entity(name="a", becomes="a", **plain)])
