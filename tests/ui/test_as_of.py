"""The past of a card in a browser: there by the clock, nothing to change, back to today."""

from pathlib import Path

import pytest
from serving import eventually, run_script


@pytest.fixture(scope="module")
def site(serve, make_world):
    """A server on a database of our own: it is written here."""
    script = Path(__file__).with_name("world.sql").read_text()
    # The records of that world come from the future as well.
    long_ago = """
UPDATE organisation SET created = TIMESTAMP '2019-01-01';
UPDATE activity SET created = TIMESTAMP '2019-01-01';
UPDATE change SET "at" = TIMESTAMP '2019-02-01';
"""
    return serve(make_world("past", lambda database: run_script(database, f"{script}\n{long_ago}")))


def shown(page, label):
    name = page.get_by_text(label, exact=True)
    return page.locator(".editor.grid [data-field]").filter(has=name).locator("dd").inner_text()


@pytest.fixture
def screen(visit, site):
    return visit(site=site)


def test_a_field_as_it_was(screen):
    page = screen.page
    screen.open("/organisation/1?tab=fields")
    row = page.locator(".editor.grid [data-field]").filter(has=page.get_by_text("City", exact=True))
    before = shown(page, "City")
    row.get_by_role("button", name="Edit City", exact=True).click()
    row.get_by_label("City", exact=True).fill("Tromsø")
    page.locator(".bar[role=region]:visible").get_by_role("button", name="Save").click()
    assert eventually(lambda: shown(page, "City") == "Tromsø")

    # By keyboard alone: the clock, its menu, a week ago.
    page.get_by_role("button", name="As of an earlier day").press("Enter")
    page.keyboard.press("Enter")
    bar = page.get_by_role("region", name="The past")
    bar.get_by_text("As it was on").wait_for()
    assert "as_of=" in screen.at
    assert "tab=fields" in screen.at
    assert eventually(lambda: shown(page, "City") == before)
    assert not page.get_by_role("button", name="Edit City").count()

    # Tabs keep the moment; nothing can be made, ticked or changed there.
    page.locator("nav [data-tab=activities]").click()
    assert eventually(lambda: "tab=activities" in screen.at and "as_of=" in screen.at)
    page.locator("tbody tr").first.wait_for()
    assert not page.get_by_role("button", name="New activity").count()
    assert not page.locator("tbody input[type=checkbox]").count()
    page.get_by_role("button", name="Actions").click()
    assert page.get_by_role("menu", name="Actions").get_by_role("menuitem").all_inner_texts() == [
        "Copy link"
    ]
    page.keyboard.press("Escape")

    bar.get_by_role("link", name="Back to today").click()
    assert eventually(lambda: "as_of=" not in screen.at)
    page.get_by_role("button", name="New activity").wait_for()
    assert not bar.is_visible()


def test_another_day_is_chosen(screen):
    page = screen.page
    screen.open("/organisation/1")
    page.get_by_role("button", name="As of an earlier day").click()
    page.get_by_role("menuitem", name="On another day").click()
    day = page.get_by_label("Day", exact=True)
    assert eventually(lambda: day.evaluate("node => node.matches(':focus')"))
    page.keyboard.press("Escape")
    assert eventually(lambda: not day.is_visible())
    page.get_by_role("button", name="As of an earlier day").click()
    page.get_by_role("menuitem", name="On another day").click()
    day.fill("2020-02-03")
    day.press("Enter")
    page.get_by_role("region", name="The past").get_by_text("As it was on").wait_for()
    assert screen.at.endswith("as_of=2020-02-03")
