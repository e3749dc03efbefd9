"""The list of all organisations, where every visit begins."""

import pytest

ALL = "SELECT id FROM organisation ORDER BY lower(name), id"


@pytest.fixture
def front(tab):
    return tab.go("/")


def test_all_organisations_are_listed_in_pages_with_the_exact_total(front, world):
    every = world.column(ALL)
    assert front.shows(every[:50])
    assert front.says(count="1–50 of 130")
    front.page.get_by_role("button", name="Go to page 3").click()
    assert front.shows(every[100:])
    assert front.says(count="101–130 of 130", at="/?page=3")
    front.pick("Rows", "200")
    assert front.shows(every)
    assert front.says(count="130 records", at="/?rows=200")


def test_organisations_are_searched_sorted_and_filtered(front, world):
    front.search("GOTEBORG")  # neither case nor accents matter
    found = "FROM organisation WHERE city = 'Göteborg'"
    assert front.shows(world.column(f"SELECT id {found} ORDER BY lower(name)"))
    front.page.get_by_role("button", name="Type", exact=True).click()
    assert front.shows(world.column(f"SELECT id {found} ORDER BY lower(type), id"))
    front.choose("Status", "Closed", "(blank)")
    found += " AND (status = 'Closed' OR status IS NULL)"
    assert front.shows(world.column(f"SELECT id {found} ORDER BY lower(type), id"))
    assert front.says(
        at="/?search=GOTEBORG&status=Closed&status=&sort=type",
        sentence="organisations where some text contains “GOTEBORG” and status is Closed or blank",
    )


def test_a_click_opens_the_card_and_back_returns_to_the_same_rows(front):
    front.go("/?search=energi")
    front.page.get_by_role("link", name="Nordlys Energi AS").click()
    front.page.get_by_role("heading", name="Nordlys Energi AS", level=1).wait_for()
    assert front.says(at="/organisation/1")
    assert front.page.title() == "Nordlys Energi AS – crmpanel"
    front.page.go_back()
    assert front.shows([1])
    assert front.says(at="/?search=energi")


def test_a_click_anywhere_in_a_row_opens_its_card(front):
    front.go("/?search=energi")
    front.page.get_by_role("row", name="Nordlys").get_by_text("Norway").click()
    assert front.says(at="/organisation/1")


def test_ctrl_click_opens_a_new_tab_and_leaves_this_one(front):
    front.go("/?search=energi")
    with front.page.context.expect_page() as opened:
        front.page.get_by_role("link", name="Nordlys Energi AS").click(modifiers=["Control"])
    card = opened.value
    card.get_by_role("heading", name="Nordlys Energi AS", level=1).wait_for()
    card.close()
    assert front.at == "/?search=energi"


def test_nothing_found_says_so_and_offers_to_clear_the_filters(front, world):
    front.search("no such firm anywhere")
    assert front.says(count="0 records", ids=[])
    front.page.get_by_text("No organisations match the filters").wait_for()
    front.page.locator(".empty").get_by_role("button", name="Clear filters").click()
    assert front.shows(world.column(ALL)[:50])
    assert front.says(at="/")
