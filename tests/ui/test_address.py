"""The address bar: every state is in it, opens again from it, and no address breaks the page."""

from urllib.parse import quote

import pytest
from serving import eventually

STATES = [
    "/?search=sund&responsible=3&status=Active&period=last_year&sort=-city&column=name&column=city",
    "/organisation/1?tab=activities&search=turbine&responsible=&responsible=6&status=Planned&sort=subject&sort=-date&rows=25&page=1",
    "/organisation/1?tab=tickets&period=2020-01-01..2030-12-31&sort=-number&column=number&column=subject&rows=25&page=3",
    "/organisation/1?tab=quotations&status=&status=A%20-%20Hot&period=..2027-01-31",
    "/organisation/1?tab=log&status=person&period=last_year",
    "/person/5?tab=activities&status=Completed",
    "/organisations?search=bygg", "/organisation/ORG-00001?tab=fields", "/activities?status=Active&page=2",
]  # fmt: skip


def test_filters_set_by_hand_open_again_from_the_address_in_another_browser(tab, visit):
    tab.go("/organisation/1?tab=activities")
    tab.search("turbine 1")
    tab.choose("Status", "Active", "(blank)")
    tab.choose("Responsible", "Eva Gran", "(nobody)")
    tab.pick("Date", "This year")
    tab.page.locator("[data-sort=subject]:visible").click()
    assert eventually(lambda: tab.at.endswith("sort=subject") and "status=Active" in tab.at)
    assert tab.at == (
        "/organisation/1?tab=activities&search=turbine%201&responsible=5&responsible=&status=Active&status="
        "&period=this_year&sort=subject"
    )
    assert eventually(tab.ids)
    other = visit().open(tab.at)
    assert other.shows(tab.ids())
    assert other.sentence() == tab.sentence()
    assert other.headings() == tab.headings()
    assert other.field("Status").inner_text() == "Active, (blank)"
    assert other.page.locator("input[placeholder=Search]:visible").input_value() == "turbine 1"


@pytest.mark.parametrize("address", STATES)
def test_an_address_opens_as_it_is_whether_loaded_or_followed(tab, address):
    loaded = tab.open(address)
    assert loaded.messages() == (["Note\nPays late"] if "/organisation/" in address else [])
    cells, at = loaded.cells(), loaded.at
    assert tab.go("/organisation/2").go(address).says(cells=cells, at=at)


def test_back_and_forward_walk_through_organisation_tab_person_and_back(tab, world):
    tab.go("/").go("/organisation/1")
    tab.page.get_by_role("tab", name="Persons 60").click()
    persons = world.column(
        "SELECT id FROM person WHERE organisation_id = 1 ORDER BY lower(name), id"
    )[:50]
    assert tab.shows(persons)
    tab.page.locator("section.table:visible a.open").nth(2).click()
    assert eventually(lambda: tab.at == f"/person/{persons[2]}")
    name = world.one("SELECT name FROM person WHERE id = ?", persons[2])
    tab.page.get_by_role("heading", name=name, level=1).wait_for()
    tab.page.go_back()
    assert tab.shows(persons)
    assert tab.at == "/organisation/1?tab=persons"
    tab.page.go_back()
    assert eventually(lambda: tab.at == "/organisation/1")
    tab.page.get_by_role("heading", name="About").wait_for()
    tab.page.go_back()
    assert eventually(lambda: tab.count() == "1–50 of 130")
    for _ in range(3):
        tab.page.go_forward()
    tab.page.get_by_role("heading", name=name, level=1).wait_for()
    assert tab.at == f"/person/{persons[2]}"


def test_a_filter_replaces_the_address_so_that_back_leaves_the_list(tab):
    tab.go("/").go("/organisation/1?tab=orders")
    tab.choose("Status", "New")
    tab.choose("Status", "Planned")
    assert eventually(lambda: tab.at == "/organisation/1?tab=orders&status=New&status=Planned")
    tab.page.go_back()
    assert eventually(lambda: tab.at == "/")


def test_reload_keeps_everything(tab):
    tab.go("/organisation/1?tab=activities&status=Active&page=1&rows=25&sort=subject")
    before = tab.ids()
    tab.page.reload()
    assert tab.ready().shows(before)


