"""A declaration that contradicts itself is refused where it is made."""

from dataclasses import replace

import pytest

from crmpanel.entities import REGISTRY
from crmpanel.errors import InputError, UnknownName
from crmpanel.model.entity import COUNT, SYSTEM_FIELDS, Entity, Field, Measure
from crmpanel.model.kinds import CHOICE, DATE, IDENTIFIER, KINDS, MONEY, NUMERAL, REFERENCE, TEXT
from crmpanel.model.operators import OPERATORS
from crmpanel.model.registry import Registry

TO_USER = Field("driver_id", REFERENCE, target="user")


def entity(*more, **changes):
    settings = dict(
        name="thing",
        plural="things",
        label="Thing",
        label_plural="Things",
        title="name",
        organisation=None,
        columns=("name",),
        sort=(("name", False),),
        own_fields=(Field("name", TEXT), *more),
    )
    return Entity(**{**settings, **changes})


def test_every_operator_of_every_kind_is_declared():
    assert {key for kind in KINDS.values() for key in kind.operators} <= OPERATORS.keys()


def test_every_operator_is_used_by_a_kind():
    assert {key for kind in KINDS.values() for key in kind.operators} == set(OPERATORS)


def test_a_label_is_derived_from_the_name():
    assert Field("next_follow_up", DATE).label == "Next follow up"
    assert Field("responsible_id", REFERENCE, target="user").label == "Responsible"


def test_id_comes_first_and_the_system_fields_last():
    names = list(entity(TO_USER).fields)
    assert names[0] == "id"
    assert names[-len(SYSTEM_FIELDS) :] == [f.name for f in SYSTEM_FIELDS]


@pytest.mark.hardening(21)
@pytest.mark.parametrize(
    "name", ['a"; drop table x', "a b", "Name", "1st", "", "a?", "a\0", "é", "x" * 61, None, 7]
)
def test_a_name_that_is_no_plain_identifier_is_refused(name):
    with pytest.raises(InputError, match="cannot be the name"):
        Field(name, TEXT)
    with pytest.raises(InputError, match="cannot be the name"):
        entity(name=name)
    with pytest.raises(InputError, match="cannot be the name"):
        entity(plural=name)


@pytest.mark.parametrize(
    ("field", "kind", "target"), [("owner_id", REFERENCE, None), ("owner", TEXT, "user")]
)
def test_a_reference_and_only_that_has_a_target(field, kind, target):
    with pytest.raises(InputError, match="names its target"):
        Field(field, kind, target=target)


@pytest.mark.parametrize(
    "part",
    [
        dict(title="nmae"),
        dict(subtitle="nmae"),
        dict(organisation="nmae"),
        dict(date="nmae"),
        dict(due="nmae"),
        dict(status="nmae"),
        dict(amount="nmae"),
        dict(group_by="nmae"),
        dict(responsible=("nmae",)),
        dict(columns=("name", "nmae")),
        dict(sort=(("nmae", True),)),
        dict(found_by=("nmae",)),
        dict(about=("nmae", "id")),
        dict(measures=(Measure("total", "Total", "sum", "nmae"),)),
    ],
    ids=lambda part: next(iter(part)),
)
def test_a_part_that_is_no_field_names_the_nearest(part):
    with pytest.raises(UnknownName, match="Did you mean 'name'"):
        entity(**part)


def test_a_currency_that_is_no_field_is_refused():
    with pytest.raises(UnknownName, match="curency"):
        entity(Field("price", MONEY, currency="curency"))


@pytest.mark.parametrize(
    "part",
    [
        dict(date="name"),
        dict(due="name"),
        dict(status="born"),
        dict(title="born"),
        dict(amount="name"),
        dict(responsible=("name",)),
        dict(organisation="name"),
        dict(measures=(Measure("total", "Total", "sum", "name"),)),
    ],
    ids=lambda part: next(iter(part)),
)
def test_a_part_of_the_wrong_kind_is_refused(part):
    with pytest.raises(InputError, match="cannot be the"):
        entity(Field("born", DATE), **part)


@pytest.mark.parametrize(
    ("measures", "match"),
    [
        ((), "no measure"),
        ((COUNT, COUNT), "twice"),
        ((Measure("total", "Total", "median", "id"),), "Known: avg"),
        ((Measure("total", "Total", "sum"),), "has a field"),
        ((Measure("total", "Total", "count", "id"),), "has a field"),
    ],
)
def test_a_measure_that_cannot_be_computed_is_refused(measures, match):
    with pytest.raises(InputError, match=match):
        entity(measures=measures)


@pytest.mark.parametrize(
    "fields",
    [
        (Field("name", CHOICE),),
        (Field("id", NUMERAL),),
        (TO_USER, Field("driver", TEXT)),
    ],
    ids=["twice", "id", "title of a reference"],
)
def test_two_columns_of_one_name_are_refused(fields):
    with pytest.raises(InputError, match="declared twice"):
        entity(*fields)


def test_a_role_that_means_nothing_is_refused():
    with pytest.raises(UnknownName, match="Did you mean 'completed'"):
        entity(Field("state", CHOICE), status="state", status_roles=(("Done", "complete"),))


def test_about_names_two_fields():
    with pytest.raises(InputError, match="two fields"):
        entity(about=("name",))


def test_the_registry_finds_an_entity_by_name_and_by_plural():
    assert REGISTRY["quotation_lines"] is REGISTRY["quotation_line"]
    assert "log" in REGISTRY
    assert "logs" not in REGISTRY
    with pytest.raises(UnknownName, match="Did you mean 'activity'"):
        REGISTRY["activty"]


@pytest.mark.parametrize(
    "names", [("thing", "others"), ("other", "things"), ("things", "others"), ("other", "thing")]
)
def test_two_entities_cannot_share_a_name(names):
    thing = entity()
    with pytest.raises(InputError, match="two entities"):
        Registry([thing, replace(thing, name=names[0], plural=names[1])])


def test_a_reference_out_of_the_registry_is_refused():
    with pytest.raises(UnknownName, match="user"):
        Registry([entity(TO_USER)])
    with pytest.raises(UnknownName, match="users"):
        REGISTRY.with_(entity(Field("driver_id", REFERENCE, target="users")))


def test_a_registry_grows_without_changing():
    grown = REGISTRY.with_(entity())
    assert "thing" in grown
    assert "thing" not in REGISTRY
    assert [e.name for e in grown] == [*(e.name for e in REGISTRY), "thing"]


def test_entities_name_their_parts(records):
    assert set(records) <= {entity.name for entity in REGISTRY}
    assert REGISTRY["quotation"].status == "level"
    assert REGISTRY["order"].due == "delivery_date"
    assert next(f.name for f in REGISTRY["activity"].references) == "organisation_id"
    assert IDENTIFIER.searchable
