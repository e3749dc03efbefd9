"""CSV files as they come: encodings, damaged rows, odd headers. Nothing is lost without a word."""

import json

import pytest

from crmpanel.errors import ImportFailed
from crmpanel.importing import import_

HEADER = b"Id,Name,OwnerId\n"


def failure(*arguments):
    with pytest.raises(ImportFailed) as caught:
        import_(*arguments)
    assert caught.value.what and caught.value.remedy
    return str(caught.value)


NAMES = ["Fjord AS", "Bjørn & Sønner", "Café Zoë"]


@pytest.mark.hardening(5)
@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("latin-1", "read as Windows-1252 (Latin-1)"),
        ("cp1252", "read as Windows-1252 (Latin-1)"),
        ("utf-16", "read as UTF-16"),
        ("utf-16-le", "read as UTF-16-LE"),
        ("utf-16-be", "read as UTF-16-BE"),
        ("utf-32", "read as UTF-32"),
    ],
)
def test_encodings(encoding, note, export, database, column):
    accounts = [["Id", "Name", "OwnerId"], *([f"A{i}", n, ""] for i, n in enumerate(NAMES))]
    report = import_(export(Account=accounts, encoding=encoding), database)
    assert column("SELECT name FROM organisation ORDER BY id") == NAMES
    assert report.notes.get("Account.csv") == note


@pytest.mark.hardening(5)
def test_curly_quotes_of_windows(export, database, column):
    import_(export(Account=HEADER + "A1,“Fjord” – €,U1\n".encode("cp1252")), database)
    assert column("SELECT name FROM organisation") == ["“Fjord” – €"]


@pytest.mark.hardening(5)
def test_a_damaged_utf8_file_is_not_garbled(export, database):
    text = "A1,Bjørn & Sønner på Ås,U1\nA2,Caf".encode() + b"\xe9 Zoe,U1\n"
    message = failure(export(Account=HEADER + text), database)
    assert "Account.csv" in message and "UTF-8" in message and "line 3" in message


@pytest.mark.hardening(5)
def test_bytes_of_no_encoding(export, database):
    message = failure(export(Account=HEADER + b"A1,Fj\x81rd,U1\n"), database)
    assert "Windows-1252" in message and "line 2" in message


@pytest.mark.hardening(6)
def test_ragged_rows_are_rejected_by_line(export, database, column):
    accounts = HEADER + b'A1,"Two\nlines",U1\nA2,Short\nA3,Long,U1,x,y\nA4,Fine,U1\n\nA5,Too,U1\n'
    report = import_(export(Account=accounts), database)
    assert column("SELECT source_key FROM organisation ORDER BY id") == ["A1", "A4", "A5"]
    rejected = [(r.file, r.line, r.reason, r.loaded) for r in report.rejects]
    assert rejected == [
        ("Account.csv", 4, "2 cells where the header has 3", False),
        ("Account.csv", 5, "5 cells where the header has 3", False),
    ]
    assert report.rejects[0].value == "A2 | Short"
    assert (report["organisation"].read, report["organisation"].rejected) == (5, 2)


@pytest.mark.hardening(6)
def test_mixed_line_ends(export, database, column):
    accounts = b'Id,Name,OwnerId\r\nA1,One,U\nA2,"T\r\nwo",U\r\nA3,Three,U\rA4,Four,U'
    import_(export(Account=accounts), database)
    assert column("SELECT name FROM organisation ORDER BY id") == [
        "One",
        "T\r\nwo",
        "Three",
        "Four",
    ]


@pytest.mark.hardening(6)
def test_a_quote_that_is_never_closed(export, database, counts):
    before = counts()
    message = failure(export(Account=HEADER + b'A1,One,U\nA2,"Two,U\nA3,Three,U\n'), database)
    assert "line 3" in message and "never closed" in message
    assert counts() == before


@pytest.mark.hardening(6)
def test_text_after_a_closing_quote(export, database, column):
    accounts = HEADER + b'A1,"One" Ltd,U\nA2,"Two\nA3,"Three",U\nA4,Four,U\n'
    report = import_(export(Account=accounts), database)
    assert column("SELECT source_key FROM organisation") == ["A4"]
    rejects = [r for r in report.rejects if r.file == "Account.csv"]
    assert [r.line for r in rejects] == [2, 3]
    assert rejects[1].reason.endswith("the row reaches to line 4")


@pytest.mark.hardening(6)
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_not_one_column(delimiter, export, database, column):
    accounts = "Id,Name,OwnerId\nA1,Fjord AS,U1\n".replace(",", delimiter).encode()
    import_(export(Account=accounts), database)
    assert column("SELECT name FROM organisation") == ["Fjord AS"]


