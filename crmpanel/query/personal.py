"""Reads of personal state: favourites, recently viewed records, visits, subscriptions."""

from __future__ import annotations

from collections.abc import Sequence

from crmpanel.model.entity import Entity
from crmpanel.model.personal import VIEWER, Personal
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal, quoted


def newest() -> Query:
    """Number of the newest changeset, 0 if there is none."""
    return Query("SELECT coalesce(max(id), 0) FROM changeset")


def rows(table: Personal, viewer: str, **key: object) -> Query:
    """A viewer's rows with some values of the key, all columns but whose they are."""
    columns = ", ".join(quoted(name) for name in table.fields if name != VIEWER)
    where = "".join(f" AND {quoted(table.field(name).name)} = ?" for name in key)
    order = ", ".join(quoted(field.name) for field in table.key)
    sql = f"SELECT {columns} FROM {quoted(table.name)} WHERE {quoted(VIEWER)} = ?{where} "
    return Query(f"{sql}ORDER BY {order}", (viewer, *key.values()))


def titled(table: Personal, entities: Sequence[Entity], viewer: str, limit: int) -> Query:
    """The records that a viewer's rows name, as they are called now, latest first.

    What was deleted is left out; it is there again when it is brought back. Columns: entity, id,
    title, subtitle, at.
    """
    parts = [
        f'SELECT {literal(e.name)} AS entity, r."id" AS id, r.{quoted(e.title)} AS title, '
        f'{_subtitle(e)} AS subtitle, p."at" AS "at" FROM {quoted(table.name)} AS p '
        f'JOIN {quoted(e.name)} AS r ON r."id" = p.record_id '
        f"WHERE p.{quoted(VIEWER)} = ? AND p.entity = {literal(e.name)}"
        for e in entities
    ]
    sql = "\nUNION ALL ".join(parts)
    params = (viewer,) * len(parts)
    return Query(f'{sql}\nORDER BY "at" DESC, entity, id LIMIT ?', (*params, limit))


def _subtitle(entity: Entity) -> str:
    """A text that tells it from its namesakes."""
    names = [n for n in (entity.subtitle, *entity.title_from) if n and n != entity.title]
    field = entity.fields.get(names[0]) if names else None
    return f"r.{quoted(field.name)}" if field is not None and field.kind.is_text else "NULL"
