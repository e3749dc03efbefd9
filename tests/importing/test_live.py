"""Live sources: what is seen where it lies equals what an import makes of it, and is read only."""

import csv
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pandas
import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.errors import CrmError, ImportFailed, StoreError
from crmpanel.importing import import_, inplace
from crmpanel.importing.attaching import attach
from crmpanel.importing.seen import id_of
from crmpanel.model.changeset import Changeset, Create
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store import Scope, create

GIVEN = [
    "salesforce_datacloud",
    "salesforce_genai",
    "northwind/northwind.sqlite",
    "ofbiz",
    "flat_contacts",
]
#: Of the keys in the test of ids.
IDS = [
    5845230683805356,
    6494187685797605,
    8943841702827413,
    8985695645234558,
    999999999999999,
    6411626268483167,
]
#: What exports have that is not as it should be.
ODD = {
    "Account": [
        ["Id", "Name", "OwnerId", "ParentId", "Colour"],
        ["A1", "Fjord AS", "U1", "", "red"],
        ["A2", "Åre GmbH", "U2", "A1", ""],
        ["A1", "Fjord again", "U1", "", "blue"],  # a key that occurs twice
        ["", "Nobody", "U1", "", ""],
        ["17", "Tall AS", "", "A9", "red"],  # a parent that is not there
    ],
    "Contact": [
        ["Id", "AccountId", "LastName", "Birthdate"],
        ["C1", "A1", "Dahl", "1980-02-30"],  # no such day
        ["C2", "A9", "Lund", "1981-02-03"],
        ["C3", "17", "Vik", ""],
    ],
    "Opportunity": [
        ["Id", "AccountId", "Name", "StageName", "Amount", "CloseDate", "IsDeleted"],
        ["O1", "A1", "Boats", "Closed Won", "1200.50", "2024-01-31", "0"],
        ["O2", "A2", "Nets", "Prospecting", "much", "2024-02-01", "0"],
        ["O3", "A2", "Gone", "Closed Lost", "5", "2024-02-01", "1"],  # left out by the mapping
    ],
    "Task": [
        ["Id", "WhatId", "WhoId", "Subject", "ActivityDate", "Status", "OwnerId"],
        ["T1", "A1", "C1", "Call", "2024-03-01", "Completed", "U1"],
        ["T2", "O2", "", "Through the quotation", "2024-03-02", "Not Started", "U2"],
        ["T3", "", "C3", "Through the person", "2024-03-03", "Completed", "U3"],
        ["T4", "X9", "", "Nowhere", "2024-03-04", "Completed", "U1"],
    ],
}


def contents(database, name):
    """All records of an entity by their keys, references by the keys of what they refer to."""
    entity = database.registry[name]
    columns, joins = {}, ""
    for number, field in enumerate(entity.fields.values()):
        alias = f"t{number}"
        columns[field.name] = "NULL" if field.name == "id" else f"r.{quoted(field.name)}"
        if field.target:
            columns[field.name] = f"coalesce({alias}.\"source_key\", '@' || {columns[field.name]})"
            joins += f" LEFT JOIN {quoted(field.target)} AS {alias} "
            joins += f'ON {alias}."id" = r.{quoted(field.name)}'
    made = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
    sql = f'SELECT {made} FROM {quoted(name)} AS r{joins} ORDER BY r."source_key"'
    return [{n: v for n, v in row.items() if v is not None} for row in database.records(Query(sql))]


def entities(database):
    return [e.name for e in database.registry if not e.about and not e.shipped]


def assert_equal(live, imported):
    found = {name: contents(live, name) for name in entities(imported)}
    for name, rows in found.items():
        assert rows == contents(imported, name), name
        assert live.status_roles(name) == imported.status_roles(name)
    assert any(found.values())


def ids(database, name, where="true"):
    return database.rows(Query(f'SELECT "id" FROM {quoted(name)} WHERE {where} ORDER BY 1'))


def titled(database, entity):
    """All records, with the titles of what they refer to."""
    selection = Desk(database, "kn").selection(entity.name)
    return database.records(selection.page(list(entity.fields), (("id", False),), None))


def assert_cards_are_right(live, name):
    """The card of each record has what all records together say."""
    key = f"{name}_id"
    every = {e: titled(live, e) for e in live.registry if e.organisation and not e.about}
    for (id,) in ids(live, name):
        card = live.within(Scope(id) if name == "organisation" else Scope(0, key, name, id))
        for entity, rows in every.items():
            field = "id" if entity.name == name else key
            if field in entity.fields:
                expected = [row for row in rows if row[field] == id]
                found = [row for row in titled(card, entity) if row[field] == id]
                assert found == expected, entity.name


