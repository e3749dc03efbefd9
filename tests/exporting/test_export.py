"""What an export writes, and what is refused."""

import csv
import datetime as dt

import pytest

from crmpanel.entities import REGISTRY
from crmpanel.errors import ImportFailed, StoreError, UnknownName
from crmpanel.exporting import export, workbook
from crmpanel.importing.mappingfile import load_mapping
from crmpanel.importing.own import is_own, mapping_of
from crmpanel.importing.restoring import is_empty, restore
from crmpanel.query.query import Query
from crmpanel.store import create


def rows(folder, entity):
    with (folder / f"{entity}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_entity_is_written(database, tmp_path):
    exported = export(database, tmp_path / "deep" / "out")
    assert [file.stem for [file] in exported.files.values()] == [e.name for e in REGISTRY]
    for entity in REGISTRY:
        count = database.scalar(Query(f'SELECT count(*) FROM "{entity.name}"'))
        written = rows(tmp_path / "deep" / "out", entity.name)
        assert len(written) == count
        assert exported.rows[entity.name] == count
        if written:
            assert list(written[0]) == list(entity.fields)


@pytest.mark.hardening(10, 23)
@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+47 55", "'+47 55"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("'=1", "''=1"),
        ("''+", "'''+"),
        ("'quoted'", "'quoted'"),
        ("", "'"),
        ("'%41", "''%41"),
        ("a=b", "a=b"),
        ("0042", "0042"),
        ('say "hi", x', 'say "hi", x'),
        ("two\nlines", "two\nlines"),
    ],
)
def test_a_spreadsheet_runs_nothing(database, tmp_path, insert_records, text, written):
    with database.load("Test", "test") as load:
        insert_records(load, "organisation", [dict(id=100, name=text, comment=text)])
    export(database, tmp_path / "out")
    last = next(row for row in rows(tmp_path / "out", "organisation") if row["id"] == "100")
    assert (last["name"], last["comment"]) == (written, written)
    # Taking one apostrophe from what begins so gives the text as it was.
    assert (written.removeprefix("'") if written != text else written) == text


def test_parquet_keeps_everything_as_it_is(database, tmp_path, hostile):
    export(database, tmp_path / "out", kind="parquet")
    file = tmp_path / "out" / "organisation.parquet"
    read = Query(f"SELECT * FROM read_parquet('{file}')")
    assert database.rows(read) == database.rows(Query("SELECT * FROM organisation"))


def test_a_folder_with_files_is_not_written(database, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x").touch()
    with pytest.raises(StoreError, match="not empty"):
        export(database, tmp_path / "out")
    with pytest.raises(StoreError, match="cannot be opened for writing"):
        export(database, tmp_path / "out" / "x")


def test_a_part_of_it(database, tmp_path):
    exported = export(database, tmp_path / "out", entities=["persons", "user"])
    assert exported.rows == {"person": 5, "user": 3}
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "crmpanel.toml",
        "person.csv",
        "user.csv",
    ]
    with pytest.raises(UnknownName, match="person"):
        export(database, tmp_path / "other", entities=["persn"])
    with pytest.raises(UnknownName, match="xlsx"):
        export(database, tmp_path / "other", "xls")
    assert not (tmp_path / "other").exists()
    with create(tmp_path / "new.duckdb") as new:
        done = restore(tmp_path / "out", new)
        assert (done.rows, done.cleared) == ({"person": 5, "user": 3}, 4)
        assert "4 links" in str(done)
        assert new.rows(
            Query("SELECT organisation_id, responsible_id FROM person WHERE id = 3")
        ) == [(None, 3)]


def test_an_export_is_of_one_moment(database, tmp_path, monkeypatch):
    """What is written by others meanwhile is not in it."""

    def write(stage, done):
        if done > 0.5 and not database.scalar(Query("SELECT count(*) FROM ticket WHERE id = 99")):
            with database.load("Test", "test") as load:
                for entity in REGISTRY:
                    if not entity.about:
                        load.execute(f'INSERT INTO "{entity.name}" (id) VALUES (99)')

    export(database, tmp_path / "out", progress=write)
    for entity in REGISTRY:
        assert not [row for row in rows(tmp_path / "out", entity.name) if row["id"] == "99"]


# -- workbooks -----------------------------------------------------------------------------------


