"""The card in a cell of a real JupyterLab: offline, both ways, and silent in the console."""

import datetime as dt
import re

import pytest

pytest.importorskip("jupyterlab")
from lab import Lab, Notebook
from playwright.sync_api import expect
from serving import World, eventually

# The first test waits for JupyterLab to start.
pytestmark = pytest.mark.timeout(300)
CONNECT = "import crmpanel\nws = crmpanel.connect('crm.duckdb')"
CARD = "card = ws.organisation({key!r})\ncard"
ROWS = "section.table:visible tbody tr:not(.skeleton)"
#: Café Solberg gets as many orders as make two pages.
ORDERS = [
    dict(id=100 + n, organisation_id=3, number=f"N-{n:03}", description=f"Beans {n}", value=n,
         currency="SEK", status="Completed" if n % 3 else "OnGoing",
         date=dt.date(2025, 1, 1) + dt.timedelta(days=n), responsible_id=1 + n % 3)
    for n in range(60)
]  # fmt: skip


@pytest.fixture(scope="module")
def lab(tmp_path_factory, fill_crm, insert_records):
    def fill(database):
        fill_crm(database)
        with database.load("More orders", "test") as load:
            insert_records(load, "order", ORDERS)

    folder = tmp_path_factory.mktemp("lab")
    World(folder, fill)
    started = Lab(folder)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def opened(lab, chromium):
    expect.set_options(timeout=30_000)
    notebook = Notebook(lab, chromium, "card.ipynb", CONNECT)
    notebook.run(0)
    yield notebook
    notebook.close()


@pytest.fixture
def notebook(opened):
    """The notebook that all tests share; whatever its page complains about fails the test."""
    yield opened
    troubles, opened.troubles = opened.troubles, []
    assert not troubles


def show(notebook, code):
    """What a cell displays, with its rows."""
    output = notebook.say(code)
    expect(output.locator(ROWS).first).to_be_visible(timeout=30_000)
    notebook.settled(output)
    return output


def cells(output, at):
    """The texts of a column of the table that is shown."""
    return [row.locator("td:not(.tick)").nth(at).inner_text() for row in output.locator(ROWS).all()]


def open_tab(notebook, output, label):
    output.locator("nav button", has_text=label).first.click()
    expect(output.locator("input[placeholder=Search]:visible")).to_be_visible()
    notebook.settled(output)


def choose(notebook, output, label, *values):
    """Tick choices of a filter."""
    output.get_by_role("combobox", name=label, exact=True).locator("visible=true").click()
    for value in values:
        output.get_by_role("menuitem").filter(has_text=value).locator("visible=true").click()
    # JupyterLab keeps Escape to itself, so a reader goes on to something else in the card.
    output.locator("input[placeholder=Search]:visible").click(force=True)
    expect(output.get_by_role("menuitem").locator("visible=true")).to_have_count(0)


def test_a_cell_shows_the_card(notebook, records):
    card = show(notebook, CARD.format(key="SRC-1"))
    expect(card.get_by_role("heading", name="Nordlys AS")).to_be_visible()
    for label, entity in {
        "Activities": "activity",
        "Quotations": "quotation",
        "Persons": "person",
    }.items():
        count = sum(record.get("organisation_id") == 1 for record in records[entity])
        expect(card.locator("nav button", has_text=label).first).to_have_text(f"{label}{count}")
    expect(card.get_by_text("+47 55 12 34 56")).to_be_visible()
    expect(card.get_by_text("Kari Vik").first).to_be_visible()
    open_tab(notebook, card, "Quotations")
    assert sorted(cells(card, 0)) == ["Q-1", "Q-2", "Q-3"]
    expect(card.get_by_text("Kari Vik").locator("visible=true")).to_have_count(0)
    assert notebook.value("card.tab") == "quotations"


