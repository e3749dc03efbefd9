"""Does a mapping agree with the entities? What it names must be declared, links must resolve."""

from __future__ import annotations

from collections import Counter

from crmpanel.errors import InputError, UnknownName
from crmpanel.importing.mapping import POLICIES, EntitySource, Mapping, OfChildren, Taken
from crmpanel.model.entity import ROLES, Entity
from crmpanel.model.kinds import REFERENCE
from crmpanel.model.registry import Registry


def check(mapping: Mapping, registry: Registry) -> None:
    """Raise what is wrong with `mapping`.

    Raises
    ------
    UnknownName : an entity, field, role, policy or table that is not declared; names the nearest.
    InputError : a link or an aggregate that cannot be resolved.
    """
    if mapping.on_bad_value not in POLICIES:
        raise UnknownName("on_bad_value", mapping.on_bad_value, POLICIES)
    for entity in (*mapping.roles, *mapping.stand_ins):
        registry[entity]
    for entity, roles in mapping.roles.items():
        for status, role in roles.items():
            if role not in ROLES:
                raise UnknownName(f"role of {entity} status {status!r}", role, ROLES)
    for source in mapping.sources:
        _check_tables(source)
        _check_links(source, mapping, registry)
        _check_values(source, mapping, registry)
        _check_custom(source, registry)


def _check_tables(source: EntitySource) -> None:
    tables = [source.table]
    for join in source.joins:
        if join.on.table and join.on.table not in tables:
            raise UnknownName(f"earlier table in {source.label}", join.on.table, tables)
        if join.alias in tables:
            raise InputError(
                f"{source.label}: {join.alias} cannot be joined a second time.",
                "",
                'Give one of them another name: as = "…".',
            )
        tables.append(join.alias)
    for column in source.columns():
        if column.table and column.table not in tables:
            raise UnknownName(f"joined table in {source.label}", column.table, tables)


def _check_links(source: EntitySource, mapping: Mapping, registry: Registry) -> None:
    entity = registry[source.entity]
    before = mapping.entities[: mapping.entities.index(source.entity)]
    for name, routes in source.links.items():
        target = entity.field(name).target or ""
        if target not in mapping.entities:
            raise UnknownName(
                f"source of {target} to link {source.entity}.{name} to", target, mapping.entities
            )
        for route in (route for route in routes if route.by):
            found = route.via or target
            if registry[found].field(route.by).kind is REFERENCE:
                raise InputError(f"{source.label}: a {found} cannot be found by its {route.by}.")
        for via in filter(None, (route.via for route in routes)):
            if name != entity.organisation:
                raise InputError(
                    f"{source.label}: {name} cannot go via {via}.",
                    "Only the organisation can be found through another record.",
                )
            if via not in mapping.entities:
                raise UnknownName(f"entity that {name} goes via", via, mapping.entities)
            if via not in before:
                raise InputError(
                    f"{source.label}: {name} cannot go via {via}.",
                    f"What {via} belongs to is not known before what {source.entity} belongs to.",
                )


def _check_values(source: EntitySource, mapping: Mapping, registry: Registry) -> None:
    for name, value in source.fields.items():
        if isinstance(value, OfChildren):
            if value.entity not in mapping.entities:
                raise UnknownName(
                    f"source for {source.entity}.{name} called", value.entity, mapping.entities
                )
            child = registry[value.entity]
            child.field(value.field)
            link_to(registry[source.entity], child)
        elif isinstance(value, Taken) and value.aggregate and not source.group:
            raise InputError(
                f"{source.label}: {name} has an aggregate, but rows are not grouped.",
                "",
                "Add group = true, or leave the aggregate out.",
            )


def _check_custom(source: EntitySource, registry: Registry) -> None:
    names = Counter(custom.name for custom in source.custom.values())
    for column, custom in source.custom.items():
        known = registry[source.entity].fields.get(custom.name)
        if known is not None and known.kind.name != custom.kind:
            raise InputError(
                f"{source.label}: {column} cannot become the custom field {custom.name}.",
                f"A {source.entity} has a field of that name and of kind {known.kind.name}.",
                "Give it another name, or put the column under fields.",
            )
        if names[custom.name] > 1:
            raise InputError(f"{source.label}: two columns become the field {custom.name}.")


def link_to(parent: Entity, child: Entity) -> str:
    """Name of the field by which a `child` belongs to its `parent`."""
    for field in child.own_fields:
        if field.kind is REFERENCE and field.target == parent.name:
            return field.name
    raise InputError(f"A {child.name} has no link to a {parent.name}.")
