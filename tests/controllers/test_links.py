"""Addresses are read as they were written, and whatever is typed is some place."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmpanel.controllers.links import Links, Place

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
# "report" alone stands for reports, and "." and ".." are gone before an address is sent.
NAMES = TEXT.filter(lambda name: name not in ("report", ".", ".."))
ARGS = st.lists(st.tuples(TEXT | st.just("at"), TEXT | st.just("")), max_size=4).map(tuple)
PLACES = st.one_of(
    st.builds(Place, st.just("list"), NAMES, args=ARGS),
    st.builds(Place, st.just("record"), NAMES, NAMES, args=ARGS),
    st.builds(Place, st.just("report"), TEXT, args=ARGS),
)
ALL_LINKS = st.builds(Links, st.sampled_from(["", "/crm", "/a/b"]), st.booleans())


@given(ALL_LINKS, PLACES)
@example(Links(), Place("record", "organisation", "a/b æ?&#=%", (("tab", "a&b=c"),)))
@example(Links("/app", in_query=True), Place("list", "organisations", args=(("at", "/x"),)))
@example(Links("/crm"), Place("list", "crm"))
def test_a_place_comes_back(links, place):
    assert links.read(links.write(place)) == place


@given(ALL_LINKS, PLACES)
def test_an_address_stays_on_this_host(links, place):
    url = links.write(place)
    assert url.startswith("/")
    assert url.isascii()
    assert not url.startswith("//")
    assert not any(sign in url for sign in " \"'<>\\\n\r#")


@given(st.builds(Links, st.sampled_from(["", "/crm"]), st.booleans()), st.text())
@example(Links(), "//[")
@example(Links(), "http://[::1")
@example(Links(), "/%ff%00%zz?%ff=%00&&=&a")
@example(Links(), "/a?" + "&".join(f"{n}=1" for n in range(5000)))
@example(Links("", True), "/?at=//evil.example/x")
@example(Links(), "/\ud800?\ud800=\udfff")
def test_anything_is_some_place(links, url):
    place = links.read(url)
    assert place.kind in ("list", "record", "report")
    assert place.entity
    assert links.read(links.write(place)).kind == place.kind


@pytest.mark.parametrize(
    ("links", "place", "url"),
    [
        (Links(), Place("list", "organisations"), "/"),
        (Links(), Place("list", "persons"), "/persons"),
        (Links(), Place("record", "organisation", "17"), "/organisation/17"),
        (Links("/crm"), Place("list", "organisations"), "/crm/"),
        (Links("/crm"), Place("report", "orders", args=(("by", "status"),)),
         "/crm/report/orders?by=status"),
        (Links("/app", True), Place("list", "organisations"), "/app"),
        (Links("/app", True), Place("record", "organisation", "17", (("tab", "log"),)),
         "/app?at=/organisation/17&tab=log"),
        (Links(), Place("record", "organisation", "a/b", (("period", "2026-01-01.."),)),
         "/organisation/a%2Fb?period=2026-01-01.."),
    ],
)  # fmt: skip
def test_addresses_are_legible(links, place, url):
    assert links.write(place) == url
    assert links.read(url) == place


def test_a_prefix_is_only_taken_from_whole_steps():
    assert Links("/crm").read("/crmpanel/1") == Place("record", "crmpanel", "1")
    assert Links("/crm").read("/crm") == Place("list", "organisations")
    assert Links("/crm").read("/crm/persons") == Place("list", "persons")


def test_the_last_of_several_values_holds():
    place = Links().read("/persons?rows=25&rows=100")
    assert place.arg("rows") == "100"
    assert place.arg("nope") is None


def test_half_a_surrogate_does_not_break_an_address():
    assert "%3F" in Links().write(Place("list", "persons", args=(("search", "\ud800"),)))


def test_shorthands():
    links = Links()
    assert links.list("persons", (("a", "b"),)) == "/persons?a=b"
    assert links.record("person", 3) == "/person/3"
    assert links.report("orders") == "/report/orders"
