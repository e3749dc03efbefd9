"""One record by id, by its key in the source, or by its name."""

import pytest

from crmpanel.controllers.deleting import delete
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.errors import AmbiguousName, Deleted, NotFound, UnknownName


def organisation(desk, key, by_name=True):
    return find(desk, "organisation", key, by_name)["id"]


@pytest.mark.parametrize(
    ("key", "id"),
    [
        (1, 1),
        ("1", 1),
        ("SRC-2", 2),
        ("17", 3),  # a key before an id
        ("a/b æ?&#=%", 4),
        ("café solberg", 3),
        ("CAFE SOLBERG", 3),
        ("  Café Solberg ", 3),
        ("Nordlys AS", 1),  # the one without a division
    ],
)
def test_an_organisation_is_found(desk, key, id):
    assert organisation(desk, key) == id


@pytest.mark.hardening(1, 19)
def test_a_hostile_name_is_a_name(desk, hostile):
    assert organisation(desk, hostile) == 4
    assert find(desk, "persons", hostile, by_name=True)["id"] == 5


def test_an_address_takes_a_number_as_an_id_first(desk):
    assert organisation(desk, "3", by_name=False) == 3
    assert organisation(desk, "SRC-1", by_name=False) == 1
    with pytest.raises(NotFound):
        organisation(desk, "Café Solberg", by_name=False)


def test_an_ambiguous_name_lists_the_ids(desk):
    with pytest.raises(AmbiguousName, match=r"2 organisations .* 5 \(Tvilling AS\), 6 \(Tvill"):
        organisation(desk, "tvilling as")


def test_the_same_case_decides_between_several(database, insert_records):
    rows = [dict(id=10, name="ABB"), dict(id=11, name="Abb"), dict(id=12, name="abb", division="x")]
    with database.load("Test", "test") as load:
        insert_records(load, "organisation", rows)
    desk = Desk(database, "kn")
    assert [organisation(desk, name) for name in ("ABB", "Abb", "abb")] == [10, 11, 12]
    with pytest.raises(AmbiguousName, match=r"12 \(abb, x\)"):
        organisation(desk, "aBB")


def test_many_of_one_name_are_counted_and_the_first_are_listed(database, insert_records):
    with database.load("Test", "test") as load:
        insert_records(load, "organisation", [dict(id=n, name="Same") for n in range(100, 140)])
    with pytest.raises(AmbiguousName, match="40 organisations") as caught:
        organisation(Desk(database, "kn"), "Same")
    assert "…" in str(caught.value)
    assert "120" not in str(caught.value)


@pytest.mark.hardening(1, 22)
@pytest.mark.parametrize(
    "key",
    ["", " ", "no such", 99, "99", "9" * 30, -1, "-1", "1.0", 1.5, "\0", "\ud800", "%", "²", None],
)
@pytest.mark.parametrize("by_name", [True, False])
def test_what_is_not_there_is_not_found(desk, key, by_name):
    with pytest.raises(NotFound, match="no organisation"):
        organisation(desk, key, by_name)


@pytest.mark.card("S4")
def test_what_was_deleted_says_so_and_by_whom(database):
    desk = Desk(database, "kn")
    delete(desk, "organisation", 1)
    with pytest.raises(
        Deleted, match=r"Nordlys AS has been deleted\. Kari Nordmann did that on"
    ) as no:
        organisation(desk, "1")
    assert (no.value.entity, no.value.id) == ("organisation", 1)


def test_a_slip_in_a_name_is_told(desk):
    with pytest.raises(NotFound, match=r"Did you mean 'Café Solberg' \(id 3\)\?"):
        organisation(desk, "Cafe Solbrg")


def test_an_unknown_entity_names_the_nearest(desk):
    with pytest.raises(UnknownName, match="Did you mean 'person'"):
        find(desk, "persn", 1)


def test_a_record_comes_with_the_titles_of_what_it_refers_to(desk):
    row = find(desk, "activity", 1)
    assert row["organisation"] == "Nordlys AS"
    assert row["responsible"] == "Kari Nordmann"
    assert row["person"] == "Kari Vik"
    assert row["quotation"] == "Lamps"
    unlinked = find(desk, "activity", 8)
    assert unlinked["organisation"] is unlinked["responsible"] is unlinked["person"] is None
