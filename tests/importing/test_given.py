"""The given data sets, compared with counts made by Python's own csv and sqlite3."""

import csv
import sqlite3
from contextlib import closing
from decimal import ROUND_HALF_UP, Decimal

import pytest

from crmpanel.importing import detect, import_
from crmpanel.query.query import Query
from crmpanel.store import create

ENTITIES = {
    "Account": "organisation",
    "Contact": "person",
    "Opportunity": "quotation",
    "Case": "ticket",
    "Task": "activity",
}
TABLES = {
    "Employees": "user",
    "Customers": "organisation",
    "Orders": "order",
    "Order Details": "quotation_line",
}
CENT = Decimal("0.01")


def read(folder, table):
    file = folder / f"{table}.csv"
    if not file.exists():
        return []
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


@pytest.fixture(scope="module")
def imported(shared, tmp_path_factory):
    """Import a data set once; gives the report and a function for SQL queries."""
    folder, made = tmp_path_factory.mktemp("given"), {}

    def get(*parts):
        path = shared(*parts)
        if parts not in made:
            database = create(folder / f"{len(made)}.duckdb")
            made[parts] = (database, import_(path, database, detect(path)))
        database, report = made[parts]
        return report, lambda sql, *params: database.rows(Query(sql, params))

    yield get
    for database, _ in made.values():
        database.close()


@pytest.mark.parametrize("name", ["salesforce_datacloud", "salesforce_genai"])
def test_salesforce_totals(name, shared, imported):
    folder, (report, rows) = shared(name), imported(name)
    assert report.mapping == "salesforce"
    for table, entity in ENTITIES.items():
        expected = len(read(folder, table))
        assert rows(f'SELECT count(*) FROM "{entity}"')[0][0] == expected
        if expected:
            found = report[entity]
            assert (found.read, found.loaded, found.rejected) == (expected, expected, 0)
    owners = {row["OwnerId"] for table in ENTITIES for row in read(folder, table)}
    assert rows('SELECT count(*) FROM "user"') == [(len(owners),)]


def test_salesforce_card(imported):
    """Chapman Fowler and Lee has 1 person, 3 quotations, 2 tickets and 8 activities."""
    _, rows = imported("salesforce_datacloud")
    [(id, name)] = rows(
        "SELECT id, name FROM organisation WHERE source_key = ?", "001Ec00000GGw3jIAD"
    )
    assert name == "Chapman Fowler and Lee"
    for table, expected in {"person": 1, "quotation": 3, "ticket": 2, "activity": 8}.items():
        found = rows(f"SELECT count(*) FROM {table} WHERE organisation_id = ?", id)
        assert found == [(expected,)], table


def test_salesforce_links(shared, imported):
    """Every link, followed once more in Python."""
    folder, (report, rows) = shared("salesforce_datacloud"), imported("salesforce_datacloud")
    accounts = {row["Id"] for row in read(folder, "Account")}
    contacts = {row["Id"]: row["AccountId"] for row in read(folder, "Contact")}
    quotations = {row["Id"]: row["AccountId"] for row in read(folder, "Opportunity")}

    def owner(row):
        what, who = row.get("WhatId", ""), row.get("WhoId", "") or row.get("ContactId", "")
        tried = (row["AccountId"], what, quotations.get(what, ""), contacts.get(who, ""))
        return next((key for key in tried if key in accounts), None)

    for table in ("Task", "Case", "Opportunity", "Contact"):
        entity = ENTITIES[table]
        expected = {row["Id"]: owner(row) for row in read(folder, table)}
        found = rows(
            f"SELECT e.source_key, o.source_key FROM {entity} e "
            "LEFT JOIN organisation o ON o.id = e.organisation_id"
        )
        assert dict(found) == expected
        assert report[entity].unlinked == sum(key is None for key in expected.values())
    strangers = [r for r in read(folder, "Task") if r["WhoId"] and r["WhoId"] not in contacts]
    assert report.reject_count == len(strangers)


def test_salesforce_texts_are_exact(shared, imported):
    folder, (_, rows) = shared("salesforce_genai"), imported("salesforce_genai")
    expected = {r["Id"]: (r["Name"], r["Phone"] or None) for r in read(folder, "Account")}
    found = rows("SELECT source_key, name, phone FROM organisation")
    assert {key: (name, phone) for key, name, phone in found} == expected
    notes = {r["Id"]: r["Description"] or None for r in read(folder, "Case")}
    assert dict(rows("SELECT source_key, description FROM ticket")) == notes


