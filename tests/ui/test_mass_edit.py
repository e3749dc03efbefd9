"""Rows ticked and edited at once, and cells edited in place, as a person does it."""

import json
from functools import partial
from pathlib import Path

import pytest
from screen import PHONE
from serving import eventually, run_script

FOCUSED = """() => { let node = document.activeElement
    while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement
    return node.getAttribute('aria-label') || node.textContent }"""


@pytest.fixture(scope="module")
def site(serve, make_world):
    """A server on a database of our own: what is changed here is counted elsewhere."""
    script = Path(__file__).with_name("world.sql").read_text()
    return serve(make_world("mass", lambda database: run_script(database, script)))


class Listing:
    """A list with tick boxes, its bar and the window of a mass edit."""

    def __init__(self, screen, path):
        self.screen, self.page = screen.open(path), screen.page
        self.rows = self.page.locator("section.table:visible tbody tr:not(.skeleton)")
        self.bar = self.page.locator(".picked")
        self.window = self.page.locator("dialog.dialog[open]")
        self.toast = self.page.locator(".saying")

    def tick(self, *places, **how):
        for place in places:
            self.rows.nth(place).locator(".tick").click(**how)
        return self

    def ticked(self):
        return self.page.locator("section.table:visible tbody tr.ticked").count()

    def says(self, words):
        said = self.bar.locator("strong")
        assert eventually(lambda: said.inner_text() == words), said.inner_text()
        return self

    def press(self, name):
        self.bar.get_by_role("button", name=name).click()
        return self

    def step(self, place, field, way, value):
        """Fill in a line of the window: which field, what to do with it, the value."""
        if place:
            self.window.get_by_role("button", name="Another field").click()
        line = self.window.locator(".step").nth(place)
        line.get_by_label("Field", exact=True).select_option(label=field)
        line.get_by_label("What to do with").select_option(label=way)
        if value is not None:
            line.locator(".value input").fill(value)
        return self

    def look(self):
        self.window.get_by_role("button", name="Preview").click()
        self.window.locator(".preview").wait_for()
        return self.window.locator(".total").inner_text()

    def apply(self, name):
        self.window.get_by_role("button", name=name, exact=True).click()
        self.window.wait_for(state="hidden")
        return self

    def told(self, words):
        said = self.toast.locator(".words")
        assert eventually(lambda: said.inner_text() == words), said.inner_text()
        return self

    def column(self, label):
        return self.screen.column(label)

    def cell(self, place, label):
        at = self.screen.headings().index(label)
        return self.rows.nth(place).locator("td:not(.tick)").nth(at)

    def edit(self, place, label):
        self.cell(place, label).dblclick()
        return self.input(label)

    def input(self, label):
        return self.page.locator(".cell-edit").get_by_label(label, exact=True)

    @property
    def focused(self):
        return self.page.evaluate(FOCUSED)


@pytest.fixture
def enter(visit, site):
    """Open a page; before it is closed the server has said all it had to say of the last write."""
    screens = []

    def go(kind, path, **options):
        screens.append(visit(site=site, **options))
        return kind(screens[-1], path)

    yield go
    for screen in screens:
        screen.page.wait_for_timeout(700)


@pytest.fixture
def listing(enter):
    return partial(enter, Listing)


@pytest.mark.card("S13e")
def test_rows_of_two_pages_are_ticked_previewed_changed_and_undone(listing):
    it = listing("/organisation/1?tab=activities&rows=25")
    it.tick(0).tick(2, modifiers=["Shift"]).says("3 selected")
    it.page.get_by_role("button", name="Go to page 2").click()
    assert eventually(lambda: it.ticked() == 0 and "page=2" in it.screen.at)
    it.screen.ready()
    it.tick(1).says("4 selected")
    it.page.get_by_role("button", name="Sort by Subject").or_(
        it.page.locator("[data-sort=subject]")
    ).first.click()
    it.says("4 selected")
    it.screen.go("/organisation/1?tab=activities&rows=25")
    assert eventually(lambda: it.ticked() == 3)
    before = it.column("Type"), it.column("Status")
    it.press("Mass edit")
    it.step(0, "Type", "Set to", "Mass edited").step(1, "Status", "Clear", None)
    assert it.look() == "4 of 4 activities will change"
    assert it.window.locator(".scroll tbody tr").count() == 4
    assert it.column("Type") == before[0]
    it.apply("Change 4 activities").told("4 activities changed")
    assert eventually(lambda: it.column("Type").count("Mass edited") == 3)
    assert it.bar.is_hidden() and it.column("Status")[:3] == ["", "", ""]
    it.toast.get_by_role("button", name="Undo").click()
    it.told("Undone")
    assert eventually(lambda: (it.column("Type"), it.column("Status")) == before)


