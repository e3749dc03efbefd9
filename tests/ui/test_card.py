"""The card of an organisation: tabs, numbers, side panel, Details, Fields and Log."""

import re

import pytest
from serving import eventually

TABLES = {
    "Log": "change", "Documents": "document", "Email": "email", "Activities": "activity", "Quotations": "quotation",
    "Orders": "order", "Support tickets": "ticket", "Products": "product", "Quotation lines": "quotation_line",
    "Meetings": "meeting", "Persons": "person",
}  # fmt: skip
LABELS = ["Details", "Fields", *TABLES]


@pytest.fixture
def card(tab):
    return tab.go("/organisation/1")


def tabs(card) -> list[tuple[str, str]]:
    """Label and count of each tab."""
    links = card.page.locator("nav[aria-label^='Parts of the card'] [data-tab]")
    return links.evaluate_all("all => all.map(a => [a.querySelector('bdi').textContent,"
                              " a.querySelector('.count')?.textContent ?? ''])")  # fmt: skip


def open_tab(card, label: str):
    card.page.get_by_role("tab", name=re.compile(rf"^{label}( [\d,]+)?$")).click()
    card.page.locator("nav [aria-selected=true]").get_by_text(label, exact=True).wait_for()
    card.page.locator(".progress.running").wait_for(state="detached")


@pytest.mark.card("S6")
def test_the_card_has_thirteen_tabs_with_the_number_of_their_records(card, world):
    counts = [
        world.one(f'SELECT count(*) FROM "{table}" WHERE organisation_id = 1')
        for table in TABLES.values()
    ]
    wanted = [
        ["Details", ""],
        ["Fields", ""],
        *([label, str(n)] for label, n in zip(TABLES, counts, strict=True)),
    ]
    assert eventually(lambda: tabs(card) == wanted), tabs(card)


@pytest.mark.card("S6")
def test_each_tab_is_a_page_of_its_own_and_asks_for_its_records_only_when_first_opened(
    visit, world
):
    card = visit(shared=True).go("/organisation/2").go("/organisation/1")
    for label, table in TABLES.items():
        asked = re.compile(rf'FROM "{table}" AS r .*LIMIT \? OFFSET', re.DOTALL)
        start = len(card.server.statements())
        for turn in ("first", "second"):
            open_tab(card, label)
            rows = min(50, world.one(f'SELECT count(*) FROM "{table}" WHERE organisation_id = 1'))
            assert eventually(lambda: len(card.ids()) == rows)  # noqa: B023
            found = [sql for sql in card.server.statements(start) if asked.search(sql)]
            assert len(found) == 1, f"{label} opened for the {turn} time: {found}"
            open_tab(card, "Fields")


@pytest.mark.card("S6")
def test_opening_a_card_reads_no_list_but_those_of_details_and_the_links(visit):
    card = visit(shared=True).go("/organisation/2")
    start = len(card.server.statements())
    card.go("/organisation/1")
    eventually(lambda: any("count(*)" in sql for sql in card.server.statements(start)))
    listed = {name for sql in card.server.statements(start) if "OFFSET" in sql
              for name in re.findall(r'FROM "(\w+)" AS r', sql)}  # fmt: skip
    assert listed == {"activity", "quotation", "person", "document", "change", "link"}


@pytest.mark.card("S6")
def test_every_tab_opens_from_its_own_address_and_keeps_its_state_meanwhile(card):
    open_tab(card, "Activities")
    card.choose("Status", "Planned")
    assert eventually(lambda: card.at == "/organisation/1?tab=activities&status=Planned")
    open_tab(card, "Orders")
    assert card.at == "/organisation/1?tab=orders"
    open_tab(card, "Activities")
    assert card.at == "/organisation/1?tab=activities&status=Planned"
    assert eventually(lambda: card.sentence() == "activities where status is Planned")


@pytest.mark.card("S8")
def test_the_side_panel_stays_on_every_tab_and_folds_for_good(visit):
    card = visit().open("/organisation/1")
    side, fold = (
        card.page.locator("dd").get_by_text("Strandgata 1").last,
        card.page.get_by_role("button", name="Information"),
    )
    for label in ("Fields", "Orders", "Details"):
        open_tab(card, label)
        assert side.is_visible()
    for text in ("8006", "Bodø", "+47 75 54 32 10", "Anna Berg", "Åse Holm", "Customer", "Active"):
        assert card.page.get_by_role("definition").filter(has_text=text).first.is_visible()
    width = card.page.locator("nav [data-tab=details]").evaluate(
        "() => document.querySelector('#main').scrollWidth"
    )
    fold.click()
    side.wait_for(state="hidden")
    assert fold.get_attribute("aria-expanded") == "false"
    card.open("/organisation/1?tab=orders")
    assert not side.is_visible()
    table = card.page.locator("section.table:visible").bounding_box()
    assert table["width"] > width - 140, "the list takes the room"
    fold.click()
    side.wait_for(state="visible")


