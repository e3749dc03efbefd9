"""Custom fields: columns that no field is declared for become fields of this database."""

from __future__ import annotations

from dataclasses import replace

from crmpanel.importing.mapping import Custom, EntitySource, Taken, Value
from crmpanel.importing.plan import Plan
from crmpanel.model import kinds
from crmpanel.model.declared import free_label, labels
from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import Kind
from crmpanel.store.writer import Load


def declare(plan: Plan, load: Load) -> Plan:
    """Declare the fields that a mapping asks for; gives the plan in which they are as others are.

    Raises
    ------
    InputError : an entity has another field of that name.
    """
    sources = []
    for source in plan.mapping.sources:
        fields: dict[str, Value] = {}
        there = {c: custom for c, custom in source.custom.items() if _is_there(plan, source, c)}
        if there:
            load.declare(source.entity, _fields(load.registry[source.entity], there))
        for column, made in there.items():
            fields[made.name] = Taken((source.named(column),), made.format, decimal=made.decimal)
        sources.append(replace(source, fields={**source.fields, **fields}, custom={}))
    mapping = replace(plan.mapping, sources=tuple(sources))
    return Plan(plan.source, mapping, load.registry)


def _is_there(plan: Plan, source: EntitySource, column: str) -> bool:
    return plan.table(source.table) is not None and plan.has(source, source.named(column))


def _kind(name: str) -> Kind:
    found: Kind = getattr(kinds, name.upper())
    return found


def _fields(entity: Entity, customs: dict[str, Custom]) -> list[Field]:
    """Fields for columns; a new one is called as no other field of the entity is."""
    found, taken = [], labels(entity)
    for column, made in customs.items():
        known = entity.fields.get(made.name)
        label = known.label if known else free_label(made.label, taken)
        taken.add(label)
        found.append(_field(column, replace(made, label=label)))
    return found


def _field(column: str, made: Custom) -> Field:
    format = " or ".join(made.format)
    return Field(made.name, _kind(made.kind), made.label, origin=column, format=format)
