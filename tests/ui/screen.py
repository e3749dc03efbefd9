"""What a visitor sees and does: one browser tab, read and worked with as a person would."""

import re

from serving import eventually

#: The list that is open now; short lists on Details have no filters beside them.
ROWS = "section.table tbody tr:not(.skeleton):not(.group):visible"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
#: A page has its content, and no table waits for rows.
READY = """() => document.querySelector('#crm-content.ready') !== null && !(function waits(root) {
    return [...root.querySelectorAll('*')].some(node =>
        node.getAttribute('aria-busy') === 'true' && node.checkVisibility() || node.shadowRoot && waits(node.shadowRoot))
})(document)"""
#: Follows a link inside the application without a page load, as a click on a link of the page does.
FOLLOW = """path => { const a = document.createElement('a'); a.href = path; a.setAttribute('data-nav', '')
    document.body.append(a); a.click(); a.remove() }"""
COUNT = re.compile(r"\s+·\s+([\d,.]+)$")


class Window:
    """A browser profile from which nothing leaves this machine.

    Attributes
    ----------
    troubles : what its pages complained about or were refused.
    """

    def __init__(self, browser, **options):
        self.troubles: list[str] = []
        self.context = browser.new_context(**{"viewport": WIDE, "locale": "en-GB", **options})
        self.context.set_default_timeout(20_000)
        self.context.route("**/*", self._guard)
        self.context.on("page", lambda page: page.on("websocket", lambda it: self._stays(it.url)))
        self.context.on("console", self._said)
        self.context.on("weberror", lambda it: self.troubles.append(f"page error: {it.error}"))
        self.context.on("dialog", self._dialog)

    def _said(self, message):
        if message.type in ("error", "warning"):
            self.troubles.append(f"console {message.type}: {message.text}")

    def _dialog(self, dialog):
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _stays(self, url: str) -> bool:
        stays = re.match(r"(blob:)?(http|ws)://127\.0\.0\.1[:/]|data:", url)
        if not stays:
            self.troubles.append(f"request to {url[:200]}")
        return bool(stays)

    def _guard(self, route):
        if self._stays(route.request.url):
            route.continue_()
        else:
            route.abort()

    def forgive(self, *words: str):
        """Forget troubles that a test brought about on purpose."""
        self.troubles[:] = [it for it in self.troubles if not any(word in it for word in words)]

    def close(self):
        self.context.close()


class Screen:
    """A browser tab on a server."""

    def __init__(self, window: Window, server):
        self.window, self.server = window, server
        self.page = window.context.new_page()

    # -- going places ------------------------------------------------------------------------

    def open(self, path: str = "/"):
        """Load a page anew."""
        self.page.goto(self.server.url + path)
        return self.ready()

    def go(self, path: str):
        """Follow a link within the page; loads it if there is none yet."""
        if not self.page.url.startswith(self.server.url) or not self.page.evaluate(
            "window.Bokeh?.documents?.length"
        ):
            return self.open(path)
        self.page.evaluate("document.querySelector('#crm-lost').hidden || location.reload()")
        self.page.evaluate(FOLLOW, path)
        self.page.locator(".progress.running").wait_for(state="detached")
        return self.ready()

    def ready(self):
        self.page.wait_for_function(READY, timeout=60_000)
        return self

    @property
    def at(self) -> str:
        """Path and query in the address bar; asked for, as `page.url` stands still while a test waits."""
        return self.page.evaluate("location.pathname + location.search")

    # -- reading -----------------------------------------------------------------------------

    def ids(self) -> list[int]:
        """Keys of the records in the list, from top to bottom."""
        return [
            int(id)
            for id in self.page.locator(ROWS).evaluate_all("rows => rows.map(row => row.crmId)")
        ]

    def cells(self) -> list[list[str]]:
        """Texts of the list."""
        return self.page.locator(ROWS).evaluate_all(
            "rows => rows.map(row => [...row.children].filter(cell => !cell.matches('.tick')).map(cell => cell.textContent))")  # fmt: skip

    def column(self, label: str) -> list[str]:
        """Texts of one column."""
        return [row[self.headings().index(label)] for row in self.cells()]

    def headings(self) -> list[str]:
        return self.page.locator("section.table:visible thead th bdi").all_text_contents()

    def count(self) -> str:
        """How many records there are, in words."""
        return self.page.locator(".summary:visible strong").inner_text()

    def sentence(self) -> str:
        """The filters in words."""
        return self.page.locator(".summary:visible .sentence").text_content()

    def says(self, **wanted) -> bool:
        """Whether `at`, `count`, `sentence`, `headings` … come to be what is wanted."""

        def said():
            found = {name: getattr(self, name) for name in wanted}
            return {name: value() if callable(value) else value for name, value in found.items()}

        eventually(lambda: said() == wanted)
        assert said() == wanted, f"{said()} instead of {wanted}"
        return True

    def messages(self) -> list[str]:
        """Title and text of each message above the page."""
        said = self.page.locator(".messages .message .words").all_inner_texts()
        return [re.sub(r"\n+", "\n", words) for words in said]

    def shows(self, ids: list[int]) -> bool:
        """Whether the list comes to show exactly these records in this order."""
        eventually(lambda: self.ids() == ids)
        assert self.ids() == ids, f"{self.ids()} instead of {ids}"
        return True

    # -- filters -----------------------------------------------------------------------------

    def search(self, text: str):
        self.page.locator("input[placeholder=Search]:visible").fill(text)

    def field(self, label: str):
        """The box of a filter."""
        return self.page.get_by_role("combobox", name=label, exact=True).locator("visible=true")

    def offers(self, label: str, wanted: dict[str, int]) -> bool:
        """Whether a filter comes to offer these choices with these numbers of records beside them."""
        self.field(label).click()
        items = self.page.get_by_role("menuitem").locator("visible=true")

        def offered():
            found = {COUNT.sub("", text): COUNT.search(text) for text in items.all_text_contents()}
            return {
                text: int(re.sub(r"\D", "", count[1])) for text, count in found.items() if count
            }

        eventually(lambda: offered() == wanted)
        assert offered() == wanted, f"{offered()} instead of {wanted}"
        self.close_menu()
        return True

    def choose(self, label: str, *values: str):
        """Tick choices of a filter that allows several, or untick those that are ticked."""
        self.field(label).click()
        for value in values:
            wanted = re.compile(rf"^{re.escape(value)}(\s+·\s+[\d,.]+)?$")
            self.page.get_by_role("menuitem").filter(has_text=wanted).locator(
                "visible=true"
            ).click()
        self.close_menu()

    def pick(self, label: str, value: str):
        """Choose from a menu that allows one."""
        self.field(label).click()
        self.page.get_by_role("menuitem", name=value, exact=True).click()

    def close_menu(self):
        self.page.keyboard.press("Escape")
        self.page.locator("[role=presentation].MuiMenu-root, .MuiPopover-root").locator(
            "visible=true"
        ).last.wait_for(state="hidden")
