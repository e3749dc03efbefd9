"""The hand-written export: every kind of link, value and trap, in a handful of rows."""

import datetime as dt
from decimal import Decimal

import pytest

from crmpanel.importing import import_
from crmpanel.store import create


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with create(tmp_path_factory.mktemp("small") / "crm.duckdb") as made:
        yield made


@pytest.fixture(scope="module")
def report(small, database):
    return import_(small, database, "salesforce")


def test_counts(report):
    found = {
        name: (e.read, e.loaded, e.rejected, e.unlinked) for name, e in report.entities.items()
    }
    assert found == {
        "user": (1, 2, 0, 0),
        "organisation": (4, 3, 1, 0),
        "person": (3, 3, 0, 1),
        "quotation": (2, 2, 0, 0),
        "ticket": (2, 2, 0, 1),
        "activity": (5, 5, 0, 1),
        "meeting": (1, 1, 0, 0),
    }
    assert report["user"].stand_ins == 1
    assert report.loaded == 18


@pytest.mark.hardening(10)
def test_leading_zeros_stay(report, rows):
    assert rows("SELECT phone, postcode FROM organisation ORDER BY id LIMIT 2") == [
        ("0047 55 00 00", "0012"),
        (None, "09000"),
    ]
    assert rows("SELECT number FROM ticket ORDER BY number") == [("00001014",), ("00001015",)]


def test_values_take_the_kind_of_their_field(report, rows):
    [row] = rows(
        "SELECT employees, revenue, currency, domain, comment, created, source_key "
        "FROM organisation WHERE name = 'Fjord AS'"
    )
    assert row == (
        7,
        Decimal("1500.50"),
        "USD",
        "fjord.example",
        "Two lines,\nwith a comma",
        dt.datetime(2024, 1, 31, 8, 0),
        "001000000000001AAA",
    )


def test_times_become_utc(report, rows):
    assert rows("SELECT created, closed FROM ticket WHERE number = '00001014'") == [
        (dt.datetime(2024, 2, 4, 1, 0), dt.datetime(2024, 2, 4, 10, 0))
    ]


def test_what_does_not_fit_is_named(report):
    found = {(r.file, r.line, r.column, r.value, r.loaded) for r in report.rejects}
    assert found == {
        ("Account.csv", 5, "IsDeleted", "1", False),
        ("Account.csv", 6, "AnnualRevenue", "12 million", True),
        ("Account.csv", 6, "NumberOfEmployees", "3.5", True),
        ("Account.csv", 6, "CreatedDate", "yesterday", True),
        ("Contact.csv", 3, "Birthdate", "1981-02-29", True),
        ("Task.csv", 6, "WhoId", "00Q000000000001AAA", True),
        ("Task.csv", 6, "WhatId", "701000000000001AAA", True),
    }
    assert report.reject_count == 7


def test_rejects_are_kept_in_the_database(report, rows):
    kept = rows(
        'SELECT entity, "file", line, "column", "value", reason, loaded FROM import_reject '
        'WHERE changeset = ? ORDER BY "file", line, entity, "column"',
        report.changeset,
    )
    assert kept == [tuple(reject) for reject in report.rejects]


def test_organisations_are_found_by_every_way(report, rows):
    found = rows(
        "SELECT a.subject, o.name FROM activity a LEFT JOIN organisation o "
        "ON o.id = a.organisation_id ORDER BY a.source_key"
    )
    assert found == [
        ("By account", "Fjord AS"),
        ("By what: account", "Fjord Nord AS"),
        ("By what: opportunity", "Fjord Nord AS"),
        ("By who", "Vik & Sønn"),
        ("By nobody", None),
    ]


def test_a_ticket_belongs_to_its_persons_organisation(report, rows):
    found = rows(
        "SELECT t.subject, o.name FROM ticket t LEFT JOIN organisation o "
        "ON o.id = t.organisation_id ORDER BY t.source_key"
    )
    assert found == [("Torn net", "Fjord AS"), ("Nobody's", None)]


