"""What a declaration must keep to, so that everything derived from it works."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from crmpanel.errors import InputError, UnknownName, shortened
from crmpanel.model.kinds import ENTITY_NAME, REFERENCE, TEMPLATE, Kind
from crmpanel.model.likeness import WAYS

if TYPE_CHECKING:
    from crmpanel.model.entity import Entity

#: What a status may mean; overdue, pipeline and colours depend on it.
ROLES = ("open", "completed", "won", "lost", "cancelled")
#: What can be computed over a field.
FUNCTIONS = ("count", "sum", "avg", "min", "max")
Fits = Callable[[Kind], bool]
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


def check_name(noun: str, name: object) -> None:
    """Raise `InputError` unless `name` can be a column, a table and a part of an address."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InputError(
            f"{shortened(name)} cannot be the name of {noun}.",
            "",
            "Begin with a small letter from a to z, and go on with such letters, digits and _.",
        )


def check_entity(entity: Entity) -> None:
    """Raise `InputError` or `UnknownName` for a declaration that contradicts itself."""
    for name in (entity.name, entity.plural):
        check_name("an entity", name)
    _unique(entity, "fields", [f.name for f in (*entity.own_fields, entity.fields["id"])])
    _unique(entity, "measures", [m.name for m in entity.measures])
    _unique(entity, "columns with titles", _result_columns(entity))
    for name in _mentioned(entity):
        entity.field(name)
    _check_parts(entity)
    _check_measures(entity)
    for likeness in entity.likenesses:
        if likeness.way not in WAYS:
            raise UnknownName("way to be alike", likeness.way, WAYS)
    for status, role in entity.status_roles:
        if role not in ROLES:
            raise UnknownName(f"role of status {status!r}", role, ROLES)


def _unique(entity: Entity, what: str, names: Iterable[str]) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise InputError(f"{what.capitalize()} of {entity.name} declared twice: {twice}.")


def _result_columns(entity: Entity) -> list[str]:
    """A reference comes with a column for the title of its record; see `selection.label_name`."""
    titles = [f.name.removesuffix("_id") for f in entity.references]
    return [*entity.fields, *titles]


def _mentioned(entity: Entity) -> list[str]:
    single = (
        entity.title,
        entity.subtitle,
        entity.organisation,
        entity.date,
        entity.due,
        entity.status,
        entity.kind,
        entity.country,
    )
    several = (
        *entity.responsible,
        *entity.columns,
        *(entity.about or ()),
        *entity.found_by,
        *(name for likeness in entity.likenesses for name in likeness.fields),
        *entity.title_from,
        *(name for name, _ in entity.sort),
        *(m.field for m in entity.measures),
        *(f.currency for f in entity.fields.values()),
        *(f.fields_of for f in entity.fields.values()),
        *(name for record in entity.shipped for name in record),
    )
    return [name for name in (*single, entity.amount, entity.group_by, *several) if name]


def _check_parts(entity: Entity) -> None:
    _require(entity, "date", entity.date, lambda kind: kind.is_day)
    _require(entity, "due", entity.due, lambda kind: kind.is_day)
    _require(entity, "status", entity.status, lambda kind: kind.is_text)
    _require(entity, "kind", entity.kind, lambda kind: kind.is_text)
    _require(entity, "title", entity.title, lambda kind: kind.is_text)
    for name in entity.title_from:
        _require(entity, "part of the title", name, lambda kind: kind.is_text)
    _require(entity, "amount", entity.amount, lambda kind: "gt" in kind.operators)
    for field in entity.fields.values():
        _require(entity, f"entity of {field.name}", field.fields_of, ENTITY_NAME.__eq__)
        if (field.kind is TEMPLATE) != bool(field.fields_of):
            raise InputError(f"Field {field.name}: a template, and only that, has fields.")
    for name in entity.responsible:
        _require(entity, "responsible", name, lambda kind: kind is REFERENCE)
    if entity.organisation != "id":
        _require(entity, "organisation", entity.organisation, lambda kind: kind is REFERENCE)
    if entity.about and len(entity.about) != 2:
        raise InputError(f"Entity {entity.name}: about names two fields, entity and id.")


def _require(entity: Entity, part: str, name: str | None, fits: Fits) -> None:
    if name and not fits(entity.field(name).kind):
        raise InputError(
            f"Field {name} cannot be the {part} of {entity.name}.",
            f"It is a {entity.field(name).kind.name} field.",
        )


def _check_measures(entity: Entity) -> None:
    if not entity.measures:
        raise InputError(f"Entity {entity.name} has no measure.", "", "Declare at least COUNT.")
    for measure in entity.measures:
        if measure.function not in FUNCTIONS:
            raise UnknownName(f"function of measure {measure.name}", measure.function, FUNCTIONS)
        if (measure.function == "count") != (measure.field is None):
            raise InputError(f"Measure {measure.name}: all but a count, and no count, has a field.")
        _require(entity, "measure", measure.field, lambda kind: "gt" in kind.operators)
