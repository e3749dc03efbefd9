"""Every write is a changeset: whole, logged, and refused where it would lose something."""

import datetime as dt
import re
import threading
from decimal import Decimal

import pytest

from crmpanel.errors import Conflict, StoreError, ValidationFailed
from crmpanel.model.changeset import (
    Changeset,
    Clear,
    Create,
    Delete,
    MassUpdate,
    NewRecord,
    Set,
    Shift,
    Update,
)
from crmpanel.model.filters import FilterSet
from crmpanel.model.personal import PERSONAL
from crmpanel.query.query import Query
from crmpanel.query.selection import Selection
from crmpanel.query.where import Context
from crmpanel.store import open_, schema
from crmpanel.store.check import check

PHONE = "+47 55 12 34 56"


def one(database, entity, id, *fields):
    """The values of a record, or of some of its fields; None if it is gone."""
    found = database.records(Query(f'SELECT * FROM "{entity}" WHERE id = ?', (id,)))
    if not found:
        return None
    return tuple(found[0][name] for name in fields) if fields else found[0]


def log(database, number):
    """What a changeset logged: action, entity, record, field, old, new."""
    sql = (
        "SELECT action, entity, record_id, field, old_value, new_value FROM change "
        "WHERE changeset = ? AND source <> 'test' ORDER BY id"
    )
    return database.rows(Query(sql, (number,)))


def everything(database):
    """All that a write could touch."""
    tables = [entity.name for entity in database.registry] + ["changeset", "crm_meta", "table_rows"]
    return {
        table: database.rows(Query(f'SELECT count(*), bit_xor(hash(r)) FROM "{table}" AS r'))
        for table in tables
    }


def apply(database, *parts, **options):
    return database.apply(Changeset(parts, **options))


def refused(database, error, *parts):
    """The error that a changeset is refused with; the database stays as it is."""
    before = everything(database)
    with pytest.raises(error) as caught:
        apply(database, *parts)
    assert everything(database) == before
    return caught.value


@pytest.fixture
def database(database):
    """Whatever is done to it, it is whole, and its rows are counted right."""
    yield database
    if database.users:
        assert check(database) == []
        kept = dict(database.rows(Query("SELECT name, rows FROM table_rows")))
        for name, rows in kept.items():
            assert database.scalar(Query(f'SELECT count(*) FROM "{name}"')) == rows


# -- updates -----------------------------------------------------------------------------------


def test_an_update_is_written_with_its_log(database):
    applied = apply(
        database,
        Update("organisation", 1, {"phone": "22 33", "employees": 12, "city": "Bergen"}),
        why="Moved",
        user=2,
    )
    assert str(applied) == f"Changeset {applied.number}: 1 changed."
    assert one(database, "organisation", 1, "phone", "employees", "city") == ("22 33", 12, "Bergen")
    assert log(database, applied.number) == [
        ("update", "organisation", 1, "phone", PHONE, "22 33"),
        ("update", "organisation", 1, "employees", None, "12"),
    ]
    [row] = database.records(Query("SELECT * FROM change ORDER BY id DESC LIMIT 1"))
    assert (row["organisation_id"], row["responsible_id"], row["subject"], row["source"]) == (
        1,
        2,
        "Nordlys AS",
        "edit",
    )
    [made] = database.records(Query("SELECT * FROM changeset ORDER BY id DESC LIMIT 1"))
    assert (made["id"], made["why"], made["source"], made["user_id"]) == (
        applied.number,
        "Moved",
        "edit",
        2,
    )


def test_what_does_not_change_writes_nothing(database):
    before = everything(database)
    applied = apply(database, Update("organisation", 1, {"phone": PHONE, "revenue": 1_500_000}))
    assert (applied.number, str(applied), bool(applied)) == (None, "Nothing changed.", False)
    assert apply(database).number is None
    assert everything(database) == before


def test_the_last_part_counts(database):
    applied = apply(
        database,
        Update("organisation", 1, {"phone": "1"}),
        MassUpdate(("organisation", [1, 2]), {"phone": Set("2")}),
        Update("organisation", 1, {"phone": "3"}),
        Update("organisation", 1, {"phone": PHONE}),
    )
    assert log(database, applied.number) == [("update", "organisation", 2, "phone", None, "2")]


