"""Corrections: a mapping with one thing changed. Nothing here reads or writes anything."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from crmpanel.errors import InputError, UnknownName
from crmpanel.importing.mapping import (
    Chosen,
    Column,
    Concatenated,
    Custom,
    EntitySource,
    Mapping,
    Multiplied,
    Route,
    Taken,
    Value,
    columns_of,
)
from crmpanel.importing.understanding.columns import give_fields
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.keys import key_of
from crmpanel.importing.understanding.matching import Matching
from crmpanel.importing.understanding.naming import Names
from crmpanel.importing.understanding.profile import TableProfile
from crmpanel.model.entity import ROLES, Entity
from crmpanel.model.kinds import REFERENCE
from crmpanel.model.registry import Registry

#: What a column can be besides a field.
NOTHING, CUSTOM, KEY = "", "+", "@key"
#: Why a table is left out that somebody has left out.
BY_HAND = "left out by hand"


def source_at(mapping: Mapping, number: object) -> EntitySource:
    """A source by its number.

    Raises
    ------
    InputError : there is none.
    """
    if isinstance(number, bool) or not isinstance(number, int):
        raise InputError(f"{number!r} is no source of the mapping.")
    if not 0 <= number < len(mapping.sources):
        raise InputError(f"The mapping has no source {number}.")
    return mapping.sources[number]


def with_source(mapping: Mapping, number: int, source: EntitySource) -> Mapping:
    """Another source in the place of one."""
    sources = list(mapping.sources)
    sources[number] = source
    return replace(mapping, sources=tuple(sources))


def without_source(mapping: Mapping, number: int) -> Mapping:
    """A source is left out, and what only links to it."""
    gone = mapping.sources[number]
    sources = tuple(s for at, s in enumerate(mapping.sources) if at != number)
    ignored = dict(mapping.ignored)
    if not any(source.table == gone.table for source in sources):
        ignored[gone.table] = BY_HAND
    return replace(mapping, sources=sources, ignored=ignored)


def with_table(mapping: Mapping, source: EntitySource, place: int | None = None) -> Mapping:
    """A table that was left out, or was something else, becomes something."""
    ignored = {table: why for table, why in mapping.ignored.items() if table != source.table}
    sources = list(mapping.sources)
    if place is None:
        sources.append(source)
    else:
        sources[place] = source
    return replace(mapping, sources=tuple(sources), ignored=ignored)


def tied(mapping: Mapping, registry: Registry) -> Mapping:
    """Links that lead nowhere are left out; parents stand before what belongs to them."""
    fed = mapping.entities

    def links(source: EntitySource) -> dict[str, tuple[Route, ...]]:
        entity, found = registry[source.entity], {}
        for name, routes in source.links.items():
            kept = tuple(r for r in routes if not r.via or r.via in fed)
            if kept and entity.field(name).target in fed:
                found[name] = kept
        return found

    sources = tuple(replace(source, links=links(source)) for source in mapping.sources)
    ordered = sorted(sources, key=lambda s: registry[s.entity].organisation not in (None, "id"))
    return replace(mapping, sources=tuple(ordered))


def drafted(table: TableProfile, entity: Entity, matching: Matching) -> EntitySource:
    """What a table would be if it held records of an entity.

    Raises
    ------
    InputError : its rows cannot be told apart.
    """
    names = Names(table.name, table.columns)
    key, _why = key_of(table, names, entity.name, matching)
    if not key:
        raise InputError(f"The rows of {table.name} cannot be told apart: no column is a key.")
    draft = Draft(entity.name, table, names, key=tuple(map(Column, key)))
    refers = _references(entity, names, table)
    give_fields(draft, entity, {*key, *refers.values()})
    draft.links = {name: [Route(Column(column))] for name, column in refers.items()}
    return draft.source()


def _references(entity: Entity, names: Names, table: TableProfile) -> dict[str, str]:
    """By reference, the column whose name says that it holds it."""
    found: dict[str, str] = {}
    for column in table.columns:
        concepts = names.references(column)
        for field in entity.references:
            sure = max(concepts.get(str(field.target), 0), concepts.get(field.name, 0))
            if sure >= 0.9 and field.name not in found and column not in found.values():
                found[field.name] = column
    return found


# -- columns ---------------------------------------------------------------------------------------


def uses(source: EntitySource, column: str) -> list[str]:
    """What a column of the source's own table is used for: fields, `KEY`, `CUSTOM`."""
    found = [
        name
        for name, value in source.fields.items()
        if any(c.name == column and not c.table for c in columns_of(value))
    ]
    for name, routes in source.links.items():
        if any(r.column.name == column and not r.column.table for r in routes):
            found.append(name)
    if any(c.name == column and not c.table for c in source.key):
        found.append(KEY)
    return [*found, *([CUSTOM] if column in source.custom else [])]


