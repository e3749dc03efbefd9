"""Makes the screenshots of the README: ``make screenshots``.

Serves the demo database on a free port and photographs it in headless Chromium.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from example_mail import example
from import_pictures import DATA, pictures
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.mine import Mine
from crmpanel.controllers.subscriptions import Subscriptions
from crmpanel.model.changeset import Changeset, Create, Update
from crmpanel.store import open_

HERE = Path(__file__).parent
IMAGES = HERE / "images"
DATABASE = HERE.parent / "crm.duckdb"
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}

#: Name of the picture, address, theme, size, text that must be on it.
SHOTS = (
    ("card", "/organisation/1001", "light", WIDE, "Activities"),
    ("card_dark", "/organisation/1001?tab=quotations", "dark", WIDE, "Won"),
    (
        "activities",
        "/organisation/1001?tab=activities&status=Planned&status=Active&period=overdue",
        "light",
        WIDE,
        "overdue",
    ),
    ("report", "/report/quotations?organisation_id=1001&by=level", "light", WIDE, "Won"),
    ("organisations", "/", "light", WIDE, "Trondheim"),
    ("narrow", "/organisation/1001?tab=activities", "light", NARROW, "Activities"),
    ("person", "", "light", WIDE, ""),
    ("timeline", "/organisation/1001", "light", WIDE, "Showing"),
)


@contextlib.contextmanager
def served(database: Path) -> Iterator[str]:
    """The address of a server on `database`, for as long as the block runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "crmpanel.cli", "serve", str(database), "--port", str(port)]
    server = subprocess.Popen(command)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(address)
                break
            time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait()


def photograph(page: Page, name: str, full_page: bool = False) -> None:
    """Save what the page shows, in few colours so that the picture stays small."""
    path = IMAGES / f"{name}.png"
    page.wait_for_timeout(1500)
    page.screenshot(path=path, full_page=full_page)
    # Few pixels are red: by how often they are, they would all become brown.
    few = Image.open(path).convert("RGB").quantize(192, Image.Quantize.MAXCOVERAGE, kmeans=2)
    few.save(path, optimize=True)


def main() -> None:
    """Make all pictures."""
    IMAGES.mkdir(exist_ok=True)
    with served(DATABASE) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        for name, path, theme, size, text in SHOTS:
            page = browser.new_page(viewport=size, color_scheme=theme, locale="en-GB")
            if name == "person":
                page.goto(f"{address}/organisation/1001?tab=persons")
                link = page.locator("td.primary a").first
                whose = link.inner_text()
                link.click()
                page.get_by_role("heading", name=whose).wait_for()
            else:
                page.goto(address + path)
                page.get_by_text(text).locator("visible=true").first.wait_for()
            if name == "timeline":
                page.locator("button.fold").first.click()
                page.locator("section.timeline").evaluate("it => it.scrollIntoView(true)")
            photograph(page, name)
            page.close()
        browser.close()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(DATABASE, folder))
        remember(copy)
        with served(copy) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
            news(browser, address)
            tour(browser, address)
            mail(browser, folder)
            browser.close()
    if DATA.is_dir():
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
            pictures(browser, served, photograph, WIDE)
            browser.close()


def remember(path: Path) -> None:
    """User 1 was on a card the day before yesterday, and subscribes to it."""
    then = dt.datetime.now() - dt.timedelta(days=2)
    with open_(path) as database:
        desk = Desk(database, "", clock=lambda: then).working_as(1)
        Mine(desk).visit("organisation", 1001)
        Subscriptions(desk).subscribe("organisation", 1001)
        parts = (
            (Update("organisation", 1001, {"phone": "+47 77 64 10 00", "status": "Key account"}),),
            (Create("activity", {"subject": "Befaring på verkstedet", "organisation_id": 1001}),),
        )
        for number, part in enumerate(parts, 2):
            database.apply(Changeset(part, user=number))


