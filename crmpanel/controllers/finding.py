"""Finding one record by its id, its key in the source or its name."""

from __future__ import annotations

from typing import Any

from crmpanel.controllers.desk import USERS, Desk
from crmpanel.errors import AmbiguousName, Deleted, NotFound, shortened
from crmpanel.locale import _
from crmpanel.model.entity import Entity
from crmpanel.model.filters import is_searchable
from crmpanel.query import lookup
from crmpanel.query.deleting import last_deletion
from crmpanel.query.selection import label_name
from crmpanel.store.numbering import log_of

#: Records that an ambiguous name lists.
LISTED = 8


def find(desk: Desk, entity: str, key: str | int, by_name: bool = False) -> dict[str, Any]:
    """One record, with the titles of the records that it refers to.

    Parameters
    ----------
    entity : name or plural.
    key : id, or key of the record in its source; a number is taken as an id first.
    by_name : a text is first taken as source key, and may be a name as well.

    Raises
    ------
    Deleted : there was one with this id.
    NotFound : there is none.
    AmbiguousName : several organisations carry the name.
    """
    declared = desk.registry[entity]
    row = _row(desk, declared, key, by_name)
    if row is None:
        raise _deleted(desk, declared, _as_id(key)) or NotFound(
            f"There is no {declared.label.lower()} {shortened(key, 80)}.",
            "",
            _similar(desk, declared, str(key))
            or "It may have been deleted or merged; search for its name.",
        )
    titles = {
        label_name(field): _title(desk, str(field.target), row[field.name])
        for field in declared.references
    }
    return {**row, **titles}


def _row(desk: Desk, entity: Entity, key: str | int, by_name: bool) -> dict[str, Any] | None:
    number, text = _as_id(key), key if isinstance(key, str) and is_searchable(key) else None
    by_id = lookup.record(entity, number) if number is not None else None
    by_key = lookup.by_key(entity, text) if text is not None else None
    for query in (by_key, by_id) if by_name else (by_id, by_key):
        found = desk.database.records(query) if query else []
        if found:
            return found[0]
    if not by_name or text is None:
        return None
    id = _named(desk, entity, text.strip())
    return None if id is None else desk.database.records(lookup.record(entity, id))[0]


def _deleted(desk: Desk, entity: Entity, id: int | None) -> Deleted | None:
    """Why a record that there was is not there."""
    found = (
        [] if id is None else desk.database.rows(last_deletion(log_of(desk.registry), entity, id))
    )
    if id is None or not found:
        return None
    _changeset, title, at, user = found[0]
    name, who = title or f"{entity.label} {id}", desk.users.get(user) or _("System")
    return Deleted(
        _("{name} has been deleted.", name=name),
        _("{who} did that on {when}.", who=who, when=f"{at:%Y-%m-%d %H:%M}"),
        _("It can be restored."),
        entity.name,
        id,
    )


def _as_id(key: str | int) -> int | None:
    """`key` as an id, if it can be one (64 bits)."""
    text = str(key)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _named(desk: Desk, entity: Entity, name: str) -> int | None:
    """The id of the record with a name.

    Of several, the one whose case and accents are the same, or the only one without a division.
    """
    found = desk.database.rows(lookup.by_title(entity, name))
    exact = [row for row in found if row[1] == name]
    undivided = [row for row in exact or found if not row[2]]
    chosen = next((rows for rows in (exact, undivided) if len(rows) == 1), found)
    if len(chosen) > 1:
        listed = [f"{id} ({', '.join(filter(None, names))})" for id, *names in chosen[:LISTED]]
        more = ["…"] if len(chosen) > LISTED else []
        raise AmbiguousName(
            f"{len(chosen)} {entity.label_plural.lower()} are called {name!r}.",
            "",
            f"Give the id: {', '.join(listed + more)}.",
        )
    return chosen[0][0] if chosen else None


def _similar(desk: Desk, entity: Entity, name: str) -> str:
    """What the key may have been meant to be."""
    if not entity.found_by or not is_searchable(name):
        return ""
    found = desk.database.records(lookup.resembling(entity, name, desk.viewer, limit=3))
    names = ", ".join(f"{row[entity.title]!r} (id {row['id']})" for row in found)
    return f"Did you mean {names}?" if names else ""


def _title(desk: Desk, entity: str, id: int | None) -> str | None:
    """What a referred record is called; users are known, others are looked up by their key."""
    if id is None:
        return None
    if entity == USERS:
        return desk.users.get(id)
    title: str | None = desk.database.scalar(lookup.title(desk.registry[entity], id))
    return title
