"""What a card's menu and its log can do, in a browser: merge, delete, restore, copy, undo."""

from pathlib import Path

import pytest
from screen import PHONE
from serving import eventually, run_script


@pytest.fixture(scope="module")
def site(serve, make_world):
    """A server on a database of our own: what is changed here is counted elsewhere."""
    script = Path(__file__).with_name("world.sql").read_text()
    return serve(make_world("actions", lambda database: run_script(database, script)))


class Card:
    """A card with its menu."""

    def __init__(self, screen, path):
        self.screen, self.page = screen.open(path), screen.page

    def choose(self, name):
        self.page.get_by_role("button", name="Actions").click()
        self.page.get_by_role("menuitem", name=name).click()
        return self

    @property
    def dialog(self):
        return self.page.get_by_role("dialog").filter(visible=True)

    def press(self, name):
        self.dialog.get_by_role("button", name=name, exact=True).click()
        return self

    def told(self, words):
        """The notice over the page comes to say something."""
        said = self.page.locator(".saying .words")
        assert eventually(lambda: said.count() and words in said.inner_text()), said.inner_text()
        return self

    def act(self, name):
        self.page.locator(".saying").get_by_role("button", name=name, exact=True).click()
        return self

    def count(self, tab):
        return self.page.locator(f"nav [data-tab={tab}] .count").inner_text()

    @property
    def title(self):
        return self.page.locator("header.head h1").inner_text()


@pytest.fixture
def card(visit, site):
    """Open a card in a window of its own."""
    return lambda path, **options: Card(visit(site=site, **options), path)


@pytest.mark.card("S4")
def test_a_duplicate_is_merged_by_keyboard_and_taken_apart_again(card, site):
    mine = card("/organisation/1")
    name = card("/organisation/3").title
    before = {tab: int(mine.count(tab)) for tab in ("activities", "persons", "orders")}
    mine.page.get_by_role("button", name="Actions").focus()
    mine.page.keyboard.press("ArrowDown")
    for _ in range(2):
        mine.page.keyboard.press("ArrowDown")
    mine.page.keyboard.press("Enter")
    mine.dialog.get_by_role("searchbox").fill(name)
    found = mine.dialog.locator(".found button").filter(has_text=name)
    found.first.wait_for()
    mine.page.keyboard.press("Enter")
    assert eventually(lambda: mine.dialog.locator("table.sides").count())
    mine.dialog.locator("tr", has_text="City").get_by_role("radio").nth(1).check()
    mine.press("Merge").told("Merged")
    assert eventually(lambda: int(mine.count("activities")) > before["activities"])
    mine.act("Undo").told("Undone")
    assert eventually(lambda: {tab: int(mine.count(tab)) for tab in before} == before)


@pytest.mark.card("S4", "S10")
def test_a_deleted_organisation_is_seen_by_others_and_restored_with_everything(card):
    """Hardening 49: who has it open is told, and can restore it."""
    mine, theirs = card("/organisation/5"), card("/organisation/5?tab=activities")
    name, persons = mine.title, mine.count("persons")
    mine.choose("Delete …")
    assert "belongs to it" in mine.dialog.inner_text()
    mine.press("Delete").told(f"Deleted {name}")
    message = theirs.page.locator(".message", has_text="has been deleted")
    message.wait_for()
    assert eventually(lambda: theirs.count("persons") == "0")
    bin = mine.screen.open("/deleted")
    bin.page.get_by_role("row", name=name).get_by_role("button", name="Restore").wait_for()
    message.get_by_role("button", name="Restore").click()
    theirs.told("Restored")
    assert eventually(lambda: theirs.count("persons") == persons)
    assert eventually(lambda: not theirs.page.locator(".message", has_text="deleted").count())
    assert eventually(lambda: bin.page.get_by_text("Nothing is deleted").is_visible())


