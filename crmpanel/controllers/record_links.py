"""The links of a record: templates filled in with its fields, in the order they are shown in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.controllers.plausible import country_code
from crmpanel.controllers.referring import field_of
from crmpanel.errors import InputError
from crmpanel.locale import _
from crmpanel.model.entity import Entity
from crmpanel.model.filling import BLANK, CHARACTER, DOTS, LONG, SHORT, Filled, fill, leads_to
from crmpanel.model.filters import Condition
from crmpanel.model.template import parse, written

#: The entity of links.
LINKS = "link"
#: Links that one card shows; nobody reads more.
MOST = 200
_OWNER = ("organisation_id",)
_NEEDED = ("name", "template", "country", "organisation_id")


@dataclass(frozen=True)
class RecordLink:
    """A link as it is for one record.

    Parameters
    ----------
    id : of the link.
    name : what it is called.
    url : where it leads; empty if it cannot be followed.
    host : what it leads to: host, mailbox or number.
    reason : why it cannot be followed, in words.
    own : whether only this organisation has it.
    """

    id: int
    name: str
    url: str = ""
    host: str = ""
    reason: str = ""
    own: bool = False


def has_links(desk: Desk, entity: Entity) -> bool:
    """Whether cards of an entity can have links."""
    return LINKS in desk.registry and entity.name != LINKS and not entity.about


def links_of(desk: Desk, entity: Entity, record: Mapping[str, Any]) -> list[RecordLink]:
    """The links of a record: those of its organisation first, each in the declared order.

    Parameters
    ----------
    record : as `finding.find` gives it.
    """
    if not has_links(desk, entity):
        return []
    owner = record.get(entity.organisation) if entity.organisation else None
    mine = [row for id in dict.fromkeys((owner, None)) for row in _rows(desk, entity, id)]
    if any(row["country"] for row in mine):
        where = _country(desk, entity, record)
        mine = [row for row in mine if not row["country"] or _place(row["country"]) == where]
    return [_link(entity, record, row) for row in mine[:MOST]]


def _rows(desk: Desk, entity: Entity, owner: int | None) -> list[dict[str, Any]]:
    """The links of one organisation, or without one those of all, in the declared order."""
    scope = Condition(("entity",), "eq", (entity.name,)), Condition(_OWNER, "in", (owner,))
    page = desk.selection(LINKS, *scope).page(_NEEDED, desk.registry[LINKS].sort, MOST)
    return desk.database.records(page)


def _country(desk: Desk, entity: Entity, record: Mapping[str, Any]) -> str | None:
    """The country of a record, or of the organisation that it belongs to."""
    if entity.country:
        return _place(record.get(entity.country))
    owner = entity.fields.get(entity.organisation or "")
    id = record.get(owner.name) if owner else None
    if owner is None or not owner.target or id is None:
        return None
    target = desk.registry[owner.target]
    return _place(field_of(desk, target, id, target.country)) if target.country else None


def _place(country: Any) -> str | None:
    """A country as it can be compared: its code, or its name if it has none."""
    return country_code(country) or str(country or "").strip().casefold() or None


def _link(entity: Entity, record: Mapping[str, Any], row: Mapping[str, Any]) -> RecordLink:
    url, reason, _wrong = filled(entity, record, str(row["template"] or ""), str(row["name"]))
    own = row["organisation_id"] is not None
    return RecordLink(row["id"], str(row["name"]), url, leads_to(url), reason, own)


def filled(
    entity: Entity, record: Mapping[str, Any], template: str, name: str
) -> tuple[str, str, bool]:
    """The address that a template gives for a record, or why it gives none, in words.

    Parameters
    ----------
    name : what the link is called.

    Returns
    -------
    url, reason, wrong : one of the texts is empty; the last tells whether no record could have an
        address by this template.
    """
    try:
        parsed = parse(template)
        parsed.check(entity)
    except InputError as error:  # A load writes what it likes.
        return "", str(error), True
    found = fill(parsed, entity, record)
    return found.url, _reason(found, name), False


def _reason(found: Filled, name: str) -> str:
    if not found.problem:
        return ""
    label = _(found.field.label) if found.field else ""
    said = {
        BLANK: _("{link} needs {field}, which is blank.", link=name, field=label),
        SHORT: _("{link} needs more digits than {field} has.", link=name, field=label),
        DOTS: _("{field} is only dots, which would lead elsewhere.", field=label),
        CHARACTER: _("{field} has a character that no address can have.", field=label),
        LONG: _("{field} is too long for an address.", field=label),
    }
    return said.get(found.problem, _("{field} is no address that can be opened.", field=label))


# -- while a link is entered -------------------------------------------------------------------


def example(desk: Desk, entity: Entity, id: int | None = None) -> dict[str, Any] | None:
    """A record to try a link on: the one with an id, or the first that there is."""
    if id is None:
        found = desk.database.records(desk.selection(entity.name).page((), entity.sort, 1))
        id = int(found[0]["id"]) if found else None
    return None if id is None else find(desk, entity.name, id)


def placeholders(entity: Entity, record: Mapping[str, Any] | None) -> list[tuple[str, str, str]]:
    """What can stand in a template: how it is written, its label, and its value in a record."""
    return [
        (f"{{{name}}}", _(field.label), str((record or {}).get(name) or ""))
        for name, field in written(entity).items()
    ]
