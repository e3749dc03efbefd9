"""Templates of addresses: what they can be, and what the values of a record cannot make of them."""

import datetime as dt
import re
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmpanel.entities import REGISTRY
from crmpanel.errors import CrmError, InputError, UnknownName
from crmpanel.model.entity import Entity, Field
from crmpanel.model.filling import BLANK, CHARACTER, DOTS, LONG, SHORT, UNFIT, fill, leads_to
from crmpanel.model.kinds import TEMPLATE, TEXT
from crmpanel.model.template import parse, written
from crmpanel.model.values import check_text

ORGANISATION, ORDER = REGISTRY["organisation"], REGISTRY["order"]
HOSTILE = [
    "a&cc=evil@evil.no#x",
    "../../admin",
    "/../\\evil.no",
    "@evil.no:80/",
    "?next=//evil.no",
    "%2e%2e%2f%00",
    "a\r\nSet-Cookie: x=1",
    "javascript:alert(1)",
    "\u202eeman",
    "'\"><img src=x onerror=alert(1)>",
]


def url(template, entity=ORGANISATION, **record):
    found = fill(parse(template), entity, record)
    assert not found.problem, found
    return found.url


def problem(template, entity=ORGANISATION, **record):
    found = fill(parse(template), entity, record)
    assert not found.url
    return found.problem, found.field.name


REFUSED = [
    "javascript:alert({name})",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "\tjavascript:alert(1)",
    " https://x.no/",
    "data:text/html,{name}",
    "file:///etc/{name}",
    "//x.no/{name}",
    "x.no/{name}",
    "/{name}",
    "https:x.no/{name}",
    "https:/x.no/{name}",
    "https:///x.no/{name}",
    "https://{name}/",
    "https://{name}.no/",
    "https://x.no{name}",
    "https://x.no:{name}/",
    "https://x.no:8{employees}/",
    "https://{name}@x.no/",
    "https://x.no@{name}/",
    "https://kari:secret@x.no/{name}",
    "https://x.no:99999/{name}",
    "https://x..no/{name}",
    "https://x.no%2f.evil.no/{name}",
    "https://x.no\\@evil.no/{name}",
    "{name}",
    "{website}/{name}",
    "{website}{domain}",
    "https://x.no/a/../{name}",
    "https://x.no/%2E%2e/{name}",
    "https://x.no/%{name}",
    "https://x.no/%2{name}",
    "https://x.no/{name",
    "https://x.no/name}",
    "https://x.no/{}",
    "https://x.no/{Name}",
    "https://x.no/{name!r}",
    "https://x.no/{name.__class__}",
    "https://x.no/{vat_number:digits:7-1}",
    "https://x.no/{vat_number:upper}",
    "https://x.no/\u202e{name}",
    "https://x.no/\ud800{name}",
    "https://x.no/\0",
    "mailto:",
    "mailto:{email}?{name}=1",
    "mailto:{email}?a=b&{name}",
    "https://x.no/" + "a" * 2000,
]


@pytest.mark.hardening("14", "15", "31")
@pytest.mark.parametrize("template", REFUSED)
def test_what_is_no_address_or_leads_where_data_says_is_refused(template):
    with pytest.raises(InputError) as refused:
        parse(template).check(ORGANISATION)
    assert refused.value.what and (refused.value.remedy or refused.value.why)


@pytest.mark.hardening("15")
def test_the_value_of_a_field_is_refused_as_a_host_with_the_reason():
    with pytest.raises(InputError, match="host of the link would come from data"):
        parse("https://{domain}/")


@pytest.mark.card("L1")
def test_fields_of_a_record_stand_in_an_address():
    record = {"name": "Å & B", "city": "Ås", "vat_number": "NO 912 345 678 MVA", "employees": 5}
    assert url("https://x.no/?q={name}, {city}", **record) == (
        "https://x.no/?q=%C3%85%20%26%20B,%20%C3%85s"
    )
    assert url("HTTP://X.no:8080/{employees}", **record) == "http://x.no:8080/5"
    assert url("https://x.no/{vat_number:digits}", **record) == "https://x.no/912345678"
    assert url("https://x.no/{vat_number:digits:1-7}-{vat_number:digits:8}", **record) == (
        "https://x.no/9123456-7"
    )
    assert url("https://x.no/{{id}}?a=%20", **record) == "https://x.no/%7Bid%7D?a=%20"
    assert url("https://blå.no/{name}", **record).startswith("https://xn--bl-zia.no/")


@pytest.mark.card("L1")
def test_references_give_their_title_and_dates_are_iso():
    record = {"organisation_id": 17, "organisation": "Nordlys AS", "date": dt.date(2026, 2, 3)}
    assert url("https://x.no/{organisation}/{date}", ORDER, **record) == (
        "https://x.no/Nordlys%20AS/2026-02-03"
    )
    assert url("https://x.no/{organisation_id}", ORDER, **record) == "https://x.no/Nordlys%20AS"
    assert problem("https://x.no/{organisation}", ORDER, organisation_id=17)[0] == BLANK
    assert url("https://x.no/{value}", ORDER, value=70.0) == "https://x.no/70.00"


@pytest.mark.card("L1")
def test_a_whole_address_is_a_field_that_is_one_by_its_kind():
    assert url("{website}", website="www.x.no/å") == "https://www.x.no/%C3%A5"
    assert url("{email}", email="kari@x.no") == "mailto:kari@x.no"
    assert url("{phone}", phone="+47 55 12") == "tel:+475512"
    for name in ("website", "email", "phone"):
        assert problem(f"{{{name}}}", **{name: "javascript:alert(1)"}) == (UNFIT, name)
    assert problem("{website}", website="https://x.no@evil.no") == (UNFIT, "website")


