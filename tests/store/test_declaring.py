"""Fields and entities that a database declares itself."""

import datetime as dt
from decimal import Decimal

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.entities import REGISTRY
from crmpanel.errors import InputError, UnknownName
from crmpanel.model.changeset import Changeset, Update
from crmpanel.model.declared import CUSTOM_KINDS, free_name
from crmpanel.model.entity import COUNT, OTHER, SYSTEM_FIELDS, Entity, Field, Measure
from crmpanel.model.kinds import (
    ACTION,
    CHOICE,
    DATE,
    INTEGER,
    KINDS,
    MONEY,
    NUMBER,
    REFERENCE,
    TEMPLATE,
    TEXT,
)
from crmpanel.model.registry import Registry
from crmpanel.query.query import Query
from crmpanel.store import create, open_
from crmpanel.store.check import check

NPS = Field("nps", NUMBER, "NPS score", origin="NPS Score (2026)")
SINCE = Field("customer_since", DATE, format="%d.%m.%Y")
CONTRACT = Entity(
    name="contract",
    plural="contracts",
    label="Contract",
    label_plural="Service contracts",
    title="number",
    date="start",
    status="state",
    amount="value",
    responsible=("seller_id",),
    status_roles=(("Ended", "completed"),),
    columns=("number", "state", "start", "value"),
    sort=(("start", True),),
    measures=(COUNT, Measure("value", "Value", "sum", "value")),
    origin="contracts.csv",
    own_fields=(
        Field("organisation_id", REFERENCE, target="organisation"),
        Field("number", TEXT, mandatory=True),
        Field("state", CHOICE),
        Field("start", DATE),
        Field("value", MONEY),
        Field("seller_id", REFERENCE, target="user"),
    ),
)


@pytest.fixture
def grown(database):
    """A database that has declared both, with a value of each."""
    with database.load("Import", "test") as load:
        assert load.declare("organisations", [NPS, SINCE])[0].group == OTHER
        load.declare_entity(CONTRACT)
        load.execute(
            "UPDATE organisation SET nps = 9.5, customer_since = DATE '2020-02-03' WHERE id = 1"
        )
        load.execute(
            "INSERT INTO contract (id, organisation_id, number, state, start, value) VALUES (1, 1, 'C-1', 'Running', DATE '2026-01-01', 100), (2, 3, 'C-2', 'Ended', NULL, 5)"
        )
    return database


def again(database, registry=REGISTRY):
    database.close()
    return open_(database.path, registry)


def value(database, name, id=1, entity="organisation"):
    return database.scalar(Query(f'SELECT "{name}" FROM "{entity}" WHERE id = {id}'))


def described(registry):
    return {entity.name: entity for entity in registry}


# -- declaring -------------------------------------------------------------------------------------


def test_the_registry_of_a_database_is_the_codes_and_its_own(grown):
    field = grown.registry["organisation"].field("nps")
    assert (field.kind, field.label, field.group, field.custom) == (
        NUMBER,
        "NPS score",
        OTHER,
        True,
    )
    assert field.origin == "NPS Score (2026)"
    assert "nps" not in REGISTRY["organisation"].fields and "contract" not in REGISTRY
    contract = grown.registry["contracts"]
    assert contract.custom and contract.field("value").group == "General"
    assert grown.status_roles("contract") == {"Ended": "completed"}
    assert list(grown.registry["organisation"].fields)[-len(SYSTEM_FIELDS) :] == [
        f.name for f in SYSTEM_FIELDS
    ]
    before = grown.registry
    with again(grown) as database:
        assert described(database.registry) == described(before)
        assert value(database, "nps") == 9.5 and value(
            database, "value", entity="contract"
        ) == Decimal("100.00")
        assert check(database) == []