def test_other_links(report, rows):
    assert rows(
        "SELECT p.name, u.name FROM meeting m JOIN person p ON p.id = m.person_id "
        'JOIN "user" u ON u.id = m.responsible_id'
    ) == [("Kari Dahl", "Ann Berg")]
    assert rows(
        "SELECT c.name, p.name FROM organisation c JOIN organisation p ON p.id = c.parent_id"
    ) == [("Fjord Nord AS", "Fjord AS")]
    assert rows(
        "SELECT q.description FROM activity a JOIN quotation q ON q.id = a.quotation_id"
    ) == [("Boats",)]


def test_users_without_a_row_get_a_readable_name(report, column):
    assert column('SELECT name FROM "user" ORDER BY source_key') == [
        "Ann Berg",
        "Salesforce user 00500…02AAA",
    ]


def test_last_activity_is_the_latest_that_is_past(report, rows):
    assert rows("SELECT name, last_activity FROM organisation ORDER BY id") == [
        ("Fjord AS", dt.datetime(2024, 1, 5)),
        ("Fjord Nord AS", dt.datetime(2024, 1, 7)),
        ("Vik & Sønn", dt.datetime(2024, 1, 8)),
    ]


def test_ids_follow_the_order_in_which_rows_are_stored(report, rows):
    for table in ("activity", "ticket", "quotation"):
        stored = rows(f'SELECT id, organisation_id FROM "{table}"')
        assert [id for id, _ in stored] == list(range(1, len(stored) + 1))
        owners = [owner or 99 for _, owner in stored]
        assert owners == sorted(owners)


def test_statuses_get_their_roles(report, database):
    assert database.status_roles("quotation")["Closed Won"] == "won"
    assert database.status_roles("quotation")["Haggling"] == "open"
    assert database.status_roles("ticket")["New"] == "open"
    assert database.status_roles("ticket")["Closed"] == "completed"
    assert database.status_roles("activity")["Completed"] == "completed"
    assert database.status_roles("activity")["Not Started"] == "open"


def test_every_record_has_its_log_row(report, rows):
    assert rows("SELECT why, source FROM changeset WHERE id = ?", report.changeset) == [
        ("Import small", "import")
    ]
    logged = rows(
        "SELECT entity, count(*) FROM change WHERE action = 'insert' AND field = 'id' "
        "AND changeset = ? AND source = 'import small' GROUP BY 1",
        report.changeset,
    )
    assert dict(logged) == {name: entity.loaded for name, entity in report.entities.items()}
    [row] = rows(
        'SELECT c.subject, c."at" = s."at", c.organisation_id = t.organisation_id '
        "FROM change c JOIN changeset s ON s.id = c.changeset "
        "JOIN ticket t ON t.id = c.record_id AND c.entity = 'ticket' WHERE t.number = '00001014'"
    )
    assert row == ("Torn net", True, True)


def test_the_report_names_what_was_left(report):
    assert report.ignored_tables["Lead"].startswith("a lead belongs to no organisation")
    assert report["organisation"].ignored == ()
    assert "Industry" in report["organisation"].missing
    text = str(report)
    for part in ("organisation", "Lead", "12 million", "Imported small"):
        assert part in text


def test_what_no_field_is_declared_for_becomes_one(report, database, rows):
    [field] = [f for f in database.registry["organisation"].fields.values() if f.custom]
    assert field.origin == "Shoe_size__c"
    [(found,)] = rows(f'SELECT max("{field.name}") FROM organisation')
    assert found is not None


def test_progress_only_grows_and_ends_at_one(small, tmp_path):
    told = []
    with create(tmp_path / "other.duckdb") as database:
        import_(small, database, "salesforce", lambda text, done: told.append((text, done)))
    fractions = [done for _, done in told]
    assert fractions == sorted(fractions)
    assert told[-1] == ("Done", 1.0)
    assert any(text == "Reading Account.csv" for text, _ in told)


def test_nothing_temporary_stays(report, column):
    tables = column("SELECT table_name FROM duckdb_tables()")
    assert not [name for name in tables if name.startswith(("stage_", "draft_", "ready_"))]
