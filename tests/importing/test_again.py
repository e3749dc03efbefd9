"""The same source again: what is new, changed, gone and back, and what users have done since."""

import csv

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.merging import merge
from crmpanel.errors import ImportFailed, UndoRefused, UnknownName
from crmpanel.importing import Import, import_
from crmpanel.importing.unlinked import unlinked
from crmpanel.model.changeset import Changeset, Create, Delete, Update
from crmpanel.query.query import Query
from crmpanel.store.check import check

HEAD = ["Id", "Name", "OwnerId", "Phone", "NumberOfEmployees"]
FIRMS = [HEAD, ["A1", "Fjord AS", "U1", "1", "7"], ["A2", "Vik AS", "U1", "2", "8"]]
PEOPLE = [
    ["Id", "AccountId", "LastName", "Birthdate"],
    ["C1", "A1", "Dahl", "1980-01-31"],
    ["C2", "A2", "Berg", ""],
    ["C3", "A9", "Lund", ""],
]


@pytest.fixture
def load(export, database):
    def run(Account=FIRMS, Contact=PEOPLE, preview=False, **choices):
        tables = {"Account": Account, "Contact": Contact}
        with Import(export(**tables), database, "salesforce") as found:
            choices.setdefault("sure", True)
            if preview:
                return found.preview(**choices)
            return found.load(**choices)

    return run


@pytest.fixture
def edit(database, rows):
    def run(entity, key, **values):
        [(id,)] = rows(f'SELECT id FROM "{entity}" WHERE source_key = ?', key)
        return database.apply(Changeset((Update(entity, id, values),)))

    return run


def changed(table, key, column, value):
    place = table[0].index(column)
    return [[*row[:place], value, *row[place + 1 :]] if row[0] == key else row for row in table]


def without(table, *keys):
    return [row for row in table if row[0] not in keys]


# -- what changes -------------------------------------------------------------------------------


def test_only_what_has_changed_is_written_and_logged(load, rows):
    load()
    newer = changed(changed(FIRMS, "A1", "Phone", "11"), "A2", "NumberOfEmployees", "08")
    report = load([*newer, ["A3", "Ny AS", "U1", "", ""]])
    found = report["organisation"]
    assert (found.new, found.changed, found.unchanged) == (1, 1, 1)
    logged = rows(
        "SELECT entity, action, field, old_value, new_value, source FROM change "
        "WHERE changeset = ? ORDER BY action",
        report.changeset,
    )
    assert logged == [
        ("organisation", "insert", "id", None, "3", "import export"),
        ("organisation", "update", "phone", "1", "11", "import export"),
    ]
    assert [str(d) for d in report.differences] == ["organisation 1 (Fjord AS), phone: '1' → '11'"]


@pytest.mark.hardening(12)
def test_numbers_and_dates_are_compared_as_such(load):
    load()
    newer = changed(FIRMS, "A1", "NumberOfEmployees", "7.0")
    born = changed(PEOPLE, "C1", "Birthdate", "1980-01-31T00:00:00")
    assert load(newer, born).changeset is None


def test_a_column_that_the_export_has_no_more_clears_nothing(load, column):
    load()
    place = HEAD.index("Phone")
    newer = [row[:place] + row[place + 1 :] for row in changed(FIRMS, "A1", "Name", "Fjord ASA")]
    report = load(newer)
    assert report["organisation"].changed == 1
    assert column("SELECT phone FROM organisation ORDER BY id") == ["1", "2"]


def test_a_value_that_cannot_be_understood_clears_nothing(load, column):
    load()
    report = load(changed(FIRMS, "A1", "NumberOfEmployees", "many"))
    assert report.changeset is None
    assert [reject.value for reject in report.rejects if reject.column == "NumberOfEmployees"] == [
        "many"
    ]
    assert column("SELECT employees FROM organisation ORDER BY id") == [7, 8]


def test_a_preview_writes_nothing(load, counts, column):
    load()
    before = counts()
    preview = load(changed(FIRMS, "A1", "Phone", "11"), preview=True)
    assert preview.report["organisation"].changed == 1
    assert preview.is_new
    assert counts() == before
    assert column("SELECT phone FROM organisation ORDER BY id") == ["1", "2"]


