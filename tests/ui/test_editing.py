"""Fields edited in place on the card: saving, problems, conflicts, undo, leaving."""

from pathlib import Path

import pytest
from forms import Form
from screen import FOLLOW, PHONE
from serving import eventually, run_script

HOSTILE = "<img src=x onerror=window.__xss=1>"


@pytest.fixture(scope="module")
def site(serve, make_world):
    """A server on a database of our own: what is changed here is counted elsewhere."""
    script = Path(__file__).with_name("world.sql").read_text()
    return serve(make_world("editing", lambda database: run_script(database, script)))


@pytest.fixture
def form(visit, site):
    """Open the Fields tab of a card in a window of its own."""
    return lambda path: Form(visit(site=site), path)


@pytest.mark.card("S5", "S9", "S10")
def test_two_fields_are_saved_as_one_logged_and_undone(form):
    card = form("/organisation/1")
    assert card.logged == 90
    card.enter("City", "Narvik").enter("Division", "Nordlig").says("2 unsaved changes")
    assert card.page.locator(".grid .changed").count() == 2
    card.save(2, lambda: card.page.keyboard.press("Enter"))
    assert card.page.locator("header.head .subtitle").inner_text() == "Nordlig · Narvik · Norway"
    card.page.locator(".side").get_by_text("Narvik").wait_for()
    log = card.screen.go("/organisation/1?tab=log")
    assert changes(log, "Narvik") == {("City", "Bodø", "Narvik")}
    assert changes(log, "Nordlig") == {("Division", "Nordvest", "Nordlig")}
    card.screen.go(card.path)
    card.press("Undo").says("Undone: the fields are as they were before.")
    card.shows(City="Bodø", Division="Nordvest")
    assert eventually(lambda: card.logged == 94)
    log.go("/organisation/1?tab=log")
    assert changes(log, "Narvik", 2) == {("City", "Bodø", "Narvik"), ("City", "Narvik", "Bodø")}
    card.reload()
    card.shows(City="Bodø", Division="Nordvest")


def changes(log, text, number=1):
    """Field, old and new value of the changes that a search finds."""
    log.search(text)
    eventually(lambda: len(log.cells()) == number and all(text in row for row in log.cells()))
    rows = [dict(zip(log.headings(), row, strict=True)) for row in log.cells()]
    return {(row["Field"], row["From"], row["To"]) for row in rows}


def test_what_was_saved_is_there_after_a_reload(form):
    card = form("/organisation/2")
    card.enter("Comment", "First line\nsecond").enter("Annual revenue", "1 234,5")
    card.row("Type").get_by_role("button", name="Edit Type").click()
    offered = (
        card.row("Type").locator("datalist option").evaluate_all("all => all.map(o => o.value)")
    )
    assert offered == ["Customer", "Partner", "Prospect", "Supplier"]
    card.input("Type").fill("Competitor")
    card.row("Responsible").get_by_role("button", name="Edit Responsible").click()
    card.input("Responsible").select_option(label="Eva Gran")
    card.save(4)
    card.reload()
    assert card.value("Comment") == "First line\nsecond"
    assert card.value("Annual revenue") == "1,234.50"
    card.shows(Type="Competitor", Responsible="Eva Gran")


def test_an_invalid_value_is_told_beside_its_field_and_nothing_is_lost(form):
    card = form("/organisation/3").enter("City", "Moss").enter("E-mail", "no address").press("Save")
    problem = card.row("E-mail").locator(".notes")
    assert eventually(lambda: "kari@nordlys.no" in problem.inner_text())
    field = card.input("E-mail")
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("aria-describedby") == problem.get_attribute("id")
    assert card.input("City").input_value() == "Moss" and field.input_value() == "no address"
    card.enter("E-mail", "post@moss.example").save(2)
    card.shows(City="Moss")


def test_the_keyboard_is_enough(form):
    card = form("/organisation/4")
    card.row("Division").get_by_role("button", name="Edit Division").focus()
    card.page.keyboard.press("Enter")
    card.page.keyboard.type("North")
    card.page.keyboard.press("Tab")
    assert eventually(lambda: card.row("Type").locator("label").count() == 1)
    card.page.keyboard.press("Shift+Tab")
    assert card.input("Division").input_value() == "North"
    card.page.keyboard.press("Escape")
    assert not card.bar.count() and not card.row("Division").locator("label").count()
    card.enter("Comment", "a").input("Comment").press("Enter")
    assert card.input("Comment").input_value() == "a\n"
    card.save(1, lambda: card.input("Comment").press("Control+Enter"))


