"""Merging: what a shipped mapping leaves open is read as it would be without a mapping."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from crmpanel.importing.mapping import (
    ANY,
    Column,
    EntitySource,
    Mapping,
    Multiplied,
    OfChildren,
    Route,
    Value,
    columns_of,
)
from crmpanel.importing.recognise import spelt
from crmpanel.importing.understanding.linkrules import ORDER
from crmpanel.importing.understanding.profile import Profile
from crmpanel.model.registry import Registry


def merged(shipped: Mapping, proposed: Mapping, profile: Profile, registry: Registry) -> Mapping:
    """A shipped mapping, with the tables, fields and links of an export that it does not know.

    Where both say something, the shipped one counts.

    Parameters
    ----------
    shipped : made for the system that the export comes from, not for this export.
    proposed : made for this export, by what it holds.
    profile : of the tables.
    registry : the entities.
    """
    others = {(s.entity, s.table.casefold()): s for s in proposed.sources if not s.group}
    held = {s.entity for s in shipped.sources if spelt(profile.tables, s.table)}
    # Of these only the export has a table; what the mapping knows of them are names at most.
    new = {s.entity for s in proposed.sources} - held
    sources = [
        _filled(
            _without(source, new, registry),
            others.get((source.entity, source.table.casefold())),
            profile,
        )
        for source in shipped.sources
    ]
    known = {name.casefold() for name in (*tables_of(shipped), *shipped.ignored)}
    sources += [source for source in proposed.sources if source.table.casefold() not in known]
    sources = [_summable(source, sources) for source in sources]
    ignored = {t: why for t, why in proposed.ignored.items() if t.casefold() not in known}
    return replace(
        shipped,
        sources=tuple(sorted(sources, key=lambda source: ORDER.index(source.entity))),
        ignored={**ignored, **shipped.ignored},
        stand_ins={
            **proposed.stand_ins,
            **{entity: name for entity, name in shipped.stand_ins.items() if entity not in new},
        },
        roles={
            entity: _roles(shipped.roles.get(entity, {}), proposed.roles.get(entity, {}))
            for entity in (*shipped.roles, *(e for e in proposed.roles if e not in shipped.roles))
        },
    )


def tables_of(mapping: Mapping) -> set[str]:
    """The tables that a mapping reads."""
    joins = [join for source in mapping.sources for join in source.joins]
    through = {join.through.table for join in joins if join.through}
    return {*(s.table for s in mapping.sources), *(join.table for join in joins), *through}


def _roles(first: dict[str, str], then: dict[str, str]) -> dict[str, str]:
    """What statuses mean by two mappings, with what stands for all others at the end."""
    found = {**then, **first}
    rest = {ANY: found.pop(ANY)} if ANY in found else {}
    return {**found, **rest}


def _without(source: EntitySource, entities: set[str], registry: Registry) -> EntitySource:
    """A source without its links to some entities."""
    entity = registry[source.entity]
    links = {n: r for n, r in source.links.items() if entity.field(n).target not in entities}
    return replace(source, links=links)


def _filled(source: EntitySource, other: EntitySource | None, profile: Profile) -> EntitySource:
    """A source with the fields and links that only the other one has."""
    if other is None or _names(other.key) != _names(source.key):
        return source
    table = profile.tables[spelt(profile.tables, source.table) or ""]
    there = {name.casefold() for name in table.columns}
    fields = {
        n: v for n, v in source.fields.items() if _is_there(v, there) or n not in other.fields
    }
    aliases = {join.alias for join in source.joins}
    read = {column.name.casefold() for value in fields.values() for column in columns_of(value)}
    read |= _names(source.key)
    for name, value in other.fields.items():
        derived = isinstance(value, Multiplied | OfChildren)
        if name not in fields and (derived or not _names(columns_of(value)) & read):
            fields[name] = value
    joins = (*source.joins, *(j for j in other.joins if j.alias not in aliases))
    return replace(source, fields=fields, links=_links(source, other), joins=joins)


def _summable(source: EntitySource, sources: Collection[EntitySource]) -> EntitySource:
    """A source without sums of fields that no source has."""
    had = {(other.entity, name) for other in sources for name in other.fields}
    fields = {
        name: value
        for name, value in source.fields.items()
        if not isinstance(value, OfChildren) or (value.entity, value.field) in had
    }
    return replace(source, fields=fields)


def _links(source: EntitySource, other: EntitySource) -> dict[str, tuple[Route, ...]]:
    """The ways of both; where a column says of what kind a record is, those that heed it."""
    spelt_as = {column.name.casefold(): column.name for column in source.columns()}
    found: dict[str, tuple[Route, ...]] = {}
    exact = {
        r.column.name.casefold()
        for routes in other.links.values()
        for r in routes
        if r.column.when or r.column.split
    }
    for name in dict.fromkeys([*source.links, *other.links]):
        own = [r for r in source.links.get(name, ()) if r.column.name.casefold() not in exact]
        for route in other.links.get(name, ()):
            called = spelt_as.get(route.column.name.casefold(), route.column.name)
            own.append(replace(route, column=replace(route.column, name=called)))
        if own:
            found[name] = tuple(dict.fromkeys(own))
    return found


def _names(columns: Collection[Column]) -> set[str]:
    return {column.name.casefold() for column in columns}


def _is_there(value: Value, columns: Collection[str]) -> bool:
    """Whether the table has a column that a value is made from; constants need none."""
    own = [column for column in columns_of(value) if not column.table]
    return not own or any(column.name.casefold() in columns for column in own)