def test_a_record_that_moves_is_told_to_both_organisations(database):
    applied = apply(database, Update("activity", 7, {"organisation_id": 2}))
    assert applied.events[0].organisations == (2, 3)


VALUES = [
    ("quotation", "value", 70.5, "70.50"),
    ("quotation", "value", Decimal("-0.00"), "0.00"),
    ("quotation", "value", "1234.5", "1234.50"),
    ("quotation", "probability", 0.1, "0.1"),
    ("quotation", "probability", 1e-7, "1e-07"),
    ("quotation", "date", dt.date(1, 1, 1), "0001-01-01"),
    ("quotation", "date", "9999-12-31", "9999-12-31"),
    ("activity", "date", dt.datetime(2026, 3, 29, 2, 30), "2026-03-29 02:30:00"),
    ("activity", "date", dt.datetime(2026, 1, 1, 0, 0, 0, 500_000), "2026-01-01 00:00:00.5"),
    ("activity", "date", "2026-02-03 10:30", "2026-02-03 10:30:00"),
    ("user", "active", "false", "false"),
    ("organisation", "employees", "17", "17"),
    ("organisation", "phone", "007", "007"),
    ("organisation", "city", "", None),
]


@pytest.mark.hardening(4)
@pytest.mark.parametrize(("entity", "field", "value", "text"), VALUES)
def test_values_are_logged_as_text_that_casts_back(database, entity, field, value, text):
    applied = apply(database, Update(entity, 2, {field: value}))
    column = f'CAST("{field}" AS VARCHAR)'
    found = database.scalar(Query(f'SELECT {column} FROM "{entity}" WHERE id = 2'))
    assert found == text
    assert [row[5] for row in log(database, applied.number)] == [text]


@pytest.mark.hardening(1)
@pytest.mark.hardening(19)
def test_texts_are_stored_exactly(database, naughty_strings, hostile):
    more = (hostile, "it's; -- % _ \\ ' \" $1 ? {x}", "a\u202egnp.exe")
    texts = [text for text in (*naughty_strings, *more) if text]
    apply(database, *(Create("user", {"name": "x", "title": text}) for text in texts))
    stored = Query("SELECT title FROM user WHERE id > 3 ORDER BY id")
    assert [row[0] for row in database.rows(stored)] == texts
    apply(database, *(Update("user", 4 + n, {"title": f"{n}"}) for n in range(len(texts))))
    logged = Query("SELECT old_value FROM change WHERE changeset = 6 ORDER BY record_id")
    assert [row[0] for row in database.rows(logged)] == texts


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.hardening(1)
@pytest.mark.hardening(2)
@pytest.mark.hardening(3)
@pytest.mark.hardening(4)
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"comment": "a\0b"}, "NUL"),
        ({"comment": "\ud800"}, "surrogate"),
        ({"comment": "x" * 10_000_000}, "1,000,000"),
        ({"comment": 5}, "Give a text"),
        ({"employees": 2**128}, "64 bits"),
        ({"employees": 1.5}, "whole number"),
        ({"employees": "1_000"}, "whole number"),
        ({"employees": True}, "whole number"),
        ({"revenue": float("nan")}, "Give a number"),
        ({"revenue": Decimal("sNaN")}, "Give a number"),
        ({"revenue": float("inf")}, "Give a number"),
        ({"revenue": "1e999"}, "Give an amount"),
        ({"revenue": "1.005"}, "two decimals"),
        ({"name": None}, "cannot be empty"),
        ({"name": "  "}, "cannot be empty"),
        ({"email": "kari at nordlys"}, "kari@nordlys.no"),
        ({"parent_id": 99}, "no organisation 99"),
        ({"responsible_id": 99}, "no user 99"),
        ({"parent_id": NewRecord()}, "does not make"),
        ({"nme": "x"}, "Did you mean 'name'"),
    ],
)
def test_a_bad_value_is_refused(database, values, message):
    error = refused(database, ValidationFailed, Update("organisation", 1, values))
    [problem] = error.problems
    assert (problem.entity, problem.id, problem.field) == ("organisation", 1, *values)
    assert message in problem.message