def test_sources_do_not_clash(load, export, database, column):
    load()
    other = export(Account=[HEAD, ["A1", "Another", "U1", "", ""]], Contact=PEOPLE[:2])
    with Import(other, database, "salesforce", name="other") as found:
        assert found.load()["organisation"].new == 1
    assert column("SELECT name FROM organisation ORDER BY id") == ["Fjord AS", "Vik AS", "Another"]
    assert column("SELECT DISTINCT source_name FROM organisation ORDER BY 1") == [
        "other",
        "salesforce",
    ]


# -- what users have done -----------------------------------------------------------------------


def test_an_edit_stays_where_the_source_has_not_changed(load, edit, column):
    load()
    edit("organisation", "A1", phone="mine")
    report = load()
    assert report.changeset is None
    assert report["organisation"].conflicts == 0
    assert column("SELECT phone FROM organisation ORDER BY id") == ["mine", "2"]


@pytest.mark.parametrize(
    ("policy", "phone"), [("ask", "mine"), ("mine", "mine"), ("source", "new")]
)
def test_a_conflict_is_listed_and_the_policy_decides(policy, phone, load, edit, column):
    load()
    edit("organisation", "A1", phone="mine", city="Bergen")
    newer = changed(changed(FIRMS, "A1", "Phone", "new"), "A1", "NumberOfEmployees", "70")
    report = load(newer, policy=policy)
    [conflict] = report.conflicts
    found = (conflict.field, conflict.before, conflict.mine, conflict.source)
    assert found == ("phone", "1", "mine", "new")
    assert conflict.at is not None and conflict.changeset == 2
    assert "1 conflicts" in str(report)
    assert column("SELECT phone FROM organisation ORDER BY id") == [phone, "2"]
    assert column("SELECT employees FROM organisation ORDER BY id") == [70, 8]


def test_a_field_can_be_decided_alone(load, edit, column):
    load()
    edit("organisation", "A1", phone="mine")
    edit("organisation", "A2", phone="mine too")
    newer = changed(changed(FIRMS, "A1", "Phone", "n1"), "A2", "Phone", "n2")
    first = load(newer, preview=True).report.conflicts[0]
    load(newer, decided={first.key: "source"})
    assert column("SELECT phone FROM organisation ORDER BY id") == ["n1", "mine too"]
    load(newer, policy="source", decided={("organisation", 2, "phone"): "mine"})
    assert column("SELECT phone FROM organisation ORDER BY id") == ["n1", "mine too"]


def test_an_edit_that_was_undone_is_none(load, edit, database, column):
    load()
    applied = edit("organisation", "A1", phone="mine")
    database.undo(applied.number)
    report = load(changed(FIRMS, "A1", "Phone", "new"))
    assert report["organisation"].conflicts == 0
    assert column("SELECT phone FROM organisation ORDER BY id") == ["new", "2"]


def test_what_a_user_deleted_comes_back_only_if_the_source_wins(load, database, rows, column):
    load()
    [(id,)] = rows("SELECT id FROM person WHERE source_key = 'C1'")
    database.apply(Changeset((Delete("person", id),)))
    report = load()
    assert report.changeset is None
    [conflict] = report.conflicts
    assert conflict.key == ("person", id, "id") and "was deleted" in str(conflict)
    assert load(policy="source")["person"].new == 1
    assert column("SELECT name FROM person WHERE source_key = 'C1'") == ["Dahl"]


def test_merged_records_follow_the_merge(load, database, rows):
    load()
    desk = Desk(database, "nobody")
    database.apply(merge(desk, "organisation", 1, 2))
    assert load().changeset is None
    report = load(FIRMS, [*PEOPLE, ["C4", "A2", "Ny", ""]])
    assert (report["organisation"].new, report["person"].new) == (0, 1)
    assert rows("SELECT organisation_id FROM person WHERE source_key = 'C4'") == [(1,)]
    # Changes of the one that is gone are not those of the one that was kept.
    assert (
        load(changed(FIRMS, "A2", "Name", "Other"), [*PEOPLE, ["C4", "A2", "Ny", ""]]).changeset
        is None
    )


