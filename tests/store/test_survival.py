"""What writing must survive: forged, repeated, concurrent and impossible changesets."""

import threading

import pytest

from crmpanel.errors import Conflict, ValidationFailed
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
from crmpanel.query.query import Query
from crmpanel.store import open_, staging


def everything(database):
    """All that a write could touch."""
    tables = [entity.name for entity in database.registry] + ["changeset", "crm_meta", "table_rows"]
    return {
        table: database.rows(Query(f'SELECT count(*), bit_xor(hash(r)) FROM "{table}" AS r'))
        for table in tables
    }


def refused(database, error, *parts):
    """The error that a changeset is refused with; the database stays as it is."""
    before = everything(database)
    with pytest.raises(error) as caught:
        database.apply(Changeset(parts))
    assert everything(database) == before
    return caught.value


# -- what is forged --------------------------------------------------------------------------------

READ_ONLY = ("id", "source_key", "created", "erp_id", "erp_credit_limit", "last_activity")


@pytest.mark.hardening(32, 38, 40)
@pytest.mark.parametrize("field", [*READ_ONLY, "no_such", "rowid", 'a"; drop table x', "", None, 7])
def test_a_field_that_cannot_be_written_is_refused_with_all_else(database, field):
    fine = Update("organisation", 1, {"city": "Oslo"})
    for part in (
        Update("organisation", 1, {field: "1", "phone": "2"}),
        Create("organisation", {"name": "x", field: "1"}),
        MassUpdate(("organisation", [1, 2]), {field: Set("1")}),
        MassUpdate(("organisation", [1, 2]), {field: Clear()}),
    ):
        error = refused(database, ValidationFailed, fine, part)
        assert [problem.field for problem in error.problems] == [str(field)]


@pytest.mark.hardening(32, 38)
@pytest.mark.parametrize("entity", ["change", "changeset", "crm_meta", "no_such", "", None])
def test_what_is_no_entity_to_be_written_is_refused(database, entity):
    for part in (Update(entity, 1, {"city": "x"}), Create(entity, {}), Delete(entity, 1)):
        refused(database, ValidationFailed, Update("organisation", 1, {"city": "Oslo"}), part)