@pytest.mark.hardening(4)
@pytest.mark.parametrize(
    "date", ["03/04/2026", "2026-02-30", "20260203", dt.datetime(2026, 1, 1, 5)]
)
def test_an_ambiguous_date_is_asked_for(database, date):
    error = refused(database, ValidationFailed, Update("quotation", 1, {"date": date}))
    assert "Give a date" in error.problems[0].message


@pytest.mark.hardening(38)
@pytest.mark.parametrize(
    "part",
    [
        Update("organisation", 1, {"erp_id": "1"}),
        Update("organisation", 1, {"id": 9}),
        Update("organisation", 1, {"source_key": "x"}),
        Update("organisation", 1, {"created": dt.datetime(2026, 1, 1)}),
        Update("organisation", 1, {"last_activity": dt.datetime(2026, 1, 1)}),
        MassUpdate(("organisation", [1]), {"erp_id": Set("1")}),
        MassUpdate(("organisation", [1]), {"created": Shift(1)}),
        Create("organisation", {"name": "x", "erp_id": "1"}),
        Update("change", 1, {"new_value": "x"}),
        Delete("change", 1),
        Create("change", {"organisation_id": 1}),
        MassUpdate(("change", [1]), {"new_value": Set("x")}),
    ],
)
def test_what_is_read_only_stays_as_it_is(database, part):
    error = refused(database, ValidationFailed, part)
    assert any(word in str(error) for word in ("read only", "The log cannot be changed"))


def test_all_problems_are_told_at_once(database):
    error = refused(
        database,
        ValidationFailed,
        Update("organisation", 1, {"name": None, "email": "x", "nope": 1, "phone": "good"}),
        Update("person", True, {"name": "x"}),
        Create("activity", {"date": "soon"}),
        MassUpdate(("activity", [1]), {"subject": Clear(), "type": Shift(1), "date": Shift(10**9)}),
        Delete("nope", 1),
        Delete("person", 2**64),
        MassUpdate(("person", ["1"]), {"title": "x"}),
    )
    assert [(p.entity, p.id, p.field) for p in error.problems] == [
        ("organisation", 1, "name"),
        ("organisation", 1, "email"),
        ("organisation", 1, "nope"),
        ("person", True, None),
        ("activity", None, "date"),
        ("activity", None, "organisation_id"),
        ("activity", None, "subject"),
        ("activity", None, "subject"),
        ("activity", None, "type"),
        ("activity", None, "date"),
        ("nope", 1, None),
        ("person", 2**64, None),
        ("person", "1", None),
        ("person", None, "title"),
    ]


def test_a_record_that_never_was(database):
    error = refused(database, ValidationFailed, Update("person", 99, {"title": "x"}))
    assert [p.message for p in error.problems] == ["There is no person 99."]
    refused(database, ValidationFailed, Delete("person", 99))
    refused(database, ValidationFailed, MassUpdate(("person", [1, 99]), {"title": Clear()}))


def test_a_write_within_a_write_is_refused(database):
    with database.load("Test", "test"), pytest.raises(StoreError, match="within another"):
        apply(database, Update("person", 1, {"title": "x"}))


# -- new and deleted records ---------------------------------------------------------------------


def test_records_that_refer_to_each_other_are_made_in_one_go(database):
    org, person = NewRecord(), NewRecord()
    applied = apply(
        database,
        Create("activity", {"subject": "Call", "organisation_id": org, "person_id": person}),
        Create("organisation", {"name": "Ny AS", "responsible_id": 1}, org),
        Create("person", {"name": "Eva", "organisation_id": org}, person),
    )
    assert applied.counts == {"insert": 3, "update": 0, "delete": 0}
    assert one(database, "activity", 11, "organisation_id", "person_id") == (7, 6)
    made = one(database, "organisation", 7)
    assert (made["name"], made["responsible_id"], made["erp_id"]) == ("Ny AS", 1, None)
    assert made["created"] is not None
    rows = log(database, applied.number)
    assert ("insert", "person", 6, "name", None, "Eva") in rows
    assert ("insert", "activity", 11, "organisation_id", None, "7") in rows
    whose = Query("SELECT DISTINCT organisation_id FROM change WHERE changeset = ?")
    assert database.rows(Query(whose.sql, (applied.number,))) == [(7,)]