def rewritten(folder, kind, place):
    """The tables of a folder of CSV files in files of another kind."""
    place.mkdir()
    made = duckdb.connect(str(place / "all.duckdb") if kind == "duckdb" else ":memory:")
    for file in folder.glob("*.csv"):
        rows = f"read_csv({literal(str(file))}, header = true)"
        if kind == "duckdb":
            made.execute(f"CREATE TABLE {quoted(file.stem)} AS FROM {rows}")
        else:
            to = literal(str(place / f"{file.stem}.parquet"))
            made.execute(f"COPY (FROM {rows}) TO {to} (FORMAT parquet)")
    made.close()
    return place / "all.duckdb" if kind == "duckdb" else place


@pytest.fixture
def attached():
    """Attach a source until the test ends."""
    opened = []

    def open_it(*args):
        opened.append(attach(*args))
        return opened[-1]

    yield open_it
    for live in opened:
        live.close()


@pytest.fixture
def both(attached, tmp_path):
    """Attach and import the same source."""
    with create(tmp_path / "imported.duckdb") as imported:

        def open_both(path, mapping=None):
            import_(path, imported, mapping)
            return attached(path, mapping), imported

        yield open_both


@pytest.fixture
def odd(export):
    return export(**ODD)


# -- the same as imported --------------------------------------------------------------------------


@pytest.mark.parametrize("name", GIVEN)
def test_the_given_data_are_the_same_live_and_imported(name, shared, both):
    assert_equal(*both(shared(*name.split("/"))))


def test_the_card_of_the_given_salesforce_data(shared, attached):
    live = attached(shared("salesforce_datacloud"))
    [(id, name)] = live.rows(
        Query("SELECT id, name FROM organisation WHERE source_key = ?", ("001Ec00000GGw3jIAD",))
    )
    assert name == "Chapman Fowler and Lee"
    card = live.within(Scope(id))
    for table, expected in {"person": 1, "quotation": 3, "ticket": 2, "activity": 8}.items():
        assert len(ids(card, table, f"organisation_id = {id}")) == expected, table


@pytest.mark.parametrize("kind", ["csv", "parquet", "duckdb"])
def test_a_small_export_is_the_same_in_files_of_any_kind(kind, small, both, tmp_path):
    place = small if kind == "csv" else rewritten(small, kind, tmp_path / kind)
    live, imported = both(place)
    assert_equal(live, imported)
    if kind == "parquet":
        assert_cards_are_right(live, "organisation")


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_what_is_odd_comes_to_the_same(encoding, export, both):
    live, imported = both(export(**ODD, encoding=encoding))
    assert_equal(live, imported)
    assert [row["name"] for row in contents(live, "organisation")] == [
        "Tall AS",
        "Fjord AS",
        "Åre GmbH",
    ]
    assert contents(live, "organisation")[1]["colour"] == "red"  # a field of its own


@pytest.mark.parametrize("name", ["organisation", "person", "quotation"])
def test_a_card_has_what_all_records_together_say(name, odd, attached):
    assert_cards_are_right(attached(odd), name)


def test_rows_with_bad_values_are_left_out_where_the_mapping_says_so(odd, both, tmp_path):
    assert_equal(*both(odd, _mapping(tmp_path, 'on_bad_value = "reject"')))


def _mapping(tmp_path, top):
    file = tmp_path / "own.toml"
    file.write_text(
        f"""
        {top}
        [recognise]
        Account = ["Id", "Name"]
        [[source]]
        entity = "organisation"
        table = "Account"
        key = "Id"
        group = true
        [source.fields]
        name = "Name"
        last_activity = {{ latest = "activity.date" }}
        [[source]]
        entity = "quotation"
        table = "Opportunity"
        key = "Id"
        [source.fields]
        organisation_id = {{ column = "AccountId" }}
        description = "Name"
        value = "Amount"
        [[source]]
        entity = "activity"
        table = "Task"
        key = "Id"
        [source.fields]
        organisation_id = ["WhatId", {{ column = "WhatId", via = "quotation" }}]
        subject = "Subject"
        date = "ActivityDate"
        """
    )
    return file


# -- ids -------------------------------------------------------------------------------------------


def test_ids_stay_the_same_and_are_exact_in_a_browser(odd, attached):
    first = {row["source_key"]: row["id"] for row in records(attached(odd), "organisation")}
    again = {row["source_key"]: row["id"] for row in records(attached(odd), "organisation")}
    assert first == again
    assert first["17"] == 17
    assert all(0 < id < 1 << 53 for id in first.values())


