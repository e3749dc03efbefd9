"""A shipped mapping that recognises an export is filled up with what the export has besides."""

import csv
import tomllib
from pathlib import Path

import pytest

from crmpanel.entities import REGISTRY
from crmpanel.importing import Mapping, import_
from crmpanel.importing.importer import Import
from crmpanel.importing.mapping import Column, EntitySource, Multiplied, OfChildren, Taken
from crmpanel.importing.understanding import profile
from crmpanel.importing.understanding.merging import merged
from crmpanel.query.query import Query
from crmpanel.store import create


def sf(prefix, number):
    """An id as Salesforce makes them."""
    return f"{prefix}5g000004XyZ{number:01d}AAA"


TABLES = {
    "Account": [
        ["Id", "Name", "OwnerId", "IsDeleted", "Tier__c"],
        [sf("001", 1), "Nordlys Energi AS", sf("005", 1), "false", "Gold"],
        [sf("001", 2), "Lind & Co", sf("005", 1), "false", "Silver"],
    ],
    "Contact": [
        ["Id", "AccountId", "FirstName", "LastName", "Email"],
        [sf("003", 1), sf("001", 1), "Ada", "Berg", "ada@nordlys.example"],
    ],
    "Opportunity": [
        ["Id", "AccountId", "Name", "StageName", "Amount", "CloseDate", "Loss_Reason__c"],
        [sf("006", 1), sf("001", 1), "Solar roof", "Closed Won", "1250.50", "2024-09-28", ""],
        [sf("006", 2), sf("001", 2), "Service plan", "Closed Lost", "900", "2024-02-15", "Price"],
    ],
    "OpportunityLineItem": [
        ["Id", "OpportunityId", "ProductCode", "Name", "Quantity", "UnitPrice", "TotalPrice"],
        [sf("00k", 1), sf("006", 1), "P-1", "Panel", "2", "500", "1000"],
        [sf("00k", 2), sf("006", 1), "P-2", "Cable", "1", "250.50", "250.50"],
    ],
    "Campaign": [["Id", "Name"], [sf("701", 1), "Spring"]],
    "EmailMessage": [
        ["Id", "ParentId", "Subject", "TextBody", "FromAddress", "ToAddress", "MessageDate"],
        [sf("02s", 1), sf("500", 1), "Re: roof", "Yes", "a@x.example", "b@y.example", "2024-05-01"],
    ],
    "Case": [
        ["Id", "CaseNumber", "AccountId", "Subject", "Status"],
        [sf("500", 1), "00001001", sf("001", 1), "Inverter fails", "Closed"],
    ],
}  # fmt: skip


ZOHO = {
    "Accounts": [
        ["Record Id", "Account Name", "Account Owner.id", "Account Owner"],
        ["zcrm_5510000000110001", "Nordlys Energi AS", "zcrm_5510000000100001", "Kari Nord"],
        ["zcrm_5510000000110002", "Lind & Co", "zcrm_5510000000100002", "Per Dal"],
    ],
    "Contacts": [
        ["Record Id", "First Name", "Last Name", "Account Name.id", "Contact Owner"],
        ["zcrm_5510000000120001", "Ada", "Berg", "zcrm_5510000000110001", "Kari Nord"],
    ],
    "Users": [
        ["User Id", "First Name", "Last Name", "Email"],
        ["zcrm_5510000000100001", "Kari", "Nord", "kari@crm.example"],
        ["zcrm_5510000000100002", "Per", "Dal", "per@crm.example"],
    ],
}


def written(folder, tables):
    folder.mkdir()
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return folder


@pytest.fixture
def export(tmp_path):
    return written(tmp_path / "export", TABLES)


@pytest.fixture
def database(tmp_path):
    with create(tmp_path / "crm.duckdb") as made:
        yield made


def rows(database, sql):
    return database.rows(Query(sql, ()))


def test_tables_that_the_mapping_does_not_know_are_read(export, database):
    report = import_(export, database)
    assert report.mapping == "salesforce"
    assert rows(
        database,
        "SELECT l.name, q.description FROM quotation_line AS l "
        "JOIN quotation AS q ON q.id = l.quotation_id ORDER BY 1",
    ) == [("Cable", "Solar roof"), ("Panel", "Solar roof")]
    assert rows(
        database,
        "SELECT e.subject, o.name FROM email AS e JOIN organisation AS o "
        "ON o.id = e.organisation_id",
    ) == [("Re: roof", "Nordlys Energi AS")]


