"""An export makes an equal database, whatever there is in the first."""

import datetime as dt
import hashlib
import shutil
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmpanel.exporting import FORMATS, export
from crmpanel.importing.restoring import restore
from crmpanel.model.changeset import Changeset, Create, Delete, Keep, Update
from crmpanel.model.declared import CUSTOM_KINDS
from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import DATE, REFERENCE, TEXT
from crmpanel.query.query import Query
from crmpanel.store import create, open_
from crmpanel.store.check import check

#: Texts that something on the way might take for something else.
AWKWARD = [
    "", " ", "\n", "\r", "\t", "\r\n", "'", "''", "'%", "%41", "=1+1", "'=1", "''=1", "+47", "-1", "@x", "\t=1", '"', '""', "a,b;c\td",
    " lead", "trail ", "two\nlines", "two\r\nlines\r", "NULL", "null", "007", "1e5", "true", "2026-01-01", "\ufeffbom", "_x000D_", "_x0041_",
    "\x01\x1f\x7f", "\ufffe\uffff", "\u202efdp.exe", "\u2028", "\U0001f600" * 3, "\\N", "\\", "#N/A", "[]", "<b>&amp;", "x" * 40_000, "'" * 20,
]  # fmt: skip
ANY_TEXT = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=30),
)
CENTS = st.integers(-(10**17), 10**17).map(lambda n: Decimal(n) / 100)
WHOLE = st.integers(-(2**63), 2**63 - 1)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = {
    "VARCHAR": ANY_TEXT,
    "BIGINT": WHOLE,
    "DOUBLE": st.one_of(
        NUMBERS, st.sampled_from([-0.0, 0.1 + 0.2, 5e-324, 1.7976931348623157e308])
    ),
    "DECIMAL(18, 2)": CENTS,
    "BOOLEAN": st.booleans(),
    "DATE": st.dates(),
    "TIMESTAMP": st.datetimes(),
}
FIELDS = [Field(f"x_{name}", kind) for name, kind in CUSTOM_KINDS.items() if kind is not REFERENCE]
VISIT = Entity(
    name="site_visit", plural="site_visits", label="Vi\"sit\\ \x7f", label_plural="Site 'visits'\n", title="x_text", date="x_date",
    columns=("x_text",), sort=(("x_date", True),), origin="visits.csv", status_roles=(("Done", "completed"),),
    own_fields=(Field("organisation_id", REFERENCE, target="organisation"), *FIELDS),
)  # fmt: skip
RECORDS = st.lists(
    st.fixed_dictionaries({}, optional={f.name: VALUES[f.kind.sql] for f in FIELDS}),
    min_size=1,
    max_size=6,
)


def contents(database):
    """All that a database holds, but what is of the file itself."""
    tables = "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND database_name = current_database()"
    names = {name for (name,) in database.rows(Query(tables))} - {"crm_meta", "table_rows"}
    return {
        name: sorted(database.rows(Query(f'SELECT * FROM "{name}"')), key=repr)
        for name in sorted(names)
    }


def same(one, other):
    """Equal to the bit: 0.0 is not -0.0."""
    return {name: list(map(repr, rows)) for name, rows in one.items()} == {
        name: list(map(repr, rows)) for name, rows in other.items()
    }


@pytest.fixture(scope="module")
def template(crm_template, tmp_path_factory):
    """The small CRM, with declarations, documents, history and what is personal."""
    path = tmp_path_factory.mktemp("declared") / "crm.duckdb"
    shutil.copy(crm_template, path)
    with open_(path) as database:
        with database.load("Import", "test") as load:
            load.declare("person", [*FIELDS, Field("mentor_id", REFERENCE, target="person")])
            load.declare_entity(VISIT)
            load.declare("person", [Field("visit_id", REFERENCE, target="site_visit")])
            for data in (b"", b"\0\xff" * 1000, b"%PDF"):
                load.execute(
                    "INSERT INTO content VALUES (?, ?)", [hashlib.sha256(data).hexdigest(), data]
                )
            load.status_role("ticket", "=Lost", "lost")
        database.apply(
            Changeset(
                (Update("organisation", 1, {"city": "=Oslo"}), Delete("organisation", 3)),
                why="'tidy",
            )
        )
        done = database.apply(
            Changeset(
                (
                    Create(
                        "person",
                        {"name": "-x", "organisation_id": 1, "first_name": "a", "last_name": "b"},
                    ),
                )
            )
        )
        database.undo(done.number)
        parts = (
            Keep(
                "favourite",
                {"entity": "organisation", "record_id": 1},
                {"at": dt.datetime(2026, 1, 1, 1, 1, 1, 5)},
            ),
        )
        database.apply(Changeset(parts, viewer="kn"))
        database.apply(
            Changeset((Keep("preference", {"name": "x"}, {"value": "=1"}),), viewer="kn")
        )
    return path