def test_ids_do_not_depend_on_the_version_of_duckdb():
    """An address that somebody has kept would lead to another card."""
    keys = ["001Ec00000GGw3jIAD", "Nordlys", "æøå", "007", "999999999999999", "1000000000000000"]
    sql = f"SELECT {id_of('k')} FROM (SELECT unnest(?) AS k)"
    found = [id for (id,) in duckdb.execute(sql, [keys]).fetchall()]
    assert found == IDS


def records(database, name):
    return database.records(Query(f"SELECT * FROM {quoted(name)}"))


# -- read only -------------------------------------------------------------------------------------


def test_whatever_writes_is_refused_with_the_remedy(odd, attached):
    live = attached(odd)
    changeset = Changeset((Create("organisation", {"name": "New"}),))

    def load():
        with live.load("Test", "test"):
            pass

    for write in (
        lambda: live.apply(changeset),
        lambda: live.preview(changeset),
        lambda: live.undo(1),
        lambda: live.perform(lambda *_: None, changeset),
        lambda: live.maintain("CHECKPOINT"),
        load,
    ):
        with pytest.raises(StoreError, match=r"export cannot be changed here.*crmpanel import"):
            write()


def test_nothing_is_copied(odd, attached):
    live = attached(odd)
    held = live._below.cursor().execute(
        "SELECT sum(estimated_size) FROM duckdb_tables() WHERE database_name LIKE 'scratch%' "
        "AND table_name NOT LIKE 'stand-ins%'"
    )
    assert held.fetchall() == [(0,)]
    assert len(ids(live, "organisation")) == 3


def test_what_cannot_be_read_where_it_lies_is_held_only_if_there_is_little(
    export, attached, monkeypatch
):
    folder = export(**ODD, encoding="utf-16")
    monkeypatch.setattr(inplace, "MOST_HELD", 100)
    with pytest.raises(ImportFailed, match=r"cannot be shown where it lies.*crmpanel import"):
        attached(folder)


def test_another_database_without_the_extension_is_refused_without_its_password(attached):
    with pytest.raises(ImportFailed) as error:
        attached("postgresql://crm:geheim@127.0.0.1:1/crm")
    assert "cannot be read" in str(error.value)
    assert "geheim" not in str(error.value)


# -- what is there now -----------------------------------------------------------------------------


def write(file, rows):
    """Replace a file, as programs do that export."""
    new = file.with_suffix(".new")
    with new.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows(rows)
    os.replace(new, file)


def test_a_file_that_is_replaced_is_read_anew(odd, attached):
    live = attached(odd)
    [(id,)] = ids(live, "organisation", "source_key = 'A1'")
    card = live.within(Scope(id))
    assert len(ids(card, "person", f"organisation_id = {id}")) == 1
    write(odd / "Contact.csv", [*ODD["Contact"], ["C4", "A1", "Holm", ""]])
    assert len(ids(card, "person", f"organisation_id = {id}")) == 2
    assert len(ids(live, "person")) == 4


def test_a_file_that_is_gone_or_broken_is_an_error_until_it_is_back(odd, attached):
    live, file = attached(odd), odd / "Account.csv"
    kept = shutil.copy(file, odd.parent / "kept.csv")
    before = ids(live, "organisation")
    for broken in (None, [["Name"], ["No key"]], [["Id", "Name", "OwnerId"]]):
        file.unlink() if broken is None else write(file, broken)
        for _ in range(2):
            with pytest.raises(CrmError):
                ids(live, "organisation")
    shutil.copy(kept, file)
    assert ids(live, "organisation") == before


def test_a_table_that_is_gone_does_not_pass_for_an_empty_one(odd, attached):
    live = attached(odd)
    assert len(ids(live, "person")) == 3
    (odd / "Contact.csv").unlink()
    with pytest.raises(ImportFailed, match=r"Contact.csv is not there any more"):
        ids(live, "person")


def test_what_a_killed_process_left_is_removed(odd, attached):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = Path(tempfile.gettempdir(), f"crmpanel-live-{ended.pid}-x")
    left.mkdir()
    live = attached(odd)
    assert not left.exists()
    assert live.path.exists()


def test_data_frames(odd, attached):
    frames = {
        name: pandas.DataFrame(rows[1:], columns=rows[0], dtype=str) for name, rows in ODD.items()
    }
    live, files = attached(frames), attached(odd)
    for name in ("organisation", "activity"):
        assert ids(live, name) == ids(files, name)


def test_closing_leaves_nothing_behind(odd):
    live = attach(odd)
    folder = live.path.parent
    card = live.within(Scope(1))
    assert ids(card, "organisation") == []
    live.close()
    assert not folder.exists()
    with pytest.raises(StoreError):
        ids(card, "organisation")