def test_a_deleted_record_is_let_go_of(database):
    applied = apply(database, Delete("person", 1))
    assert applied.counts == {"insert": 0, "update": 7, "delete": 1}
    assert one(database, "person", 1) is None
    assert one(database, "activity", 1, "person_id", "subject") == (None, "Call about the offer")
    rows = log(database, applied.number)
    assert ("delete", "person", 1, "email", "kari@nordlys.no", None) in rows
    assert ("update", "ticket", 1, "person_id", "1", None) in rows


def test_an_organisation_goes_with_all_that_is_its(database, records):
    applied = apply(database, Delete("organisation", 1), user=1)
    for entity in database.registry:
        if entity.organisation == "organisation_id" and not entity.about:
            left = Query(f'SELECT count(*) FROM "{entity.name}" WHERE organisation_id = 1')
            assert database.scalar(left) == 0
    assert one(database, "organisation", 2, "parent_id") == (None,)
    assert database.scalar(Query("SELECT count(*) FROM change WHERE id <= 4")) == 4
    assert applied.counts["delete"] == 1 + sum(
        record.get("organisation_id") == 1
        for entity, rows in records.items()
        for record in rows
        if entity != "change"
    )


def test_what_is_deleted_is_not_changed_as_well(database):
    applied = apply(
        database,
        Update("person", 1, {"title": "x"}),
        Delete("person", 1),
        Update("activity", 1, {"person_id": 2}),
        Delete("person", 1),
    )
    assert one(database, "activity", 1, "person_id") == (2,)
    assert not [r for r in log(database, applied.number) if r[:3] == ("update", "person", 1)]


def test_nothing_can_refer_to_what_is_deleted_with_it(database):
    error = refused(
        database, ValidationFailed, Delete("person", 1), Update("activity", 2, {"person_id": 1})
    )
    assert "no person 1 to refer to" in str(error)
    refused(
        database,
        ValidationFailed,
        Delete("organisation", 1),
        Create("person", {"name": "x", "organisation_id": 1}),
    )


def test_an_id_is_never_given_twice(database, crm_path):
    apply(database, Create("person", {"name": "a", "organisation_id": 1}))
    apply(database, Delete("person", 6))
    apply(database, Create("person", {"name": "b", "organisation_id": 1}))
    assert one(database, "person", 7, "name") == ("b",)
    apply(database, Delete("person", 7))
    database.close()
    with open_(crm_path) as again:
        apply(again, Create("person", {"name": "c", "organisation_id": 1}))
        assert one(again, "person", 8, "name") == ("c",)


# -- mass edit -----------------------------------------------------------------------------------


def selection(database, entity, now, **filters):
    found = database.registry[entity]
    return Selection(found, database.registry, Context(now), FilterSet(**filters))


def test_a_mass_edit_changes_what_is_selected(database, now):
    planned = selection(database, "activity", now, status=("Planned",))
    assignments = {
        "date": Shift(7),
        "responsible_id": Set(2),
        "person_id": Clear(),
        "status": Set("Planned"),
    }
    applied = apply(database, MassUpdate(planned, assignments), source="mass edit")
    assert applied.counts["update"] == 5
    assert one(database, "activity", 1, "date", "responsible_id", "person_id") == (
        dt.datetime(2026, 1, 27, 9),
        2,
        None,
    )
    assert one(database, "activity", 4, "date") == (None,)
    assert one(database, "activity", 2, "date") == (dt.datetime(2026, 2, 10, 13),)
    assert {row[3] for row in log(database, applied.number)} == {
        "date",
        "responsible_id",
        "person_id",
    }


def test_a_date_beyond_the_calendar_stops_a_mass_edit(database, now):
    everything_ = selection(database, "activity", now)
    error = refused(database, ValidationFailed, MassUpdate(everything_, {"date": Shift(1)}))
    assert [(p.id, p.field) for p in error.problems] == [(10, "date")]
    error = refused(database, ValidationFailed, MassUpdate(everything_, {"date": Shift(-1)}))
    assert [p.id for p in error.problems] == [9]