def test_every_kind_but_those_of_the_code_can_be_declared_and_comes_back(database):
    assert set(KINDS) - set(CUSTOM_KINDS) == {
        "action",
        "entity_name",
        "field_name",
        "logged_value",
        "template",
    }
    parts = {"reference": dict(target="person")}
    fields = [
        Field(
            f"x_{name}" + "_id" * (name == "reference"),
            kind,
            f"Ä {name}",
            searchable=True,
            mass=False,
            group="Ours",
            **parts.get(name, {}),
        )
        for name, kind in CUSTOM_KINDS.items()
    ]
    with database.load("Import", "test") as load:
        declared = load.declare("person", fields)
    assert [f.group for f in declared] == ["Ours"] * len(fields)
    with again(database) as opened:
        assert [f for f in opened.registry["person"].own_fields if f.custom] == list(declared)


def test_what_cannot_be_declared_is_refused_and_nothing_is_written(grown):
    wrong = [
        Field("t", TEMPLATE, fields_of="type"),
        Field("a", ACTION),
        Field("source_key", TEXT),
        Field("vanished", TEXT),
        Field("id", INTEGER),
        Field("city", TEXT),
        Field("nps", TEXT),
        Field("responsible", TEXT),
        Field("parent", TEXT),
        Field("money", MONEY, currency="no_such"),
        Field("friend", REFERENCE, target="person"),
    ]
    for field in wrong:
        with pytest.raises(InputError), grown.load("Import", "test") as load:
            load.declare("organisation", [Field("fine", TEXT), field])
    with pytest.raises(UnknownName), grown.load("Import", "test") as load:
        load.declare("organisation", [Field("x_id", REFERENCE, target="no_such")])
    with pytest.raises(InputError, match="Log"), grown.load("Import", "test") as load:
        load.declare("change", [Field("fine", TEXT)])
    for name in ("city; drop", 'a"b', "Größe", "x" * 61, ""):
        with pytest.raises(InputError, match="cannot be the name"):
            Field(name, TEXT)
    for name, plural in (
        ("person", "x"),
        ("x", "persons"),
        ("contract", "y"),
        ("changeset", "z"),
        ("declared_field", "z"),
    ):
        other = Entity(**{**vars_of(CONTRACT), "name": name, "plural": plural})
        with pytest.raises(InputError), grown.load("Import", "test") as load:
            load.declare_entity(other)
    assert "fine" not in grown.registry["organisation"].fields
    assert "fine" not in grown.frame(Query("SELECT * FROM organisation LIMIT 0")).columns
    assert grown.scalar(Query("SELECT count(*) FROM declared_field")) == 2 + len(
        CONTRACT.own_fields
    )


def vars_of(entity):
    return {name: getattr(entity, name) for name in entity.__dataclass_fields__}


def test_declaring_again_changes_nothing(grown):
    registry = grown.registry
    with grown.load("Import", "test") as load:
        assert (
            load.declare("organisation", [Field("nps", NUMBER, "Otherwise")])[0].label
            == "NPS score"
        )
    assert described(grown.registry) == described(registry)


def test_a_load_that_fails_declares_nothing(database):
    before = database.registry
    with pytest.raises(ZeroDivisionError), database.load("Import", "test") as load:
        load.declare("organisation", [NPS])
        load.declare_entity(CONTRACT)
        load.execute("UPDATE organisation SET nps = 1")
        raise ZeroDivisionError
    assert database.registry is before
    assert "nps" not in database.frame(Query("SELECT * FROM organisation")).columns
    with again(database) as opened:
        assert "contract" not in opened.registry


def test_opened_twice_both_have_it(database):
    with open_(database.path) as other, database.load("Import", "test") as load:
        load.declare("organisation", [NPS])
    assert "nps" in other.registry["organisation"].fields
    assert open_(database.path) is database


def test_a_killed_process_loses_no_declaration(crm_path, run_python):
    program = """
import os, sys
from crmpanel.store import open_
from crmpanel.model.entity import Field
from crmpanel.model.kinds import NUMBER
database = open_(sys.argv[1])
with database.load("Import", "test") as load:
    load.declare("organisation", [Field("nps", NUMBER)])
    load.execute("INSERT INTO organisation (id, name, nps) VALUES (99, 'x', 7)")
os.kill(os.getpid(), 9)
"""
    with pytest.raises(AssertionError):
        run_python(program, crm_path)
    with open_(crm_path) as database:
        assert database.registry["organisation"].field("nps").kind is NUMBER
        assert value(database, "nps", 99) == 7


