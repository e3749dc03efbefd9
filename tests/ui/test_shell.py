"""The app bar and the keyboard on the way from page to page."""

from screen import PHONE


def lists(screen):
    return screen.page.get_by_role("button", name="Lists", exact=True)


def offered(screen):
    return screen.page.get_by_role("dialog", name="Lists").get_by_role("link")


def test_lists_across_organisations_are_in_the_app_bar(tab):
    tab.go("/")
    lists(tab).click()
    names = offered(tab).all_inner_texts()
    assert names[:2] == ["Organisations", "Activities"]
    assert {"Orders", "Persons", "Quotations", "Support tickets"} < set(names)
    assert names[-2:] == ["Deleted records", "Log"]
    offered(tab).filter(has_text="Support tickets").click()
    tab.page.get_by_role("heading", name="Support tickets", level=1).wait_for()
    assert tab.at == "/tickets"
    assert not offered(tab).count()
    lists(tab).click()
    current = tab.page.get_by_role("dialog", name="Lists").locator("[aria-current=page]")
    assert current.all_inner_texts() == ["Support tickets"]
    tab.page.keyboard.press("Escape")


def test_lists_are_reached_with_the_keyboard(tab):
    tab.go("/")
    lists(tab).focus()
    keys = tab.page.keyboard
    keys.press("Enter")
    keys.press("Escape")
    assert not offered(tab).count()
    assert lists(tab).evaluate("node => node === node.getRootNode().activeElement")
    for key in ("Enter", "ArrowDown", "ArrowDown", "Enter"):
        keys.press(key)
    tab.page.get_by_role("heading", name="Activities", level=1).wait_for()
    assert tab.at == "/activities"


def test_lists_have_room_on_a_phone(visit):
    phone = visit(viewport=PHONE, has_touch=True, color_scheme="dark").open("/")
    lists(phone).click()
    box = phone.page.get_by_role("dialog", name="Lists").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
    assert lists(phone).bounding_box()["width"] < 48
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    bar = phone.page.locator(".appbar")
    assert bar.evaluate("node => node.scrollWidth <= node.clientWidth")