def test_a_card_whose_reads_are_slow_comes_complete(notebook):
    """What followed a cell too soon was lost: rows never came, numbers were missing."""
    slow = "lambda self, query: (time.sleep(0.2), records(self, query))[1]"
    notebook.say(
        f"import time\nrecords = type(ws.database).records\ntype(ws.database).records = {slow}"
    )
    card = show(notebook, CARD.format(key="SRC-1"))
    notebook.say("type(ws.database).records = records")
    expect(card.locator("section.timeline .told")).to_contain_text("Showing")
    expect(card.locator("section.timeline [data-kind=email] .count")).to_have_text("2")


def test_code_narrows_the_card(notebook, records):
    mine = [record for record in records["activity"] if record.get("organisation_id") == 1]
    planned = [record for record in mine if record.get("status") == "Planned"]
    card = show(notebook, CARD.format(key="SRC-1"))
    notebook.say("card.tab = 'activities'; card.activities.status = ['Planned']")
    expect(card.locator(".summary strong:visible")).to_have_text(f"{len(planned)} records")
    assert set(cells(card, 3)) == {"Planned"}
    expect(card.locator(".summary .sentence:visible")).to_have_text(
        "activities where status is Planned"
    )
    notebook.say("card.activities.search = 'offer'")
    expect(card.locator(".summary strong:visible")).to_have_text("1 record")
    expect(card.locator("input[placeholder=Search]:visible")).to_have_value("offer")
    notebook.say("card.activities.clear()")
    expect(card.locator(".summary strong:visible")).to_have_text(f"{len(mine)} records")


def test_the_card_narrows_what_code_gets(notebook):
    card = show(notebook, CARD.format(key="17"))
    open_tab(notebook, card, "Orders")
    assert notebook.value("card.orders.count()") == 60
    card.locator("input[placeholder=Search]:visible").press_sequentially("N-01", delay=30)
    expect(card.locator(".summary strong:visible")).to_have_text("10 records")
    choose(notebook, card, "Status", "OnGoing")
    expect(card.locator(".summary strong:visible")).to_have_text("3 records")
    numbers = ["N-018", "N-015", "N-012"]
    assert cells(card, 0) == numbers
    assert notebook.value("[card.orders.search, card.orders.status, card.orders.count()]") == [
        "N-01",
        ["OnGoing"],
        3,
    ]
    assert notebook.value("list(card.orders.df()['number'])") == numbers
    assert notebook.value("[row[1] for row in card.orders.relation().fetchall()]") == numbers
    assert notebook.value("ws.database.path.exists() and 'OnGoing' in card.orders.sql")
    card.get_by_role("button", name="Clear filters").locator("visible=true").click()
    expect(card.locator(".summary strong:visible")).to_contain_text("60")
    assert notebook.value("card.orders.count()") == 60


def test_sorting_and_pages(notebook):
    card = show(notebook, CARD.format(key="17"))
    open_tab(notebook, card, "Orders")
    card.locator("th button", has_text="Number").locator("visible=true").click()
    expect(card.locator(ROWS).first).to_contain_text("N-000")
    assert notebook.value("card.orders.sort") == ["number"], "one click is one event"
    card.get_by_role("button", name=re.compile("page 2$")).click()
    expect(card.locator(ROWS)).to_have_count(10)
    assert notebook.value("card.orders.page") == 2


def test_a_record_opens_in_place(notebook):
    card = show(notebook, CARD.format(key="SRC-1"))
    card.get_by_role("button", name="Kari Vik").locator("visible=true").first.click()
    expect(card.get_by_role("heading", name="Kari Vik")).to_be_visible()
    expect(card.get_by_text("+47 55 12 34 56")).to_be_hidden()  # its side panel makes room
    card.get_by_role("button", name="Back").click()
    expect(card.get_by_role("heading", name="Kari Vik")).to_be_hidden()
    expect(card.get_by_text("+47 55 12 34 56")).to_be_visible()


