"""The personal parts of a changeset, written: what is there by its key is replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crmpanel.errors import InputError
from crmpanel.model.changeset import Applied, Changeset, Drop, Follow, Keep, PersonalPart
from crmpanel.model.personal import PERSONAL, VIEWER, Personal, personal
from crmpanel.model.values import canonical, check_text
from crmpanel.query.sqltext import quoted
from crmpanel.store.writer import Load


def split(changeset: Changeset) -> tuple[tuple[PersonalPart, ...], bool]:
    """The personal parts of a changeset, and whether it has none but these."""
    parts = tuple(part for part in changeset.changes if isinstance(part, PersonalPart))
    return parts, bool(parts) and len(parts) == len(changeset.changes)


def write(load: Load, viewer: str, parts: Sequence[PersonalPart]) -> tuple[str, ...]:
    """Write personal parts; returns the tables that they are about.

    Parameters
    ----------
    viewer : whose they are; nobody writes another's, but what follows a record follows for all.

    Raises
    ------
    InputError : there is no viewer, or a value is none of its field.
    UnknownName : there is no such table or field.
    """
    tables: dict[str, None] = {}
    for part in parts:
        if isinstance(part, Follow):
            tables |= dict.fromkeys(_follow(load, part))
            continue
        if not viewer:
            raise InputError("This is nobody's.", "", "Say whose it is.")
        table = personal(part.table)
        tables[table.name] = None
        if isinstance(part, Keep):
            _keep(load, table, viewer, part)
        else:
            _drop(load, table, viewer, part)
    return tuple(tables)


def applied(load: Load, changeset: Changeset, parts: Sequence[PersonalPart]) -> Applied:
    """Write a changeset that has no other parts: it has no number, and no log."""
    tables = write(load, changeset.viewer, parts)
    load.seal({})
    return Applied(None, (), changeset.viewer, tables)


def _keep(load: Load, table: Personal, viewer: str, part: Keep) -> None:
    missing = [field.name for field in table.key if part.key.get(field.name) is None]
    if missing:
        raise InputError(f"{missing[0]} of a {table.name} is missing.", "", "Give it.")
    values = _texts(table, {**part.key, **part.values})
    names = [VIEWER, *values]
    casts = ", ".join(f"CAST(? AS {table.field(name).kind.sql})" for name in names)
    key = ", ".join(map(quoted, (VIEWER, *(field.name for field in table.key))))
    set_ = ", ".join(f"{quoted(n)} = excluded.{quoted(n)}" for n in part.values)
    load.execute(
        f"INSERT INTO {quoted(table.name)} ({', '.join(map(quoted, names))}) VALUES ({casts}) "
        f"ON CONFLICT ({key}) DO {f'UPDATE SET {set_}' if set_ else 'NOTHING'}",
        [viewer, *values.values()],
    )


def _drop(load: Load, table: Personal, viewer: str, part: Drop) -> None:
    values = _texts(table, part.key)
    where = "".join(
        f" AND {quoted(name)} = CAST(? AS {table.field(name).kind.sql})" for name in values
    )
    sql = f"DELETE FROM {quoted(table.name)} WHERE {quoted(VIEWER)} = ?{where}"
    load.execute(sql, [viewer, *values.values()])


def _texts(table: Personal, values: Mapping[str, Any]) -> dict[str, str | None]:
    texts = {}
    for name, value in values.items():
        if name == VIEWER:
            raise InputError("Whose it is cannot be given.")
        kind = table.field(name).kind
        texts[name] = canonical(kind, value)
        check_text(kind, texts[name] or "")
    return texts


def _follow(load: Load, part: Follow) -> list[str]:
    """Make the rows that follow a record; returns the tables that have some."""
    found = []
    for table in PERSONAL.values():
        about = f"entity = ? AND record_id = ?{_present(table)}"
        sql = f"SELECT count(*) FROM {quoted(table.name)} WHERE {about}"
        gone = [part.entity, part.gone]
        if table.follows and load.execute(sql, gone).fetchall()[0][0]:
            found.append(table.name)
            _copy(load, table, about, part)
    return found


def _copy(load: Load, table: Personal, about: str, part: Follow) -> None:
    """Rows about the one for all who have none about the other; what lasts begins now."""
    begin, end = table.lasts or ("", "")
    new = {"record_id": "?", begin: "(SELECT coalesce(max(id), 0) FROM changeset)", end: "NULL"}
    names = [name for name in table.fields if name != VIEWER]
    values = ", ".join(new.get(name, f"any_value(p.{quoted(name)})") for name in names)
    key = ", ".join(quoted(name) for name in (VIEWER, *(field.name for field in table.key)))
    again = f"UPDATE SET {quoted(end)} = NULL" if end else "NOTHING"
    own = f"SELECT {quoted(VIEWER)} FROM {quoted(table.name)} WHERE {about}"
    load.execute(
        f"INSERT INTO {quoted(table.name)} ({', '.join(map(quoted, (VIEWER, *names)))}) "
        f"SELECT p.{quoted(VIEWER)}, {values} FROM {quoted(table.name)} AS p "
        f"WHERE {about} AND p.{quoted(VIEWER)} NOT IN ({own}) GROUP BY p.{quoted(VIEWER)} "
        f"ON CONFLICT ({key}) DO {again}",
        [part.kept, part.entity, part.gone, part.entity, part.kept],
    )


def _present(table: Personal) -> str:
    return f" AND {quoted(table.lasts[1])} IS NULL" if table.lasts else ""
