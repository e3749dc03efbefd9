"""What is one's own, in the browser: favourites, notifications of others, saved lists, columns."""

import re
import time
from pathlib import Path

import pytest
from screen import PHONE, Screen
from serving import eventually, run_script
from test_creating import Making
from test_editing import Form

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.mine import Mine

HOSTILE = "<img src=x onerror=window.__xss=1>"
#: Within so long what somebody writes is told in other sessions.
AT_ONCE = 2.0


@pytest.fixture(scope="module")
def site(serve, make_world):
    """A server on a database of our own: user 1 was on the card of organisation 1 last year."""
    script = Path(__file__).with_name("world.sql").read_text()

    def fill(database):
        run_script(database, script)
        then = Desk(database, "").context().now.replace(year=2025)
        Mine(Desk(database, "", clock=lambda: then).working_as(1)).visit("organisation", 1)

    return serve(make_world("mine", fill))


@pytest.fixture
def enter(visit, site):
    """Get a tab of somebody: ``enter(1)``."""

    def begin(user, **options) -> Screen:
        screen = visit(site=site, **options)
        cookie = {"name": "crm-user", "value": str(user), "url": site.url}
        screen.window.context.add_cookies([cookie])
        return screen

    return begin


def press(screen, name):
    screen.page.get_by_role("button", name=name).first.click()


def badge(screen):
    return "".join(screen.page.locator(".badge:visible").all_inner_texts())


def change(screen, **values):
    form = Form(screen, "/organisation/2")
    for label, value in values.items():
        form.enter(label, value)
    form.save(len(values))


@pytest.mark.card("S2")
def test_a_star_leads_back_from_anywhere_by_keyboard(enter):
    tab = enter(1).open("/organisation/2")
    press(tab, "Add to favourites")
    star = tab.page.get_by_role("button", name="Remove from favourites")
    star.wait_for()
    assert star.get_attribute("aria-pressed") == "true"
    name = tab.page.locator("h1").inner_text()
    tab.go("/quotations")
    tab.page.get_by_role("button", name="Favourites", exact=True).focus()
    tab.page.keyboard.press("Enter")
    tab.page.locator(".app-panel:visible [data-stop]").first.wait_for()
    tab.page.keyboard.press("ArrowDown")
    tab.page.keyboard.press("Enter")
    assert eventually(lambda: tab.at == "/organisation/2")
    assert eventually(lambda: tab.page.locator("h1").all_inner_texts() == [name])
    other = enter(2).open("/organisation/2")
    assert other.page.get_by_role("button", name="Add to favourites").count() == 1


@pytest.mark.card("S3")
@pytest.mark.hardening(13, 18)
def test_what_another_saves_is_told_within_two_seconds(enter):
    mine, phone, theirs = enter(1), enter(1, viewport=PHONE), enter(2)
    mine.open("/organisation/2")
    press(mine, "Subscribe:")
    mine.page.get_by_role("button", name="Unsubscribe").wait_for()
    phone.open("/")
    assert badge(mine) == badge(phone) == ""
    change(theirs, City=HOSTILE)
    saved = time.monotonic()
    assert eventually(lambda: badge(mine) == "1" == badge(phone), AT_ONCE)
    assert time.monotonic() - saved < AT_ONCE
    assert badge(theirs) == ""
    press(mine, re.compile("^1 unread notification$"))
    news = mine.page.locator(".news li:visible")
    news.locator(".lines").wait_for()
    assert HOSTILE in news.inner_text()
    assert mine.page.evaluate("window.__xss") is None
    news.get_by_role("button", name="Mark as read").click()
    assert eventually(lambda: badge(mine) == "" == badge(phone), AT_ONCE), "read in all windows"
    press(mine, "Settings")
    mine.page.get_by_label("Organisations", exact=True).uncheck()
    change(theirs, City="Bergen")
    mine.page.get_by_label("Organisations", exact=True).check()
    assert eventually(lambda: badge(mine) == "1", AT_ONCE)
    press(mine, "Mark all read")
    assert eventually(lambda: badge(phone) == "", AT_ONCE)


@pytest.mark.card("S2")
@pytest.mark.hardening(57)
def test_two_windows_of_one_user_show_the_same_star(enter):
    one, other = enter(3).open("/organisation/2"), enter(3).open("/organisation/2")
    one.page.get_by_role("button", name="Add to favourites").dblclick()
    starred = other.page.get_by_role("button", name="Remove from favourites")
    starred.wait_for()
    starred.click()
    one.page.get_by_role("button", name="Add to favourites").wait_for()


