"""Somebody's export to import: users, accounts, contacts and tasks as Salesforce exports them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

#: Types of the columns that hold no text.
TYPES = {
    "IsActive": "BOOLEAN",
    "NumberOfEmployees": "BIGINT",
    "AnnualRevenue": "DECIMAL(18, 2)",
    "ActivityDate": "TIMESTAMP",
    "CreatedDate": "TIMESTAMP",
}
_MADE = "strftime(TIMESTAMP '2015-01-01' + to_minutes(n % 5000000), '%Y-%m-%dT%H:%M:%S.000+0000')"
#: By table, the SQL of its columns for row ``n``; ``key`` makes keys of numbers.
TABLES = {
    "User": {
        "Id": "key('005', n)",
        "FirstName": "'User'",
        "LastName": "'No ' || n",
        "Username": "'user' || n || '@crm.example'",
        "Email": "'user' || n || '@crm.example'",
        "IsActive": "n % 5 <> 0",
    },
    "Account": {
        "Id": "key('001', n)",
        "Name": "['Nordlys', 'Fjord & Vik', 'Brødrene Ås', 'Havn, Sjø'][1 + n % 4] || ' ' || n",
        "Type": "['Customer', 'Prospect', 'Partner'][1 + drawn(n, 0, 3)]",
        "OwnerId": "key('005', drawn(n, 1, {users}))",
        "BillingStreet": "'Storgata ' || n % 200",
        "BillingPostalCode": "lpad(drawn(n, 2, 10000)::VARCHAR, 4, '0')",
        "BillingCity": "['Oslo', 'Bergen', 'Århus', 'Malmö'][1 + drawn(n, 3, 4)]",
        "BillingCountry": "'Norway'",
        "Phone": "'+47 ' || (20000000 + n)",
        "Website": "'https://www.firm' || n || '.example'",
        "NumberOfEmployees": "drawn(n, 4, 900)",
        "AnnualRevenue": "(drawn(n, 5, 900000000) / 100)::DECIMAL(18, 2)",
        "CreatedDate": _MADE,
    },
    "Contact": {
        "Id": "key('003', n)",
        "AccountId": "key('001', drawn(n, 0, {accounts}))",
        "FirstName": "['Kari', 'Ola', 'Søren', 'Åsa'][1 + n % 4]",
        "LastName": "'Nordmann ' || n",
        "Title": "['Buyer', 'Manager', NULL][1 + drawn(n, 1, 3)]",
        "Email": "'person' || n || '@firm.example'",
        "Phone": "'+47 ' || (30000000 + n)",
        "CreatedDate": _MADE,
    },
    "Task": {
        "Id": "key('00T', n)",
        # One in a hundred names an account that there is not.
        "AccountId": "key('001', drawn(n, 0, {accounts} + {accounts} // 100))",
        "WhoId": "key('003', drawn(n, 1, {contacts}))",
        "OwnerId": "key('005', drawn(n, 2, {users}))",
        "Subject": "['Call', 'Meeting, on site', 'Follow up'][1 + n % 3] || ' about ' || n",
        "ActivityDate": "DATE '2015-01-01' + drawn(n, 3, 4000)::INTEGER",
        "Type": "['Call', 'Visit', 'E-mail'][1 + drawn(n, 4, 3)]",
        "Status": "['Completed', 'Not Started', 'In Progress'][1 + drawn(n, 5, 3)]",
        "Priority": "['Normal', 'High'][1 + drawn(n, 6, 2)]",
        "CreatedDate": _MADE,
    },
}
MACROS = (
    "CREATE MACRO key(prefix, n) AS prefix || lpad(n::VARCHAR, 12, '0')",
    # The same for each row in each run, and of even share.
    "CREATE MACRO drawn(n, place, size) AS (hash(n * 8 + place) % size::UBIGINT)::BIGINT",
)


@dataclass(frozen=True)
class Size:
    """Rows of the tables that others follow from."""

    accounts: int
    tasks: int
    users: int = 50

    @property
    def rows(self) -> dict[str, int]:
        """Rows of each table."""
        contacts = 2 * self.accounts
        return {
            "User": self.users,
            "Account": self.accounts,
            "Contact": contacts,
            "Task": self.tasks,
        }


@contextmanager
def export(kind: str, size: Size) -> Iterator[Path]:
    """A folder with the tables as ``csv`` or ``parquet`` files, all text; deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="crmpanel-export-"))
    try:
        write(folder, kind, size)
        yield folder
    finally:
        shutil.rmtree(folder)


def write(folder: Path, kind: str, size: Size) -> None:
    """Write the files, the same each time."""
    counts = {"users": size.users, "accounts": size.accounts, "contacts": 2 * size.accounts}
    how = "FORMAT csv, HEADER" if kind == "csv" else "FORMAT parquet"
    with duckdb.connect() as connection:
        for macro in MACROS:
            connection.execute(macro)
        for table, number in size.rows.items():
            columns = ", ".join(
                f'({sql.format(**counts)})::VARCHAR AS "{name}"'
                for name, sql in TABLES[table].items()
            )
            rows = f"SELECT {columns} FROM range({number}) AS t(n)"
            connection.execute(f"COPY ({rows}) TO '{folder / table}.{kind}' ({how})")