@pytest.mark.card("L1")
def test_why_there_is_no_address():
    template = "https://x.no/{name}/{vat_number:digits:1-9}"
    assert problem(template, name="  ", vat_number="1") == (BLANK, "name")
    assert problem(template, name="A") == (BLANK, "vat_number")
    assert problem(template, name="A", vat_number="NO 12") == (SHORT, "vat_number")
    assert problem(template, name=".", vat_number="123456789") == (DOTS, "vat_number")
    assert problem("https://x.no/{name}", name="..") == (DOTS, "name")
    assert problem("https://x.no/.{name}?a", name=".") == (DOTS, "name")
    assert url("https://x.no/?q={name}", name="..") == "https://x.no/?q=.."
    assert problem("https://x.no/{name}", name="a\ud800") == (CHARACTER, "name")
    assert problem("https://x.no/{name}", name="æ" * 8000) == (LONG, "name")
    assert problem("tel:{phone}", phone="ring me") == (UNFIT, "phone")
    assert problem("mailto:{email}", email="a@b.no,c@d.no") == (UNFIT, "email")


@pytest.mark.card("L1")
def test_a_misspelt_field_names_its_neighbour():
    with pytest.raises(UnknownName, match="Did you mean 'vat_number'"):
        parse("https://x.no/{vat_nummer}").check(ORGANISATION)
    with pytest.raises(InputError, match="Name cannot be a whole address"):
        parse("{name}").check(ORGANISATION)
    for entity in REGISTRY:
        for name in written(entity):
            parse(f"https://x.no/{{{name}}}").check(entity)


TEMPLATES = [
    "https://x.no:8080/a/{name}/b?q={city}&r=1#{address}",
    "http://localhost/{name}{city}/{address}",
    "https://x.no?{name}={city}#{address}",
    "https://x.no#{name}/{city}/{address}",
]
ANY = st.one_of(st.text(st.characters(), max_size=30), st.sampled_from([*HOSTILE, ".", ".."]))


@pytest.mark.hardening("15")
@given(st.sampled_from(TEMPLATES), ANY, ANY, ANY)
def test_no_value_changes_where_an_address_leads(template, name, city, address):
    found = fill(parse(template), ORGANISATION, {"name": name, "city": city, "address": address})
    if found.problem:
        assert not found.url and found.problem in (BLANK, DOTS, CHARACTER)
        return
    assert re.fullmatch(r"[!#$%&'()*+,./0-9:;=?@A-Z\[\]_a-z~-]*", found.url)
    wanted, got = urlsplit(template), urlsplit(found.url)
    assert (got.scheme, got.netloc, got.port) == (wanted.scheme, wanted.netloc, wanted.port)
    assert got.path.count("/") == wanted.path.count("/")
    assert not {".", ".."} & {step.lower().replace("%2e", ".") for step in got.path.split("/")}
    assert [found.url.count(mark) for mark in "#?&"] == [template.count(mark) for mark in "#?&"]


@pytest.mark.hardening("15")
@given(ANY, ANY, ANY)
def test_an_address_can_be_read_back(name, city, address):
    record = {"name": name, "city": city, "address": address}
    found = fill(parse(TEMPLATES[0]), ORGANISATION, record)
    if found.problem:
        return
    parts = urlsplit(found.url)
    path, query = parts.path.split("/"), parse_qs(parts.query, keep_blank_values=True)
    assert (path[1], unquote(path[2]), path[3]) == ("a", name.strip(), "b")
    assert query == {"q": [city.strip()], "r": ["1"]} and unquote(parts.fragment) == address.strip()


@pytest.mark.hardening("15")
@given(ANY)
def test_a_message_has_no_headers_but_its_own(name):
    record = {"name": name, "email": "kari@x.no"}
    found = fill(parse("mailto:{email}?subject={name}&body=Hi"), ORGANISATION, record)
    if found.problem:
        return
    parts = urlsplit(found.url)
    assert parts.path == "kari@x.no"
    assert [key for key, _ in parse_qsl(parts.query)] in (["subject", "body"], ["body"])
    assert not re.search("%0[ad]", found.url, re.IGNORECASE)


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.hardening("14")
def test_a_hostile_value_calls_nobody_and_writes_to_nobody(value):
    assert problem("{phone}", phone=value) == (UNFIT, "phone")
    assert problem("tel:{phone}", phone=value) == (UNFIT, "phone")
    assert problem("mailto:{email}", email=value) == (UNFIT, "email")


def test_what_a_link_leads_to_is_shown_before():
    assert leads_to("https://x.no:80/a") == "x.no:80"
    assert leads_to("tel:+4755") == "+4755"


def test_values_of_template_fields_are_checked():
    check_text(TEMPLATE, "https://x.no/{anything}")
    with pytest.raises(InputError):
        check_text(TEMPLATE, "javascript:alert(1)")


def test_a_template_is_declared_with_whose_fields_it_has():
    def declare(*fields):
        return Entity("a", "as_", "A", "As", fields, "name", ("name",), (("name", False),))

    with pytest.raises(CrmError, match="a template, and only that"):
        declare(Field("name", TEXT), Field("organisation_id", TEXT), Field("to", TEMPLATE))
    with pytest.raises(CrmError):
        declare(Field("name", TEXT), Field("organisation_id", TEXT, fields_of="nobody"))


def test_shipped_links_are_addresses():
    link = REGISTRY["link"]
    assert link.shipped
    for record in link.shipped:
        parse(record["template"]).check(REGISTRY[record["entity"]])
