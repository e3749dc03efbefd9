"""What is done otherwise where there is much, so that it fits and is quick: the same comes of it."""

import pytest

from crmpanel.importing import Import, import_
from crmpanel.importing.understanding.profile import TableProfile
from crmpanel.store import bulk, create

ACCOUNTS = [["Id", "Name"], *([f"A{n}", f"Firm {n}"] for n in range(4))]
CONTACTS = [["Id", "AccountId", "LastName"], *([f"C{n}", f"A{n % 5}", "Dahl"] for n in range(9))]
#: In no order; those of A4 and of nobody belong to no organisation.
TASKS = [
    ["Id", "AccountId", "Subject", "ActivityDate"],
    *([f"T{n}", f"A{n * 7 % 5}", f"Call {n}", f"2024-01-{1 + n * 5 % 28:02}"] for n in range(40)),
    *([f"N{n}", "", f"Note {n}", "2024-02-01"] for n in range(7)),
]


@pytest.mark.parametrize("sorted_at_once", [1, 3, 10, 46, 47, 1000])
def test_the_log_is_sorted_in_slices_as_it_is_in_one(
    sorted_at_once, monkeypatch, export, database, rows
):
    monkeypatch.setattr(bulk, "SORTED", sorted_at_once)
    import_(export(Account=ACCOUNTS, Contact=CONTACTS, Task=TASKS), database)
    log = rows("SELECT organisation_id, id, entity, record_id, subject FROM change")
    assert log == sorted(log, key=lambda row: (row[0] is None, row[0] or 0, row[1]))
    assert sorted(row[1] for row in log) == list(range(1, len(log) + 1))
    records = [
        row
        for entity, owner, title in (
            ("organisation", "id", "name"),
            ("person", "organisation_id", "name"),
            ("activity", "organisation_id", "subject"),
        )
        for row in rows(f"SELECT {owner}, '{entity}', id, {title} FROM {entity}")
    ]
    assert len(records) == 4 + 9 + 47
    assert sorted(map(str, records)) == sorted(str((a, *rest)) for a, _, *rest in log)


def test_columns_that_the_mapping_knows_are_not_counted(monkeypatch, export, database):
    monkeypatch.setitem(TableProfile.count.__globals__, "SAMPLE", 10)
    counted, count = [], TableProfile.count

    def noted(table, names):
        counted.extend((table.name, name) for name in names if name not in table.counts)
        count(table, names)

    monkeypatch.setattr(TableProfile, "count", noted)
    tasks = [[*row, "7"] for row in TASKS]
    tasks[0][-1] = "Length__c"
    with Import(export(Task=tasks), database, "salesforce") as new:
        assert counted == [("Task", "Length__c")]
        assert "Length__c" in str(new.proposal.toml())


def test_an_import_takes_little_memory_and_gives_it_back(export, database):
    def limit():
        sql = "SELECT current_setting('memory_limit')"
        return database.cursor().execute(sql).fetchone()[0]

    database.maintain("SET GLOBAL memory_limit = '4GiB'")
    with Import(export(), database, "salesforce"):
        assert limit() == "1.3 GiB"
    assert limit() == "4.0 GiB"


def test_undoing_finds_every_record_of_a_sliced_log(monkeypatch, export, tmp_path):
    monkeypatch.setattr(bulk, "SORTED", 5)
    with create(tmp_path / "undone.duckdb") as database:
        report = import_(export(Account=ACCOUNTS, Contact=CONTACTS, Task=TASKS), database)
        database.undo(report.changeset)
        for entity in ("organisation", "person", "activity"):
            assert database.cursor().execute(f"SELECT count(*) FROM {entity}").fetchone() == (0,)
