"""What is stored is found as it was typed, whatever it is made of."""

import shutil

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmpanel.controllers.desk import Desk
from crmpanel.errors import FilterError, InputError
from crmpanel.model.filters import Condition
from crmpanel.query.counting import counts
from crmpanel.query.query import Query
from crmpanel.store import open_

ORGANISATION = Condition(("organisation_id",), "eq", (1,))


def ids(desk, entity, *scope, **filters):
    query = desk.selection(entity, *scope).narrowed(**filters).page([])
    return {row[0] for row in desk.database.rows(query)}


@pytest.mark.card("S13a")
def test_search_looks_into_text_and_names(desk):
    assert ids(desk, "activity", search="about the OFFER") == {1}
    assert ids(desk, "activity", search="åse") == {3}  # in the note
    assert ids(desk, "activity", search="ase") == {3}
    assert ids(desk, "activity", search="Kari Vik") == {1}  # the person
    assert ids(desk, "activity", search="cafe solberg") == {7, 10}  # the organisation
    assert ids(desk, "organisation", search="nordlys") == {1, 2}
    assert ids(desk, "quotation", search="q-2") == {2}
    assert ids(desk, "activity", search="no such thing") == set()
    assert ids(desk, "activity", search="   ") == set(range(1, 11))


@pytest.mark.card("S13a")
def test_search_on_a_card_finds_a_person_of_another_organisation(desk):
    """The list shows the name of the person, so searching for it must find the record."""
    assert ids(desk, "activity", ORGANISATION, search="liv solberg") == {6}
    assert ids(desk, "activity", ORGANISATION, search="nordlys") == set()


def test_a_field_that_is_not_searched_is_not_searched(desk):
    assert ids(desk, "email", search="<b>") == set()
    assert ids(desk, "email", search="dear kari") == {1}


@pytest.mark.hardening(19)
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("%", {3, 9}),
        ("_", {9}),
        ("'", {8, 9}),
        ('"', {9}),
        ("\\", {9}),
        (";--", {9}),
        ("; drop table", {9}),
        ("50% OFF", {3}),
        ("5_%", set()),
        ("<IMG SRC=X", {9}),
        ("\u202efdp", {9}),
        ("' OR 1=1 --", set()),
        (".*", set()),
        ("?", set()),
    ],
)
def test_search_is_literal(desk, text, found):
    assert ids(desk, "activity", search=text) == found


@pytest.mark.hardening(1)
@pytest.mark.parametrize(("text", "why"), [("a\0b", "NUL"), ("\ud800", "surrogate")])
def test_what_cannot_be_searched_for_says_so(desk, text, why):
    with pytest.raises(FilterError, match=why):
        ids(desk, "activity", search=text)
    with pytest.raises(FilterError, match=why):
        ids(desk, "activity", conditions=(Condition(("subject",), "contains", (text,)),))


@pytest.mark.hardening(1)
def test_a_status_with_a_nul_is_only_compared(desk):
    assert ids(desk, "activity", status=("a\0b",)) == set()
    with pytest.raises(FilterError, match="surrogate"):
        ids(desk, "activity", status=("\ud800",))


@pytest.mark.hardening(19, 1)
@settings(max_examples=25)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
@example("ﬁ ß İ ǅ \u0301 ａ한")
def test_any_text_can_be_searched_for_and_compared(desk, text):
    ids(desk, "activity", search=text)
    assert ids(desk, "activity", status=(text,)) <= set(range(1, 11))


@pytest.fixture(scope="module")
def naughty_desk(naughty_strings, crm_template, insert_records, now, tmp_path_factory):
    path = tmp_path_factory.mktemp("naughty") / "crm.duckdb"
    shutil.copy(crm_template, path)
    texts = dict(enumerate(sorted(set(naughty_strings) - {""}), 1001))
    with open_(path) as database:
        with database.load("Naughty strings", "test") as load:
            for n, text in texts.items():
                load.execute("INSERT INTO organisation (id, name) VALUES (?, ?)", [n, text])
                load.execute(
                    "INSERT INTO activity (id, organisation_id, subject, status) "
                    "VALUES (?, 1, ?, ?)",
                    [n, text, text],
                )
        yield Desk(database, "kn", clock=lambda: now), texts


def found(desk, selections):
    """How many records each selection has, asked for a hundred at a time."""
    numbers = {}
    while selections:
        some = dict(selections.popitem() for _ in range(min(100, len(selections))))
        numbers |= {int(name): n for name, n in desk.database.rows(counts(some))}
    return numbers


@pytest.mark.hardening(1, 19)
def test_naughty_strings_are_stored_exactly(naughty_desk):
    desk, texts = naughty_desk
    rows = Query('SELECT "id", "subject", "status" FROM "activity" WHERE "id" > 1000')
    stored = {row[0]: row[1:] for row in desk.database.rows(rows)}
    assert stored == {n: (text, text) for n, text in texts.items()}


@pytest.mark.hardening(1, 19)
@pytest.mark.card("S13a")
@pytest.mark.parametrize("entity", ["activity", "organisation"])
def test_naughty_strings_are_found_by_search(naughty_desk, entity):
    desk, texts = naughty_desk
    selections = {
        str(n): desk.selection(entity, Condition(("id",), "eq", (n,))).narrowed(search=text)
        for n, text in texts.items()
    }
    assert [texts[n] for n, number in found(desk, selections).items() if number != 1] == []


@pytest.mark.hardening(1, 19)
@pytest.mark.card("S13d")
def test_naughty_strings_are_matched_by_status(naughty_desk):
    desk, texts = naughty_desk
    everything = desk.selection("activity")
    selections = {str(n): everything.narrowed(status=(text,)) for n, text in texts.items()}
    assert [texts[n] for n, number in found(desk, selections).items() if number != 1] == []


@pytest.mark.hardening(1, 19)
def test_naughty_strings_are_choices_of_the_filter(naughty_desk):
    desk, texts = naughty_desk
    facet = desk.database.rows(desk.selection("activity").facet("status"))
    assert {(text, text, 1) for text in texts.values()} <= set(facet)


@pytest.mark.hardening(20)
@pytest.mark.parametrize(
    "ask",
    [
        lambda s: s.page(["nope"]),
        lambda s: s.page(["subject"], (("nope", True),)),
        lambda s: s.page(["subject; drop table x"]),
        lambda s: s.page(["subject"], (('date" desc; --', True),)),
        lambda s: s.facet("nope"),
        lambda s: s.grouped("nope", "count"),
        lambda s: s.grouped("type", "nope"),
        lambda s: s.narrowed(conditions=(Condition(("nope",), "eq", (1,)),)).count(),
        lambda s: s.narrowed(conditions=(Condition(("subject",), "like", ("x",)),)).count(),
    ],
)
def test_nothing_undeclared_reaches_the_database(desk, statements, ask):
    desk.context()
    with statements(desk.database) as seen, pytest.raises(InputError):
        ask(desk.selection("activity"))
    assert seen == []