@pytest.mark.card("S13e")
def test_all_that_match_are_ticked_and_filters_untick(listing):
    it = listing("/organisation/1?tab=activities&rows=25")
    total = int(it.screen.count().split(" of ")[1])
    it.page.locator("th.tick").click()
    it.says("25 selected").press(f"Select all {total} that match")
    it.says(f"{total} selected")
    it.tick(0).says(f"{total - 1} selected").press("Mass edit")
    it.step(0, "Priority", "Set to", "Urgent")
    assert it.look() == f"{total - 1} of {total - 1} activities will change"
    assert "The first 20 of" in it.window.inner_text()
    it.window.get_by_role("button", name="Back").click()
    assert it.window.get_by_label("New value of Priority").input_value() == "Urgent"
    it.page.keyboard.press("Escape")
    it.window.wait_for(state="hidden")
    it.screen.search("a")
    assert eventually(it.bar.is_hidden)


@pytest.mark.hardening(37)
def test_rows_that_cannot_be_changed_are_left_out(listing):
    it = listing("/organisation/2?tab=activities")
    it.edit(0, "Date").fill("9999-12-30T10:00")
    it.page.keyboard.press("Enter")
    it.told(f"{it.column('Subject')[0]}: Date changed")
    assert eventually(lambda: "9999" in it.column("Date")[0])
    it.tick(0, 1).says("2 selected").press("Mass edit").step(0, "Date", "Move by days", "7")
    assert it.look() == "1 of 2 activities will change"
    refused = it.window.locator(".refused")
    assert "1 activity cannot be changed" in refused.inner_text()
    go = it.window.get_by_role("button", name="Change 1 activity")
    assert go.is_disabled()
    refused.get_by_label("Leave it out").check()
    it.apply("Change 1 activity").told("1 activity changed")


def test_what_cannot_be_entered_is_told_beside_its_field_and_others_change_meanwhile(listing):
    it = listing("/organisation/3?tab=activities").tick(0, 1).says("2 selected").press("Mass edit")
    it.step(0, "Date", "Move by days", "soon")
    it.window.get_by_role("button", name="Preview").click()
    line = it.window.locator(".step").first
    assert eventually(lambda: "number of days" in line.locator(".notes").inner_text())
    line.locator(".value input").fill("1")
    it.step(1, "Type", "Set to", "Visit")
    it.look()
    other = listing("/organisation/3?tab=activities")
    other.edit(0, "Type").fill("Elsewhere")
    other.page.keyboard.press("Enter")
    other.told(f"{other.column('Subject')[0]}: Type changed")
    it.window.get_by_role("button", name="Change 2 activities").click()
    assert eventually(lambda: "since the preview" in it.window.inner_text())
    it.apply("Change 2 activities").told("2 activities changed")
    for seen in (it, other):
        assert eventually(lambda: seen.column("Type") == ["Visit"] * 2)  # noqa: B023


@pytest.mark.card("S13e")
def test_the_keyboard_is_enough_for_a_mass_edit(listing):
    it = listing("/organisation/4?tab=activities")
    keys = it.page.keyboard
    it.rows.first.locator(".open").focus()
    keys.press("Space")
    keys.press("ArrowDown")
    keys.press("Shift+Space")
    it.says("2 selected")
    assert it.screen.at == "/organisation/4?tab=activities"
    it.bar.get_by_role("button", name="Mass edit").focus()
    keys.press("Enter")
    it.window.wait_for()
    assert it.focused == "Field"
    keys.press("Tab")
    keys.press("Tab")
    keys.type("Kept")
    keys.press("Enter")
    it.window.locator(".preview").wait_for()
    keys.press("Enter")
    it.told("2 activities changed")
    assert eventually(lambda: it.column("Status") == ["Kept"] * 2)


