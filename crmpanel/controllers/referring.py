"""Referring: which records a new record can refer to, found as one types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.search import OrganisationSearch
from crmpanel.errors import InputError
from crmpanel.locale import _
from crmpanel.model.entity import Entity
from crmpanel.model.filters import Condition
from crmpanel.query.query import Query

#: Records that are offered.
OFFERED = 12


def referable(
    desk: Desk, target: Entity, text: str, organisation: int | None
) -> list[dict[str, str]]:
    """Records that a reference can lead to: ``id``, ``title`` and ``subtitle``.

    Parameters
    ----------
    target : the entity referred to.
    text : what was typed so far.
    organisation : whose records they are; None, as long as that is not known, finds organisations
        only.
    """
    if target.organisation == "id":
        found = OrganisationSearch(desk).find(text)[:OFFERED]
        return [_shown(target, row, "division", "city") for row in found]
    if target.organisation is not None and organisation is None:
        return []
    scope = () if target.organisation is None else (_is(target.organisation, organisation),)
    names = [name for name in (target.title, target.subtitle) if name]
    try:
        selection = desk.selection(target.name, *scope).narrowed(search=text)
        rows = desk.database.records(selection.page(names, target.sort, OFFERED, 0))
    except InputError:
        return []
    return [_shown(target, row, *names[1:]) for row in rows]


def misplaced(desk: Desk, target: Entity, id: int, organisation: int | None) -> str:
    """Why a record of an organisation cannot refer to another; empty if it can."""
    owner = target.organisation if target.organisation not in (None, "id") else None
    rows = desk.database.records(_by_id(desk, target, id, *((owner,) if owner else ())))
    if not rows:
        return _("It is no longer there: choose another.")
    if owner and rows[0][owner] != organisation:
        return _("It belongs to another organisation: choose another.")
    return ""


def field_of(desk: Desk, entity: Entity, id: int, name: str) -> Any:
    """A field of a record; None if it is blank or there is no such record."""
    found = desk.database.records(_by_id(desk, entity, id, name))
    return found[0][name] if found else None


def _is(name: str, id: Any) -> Condition:
    return Condition((name,), "eq", (id,))


def _by_id(desk: Desk, entity: Entity, id: int, *names: str) -> Query:
    return desk.selection(entity.name, _is("id", id)).page(names, (("id", False),), 1, 0)


def _shown(target: Entity, row: Mapping[str, Any], *names: str) -> dict[str, str]:
    about = [str(row[name]) for name in names if row.get(name)]
    title = str(row.get(target.title) or "").strip() or f"{_(target.label)} {row['id']}"
    return {"id": str(row["id"]), "title": title, "subtitle": " · ".join(about)}