def test_a_workbook_has_dates_numbers_and_no_formulas(database, tmp_path, insert_records):
    from python_calamine import CalamineWorkbook

    with database.load("Test", "test") as load:
        insert_records(
            load,
            "quotation",
            [dict(id=100, description="=1+1", value=12.5, date=dt.date(2026, 2, 3))],
        )
    export(database, tmp_path / "out", "xlsx")
    sheet = CalamineWorkbook.from_path(str(tmp_path / "out" / "quotation.xlsx")).get_sheet_by_index(
        0
    )
    header, *lines = sheet.to_python()
    row = next(dict(zip(header, line, strict=True)) for line in lines if line[0] == 100)
    assert (row["description"], row["value"], row["date"]) == ("'=1+1", 12.5, dt.date(2026, 2, 3))


def test_more_rows_than_a_sheet_has_are_in_several_files(database, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "ROWS", 4)
    exported = export(database, tmp_path / "out", "xlsx")
    assert [file.name for file in exported.files["activity"]] == [
        "activity.xlsx",
        "activity-2.xlsx",
        "activity-3.xlsx",
    ]
    assert "Activities: 10 rows are in 3 files" in str(exported)
    with create(tmp_path / "new.duckdb") as new:
        assert restore(tmp_path / "out", new).rows["activity"] == 10


# -- what cannot be restored ---------------------------------------------------------------------


def test_only_into_a_database_without_records(database, tmp_path):
    export(database, tmp_path / "out")
    assert not is_empty(database)
    with pytest.raises(ImportFailed, match="holds records already"):
        restore(tmp_path / "out", database)


def changed(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(("file", "old", "new", "told"), [
    ("quotation.csv", "1000.00", "a thousand", "quotation of the export has 'a thousand' in column value"),
    ("person.csv", "\n5,", "\n", "person"),
    ("user.csv", "initials", "initial", "columns that this version does not know: initial"),
    ("crmpanel.toml", '"person.csv"', '"../../secret.csv"', "a file '../../secret.csv', which no export has"),
    ("crmpanel.toml", '"person.csv"', '"/etc/passwd"', "which no export has"),
    ("crmpanel.toml", "form = 1", "form = 2", "a later version"),
    ("crmpanel.toml", "form = 1", "form = ]", "cannot be understood"),
    ("crmpanel.toml", "whole = true\n", "", "cannot be understood"),
    ("crmpanel.toml", "person = 5", "person = 6", "person has 5 rows; 6 were exported"),
    ("crmpanel.toml", "person = [", "spaceship = [", "a table spaceship, which this version does not know"),
    ("crmpanel.toml", 'person = ["person.csv"]', 'person = ["nobody.csv"]', "cannot be read"),
])  # fmt: skip
def test_an_export_that_was_changed(database, tmp_path, file, old, new, told):
    export(database, tmp_path / "out")
    changed(tmp_path / "out" / file, old, new)
    with create(tmp_path / "new.duckdb") as other:
        with pytest.raises(ImportFailed, match=told) as caught:
            restore(tmp_path / "out", other)
        assert caught.value.remedy
        assert is_empty(other) and other.scalar(Query("SELECT count(*) FROM link")) == 10


def test_a_document_that_was_changed(database, tmp_path):
    with database.load("Test", "test") as load:
        load.execute("INSERT INTO content VALUES ('x', 'abc'::BLOB)")
    export(database, tmp_path / "out")
    [file] = (tmp_path / "out" / "documents").iterdir()
    file.write_bytes(b"other")
    with (
        create(tmp_path / "new.duckdb") as other,
        pytest.raises(ImportFailed, match="is not as it was exported"),
    ):
        restore(tmp_path / "out", other)


def test_no_export_of_ours(tmp_path):
    (tmp_path / "crmpanel.toml").write_text("title = 'x'")
    assert not is_own(tmp_path) and not is_own(tmp_path / "none")
    with create(tmp_path / "new.duckdb") as other, pytest.raises(ImportFailed, match="no export"):
        restore(tmp_path, other)


# -- as a mapping --------------------------------------------------------------------------------


def test_the_manifest_is_a_mapping_too(database, tmp_path):
    export(database, tmp_path / "out")
    mapping = load_mapping(tmp_path / "out" / "crmpanel.toml", database.registry)
    made = mapping_of(database.registry, {e.name: [e.name] for e in database.registry})
    assert mapping.sources == made.sources
    assert {source.entity for source in mapping.sources} == {e.name for e in REGISTRY} - {
        "change",
        "pin",
    }
    assert mapping.sources[0].entity == "user"