def with_column(
    source: EntitySource, column: str, use: str, entity: Entity, custom: Custom | None = None
) -> EntitySource:
    """A column becomes a field, a new field (`CUSTOM`) or nothing; other uses of it end.

    Parameters
    ----------
    custom : the new field.

    Raises
    ------
    UnknownName : the entity has no such field.
    """
    source = _without(source, column)
    if use == CUSTOM and custom is not None:
        return replace(source, custom={**source.custom, column: custom})
    if use in (NOTHING, CUSTOM):
        return source
    if use == KEY:
        return replace(source, key=(Column(column),))
    field = entity.field(use)
    if field.kind is REFERENCE:
        return replace(source, links={**source.links, use: (Route(Column(column)),)})
    return replace(source, fields={**source.fields, use: Taken((Column(column),))})


def _without(source: EntitySource, column: str) -> EntitySource:
    fields = {name: _value_without(value, column) for name, value in source.fields.items()}
    links = {
        name: tuple(r for r in routes if r.column.table or r.column.name != column)
        for name, routes in source.links.items()
    }
    return replace(
        source,
        fields={name: value for name, value in fields.items() if value is not None},
        links={name: routes for name, routes in links.items() if routes},
        custom={name: made for name, made in source.custom.items() if name != column},
    )


def _value_without(value: Value, column: str) -> Value | None:
    """A value that is not made from a column, if anything is left of it."""

    def stays(part: Column) -> bool:
        return bool(part.table) or part.name != column

    match value:
        case Taken():
            parts = [_part_without(part, stays) for part in value.columns]
            left = tuple(part for part in parts if part is not None)
            return replace(value, columns=left) if left else None
        case Concatenated():
            return _part_without(value, stays)  # type: ignore[return-value]
        case Chosen() | Multiplied():
            return value if all(map(stays, columns_of(value))) else None
        case _:
            return value


def _part_without(part: Column | Concatenated, stays: object) -> Column | Concatenated | None:
    if isinstance(part, Column):
        return part if stays(part) else None  # type: ignore[operator]
    left = tuple(c for c in part.columns if stays(c))  # type: ignore[operator]
    return replace(part, columns=left) if left else None


def with_format(source: EntitySource, column: str, format: str) -> EntitySource:
    """The dates or numbers of a column are written in a form; ``""`` for the standard one.

    Raises
    ------
    InputError : nothing that has a form is made from the column.
    """
    if column in source.custom:
        made = source.custom[column]
        return replace(source, custom={**source.custom, column: _formed(made, format)})
    for name in uses(source, column):
        value = source.fields.get(name)
        if isinstance(value, Taken):
            return replace(source, fields={**source.fields, name: _formed(value, format)})
    raise InputError(f"Nothing that has a format is made from {column}.")


_Made = TypeVar("_Made", Taken, Custom)


def _formed(made: _Made, format: str) -> _Made:
    if format in (".", ","):
        return replace(made, decimal=format)
    forms = tuple(filter(None, format.split(" | ")))
    return replace(made, format=forms)


def format_of(source: EntitySource, column: str) -> str:
    """How the dates or numbers of a column are written."""
    made: object = source.custom.get(column)
    for name in uses(source, column) if made is None else ():
        made = made or source.fields.get(name)
    if isinstance(made, Taken | Custom):
        return made.decimal or " | ".join(made.format)
    return ""


# -- statuses --------------------------------------------------------------------------------------


def with_role(mapping: Mapping, entity: str, status: str, role: str) -> Mapping:
    """A status means something.

    Raises
    ------
    UnknownName : there is no such role.
    """
    if role not in ROLES:
        raise UnknownName("role", role, ROLES)
    rest = {s: r for s, r in mapping.roles.get(entity, {}).items() if s not in (status, "*")}
    others = mapping.roles.get(entity, {}).get("*")
    found = {**rest, status: role, **({"*": others} if others else {})}
    return replace(mapping, roles={**mapping.roles, entity: found})