def news(browser: Browser, address: str) -> None:
    """Pictures of what others changed."""
    page = visit(browser, address, 1)
    page.goto(f"{address}/organisation/1001")
    page.locator(".since:visible").wait_for()
    photograph(page, "since_visit")
    page.get_by_role("button", name="unread notifications").click()
    page.locator(".app-panel .news li").first.wait_for()
    photograph(page, "notifications")
    page.context.close()


def mail(browser: Browser, folder: str) -> None:
    """A picture of a digest as a mail program shows it."""
    message = example(Path(shutil.copy(DATABASE, Path(folder) / "mail.duckdb")))
    page = browser.new_page(viewport={"width": 760, "height": 600})
    page.set_content(message.get_body(("html",)).get_content())
    photograph(page, "mail", full_page=True)


def tour(browser: Browser, address: str) -> None:
    """Pictures of changing records."""
    first, second = (visit(browser, address, user) for user in (1, 2))
    for page in (first, second):
        page.goto(f"{address}/organisation/1001?tab=fields")
        field(page, "City").get_by_role("button", name="Edit City").click()
    field(second, "City").get_by_role("textbox").fill("Alta")
    field(first, "City").get_by_role("textbox").fill("Narvik")
    field(first, "Postcode").get_by_role("button", name="Edit Postcode").click()
    field(first, "Postcode").get_by_role("textbox").fill("8514")
    first.keyboard.press("Enter")
    first.locator(".bar .count:visible").get_by_text("Saved 2 changes").wait_for()
    second.keyboard.press("Enter")
    second.get_by_role("button", name="Keep theirs").first.wait_for()
    photograph(first, "two_first")
    photograph(second, "two_second")
    second.close()
    first.goto(f"{address}/organisation/1001?tab=log")
    first.locator("tr.group").first.wait_for()
    photograph(first, "log")
    first.get_by_role("button", name="Actions").click()
    first.get_by_role("menuitem", name="Merge").click()
    first.get_by_role("searchbox").last.fill("nordlys")
    first.locator(".found button").first.click()
    first.locator("table.sides").wait_for()
    photograph(first, "merge")
    first.goto(f"{address}/organisation/1001?tab=activities&status=Planned&period=overdue")
    first.locator("th.tick:visible").click()
    first.get_by_role("button", name="Mass edit").click()
    window = first.get_by_role("dialog").filter(visible=True)
    window.get_by_role("combobox").first.select_option(label="Date")
    window.get_by_role("combobox").nth(1).select_option(index=2)
    window.get_by_role("textbox").or_(window.get_by_role("spinbutton")).last.fill("7")
    window.get_by_role("button", name="Preview").click()
    window.locator("table").first.wait_for()
    photograph(first, "mass_edit")
    first.goto(f"{address}/organisation/1001?as_of=2025-06-01")
    first.get_by_text("As it was on").wait_for()
    first.locator(".facts dd").first.get_by_text("…").wait_for(state="detached")
    photograph(first, "past")

    links(first, address)


def links(page: Page, address: str) -> None:
    """Pictures of the links of a card, and of a new one."""
    page.goto(f"{address}/organisation/1001")
    page.get_by_role("button", name="Links", exact=True).click()
    photograph(page, "links")
    page.get_by_role("menuitem", name="Add a link").click()
    window = page.locator("dialog[open]")
    window.get_by_label("Name").first.fill("ERP")
    window.get_by_label("Address", exact=False).first.fill("https://erp.example/customers/")
    window.get_by_role("button", name="ERP customer number").click()
    photograph(page, "link_new")


def visit(browser: Browser, address: str, user: int) -> Page:
    """A page of somebody who works as one of the users."""
    context = browser.new_context(viewport=WIDE, color_scheme="light", locale="en-GB")
    context.add_cookies([{"name": "crm-user", "value": str(user), "url": address}])
    return context.new_page()


def field(page: Page, label: str) -> Locator:
    """A field of the Fields tab."""
    name = page.get_by_text(label, exact=True)
    return page.locator(".editor.grid [data-field]").filter(has=name)


if __name__ == "__main__":
    main()