@pytest.mark.card("S4")
def test_a_copy_is_opened_from_its_notice_on_a_phone(card):
    mine = card("/organisation/6", viewport=PHONE)
    name = mine.title
    mine.choose("Copy as new").dialog.get_by_role("checkbox").first.check()
    mine.press("Copy").told("Copied")
    mine.page.locator(".saying").get_by_role("link", name="Open").click()
    assert eventually(lambda: mine.title == f"{name} (copy)")
    assert mine.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.card("S4")
def test_a_link_is_copied(card):
    mine = card("/organisation/7", permissions=["clipboard-read", "clipboard-write"])
    mine.choose("Copy link")
    mine.page.get_by_role("button", name="Copied").wait_for()
    copied = mine.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{mine.screen.server.url}/organisation/7"


@pytest.mark.card("S10")
def test_the_log_undoes_a_changeset_and_brings_an_old_value_back(card):
    mine = card("/organisation/8?tab=fields")
    was = {}
    for label, value in (("City", "Narvik"), ("Division", "Nordlig")):
        row = mine.page.locator(".editor.grid [data-field]").filter(
            has=mine.page.get_by_text(label, exact=True)
        )
        was[label] = row.locator("dd").inner_text()
        row.get_by_role("button", name=f"Edit {label}").click()
        row.get_by_role("textbox").or_(row.get_by_role("combobox")).fill(value)
    mine.page.keyboard.press("Enter")
    assert eventually(
        lambda: mine.page.locator(".bar .count:visible").get_by_text("Saved 2 changes").count()
    )
    log = mine.screen.go("/organisation/8?tab=log")
    head = log.page.locator("tr.group").first
    assert eventually(lambda: "changed Organisation" in head.inner_text())
    city = log.page.locator("tr:not(.group)", has_text="Narvik").first
    city.hover()
    city.get_by_role("button", name="Bring the old value back").click()
    mine.told("The old value is back").act("Undo").told("Undone")
    head = log.page.locator("tr.group", has_text="Undo").last
    fold = head.locator(".fold")
    fold.click()
    assert fold.get_attribute("aria-expanded") == "false"
    log.page.locator("tr.group").get_by_role("button", name="Undo").last.click()
    mine.told("Undone")
    log.go("/organisation/8?tab=fields")
    shown = mine.page.locator(".editor.grid [data-field]")
    for label, value in was.items():
        row = shown.filter(has=mine.page.get_by_text(label, exact=True))
        assert eventually(lambda row=row, value=value: row.locator("dd").inner_text() == value)


@pytest.mark.card("S10")
def test_the_fields_of_the_log_are_a_filter_of_its_address(visit, site):
    log = visit(site=site).open("/organisation/1?tab=log&kind=status")
    assert set(log.column("Field")) == {"Status"}
    assert "field is Status" in log.sentence()


@pytest.mark.card("S10")
def test_the_history_of_a_field_is_a_link_beside_its_label(card):
    mine = card("/organisation/1?tab=fields")
    mine.page.get_by_role("link", name="History of Name").click()
    at = "/organisation/1?tab=log&status=organisation&kind=name"
    assert eventually(lambda: mine.screen.at == at)
    assert eventually(lambda: set(mine.screen.ready().column("Field")) == {"Name"})


def test_who_works_is_chosen_and_logged(card):
    mine = card("/organisation/9?tab=fields")
    mine.page.locator("button.user").click()
    choice = mine.page.get_by_role("dialog", name="Work as").locator("li button").nth(1)
    name = choice.inner_text()
    with mine.page.expect_navigation():
        choice.click()
    mine.screen.ready()
    assert mine.page.locator("button.user").get_attribute("title") == f"Working as {name}"
    row = mine.page.locator(".editor.grid [data-field]").filter(
        has=mine.page.get_by_text("City", exact=True)
    )
    row.get_by_role("button", name="Edit City").click()
    row.get_by_role("textbox").fill("Hamar")
    mine.page.keyboard.press("Enter")
    assert eventually(
        lambda: mine.page.locator(".bar .count:visible").get_by_text("Saved 1 change").count()
    )
    log = mine.screen.go("/organisation/9?tab=log")
    assert eventually(lambda: name in log.column("Who")[:1])