def test_what_the_mapping_says_counts(export, database):
    """Its own stand-ins, reasons and fields stay; a field it leaves out is filled."""
    with Import(export, database) as new:
        assert new.mapping.stand_ins == {"user": "Salesforce user {short}"}
        assert "Campaign" in new.mapping.ignored
        new.load()
    assert rows(database, "SELECT lost_reason FROM quotation ORDER BY description") == [
        ("Price",), (None,),
    ]  # fmt: skip
    assert rows(database, "SELECT tier FROM organisation ORDER BY name") == [("Silver",), ("Gold",)]


def test_a_mapping_that_is_named_reads_nothing_else(export, database):
    with Import(export, database, "salesforce") as new:
        assert {source.table for source in new.mapping.sources}.isdisjoint({"OpportunityLineItem"})


def test_records_that_the_mapping_only_knows_by_name(tmp_path, database):
    """Where the export has their table, they come from there, and only once."""
    assert import_(written(tmp_path / "zoho", ZOHO), database).mapping == "zoho"
    assert rows(database, 'SELECT name, email FROM "user" ORDER BY 1') == [
        ("Kari Nord", "kari@crm.example"),
        ("Per Dal", "per@crm.example"),
    ]
    assert rows(
        database,
        'SELECT o.name, u.name FROM organisation AS o JOIN "user" AS u ON u.id = o.responsible_id '
        "ORDER BY 1",
    ) == [("Lind & Co", "Per Dal"), ("Nordlys Energi AS", "Kari Nord")]


@pytest.mark.parametrize(("key", "sums"), [("id", {"value"}), ("no", set())])
def test_sums_only_of_what_the_lines_have(stage_tables, key, sums):
    """Totals are made of columns that are read already; lines with another key are not filled."""
    cursor, staged = stage_tables(
        {"Deal": [["id"], ["1"]], "Row": [["id", "no", "each", "pieces"], ["1", "1", "5", "2"]]}
    )
    price, pieces = Column("each"), Column("pieces")
    own = {"price": Taken((price,)), "quantity": Taken((pieces,))}
    deal = EntitySource("quotation", "Deal", (Column("id"),), {}, {})
    line = EntitySource("quotation_line", "Row", (Column("id"),), own, {})
    value = {"value": OfChildren("sum", "quotation_line", "line_total")}
    total = {"line_total": Multiplied((price, pieces))}
    proposed = (
        EntitySource("quotation", "Deal", (Column("id"),), value, {}),
        EntitySource("quotation_line", "Row", (Column(key),), own | total, {}),
    )
    shipped = Mapping("shipped", "Shipped", (deal, line), {})
    made = merged(
        shipped, Mapping("made", "Made", proposed, {}), profile(cursor, staged), REGISTRY
    ).sources
    assert set(made[0].fields) == sums
    assert set(made[1].fields) - set(own) == ({"line_total"} if sums else set())


def test_a_ready_full_name_of_zoho_is_no_field_of_its_own(tmp_path, database):
    head, row = ZOHO["Contacts"]
    contacts = [[*head, "Full Name"], [*row, "Ada Berg"]]
    import_(written(tmp_path / "zoho", {**ZOHO, "Contacts": contacts}), database)
    assert rows(database, "SELECT name FROM person") == [("Ada Berg",)]
    assert not any(f.origin == "Full Name" for f in database.registry["person"].fields.values())


def test_orders_of_dynamics_are_of_the_day_of_entry(tmp_path, database):
    """Its orders have no date beside it."""
    text = (Path(__file__).parent / "systems" / "dynamics.toml").read_text("utf-8")
    tables = tomllib.loads(text)["tables"]
    split = {n: list(csv.reader(t.strip().splitlines())) for n, t in tables.items()}
    assert import_(written(tmp_path / "dynamics", split), database).mapping == "dynamics"
    assert rows(database, 'SELECT date::VARCHAR FROM "order"') == [("2024-04-02",)]
