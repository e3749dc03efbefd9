"""Phone numbers, VAT numbers and postcodes of a country, as people write them."""

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.editing import Editing
from crmpanel.controllers.finding import find
from crmpanel.controllers.plausible import country_code, implausible
from crmpanel.entities import REGISTRY

ORGANISATION = REGISTRY["organisation"]


def wrong(name, text, country):
    return implausible(ORGANISATION, {name: text}, {"country": country}).get(name)


@pytest.mark.parametrize(
    ("name", "code"),
    [("Norway", "NO"), ("Norge", "NO"), ("sverige", "SE"), ("DK", "DK"), (" Deutschland ", "DE"),
     ("Narnia", None), ("", None), (None, None)],
)  # fmt: skip
def test_countries_are_known_by_name_and_code(name, code):
    assert country_code(name) == code


@pytest.mark.parametrize(
    ("text", "country"),
    [("+47 55 12 34 56", "Norway"), ("55 12 34 56", "Norway"), ("(040) 12 34 56", "Sverige"),
     ("+1 212-555-0123 ext. 4", None), ("0047 55123456", None), ("12345", None),
     ("55123456", "Narnia")],
)  # fmt: skip
def test_phone_numbers_as_people_write_them(text, country):
    assert wrong("phone", text, country) is None


@pytest.mark.parametrize(
    ("text", "country"),
    [("call Kari", "Norway"), ("55 12", "Norway"), ("+47 1", None), ("1" * 30, None),
     ("<b>55123456</b>", "Norway")],
)  # fmt: skip
def test_what_is_no_phone_number(text, country):
    assert wrong("phone", text, country)


@pytest.mark.parametrize(
    ("text", "country"),
    [("NO 816 280 605 MVA", "Norway"), ("816280605", "Norway"), ("NO816280605", "Norway"),
     ("DK 13 58 56 28", "Denmark"), ("13585628", "Danmark"), ("DE 136,695 976", "Norway"),
     ("12-3456789", "United States"), ("17", None)],
)  # fmt: skip
def test_vat_numbers_as_people_write_them(text, country):
    assert wrong("vat_number", text, country) is None


@pytest.mark.parametrize(
    ("text", "country"),
    [("NO 816 280 606 MVA", "Norway"), ("12345678", "Denmark"), ("none", None), ("SE1", "Norway")],
)
def test_what_is_no_vat_number(text, country):
    assert wrong("vat_number", text, country)


@pytest.mark.parametrize(
    ("text", "country"),
    [("7041", "Norway"), ("NO-7041", "Norway"), ("N-7041", "Norway"), ("211 22", "Sweden"),
     ("21122", "Sverige"), ("SW1A 1AA", "United Kingdom"), ("anything", "Narnia"), ("x", None)],
)  # fmt: skip
def test_postcodes_as_people_write_them(text, country):
    assert wrong("postcode", text, country) is None


def test_what_is_no_postcode_says_what_one_looks_like():
    assert wrong("postcode", "70 41", "Norway").startswith("This is no postcode of Norway. One")
    assert wrong("postcode", "7041", "Sweden") and wrong("postcode", "<b>", "Norway")


def test_blank_values_and_other_fields_are_let_through():
    assert not implausible(ORGANISATION, {"phone": None, "postcode": "", "name": "x"}, {})


def test_a_value_is_checked_by_the_country_that_is_entered_with_it(database):
    desk = Desk(database, "kn")  # of our own: it is written
    editing = Editing(desk, ORGANISATION, find(desk, "organisation", 1))
    refused = editing.save({"postcode": "211 22"})
    assert refused.kind == "refused" and "postcode of Norway" in refused.problems["postcode"]
    assert editing.save({"postcode": "211 22", "country": "Sweden"}).kind == "saved"
