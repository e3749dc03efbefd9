"""Shapes of exports that are understood without a mapping: nested, headless, coded, counted in cents."""

import json

import pytest

from crmpanel.importing import Import
from crmpanel.query.query import Query
from crmpanel.store import create


@pytest.fixture
def load(tmp_path):
    """Import files with nothing said of them; gives the report and a function for SQL queries."""
    opened = []

    def do(**files):
        folder = tmp_path / "export"
        folder.mkdir()
        for name, text in files.items():
            stem, _, kind = name.rpartition("_")
            (folder / f"{stem}.{kind}").write_text(text.strip() + "\n", "utf-8")
        database = create(tmp_path / "crm.duckdb")
        opened.append(database)
        with Import(str(folder), database) as new:
            report = new.load()
        return report, lambda sql: database.rows(Query(sql, ()))

    yield do
    for database in opened:
        database.close()


CUSTOMERS = """
id;name;email
1;Nordlys Energi AS;post@nordlys.example
2;Lind & Co;post@lindco.example
"""


def test_arrays_inside_json_lines_are_tables(load):
    orders = [
        {"id": 7, "customer": {"id": 1, "name": "Nordlys AS"}, "status": "Shipped",
         "line_items": [{"name": "Panel", "quantity": 2, "price": 10.5},
                        {"name": "Cable", "quantity": 1, "price": 4}]},
        {"id": 8, "customer": {"id": 2, "name": "Lind & Co"}, "status": "Open",
         "line_items": [{"name": "Panel", "quantity": 3, "price": 10.5}]},
    ]  # fmt: skip
    _, rows = load(orders_ndjson="\n".join(map(json.dumps, orders)))
    lines = rows(
        "SELECT l.name, o.number, g.name, l.line_total FROM quotation_line l "
        'JOIN "order" o ON o.id = l.order_id JOIN organisation g ON g.id = l.organisation_id '
        "ORDER BY o.number, l.name"
    )
    assert [(*line[:3], float(line[3])) for line in lines] == [
        ("Cable", "7", "Nordlys AS", 4.0),
        ("Panel", "7", "Nordlys AS", 21.0),
        ("Panel", "8", "Lind & Co", 31.5),
    ]


def test_a_list_without_a_header_is_told_by_its_values(load):
    rows = "\n".join(f"{n};Firm number {n};post{n}@firm.example;Bergen" for n in range(1001, 1013))
    _, found = load(customers_csv=rows)
    assert found("SELECT name, email FROM organisation ORDER BY 1 LIMIT 1") == [
        ("Firm number 1001", "post1001@firm.example")
    ]


def test_totals_of_numbers_with_a_decimal_comma(load):
    orders = "order no;customer id;order date\n10;1;03.02.2024\n11;2;25.02.2024"
    lines = "order no;line no;item;quantity;price;discount\n10;1;Panel;2;1.250,50;0,1\n11;1;Cable;1;4,00;0"
    _, rows = load(customers_csv=CUSTOMERS, orders_csv=orders, order_lines_csv=lines)
    assert [float(v) for (v,) in rows('SELECT value FROM "order" ORDER BY number')] == [2250.9, 4.0]
    assert rows("SELECT discount FROM quotation_line ORDER BY source_key") == [(10.0,), (0.0,)]


def test_amounts_in_cents(load):
    deals = "id;title;customer id;stage;amount cents;close date\n5;Roof;1;Won;123450;2024-03-01"
    _, rows = load(customers_csv=CUSTOMERS, deals_csv=deals)
    assert [float(v) for (v,) in rows("SELECT value FROM quotation")] == [1234.5]


def test_texts_kept_in_several_languages(load):
    stages = 'id;name\n1;{"en_US": "Won", "nb_NO": "Vunnet"}\n2;{"en_US": "New"}'.replace('"', '""')
    stages = stages.replace("{", '"{').replace("}", '}"')
    deals = "id;name;customer id;stage id;amount;close date\n5;Roof;1;1;10;2024-03-01\n6;Wall;2;2;20;2024-03-01"
    _, rows = load(customers_csv=CUSTOMERS, stages_csv=stages, deals_csv=deals)
    assert rows("SELECT level FROM quotation ORDER BY description") == [("Won",), ("New",)]
    assert ("quotation", "Won", "won") in rows("SELECT entity, status, role FROM status_role")


def test_done_or_not_is_said_in_words(load):
    tasks = "id;subject;customer id;due date;done\n5;Call;1;2024-03-01;1\n6;Write;2;2024-03-01;0"
    _, rows = load(customers_csv=CUSTOMERS, tasks_csv=tasks)
    assert rows("SELECT status FROM activity ORDER BY subject") == [("Completed",), ("Planned",)]


def test_who_names_no_company_is_no_loss(load):
    """Companies are made of a list of contacts; a contact without one is not rejected."""
    contacts = (
        "first name;last name;email;company\nAda;Berg;a@x.example;Nordlys AS\nBo;Lind;b@x.example;"
    )
    report, rows = load(contacts_csv=contacts)
    assert report.reject_count == 0
    assert rows("SELECT count(*) FROM organisation") == [(1,)]


def test_times_with_the_offset_apart(load):
    tickets = "id;subject;customer id;created at\n5;Noise;1;2024-03-01 10:00:00 +0100\n6;Heat;2;2024-03-01 10:00:00 UTC"
    report, rows = load(customers_csv=CUSTOMERS, tickets_csv=tickets)
    assert report.reject_count == 0
    found = rows("SELECT created::VARCHAR FROM ticket ORDER BY subject")
    assert found == [("2024-03-01 10:00:00",), ("2024-03-01 09:00:00",)]


def test_deleted_rows_are_left_out(load):
    contacts = "id;first name;last name;customer id;is deleted\n5;Ada;Berg;1;0\n6;Bo;Lind;2;1"
    report, rows = load(customers_csv=CUSTOMERS, contacts_csv=contacts)
    assert rows("SELECT name FROM person") == [("Ada Berg",)]
    assert report["person"].rejected == 1
