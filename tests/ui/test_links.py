"""Links of a card, opened and made as a person does it; what is in the data leads nowhere else."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from screen import PHONE
from serving import eventually, run_script
from test_creating import Making

from crmpanel.entities import REGISTRY
from crmpanel.model.filling import fill
from crmpanel.model.template import parse

HOSTILE = [
    "a&b=c#d?e", "../../x", "..", "/../", "a\\..\\b", "%2e%2e/", "@evil.no", "//evil.no", ":80/", "a\r\nX: y", "javascript:alert(1)",
    "\u202ereversed", "<img src=x onerror=window.__xss=1>", "'\"`{}|^[]", "日本", "😀", " a ", "+ +", ";,=$!*()",
]  # fmt: skip
#: What a browser makes of an address.
READ = """urls => urls.map(url => { const {origin, pathname, search, hash} = new URL(url)
    return {origin, steps: pathname.split('/').map(decodeURIComponent), q: new URLSearchParams(search).getAll('q'), hash: decodeURIComponent(hash)} })"""


class Elsewhere(HTTPServer):
    """A site outside, which keeps what it is asked for."""

    def __init__(self):
        self.asked = []
        super().__init__(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Referer")))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<link rel=icon href=data:,><title>Elsewhere</title>")

    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def elsewhere():
    server = Elsewhere()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def site(serve, make_world, elsewhere):
    """A server on a database of our own, with a link to the site outside."""
    script = Path(__file__).with_name("world.sql").read_text()

    def made(database):
        run_script(database, script)
        with database.load("Test data", "test") as load:
            for id, name in enumerate(HOSTILE, 20):
                load.execute("UPDATE organisation SET name = ? WHERE id = ?", [name, id])
            load.execute(
                "UPDATE organisation SET website = ? WHERE id = 20", ["JavaScript:alert(1)"]
            )
            load.execute(
                "INSERT INTO link (id, name, template, entity, position) VALUES (?, ?, ?, ?, ?)",
                [50, "Elsewhere", elsewhere.url + "/a/{name}?q={name}#{name}", "organisation", 0],
            )

    return serve(make_world("links", made))


class Menu(Making):
    """The menu of links of a card."""

    @property
    def items(self):
        return self.page.locator(".tools .menu:popover-open [role=menuitem]")

    def drop(self):
        self.page.get_by_role("button", name="Links", exact=True).click()
        self.items.first.wait_for()
        return self

    def names(self):
        return [text.split("\n")[0].strip() for text in self.items.all_inner_texts()]

    def item(self, name):
        return self.items.filter(has_text=name)

    def shut(self):
        self.page.keyboard.press("Escape")
        return self


@pytest.mark.card("S1", "L1")
def test_a_link_opens_in_a_new_tab_and_does_not_say_where_from(visit, site, elsewhere):
    screen = visit(site=site)
    menu = Menu(screen).open("/organisation/1")
    name = menu.page.locator("header.head h1").inner_text()
    menu.page.get_by_role("button", name="Links", exact=True).focus()
    menu.page.keyboard.press("ArrowDown")
    menu.items.first.wait_for()
    focused = menu.page.locator(".tools .menu :focus")
    assert eventually(lambda: "Elsewhere" in focused.inner_text())
    assert f"127.0.0.1:{elsewhere.server_port}" in focused.inner_text()
    with screen.window.context.expect_page() as opened:
        menu.page.keyboard.press("Enter")
    tab = opened.value
    assert eventually(lambda: elsewhere.asked)
    assert tab.evaluate("[window.opener, document.referrer]") == [None, ""]
    assert tab.evaluate("decodeURIComponent(location.hash)") == f"#{name}"
    (path, referer), *_ = elsewhere.asked
    assert path.startswith("/a/") and referer is None
    tab.close()
    menu.drop()
    menu.page.keyboard.press("ArrowDown")
    menu.page.keyboard.press("Escape")
    tool = menu.page.get_by_role("button", name="Links", exact=True)
    assert eventually(lambda: tool.evaluate("node => node === node.getRootNode().activeElement"))


@pytest.mark.hardening("14", "15")
def test_what_data_holds_never_leads_elsewhere(visit, site, elsewhere):
    """Read by the browser's own parser, and by following the links."""
    organisation = REGISTRY["organisation"]
    forms = ("https://x.no:8080/a/{name}/b?q={name}#{name}", "https://x.no?q={name}#/{name}")
    screen = visit(site=site)
    menu = Menu(screen).open("/organisation/20")
    for form in forms:
        found = [fill(parse(form), organisation, {"name": name}) for name in HOSTILE]
        usable = [(name.strip(), it.url) for name, it in zip(HOSTILE, found, strict=True) if it.url]
        assert len(usable) >= len(HOSTILE) - 1
        for (name, _), read in zip(
            usable, menu.page.evaluate(READ, [url for _, url in usable]), strict=True
        ):
            assert read["origin"] == form.partition("?")[0].partition("/a")[0]
            assert read["steps"] == (["", "a", name, "b"] if "/a/" in form else ["", ""])
            assert read["q"] == [name] and read["hash"].lstrip("#/") == name.lstrip("#/")
    for id in range(20, 20 + len(HOSTILE)):
        screen.go(f"/organisation/{id}")
        menu.drop()
        hrefs = [it.get_attribute("href") for it in menu.items.all() if it.get_attribute("href")]
        assert all(href.startswith(("https://", elsewhere.url + "/a/", "/")) for href in hrefs)
        assert menu.page.evaluate("window.__xss") is None
        menu.shut()