@pytest.mark.hardening(34)
@pytest.mark.parametrize(
    ("entity", "field", "value"),
    [
        ("user", "active", "maybe"),
        ("organisation", "employees", 2**63),
        ("organisation", "employees", "many"),
        ("organisation", "revenue", "1e30"),
        ("organisation", "responsible_id", 99),
        ("organisation", "responsible_id", -1),
        ("quotation", "date", "2026-02-30"),
        ("person", "email", "nobody"),
        ("person", "name", "  "),
        ("person", "organisation_id", None),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_named(database, entity, field, value):
    parts = [Update(entity, 1, {field: value}), MassUpdate((entity, [1]), {field: Set(value)})]
    for part in parts:
        error = refused(database, ValidationFailed, part)
        assert {(problem.entity, problem.field) for problem in error.problems} == {(entity, field)}


@pytest.mark.hardening(37)
@pytest.mark.parametrize(
    ("ids", "assignments", "error", "named"),
    [
        ([1, 2, 77], {"status": Set("x")}, ValidationFailed, 77),
        ([1, 2, 10], {"date": Shift(400)}, ValidationFailed, 10),
        ([1, 2, 8], {"status": Set("x")}, Conflict, 8),
    ],
)
def test_a_mass_edit_with_one_record_that_cannot_be_is_none(
    database, ids, assignments, error, named
):
    database.apply(Changeset((Delete("activity", 8),)))
    found = refused(database, error, MassUpdate(("activity", ids), assignments))
    told = found.problems if error is ValidationFailed else found.collisions
    assert [one.id for one in told] == [named]


# -- what is sent again ----------------------------------------------------------------------------


@pytest.mark.hardening(57)
def test_what_is_sent_again_after_the_server_was_started_again_has_no_effect(crm_path):
    changeset = Changeset((Create("person", {"name": "Eva", "organisation_id": 1}),))
    with open_(crm_path) as database:
        number = database.apply(changeset).number
    with open_(crm_path) as database:
        before = everything(database)
        assert database.apply(changeset).number == number
        assert everything(database) == before


@pytest.mark.hardening(57)
def test_a_double_click_in_two_threads_has_one_effect(database):
    changeset, found = Changeset((Create("user", {"name": "Twice"}),)), []
    threads = [
        threading.Thread(target=lambda: found.append(database.apply(changeset))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({applied.number for applied in found}) == 1
    assert sorted(map(bool, found)) == [False] * 7 + [True]
    assert database.scalar(Query("SELECT count(*) FROM \"user\" WHERE name = 'Twice'")) == 1


# -- at the same time ------------------------------------------------------------------------------


@pytest.mark.soak
@pytest.mark.hardening(50)
def test_eight_writers_make_a_hundred_increments_each(database):
    def count_up():
        for _ in range(100):
            while not incremented():
                pass

    def incremented():
        seen = database.scalar(Query("SELECT employees FROM organisation WHERE id = 2"))
        part = Update("organisation", 2, {"employees": (seen or 0) + 1}, {"employees": seen})
        try:
            return database.apply(Changeset((part,)))
        except Conflict:
            return None

    threads = [threading.Thread(target=count_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.scalar(Query("SELECT employees FROM organisation WHERE id = 2")) == 800
    logged = "SELECT count(*) FROM change WHERE field = 'employees' AND record_id = 2"
    assert database.scalar(Query(logged)) == 800


@pytest.mark.hardening(48, 49)
def test_an_edit_beside_a_delete_or_another_edit_in_two_threads(database):
    """Whichever is first: nobody's value is lost unseen."""
    outcomes = []

    def attempt(part):
        try:
            outcomes.append(database.apply(Changeset((part,))))
        except Conflict as error:
            outcomes.append(error)

    parts = [
        Update("person", 1, {"phone": "1"}, {"phone": None}),
        Update("person", 1, {"mobile": "2"}, {"mobile": None}),
        Delete("person", 1),
    ]
    threads = [threading.Thread(target=attempt, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [deleted] = [a for a in outcomes if not isinstance(a, Conflict) and a.counts["delete"]]
    refused_ = [error for error in outcomes if isinstance(error, Conflict)]
    assert all(error.collisions[0].changeset == deleted.number for error in refused_)
    database.undo(deleted.number)
    query = Query("SELECT phone, mobile FROM person WHERE id = 1")
    saved = [value for value in database.rows(query)[0] if value is not None]
    assert len(saved) == 2 - len(refused_)


# -- in memory and in the table --------------------------------------------------------------------

NEW = NewRecord()
FEW = {
    "update": [Update("organisation", 1, {"phone": "1", "city": None, "revenue": "2.50"})],
    "blank": [Update("organisation", 4, {"city": None}, {"city": ""})],
    "create": [
        Create("organisation", {"name": "O'Hara \u202e"}, NEW),
        Create("person", {"name": "Eva", "organisation_id": NEW, "birthday": "2000-02-29"}),
        Create("activity", {"subject": "x", "organisation_id": 1, "person_id": 1}),
    ],
    "both": [
        Create("organisation", {"name": "New"}, NEW),
        Update("person", 1, {"organisation_id": NEW, "responsible_id": 2}, {"name": "Kari Vik"}),
        Update("user", 1, {"active": False}),
    ],
    "nothing": [Update("person", 1, {"title": "CEO"})],
    "conflict": [Update("person", 1, {"title": "x"}, {"title": "y"})],
    "gone": [Update("person", 77, {"title": "x"}), Update("person", 1, {"title": "x"})],
    "missing": [Create("person", {"name": "x", "organisation_id": 77})],
    "loose": [Update("activity", 1, {"person_id": 1, "quotation_id": 88})],
}


@pytest.mark.parametrize("parts", FEW.values(), ids=FEW)
def test_a_few_records_are_written_as_many_are(
    crm_template, tmp_path, copy_all, monkeypatch, parts
):
    outcomes = []
    for name, few in (("memory", staging.are_few), ("table", lambda rows: False)):
        monkeypatch.setattr(staging, "are_few", few)
        with open_(copy_all(crm_template, tmp_path / f"{name}.duckdb")) as database:
            try:
                applied = database.apply(Changeset(tuple(parts)))
                told = (applied.number, applied.events)
            except (Conflict, ValidationFailed) as error:
                told = str(error)
            tables = [entity.name for entity in database.registry if not entity.about]
            # When it was created or changed may differ by a second.
            rows = {
                table: database.rows(
                    Query(f'SELECT * EXCLUDE (created) FROM "{table}" ORDER BY id')
                )
                for table in tables
            }
            log = database.rows(
                Query(
                    'SELECT * EXCLUDE (id, "at", created, new_value), CASE field WHEN '
                    "'created' THEN '' ELSE new_value END FROM change ORDER BY entity, record_id, id"
                )
            )
            outcomes.append((told, rows, log))
    memory, table = outcomes
    assert memory == table
