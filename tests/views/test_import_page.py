"""The Import page without a browser: what it says of an import, and the way back."""

import asyncio
import base64

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.links import Links
from crmpanel.locale.formats import Formats
from crmpanel.model.changeset import Changeset, Create, Update
from crmpanel.query.query import Query
from crmpanel.store import create
from crmpanel.views.app import App
from crmpanel.views.cells import Display
from crmpanel.views.importing import ImportPage

FIRMS = "Account Id,Account Name,City,Phone\n1,Nordlys AS,Bergen,5\n2,Solberg AB,Malmö,6\n3,Dal AS,Oslo,7\n4,Vik AS,Moss,8\n"
NEWER = FIRMS.replace("Bergen", "Voss").replace("Malmö", "Lund").replace("4,Vik AS,Moss,8", "5,Ny AS,Moss,9")  # fmt: skip


@pytest.fixture
def database(tmp_path):
    with create(tmp_path / "own.duckdb") as made:
        yield made


@pytest.fixture
def importing(database):
    found = ImportPage(Display(Desk(database, "kn"), Formats("en_GB"), Links()))
    yield found
    found.importing.close()


def do(importing, type, **event):
    asyncio.run(importing._handle({"type": type, **event}))


def bring(importing, text, name="accounts.csv"):
    """Send a file, as far as the preview."""
    if importing.importing.opened is not None:
        do(importing, "again")
    data = text.encode()
    do(importing, "begin", files=[{"name": name, "size": len(data)}])
    do(importing, "piece", file=0, offset=0, data=base64.b64encode(data).decode())
    do(importing, "uploaded", number=importing._number)


def load(importing, text, **options):
    bring(importing, text, **options)
    do(importing, "act", name="load")
    return importing.report.shown


def counts(shown, label="Organisations"):
    table = shown["counts"]
    [row] = [row for row in table["rows"] if row["label"] == label]
    cells = [cell["text"] for cell in row["cells"]]
    return dict(zip(table["columns"], cells, strict=True))


def edited(importing, database):
    """An import, a value of which a user has changed, and a newer export of the same source."""
    load(importing, FIRMS)
    database.apply(Changeset((Update("organisation", 1, {"city": "Stavanger"}),)))
    bring(importing, NEWER)


def test_a_choice_for_a_conflict_is_counted(importing, database):
    edited(importing, database)
    assert counts(importing.preview.shown)["Changed"] == "1"
    assert importing.bar.actions[0]["label"] == "Import 3 records"
    do(importing, "decide", number=0, value="source")
    assert (
        counts(importing.preview.shown)["Changed"] == "2" and not importing.preview.shown["stale"]
    )
    assert importing.bar.actions[0]["label"] == "Import 4 records"
    assert importing.preview.shown["conflicts"][0]["choice"] == "source"
    do(importing, "decide", number=0, value="mine")
    do(importing, "vanished", value="ignore")
    assert importing.bar.actions[0]["label"] == "Import 2 records"


def test_a_newer_export_says_what_was_done(importing, database):
    assert load(importing, FIRMS)["title"] == "4 records imported"
    shown = load(importing, NEWER)
    assert shown["title"] == "1 new, 2 changed, 1 vanished"
    bring(importing, FIRMS)
    do(importing, "vanished", value="delete")
    do(importing, "act", name="load")
    assert importing.report.shown["title"] == "2 changed, 1 back again, 1 deleted"


def test_a_link_states_no_number_that_its_list_contradicts(importing, database):
    assert [link["text"] for link in load(importing, FIRMS)["links"]] == ["4 organisations"]
    database.apply(Changeset((Create("organisation", {"name": "Berg AS"}),)))
    assert [link["text"] for link in load(importing, NEWER)["links"]] == ["All organisations"]