@pytest.mark.card("L1")
@pytest.mark.hardening("14")
def test_what_cannot_be_followed_is_grey_and_says_why(visit, site):
    menu = Menu(visit(site=site)).open("/organisation/20").drop()
    website = menu.item("Website")
    assert website.get_attribute("aria-disabled") == "true" and not website.get_attribute("href")
    assert "Website is no address that can be opened." in website.inner_text()
    website.click(force=True)
    assert website.is_visible() and len(menu.page.context.pages) == 1
    menu.shut()
    menu.screen.go("/organisation/22")  # its name is ..
    assert "Name is only dots" in menu.drop().item("Elsewhere").inner_text()


@pytest.mark.card("S1", "L1")
def test_a_link_is_made_tried_changed_and_deleted(visit, site):
    """By two people: what one does, the other's menu shows."""
    menu, other = Menu(visit(site=site)), Menu(visit(site=site)).open("/organisation/2")
    menu.open("/organisation/1").drop().item("Add a link").click()
    menu.dialog.wait_for()
    menu.enter({"Name": "ERP"}).input("Address").fill("https://{name}/")
    result = menu.dialog.locator(".trial .result")
    assert eventually(lambda: "host of the link would come from data" in result.inner_text())
    menu.press("Create")
    assert eventually(lambda: "Write the host itself" in menu.problem("Address"))
    menu.input("Address").fill("https://erp.example/")
    menu.dialog.locator(".inserts").get_by_role("button", name="Domain", exact=True).click()
    assert menu.input("Address").input_value() == "https://erp.example/{domain}"
    assert eventually(lambda: "https://erp.example/nordlys.example" in result.inner_text())
    assert menu.dialog.get_by_label("Only for").locator("option").count() == 2
    menu.press("Create").says("Link created")
    menu.drop()
    assert eventually(lambda: "ERP" in menu.names())
    other.drop()
    assert "ERP" in other.names() and "erp.example" in other.item("ERP").inner_text()
    other.shut()
    menu.shut().drop().item("Edit links").click()
    assert menu.screen.ready().says(at="/links")
    row = menu.page.locator("section.table tbody tr").filter(has_text="ERP")
    row.locator("td", has_text="https://erp").dblclick()
    box = menu.page.locator(".cell-edit input")
    box.fill("javascript:alert(1)")
    box.press("Enter")
    assert eventually(lambda: menu.page.locator(".cell-edit .notes").all_inner_texts() != [""])
    box.fill("https://new.example/{domain}")
    box.press("Enter")
    other.drop()
    assert eventually(lambda: "new.example" in other.item("ERP").inner_text())
    other.shut()
    row.get_by_role("link", name="ERP").click()
    menu.page.locator("header.head h1", has_text="ERP").wait_for()
    menu.page.get_by_role("button", name="Actions").click()
    menu.page.get_by_role("menuitem", name="Delete …").click()
    menu.page.locator("dialog[open]").get_by_role("button", name="Delete", exact=True).click()
    other.drop()
    assert eventually(lambda: "ERP" not in other.names())


@pytest.mark.card("S1")
def test_links_on_a_phone(visit, site):
    menu = Menu(visit(site=site, viewport=PHONE, has_touch=True)).open("/person/1").drop()
    for item in menu.items.all():
        box = item.bounding_box()
        assert box["height"] >= 40 and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
    assert menu.names()[0] == "LinkedIn"
    menu.item("Add a link").click()
    menu.dialog.wait_for()
    menu.dialog.locator(".inserts button").first.wait_for()
    assert menu.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
