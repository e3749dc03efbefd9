"""What the components that edit fields are given: values as they are entered, users, conflicts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.editing import Outcome
from crmpanel.controllers.inputs import options_of
from crmpanel.errors import Collision, CrmError, InputError
from crmpanel.locale import _
from crmpanel.model.entity import Entity
from crmpanel.model.kinds import DATETIME, Kind
from crmpanel.model.values import canonical
from crmpanel.views.cells import Display
from crmpanel.views.loading import in_thread
from crmpanel.views.panels import shown_field

log = logging.getLogger(__name__)


def entry(
    display: Display, entity: Entity, name: str, record: Mapping[str, Any], how: str
) -> dict[str, Any]:
    """A field that can be edited, as `FieldEditor` and `RecordTable` take it.

    Parameters
    ----------
    how : how it is entered, see `controllers.inputs.input_of`.
    """
    field = entity.field(name)
    return {
        **shown_field(display, entity, name, record),
        "name": name,
        "input": how,
        "value": as_entered(field.kind, record.get(name)),
        "mandatory": field.mandatory,
        **offered(display, entity, name),
    }


def offered(display: Display, entity: Entity, name: str) -> dict[str, Any]:
    """What a field that is one of a few can be, as the components take it."""
    found = options_of(display.desk.registry, entity, entity.field(name))
    options = [{"value": value, "label": label} for value, label in found]
    return {"options": options} if options else {}


def as_entered(kind: Kind, value: Any) -> str:
    """The text that a value is edited as."""
    try:
        text = canonical(kind, value) or ""
    except InputError:
        return str(value)
    if kind is DATETIME:
        return text
    return text.removesuffix(".0") if isinstance(value, float) else text


def users_offered(desk: Desk) -> list[dict[str, str]]:
    """The users that a reference can be set to, by name."""
    named = sorted(desk.users.items(), key=lambda user: str(user[1]).casefold())
    return [{"value": str(id), "label": str(name)} for id, name in named]


def conflict_said(
    display: Display, entity: Entity, collision: Collision, now: Mapping[str, Any]
) -> str:
    """Who changed a field to what, and when.

    Parameters
    ----------
    now : the record as it is now.
    """
    text = display.text(entity, str(collision.field), now)
    who, value = collision.by or _("Somebody"), text or _("(blank)")
    if collision.at is None:
        return _("{who} has changed this to: {value}", who=who, value=value)
    when = display.formats.datetime(collision.at)
    return _("{who} changed this to: {value} ({when})", who=who, value=value, when=when)


async def outcome_of(work: Callable[..., Outcome], *args: Any) -> Outcome:
    """What comes of saving or undoing outside the event loop; whatever fails is an outcome too."""
    try:
        return await in_thread(work, *args)
    except CrmError as error:
        return Outcome("failed", str(error))
    except Exception:
        log.exception("changing a record")
        said = _("Something went wrong."), _("The server's log has the details.")
        return Outcome("failed", " ".join(said))
