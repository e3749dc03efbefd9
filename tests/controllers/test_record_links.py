"""The links of a record: which it has, in which order, and why one cannot be followed."""

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.controllers.record_links import MOST, example, has_links, links_of, placeholders
from crmpanel.entities import REGISTRY
from crmpanel.model.changeset import Changeset, Create, Delete, Update
from crmpanel.model.registry import Registry
from crmpanel.store import create


@pytest.fixture
def desk(database):
    """A desk over a database without links, to be written."""
    gone = tuple(Delete("link", id) for id in range(1, len(REGISTRY["link"].shipped) + 1))
    database.apply(Changeset(gone))
    return Desk(database, "kn")


def add(desk, name, template="https://x.no/{name}", entity="organisation", **values):
    made = Create("link", {"name": name, "template": template, "entity": entity, **values})
    return desk.database.apply(Changeset((made,))).events[0].ids[0]


def links(desk, entity="organisation", id=1):
    return links_of(desk, desk.registry[entity], find(desk, entity, id))


def names(desk, *which):
    return [link.name for link in links(desk, *which)]


@pytest.mark.card("S1", "L1")
def test_shipped_links_of_a_norwegian_organisation(database):
    found = {link.name: link for link in links(Desk(database, "kn"))}
    assert list(found) == ["Website", "LinkedIn", "Map", "Brønnøysund Register"]
    register = found["Brønnøysund Register"]
    assert register.url == "https://virksomhet.brreg.no/nb/oppslag/enheter/987654321"
    assert register.host == "virksomhet.brreg.no"
    assert found["Website"].reason == "Website needs Website, which is blank."
    assert found["Map"].reason == "Map needs Address, which is blank." and not found["Map"].url


@pytest.mark.card("L1")
@pytest.mark.parametrize(
    ("country", "number", "wanted"),
    [
        ("Sverige", "SE556123456701", "https://www.allabolag.se/what/5561234567"),
        ("DK", "DK12345678", "https://datacvr.virk.dk/enhed/virksomhed/12345678"),
        ("Finland", "FI12345678", "https://tietopalvelu.ytj.fi/yritys/1234567-8"),
        ("Germany", None, "https://www.northdata.com/Nordlys%20AS"),
    ],
)
def test_each_country_has_its_register(database, country, number, wanted):
    values = {"country": country, "vat_number": number}
    database.apply(Changeset((Update("organisation", 1, values),)))
    assert [link.url for link in links(Desk(database, "kn")) if link.url][-1] == wanted


@pytest.mark.card("L1")
def test_links_stand_in_order_and_those_of_the_organisation_first(desk):
    for name, place in (("C", None), ("B", 2), ("A", 2), ("D", 1)):
        add(desk, name, position=place)
    own = add(desk, "Own", organisation_id=1)
    add(desk, "Other's", organisation_id=3)
    add(desk, "Person's", entity="person")
    assert names(desk) == ["Own", "D", "A", "B", "C"]
    assert [link.id for link in links(desk) if link.own] == [own]


@pytest.mark.card("L1")
@pytest.mark.parametrize("others", [{"organisation_id": 3}, {}])
def test_ones_own_links_are_there_however_many_others_have(desk, insert_records, others):
    common = {"template": "https://x.no/", "entity": "organisation"}
    with desk.database.load("Many", "test") as load:
        insert_records(load, "link", [
            {"id": 1000 + i, "name": f"A {i}", "position": 1, **common, **others}
            for i in range(MOST + 1)
        ])  # fmt: skip
    add(desk, "Own", organisation_id=1, position=2)
    add(desk, "For all", position=0)
    assert names(desk)[:2] == ["Own", "For all"]
    assert len(names(desk)) == (2 if others else MOST)


@pytest.mark.card("L1")
def test_a_country_is_that_of_the_organisation(desk):
    add(desk, "Norsk", entity="person", country="Norge")
    add(desk, "Svensk", entity="person", country="SE")
    add(desk, "Atlantis", country="Atlantis")
    assert names(desk, "person", 1) == ["Norsk"] and names(desk, "person", 3) == ["Svensk"]
    assert names(desk, "person", 4) == [] == names(desk)
    desk.database.apply(Changeset((Update("organisation", 1, {"country": "atlantis "}),)))
    assert names(desk) == ["Atlantis"]


@pytest.mark.card("L1")
def test_why_a_link_cannot_be_followed_is_said(desk):
    add(desk, "Register", "https://x.no/{vat_number:digits:1-12}")
    add(desk, "Dots", "https://x.no/{city}")
    add(desk, "Site", "{website}")
    values = {"city": "..", "website": "javascript:alert(1)"}
    desk.database.apply(Changeset((Update("organisation", 1, values),)))
    assert {link.name: link.reason for link in links(desk)} == {
        "Register": "Register needs more digits than VAT number has.",
        "Dots": "City is only dots, which would lead elsewhere.",
        "Site": "Website is no address that can be opened.",
    }
    assert not any(link.url for link in links(desk))


@pytest.mark.hardening("14", "15")
def test_a_template_that_a_load_has_written_is_not_followed(desk):
    id = add(desk, "Bad")
    with desk.database.load("Test", "test") as load:
        load.execute("UPDATE link SET template = 'javascript:alert(1)' WHERE id = ?", [id])
    (link,) = links(desk)
    assert not link.url and "no address" in link.reason


def test_links_have_none_themselves_and_are_not_needed(desk, tmp_path):
    assert not has_links(desk, desk.registry["link"]) and not has_links(desk, REGISTRY["change"])
    assert links(desk, "link", add(desk, "A")) == []
    few = Registry([REGISTRY[name] for name in ("organisation", "user", "change")])
    with create(tmp_path / "few.duckdb", few) as database:
        assert links_of(Desk(database, "kn"), few["organisation"], {"id": 1}) == []


@pytest.mark.card("L1")
def test_what_can_stand_in_a_template_is_told_with_its_value(desk):
    record = example(desk, desk.registry["person"], 1)
    told = {text: (label, value) for text, label, value in placeholders(REGISTRY["person"], record)}
    assert told["{name}"] == ("Name", "Kari Vik")
    assert told["{organisation}"] == ("Organisation", "Nordlys AS")
    assert told["{birthday}"] == ("Birthday", "")
    assert example(desk, desk.registry["organisation"])["name"]
