"""The timeline in the browser: filtered, searched, paged, pinned, folded; two people at once."""

import re
from pathlib import Path

import pytest
from screen import PHONE
from serving import eventually, run_script


@pytest.fixture(scope="module")
def site(serve, make_world):
    """A server on a database of our own: pins are counted nowhere else."""
    script = Path(__file__).with_name("world.sql").read_text()
    return serve(make_world("timeline", lambda database: run_script(database, script)))


class Feed:
    """The timeline of a card."""

    def __init__(self, screen, path="/organisation/1"):
        self.screen, self.page = screen.open(path), screen.page
        self.node = self.page.locator("section.timeline:visible")
        self.entries = self.node.locator("li.entry:not(.ghost)")
        assert eventually(lambda: "of" in self.told)

    @property
    def told(self) -> str:
        """What the foot says."""
        return self.node.locator(".told").inner_text()

    @property
    def keys(self) -> list[str]:
        """Kind and id of each entry."""
        return self.entries.evaluate_all("all => all.map(li => li.dataset.key)")

    @property
    def heads(self) -> list[str]:
        return self.node.locator("h3 bdi").all_inner_texts()

    def press(self, name):
        self.node.get_by_role("button", name=name).first.click()

    def show_older(self):
        before = len(self.keys)
        self.press("Show older")
        assert eventually(lambda: len(self.keys) > before)

    def first_fold(self):
        """The first line of changes; what the first page reaches depends on the time of day."""
        line = self.node.locator("button.fold").first
        while not line.count():
            self.show_older()
        return line

    def total(self) -> int:
        """Entries in all; -1 while they are being counted."""
        return int(re.sub(r"\D", "", self.told.split(" of ")[-1]) or -1)

    def pin(self, key):
        entry = self.node.locator(f"li[data-key='{key}']").last
        entry.hover()
        entry.locator(".pin").click()


@pytest.fixture
def feed(visit, site):
    return Feed(visit(site=site))


@pytest.mark.card("L24")
def test_older_entries_are_added_below_until_all_are_shown(feed, site):
    first, total = feed.keys, feed.total()
    feed.press("Show older")
    assert eventually(lambda: len(feed.keys) == len(first) + 20)
    assert feed.keys[: len(first)] == first and len(set(feed.keys)) == len(feed.keys)
    assert eventually(lambda: feed.told == f"Showing {len(first) + 20} of {total:,}")
    feed.node.locator("[data-kind=ticket]").click()
    assert eventually(lambda: 0 <= feed.total() < total)
    while feed.node.get_by_role("button", name="Show older").is_visible():
        feed.show_older()
    assert {key.split()[0] for key in feed.keys} == {"ticket"}


@pytest.mark.card("L24")
def test_kinds_people_and_search_narrow_it_with_exact_numbers(feed, site):
    chips = feed.node.locator(".kind")
    counts = dict(chips.evaluate_all(
        "all => all.map(b => [b.dataset.kind, Number(b.querySelector('.count')?.textContent.replace(/\\D/g, '') || 0)])"))  # fmt: skip
    assert feed.total() == sum(counts.values())
    feed.node.locator("[data-kind=email]").click()
    assert eventually(lambda: feed.total() == counts["email"])
    assert feed.node.locator("[data-kind=email]").get_attribute("aria-pressed") == "true"
    feed.press("Person")
    person = feed.page.locator(".people label:visible").first
    wanted = int(re.sub(r"\D", "", person.locator(".count").inner_text()))
    person.click()
    assert eventually(lambda: feed.total() == wanted)
    feed.page.keyboard.press("Escape")
    search = feed.node.get_by_role("searchbox", name="Search the timeline")
    search.fill("no such text anywhere")
    feed.node.get_by_text("Nothing matches the filters").wait_for()
    feed.node.locator(".empty").get_by_role("button", name="Clear filters").click()
    assert eventually(lambda: feed.total() == sum(counts.values()))
    assert search.input_value() == ""


@pytest.mark.card("L24")
def test_changes_are_folded_and_one_click_away(feed):
    line = feed.first_fold()
    assert re.fullmatch(r"[\d,]+ changes? by .+", line.inner_text())
    line.click()
    minor = feed.node.locator("li.entry.minor")
    minor.first.wait_for()
    assert line.get_attribute("aria-expanded") == "true"
    line.click()
    minor.first.wait_for(state="detached")
    feed.node.get_by_role("switch").check()
    feed.node.locator("button.fold").first.wait_for(state="detached")
    assert eventually(lambda: feed.total() > 0), "counted after the entries are shown"
    total = feed.total()
    feed.node.get_by_role("switch").uncheck()
    assert eventually(lambda: 0 <= feed.total() < total)
    feed.first_fold()


@pytest.mark.card("L24")
def test_a_pin_goes_to_the_top_for_others_too_and_is_undone(visit, site):
    mine, theirs = Feed(visit(site=site)), Feed(visit(site=site))
    key = mine.keys[4]
    mine.pin(key)
    for feed in (mine, theirs):
        assert eventually(lambda: feed.heads[:1] == ["Pinned"])  # noqa: B023
        assert feed.keys[0] == key and feed.keys.count(key) == 1
    focused = "() => { let at = document.activeElement; while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement; return at.closest('li')?.dataset.key }"
    assert mine.page.evaluate(focused) == key, "the focus goes with it"
    mine.page.locator("[role=status]:popover-open").get_by_role("button", name="Undo").click()
    assert eventually(lambda: theirs.heads[0] != "Pinned")
    theirs.pin(key)
    assert eventually(lambda: mine.heads[:1] == ["Pinned"])
    mine.pin(key)
    assert eventually(lambda: theirs.heads[0] != "Pinned")


@pytest.mark.card("L24")
def test_an_entry_opens_its_record_and_keys_move_between_entries(feed):
    titles = feed.node.locator("a.main")
    titles.first.focus()
    feed.page.keyboard.press("ArrowDown")
    feed.page.keyboard.press("ArrowDown")
    third = titles.nth(2)
    assert third.evaluate("node => node === node.getRootNode().activeElement")
    href = third.get_attribute("href")
    feed.page.keyboard.press("Enter")
    assert eventually(lambda: feed.screen.at == href)


@pytest.mark.card("L24")
def test_it_fits_a_phone_and_its_pins_are_in_sight(visit, site):
    feed = Feed(visit(site=site, viewport=PHONE, has_touch=True, is_mobile=True))
    wide = "document.documentElement.scrollWidth - innerWidth"
    assert feed.page.evaluate(wide) <= 0
    pin = feed.entries.first.locator(".pin")
    assert float(pin.evaluate("node => getComputedStyle(node).opacity")) > 0.5
    box = pin.bounding_box()
    assert box["width"] >= 32 and box["height"] >= 32


@pytest.mark.card("L24")
def test_nothing_of_it_is_read_before_details_is_looked_at(visit, site):
    screen = visit(site=site)
    start = len(site.statements())
    screen.open("/organisation/1?tab=orders")
    assert eventually(screen.ids)
    merged = [sql for sql in site.statements(start) if "AS kind" in sql]
    assert merged == []
    screen.page.locator("nav [data-tab=details]").click()
    assert eventually(lambda: [sql for sql in site.statements(start) if "AS kind" in sql])
