"""An import beside bare DuckDB: each in a process of its own, so that its memory is known."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import duckdb

from benchmarks.exports import TABLES, TYPES, Size, export
from benchmarks.machine import peak_megabytes
from benchmarks.timing import Samples, ratio
from crmpanel.entities import REGISTRY
from crmpanel.importing import import_
from crmpanel.store import create
from crmpanel.store.opening import SETTINGS
from crmpanel.store.schema import table_sql

#: What bare DuckDB makes of each table: entity and fields. Ids are the numbers in the keys, so that
#: nothing has to be looked up; ``@`` stands for that of a column.
FIELDS: dict[str, tuple[str, dict[str, str]]] = {
    "User": (
        "user",
        {
            "name": "FirstName || ' ' || LastName",
            "login": "Username",
            "email": "Email",
            "active": "IsActive",
        },
    ),
    "Account": (
        "organisation",
        {
            "name": "Name",
            "type": "Type",
            "responsible_id": "@OwnerId",
            "address": "BillingStreet",
            "postcode": "BillingPostalCode",
            "city": "BillingCity",
            "country": "BillingCountry",
            "phone": "Phone",
            "website": "Website",
            "employees": "NumberOfEmployees",
            "revenue": "AnnualRevenue",
            "currency": "'USD'",
            "created": "CreatedDate",
        },
    ),
    "Contact": (
        "person",
        {
            "organisation_id": "@AccountId",
            "name": "FirstName || ' ' || LastName",
            "first_name": "FirstName",
            "last_name": "LastName",
            "title": "Title",
            "email": "Email",
            "phone": "Phone",
            "created": "CreatedDate",
        },
    ),
    "Task": (
        "activity",
        {
            "organisation_id": "@AccountId",
            "person_id": "@WhoId",
            "responsible_id": "@OwnerId",
            "subject": "Subject",
            "date": "ActivityDate",
            "type": "Type",
            "status": "Status",
            "priority": "Priority",
            "created": "CreatedDate",
        },
    ),
}
#: The same rows at half the speed.
MOST = 2


def own(folder: Path, database: Path) -> int:
    """The import: recognised, validated, linked, sorted, logged, in one transaction."""
    with create(database) as made:
        return sum(entity.loaded for entity in import_(folder, made).entities.values())


def bare(folder: Path, database: Path) -> int:
    """The same rows into the same tables, and their log rows; in one transaction.

    It trusts the files: no value is looked at, no key, no link; nothing is sorted, no id given.
    """
    with duckdb.connect(str(database), config=dict(SETTINGS)) as connection:
        for name in (*(entity for entity, _ in FIELDS.values()), "change"):
            connection.execute(table_sql(REGISTRY[name]))
        connection.execute("BEGIN")
        logged = 0
        for table, (entity, fields) in FIELDS.items():
            columns = {"id": "@Id", "source_name": "'salesforce'", "source_key": "Id", **fields}
            values = ", ".join(_number(sql) for sql in columns.values())
            names = ", ".join(f'"{name}"' for name in columns)
            relation = _relation(folder, table)
            sql = f'INSERT INTO "{entity}" ({names}) SELECT {values} FROM {relation}'
            connection.execute(sql)
            logged += connection.execute(_logged(entity, logged)).fetchall()[0][0]
        connection.execute("COMMIT")
        return logged


def copy(folder: Path, database: Path) -> int:
    """COPY alone: each file into a table of its own columns, typed; no key, no log."""
    with duckdb.connect(str(database), config=dict(SETTINGS)) as connection:
        rows = 0
        connection.execute("BEGIN")
        for table, columns in TABLES.items():
            typed = ", ".join(f'"{name}" {TYPES.get(name, "VARCHAR")}' for name in columns)
            connection.execute(f'CREATE TABLE "{table}" ({typed})')
            [file] = folder.glob(f"{table}.*")
            how = "FORMAT csv, HEADER, AUTO_DETECT false" if _is_csv(file) else "FORMAT parquet"
            rows += connection.execute(f"COPY \"{table}\" FROM '{file}' ({how})").fetchall()[0][0]
        connection.execute("COMMIT")
        return rows


WAYS: dict[str, Callable[[Path, Path], int]] = {"own": own, "bare": bare, "copy": copy}
#: What they are called.
NAMES = {
    "own": "import",
    "bare": "bare INSERT … SELECT into the same tables, with the log",
    "copy": "bare COPY into typed tables, no keys, no log",
}


def _is_csv(file: Path) -> bool:
    return file.suffix == ".csv"


def _number(sql: str) -> str:
    return f"substr({sql[1:]}, 4)::BIGINT + 1" if sql.startswith("@") else sql


def _relation(folder: Path, table: str) -> str:
    """A file with typed columns, as it stands after FROM."""
    [file] = folder.glob(f"{table}.*")
    types = {name: TYPES.get(name, "VARCHAR") for name in TABLES[table]}
    if _is_csv(file):
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
        return f"read_csv('{file}', header = true, auto_detect = false, columns = {{{columns}}})"
    columns = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in types.items())
    return f"(SELECT {columns} FROM read_parquet('{file}'))"


def _logged(entity: str, before: int) -> str:
    """The log rows that an import writes of the records of an entity."""
    declared = REGISTRY[entity]
    return (
        'INSERT INTO change (id, organisation_id, changeset, "at", action, entity, record_id, '
        f"subject, field, new_value, source) SELECT {before} + id, "
        f"{declared.organisation or 'NULL'}, 1, now()::TIMESTAMP, 'insert', '{entity}', id, "
        f"{declared.title}, 'id', id, 'import export' FROM \"{entity}\""
    )


# -- measuring -----------------------------------------------------------------------------------


@dataclass
class Load:
    """What one way of loading took, in the order in which it was measured."""

    rows: int = 0
    times: Samples = field(default_factory=lambda: Samples("by the clock"))
    work: Samples = field(default_factory=lambda: Samples("processor time"))
    megabytes: list[float] = field(default_factory=list)

    @property
    def speed(self) -> float:
        """Rows in a second: the median."""
        return self.rows / (self.times.p50 / 1000)

    @property
    def peak(self) -> float:
        """Memory of the process at most: the median."""
        return median(self.megabytes)


@dataclass(frozen=True)
class Row:
    """One export, loaded in each way."""

    name: str
    loads: dict[str, Load]

    def against(self, way: str) -> tuple[float, float]:
        """How many times as long the import takes, and as much work: the medians of pairs."""
        own, other = self.loads["own"], self.loads[way]
        return ratio(own.times, other.times), ratio(own.work, other.work)


def rows(size: Size, rounds: int) -> list[Row]:
    """Load CSV and Parquet files, in an order that changes from round to round."""
    found = []
    for kind in ("csv", "parquet"):
        with export(kind, size) as folder:
            total = sum(size.rows.values())
            found.append(Row(f"{total:,} rows of {kind}", _loads(folder, rounds)))
    return found


def _loads(folder: Path, rounds: int) -> dict[str, Load]:
    loads, ways = {way: Load() for way in WAYS}, list(WAYS)
    shuffle = random.Random(1).shuffle
    for _ in range(rounds):
        shuffle(ways)
        for way in ways:
            found = json.loads(_child(way, folder))
            loads[way].rows = found["rows"]
            loads[way].times.ms.append(found["ms"])
            loads[way].work.ms.append(found["work"])
            loads[way].megabytes.append(found["megabytes"])
    return loads


def _child(way: str, folder: Path) -> str:
    command = [sys.executable, "-m", "benchmarks.imports", way, str(folder)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    """Load once, in this process, and say what it took."""
    way, folder = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        start, work = time.perf_counter(), time.process_time()
        rows = WAYS[way](Path(folder), Path(scratch) / "made.duckdb")
        ms, work = time.perf_counter() - start, time.process_time() - work
    found = {"rows": rows, "ms": ms * 1000, "work": work * 1000, "megabytes": peak_megabytes()}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
