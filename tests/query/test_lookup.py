"""Finding an organisation as one types."""

import datetime as dt
import itertools
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.mine import Mine
from crmpanel.controllers.search import OrganisationSearch
from crmpanel.query import lookup
from crmpanel.query.query import Query
from crmpanel.query.typed import LETTERS, anywhere, misspelt, words_of


def found(desk, text):
    return [row["id"] for row in OrganisationSearch(desk).find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nordlys", [1, 2]),
        ("NORD", [1, 2]),
        ("cafe", [3]),
        ("CAFÉ", [3]),
        ("malmo", [3]),
        ("tromso", [2]),  # typed without the letter that the keyboard lacks
        ("nordlys bergen", [1]),
        ("bergen nordlys", [1]),
        ("as berg", [1, 6]),
        ("production", [2]),
        ("nordlys.no", [1, 2]),
        ("SRC-1", [1]),
        ("src-", [1, 2]),
        ("10001", [1]),
        ("nordlys oslo", []),
        ("zzz", []),
    ],
)
def test_words_are_found_wherever_they_stand(desk, text, expected):
    assert found(desk, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "987654321",
        "987 654 321",
        "no987654321",
        "NO 987",
        "+47 55 12 34 56",
        "5512",
        "55-12",
        "1234 56",
    ],
)
def test_blanks_and_signs_in_numbers_do_not_matter(desk, text):
    assert 1 in found(desk, text)


def test_what_begins_beats_what_contains(database, insert_records, now):
    names = ["Lamp", "The lamp", "Headlamp", "Alamp"]
    rows = [dict(id=n, name=name) for n, name in enumerate(names[::-1], 100)]
    rows += [dict(id=200, name="Zebra", city="Lamp town")]
    with database.load("Test", "test") as load:
        insert_records(load, "organisation", rows)
    search = OrganisationSearch(Desk(database, "kn", clock=lambda: now))
    assert [row["name"] for row in search.find("lamp")] == [
        "Lamp",
        "Zebra",
        "The lamp",
        "Alamp",
        "Headlamp",
    ]


@pytest.mark.parametrize(
    "text", ["nrodlys", "nordlyss", "nordys", "nordkys", "ordlys", "nrodlys bergn", "nordlus as"]
)
def test_a_slip_of_the_finger_is_forgiven(desk, text):
    assert found(desk, text)[0] == 1


def test_two_slips_in_a_word_are_another_word(desk):
    assert found(desk, "nrodlsy") == []


@pytest.mark.hardening(19)
@pytest.mark.parametrize(
    ("text", "expected"),
    [("%", [4]), ("_", [4]), ("\\", [4]), (";--", [4]), (".*", []), ("[a-z]", []), ("(", [4]),
     ("onerror=alert(1)", [4]), ("$", []), ("a|b", [])],
)  # fmt: skip
def test_what_is_typed_is_literal(desk, text, expected):
    assert found(desk, text) == expected


@pytest.mark.hardening(1, 19)
def test_naughty_strings_can_be_typed(desk, naughty_strings):
    for text in naughty_strings[::15]:
        found(desk, text)


@pytest.mark.hardening(1, 19)
@given(st.text(max_size=30) | st.text("norÖß1+-.*()[]\\ \0\ud800", max_size=30))
@example("")
@example("\0")
@example("\ud800")
@example("a " * 500)
@example("9" * 1000)
def test_anything_can_be_typed(desk, text):
    assert len(found(desk, text)) <= 8


@settings(max_examples=8)
@given(st.from_regex(r"\A[a-zæøåéü]{4,12}\Z"), st.data())
def test_one_slip_is_within_the_pattern_of_a_word(word, data):
    at = data.draw(st.integers(0, len(word) - 1))
    other = data.draw(st.sampled_from("abcxyzø"))
    slips = [
        word[:at] + word[at + 1 :],
        word[:at] + other + word[at:],
        word[:at] + other + word[at + 1 :],
        word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    ]
    for slip in slips:
        if len(slip) in LETTERS:
            pattern = misspelt(slip).replace(r"\pL\pN", r"\w")
            assert re.search(pattern, f" {word}", re.IGNORECASE), slip


@given(st.text("aøÅé ßİıŁ-1234567.+()", min_size=1, max_size=20))
def test_a_word_matches_itself(text):
    for word in words_of(text):
        assert re.search(anywhere(word), text, re.IGNORECASE), word


def test_it_says_where_the_text_was_found(desk):
    [row] = OrganisationSearch(desk).find("nordlys 987654321")
    assert (row["field"], row["matched"]) == ("vat_number", "NO 987 654 321 MVA")
    [row] = OrganisationSearch(desk).find("cafe")
    assert (row["field"], row["matched"]) == ("name", "Café Solberg")
    assert {"id", "name", "division", "city", "country", "type"} <= row.keys()


def test_recently_viewed_come_first_among_equals(database, now):
    moments = itertools.count(1)
    desk = Desk(database, "kn", clock=lambda: now + dt.timedelta(seconds=next(moments)))
    mine = Mine(desk)
    search = OrganisationSearch(desk)
    assert search.recent() == search.find("") == []
    assert found(desk, "tvilling") == [5, 6]
    for organisation in (3, 6, 2):
        mine.visit("organisation", organisation)
    assert found(desk, "tvilling") == [6, 5]
    assert found(desk, "nordlys") == [2, 1]
    assert [row["id"] for row in search.recent()] == found(desk, "  ") == [2, 6, 3]
    mine.visit("organisation", 3)
    assert [row["id"] for row in search.recent()] == [3, 2, 6]
    assert OrganisationSearch(Desk(database, "oh")).recent() == []


def test_a_search_is_one_statement_two_if_nothing_fits(desk, statements):
    assert desk.me == "user 1"  # read once, not for each search
    for text, number in (("nordlys", 1), ("nrodlys", 2), ("zzzz", 2)):
        with statements(desk.database) as seen:
            found(desk, text)
        assert len(seen) == number


def test_its_sql_can_be_copied(desk):
    organisation = desk.registry["organisation"]
    for query in (
        lookup.suggest(organisation, "nordlys 55'?", "k?n"),
        lookup.resembling(organisation, "nrodlys ?", "kn"),
        lookup.viewed(organisation, "kn"),
    ):
        assert desk.database.rows(Query(query.text)) == desk.database.rows(query)