@pytest.mark.card("S2")
@pytest.mark.hardening(57)
def test_a_double_click_takes_away_one_favourite_only(enter):
    tab = enter(4)
    for id in (2, 3):
        press(tab.open(f"/organisation/{id}"), "Add to favourites")
        tab.page.get_by_role("button", name="Remove from favourites").wait_for()
    tab.page.get_by_role("button", name="Favourites", exact=True).click()
    crosses = tab.page.locator(".app-panel").get_by_role("button", name="Remove from favourites")
    assert eventually(lambda: crosses.count() == 2)
    box = crosses.first.bounding_box()
    tab.page.mouse.click(box["x"] + 8, box["y"] + 8)
    assert eventually(lambda: crosses.count() == 1), "the other one is under the mouse now"
    tab.page.mouse.down(click_count=2)
    tab.page.mouse.up(click_count=2)
    time.sleep(0.3)
    assert crosses.count() == 1


def test_a_setting_says_beside_it_what_came_of_it(enter):
    page = enter(3, viewport=PHONE).open("/").page
    page.get_by_role("button", name="Notifications", exact=True).click()
    page.get_by_role("button", name="Settings").click()
    mail = page.get_by_label("E-mail with what is new")
    for _ in range(2):
        mail.select_option("daily")
        said = page.locator(".app-panel .worded + .outcome")
        said.wait_for()
        assert "There is no address to send e-mail to" in said.inner_text()
        assert eventually(lambda: mail.input_value() == "never"), "what was refused is not shown"
    page.get_by_label("Documents", exact=True).focus()
    page.keyboard.press("Space")
    page.locator(".app-panel .choice:has-text('Documents') + .outcome").wait_for()
    focused = "[...document.querySelectorAll('*')].map(n => n.shadowRoot?.activeElement?.name).find(Boolean)"
    assert eventually(lambda: page.evaluate(focused) == "document"), "the keyboard goes on there"


def test_the_panel_fits_a_phone(enter):
    phone = enter(1, viewport=PHONE).open("/organisation/2")
    for name in ("Notifications", "Favourites"):
        phone.page.get_by_role("button", name=name, exact=True).click()
        box = phone.page.locator(".app-panel:visible").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
        phone.page.keyboard.press("Escape")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_what_is_new_since_the_last_visit(enter, site):
    theirs = enter(2)
    form = Form(theirs, "/organisation/1")
    form.enter("City", "Voss").save(1)
    tab = enter(1).open("/organisation/1")
    since = tab.page.locator(".since:visible")
    since.wait_for()
    assert "Since your last visit on" in since.inner_text()
    assert "Voss" in since.inner_text()
    mark = tab.page.locator(".editor.side .new").first
    assert "New since your last visit: was" in mark.get_attribute("aria-label")
    since.get_by_role("button", name="Dismiss").click()
    since.wait_for(state="hidden")
    assert eventually(lambda: tab.page.locator(".editor.side .new").count() == 0)


@pytest.mark.card("S3")
def test_a_saved_list_tells_of_what_newly_matches(enter):
    mine, theirs = enter(1), enter(2)
    mine.open("/organisation/3?tab=persons&search=Saved")
    press(mine, "Save list")
    mine.page.get_by_label("Name", exact=True).fill("Saved ones")
    mine.page.get_by_label("Tell me when something new matches").check()
    mine.page.get_by_role("button", name="Save", exact=True).click()
    mine.page.get_by_text("“Saved ones” is among your favourites.").wait_for()
    page = Making(theirs).open("/organisation/3?tab=persons").new("person")
    page.enter({"First name": "Saved", "Last name": "Svendsen"}).press("Save")
    assert eventually(lambda: badge(mine) == "1", 4)
    press(mine, "1 unread")
    mine.page.get_by_text("1 new in “Saved ones”").click()
    assert eventually(lambda: mine.at == "/organisation/3?tab=persons&search=Saved")
    mine.ready()
    assert mine.column("Name") == ["Saved Svendsen"]


@pytest.mark.card("S13f")
def test_columns_are_remembered_for_the_user(enter):
    tab = enter(1).open("/organisation/1?tab=persons")
    before = tab.headings()
    tab.choose("Content", "Source key")
    assert eventually(lambda: "Source key" in tab.headings())
    time.sleep(0.3)
    again = enter(1).open("/organisation/2?tab=persons")
    assert eventually(lambda: "Source key" in again.headings())
    assert enter(2).open("/organisation/2?tab=persons").says(headings=before)