def round_trip(database, kind, folder):
    exported = export(database, folder / "out", kind)
    with create(folder / "new.duckdb") as new:
        done = restore(folder / "out", new)
        assert done.loaded == sum(exported.rows.values())
        found = contents(new), {e.name: e for e in new.registry}, check(new)
    with open_(folder / "new.duckdb") as opened:
        assert contents(opened) == found[0]
    return found


@pytest.mark.hardening(10, 23)
@pytest.mark.parametrize("kind", FORMATS)
@settings(max_examples=5)
@given(records=RECORDS)
@example(records=[{"x_money": Decimal("-90071992547409.93")}])
@example(records=[{"x_text": text, "x_long_text": text} for text in AWKWARD])
@example(records=[
    {"x_date": dt.date(1, 1, 1), "x_datetime": dt.datetime(9999, 12, 31, 23, 59, 59, 999_999)},
    {"x_date": dt.date(1900, 2, 28), "x_datetime": dt.datetime(1899, 12, 31, 1)},
    {"x_date": dt.date(1900, 3, 1), "x_datetime": dt.datetime(1900, 3, 1, 23, 59, 59)},
    {"x_number": -0.0, "x_money": Decimal("0.10"), "x_integer": 2**63 - 1}, {"x_number": 0.1 + 0.2, "x_integer": -(2**53) - 1},
])  # fmt: skip
def test_nothing_is_lost(template, insert_records, kind, records):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        shutil.copy(template, folder / "crm.duckdb")
        with open_(folder / "crm.duckdb") as database:
            with database.load("Test", "test") as load:
                insert_records(
                    load,
                    "site_visit",
                    [{"id": n, "organisation_id": 1, **r} for n, r in enumerate(records, 1)],
                )
                insert_records(
                    load, "person", [{"id": 1000 + n, **r} for n, r in enumerate(records)]
                )
            before, registry = contents(database), {e.name: e for e in database.registry}
            after, again, findings = round_trip(database, kind, folder)
        assert same(after, before)
        assert again == registry
        assert findings == []


def test_the_log_can_be_undone_and_the_past_be_seen(template, tmp_path):
    shutil.copy(template, tmp_path / "crm.duckdb")
    with open_(tmp_path / "crm.duckdb") as database:
        export(database, tmp_path / "out")
        [(number,)] = database.rows(Query("SELECT id FROM changeset WHERE why = '''tidy'"))
    with create(tmp_path / "new.duckdb") as new:
        restore(tmp_path / "out", new)
        new.undo(number)
        assert new.scalar(Query("SELECT city FROM organisation WHERE id = 1")) == "Bergen"
        assert new.scalar(Query("SELECT name FROM organisation WHERE id = 3")) == "Café Solberg"


def test_the_code_has_come_to_declare_a_field_of_that_name(template, tmp_path):
    from crmpanel.entities import REGISTRY
    from crmpanel.model.registry import Registry

    later = REGISTRY.with_fields("person", [Field("x_number", TEXT), Field("x_date", DATE)])
    shutil.copy(template, tmp_path / "crm.duckdb")
    with open_(tmp_path / "crm.duckdb") as database:
        with database.load("Test", "test") as load:
            load.execute(
                "UPDATE person SET x_number = 1.5, x_date = DATE '2026-01-01' WHERE id = 1"
            )
        export(database, tmp_path / "out", "parquet")
    with create(tmp_path / "new.duckdb", Registry(later)) as new:
        restore(tmp_path / "out", new)
        row = new.records(Query("SELECT x_number, x_number_2, x_date FROM person WHERE id = 1"))[0]
        assert row == {"x_number": None, "x_number_2": 1.5, "x_date": dt.date(2026, 1, 1)}
