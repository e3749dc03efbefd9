"""A PostgreSQL database, read by its own driver in one read-only snapshot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

from crmpanel.errors import ImportFailed, SourceLost
from crmpanel.importing.sources import (
    BATCH,
    Batch,
    OnReject,
    Row,
    Table,
    check_cells,
    check_columns,
)
from crmpanel.query.sqltext import quoted

#: Seconds until a server that does not answer is given up.
PATIENCE = 10

_TABLES = """
    SELECT n.nspname, c.relname, greatest(c.reltuples, 1)::bigint,
           (SELECT array_agg(ARRAY[a.attname, t.typname] ORDER BY a.attnum)
            FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'm') AND NOT c.relispartition
      AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
      AND has_table_privilege(c.oid, 'SELECT')
      AND EXISTS (SELECT FROM pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
    ORDER BY n.nspname <> 'public', n.nspname, c.relname"""

#: What makes the text of values the same everywhere.
_SETTINGS = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL datestyle = 'ISO'",
    "SET LOCAL intervalstyle = 'iso_8601'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL bytea_output = 'hex'",
)


class Postgres:
    """The tables of a PostgreSQL database that its user may read.

    Parameters
    ----------
    address : ``postgresql://user:password@host:port/database``; what is left out comes from the
        environment, as with psql.
    """

    kind = "a PostgreSQL database"

    def __init__(self, address: str) -> None:
        self._address = address
        parts = urlsplit(address)
        self.name = unquote(parts.path.strip("/")) or "postgres"
        self._secret = unquote(parts.password or "")
        self._open: Any = None
        self._types: dict[str, tuple[str, list[list[str]]]] = {}

    def _connected(self) -> Any:
        """The one connection, in the one transaction that sees nothing of later writes."""
        if self._open is None:
            try:
                import psycopg
            except ImportError:
                raise ImportFailed(
                    "PostgreSQL cannot be read.",
                    "Its driver is not installed.",
                    'Install it with: pip install "crmpanel[postgres]"',
                ) from None
            with self._explained():
                opened = psycopg.connect(
                    self._address, connect_timeout=PATIENCE, application_name="crmpanel import"
                )
                try:
                    for statement in _SETTINGS:
                        opened.execute(statement)
                except psycopg.Error:
                    opened.close()
                    raise
                self._open = opened
        return self._open

    @contextmanager
    def _explained(self) -> Iterator[None]:
        import psycopg

        try:
            yield
        except (psycopg.Error, ValueError) as error:
            # Another connection would see another moment.
            is_lost = self._open is not None and self._open.closed
            text = " ".join(str(error).split())
            if self._secret:
                text = text.replace(self._secret, "…")
            text = re.sub(r"(://[^:@\s/]*):[^@\s]*@", r"\1:…@", text)
            raise (SourceLost if is_lost else ImportFailed)(
                f"The PostgreSQL database {self.name} cannot be read.",
                f"{text[:400]}.",
                "Check the address, the user's rights, and that the server is running.",
            ) from None

    def close(self) -> None:
        """Give up the connection; what is read later is of a later moment."""
        if self._open is not None:
            self._open.close()
            self._open = None

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables by name; outside of ``public`` with their schema."""
        connection = self._connected()
        with self._explained():
            rows = connection.execute(_TABLES).fetchall()
        found = {}
        for schema, table, size, columns in rows:
            name = table if schema == "public" else f"{schema}.{table}"
            self._types[name] = (f"{quoted(schema)}.{quoted(table)}", columns or [])
            names = tuple(column for column, _ in columns or ())
            found[name] = Table(name, f"{self.name}: {name}", names, int(size) * 100)
        if not found:
            raise ImportFailed(
                f"The PostgreSQL database {self.name} holds nothing to import.",
                "It has no table that this user may read.",
                "Give another database, or grant SELECT on its tables.",
            )
        return found

    def note(self, table: Table) -> str:
        """Nothing."""
        return ""

    def warnings(self, table: Table) -> list[str]:
        """Nothing."""
        return []

    def batches(self, table: Table, reject: OnReject) -> Iterator[Batch]:
        """All rows, numbered from 1 in the order in which the server gives them."""
        check_columns(table.file, table.columns)
        connection = self._connected()
        relation, columns = self._types[table.name]
        texts = ", ".join(_text(name, kind) for name, kind in columns)
        # In a transaction of its own: a table that fails does not keep the others from being read.
        with self._explained(), connection.transaction(), connection.cursor("crmpanel") as cursor:
            cursor.execute(f"SELECT {texts} FROM {relation}")
            done = 0
            while found := cursor.fetchmany(BATCH):
                rows: list[Row] = [
                    (number, [cell or None for cell in row])
                    for number, row in enumerate(found, done + 1)
                ]
                check_cells(table.file, rows)
                done += len(rows)
                yield Batch(rows, min(1.0, done * 100 / max(1, table.size)))


def _text(name: str, kind: str) -> str:
    """SQL for a column as text."""
    column = quoted(name)
    if kind == "bytea":
        return f"'(binary, ' || octet_length({column}) || ' bytes)'"
    if kind == "timestamptz":
        return f"to_char({column}, 'YYYY-MM-DD\"T\"HH24:MI:SS.US') || 'Z'"
    if kind == "timestamp":
        return f"replace({column}::text, ' ', 'T')"
    return f"{column}::text"