# -- what vanishes --------------------------------------------------------------------------------


def test_what_vanishes_is_marked_and_comes_back(load, column, rows):
    load()
    report = load(without(FIRMS, "A2"))
    assert report["organisation"].vanished == 1
    assert column("SELECT source_key FROM organisation WHERE vanished IS NOT NULL") == ["A2"]
    assert rows("SELECT count(*) FROM person WHERE organisation_id = 2") == [(1,)]
    assert load(without(FIRMS, "A2")).changeset is None
    assert load()["organisation"].returned == 1
    assert column("SELECT source_key FROM organisation WHERE vanished IS NOT NULL") == []


def test_what_vanishes_can_be_deleted_and_undone(load, database, column):
    load()
    report = load(without(FIRMS, "A2"), vanished="delete")
    assert report["organisation"].vanished == 1
    assert column("SELECT source_key FROM organisation") == ["A1"]
    assert column("SELECT source_key FROM person WHERE organisation_id IS NULL ORDER BY 1") == [
        "C2",
        "C3",
    ]
    assert check(database) == []
    database.undo(report.changeset)
    assert column("SELECT source_key FROM organisation ORDER BY 1") == ["A1", "A2"]
    load(without(FIRMS, "A2"), vanished="delete")
    assert load()["organisation"].new == 1


def test_what_vanishes_can_be_left_alone(load):
    load()
    assert load(without(FIRMS, "A2"), vanished="ignore").changeset is None


def test_more_than_half_is_asked_for(load, counts):
    load()
    before = counts()
    few = without(PEOPLE, "C1", "C2")
    assert "2 of 3 persons" in load(Contact=few, preview=True, sure=False).report.doubts[0]
    with pytest.raises(ImportFailed, match="2 of 3 persons would be marked") as caught:
        load(Contact=few, sure=False)
    assert "--yes" in caught.value.remedy
    assert counts() == before
    assert load(Contact=few)["person"].vanished == 2


def test_a_table_that_is_not_there_makes_nothing_vanish(export, database, load):
    load()
    folder = export(Account=FIRMS)
    (folder / "Contact.csv").unlink()
    report = import_(folder, database, "salesforce")
    assert report.changeset is None


def test_rows_that_cannot_be_read_make_nothing_vanish(load, column):
    load()
    load(Contact=b"Id,AccountId,LastName\r\nC1,A1\r\nC2,A2,Berg\r\n")
    assert column("SELECT source_key FROM person WHERE vanished IS NOT NULL") == []


# -- what is not linked ---------------------------------------------------------------------------


def test_a_key_that_named_nothing_is_linked_when_its_organisation_comes(
    load, database, export, rows
):
    report = load()
    assert report["person"].unlinked == 1
    found = database.records(unlinked(database, "persons"))
    assert [(r["title"], r["source"], r["names"]) for r in found] == [("Lund", "salesforce", "A9")]
    # The next export brings the organisation, without the person.
    folder = export(Account=[*FIRMS, ["A9", "Late AS", "U1", "", ""]])
    (folder / "Contact.csv").unlink()
    assert import_(folder, database, "salesforce")["organisation"].new == 1
    assert rows(
        "SELECT o.name FROM person p JOIN organisation o ON o.id = p.organisation_id "
        "WHERE p.source_key = 'C3'"
    ) == [("Late AS",)]
    assert database.records(unlinked(database)) == []


def test_a_person_that_a_user_linked_stays_there(load, edit, rows):
    load()
    edit("person", "C3", organisation_id=1)
    assert load().changeset is None
    assert rows("SELECT organisation_id FROM person WHERE source_key = 'C3'") == [(1,)]


# -- undo ---------------------------------------------------------------------------------------


def test_undo_and_do_again(load, database, counts, rows):
    before = counts()
    report = load()
    undone = database.undo(report.changeset)
    held = counts()
    assert {n: held[n] for n in ("organisation", "person", "user")} == {
        n: before[n] for n in ("organisation", "person", "user")
    }
    database.undo(undone.number)
    assert rows("SELECT count(*), count(organisation_id) FROM person") == [(3, 2)]
    assert load().changeset is None


