"""The organisation search of the app bar, and the report behind a list."""

from urllib.parse import quote

import pytest
from serving import eventually


@pytest.fixture
def front(tab):
    return tab.go("/")


def suggestions(screen) -> list[str]:
    return screen.page.get_by_role("option").all_inner_texts()


def test_an_organisation_is_found_by_typing_and_opened_with_the_keyboard(front, world):
    front.page.keyboard.press("/")
    front.page.keyboard.type("nordl")
    assert eventually(lambda: suggestions(front) and "Nordlys Energi AS" in suggestions(front)[0])
    front.page.keyboard.press("Enter")
    assert eventually(lambda: front.at == "/organisation/1")
    front.page.get_by_role("heading", name="Nordlys Energi AS", level=1).wait_for()


@pytest.mark.parametrize("text", [
    "nrodlys", "BODO", "nordvest", "987654321", "75 54 32", "nordlys.example", "ORG-00001", "energi nord",
])  # fmt: skip
def test_slips_towns_numbers_and_domains_find_it_too(front, text):
    box = front.page.get_by_role("combobox", name="Search organisations")
    box.fill(text)
    assert eventually(lambda: any("Nordlys Energi AS" in it for it in suggestions(front)[:3])), (
        suggestions(front)
    )
    box.fill("")
    front.page.keyboard.press("Escape")


def test_what_was_looked_at_last_comes_first(front, world):
    for id in (17, 23):
        front.go(f"/organisation/{id}")
    front.go("/")
    front.page.get_by_role("combobox", name="Search organisations").click()
    names = [world.one("SELECT name FROM organisation WHERE id = ?", id) for id in (23, 17)]
    assert eventually(lambda: [it.split("\n")[0] for it in suggestions(front)[:2]] == names), (
        suggestions(front)
    )
    front.page.keyboard.press("Escape")


def test_nothing_found_says_so(front):
    box = front.page.get_by_role("combobox", name="Search organisations")
    box.fill("qqqqzzzz")
    front.page.locator(".hint").get_by_text("No organisation matches").wait_for()
    box.fill("")
    front.page.keyboard.press("Escape")


def test_the_search_leads_to_persons_by_name(front, world):
    [name] = world.column("SELECT name FROM person WHERE organisation_id = 1 ORDER BY id LIMIT 1")
    box = front.page.get_by_role("combobox", name="Search organisations")
    box.fill(f"{name} qqqq")
    front.page.locator(".hint").get_by_text("No organisation matches").wait_for()
    box.fill(name)
    choice = f"Search persons for “{name}”"
    assert eventually(lambda: suggestions(front)[-1:] == [choice]), suggestions(front)
    box.press("ArrowUp")
    box.press("Enter")
    assert eventually(lambda: front.at == f"/persons?search={quote(name)}"), front.at
    assert eventually(lambda: name in " ".join(front.column("Name"))), front.at
    front.go("/")


@pytest.mark.card("S13")
def test_the_report_of_a_filtered_list_counts_what_the_list_counts(tab, world):
    tab.go("/organisation/1?tab=activities&status=Active&status=Planned")
    total = int(tab.count().split(" of ")[-1].split()[0])
    tab.page.get_by_role("link", name="Report").locator("visible=true").click()
    assert eventually(lambda: tab.at.startswith("/report/activities?")), tab.at
    tab.page.get_by_role("heading", level=1, name="Activities: report").wait_for()
    assert "organisation_id=1" in tab.at and "status=Active&status=Planned" in tab.at
    assert eventually(lambda: "Number" in tab.headings() and tab.cells())
    assert sum(int(number) for number in tab.column("Number")) == total
    assert tab.page.locator("canvas").first.is_visible()
    tab.page.go_back()
    assert eventually(lambda: tab.at.startswith("/organisation/1?tab=activities"))
