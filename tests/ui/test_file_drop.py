"""A file dropped on a card in a real browser becomes a tab; what is in it is only text."""

from pathlib import Path

import pytest
from serving import eventually, run_script

FILE = (
    "Kunde;Score;Comment\n"
    "{name};9;<img src=x onerror=window.__xss=1>\n"
    "Nobody <b>Ltd</b>;3;javascript:alert(1)\n"
)
DROP = """([name, text, kinds]) => {
    const data = new DataTransfer()
    data.items.add(new File([text], name, {type: 'text/csv'}))
    for (const kind of kinds) document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}))
}"""


@pytest.fixture(scope="module")
def site(serve, make_world):
    script = Path(__file__).with_name("world.sql").read_text()
    return serve(make_world("dropping", lambda database: run_script(database, script)))


def title(tab):
    return tab.page.locator("h1").first.inner_text()


def drop(tab, name, text, *kinds):
    tab.page.evaluate(DROP, [name, text, kinds or ["dragenter", "dragover", "drop"]])


@pytest.mark.hardening(13, 16)
def test_a_file_is_dropped_looked_at_and_becomes_a_tab(visit, site):
    tab = visit(site)
    tab.open("/organisation/1")
    page, name = tab.page, title(tab)
    veil = page.locator(".veil")
    drop(tab, "x.csv", "", "dragenter")
    veil.wait_for(state="visible")
    drop(tab, "x.csv", "", "dragleave")
    veil.wait_for(state="hidden")

    drop(tab, "NPS <b>2026.csv", FILE.format(name=name))
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("1 of 2 rows find their organisation").wait_for()
    dialog.get_by_text("1 row without organisation is kept too").click()
    assert dialog.locator(".unmatched li bdi").all_inner_texts() == ["Nobody <b>Ltd</b>"]
    assert dialog.locator(".sample td").nth(2).inner_text().startswith("<img src=x")
    dialog.get_by_role("button", name="Add the tab").click()
    dialog.wait_for(state="hidden")
    assert eventually(lambda: "tab=nps" in tab.at)
    assert eventually(lambda: tab.count() == "1 record")
    assert page.evaluate("window.__xss") is None

    page.reload()
    assert eventually(lambda: tab.count() == "1 record")
    page.get_by_role("button", name="Actions").first.click()
    page.get_by_text("Add a tab from a file").click()
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Choose a file").click()
    text = FILE.format(name=name).replace(";9;", ";10;").encode()
    chosen.value.set_files([{"name": "NPS <b>2026.csv", "mimeType": "text/csv", "buffer": text}])
    page.get_by_role("button", name="Update the list").click()
    page.get_by_text("”: 1 changed").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone", exact=True).wait_for()


@pytest.mark.hardening(11, 70)
def test_what_cannot_be_read_is_said_in_the_window(visit, site):
    tab = visit(site)
    tab.open("/organisation/1")
    dialog = tab.page.get_by_role("dialog")
    drop(tab, "a.exe", "MZ")
    dialog.get_by_text("a.exe cannot be read as a table").wait_for()
    drop(tab, "b.xlsx", "no workbook")
    dialog.get_by_role("alert").get_by_text("b.xlsx").wait_for()
    tab.page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")


def test_a_large_file_comes_in_pieces(visit, site):
    tab = visit(site)
    tab.open("/organisation/1")
    name = title(tab)
    rows = "".join(f"K-{n};{name if n % 2 else 'x'};{'y' * 40}\n" for n in range(40_000))
    drop(tab, "large.csv", f"No;Customer;Note\n{rows}")
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_text("20,000 of 40,000 rows find their organisation").wait_for(timeout=60_000)
