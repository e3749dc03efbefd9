"""What a form is filled in with when it is opened: you, now, the first open status, a currency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.referring import field_of
from crmpanel.model.entity import Entity
from crmpanel.model.kinds import DATETIME

#: Values that occur by field, the most frequent first.
Occurring = Mapping[str, Sequence[str]]


def prefilled(
    desk: Desk, entity: Entity, occurring: Occurring, given: Mapping[str, Any]
) -> dict[str, str]:
    """Text by field; empty where there is nothing to fill in.

    Parameters
    ----------
    given : references that are known; the organisation's currency is taken over.
    """
    user = desk.viewer_id
    responsible = {name: "" if user is None else str(user) for name in entity.responsible[:1]}
    status = {entity.status: _first_open(desk, entity, occurring)} if entity.status else {}
    return {
        **{field.name: field.default for field in entity.fields.values() if field.default},
        **_date(desk, entity),
        **_currencies(desk, entity, occurring, given),
        **responsible,
        **status,
    }


def _date(desk: Desk, entity: Entity) -> dict[str, str]:
    """The date that lists are sorted by: now, or the next full hour if work is due then."""
    name, now = entity.sort[0][0] if entity.sort else "id", desk.clock()
    kind = entity.field(name).kind
    if not kind.is_day:
        return {}
    if kind is not DATETIME:
        return {name: now.date().isoformat()}
    if name == entity.due:
        now = now.replace(minute=0) + dt.timedelta(hours=1)
    return {name: now.isoformat(timespec="minutes")}


def _first_open(desk: Desk, entity: Entity, occurring: Occurring) -> str:
    """The first open status, of those that occur if there are such."""
    roles = desk.database.status_roles(entity.name)
    is_open = [status for status, role in roles.items() if role == "open"]
    used = [status for status in is_open if status in occurring.get(str(entity.status), ())]
    return next(iter(used or is_open), "")


def _currencies(
    desk: Desk, entity: Entity, occurring: Occurring, given: Mapping[str, Any]
) -> dict[str, str]:
    """The organisation's currency, or the one that is used most."""
    names = {field.currency for field in entity.fields.values() if field.currency}
    owner, id = entity.fields.get(str(entity.organisation)), given.get(str(entity.organisation))
    found = {}
    for name in names:
        own = None
        if owner is not None and isinstance(id, int) and owner.target:
            target = desk.registry[owner.target]
            own = field_of(desk, target, id, name) if name in target.fields else None
        found[name] = str(own) if own else next(iter(occurring.get(name, ())), "")
    return found