def test_a_save_takes_few_statements_however_many_records_there_are(database, statements):
    with database.load("Test", "test") as load:
        load.execute(
            "INSERT INTO person (id, organisation_id) SELECT 100 + i, 1 FROM range(90) r(i)"
        )

    def shapes(number, text):
        parts = [Update("person", 100 + n, {"comment": text, "title": text}) for n in range(number)]
        with statements(database) as seen:
            apply(database, *parts)
        return [sql.split('"id" IN')[0] for sql, _ in seen]

    shapes(1, "a")
    # Read, write, changeset, log: two fields of a record are written at once.
    assert len(shapes(1, "b")) == 4
    assert len(shapes(8, "c")) == 11
    assert len(shapes(9, "d")) < 11
    assert shapes(9, "e") == shapes(20, "f")
    assert len(shapes(90, "g")) == len(shapes(9, "h"))


def test_the_statements_of_a_save(database, statements, snapshot):
    apply(database, Update("activity", 2, {"subject": "Warm up"}))
    with statements(database) as seen:
        apply(database, Update("activity", 1, {"status": "Active"}, {"status": "Planned"}))
    assert "\n".join(sql for sql, _ in seen) == snapshot


# -- conflicts ------------------------------------------------------------------------------------


@pytest.mark.hardening(47)
def test_the_second_of_two_sees_both_values(database):
    first = apply(database, Update("organisation", 1, {"phone": "22"}, {"phone": PHONE}), user=1)
    error = refused(
        database,
        Conflict,
        Update(
            "organisation", 1, {"phone": "33", "city": "Oslo"}, {"phone": PHONE, "city": "Oslo"}
        ),
    )
    city, phone = error.collisions
    assert (phone.field, phone.seen, phone.now, phone.new) == ("phone", PHONE, "22", "33")
    assert (phone.by, phone.changeset, phone.record) == (
        "Kari Nordmann",
        first.number,
        "Nordlys AS",
    )
    assert phone.at is not None
    assert (city.seen, city.now, city.changeset) == ("Oslo", "Bergen", None)
    assert "you saw '+47 55 12 34 56', now it is '22', yours is '33'" in str(error)
    assert "Kari Nordmann" in str(error)


@pytest.mark.hardening(48)
def test_two_fields_of_one_record_are_merged(database):
    seen = {"phone": PHONE, "city": "Bergen"}
    apply(database, Update("organisation", 1, {"phone": "22"}, seen))
    apply(database, Update("organisation", 1, {"city": "Oslo"}, seen))
    assert one(database, "organisation", 1, "phone", "city") == ("22", "Oslo")


def test_a_blank_that_was_seen_is_blank(database):
    apply(database, Update("organisation", 4, {"city": "Oslo"}, {"city": None}))
    apply(database, Update("organisation", 2, {"comment": "x"}, {"comment": ""}))
    assert one(database, "organisation", 4, "city") == ("Oslo",)


@pytest.mark.hardening(49)
def test_an_edit_of_what_was_deleted_can_be_saved_after_undo(database):
    edit = Update("person", 1, {"title": "Chair"}, {"title": "CEO"})
    deleted = apply(database, Delete("organisation", 1), user=2)
    error = refused(database, Conflict, edit)
    [gone] = error.collisions
    assert (gone.entity, gone.id, gone.record, gone.field) == ("person", 1, "Kari Vik", None)
    assert (gone.by, gone.changeset) == ("Ola Hansen", deleted.number)
    assert f"Undoing changeset {deleted.number} brings back" in str(error)
    refused(database, Conflict, Delete("person", 1))
    refused(database, Conflict, MassUpdate(("person", [1, 3]), {"title": Clear()}))
    database.undo(deleted.number)
    apply(database, edit)
    assert one(database, "person", 1, "title") == ("Chair",)