@pytest.mark.card("S5")
def test_a_cell_is_edited_with_the_mouse_and_a_click_still_opens(listing):
    it = listing("/organisation/5?tab=activities")
    subject = it.column("Subject")[0]
    assert it.edit(0, "Type").input_value() == it.column("Type")[0]
    it.page.keyboard.press("Escape")
    assert it.page.locator(".cell-edit").count() == 0
    it.cell(0, "Status").hover()
    it.cell(0, "Status").get_by_role("button", name="Edit Status").click()
    it.input("Status").fill("By pencil")
    it.page.keyboard.press("Tab")
    assert eventually(lambda: it.input("Responsible").count() == 1)
    assert eventually(lambda: it.column("Status")[0] == "By pencil")
    assert it.input("Responsible").is_visible()
    it.input("Responsible").select_option(label="Eva Gran")
    it.rows.nth(1).locator(".tick").click()
    assert eventually(lambda: it.column("Responsible")[0] == "Eva Gran")
    it.told(f"{subject}: Responsible changed").toast.get_by_role("button", name="Undo").click()
    assert eventually(lambda: it.column("Responsible")[0] != "Eva Gran")
    it.cell(0, "Type").click()
    assert eventually(lambda: it.screen.at.startswith("/activity/"))


@pytest.mark.card("S5")
def test_cells_are_edited_with_the_keyboard_and_say_what_is_wrong(listing):
    it = listing("/organisation/6?tab=persons")
    keys = it.page.keyboard
    it.rows.first.locator(".open").focus()
    keys.press("F2")
    assert eventually(lambda: it.input("Name").count() == 1)
    keys.press("Delete")
    keys.press("Enter")
    notes = it.page.locator(".cell-edit .notes")
    assert eventually(lambda: notes.inner_text() == "Name cannot be empty.")
    assert it.input("Name").get_attribute("aria-invalid") == "true"
    keys.press("Escape")
    assert it.page.locator(".cell-edit").count() == 0
    keys.press("ArrowRight")
    keys.press("ArrowDown")
    keys.press("Enter")
    assert eventually(lambda: it.input("Title").count() == 1)
    keys.press("Control+a")
    keys.type("<img src=x onerror=window.__xss=1>")
    keys.press("Enter")
    assert eventually(lambda: it.column("Title")[1] == "<img src=x onerror=window.__xss=1>")
    assert it.page.evaluate("window.__xss") is None
    assert eventually(lambda: it.focused == "<img src=x onerror=window.__xss=1>")
    keys.press("ArrowLeft")
    assert it.focused == it.column("Name")[1]


def test_of_two_who_edit_a_cell_the_second_is_asked(listing):
    first, second = (listing("/organisation/7?tab=activities") for _ in range(2))
    field = second.edit(0, "Type")
    field.fill("Mine")
    first.edit(0, "Type").fill("Theirs")
    first.page.keyboard.press("Enter")
    assert eventually(lambda: first.column("Type")[0] == "Theirs")
    assert second.input("Type").input_value() == "Mine"
    second.input("Type").press("Enter")
    conflict = second.page.locator(".cell-edit .conflict")
    assert eventually(
        lambda: conflict.count() and "changed this to: Theirs" in conflict.inner_text()
    )
    conflict.get_by_role("button", name="Use mine").click()
    assert eventually(lambda: first.column("Type")[0] == "Mine" == second.column("Type")[0])


@pytest.mark.hardening(32, 57)
def test_forged_messages_change_nothing_and_a_double_click_has_one_effect(listing, site):
    it = listing("/organisation/8?tab=activities").tick(0).says("1 selected").press("Mass edit")
    it.step(0, "Type", "Set to", "Once").look()
    it.window.get_by_role("button", name="Change 1 activity").dblclick()
    it.told("1 activity changed")
    log = it.screen.go("/organisation/8?tab=log")
    log.search("Once")
    assert eventually(lambda: log.count() == "1 record"), log.count()


@pytest.mark.card("S13e")
def test_on_a_phone_rows_are_ticked_and_edited_too(listing):
    it = listing("/organisation/9?tab=activities", viewport=PHONE, has_touch=True)
    it.rows.first.locator(".tick").tap()
    it.says("1 selected").press("Mass edit").step(0, "Status", "Set to", "On the way")
    assert it.look() == "1 of 1 activities will change" or "1 of 1" in it.window.inner_text()
    assert it.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    it.apply("Change 1 activity")
    assert eventually(lambda: "On the way" in json.dumps(it.screen.cells()[0]))


