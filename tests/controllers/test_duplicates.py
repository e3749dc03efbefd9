"""Duplicates: what is there already is found before it is entered again, with the reason."""

from dataclasses import replace

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.duplicates import duplicates
from crmpanel.entities import REGISTRY
from crmpanel.errors import UnknownName
from crmpanel.model.likeness import Likeness, digits, host
from crmpanel.store import open_


def found(desk, entity, id=None, **values):
    return [(one.id, *one.reasons) for one in duplicates(desk, entity, values, id)]


@pytest.mark.card("L17")
def test_organisations(desk):
    assert found(desk, "organisation", name=" nordlys as ", division="Production") == [
        (2, "same name, division"),
        (1, "similar name"),
    ]
    assert found(desk, "organisation", name="Cafe Solberg") == [(3, "same name, division")]
    assert found(desk, "organisation", name="Café Solbreg AB") == [(3, "similar name")]
    assert found(desk, "organisation", name="Nordlys AS", id=1) == [(2, "similar name")]
    assert found(desk, "organisation", vat_number="987.654.321") == [(1, "same vat number")]
    assert found(desk, "organisation", name="Solberg Kaffe", email="post@solberg.se") == [
        (3, "same domain, website, e-mail")
    ]
    assert [one[0] for one in found(desk, "organisation", website="https://www.nordlys.no/om")] == [
        1,
        2,
    ]
    both = found(desk, "organisation", name="Nordlys", vat_number="NO987654321MVA")
    assert both[0] == (1, "same vat number", "similar name")


def test_what_says_nothing_finds_nothing(desk, hostile):
    assert found(desk, "organisation", name="", vat_number="12", email="a@gmail.com") == []
    assert found(desk, "organisation", name="\0", website="a" * 300) == []
    assert found(desk, "organisation", name="AS") == []
    assert found(desk, "organisation", name=None, division="Production") == []
    assert found(desk, "organisation", name=hostile)[0] == (4, "same name, division")
    assert found(desk, "activity", subject="Call about the offer") == []


def test_persons(desk):
    assert found(desk, "person", email="KARI@nordlys.no") == [(1, "same e-mail")]
    assert found(desk, "person", name="kari vik", organisation_id=1) == [
        (1, "same name, organisation")
    ]
    assert found(desk, "person", name="Kari Vik", organisation_id=3) == []
    assert found(desk, "person", name="Uten Tilknytning") == [(4, "same name, organisation")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nordlys.no", "nordlys.no"),
        ("HTTP://WWW.Nordlys.no:8080/x?y", "nordlys.no"),
        ("kari@post.nordlys.no", "post.nordlys.no"),
        ("kari@gmail.com", None),
        ("https://linkedin.com/company/x", None),
        ("nordlys", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_the_host_of_an_address(text, expected):
    assert host(text) == expected


def test_the_digits_of_a_number():
    assert digits("SE 556012-5790 01") == "556012579001"
    assert digits("NO 12 345") is None


def test_a_likeness_is_checked_when_it_is_declared(toy):
    with pytest.raises(UnknownName, match="Did you mean 'same'"):
        changed(toy, Likeness("sam", ("plate",)))
    with pytest.raises(UnknownName, match="plat"):
        changed(toy, Likeness("same", ("plat",)))


def changed(toy, likeness):
    return replace(toy, likenesses=(likeness,))


def test_what_is_only_declared_is_looked_for(crm_path, toy, insert_records):
    registry = REGISTRY.with_(changed(toy, Likeness("number", ("chassis",))))
    with open_(crm_path, registry) as database:
        with database.load("Test", "test") as load:
            insert_records(load, "vehicle", [dict(id=1, plate="AB 1", chassis="WBA 123-456")])
        assert found(Desk(database, "kn"), "vehicle", chassis="123456") == [(1, "same chassis")]
