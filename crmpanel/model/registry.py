"""The registry: which entities there are, found by name or plural."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crmpanel.errors import InputError, UnknownName
from crmpanel.model.entity import Entity, Field


class Registry:
    """An ordered set of entities.

    Parameters
    ----------
    entities : the entities; references between them must resolve within the set.

    Raises
    ------
    InputError : two entities share a name, a reference points outside the set, or what an entity
        becomes does not refer to it.
    """

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._by_name: dict[str, Entity] = {}
        self._by_plural: dict[str, Entity] = {}
        for entity in entities:
            if entity.name in self or entity.plural in self:
                raise InputError(
                    f"There are two entities called {entity.name} or {entity.plural}.",
                    "",
                    "Give one of them another name and plural.",
                )
            self._by_name[entity.name] = self._by_plural[entity.plural] = entity
        for entity in self:
            for field in entity.references:
                if field.target not in self._by_name:
                    raise UnknownName("entity", field.target, self._by_name)
            if entity.becomes is not None:
                self._check_successor(entity, entity.becomes)

    def _check_successor(self, entity: Entity, becomes: str) -> None:
        if becomes not in self._by_name:
            raise UnknownName("entity", becomes, self._by_name)
        if all(field.target != entity.name for field in self._by_name[becomes].references):
            raise InputError(
                f"A {entity.name} cannot become a {becomes}.",
                "That has no field which refers to what it came from.",
                f"Declare a reference to {entity.name}.",
            )

    def __iter__(self) -> Iterator[Entity]:
        return iter(self._by_name.values())

    def __contains__(self, name: object) -> bool:
        return name in self._by_name or name in self._by_plural

    def __getitem__(self, name: str) -> Entity:
        found = self._by_name.get(name) or self._by_plural.get(name)
        if found is None:
            raise UnknownName("entity", name, self._by_name)
        return found

    def with_(self, *entities: Entity) -> Registry:
        """A new registry with more entities, e.g. a customer's own."""
        return Registry([*self, *entities])

    def with_fields(self, name: str, fields: Iterable[Field]) -> Registry:
        """A new registry in which one entity has more fields.

        Raises
        ------
        UnknownName : there is no such entity, or a reference leads to none.
        InputError : a field has the name of another; see `Entity.with_fields`.
        """
        grown = self[name].with_fields(fields)
        return Registry(grown if entity.name == grown.name else entity for entity in self)