def test_undo_is_refused_where_something_stands_on_it(load, edit, database):
    number = load().changeset
    edit("organisation", "A1", phone="mine")
    database.apply(Changeset((Create("activity", {"subject": "x", "organisation_id": 2}),)))
    with pytest.raises(UndoRefused) as caught:
        database.undo(number)
    told = " ".join(caught.value.reasons)
    assert "phone" in told and "activity" in told


def test_an_import_is_told_to_listeners(load, database):
    heard = []
    database.listeners.append(heard.append)
    load()
    [applied] = heard
    assert {(e.entity, e.action, e.number) for e in applied.events} == {
        ("user", "insert", 1),
        ("organisation", "insert", 2),
        ("person", "insert", 3),
    }
    load()
    assert heard[1:] == [] or not heard[1]


# -- what cannot be ------------------------------------------------------------------------------


def test_strict_stops_at_anything(load, counts):
    before = counts()
    with pytest.raises(ImportFailed, match="names no organisation"):
        load(strict=True)
    assert counts() == before
    assert load(Contact=without(PEOPLE, "C3"), strict=True)["person"].new == 2


@pytest.mark.parametrize(
    "choices", [{"policy": "mien"}, {"vanished": "del"}, {"polcy": "ask"}, {"decided": {(): "me"}}]
)
def test_a_misspelt_choice_is_refused(choices, load):
    with pytest.raises(UnknownName):
        load(**choices)


# -- rejects --------------------------------------------------------------------------------------


@pytest.mark.hardening(23)
def test_rejects_are_corrected_and_imported(load, database, rows, tmp_path):
    file = tmp_path / "rejects.csv"
    bad = [
        *PEOPLE,
        ["C4", "A1", "=1+1", "yesterday"],
        ["", "A1", "Keyless", ""],
        ["C1", "A1", "Twice", ""],
    ]
    report = load(Contact=bad, rejects=file)
    assert report["person"].new == 4
    with file.open(encoding="utf-8-sig", newline="") as text:
        head, *found = list(csv.reader(text))
    assert head[:5] == ["@problem", "@table", "@file", "@line", "@source"]
    assert head[5:] == [f"Contact.{name}" for name in PEOPLE[0]]
    names = {row[7]: row[0] for row in found}
    assert set(names) == {"Lund", "'=1+1", "Keyless", "Twice"}
    assert "not a date" in names["'=1+1"] and "no key" in names["Keyless"]
    for row in found:
        row[5:] = {
            "'=1+1": ["C4", "A1", "'=1+1", "1999-12-31"],
            "Keyless": ["C5", "A1", "Keyless", ""],
            "Twice": ["C6", "A2", "Twice", ""],
            "Lund": row[5:],
        }[row[7]]
    with file.open("w", encoding="utf-8-sig", newline="") as text:
        csv.writer(text, delimiter=";").writerows([head, *found])
    report = import_(file, database)
    person = report["person"]
    assert (person.new, person.changed, person.unchanged, person.vanished) == (2, 1, 1, 0)
    assert rows(
        "SELECT name, birthday::VARCHAR, organisation_id FROM person "
        "WHERE source_key IN ('C4', 'C5', 'C6') ORDER BY source_key"
    ) == [("=1+1", "1999-12-31", 1), ("Keyless", None, 1), ("Twice", None, 2)]


def test_rejects_of_an_unknown_source(database, tmp_path):
    file = tmp_path / "rejects.csv"
    file.write_text("@problem,@table,@file,@line,@source,T.Id\nx,T,T.csv,2,other,1\n")
    with pytest.raises(ImportFailed, match="Nothing of that source has been imported"):
        import_(file, database)


def test_a_listed_unlinked_entity_must_be_able_to_be(database):
    assert database.records(Query("SELECT 1 AS x")) == [{"x": 1}]
    with pytest.raises(UnknownName):
        unlinked(database, "persns")
