"""Somebody's export to import: accounts, contacts and tasks as Salesforce exports them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

#: By table, the SQL of its columns for row ``n``; of 100 tasks one names an account there is not.
TABLES = {
    "User": {
        "Id": "'005' || lpad(n::VARCHAR, 12, '0')",
        "FirstName": "'User'",
        "LastName": "'No ' || n",
        "Username": "'user' || n || '@crm.example'",
        "Email": "'user' || n || '@crm.example'",
        "IsActive": "CASE WHEN n % 5 = 0 THEN 'false' ELSE 'true' END",
    },
    "Account": {
        "Id": "'001' || lpad(n::VARCHAR, 12, '0')",
        "Name": "['Nordlys', 'Fjord & Vik', 'Brødrene Ås', 'Havn, Sjø'][1 + n % 4] || ' ' || n",
        "Type": "['Customer', 'Prospect', 'Partner'][1 + drawn(n, 0, 3)]",
        "OwnerId": "'005' || lpad(drawn(n, 0, 50)::VARCHAR, 12, '0')",
        "BillingStreet": "'Storgata ' || n % 200",
        "BillingPostalCode": "lpad(drawn(n, 0, 10000)::VARCHAR, 4, '0')",
        "BillingCity": "['Oslo', 'Bergen', 'Århus', 'Malmö'][1 + drawn(n, 1, 4)]",
        "BillingCountry": "'Norway'",
        "Phone": "'+47 ' || (20000000 + n)",
        "Website": "'https://www.firm' || n || '.example'",
        "NumberOfEmployees": "drawn(n, 0, 900)",
        "AnnualRevenue": "drawn(n, 0, 90000000) / 100",
        "CreatedDate": "strftime(TIMESTAMP '2015-01-01' + to_minutes(n % 5000000), {time})",
    },
    "Contact": {
        "Id": "'003' || lpad(n::VARCHAR, 12, '0')",
        "AccountId": "'001' || lpad(drawn(n, 0, {accounts})::VARCHAR, 12, '0')",
        "FirstName": "['Kari', 'Ola', 'Søren', 'Åsa'][1 + n % 4]",
        "LastName": "'Nordmann ' || n",
        "Title": "['Buyer', 'Manager', ''][1 + drawn(n, 0, 3)]",
        "Email": "'person' || n || '@firm.example'",
        "Phone": "'+47 ' || (30000000 + n)",
        "CreatedDate": "strftime(TIMESTAMP '2015-01-01' + to_minutes(n % 5000000), {time})",
    },
    "Task": {
        "Id": "'00T' || lpad(n::VARCHAR, 12, '0')",
        "AccountId": "'001' || lpad(drawn(n, 0, {named})::VARCHAR, 12, '0')",
        "WhoId": "'003' || lpad(drawn(n, 1, {contacts})::VARCHAR, 12, '0')",
        "OwnerId": "'005' || lpad(drawn(n, 0, 50)::VARCHAR, 12, '0')",
        "Subject": "['Call', 'Meeting, on site', 'Follow up'][1 + drawn(n, 0, 3)] || ' about ' || n",
        "ActivityDate": "(DATE '2015-01-01' + drawn(n, 2, 4000)::INTEGER)::VARCHAR",
        "Type": "['Call', 'Visit', 'E-mail'][1 + drawn(n, 0, 3)]",
        "Status": "['Completed', 'Not Started', 'In Progress'][1 + drawn(n, 3, 3)]",
        "Priority": "['Normal', 'High'][1 + drawn(n, 0, 2)]",
        "CreatedDate": "strftime(TIMESTAMP '2015-01-01' + to_minutes(n % 5000000), {time})",
    },
}
TIME = "'%Y-%m-%dT%H:%M:%S.000+0000'"


def rows(accounts: int, tasks: int) -> dict[str, int]:
    """Rows of each table."""
    return {"User": 50, "Account": accounts, "Contact": 2 * accounts, "Task": tasks}


@contextmanager
def export(kind: str, accounts: int, tasks: int) -> Iterator[Path]:
    """A folder with the tables as ``csv`` or ``parquet`` files, deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="crmpanel-export-"))
    try:
        write(folder, kind, accounts, tasks)
        yield folder
    finally:
        shutil.rmtree(folder)


def write(folder: Path, kind: str, accounts: int, tasks: int) -> None:
    """Write the files; the same each time."""
    how = "FORMAT csv, HEADER" if kind == "csv" else "FORMAT parquet"
    connection = duckdb.connect()
    connection.execute(
        "CREATE MACRO drawn(n, seed, size) AS (hash(n * 8 + seed) % size::UBIGINT)::BIGINT"
    )
    for table, number in rows(accounts, tasks).items():
        columns = ", ".join(f'({sql})::VARCHAR AS "{name}"' for name, sql in TABLES[table].items())
        sql = columns.format(accounts=accounts, named=accounts + accounts // 100, contacts=2 * accounts, time=TIME)
        file = folder / f"{table}.{kind}"
        connection.execute(f"COPY (SELECT {sql} FROM range({number}) AS t(n)) TO '{file}' ({how})")