def test_rejected_rows_and_values_that_were_not_taken_over_agree(importing, database):
    odd = "Account Id,Account Name,Founded\n" + "".join(
        f"{n},Firm {n} AS,2020-01-{n:02}\n" for n in range(1, 10)
    )
    odd += "10,Firm 10 AS,2020-31-31\n"
    shown = load(importing, odd)
    assert counts(shown)["Rejected rows"] == "0"
    assert shown["reject_text"] == "1 value or link could not be taken over"
    shown = load(importing, odd + "1,Firm 1 AS,2020-01-01\n")
    assert counts(shown)["Rejected rows"] == "1"
    assert shown["reject_text"] == "2 rows, values or links could not be taken over"


def test_a_vanished_record_is_recognised_in_every_list(importing, database):
    load(importing, FIRMS)
    load(importing, NEWER)
    app = App(importing.display, "/")
    rows = {
        row["cells"][0]["text"] if isinstance(row["cells"][0], dict) else row["cells"][0]: row
        for row in app._page._table.rows
    }
    assert [name for name, row in rows.items() if row["muted"]] == ["Vik AS"]
    assert rows["Vik AS"]["cells"][0]["note"] == "vanished from the source"
    app.go("/?column=city")
    asyncio.run(app._page._load(app._page._asked))
    assert {"text": "Moss", "note": "vanished from the source"} in [
        row["cells"][0] for row in app._page._table.rows
    ]
    app.close()


# -- imports so far --------------------------------------------------------------------------------


def listed(runs):
    """What the list says: of each import what it was, what it did, and the way back."""
    return [
        (row["cells"][0]["text"], row["cells"][3], back["text"] if isinstance(back := row["cells"][4], dict) else back)
        for row in runs.table.rows
    ]  # fmt: skip


def undo(runs, place=0):
    asyncio.run(runs._handle({"type": "act", "name": "undo", "id": runs.table.rows[place]["id"]}))


def test_imports_so_far_are_listed_and_undone(importing, database):
    runs = importing.runs
    runs.open()
    assert not runs.table.visible and not runs.head.visible
    load(importing, FIRMS)
    assert not runs.table.visible  # the result is in sight
    load(importing, NEWER)
    do(importing, "again")
    assert runs.table.visible and runs.head.visible
    did = "1 new, 2 changed, 1 vanished"
    assert listed(runs) == [("Import accounts", did, ""), ("Import accounts", "4 new", "")]
    assert runs.table.rows[0]["cells"][4]["act"]["text"] == "Undo the import"
    undo(runs, 1)
    assert listed(runs)[1][2].startswith("Cannot be undone: ")
    undo(runs)
    assert listed(runs)[0] == ("Import accounts", did, "Undone")
    assert runs.table.rows[0]["muted"]
    cities = database.rows(Query("SELECT city FROM organisation ORDER BY id"))
    assert cities == [("Bergen",), ("Malmö",), ("Oslo",), ("Moss",)]


def test_an_undo_that_is_undone_or_forged_is_no_undo(importing, database):
    runs = importing.runs
    runs.open()
    number = load(importing, FIRMS) and importing.importing.report.changeset
    again = database.undo(number)
    assert listed(runs)[0][2] == "Undone"
    database.undo(again.number)
    assert listed(runs)[0][2] == ""
    for forged in (99, None, "1", [1]):
        asyncio.run(runs._handle({"type": "act", "name": "undo", "id": forged}))
    assert database.scalar(Query("SELECT count(*) FROM organisation")) == 4


def test_of_many_imports_the_last_ten_are_listed(importing, database):
    for number in range(12):
        load(importing, FIRMS.replace("Bergen", f"Bergen {number}"))
    importing.runs.open()
    assert [what[1] for what in listed(importing.runs)] == ["1 changed"] * 10


# -- the first visit -------------------------------------------------------------------------------


def test_an_empty_start_page_offers_the_import(database):
    display = Display(Desk(database, "kn"), Formats("en_GB"), Links())
    app = App(display, "/")
    assert app._page._table.empty["action"] == "New organisation"
    assert app._page._table.empty["link"] == {"text": "Import …", "href": "/import"}
    app.go("/persons")
    assert app._page._table.empty["link"] is None
    app.go("/?search=x")
    assert app._page._table.empty["action"] == "Clear filters"
    app.close()
