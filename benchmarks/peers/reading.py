"""The reads of both peers, as an experienced user of DuckDB writes them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb

TABS = {
    "change": "Log",
    "document": "Documents",
    "email": "Email",
    "activity": "Activities",
    "quotation": "Quotations",
    "order": "Orders",
    "ticket": "Support tickets",
    "product": "Products",
    "quotation_line": "Quotation lines",
    "meeting": "Meetings",
    "person": "Persons",
}
PERIODS = {"Any date": None, "This year": 365, "Last 90 days": 90, "Last 30 days": 30}
ROWS = 50


def connect(path: str) -> duckdb.DuckDBPyConnection:
    """Open the file for reading."""
    return duckdb.connect(path, read_only=True)


def organisation(con: duckdb.DuckDBPyConnection, id: int) -> dict[str, Any]:
    """All fields of an organisation."""
    cursor = con.cursor().execute("SELECT * FROM organisation WHERE id = ?", [id])
    names = [column[0] for column in cursor.description or ()]
    return dict(zip(names, cursor.fetchone() or (), strict=False))


def counts(con: duckdb.DuckDBPyConnection, id: int) -> dict[str, int]:
    """Records of each tab."""
    parts = [
        f"SELECT '{name}', count(*) FROM \"{name}\" WHERE organisation_id = $id" for name in TABS
    ]
    return dict(con.cursor().execute(" UNION ALL ".join(parts), {"id": id}).fetchall())


def choices(con: duckdb.DuckDBPyConnection, id: int) -> tuple[list[str], list[str]]:
    """Statuses and responsible users among the activities of an organisation."""
    cursor = con.cursor()
    statuses = cursor.execute(
        "SELECT DISTINCT status FROM activity WHERE organisation_id = ? AND status IS NOT NULL "
        "ORDER BY 1",
        [id],
    ).fetchall()
    users = cursor.execute(
        'SELECT DISTINCT u.name FROM activity a JOIN "user" u ON u.id = a.responsible_id '
        "WHERE a.organisation_id = ? ORDER BY 1",
        [id],
    ).fetchall()
    return [row[0] for row in statuses], [row[0] for row in users]


def activities(
    con: duckdb.DuckDBPyConnection,
    id: int,
    search: str = "",
    statuses: list[str] | None = None,
    users: list[str] | None = None,
    period: str = "Any date",
) -> tuple[Any, int]:
    """The newest activities that pass the filters, as a frame, and how many pass in all."""
    where, values = ["a.organisation_id = ?"], [id]
    if search:
        where.append("(contains(lower(a.subject), lower(?)) OR contains(lower(a.note), lower(?)))")
        values += [search, search]
    if statuses:
        where.append(f"a.status IN ({', '.join('?' * len(statuses))})")
        values += statuses
    if users:
        marks = ", ".join("?" * len(users))
        where.append(f'a.responsible_id IN (SELECT id FROM "user" WHERE name IN ({marks}))')
        values += users
    if PERIODS.get(period):
        where.append("a.date >= ?")
        values.append(dt.datetime.now() - dt.timedelta(days=PERIODS[period] or 0))
    passes = " AND ".join(where)
    page = (
        con.cursor()
        .execute(
            'SELECT a.date AS "Date", a.subject AS "Subject", a.type AS "Type", '
            'a.status AS "Status", p.name AS "Person", u.name AS "Responsible" '
            f"FROM (SELECT * FROM activity AS a WHERE {passes} "
            f"ORDER BY date DESC NULLS LAST, id DESC LIMIT {ROWS}) AS a "
            "LEFT JOIN person AS p ON p.id = a.person_id "
            'LEFT JOIN "user" AS u ON u.id = a.responsible_id '
            "ORDER BY a.date DESC NULLS LAST, a.id DESC",
            values,
        )
        .df()
    )
    count = con.cursor().execute(f"SELECT count(*) FROM activity AS a WHERE {passes}", values)
    return page, int(count.fetchall()[0][0])