# -- everything follows ------------------------------------------------------------------------


def test_written_logged_undone_and_as_of(grown):
    applied = grown.apply(
        Changeset(
            (Update("organisation", 1, {"nps": 3}), Update("contract", 1, {"state": "Ended"}))
        )
    )
    log = grown.rows(
        Query(
            "SELECT entity, field, old_value, new_value FROM change WHERE changeset = ? ORDER BY 1",
            (applied.number,),
        )
    )
    assert log == [("contract", "state", "Running", "Ended"), ("organisation", "nps", "9.5", "3.0")]
    grown.undo(applied.number)
    assert (value(grown, "nps"), value(grown, "state", entity="contract")) == (9.5, "Running")
    assert check(grown) == []


def test_the_past_has_the_fields_that_are_declared_now(database):
    from crmpanel.controllers.past import at

    first = database.apply(Changeset((Update("organisation", 1, {"city": "Oslo"}),)))
    past = at(Desk(database, "kn"), first.number)
    database.apply(Changeset((Update("organisation", 1, {"city": "Voss"}),)))
    assert find(past, "organisation", 1)["city"] == "Oslo"
    with database.load("Import", "test") as load:
        load.declare("organisation", [NPS])
        load.declare_entity(CONTRACT)
    database.apply(Changeset((Update("organisation", 1, {"nps": 3}),)))
    assert find(past, "organisation", 1) | {"nps": 0} == find(past, "organisation", 1) | {"nps": 0}
    assert find(past, "organisation", 1)["nps"] is None
    assert past.selection("contract").count()
    assert past.database.scalar(past.selection("contract").count()) == 0


# -- later versions ----------------------------------------------------------------------------


def with_field(*fields, entity="organisation"):
    changed = REGISTRY[entity].with_fields(fields)
    return Registry(changed if e.name == entity else e for e in REGISTRY)


def test_a_later_version_that_declares_the_same_takes_the_values_over(grown):
    grown.apply(Changeset((Update("organisation", 1, {"nps": 3}),)))
    with again(grown, with_field(Field("nps", NUMBER, "Net promoter score"))) as database:
        field = database.registry["organisation"].field("nps")
        assert (field.label, field.custom) == ("Net promoter score", False)
        assert value(database, "nps") == 3.0
        assert database.scalar(Query("SELECT count(*) FROM declared_field WHERE name = 'nps'")) == 0
        assert check(database) == []


@pytest.mark.parametrize(
    "field",
    [Field("nps", TEXT), Field("nps_id", REFERENCE, target="person"), Field("nps", ACTION)],
    ids=["type", "title", "meaning"],
)
def test_a_later_version_that_declares_something_else_leaves_values_and_history(grown, field):
    done = grown.apply(Changeset((Update("organisation", 1, {"nps": 3}),)))
    with again(grown, with_field(field)) as database:
        entity = database.registry["organisation"]
        assert (entity.field("nps_2").label, entity.field("nps_2").custom) == ("NPS score", True)
        assert not entity.field(field.name).custom
        assert value(database, "nps_2") == 3.0 and value(database, field.name) is None
        database.undo(done.number)
        assert value(database, "nps_2") == 9.5
        assert check(database) == []
    with open_(database.path, with_field(field)) as database:
        assert database.registry["organisation"].field("nps_2").kind is NUMBER


def test_a_later_version_with_an_entity_of_that_name_leaves_records_and_history(
    grown, insert_records
):
    done = grown.apply(Changeset((Update("contract", 1, {"state": "Ended"}),)))
    with grown.load("Import", "test") as load:
        load.declare("person", [Field("contract_id", REFERENCE, target="contract")])
        load.execute("UPDATE person SET contract_id = 2 WHERE id = 1")
    theirs = Entity(
        **{
            **vars_of(CONTRACT),
            "own_fields": CONTRACT.own_fields[:5],
            "responsible": (),
            "origin": "",
            "status_roles": (),
        }
    )
    later = REGISTRY.with_(theirs)
    with again(grown, later) as database:
        ours = database.registry["contract_2"]
        assert (ours.plural, ours.label, ours.custom) == ("contracts_2", "Contract", True)
        assert database.registry["person"].field("contract_id").target == "contract_2"
        assert value(database, "contract_id", entity="person") == 2
        assert database.scalar(Query("SELECT count(*) FROM contract")) == 0
        database.undo(done.number)
        assert value(database, "state", entity="contract_2") == "Running"
        assert database.status_roles("contract_2") == {"Ended": "completed"}
        assert check(database) == []
    with open_(database.path, later) as database:
        assert check(database) == []