def test_the_report_opens_in_place(notebook):
    card = show(notebook, CARD.format(key="17"))
    open_tab(notebook, card, "Orders")
    card.get_by_role("button", name="Report").locator("visible=true").click()
    expect(card.locator("canvas").first).to_be_visible()
    expect(card.locator(ROWS)).to_have_count(2)
    assert sorted(cells(card, 0)) == ["Completed", "OnGoing"]
    card.get_by_role("button", name="Back").click()
    expect(card.locator("input[placeholder=Search]:visible")).to_be_visible()


def test_lists_and_reports_stand_alone(notebook):
    notebook.say("card = ws.organisation('17')")
    orders = show(notebook, "card.orders")
    expect(orders.locator(".summary strong:visible")).to_contain_text("60")
    orders.get_by_role("button", name="Beans 59").click()
    expect(orders.get_by_role("heading", name="Beans 59")).to_be_visible()
    everything = show(notebook, "ws.list('organisations')")
    expect(everything.locator(ROWS)).to_have_count(6)
    everything.get_by_role("button", name="Café Solberg").click()
    expect(everything.get_by_role("heading", name="Café Solberg")).to_be_visible()
    report = show(notebook, "ws.report('orders', by='responsible_id')")
    expect(report.locator(ROWS).first).to_contain_text("Kari Nordmann")


def test_a_list_shown_twice_is_one_list(notebook):
    card = show(notebook, CARD.format(key="17"))
    open_tab(notebook, card, "Orders")
    alone = show(notebook, "card.orders")
    alone.locator("input[placeholder=Search]:visible").fill("N-05")
    expect(alone.locator(ROWS)).to_have_count(10)
    expect(card.locator(ROWS)).to_have_count(10)


def test_clicks_wait_for_the_cell_that_runs(notebook):
    """They are handled where cells run, never beside it in another thread."""
    card = show(notebook, CARD.format(key="17"))
    open_tab(notebook, card, "Orders")
    notebook.say(
        "import threading\nthreads = set()\ncard.orders.param.watch(lambda e: threads.add(threading.current_thread().name), ['search', 'page'])"
    )
    card.locator("input[placeholder=Search]:visible").fill("N-05")
    expect(card.locator(ROWS)).to_have_count(10)
    assert notebook.value("sorted(threads)") == ["MainThread"]


def test_hostile_texts_are_only_texts(notebook, hostile):
    card = notebook.say("ws.organisation(4)")
    expect(card.get_by_role("heading", name="<img src=x")).to_be_visible()
    assert card.locator("img").count() == 0


def test_the_theme_of_jupyterlab_is_the_theme_of_the_card(notebook):
    card = show(notebook, CARD.format(key="17"))
    open_tab(notebook, card, "Orders")
    table, field = (
        card.locator("section.table:visible"),
        card.locator("input[placeholder=Search]:visible"),
    )
    colour = "node => getComputedStyle(node).color"
    light = table.evaluate(colour), field.evaluate(colour)
    change = "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})"
    notebook.page.evaluate(change, "JupyterLab Dark")
    assert eventually(
        lambda: (
            brightness(table.evaluate(colour)) > 150 and brightness(field.evaluate(colour)) > 150
        )
    )
    notebook.page.evaluate(change, "JupyterLab Light")
    assert eventually(lambda: (table.evaluate(colour), field.evaluate(colour)) == light)


def brightness(colour):
    return sum(map(int, re.findall(r"\d+", colour)[:3])) / 3


def test_the_saved_notebook_stays_small(notebook, lab):
    """A list alone would be 12 MB if each of its widgets carried the text of its script."""
    notebook.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    assert eventually(lambda: (lab.folder / "card.ipynb").stat().st_size > 1_000_000)
    shown = notebook.page.locator(".jp-Notebook .jp-CodeCell .jp-OutputArea [data-root-id]").count()
    assert shown >= 8 and (lab.folder / "card.ipynb").stat().st_size < (3 + shown) * 1_000_000