@pytest.fixture
def northwind(shared):
    """The answer of Python's sqlite3 to a query."""
    file = shared("northwind", "northwind.sqlite")

    def query(sql):
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchall()

    return query


@pytest.mark.parametrize("parts", [("northwind",), ("northwind", "northwind.sqlite")])
def test_northwind_totals(parts, northwind, imported):
    report, rows = imported(*parts)
    assert (report.mapping, report.name, report.reject_count) == ("northwind", "northwind", 0)
    for table, entity in TABLES.items():
        expected = northwind(f'SELECT count(*) FROM "{table}"')[0][0]
        assert rows(f'SELECT count(*) FROM "{entity}"')[0][0] == expected
        assert report[entity].read == report[entity].loaded == expected
    held = northwind(
        'SELECT count(*) FROM (SELECT DISTINCT CustomerID, ProductID FROM "Order Details" '
        "JOIN Orders USING (OrderID))"
    )
    assert rows("SELECT count(*) FROM product") == held


def test_northwind_card(imported):
    """SAVEA has 31 orders."""
    _, rows = imported("northwind")
    assert rows(
        'SELECT o.name, count(*) FROM "order" r JOIN organisation o ON o.id = r.organisation_id '
        "WHERE o.source_key = 'SAVEA' GROUP BY 1"
    ) == [("Save-a-lot Markets", 31)]


def test_northwind_orders(northwind, imported):
    _, rows = imported("northwind")
    values = {}
    for order, price, quantity, discount in northwind(
        'SELECT OrderID, UnitPrice, Quantity, Discount FROM "Order Details"'
    ):
        line = Decimal(repr(price)) * quantity * (1 - Decimal(repr(discount)))
        values[str(order)] = values.get(str(order), 0) + line
    expected = {key: value.quantize(CENT, ROUND_HALF_UP) for key, value in values.items()}
    assert dict(rows('SELECT source_key, value FROM "order"')) == expected
    shipped = northwind("SELECT count(*) FROM Orders WHERE ShippedDate IS NOT NULL")[0][0]
    statuses = dict(rows('SELECT status, count(*) FROM "order" GROUP BY 1'))
    assert statuses == {"Completed": shipped, "OnGoing": 830 - shipped}
    [found] = rows(
        'SELECT o.number, p.name, u.name FROM "order" o JOIN person p ON p.id = o.person_id '
        "JOIN \"user\" u ON u.id = o.responsible_id WHERE o.number = '10248'"
    )
    assert found == ("10248", "Paul Henriot", "Steven Buchanan")


def test_northwind_products_held(northwind, imported):
    _, rows = imported("northwind")
    expected = northwind(
        "SELECT CustomerID || '/' || ProductID, sum(Quantity), substr(min(OrderDate), 1, 10) "
        'FROM "Order Details" JOIN Orders USING (OrderID) GROUP BY CustomerID, ProductID'
    )
    found = rows("SELECT source_key, quantity, purchased FROM product")
    assert {(key, quantity, str(day)) for key, quantity, day in found} == set(expected)


def test_northwind_lines_belong_to_their_orders(imported):
    _, rows = imported("northwind")
    assert rows(
        'SELECT count(*) FROM quotation_line l JOIN "order" o ON o.id = l.order_id '
        "WHERE l.organisation_id = o.organisation_id AND l.date = o.date "
        "AND l.source_key = o.source_key || '/' || l.item_number"
    ) == [(2155,)]


def test_flat_contacts_keep_every_number(shared, imported):
    """Beside the direct phone, the second and third ones of a person have fields of their own."""
    _, rows = imported("flat_contacts", "contacts.csv")
    names = ("phone_work", "phone_home", "phone_other")
    contacts = read(shared("flat_contacts"), "contacts")
    expected = {c["id"]: sorted(filter(None, map(c.get, names))) for c in contacts}
    found = rows("SELECT source_key, phone, phone_home, phone_other FROM person")
    assert {key: sorted(filter(None, phones)) for key, *phones in found} == expected


def test_ofbiz_messages_are_of_the_day_of_entry_at_least(shared, imported):
    _, rows = imported("ofbiz")
    events = read(shared("ofbiz"), "CommunicationEvent")
    dated = [e for e in events if e["datetimeStarted"] or e["entryDate"]]
    placed = "SELECT count(*) FROM activity WHERE source_key NOT LIKE 'effort %' AND date NOT NULL"
    assert rows(placed) == [(len(dated),)]
