"""The preview: what an import would do, as an object, as text and for a notebook."""

import pytest

from crmpanel.importing import Import
from crmpanel.workspace import Workspace

HOSTILE = "<img src=x onerror=alert(1)>"
ACCOUNTS = [
    ["Id", "Name", "OwnerId", "AnnualRevenue"],
    ["A1", HOSTILE, "U1", "a lot"],
    ["A2", "Vik AS", "U1", "1500.50"],
    ["A2", "Again", "U1", ""],
]
CONTACTS = [
    ["Id", "AccountId", "LastName"],
    ["C1", "A1", "Dahl"],
    ["C2", "A9", "Lund"],
]


@pytest.fixture
def preview(export, database):
    with Import(export(Account=ACCOUNTS, Contact=CONTACTS), database, "salesforce") as found:
        yield found.preview()


def test_the_first_rows_are_as_the_card_will_show_them(preview):
    sample = preview.samples["person"]
    assert sample.states == ["new", "new"]
    assert [(row["name"], row["organisation_id"]) for row in sample.rows] == [
        ("Dahl", HOSTILE),
        ("Lund", None),
    ]
    assert [f.name for f in sample.fields][:2] == ["organisation_id", "name"]


def test_columns_tell_what_became_of_their_values(preview):
    [revenue] = [c for c in preview.columns if c.field == "revenue"]
    assert (revenue.filled, revenue.empty, revenue.rejected) == (1, 0, 1)
    assert [reject.value for reject in revenue.examples] == ["a lot"]
    assert "1 rejected: 'a lot'" in str(revenue)
    [name] = [c for c in preview.columns if (c.entity, c.field) == ("organisation", "name")]
    assert (name.filled, name.empty, name.rejected, name.columns) == (2, 0, 0, ("Name",))


def test_duplicates_and_unlinked_records_are_counted(preview):
    assert preview.duplicates == {"organisation": 1}
    assert preview.unlinked == {"person": 1}
    text = str(preview)
    assert "nothing has been written" in text
    assert "1 persons without organisation" in text
    assert "1 rows of organisation have a key that occurs before" in text


@pytest.mark.hardening(13)
def test_a_notebook_shows_it_escaped(preview):
    html = preview._repr_html_()
    assert "&lt;img src=x" in html
    assert "<img" not in html


def test_suspicious_tables_are_told(export, database):
    folder = export(Account=[["Id", "Name", "OwnerId"], ["A1", "Fjord AS", "U1"]])
    (folder / "Account.csv").write_bytes("Id,Name,OwnerId\r\nA1,Bj\xf8rn,U1\r\n".encode("cp1252"))
    with Import(folder, database, "salesforce") as found:
        preview = found.preview()
    assert any("cp1252" in note or "Windows" in note for note in preview.report.notes.values())


def test_an_unknown_export_is_previewed_with_a_proposal(export, database, tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "customers.csv").write_text(
        "customer no,company name,city,shoe size\n"
        "007,Fjord AS,Bergen,42\n008,Vik AS,Oslo,43\n009,Berg AS,Oslo,44\n"
    )
    with Import(folder, database) as found:
        assert found.choice.why == "proposed"
        assert found.proposal.evidence
        preview = found.preview()
        assert [row["name"] for row in preview.samples["organisation"].rows] == [
            "Fjord AS",
            "Vik AS",
            "Berg AS",
        ]
        report = found.load()
    assert report.source == "own"
    with Import(folder, database) as found:
        assert (found.choice.why, found.name) == ("again", "own")
        assert found.load().changeset is None


def test_a_workspace_imports(export, database):
    workspace = Workspace(database)
    folder = export(Account=ACCOUNTS, Contact=CONTACTS)
    assert workspace.import_(folder, "salesforce", preview=True).is_new
    report = workspace.import_(folder, "salesforce", vanished="ignore")
    assert report.changeset == 1
    assert list(workspace.unlinked("person")["title"]) == ["Lund"]
    assert len(workspace.unlinked()) == 1
    file = folder.parent / "out.csv"
    assert workspace.rejects(1, file) == 3
    assert file.read_text("utf-8-sig").startswith("@problem")
    assert workspace.undo(report.changeset).counts["delete"] == 5
