"""Values as scripts give them: names without ``_id``, users by name, records by their card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmpanel.controllers.desk import USERS, Desk
from crmpanel.controllers.draft import Draft
from crmpanel.errors import InputError
from crmpanel.model.changeset import Changeset, Create
from crmpanel.model.entity import Entity


def as_declared(desk: Desk, entity: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the declared name of their field, references as ids.

    Raises
    ------
    InputError : the card of another kind of record is given, or no user has the name.
    """
    named = {field_called(entity, name): value for name, value in values.items()}
    return {name: _referred(desk, entity, name, value) for name, value in named.items()}


def field_called(entity: Entity, name: str) -> str:
    """The declared name of a field that may lack ``_id``."""
    return f"{name}_id" if name not in entity.fields and f"{name}_id" in entity.fields else name


def _referred(desk: Desk, entity: Entity, name: str, value: Any) -> Any:
    """The id of what a reference was given as."""
    field = entity.fields.get(name)
    if field is None or not field.target:
        return value
    card = getattr(value, "card", value)
    its = getattr(card, "entity", None)
    if isinstance(its, Entity):
        if its.name != field.target:
            raise InputError(f"{field.label} cannot be {its.label.lower()} {card.id}.")
        return card.id
    is_name = isinstance(value, str) and value != ""
    return desk.user_id(value) if field.target == USERS and is_name else value


def create(desk: Desk, entity: str, known: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    """Make one record and return its id; what is not given is as the form is filled in.

    Parameters
    ----------
    known : references that follow from the list in which the record is made.
    values : by field; None leaves a field blank.

    Raises
    ------
    ValidationFailed : it cannot be saved; lists every problem. Nothing is written.
    InputError : it would not stand in that list.
    """
    draft = Draft(desk, entity, known)
    given = as_declared(desk, draft.entity, values)
    for name, value in known.items():
        if given.get(name, value) != value:
            raise InputError(f"{draft.entity.field(name).label} is {value} in this list.")
    made = Create(draft.entity.name, {**draft.defaults, **draft.composed(given), **known, **given})
    applied = desk.database.apply(Changeset((made,), source="create", user=desk.viewer_id))
    return next(e.ids[0] for e in applied.events if e.action == "insert" and e.ids)
