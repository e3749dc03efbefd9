"""New records by hand: on every list, in one go from the app bar, and from a won quotation."""

from pathlib import Path

import pytest
from screen import PHONE
from serving import eventually, run_script

HOSTILE = "<img src=x onerror=window.__xss=1>"
#: What each list tab of an organisation's card needs for a new record.
NEEDED = {
    "documents": ("document", {"Description": "New plan", "File name": "plan.pdf"}),
    "emails": ("e-mail", {"Subject": "New mail"}),
    "activities": ("activity", {"Subject": "New call"}),
    "quotations": ("quotation", {"Description": "New offer", "Value": "1 234,50"}),
    "orders": ("order", {"Description": "New order"}),
    "tickets": ("support ticket", {"Subject": "New noise"}),
    "products": ("product", {"Name": "New pump"}),
    "quotation_lines": ("quotation line", {"Name": "New line", "Quantity": "2"}),
    "meetings": ("meeting", {"Subject": "New meeting"}),
    "persons": ("person", {"First name": "Newt", "Last name": "Ny-New"}),
}


@pytest.fixture(scope="module")
def site(serve, make_world):
    """A server on a database of our own: what is made here is counted elsewhere."""
    script = Path(__file__).with_name("world.sql").read_text()

    def fill(database):
        run_script(database, script)
        with database.load("Test data", "test") as load:
            name = HOSTILE.replace("'", "''")
            load.execute(f"UPDATE organisation SET name = '{name}' WHERE id = 130")

    return serve(make_world("creating", fill))


class Making:
    """A page on which something is made."""

    def __init__(self, screen):
        self.screen, self.page = screen, screen.page
        self.dialog = self.page.locator("dialog.dialog[open]")
        self.toast = self.page.locator("[role=status]:popover-open")

    def open(self, path):
        self.screen.open(path)
        return self

    def new(self, what):
        """Open the form of a list."""
        name = f"New {what}"
        self.page.locator(".summary:visible").get_by_role("button", name=name, exact=True).click()
        self.dialog.wait_for()
        assert self.dialog.locator("h2").inner_text() == name
        return self

    def input(self, label, section=None):
        within = self.dialog.locator(f"[data-section={section}]") if section else self.dialog
        return within.get_by_label(label, exact=False).first

    def enter(self, values, section=None):
        for label, value in values.items():
            self.input(label, section).fill(value)
        return self

    def press(self, name):
        self.dialog.get_by_role("button", name=name, exact=True).click()
        return self

    def says(self, words):
        assert eventually(lambda: self.toast.count() and words in self.toast.inner_text()), (
            self.toast.inner_text() if self.toast.count() else "nothing"
        )
        assert eventually(lambda: not self.dialog.count())
        return self

    def problem(self, label):
        id = self.input(label).get_attribute("aria-describedby")
        return self.dialog.locator(f"[id='{id}']").inner_text()

    def count(self, tab):
        """How many records a tab has, as it says itself; None as long as it does not."""
        shown = self.page.locator(f"nav [data-tab={tab}] .count")
        found = eventually(lambda: shown.all_inner_texts())
        return int(found[0].replace(",", ""))

    def found(self, label, text):
        """Type into a reference, and take the first that is found."""
        self.input(label).click()
        self.page.keyboard.type(text)
        option = self.dialog.locator(".options:popover-open [role=option]").filter(has_text=text)
        option.first.click()
        return self


@pytest.fixture
def at(visit, site):
    """Get a page in a window of its own."""
    pages = []

    def opened(path, **options):
        pages.append(Making(visit(site=site, **options)).open(path))
        return pages[-1]

    yield opened
    for page in pages:
        # What was made is still being told to the page: it must not be closed meanwhile.
        page.screen.ready()
        page.page.wait_for_timeout(500)