@pytest.mark.hardening(8)
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\n\n", "is empty"),
        (HEADER, "no rows"),
        (b"Id,Name,OwnerId,Name\nA1,One,U,Two\n", "'Name' more than once"),
    ],
)
def test_files_with_nothing_to_load(content, says, export, database):
    message = failure(export(Account=content), database, "salesforce")
    assert says in message and "Account" in message


@pytest.mark.hardening(8)
def test_an_optional_table_may_hold_no_rows(export, database):
    report = import_(export(Task=[["Id", "Subject"]]), database)
    assert report["activity"].read == 0


@pytest.mark.hardening(8)
def test_an_optional_table_without_a_header_is_refused(export, database):
    assert "Task.csv is empty" in failure(export(Task=b""), database)


@pytest.mark.hardening(2)
@pytest.mark.hardening(9)
def test_limits(export, database):
    wide = ",".join(["Id", "Name", "OwnerId", *(f"c{i}" for i in range(100_000))]).encode()
    assert "100,003 columns; the limit is 2,000" in failure(export(Account=wide + b"\n"), database)
    long = HEADER + b'A1,"' + b"x" * 12_000_000 + b'",U\n'
    message = failure(export(Account=long), database)
    assert "line 2" in message and "4,000,000 characters" in message


def test_a_cell_may_be_long(export, database, column):
    name = 'å"\n' * 1_000_000
    import_(export(Account=[["Id", "Name", "OwnerId"], ["A1", name, "U1"]]), database)
    assert column("SELECT name FROM organisation") == [name]


@pytest.mark.hardening(1)
def test_naughty_strings_survive(shared, export, database, rows):
    naughty = json.loads(shared("adversarial", "blns.json").read_text("utf-8"))
    names = [text for text in naughty if text]  # an empty name is no name
    accounts = [["Id", "Name", "OwnerId"], *([f"A{i}", n, "U"] for i, n in enumerate(names))]
    import_(export(Account=accounts), database)
    found = rows("SELECT source_key, name FROM organisation ORDER BY id")
    assert found == [(f"A{i}", name) for i, name in enumerate(names)]


@pytest.mark.hardening(1)
def test_awkward_characters_survive(export, database, column):
    names = [
        "a\0b",
        "\u202egnp.exe",
        " lead and trail ",
        "NULL",
        "0",
        "=1+1",
        "a\rb",
        "\ufeffx",
        "''",
    ]
    accounts = [["Id", "Name", "OwnerId"], *([f"A{i}", n, "U"] for i, n in enumerate(names))]
    import_(export(Account=accounts), database)
    assert column("SELECT name FROM organisation ORDER BY id") == names


def test_header_names_in_any_case(export, database, column):
    import_(export(Account=[["ID", " NAME ", "OWNERID"], ["A1", "Fjord AS", "U1"]]), database)
    assert column("SELECT name FROM organisation") == ["Fjord AS"]


def test_columns_with_hostile_names(export, database, rows):
    extra = ['a"; drop table organisation; --', "@line", "@id", "-> OwnerId", "Draft"]
    accounts = [["Id", "Name", "OwnerId", *extra], ["A1", "Fjord AS", "U1", *"abcde"]]
    report = import_(export(Account=accounts), database)
    assert rows("SELECT name FROM organisation") == [("Fjord AS",)]
    own = [f for f in database.registry["organisation"].own_fields if f.label in extra]
    assert [f.label for f in own] == [name for name in extra if name != "@line"]
    names = ", ".join(f'"{f.name}"' for f in own)
    assert rows(f"SELECT {names} FROM organisation") == [("a", "c", "d", "e")]
    assert report.ignored_columns["Account"] == ("@line",)


def test_a_folder_with_a_hostile_name(export, database, tmp_path, rows):
    folder = export().rename(tmp_path / "o'brien \"; drop table --")
    import_(folder, database)
    assert rows("SELECT source FROM change LIMIT 1") == [(f"import {folder.name}",)]


def test_keys_that_are_missing_or_occur_twice(export, database, rows):
    accounts = [
        ["Id", "Name", "OwnerId"],
        ["A1", "One", "U"],
        ["", "None", "U"],
        ["A1", "Two", "U"],
    ]
    report = import_(export(Account=accounts), database)
    assert rows("SELECT source_key, name FROM organisation") == [("A1", "One")]
    assert [(r.line, r.column, r.value, r.reason) for r in report.rejects] == [
        (3, "Id", None, "the record has no key"),
        (4, "Id", "A1", "the key occurs before, in line 2"),
    ]


def test_a_record_without_its_mandatory_value_is_named(export, database, rows):
    report = import_(export(Account=[["Id", "Name", "OwnerId"], ["A1", "", "U"]]), database)
    assert rows("SELECT source_key, name FROM organisation") == [("A1", None)]
    assert [(r.line, r.column, r.reason, r.loaded) for r in report.rejects] == [
        (2, "name", "the organisation has no name", True)
    ]
