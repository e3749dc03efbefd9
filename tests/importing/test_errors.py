"""What cannot be imported is refused with a reason and a remedy, and leaves the database alone."""

import sqlite3

import pytest

from crmpanel.errors import ImportFailed, UnknownName
from crmpanel.importing import detect, import_, mappings


def failure(*arguments):
    with pytest.raises(ImportFailed) as caught:
        import_(*arguments)
    assert caught.value.what and caught.value.remedy
    return str(caught.value)


def test_shipped_mappings():
    assert {"northwind", "salesforce", "webcrm", "hubspot", "dynamics", "pipedrive"} <= set(
        mappings()
    )


def test_detect(export, tmp_path):
    folder = export()
    assert detect(folder) == "salesforce"
    (folder / "Account.csv").unlink()
    assert detect(folder) is None


def test_a_path_that_does_not_exist(tmp_path, database):
    assert "no file or folder" in failure(tmp_path / "nowhere", database)
    with pytest.raises(ImportFailed):
        detect(tmp_path / "nowhere")


def test_an_empty_folder(tmp_path, database):
    (tmp_path / "void").mkdir()
    assert "The folder is empty" in failure(tmp_path / "void", database)


def test_a_folder_of_other_files(tmp_path, database):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "todo.txt").write_text("milk")
    assert "only todo.txt" in failure(tmp_path / "notes", database)


@pytest.mark.parametrize("mapping", [None, "salesforce", "northwind"])
def test_no_export_of_a_crm(mapping, tmp_path, database):
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "weather.csv").write_text("day,rain\n1,2\n")
    message = failure(folder, database, mapping)
    assert "weather" in message  # what was found
    wanted = {"northwind": "Order Details", "salesforce": "Account"}
    looked_for = wanted.get(mapping or "", "weather (day, rain)")
    assert looked_for in message


def test_a_missing_column(export, database):
    message = failure(export(Account=[["Id", "Title"], ["A1", "x"]]), database, "salesforce")
    assert "Account.csv has no column Name" in message and "Id, Title" in message


def test_a_missing_key_column(export, database):
    message = failure(export(Task=[["Number", "Subject"], ["1", "x"]]), database, "salesforce")
    assert "Task.csv has no column Id" in message


def test_no_sqlite_file(tmp_path, database):
    file = tmp_path / "crm.sqlite"
    file.write_text("Id,Name")
    assert "not a SQLite file" in failure(file, database)
    assert "not a SQLite file" in failure(tmp_path / "crm.sqlite", database)
    (tmp_path / "alone").mkdir()
    file.rename(tmp_path / "alone" / "crm.sqlite")
    assert "not a SQLite file" in failure(tmp_path / "alone", database)


def test_a_damaged_sqlite_file(firms, mapping, database):
    file = firms(["No", "Name"], *((i, "x" * 500) for i in range(200)))
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xff" * 8192 + content[12288:])
    assert "SQLite says" in failure(file, database, mapping())


def test_an_unknown_mapping(export, database):
    with pytest.raises(UnknownName, match="Did you mean 'salesforce'"):
        import_(export(), database, "salesfroce")


def test_a_mapping_file_that_is_not_there(export, database):
    assert "no mapping file" in failure(export(), database, "mine/own.toml")


@pytest.mark.hardening(12)
def test_the_same_export_again_changes_nothing(export, database, counts):
    folder = export()
    assert import_(folder, database).changeset is not None
    before = counts()
    report = import_(folder, database)
    assert report.changeset is None
    assert "nothing new" in str(report)
    assert {name: e.unchanged for name, e in report.entities.items()} == {
        "user": 1,
        "organisation": 1,
        "person": 1,
    }
    assert counts() == before


@pytest.mark.parametrize(
    "stop_at", ["Reading Contact.csv", "Understanding persons", "Writing persons"]
)
@pytest.mark.hardening(59)
def test_a_failure_in_the_middle_changes_nothing(stop_at, export, database, counts):
    class Stopped(Exception):
        pass

    def stop(text, done):
        if text == stop_at:
            raise Stopped

    folder, before = export(), counts()
    with pytest.raises(Stopped):
        import_(folder, database, progress=stop)
    assert counts() == before
    assert import_(folder, database)["organisation"].loaded == 1  # and the next one works


@pytest.mark.hardening(7)
@pytest.mark.parametrize("policy", ["empty", "reject", "fail"])
def test_a_type_that_changes_late(policy, firms, mapping, database, counts, rows):
    file = firms(
        ["No", "Name", "Staff"],
        *((i, f"n{i}", i if i != 30_001 else "many") for i in range(30_010)),
    )
    own = mapping(fields='name = "Name"\nemployees = "Staff"', top=f'on_bad_value = "{policy}"')
    before = counts()
    if policy == "fail":
        message = failure(file, database, own)
        assert "line 30,002" in message and "'many'" in message and "not a whole number" in message
        assert counts() == before
        return
    report = import_(file, database, own)
    assert report["organisation"].loaded == (30_010 if policy == "empty" else 30_009)
    [reject] = report.rejects
    assert (reject.line, reject.column, reject.value) == (30_002, "Staff", "many")
    assert rows("SELECT employees FROM organisation WHERE source_key = '30001'") == (
        [(None,)] if policy == "empty" else []
    )


def test_every_row_rejected(export, database):
    accounts = [["Id", "Name", "OwnerId"], ["", "One", "U"], ["", "Two", "U"]]
    message = failure(export(Account=accounts), database)
    assert "No organisation could be made" in message and "has no key" in message


def test_text_in_sqlite_that_is_no_text(firms, mapping, database):
    file = firms(["No", "Name"], (1, "x"))
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE Firms SET Name = CAST(x'ff41' AS TEXT)")
    connection.close()
    assert "SQLite says" in failure(file, database, mapping())


@pytest.mark.hardening(2)
def test_a_cell_in_sqlite_that_is_too_long(firms, mapping, database):
    file = firms(["No", "Name"], (1, "x"), (2, "x" * 10_000_000))
    message = failure(file, database, mapping())
    assert "row 2" in message and "4,000,000" in message


def test_pictures_in_sqlite_are_not_fetched(firms, mapping, database, rows):
    file = firms(["No", "Name", "Photo"], (1, "x", b"\xff\xd8" * 1000))
    own = mapping(fields='name = "Name"\ncomment = "Photo"')
    import_(file, database, own)
    assert rows("SELECT comment FROM organisation") == [("(binary, 2000 bytes)",)]


def test_files_that_are_not_read_are_told(database, export):
    """Nothing that lies in the folder is passed over in silence."""
    folder = export()
    (folder / "read me.pdf").write_bytes(b"%PDF-1.7")
    sqlite3.connect(folder / "own.sqlite").execute("CREATE TABLE account (id, name)").close()
    told = import_(folder, database).ignored_tables
    assert "beside the files" in told["own.sqlite"]
    assert "no kind of table" in told["read me.pdf"]
