"""Import, edits, a newer export: whatever happens, the database is what a plain model says."""

import copy
import csv
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmpanel.importing import Import
from crmpanel.importing.mapping import Column, EntitySource, Mapping, Route, Taken
from crmpanel.model.changeset import Changeset, Delete, Update
from crmpanel.model.moment import Moment
from crmpanel.query.query import Query
from crmpanel.store import create, open_
from crmpanel.store.check import check
from crmpanel.store.past import Past

NAMES = {
    "organisation": ("name", "city", "employees"),
    "person": ("name", "birthday", "organisation_id"),
}
COLUMNS = {
    "organisation": {"name": "Name", "city": "City", "employees": "Staff"},
    "person": {"name": "Name", "birthday": "Born"},
}


def source(entity, table, links):
    fields = {name: Taken((Column(column),)) for name, column in COLUMNS[entity].items()}
    return EntitySource(entity, table, (Column("Id"),), fields, links)


MAPPING = Mapping(
    "plain",
    "Plain",
    (
        source("organisation", "Firms", {}),
        source("person", "People", {"organisation_id": (Route(Column("Firm")),)}),
    ),
    {"Firms": ("Id",), "People": ("Id",)},
)
KEYS = ("a", "b", "c", "d")
TEXTS = st.sampled_from(["Oslo", "Bergen", "", "=1+1", "O'Hara"])
FIRM = st.fixed_dictionaries(
    {
        "Name": st.sampled_from(["A", "B", "Ø"]),
        "City": TEXTS,
        "Staff": st.sampled_from(["1", "01", "7.0", ""]),
    }
)
PERSON = st.fixed_dictionaries(
    {
        "Name": st.sampled_from(["P", "Q"]),
        "Born": st.sampled_from(["2000-01-01", "2001-02-03", ""]),
        "Firm": st.sampled_from([*KEYS, "", "nobody"]),
    }
)
EXPORT = st.tuples(
    st.dictionaries(st.sampled_from(KEYS), FIRM, min_size=1),
    st.dictionaries(st.sampled_from(KEYS), PERSON),
)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["edit", "edit", "edit", "delete"]),
        st.sampled_from(["organisation", "person"]),
        st.sampled_from(KEYS),
        st.integers(0, 2),
        st.integers(0, 1),
    ),
    max_size=6,
)
VALUES = {
    "name": ("U", "A"),
    "city": ("Mine", "Oslo"),
    "employees": ("99", "1"),
    "birthday": ("1999-09-09", "2000-01-01"),
}