# -- the side panel --------------------------------------------------------------------------


class Side:
    """The side panel of a card, beside any tab."""

    def __init__(self, screen, path):
        self.screen, self.page = screen.open(path), screen.page
        self.panel = self.page.locator(".editor.side")

    def row(self, label, within=".editor.side"):
        name = self.page.get_by_text(label, exact=True)
        return self.page.locator(f"{within} [data-field]").filter(has=name)

    def enter(self, label, value):
        if not self.row(label).locator("label").count():
            self.row(label).get_by_role("button", name=f"Edit {label}", exact=True).click()
        self.row(label).get_by_label(label, exact=True).fill(value)
        return self

    def bar(self):
        """The only bar that is to be seen."""
        bars = self.page.locator(".bar[role=region]:visible")
        assert eventually(lambda: bars.count() == 1), bars.count()
        return bars

    def says(self, words):
        count = self.bar().locator(".count")
        assert eventually(lambda: count.inner_text() == words), count.inner_text()
        return self

    def press(self, name):
        self.bar().get_by_role("button", name=name, exact=True).click()
        return self


@pytest.fixture
def side(enter):
    return partial(enter, Side)


@pytest.mark.card("S5", "S8")
def test_the_side_panel_and_the_fields_tab_share_what_is_entered(side):
    card = side("/organisation/10?tab=activities")
    mark = card.page.locator("[data-tab=fields] .mark")
    assert mark.count() == 0
    card.enter("City", "Voss").says("1 unsaved change")
    assert eventually(lambda: mark.count() == 1)
    card.screen.go("/organisation/10?tab=fields")
    main = card.row("City", ".editor.grid").get_by_label("City", exact=True)
    assert eventually(lambda: main.count() and main.input_value() == "Voss")
    main.fill("Vossevangen")
    assert card.row("City").get_by_label("City", exact=True).input_value() == "Vossevangen"
    card.row("Division", ".editor.grid").get_by_role("button", name="Edit Division").click()
    card.row("Division", ".editor.grid").get_by_label("Division", exact=True).fill("Vest")
    card.says("2 unsaved changes")
    card.screen.go("/organisation/10?tab=persons")
    card.says("2 unsaved changes").press("Save").says("Saved 2 changes")
    assert eventually(lambda: mark.count() == 0)
    assert card.page.locator("header.head .subtitle").inner_text().startswith("Vest · Vossevangen")
    card.press("Undo").says("Undone: the fields are as they were before.")


@pytest.mark.card("S8")
def test_empty_fields_are_offered_in_the_side_panel(side):
    card = side("/organisation/11")
    more = card.panel.get_by_role("button", name="empty field").first
    hidden = card.panel.locator(".empty:not(.editing)").first
    assert not hidden.is_visible()
    more.click()
    assert hidden.is_visible() and more.inner_text() == "Hide empty fields"
    label = hidden.locator("dt").inner_text()
    card.enter(label, "Filled").press("Save").says("Saved 1 change")
    assert card.row(label).locator("dd").inner_text() == "Filled"


def test_leaving_asks_once_for_what_is_entered_in_the_side_panel(side):
    card = side("/organisation/12").enter("City", "Moss")
    window = card.screen.window
    card.page.get_by_label("Breadcrumb").get_by_role("link", name="Organisations").click()
    assert eventually(lambda: [it for it in window.troubles if "dialog: Leave without" in it])
    card.page.wait_for_timeout(200)
    assert len(window.troubles) == 1 and card.screen.at == "/organisation/12"
    window.forgive("dialog:")
    card.press("Discard")
    card.page.get_by_label("Breadcrumb").get_by_role("link", name="Organisations").click()
    assert eventually(lambda: card.screen.at == "/")


@pytest.mark.card("S8")
def test_the_side_panel_is_edited_on_a_phone(side):
    card = side("/organisation/13", viewport=PHONE)
    card.page.get_by_role("button", name="Information").click()
    card.enter("City", "Alta").press("Save").says("Saved 1 change")
    assert card.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
