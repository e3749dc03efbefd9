"""Pictures of importing: the given data sets, brought to an empty database in a browser."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from crmpanel.store import create

#: Beside the repository.
DATA = Path(__file__).parents[2] / "shared" / "data"
LOAD = re.compile(r"^Import [\d,]+ records$")
#: Takes a database, and says where it is served for as long as the block runs.
Serve = Callable[[Path], object]


@contextmanager
def brought(browser: Browser, serve: Serve, folder: str, size: dict[str, int]) -> Iterator[Page]:
    """The Import page, an export looked at but not loaded yet."""
    files = [f for f in sorted((DATA / folder).iterdir()) if f.suffix in (".csv", ".sqlite")]
    csv = [str(f) for f in files if f.suffix == ".csv"]
    with tempfile.TemporaryDirectory() as place:
        create(path := Path(place, "crm.duckdb")).close()
        with serve(path) as address:  # type: ignore[attr-defined]
            page = browser.new_page(viewport=size, color_scheme="light", locale="en-GB")
            page.goto(f"{address}/import")
            with page.expect_file_chooser() as chosen:
                page.get_by_role("button", name="Choose files").click()
            chosen.value.set_files(csv or [str(f) for f in files])
            page.get_by_role("button", name=LOAD).wait_for(timeout=90_000)
            yield page
            page.close()


def load(page: Page) -> None:
    """Import it."""
    page.get_by_role("button", name=LOAD).click()
    page.locator(".done").wait_for(timeout=90_000)


def pictures(
    browser: Browser, serve: Serve, photograph: Callable[..., None], size: dict[str, int]
) -> None:
    """What was understood, corrected, imported, and the card that comes of it."""
    with brought(browser, serve, "salesforce_datacloud", size) as page:
        photograph(page, "import_salesforce")
        load(page)
        page.goto(re.sub("/import.*", "/", page.url))
        page.get_by_role("link", name="Chapman Fowler and Lee").first.click()
        page.get_by_role("heading", name="Chapman Fowler and Lee").wait_for()
        page.locator("[data-tab=activities]").click()
        photograph(page, "import_card")
    with brought(browser, serve, "flat_contacts", size) as page:
        page.locator(".panel.entry button.fold").nth(1).click()
        photograph(page, "import_contacts")
    with brought(browser, serve, "ofbiz", size) as page:
        page.get_by_text("What would be imported").evaluate("it => it.scrollIntoView(true)")
        photograph(page, "import_ofbiz")
    with brought(browser, serve, "northwind", size) as page:
        load(page)
        photograph(page, "import_northwind")