def test_changes_are_reviewed_and_discarded_one_by_one_or_all(form):
    card = form("/organisation/5").enter("City", "Moss").enter("Address", "Gate 2")
    card.press("Review")
    rows = card.page.locator(".review:visible tbody tr")
    assert [text.split("\t")[:3] for text in rows.all_inner_texts()] == [
        ["City", "Tromsø", "Moss"], ["Address", "–", "Gate 2"],
    ]  # fmt: skip
    rows.first.get_by_role("button", name="Discard: City").click()
    card.says("1 unsaved change").shows(City="Tromsø")
    card.press("Discard")
    assert not card.bar.count() and card.page.locator(".editor .editing").count() == 0


def test_of_two_who_change_a_field_the_second_is_asked(visit, site):
    first, second = (Form(visit(site=site), "/organisation/6") for _ in range(2))
    second.enter("City", "Hamar")
    first.enter("City", "Alta").enter("Address", "Gate 1").save(2)
    second.press("Save")
    conflict = second.row("City").locator(".conflict")
    assert eventually(lambda: conflict.count() and "changed this to: Alta" in conflict.inner_text())
    assert second.input("City").input_value() == "Hamar"
    first.enter("City", "Bryne")
    second.save(1, conflict.get_by_role("button", name="Use mine").click)
    second.shows(City="Hamar", Address="Gate 1")
    first.press("Save")
    first.row("City").get_by_role("button", name="Keep theirs").click()
    first.shows(City="Hamar")
    assert eventually(lambda: not first.page.locator(".changed").count())
    first.enter("City", "Bryne").save(1)


def test_leaving_asks_first_and_other_tabs_of_the_card_do_not(form):
    card = form("/organisation/7").enter("City", "Moss")
    card.screen.go("/organisation/7?tab=log").go(card.path)
    assert card.input("City").input_value() == "Moss"
    window = card.screen.window
    assert not window.troubles
    home = card.page.get_by_label("Breadcrumb").get_by_role("link", name="Organisations")
    home.click()
    assert eventually(lambda: any("dialog: Leave without" in said for said in window.troubles))
    assert card.screen.at == card.path and card.input("City").input_value() == "Moss"
    window.forgive("dialog: Leave without")
    card.page.evaluate("location.assign('/')")
    assert eventually(lambda: any("dialog" in said for said in window.troubles))
    window.forgive("dialog:")
    card.page.evaluate("window.confirm = () => true")
    card.page.evaluate(FOLLOW, "/organisation/9?tab=fields")
    assert eventually(lambda: card.page.locator(".editor .changed").count() == 0)
    assert card.screen.ready().at == "/organisation/9?tab=fields" and card.logged is not None


@pytest.mark.card("S9")
def test_hostile_text_is_saved_and_shown_as_text(form):
    card = form("/organisation/8")
    card.enter("Division", HOSTILE).enter("Comment", HOSTILE).press("Review")
    card.save(2).shows(Division=HOSTILE, Comment=HOSTILE)
    card.reload()
    card.shows(Division=HOSTILE, Comment=HOSTILE)
    assert card.page.evaluate("window.__xss") is None


@pytest.mark.card("S14")
def test_the_fields_of_other_records_are_edited_on_a_phone_too(visit, site):
    card = Form(visit(site=site, viewport=PHONE), "/person/1")
    card.enter("Birthday", "1980-02-28")
    card.row("Block mass e-mail").get_by_role("button", name="Edit Block mass e-mail").click()
    card.input("Block mass e-mail").click()
    card.save(2)
    assert card.value("Birthday") == "28 Feb 1980" and card.value("Block mass e-mail") == "Yes"
    assert card.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_back_button_asks_first_too(form):
    card = form("/organisation/10")
    card.screen.go("/organisation/11?tab=fields")
    card.path = "/organisation/11?tab=fields"
    card.enter("City", "Moss")
    window = card.screen.window
    with card.page.expect_event("dialog"):
        card.page.evaluate("history.back()")
    assert eventually(lambda: card.screen.at == card.path)
    assert any("dialog: Leave without" in said for said in window.troubles)
    assert card.input("City").input_value() == "Moss"
    window.forgive("dialog: Leave without")
    card.page.evaluate("window.confirm = () => true")
    card.page.evaluate("history.back()")
    assert eventually(lambda: card.screen.at == "/organisation/10?tab=fields")
    assert eventually(lambda: not card.page.locator(".editor .changed").count())
