"""What is done otherwise where there is much, so that it fits and is quick: the same comes of it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmpanel.importing import Import, import_
from crmpanel.importing.understanding import forms
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


@pytest.mark.parametrize("unknown", [0, 2_000])
def test_in_a_large_table_a_link_is_measured_in_some_rows_and_is_the_same(
    unknown, monkeypatch, export, database
):
    tasks = [["Id", "Customer", "Subject", "ActivityDate"]] + [
        [f"T{n}", f"A{n % 4}" if n >= unknown else f"X{n % 9}", f"Call {n}", f"2024-01-{1 + n % 28:02}"]
        for n in range(8_000)
    ]  # fmt: skip
    accounts = [["Id", "Company"], *([f"A{n}", f"Firm {n}"] for n in range(4))]

    def understood(enough):
        monkeypatch.setitem(TableProfile.count.__globals__, "ENOUGH", enough)
        with Import(export(Kunder=accounts, Calls=tasks), database, None) as new:
            [said] = [
                e for e in new.proposal.evidence if "Kunder" in e and "%" in e and "Calls" in e
            ]
            links = {s.table: s.links for s in new.proposal.mapping.sources}
            return links, float(re.search(r"([\d.]+)%", said)[1])

    whole, some = understood(1_000_000), understood(1_000)
    assert some[0] == whole[0]
    assert some[0]["Calls"]
    assert some[1] == pytest.approx(100 - unknown / 80, abs=5)
    assert whole[1] == pytest.approx(100 - unknown / 80, abs=0.1)


@given(
    st.one_of(
        st.text(max_size=30),
        st.from_regex(r"[+(]?[\d ()./-]{4,20}", fullmatch=True),
        st.from_regex(r"(kr|NOK|\$)? ?\d{1,3}([ .,]\d{3})*([.,]\d\d)?( ?%)?", fullmatch=True),
        st.from_regex(r"[A-Z_-]{2,20}|ja|False", fullmatch=True),
        st.from_regex(r"[\w.]+@[a-z]+\.(no|com)", fullmatch=True),
        st.from_regex(r"(https?://)?www\.[a-z]+\.no(/[a-z]*)?", fullmatch=True),
    )
)
def test_what_is_not_tried_of_a_text_would_not_have_fitted(text):
    tried = set(forms.look({text: 1}).kinds) - {"text", "long", "phrase"}
    if "\n" not in text.strip() and len(text.strip()) <= 120:
        assert tried == {kind for kind, fits in forms._SIMPLE.items() if fits(text.strip())}


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