@pytest.mark.timeout(400)  # ten forms, one after the other
@pytest.mark.card("S13h", "S14", "S11", "L16")
def test_a_record_is_made_on_each_list_of_a_card(at):
    card = at("/organisation/2")
    for tab, (what, values) in NEEDED.items():
        card.screen.go(f"/organisation/2?tab={tab}")
        before = card.count(tab)
        card.new(what).enter(values).press("Save").says(" created")
        assert eventually(lambda tab=tab, n=before: card.count(tab) == n + 1), tab
        assert eventually(lambda n=before: len(card.screen.ids()) == n + 1), tab
        assert any("New" in text for row in card.screen.cells() for text in row), tab
    card.screen.go("/organisation/2?tab=log")
    assert not card.page.locator(".summary:visible .create").is_visible()


def test_what_is_missing_or_wrong_is_told_beside_its_field(at):
    card = at("/organisation/3?tab=quotations").new("quotation")
    assert card.input("Description").evaluate("node => node.getRootNode().activeElement === node")
    card.enter({"Value": "1,234"}).press("Save")
    assert eventually(lambda: card.problem("Description") == "Description is missing.")
    assert "either" in card.problem("Value") and card.input("Value").input_value() == "1,234"
    assert card.input("Description").get_attribute("aria-invalid") == "true"
    card.enter({"Description": "Offer", "Value": "1234"})
    assert card.problem("Description") == ""
    card.page.keyboard.press("Enter")
    card.says("Quotation created")


def test_a_record_that_the_filters_hide_is_told_and_shown(at):
    card = at("/organisation/1?tab=activities&status=Completed").new("activity")
    card.enter({"Subject": "Unseen", "Status": "Planned"}).press("Save")
    card.says("It is hidden by the filter Status: Completed.")
    assert "Unseen" not in str(card.screen.cells())
    card.toast.get_by_role("button", name="Clear the filter").click()
    assert card.screen.says(sentence="")
    card.screen.search("Unseen")
    assert eventually(lambda: len(card.screen.ids()) == 1)
    card.new("activity").enter({"Subject": "Unseen too", "Date": "2001-01-01T10:00"})
    card.press("Save").says("Activity created")
    assert eventually(lambda: len(card.screen.ids()) == 2)
    card.toast.get_by_role("button", name="Undo").click()
    assert eventually(lambda: len(card.screen.ids()) == 1)


@pytest.mark.hardening("57")
def test_a_double_click_makes_one(at):
    card = at("/organisation/4?tab=activities").new("activity").enter({"Subject": "Only once"})
    before = card.count("activities")
    card.dialog.get_by_role("button", name="Save", exact=True).dblclick()
    card.says("Activity created")
    assert eventually(lambda: card.count("activities") > before)
    card.page.wait_for_timeout(300)
    assert card.count("activities") == before + 1


def test_one_after_the_other_by_keyboard_alone(at):
    card = at("/organisation/5?tab=activities")
    before = card.count("activities")
    card.page.locator(".summary:visible .create").focus()
    card.page.keyboard.press("Enter")
    card.dialog.wait_for()
    card.page.keyboard.type("First")
    card.dialog.get_by_role("button", name="Save and new").press("Enter")
    assert eventually(lambda: card.count("activities") == before + 1)
    assert eventually(lambda: card.dialog.count() and card.input("Subject").input_value() == "")
    card.page.keyboard.type("Second")
    card.input("Person").focus()
    card.dialog.locator(".options:popover-open [role=option]").first.wait_for()
    card.page.keyboard.press("ArrowDown")
    card.page.keyboard.press("Enter")
    assert card.input("Person").input_value() and card.dialog.count()
    card.page.keyboard.press("Control+Enter")
    card.says("Activity created")
    assert eventually(lambda: card.count("activities") == before + 2)
    assert [row[4] for row in card.screen.cells() if "Second" in row] != [""]


def test_closing_asks_only_if_something_was_entered(at):
    card = at("/organisation/6?tab=meetings").new("meeting")
    card.page.keyboard.press("Escape")
    assert eventually(lambda: not card.dialog.count())
    card.new("meeting").enter({"Subject": "Kept"})
    window = card.screen.window
    card.page.keyboard.press("Escape")
    assert eventually(lambda: any("dialog: Close without" in said for said in window.troubles))
    assert card.input("Subject").input_value() == "Kept"
    window.forgive("dialog: Close without")
    card.page.evaluate("window.confirm = () => true")
    card.press("Cancel")
    assert eventually(lambda: not card.dialog.count())


