"""Settling: what a database declares beside what the code declares, when that has grown since.

Nothing is refused and nothing is lost. Where the code has come to declare a field of the same name,
its values become that field's if they can; else the field of the database gets another name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from crmpanel.model.declared import (
    RESERVED,
    columns,
    free_name,
    is_same,
    renamed_within,
)
from crmpanel.model.entity import SYSTEM_FIELDS, Entity, Field
from crmpanel.model.registry import Registry


@dataclass(frozen=True)
class Declarations:
    """What a database declares.

    Parameters
    ----------
    entities : entities, with their fields.
    fields : further fields of entities of the code, by the name of the entity.
    """

    entities: tuple[Entity, ...] = ()
    fields: tuple[tuple[str, Field], ...] = ()


@dataclass(frozen=True)
class Settled:
    """Declarations of the code and of a database together.

    Parameters
    ----------
    registry : all of them.
    entities : those of the database that are called otherwise now, by their earlier name.
    fields : fields of the database that are called otherwise now: entity, earlier name and name.
    adopted : fields, as entity and name, that the code declares now.
    """

    registry: Registry
    entities: Mapping[str, str]
    fields: tuple[tuple[str, str, str], ...] = ()
    adopted: tuple[tuple[str, str], ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether anything is not as the database declares it."""
        return bool(self.entities or self.fields or self.adopted)


def settled(code: Registry, found: Declarations, taken: Collection[str]) -> Settled:
    """The declarations of the code and of a database together.

    A field of an entity that there is not, or that refers to one, is left out.

    Parameters
    ----------
    taken : names that no entity can have.
    """
    called = _entity_names(code, found, taken)
    known = {*(entity.name for entity in code), *(name for name, _ in called.values())}
    renamed, adopted = list[tuple[str, str, str]](), list[tuple[str, str]]()
    grown = []
    for entity in code:
        mine = (_targeted(field, called) for name, field in found.fields if name == entity.name)
        for field in mine:
            if field.target in (None, *known):
                entity = _with(entity, field, renamed, adopted)
        grown.append(entity)
    for entity in found.entities:
        grown.append(_own(entity, called, renamed))
    others = {old: new for old, (new, _) in called.items() if new != old}
    return Settled(Registry(grown), others, tuple(renamed), tuple(adopted))


def _with(
    entity: Entity,
    field: Field,
    renamed: list[tuple[str, str, str]],
    adopted: list[tuple[str, str]],
) -> Entity:
    """An entity of the code with a field of the database."""
    there = entity.fields.get(field.name)
    if there is not None and is_same(there, field):
        adopted.append((entity.name, field.name))
        return entity
    name = free_name(field.name, columns(entity))
    if name != field.name:
        renamed.append((entity.name, field.name, name))
    return entity.with_fields([replace(field, name=name)])


def _own(
    entity: Entity, called: Mapping[str, tuple[str, str]], renamed: list[tuple[str, str, str]]
) -> Entity:
    """An entity of the database, none of whose fields is called like one that every entity has."""
    name, plural = called[entity.name]
    moved = _clashing(entity)
    renamed += [(entity.name, old, new) for old, new in moved.items()]
    own = tuple(_targeted(field, called) for field in entity.own_fields)
    return renamed_within(replace(entity, name=name, plural=plural, own_fields=own), moved)


def _entity_names(
    code: Registry, found: Declarations, taken: Collection[str]
) -> dict[str, tuple[str, str]]:
    """Name and plural that each entity of the database has, by its earlier name."""
    used = {*taken, *(name for entity in code for name in (entity.name, entity.plural))}
    theirs = {name for entity in found.entities for name in (entity.name, entity.plural)}
    called = {}
    for entity in found.entities:
        name, plural = (
            wanted if wanted not in used else free_name(wanted, used | theirs)
            for wanted in (entity.name, entity.plural)
        )
        used |= {name, plural}
        called[entity.name] = (name, plural)
    return called


def _targeted(field: Field, called: Mapping[str, tuple[str, str]]) -> Field:
    if field.target is None or field.target not in called:
        return field
    return replace(field, target=called[field.target][0])


def _clashing(entity: Entity) -> dict[str, str]:
    """New names of the fields that are called like one which every entity has now."""
    taken = {*RESERVED, *columns(entity)}
    system = {field.name: field for field in SYSTEM_FIELDS}
    clashing = [f.name for f in entity.own_fields if f.name in system]
    return {name: free_name(name, taken) for name in clashing}