NONSENSE = {
    "unknown tab": ("/organisation/1?tab=nowhere", "no tab", "/organisation/1"),
    "unknown status": ("/organisation/1?tab=orders&status=Nope", "Nope", "/organisation/1?tab=orders&status=Nope"),
    "unknown user": ("/organisation/1?tab=orders&responsible=99", "99", "/organisation/1?tab=orders"),
    "user as text": ("/organisation/1?tab=orders&responsible=x'%20OR%201=1", "OR 1=1", "/organisation/1?tab=orders"),
    "unknown period": ("/organisation/1?tab=orders&period=someday", "someday", "/organisation/1?tab=orders"),
    "impossible day": ("/organisation/1?tab=orders&period=2026-02-30..", "does not exist", "/organisation/1?tab=orders"),
    "reversed days": ("/organisation/1?tab=orders&period=2026-02-02..2026-01-01", "ends before", "/organisation/1?tab=orders"),
    "page zero": ("/organisation/1?tab=orders&page=0", "no page", "/organisation/1?tab=orders"),
    "negative page": ("/organisation/1?tab=orders&page=-3", "no page", "/organisation/1?tab=orders"),
    "huge page": ("/organisation/1?tab=orders&page=" + "9" * 400, "no page", "/organisation/1?tab=orders"),
    "page of letters": ("/?page=%D9%A1", "no page", "/"),
    "unknown column": ("/organisation/1?tab=orders&column=passwrd", "passwrd", "/organisation/1?tab=orders"),
    "unknown sorting": ("/organisation/1?tab=orders&sort=value;drop", "value;drop", "/organisation/1?tab=orders"),
    "unknown rows": ("/?rows=1000000", "1000000", "/"),
    "unknown setting": ("/?colour=red", "colour", "/"),
    "too long a search": ("/?search=" + "x" * 3000, "3000", "/"),
    "half a character": ("/?search=%ED%A0%80", "", "/?search=%EF%BF%BD%EF%BF%BD%EF%BF%BD"),
    "broken escapes": ("/?search=%&%ZZ", "", None),
    "filters on Fields": ("/organisation/1?tab=fields&status=x", "no filters", "/organisation/1?tab=fields"),
    "overdue where nothing is due": ("/organisation/1?tab=emails&period=overdue", "overdue", "/organisation/1?tab=emails"),
}  # fmt: skip


@pytest.mark.hardening(20)
@pytest.mark.hardening(22)
@pytest.mark.parametrize("case", NONSENSE)
def test_what_an_address_cannot_mean_is_said_and_the_default_shown(tab, case):
    address, said, canonical = NONSENSE[case]
    tab.go(address)
    assert eventually(lambda: any(said in message for message in tab.messages()) or not said), (
        tab.messages()
    )
    assert eventually(lambda: tab.at == canonical or canonical is None), tab.at
    assert tab.page.locator(".summary:visible, .panels.grid, header.section-head").count()


@pytest.mark.parametrize("address", [
    "/organisation/999999", "/organisation/0", "/organisation/-1", "/organisation/" + "9" * 30, "/person/31337",
    "/organisation/" + quote("<img src=x onerror=window.__xss=1>"), "/nowhere", "/nowhere/7", "/user/1", "/users",
    "/report/nowhere", "/report/" + quote("<svg onload=window.__xss=1>"), "/report/orders?organisation_id=999999",
])  # fmt: skip
@pytest.mark.hardening(18)
def test_what_does_not_exist_is_said_in_the_place_of_the_page(tab, address):
    tab.go(address)
    title = tab.page.get_by_role("heading", level=1)
    assert eventually(lambda: "no " in title.inner_text()), title.inner_text()
    assert tab.page.evaluate("window.__xss") is None
    tab.page.get_by_role("link", name="Organisations").first.click()
    assert eventually(lambda: tab.at == "/")


def test_a_page_beyond_the_last_shows_the_last(tab, world):
    tab.go("/organisation/1?tab=orders&page=4711")
    assert tab.shows(
        world.column(
            'SELECT id FROM "order" WHERE organisation_id = 1 ORDER BY date DESC, id DESC'
        )[50:]
    )
    assert eventually(lambda: tab.at == "/organisation/1?tab=orders&page=2")
