"""The Import page in a browser: brought, understood, corrected, looked at, loaded, undone."""

import json
import re
import zipfile
from pathlib import Path

import pytest
from forms import Form
from screen import PHONE
from serving import eventually

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def site(serve, make_world):
    """A server on an empty database of our own."""
    return serve(make_world("import", lambda database: None))


class Page:
    """The Import page in a window of its own."""

    def __init__(self, screen):
        self.screen, self.page = screen.open("/import"), screen.page

    def bring(self, *files):
        self.choose("Choose files", *files)
        return self

    def choose(self, button, *files):
        """Files by way of a button, as a person does."""
        with self.page.expect_file_chooser() as chosen:
            self.page.get_by_role("button", name=button, exact=True).click()
        chosen.value.set_files([str(file) for file in files])

    def seen(self):
        """The preview is there."""
        self.page.get_by_role("button", name=re.compile(r"^Import [\d,]+ records?$")).wait_for()
        return self

    def counts(self):
        """The table of counts: by list, by heading."""
        rows = self.page.locator(".counts:visible tr").evaluate_all(
            "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
        )
        return {row[0]: dict(zip(rows[0][1:], row[1:], strict=True)) for row in rows[1:]}

    def open_table(self, entity):
        """Unfold the table that becomes records of an entity."""
        tables = self.page.locator(".panel.entry")
        for at in range(tables.count()):
            chosen = (
                tables.nth(at).locator(".top select").evaluate("it => it.selectedOptions[0].text")
            )
            if chosen == entity:
                fold = tables.nth(at).locator("button.fold")
                if fold.get_attribute("aria-expanded") == "false":
                    fold.click()
                return tables.nth(at)
        raise AssertionError(f"no table becomes {entity}")

    def load(self):
        self.page.get_by_role("button", name=re.compile(r"^Import [\d,]+ records?$")).click()
        self.page.locator(".done").wait_for()
        return self

    @property
    def done(self):
        return self.page.locator(".done h2").inner_text()

    def error(self):
        self.page.locator(".message.tone-danger").wait_for()
        return self.page.locator(".message.tone-danger .words").inner_text()


@pytest.fixture
def importing(visit, site):
    return lambda **options: Page(visit(site=site, **options))


@pytest.fixture
def salesforce(tmp_path):
    path = tmp_path / "salesforce.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted((SHARED / "salesforce_datacloud").glob("*.csv")):
            archive.write(file, f"export/{file.name}")
    return path


def test_a_zip_of_salesforce_is_recognised_loaded_seen_by_others_and_undone(
    importing, visit, site, salesforce
):
    other = visit(site=site).open("/persons")
    mine = importing().bring(salesforce).seen()
    assert "Salesforce" in mine.page.locator(".step h2").first.inner_text()
    assert mine.counts()["Persons"] == {
        "Rows": "102",
        "New": "102",
        "Unlinked": "84",
        "Rejected rows": "0",
    }
    contact = mine.open_table("Persons")
    assert "of 18 rows (100.0 %) match Account.Id" in contact.inner_text()
    mine.page.get_by_role("button", name="Persons", exact=True).click()
    mine.page.get_by_role("heading", name="Persons, as they will look").wait_for()
    assert mine.load().done == "291 records imported"
    assert eventually(lambda: "102" in other.count())  # without a reload
    mine.page.get_by_role("link", name="84 persons without organisation").click()
    mine.screen.ready()
    assert mine.screen.at == "/persons?unlinked=1"
    assert eventually(lambda: "84" in mine.screen.count())
    mine.page.go_back()
    mine.page.locator(".done").wait_for()  # what was there is there
    mine.page.get_by_role("button", name="Undo the import").click()
    assert eventually(lambda: mine.done == "The import was undone")
    assert eventually(lambda: not other.ids())


def test_a_flat_list_is_corrected_by_keyboard(importing):
    mine = importing().bring(SHARED / "flat_contacts" / "contacts.csv").seen()
    assert mine.counts()["Organisations"]["New"] == "55"
    persons = mine.open_table("Persons")
    gender = persons.get_by_role("combobox", name="What gender becomes")
    assert gender.input_value() == "+"
    gender.focus()
    mine.page.keyboard.type("Leave", delay=150)  # passes "Last name" on its way
    look = mine.page.get_by_role("button", name="Look what would change")
    look.wait_for()
    assert gender.input_value() == ""
    focused = "() => { let it = document.activeElement; while (it?.shadowRoot) it = it.shadowRoot.activeElement; return it?.getAttribute('aria-label') }"
    assert mine.page.evaluate(focused) == "What gender becomes"
    assert "changed since" in mine.page.locator(".step.stale header").inner_text()
    look.click()
    mine.seen().load()
    page = mine.screen.open("/persons").page
    page.locator("td.primary a").first.click()
    page.wait_for_url("**/person/*")
    page.get_by_role("tab", name="Fields").or_(page.locator("[data-tab=fields]")).first.click()
    assert eventually(lambda: page.get_by_text("Has newsletter").count())
    assert not page.get_by_text("gender", exact=True).count()


