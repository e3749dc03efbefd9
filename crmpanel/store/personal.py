"""The personal parts of a changeset, written: what is there by its key is replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crmpanel.errors import InputError
from crmpanel.model.changeset import Applied, Changeset, Drop, Keep
from crmpanel.model.personal import VIEWER, Personal, personal
from crmpanel.model.values import canonical, check_text
from crmpanel.query.sqltext import quoted
from crmpanel.store.writer import Load


def split(changeset: Changeset) -> tuple[tuple[Keep | Drop, ...], bool]:
    """The personal parts of a changeset, and whether it has none but these."""
    parts = tuple(part for part in changeset.changes if isinstance(part, Keep | Drop))
    return parts, bool(parts) and len(parts) == len(changeset.changes)


def write(load: Load, viewer: str, parts: Sequence[Keep | Drop]) -> tuple[str, ...]:
    """Write personal parts; returns the tables that they are about.

    Parameters
    ----------
    viewer : whose they are; nobody writes another's.

    Raises
    ------
    InputError : there is no viewer, or a value is none of its field.
    UnknownName : there is no such table or field.
    """
    if parts and not viewer:
        raise InputError("This is nobody's.", "", "Say whose it is.")
    for part in parts:
        table = personal(part.table)
        if isinstance(part, Keep):
            _keep(load, table, viewer, part)
        else:
            _drop(load, table, viewer, part)
    return tuple(dict.fromkeys(part.table for part in parts))


def applied(load: Load, changeset: Changeset, parts: Sequence[Keep | Drop]) -> Applied:
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
