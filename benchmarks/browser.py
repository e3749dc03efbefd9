"""What a person waits for: navigation, filter and switch until the rows are on the screen."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks import data
from benchmarks.peers import reading
from benchmarks.sites import SITES, Server
from benchmarks.timing import Samples, ratio
from benchmarks.work import Side

STEPS = {
    "open": "Open a card, nothing cached",
    "again": "Open a card, scripts cached",
    "filter": "Choose a status",
    "switch": "Another organisation in the session",
}
STATUS = "Planned"
#: A page is used when it has come to rest: Bokeh says when, and a second more for all.
AT_REST = "() => !window.Bokeh?.documents?.some(document => !document.is_idle)"
SETTLED = 1000
#: No name is resolved but this machine's, so nothing can be fetched from elsewhere.
ARGUMENTS = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
SCRIPT = """
window.benchmark = {
  start: 0,
  all(selector, root = document) {
    const found = [...root.querySelectorAll(selector)]
    for (const each of root.querySelectorAll("*"))
      if (each.shadowRoot) found.push(...this.all(selector, each.shadowRoot))
    return found
  },
  shown({total, rows, count, expected}) {
    const last = element => (element.textContent.match(/[\\d,]+/g) || []).at(-1)
    const told = this.all(total).some(element => last(element) === expected)
    return told && this.all(rows).length >= count ? performance.now() - this.start : 0
  },
}
addEventListener("pointerdown", () => { window.benchmark.start = performance.now() }, true)
"""


@dataclass(frozen=True)
class Round:
    """Two organisations with more than a page of activities, and how many there are."""

    first: int
    second: int
    total: str
    passing: str
    second_total: str


@dataclass
class Outcome:
    """Of one site: times by step, the server's processor time per page, and the page's weight."""

    name: str
    steps: dict[str, Samples] = field(default_factory=lambda: {s: Samples(s) for s in STEPS})
    cpu: Samples = field(default_factory=lambda: Samples("cpu"))
    requests: int = 0
    megabytes: float = 0.0

    def against(self, other: Outcome, step: str) -> float:
        """How many times as long as `other`: the median over rounds."""
        return ratio(self.steps[step], other.steps[step])


def rounds(path: Path, count: int) -> list[Round]:
    """Organisations that people look at, of those with two pages of planned activities."""
    side = Side(path)
    try:
        drawn = side.organisations.drawn(count * 40)
        full = [id for id in dict.fromkeys(drawn) if _count(side, id, [STATUS]) > reading.ROWS]
        pairs = zip(full[: count * 2 : 2], full[1 : count * 2 : 2], strict=False)
        return [
            Round(a, b, *(f"{_count(side, *args):,}" for args in ((a,), (a, [STATUS]), (b,))))
            for a, b in pairs
        ]
    finally:
        side.close()


def _count(side: Side, id: int, status: list[str] | None = None) -> int:
    records = side.card(id).list("activities")
    records.status = status or []
    return records.count()


def run(path: Path, count: int) -> list[Outcome]:
    """Measure all sites, one after the other in each round.

    Parameters
    ----------
    path : a database that nobody has open; each site gets a copy.
    count : rounds.
    """
    todo = rounds(path, count + 1)
    outcomes = [Outcome(site.name) for site in SITES]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = [
            stack.enter_context(Server(site, data.copy(path, folder, site.name.lower())))
            for site in SITES
        ]
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        for i, each in enumerate(todo):
            for server, outcome in zip(servers, outcomes, strict=True):
                # The first round warms servers up and is forgotten, but for what a page weighs.
                _round(browser, server, each, outcome if i else Outcome("warm-up"))
                if i == 0:
                    outcome.requests, outcome.megabytes = _weight(browser, server, each)
            print(f"\r  round {i} of {count}", end="" if i < count else "\n", flush=True)
        browser.close()
    return outcomes


@contextmanager
def _context(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    context.add_init_script(SCRIPT)
    context.set_default_timeout(60_000)
    try:
        yield context
    finally:
        context.close()


def _round(browser: Any, server: Server, each: Round, outcome: Outcome) -> None:
    site, steps = server.site, outcome.steps
    with _context(browser) as context:
        page = context.new_page()
        cpu = server.cpu_ms()
        page.goto(server.url(each.first, each.second), wait_until="commit")
        steps["open"].ms.append(_wait(page, site, each.total))
        page.wait_for_function(AT_REST)
        page.wait_for_timeout(SETTLED)
        outcome.cpu.ms.append(server.cpu_ms() - cpu)
        site.status(page)
        option = site.option(page, STATUS)
        option.wait_for()
        page.wait_for_timeout(300)
        option.click()
        steps["filter"].ms.append(_wait(page, site, each.passing))
        page.keyboard.press("Escape")
        page.wait_for_timeout(300)
        site.switch(page, each.second)
        steps["switch"].ms.append(_wait(page, site, each.second_total))
        page.close()
        page = context.new_page()
        page.goto(server.url(each.second, each.first), wait_until="commit")
        steps["again"].ms.append(_wait(page, site, each.second_total))


def _wait(page: Any, site: Any, expected: str) -> float:
    """Milliseconds from the navigation or the click to the rows; the page itself takes the time."""
    wanted = {"total": site.total, "rows": site.rows, "count": site.count, "expected": expected}
    found = page.wait_for_function("wanted => window.benchmark.shown(wanted)", arg=wanted)
    return float(found.json_value())


def _weight(browser: Any, server: Server, each: Round) -> tuple[int, float]:
    """Requests and megabytes of a first visit, websocket messages included."""
    sizes: list[int] = []
    with _context(browser) as context:
        page = context.new_page()
        page.on(
            "websocket",
            lambda socket: socket.on("framereceived", lambda text: sizes.append(len(text))),
        )
        page.goto(server.url(each.first, each.second), wait_until="commit")
        _wait(page, server.site, each.total)
        page.wait_for_timeout(1000)
        entries = page.evaluate(
            """() => ["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind))
                .map(entry => entry.transferSize)"""
        )
    return len(entries), (sum(entries) + sum(sizes)) / 1e6
