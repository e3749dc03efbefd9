"""Exports to import: one written by hand, broken ones made on the spot, and the given ones."""

import csv
import sqlite3
from pathlib import Path

import pytest

from crmpanel.query.query import Query
from crmpanel.store import create

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"

ACCOUNTS = [["Id", "Name", "OwnerId"], ["A1", "Fjord AS", "U1"]]
CONTACTS = [["Id", "AccountId", "LastName"], ["C1", "A1", "Dahl"]]


@pytest.fixture
def database(tmp_path):
    with create(tmp_path / "crm.duckdb") as made:
        yield made


@pytest.fixture(scope="session")
def small():
    """The hand-written Salesforce export."""
    return Path(__file__).parent / "data" / "small"


@pytest.fixture(scope="session")
def shared():
    """Path of one of the given data sets; the test is skipped where they are not."""

    def path(*parts):
        place = SHARED.joinpath(*parts)
        if not place.exists():
            pytest.skip(f"the data set {'/'.join(parts)} is not beside the repository")
        return place

    return path


@pytest.fixture
def export(tmp_path):
    """Write a Salesforce export; a table is a list of rows, or the bytes of its file.

    >>> export(Task=[["Id", "Subject"], ["T1", "Call"]])
    """

    def write(Account=ACCOUNTS, Contact=CONTACTS, encoding="utf-8", **tables):
        folder = tmp_path / "export"
        folder.mkdir(exist_ok=True)
        for name, rows in {"Account": Account, "Contact": Contact, **tables}.items():
            file = folder / f"{name}.csv"
            if isinstance(rows, bytes):
                file.write_bytes(rows)
            else:
                with file.open("w", encoding=encoding, newline="") as text:
                    csv.writer(text).writerows(rows)
        return folder

    return write


@pytest.fixture
def rows(database):
    """Rows of an SQL query on the database."""
    return lambda sql, *params: database.rows(Query(sql, params))


@pytest.fixture
def column(rows):
    """The first column of an SQL query."""
    return lambda sql, *params: [row[0] for row in rows(sql, *params)]


@pytest.fixture
def counts(database, rows):
    """Rows of every table now."""

    def count():
        tables = [name for (name,) in rows("SELECT table_name FROM duckdb_tables() ORDER BY 1")]
        return {name: rows(f'SELECT count(*) FROM "{name}"')[0][0] for name in tables}

    return count


@pytest.fixture
def mapping(tmp_path):
    """A mapping file of one organisation source, with changes."""

    def write(text="", fields='name = "Name"', top="", key='"No"'):
        file = tmp_path / "own.toml"
        file.write_text(
            f"""
            {top}
            [recognise]
            Firms = ["No", "Name"]
            [[source]]
            entity = "organisation"
            table = "Firms"
            key = {key}
            required = true
            {text}
            [source.fields]
            {fields}
            """
        )
        return file

    return write


@pytest.fixture
def firms(tmp_path):
    """An SQLite file with one table ``Firms``."""

    def write(header, *rows):
        file = tmp_path / "firms.sqlite"
        names = ", ".join(f'"{name}"' for name in header)
        with sqlite3.connect(file) as connection:
            connection.execute(f"CREATE TABLE Firms ({names})")
            marks = ", ".join("?" * len(header))
            connection.executemany(f"INSERT INTO Firms VALUES ({marks})", rows)
        connection.close()
        return file

    return write


@pytest.fixture(scope="session")
def stage_tables():
    """Put tables (lists of rows, the header first) into DuckDB as text, as the stage does."""
    import duckdb

    def stage(tables):
        cursor, staged = duckdb.connect(), {}
        for number, (name, rows) in enumerate(tables.items()):
            header, *body = rows
            columns = ", ".join(f'''"{column.replace('"', '""')}" VARCHAR''' for column in header)
            cursor.execute(f'CREATE TABLE t{number} ("@line" BIGINT, {columns})')
            lines = [[line, *(cell or None for cell in row)] for line, row in enumerate(body, 2)]
            if lines:
                marks = ", ".join("?" * (len(header) + 1))
                cursor.executemany(f"INSERT INTO t{number} VALUES ({marks})", lines)
            staged[name] = (f"t{number}", tuple(header))
        return cursor, staged

    return stage