def test_on_the_list_of_all_the_organisation_is_asked_for(at):
    page = at("/activities").new("activity").enter({"Subject": "For whom"}).press("Save")
    assert eventually(lambda: page.problem("Organisation") == "Organisation is missing.")
    page.input("Person").click()
    hint = page.dialog.locator(".options:popover-open .none")
    assert eventually(lambda: hint.count() and "organisation first" in hint.inner_text())
    page.found("Organisation", "Nordlys Energi").found("Person", "Ida")
    page.press("Save").says("Activity created")
    page.toast.get_by_role("link", name="Open").click()
    assert eventually(lambda: page.screen.at.startswith("/activity/"))
    assert eventually(lambda: "Nordlys Energi" in page.page.locator("header.head").inner_text())


@pytest.mark.card("L16")
def test_quick_create_makes_linked_records_and_opens_the_card(at):
    page = at("/")
    page.page.locator("#main").focus()
    page.page.keyboard.press("n")
    page.dialog.wait_for()
    page.enter({"Name": "Nyskapt AS"}, "organisation")
    page.enter({"First name": "Eva"}, "person").press("Create")
    assert eventually(lambda: page.problem("Last name") == "Last name is missing.")
    page.enter({"Last name": "Vik"}, "person").enter({"Subject": "First call"}, "activity")
    page.press("Create").says("Organisation created with person and activity")
    assert eventually(lambda: page.screen.at.startswith("/organisation/"))
    assert eventually(lambda: page.page.locator("h1").inner_text() == "Nyskapt AS")
    page.screen.ready()
    assert page.count("persons") == page.count("activities") == 1
    page.page.go_back()
    assert eventually(lambda: page.screen.at == "/")


@pytest.mark.card("L17")
def test_one_that_is_there_already_is_shown_while_its_name_is_entered(at):
    page = at("/").new("organisation").enter({"Name": "Nordlys Energi AS"})
    alike = page.dialog.locator(".alike")
    assert eventually(lambda: "similar name" in alike.inner_text())
    link = alike.get_by_role("link").first
    assert link.get_attribute("href") == "/organisation/1"
    assert link.get_attribute("target") == "_blank"
    page.press("More fields").enter({"Division": "Nordvest"})
    page.dialog.get_by_role("button", name="Create anyway").wait_for()
    page.enter({"Name": "Something else"})
    assert eventually(lambda: not alike.is_visible())
    page.enter({"Name": HOSTILE})
    assert eventually(lambda: alike.is_visible() and HOSTILE in alike.inner_text())
    page.press("Save").says("Organisation created")
    assert page.page.evaluate("window.__xss") is None


@pytest.mark.card("L16")
def test_a_won_quotation_becomes_an_order_with_its_lines(at):
    page = at("/quotation/4?tab=quotation_lines")
    lines = page.count("quotation_lines")
    assert lines == 2 and page.page.locator(".top .buttons button").count() == 1
    page.page.locator(".top .buttons").get_by_role("button", name="Create order").dblclick()
    page.says("Order created")
    page.page.locator(".top .buttons").get_by_role("link", name="Open order").click()
    assert eventually(lambda: page.screen.at.startswith("/order/"))
    assert eventually(lambda: page.page.locator("nav [data-tab=lines]").count())
    assert page.count("lines") == lines
    heading = page.page.locator("h1").inner_text()
    page.screen.go("/quotation/4?tab=orders")
    assert page.count("orders") == 1 and heading in str(page.screen.cells())


def test_the_form_fits_a_phone_and_the_dark(at):
    card = at("/organisation/7?tab=persons", viewport=PHONE, color_scheme="dark").new("person")
    card.enter({"First name": "Å" * 60, "Last name": "Lang-" * 20})
    assert card.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    box = card.dialog.bounding_box()
    assert box["width"] <= PHONE["width"] and box["y"] >= 0
    card.press("Save").says("Person created")
    assert card.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