def test_a_later_system_field_moves_ours(database):
    """As if the code had come to keep `vanished` when the database had that already."""
    own = (*CONTRACT.own_fields, Field("vanished_", TEXT))
    with database.load("Import", "test") as load:
        load.declare_entity(
            Entity(**{**vars_of(CONTRACT), "own_fields": own, "title": "vanished_"})
        )
        load.execute("ALTER TABLE contract DROP COLUMN vanished")
        load.execute("ALTER TABLE contract RENAME COLUMN vanished_ TO vanished")
        load.execute("UPDATE declared_field SET name = 'vanished' WHERE name = 'vanished_'")
        load.execute(
            "UPDATE declared_entity SET declaration = replace(declaration, 'vanished_', 'vanished')"
        )
        load.execute("INSERT INTO contract (id, vanished) VALUES (1, 'long ago')")
    with again(database) as opened:
        entity = opened.registry["contract"]
        assert (entity.title, entity.field("vanished").kind.name) == ("vanished_2", "datetime")
        assert value(opened, "vanished_2", entity="contract") == "long ago"


def test_a_version_without_an_entity_keeps_what_was_declared_for_it(crm_path, toy, toy_registry):
    with open_(crm_path, toy_registry) as database, database.load("Import", "test") as load:
        load.declare("vehicle", [Field("colour", CHOICE)])
        load.declare("person", [Field("vehicle_id", REFERENCE, target="vehicle")])
    with open_(crm_path) as database:
        assert "vehicle_id" not in database.registry["person"].fields
    with open_(crm_path, toy_registry) as database:
        assert database.registry["vehicle"].field("colour").kind is CHOICE
        assert database.registry["person"].field("vehicle_id").target == "vehicle"


def test_a_database_of_before_gets_system_fields_and_can_declare(crm_path):
    with open_(crm_path) as database, database.load("Test", "test") as load:
        for name in ("declared_entity", "declared_field"):
            load.execute(f"DROP TABLE {name}")
        for entity in REGISTRY:
            for name in ("source_name", "vanished"):
                load.execute(f'ALTER TABLE "{entity.name}" DROP COLUMN IF EXISTS {name}')
        load.execute("UPDATE crm_meta SET value = '3' WHERE key = 'schema'")
    with open_(crm_path) as database:
        assert value(database, "vanished") is None and value(database, "source_name") is None
        assert "vanished" not in database.registry["change"].fields
        with database.load("Import", "test") as load:
            load.declare("organisation", [NPS])
        assert check(database) == []


def test_names_that_are_free():
    assert free_name("nps", {"nps", "nps_2"}) == "nps_3"
    assert free_name("owner_id", {"owner"}) == "owner_2_id"
    assert free_name("owner", {"city"}) == "owner"


def test_a_new_database_declares_nothing(tmp_path):
    with create(tmp_path / "new.duckdb") as database:
        assert database.registry is database.code or described(database.registry) == described(
            database.code
        )
        assert dt.datetime.now() and database.rows(Query("SELECT * FROM declared_field")) == []


def test_what_can_be_summed_up_is_a_measure_and_kept(grown):
    with grown.load("Import", "test") as load:
        load.declare("contract", [Field("seats", INTEGER), Field("terms", TEXT)])
    measures = {m.name: (m.function, m.field) for m in grown.registry["contract"].measures}
    assert measures == {
        "count": ("count", None),
        "value": ("sum", "value"),
        "seats": ("sum", "seats"),
        "seats_avg": ("avg", "seats"),
    }
    before = grown.registry
    assert [m.name for m in before["organisation"].measures] == ["count", "nps", "nps_avg"]
    with again(grown) as database:
        assert described(database.registry) == described(before)