def test_a_newer_export_shows_its_conflicts_and_the_choice(importing, visit, site, tmp_path):
    first = "Account Id,Account Name,City,Phone\n1,Nordlys AS,Bergen,1\n2,Solberg AB,Malmö,2\n3,Dal AS,Oslo,3\n4,Vik AS,Moss,4\n"
    path = tmp_path / "accounts.csv"
    path.write_text(first, "utf-8")
    mine = importing().bring(path).seen().load()
    card = Form(visit(site=site), "/organisation/1")
    card.enter("City", "Stavanger").save(1)
    path.write_text(
        first.replace("Bergen", "Voss").replace("Malmö", "Lund").replace("4,Vik AS,Moss,4\n", ""),
        "utf-8",
    )
    mine.page.get_by_role("button", name="Import something else").click()
    mine.page.locator(".zone").wait_for()
    mine.bring(path)
    conflict = mine.page.locator(".conflicts tbody tr")
    conflict.wait_for()
    assert [cell.strip() for cell in conflict.locator("td").all_inner_texts()][2:5:2] == [
        "Bergen",
        "Voss",
    ]
    assert "Stavanger" in conflict.inner_text()
    assert "1 record is no longer in the export" in mine.page.locator(".choice").first.inner_text()
    row = mine.counts()["Organisations"]
    assert (row["Changed"], row["Vanished"], row["Conflicts"]) == ("1", "1", "1")
    conflict.get_by_role("combobox").focus()
    conflict.get_by_role("combobox").select_option("source")
    assert eventually(lambda: mine.counts()["Organisations"]["Changed"] == "2")
    mine.page.get_by_role("button", name="Import 3 records").wait_for()
    focused = "() => { let it = document.activeElement; while (it?.shadowRoot) it = it.shadowRoot.activeElement; return it?.getAttribute('aria-label') }"
    assert eventually(lambda: mine.page.evaluate(focused) == "Keep for Nordlys AS")
    assert mine.load().done == "2 changed, 1 vanished"
    card.shows(City="Voss")
    mine.page.get_by_role("button", name="Import something else").click()
    imports = mine.page.get_by_role("table", name="Imports so far")
    assert "2 changed, 1 vanished" in imports.get_by_role("row").nth(1).inner_text()
    imports.get_by_role("button", name="Undo the import").first.click()
    imports.get_by_text("Undone").wait_for()
    card.shows(City="Stavanger")


def test_a_bad_file_gets_a_clear_error_and_another_try(importing, tmp_path):
    """Hardening 8, 11."""
    bad = tmp_path / "twice.csv"
    bad.write_text("Id,Name,Name\n1,a,b\n")
    mine = importing().bring(bad)
    assert "more than once" in mine.error() or "twice" in mine.error()
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 no workbook")
    mine.bring(broken)
    assert eventually(lambda: "broken.xlsx" in mine.error())
    mine.bring(SHARED / "flat_contacts" / "contacts.csv").seen()
    assert not mine.page.locator(".message.tone-danger").count()


@pytest.mark.hardening("13", "16")
def test_names_and_cells_of_an_export_are_inert(importing, tmp_path):
    texts = json.loads((SHARED / "adversarial" / "blns.json").read_text("utf-8"))
    hostile = [t for t in texts if "<" in t and "\n" not in t and "\r" not in t and '"' not in t][
        :60
    ]
    payload = "<img src=x onerror=window.__xss=1>"
    head = ["Account Id", "Account Name", payload, "<script>window.__xss=1</script>"]
    rows = [[str(n), text, payload, text] for n, text in enumerate(hostile, 1)]
    path = tmp_path / "a<b>'&.csv"
    lines = [",".join(f'"{cell}"' for cell in row) for row in [head, *rows]]
    path.write_text("\n".join(lines), "utf-8")
    mine = importing().bring(path).seen()
    table = mine.open_table("Organisations")
    assert payload in table.inner_text()
    mine.load()
    mine.screen.open("/")
    assert mine.page.evaluate("window.__xss") is None
    assert eventually(lambda: f"{len(hostile)}" in mine.screen.count())


def test_a_phone_can_import_in_the_dark(importing):
    mine = importing(viewport=PHONE, color_scheme="dark")
    mine.bring(SHARED / "flat_contacts" / "contacts.csv").seen()
    mine.open_table("Persons")
    assert mine.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    mine.load()
    assert mine.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_mapping_is_saved_and_brought_back(importing, tmp_path):
    mine = importing().bring(SHARED / "flat_contacts" / "contacts.csv").seen()
    with mine.page.expect_download() as saved:
        mine.page.get_by_role("button", name="Save the mapping").click()
    path = tmp_path / "own.toml"
    saved.value.save_as(path)
    text = path.read_text("utf-8")
    assert 'entity = "person"' in text
    path.write_text(text.replace('entity = "person"', 'entity = "persn"'), "utf-8")
    mine.choose("Use a mapping file", path)
    assert "Did you mean 'person'" in mine.error()
    path.write_text(text, "utf-8")
    mine.choose("Use a mapping file", path)
    mine.page.locator(".message.tone-success").wait_for()


def test_the_start_page_of_an_empty_database_leads_to_the_import(visit, site):
    page = visit(site=site).open("/").page
    page.locator(".empty").get_by_role("link", name="Import …").click()
    page.locator(".zone").wait_for()