@pytest.mark.card("S7")
def test_details_has_the_lists_and_what_is_known_about_the_company(card, world):
    sections = card.page.locator("header.section-head")
    assert eventually(
        lambda: sections.locator(".count").all_inner_texts() == ["230", "64", "60", "58", "90"]
    )
    assert sections.locator("h2").all_inner_texts() == [
        "Activities",
        "Quotations",
        "Persons",
        "Documents",
        "Log",
    ]
    orders = {
        "activity": "date DESC",
        "quotation": "date DESC",
        "person": "lower(name)",
        "document": "uploaded DESC",
    }
    tables = card.page.locator("section.table:visible")
    for at, (table, order) in enumerate(orders.items()):
        way = "DESC" if "DESC" in order else ""
        wanted = world.column(
            f'SELECT id FROM "{table}" WHERE organisation_id = 1 ORDER BY {order}, id {way} LIMIT 5'
        )
        shown = (
            tables.nth(at)
            .locator("tbody tr")
            .evaluate_all("rows => rows.map(row => Number(row.crmId))")
        )
        assert shown == wanted, table
    about = card.page.locator(".panels.wide")
    assert "Has two power stations." in about.inner_text()
    assert "NOK 98,500,000.00" in about.inner_text().replace("\xa0", " ").replace("NOK9", "NOK 9")


@pytest.mark.card("S7")
def test_show_all_leads_to_the_whole_list(card, world):
    card.page.get_by_role("link", name="Show all").nth(1).click()
    assert card.shows(
        world.column(
            "SELECT id FROM quotation WHERE organisation_id = 1 ORDER BY date DESC, id DESC"
        )[:50]
    )
    assert card.at == "/organisation/1?tab=quotations"


@pytest.mark.card("S9")
def test_fields_are_grouped_and_those_of_the_erp_are_marked(card):
    open_tab(card, "Fields")
    panels = card.page.locator(".panels.grid section")
    titles = panels.locator("h3").all_inner_texts()
    assert titles[0] == "General"
    assert {"Address and contact", "Company", "ERP", "System"} <= set(titles)
    erp = panels.filter(has=card.page.get_by_role("heading", name="ERP", exact=True))
    assert "ERP-77" in erp.inner_text()
    assert erp.locator("dt").filter(has_text="⟲").count() == erp.locator("dt").count() == 3
    assert erp.locator("dd").first.get_attribute("title").startswith("Comes from the ERP system")
    assert "NO 987 654 321 MVA" in panels.filter(has_text="VAT number").inner_text()


@pytest.mark.card("S10")
def test_the_log_tells_what_changed_from_what_to_what(card, world):
    open_tab(card, "Log")
    assert eventually(card.cells)
    rows = [dict(zip(card.headings(), cells, strict=True)) for cells in card.cells()]
    row = next(row for row in rows if row["Action"] == "changed")
    newest = "SELECT subject, old_value, new_value FROM change WHERE organisation_id = 1 AND action = 'update' ORDER BY \"at\" DESC, id DESC LIMIT 1"
    assert (row["Record"], row["From"], row["To"]) == world.rows(newest)[0]
    assert row["Kind"] in ("Organisation", "Person", "Quotation")
    assert row["Field"] in ("Name", "Status", "Value")
    card.page.locator("section.table:visible a.open").first.click()
    assert eventually(lambda: not card.at.endswith("tab=log"))
    assert re.match(r"/(organisation|person|quotation)/\d+$", card.at)


@pytest.mark.card("S6")
@pytest.mark.parametrize(("label", "records"), [
    ("Open activities", 'FROM activity WHERE organisation_id = 1 AND (status IS NULL OR status <> \'Completed\')'),
    ("Overdue", "FROM activity WHERE organisation_id = 1 AND (status IS NULL OR status <> 'Completed') AND date < now()::TIMESTAMP"),
    ("Open tickets", "FROM ticket WHERE organisation_id = 1 AND status <> 'Closed'"),
])  # fmt: skip
def test_a_figure_leads_to_the_records_it_counts(card, world, label, records):
    figure = (
        card.page.locator("dl.facts div")
        .filter(has=card.page.get_by_text(label, exact=True))
        .locator("dd")
    )
    number = str(world.one(f"SELECT count(*) {records}"))
    assert eventually(lambda: figure.inner_text() == number), figure.inner_text()
    figure.locator("a").click()
    assert eventually(lambda: card.count().split(" of ")[-1].split()[0] == number), card.count()


def test_the_head_says_who_this_is(card):
    assert card.page.get_by_role("heading", level=1).inner_text() == "Nordlys Energi AS"
    assert card.page.locator("header.head .chip").all_inner_texts() == ["Customer", "Active"]
    assert card.page.locator("header.head .subtitle").inner_text() == "Nordvest · Bodø · Norway"
    assert card.messages() == ["Note\nPays late"]
