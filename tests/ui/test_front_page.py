"""The list of all organisations, where every visit begins."""

import pytest

ALL = "SELECT id FROM organisation ORDER BY lower(name), id"


@pytest.fixture
def front(tab):
    return tab.go("/")


def test_all_organisations_are_listed_in_pages_with_the_exact_total(front, world):
    every = world.column(ALL)
    assert front.shows(every[:50])
    assert front.count() == "1–50 of 130"
    front.page.get_by_role("button", name="Go to page 3").click()
    assert front.shows(every[100:])
    assert front.count() == "101–130 of 130"
    assert front.at == "/?page=3"
    front.pick("Rows", "200 rows")
