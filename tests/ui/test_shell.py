"""The app bar and the keyboard on the way from page to page."""

from screen import PHONE
from serving import eventually


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


#: What has the focus, through all shadow roots.
FOCUSED = """() => { let node = document.activeElement
    while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement
    return [node.localName, node.textContent.trim(), node.dataset.tab ?? ''] }"""


def focused(screen):
    return screen.page.evaluate(FOCUSED)


def is_at_heading(screen, title):
    eventually(lambda: focused(screen)[:2] == ["h1", title])
    assert focused(screen)[:2] == ["h1", title]
    return True


def test_the_heading_of_a_new_page_has_the_focus(tab):
    tab.go("/")
    keys = tab.page.keyboard
    keys.press("/")
    keys.type("Nordlys Energi")
    keys.press("Enter")
    assert is_at_heading(tab, "Nordlys Energi AS")
    keys.press("Tab")
    assert focused(tab)[0] == "a"  # a key figure, which comes after the heading
    assert tab.page.locator("main :focus").count()

    tab.go("/?search=energi")
    row = tab.page.get_by_role("link", name="Nordlys Energi AS")
    row.focus()
    keys.press("Enter")
    assert is_at_heading(tab, "Nordlys Energi AS")

    lists(tab).press("Enter")
    keys.press("ArrowDown")
    keys.press("Enter")
    assert is_at_heading(tab, "Organisations")


def test_tabs_of_a_card_are_one_stop_and_keep_the_focus(tab):
    tab.go("/organisation/1")
    page = tab.page
    assert page.get_by_role("tablist", name="Parts of the card").count() == 1
    page.get_by_role("tab", name="Details").focus()
    keys = page.keyboard
    for key, name in (("ArrowRight", "fields"), ("End", "persons"), ("Home", "details"),
                      ("ArrowRight", "fields"), ("ArrowRight", "log")):  # fmt: skip
        keys.press(key)
        assert focused(tab)[2] == name
    keys.press("Shift+Tab")
    keys.press("Tab")
    assert focused(tab)[2] == "details"  # the open one
    keys.press("ArrowRight")
    keys.press("Space")
    assert eventually(lambda: tab.at == "/organisation/1?tab=fields")
    tab.page.locator(".progress.running").wait_for(state="detached")
    assert focused(tab)[2] == "fields"
    assert page.get_by_role("tab", selected=True).inner_text() == "Fields"
    keys.press("Tab")
    assert focused(tab)[2] == ""