def write(folder, export):
    folder.mkdir(exist_ok=True)
    for table, rows, columns in (
        ("Firms", export[0], ["Id", "Name", "City", "Staff"]),
        ("People", export[1], ["Id", "Name", "Born", "Firm"]),
    ):
        with (folder / f"{table}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows([key, *(row[c] for c in columns[1:])] for key, row in rows.items())
    return folder


def load(database, folder, **choices):
    with Import(folder, database, MAPPING) as found:
        preview = found.preview(**choices)
        report = found.load(**choices, sure=True)
    assert {n: (e.new, e.changed, e.conflicts) for n, e in preview.report.entities.items()} == {
        n: (e.new, e.changed, e.conflicts) for n, e in report.entities.items()
    }
    return report


# -- the model: what the database holds, and what the source said last ----------------------------


def number(text):
    return str(int(float(text))) if text else None


def said(export, there):
    """What an export says: text by field, by entity and key; references by key."""
    firms = {
        ("organisation", key): {
            "name": row["Name"] or None, "city": row["City"] or None, "employees": number(row["Staff"])
        }
        for key, row in export[0].items()
    }  # fmt: skip
    known = set(firms) | there
    people = {
        ("person", key): {
            "name": row["Name"] or None,
            "birthday": row["Born"] or None,
            "organisation_id": row["Firm"] if ("organisation", row["Firm"]) in known else None,
        }
        for key, row in export[1].items()
    }
    return {**firms, **people}


class Model:
    """Records by entity and key; values that users have changed, with what the source had said."""

    def __init__(self):
        self.records, self.base, self.deleted, self.vanished = {}, {}, set(), set()
        self.firms = {}

    def load(self, export, policy="ask"):
        here = {("organisation", key) for key in export[0]} - self.deleted
        if policy == "source":
            here |= {("organisation", key) for key in export[0]}
        kept = {key for key in self.records if key[0] == "organisation"}
        new = said((export[0], export[1]), kept)
        for key in list(new):
            # What a user has deleted is not there for links either, unless the source wins.
            value = new[key].get("organisation_id")
            if value and ("organisation", value) not in here | kept:
                new[key]["organisation_id"] = None
        conflicts = 0
        for key, values in new.items():
            if key in self.deleted:
                if policy != "source":
                    conflicts += 1
                    continue
                self.deleted.discard(key)
            if key not in self.records:
                self.records[key] = dict(values)
                continue
            record = self.records[key]
            for name, value in values.items():
                base = self.base.get((key, name), record[name])
                if value == record[name]:
                    continue
                if base == record[name]:
                    record[name] = value
                elif value != base:
                    conflicts += 1
                    if policy == "source":
                        record[name] = value
                        self.base.pop((key, name), None)
        self.firms |= {("person", key): row["Firm"] for key, row in export[1].items()}
        for key in self.records.keys() - new.keys():
            # The export does not have it, but may bring what its kept key names.
            firm = self.firms.get(key)
            if ("organisation", firm) in self.records and not self.records[key]["organisation_id"]:
                self.records[key]["organisation_id"] = firm
        self.vanished = {key for key in self.records if key not in new}
        return conflicts

    def edit(self, key, name, value):
        record = self.records[key]
        if record[name] != value:
            self.base.setdefault((key, name), record[name])
            record[name] = value

    def delete(self, key):
        gone = {key}
        if key[0] == "organisation":
            gone |= {k for k, r in self.records.items() if r.get("organisation_id") == key[1]}
        for one in gone:
            self.records.pop(one)
            self.base = {k: v for k, v in self.base.items() if k[0] != one}
        self.deleted |= gone


def stored(database):
    """The records of the database as the model has them, and those that have vanished."""
    found, vanished = {}, set()
    for entity, names in NAMES.items():
        columns = ", ".join(
            "o.source_key" if name == "organisation_id" else f'CAST(r."{name}" AS VARCHAR)'
            for name in names
        )
        join = ""
        if entity == "person":
            join = 'LEFT JOIN organisation AS o ON o."id" = r."organisation_id"'
        sql = f'SELECT r.source_key, r.vanished, {columns} FROM "{entity}" AS r {join}'
        for key, gone, *values in database.rows(Query(sql)):
            found[entity, key] = dict(zip(names, values, strict=True))
            if gone:
                vanished.add((entity, key))
    return found, vanished


def everything(database):
    """Every value of every record."""
    found = {}
    for entity in NAMES:
        for row in database.records(Query(f'SELECT * FROM "{entity}"')):
            found[entity, row["id"]] = dict(row)
    return found


def user_edits(database, model, edits):
    for what, entity, key, field, value in edits:
        if (entity, key) not in model.records:
            continue
        id = database.scalar(Query(f'SELECT id FROM "{entity}" WHERE source_key = ?', (key,)))
        if what == "delete":
            database.apply(Changeset((Delete(entity, id),)))
            model.delete((entity, key))
            continue
        names = [name for name in NAMES[entity] if name in VALUES]
        name = names[field % len(names)]
        database.apply(Changeset((Update(entity, id, {name: VALUES[name][value]}),)))
        model.edit((entity, key), name, VALUES[name][value])


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("again") / "template.duckdb"
    create(path).close()
    return path


@given(first=EXPORT, second=EXPORT, edits=EDITS, policy=st.sampled_from(["ask", "source", "mine"]))
@settings(max_examples=5)
@pytest.mark.hardening(12)
def test_a_newer_export(template, first, second, edits, policy):
    again(template, first, second, edits, policy)


@given(first=EXPORT, second=EXPORT, edits=EDITS, policy=st.sampled_from(["ask", "source", "mine"]))
@settings(max_examples=100)
@pytest.mark.soak
@pytest.mark.hardening(12)
def test_a_hundred_newer_exports(template, first, second, edits, policy):
    again(template, first, second, edits, policy)


def again(template, first, second, edits, policy):
    """Import, import the same, edit, import the newer one, look back, undo, and do it again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "crm.duckdb"
        shutil.copy(template, path)
        one, two = write(folder / "one", first), write(folder / "two", second)
        model, states = Model(), []
        with open_(path) as database:
            load(database, one)
            assert model.load(first) == 0
            assert stored(database)[0] == model.records
            assert load(database, one).changeset is None
            user_edits(database, model, edits)
            last = database.scalar(Query("SELECT max(id) FROM changeset"))
            states.append((last, everything(database)))
            before, known = copy.deepcopy(model), everything(database)

            report = load(database, two, policy=policy)
            conflicts = model.load(second, policy)
            found, vanished = stored(database)
            assert found == model.records
            assert vanished == model.vanished
            assert sum(e.conflicts for e in report.entities.values()) == conflicts
            assert load(database, two, policy="mine").changeset is None

            # The log tells the past exactly, and undoing brings it back.
            for number, kept in states:
                at = database.scalar(Query('SELECT "at" FROM changeset WHERE id = ?', (number,)))
                past = Past(database, Moment(at, number))
                assert everything(past) == kept
                past.close()
            if report.changeset is not None:
                database.undo(report.changeset)
            assert everything(database) == known
            again = load(database, two, policy=policy)
            assert stored(database)[0] == model.records
            assert sum(e.conflicts for e in again.entities.values()) == conflicts
            if again.changeset is not None:
                database.undo(again.changeset)
            assert stored(database)[0] == before.records
            assert check(database) == []