@pytest.mark.hardening(50)
def test_eight_writers_lose_no_increment(database):
    errors = []

    def count_up():
        done = 0
        while done < 10:
            (seen,) = one(database, "organisation", 2, "employees")
            part = Update("organisation", 2, {"employees": (seen or 0) + 1}, {"employees": seen})
            try:
                apply(database, part)
                done += 1
            except Conflict:
                continue
            except Exception as error:
                errors.append(error)
                return

    threads = [threading.Thread(target=count_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert one(database, "organisation", 2, "employees") == (80,)


@pytest.mark.hardening(57)
def test_what_is_sent_twice_has_one_effect(database):
    changeset = Changeset((Create("person", {"name": "Eva", "organisation_id": 1}),))
    first = database.apply(changeset)
    again = database.apply(changeset)
    assert (again.number, again.events) == (first.number, ())
    assert str(again) == f"Changeset {first.number} was applied before."
    assert database.scalar(Query("SELECT count(*) FROM person WHERE name = 'Eva'")) == 1


# -- around ---------------------------------------------------------------------------------------


def test_a_preview_writes_nothing(database):
    before, writes = everything(database), database.writes
    frame = database.preview(
        Changeset((Delete("ticket", 2), Update("person", 1, {"title": "Chair"})))
    )
    assert list(frame.columns) == ["entity", "id", "record", "field", "old", "new"]
    assert frame.query("entity == 'person'").to_dict("records") == [
        dict(entity="person", id=1, record="Kari Vik", field="title", old="CEO", new="Chair")
    ]
    assert len(frame) > 3
    assert (everything(database), database.writes) == (before, writes)


def test_listeners_are_told_after_the_commit(database, caplog):
    seen = []

    def listen(applied):
        seen.append((applied.events, one(database, "person", 1, "title")))

    def fail(applied):
        raise RuntimeError("no")

    database.listeners += [fail, listen]
    apply(database, Update("person", 1, {"title": "Chair"}))
    apply(database, Update("person", 1, {"title": "Chair"}))
    [(events, title)] = seen
    assert title == ("Chair",)
    assert "A listener failed" in caplog.text
    [event] = events
    assert (event.entity, event.action, event.ids, event.organisations, event.fields) == (
        "person",
        "update",
        (1,),
        (1,),
        ("title",),
    )


def test_many_records_are_counted_not_listed(database):
    parts = [Create("user", {"name": f"U{n}"}) for n in range(1001)]
    [event] = apply(database, *parts).events
    assert (event.number, event.ids, event.organisations) == (1001, None, None)


def test_a_declared_entity_is_all_it_takes(crm_path, toy_registry):
    with open_(crm_path, toy_registry) as database:
        apply(database, Create("vehicle", {"plate": "AB 1", "organisation_id": 1, "driver_id": 1}))
        number = apply(database, Delete("user", 1), Delete("organisation", 1)).number
        assert one(database, "vehicle", 1) is None
        database.undo(number)
        assert one(database, "vehicle", 1, "plate", "driver_id") == ("AB 1", 1)


def test_a_database_of_the_first_schema_is_upgraded(crm_path):
    """It had no personal state but the organisations that somebody had viewed."""
    system = dict(schema.system_sql())
    viewed = re.search(r"CREATE TABLE viewed .*?;", system[1], re.DOTALL)
    since = " ".join(sql for version, sql in system.items() if version > 1)
    later = re.findall(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", since)
    with open_(crm_path) as database, database.load("Old", "test") as load:
        for table in (*PERSONAL, *re.findall(r"CREATE TABLE (\w+)", since)):
            load.execute(f'DROP TABLE "{table}"')
        for table, column in later:
            load.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        load.execute(viewed[0])
        load.execute("INSERT INTO viewed VALUES ('kn', 3, '2026-01-02 03:04')")
        load.execute("UPDATE crm_meta SET value = '1' WHERE key = 'schema'")
    with open_(crm_path) as database:
        assert schema.version(database.cursor()) == schema.VERSION
        [visit] = database.records(Query("SELECT * FROM visit"))
        assert {name: value for name, value in visit.items() if value is not None} == {
            "viewer": "kn",
            "entity": "organisation",
            "record_id": 3,
            "at": dt.datetime(2026, 1, 2, 3, 4),
        }
        tables = {
            name for (name,) in database.rows(Query("SELECT table_name FROM duckdb_tables()"))
        }
        assert tables >= PERSONAL.keys() and "viewed" not in tables
        number = apply(database, Update("person", 1, {"title": "Chair"})).number
        database.undo(number)
        assert one(database, "person", 1, "title") == ("CEO",)
