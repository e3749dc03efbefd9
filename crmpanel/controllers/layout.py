"""Which layout a card has: the declared one, or a plain one, with the lists that nothing names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from crmpanel.layouts import LAYOUTS
from crmpanel.model.declared import free_name
from crmpanel.model.entity import Entity
from crmpanel.model.kinds import REFERENCE
from crmpanel.model.layout import Layout, Panel, Tab
from crmpanel.model.registry import Registry

#: Entities that some layout names: where they are listed, and where not, is decided.
_PLACED = {tab.entity for layout in LAYOUTS.values() for tab in layout.tabs} | LAYOUTS.keys()


def layout_of(entity: Entity) -> Layout:
    """The declared layout of an entity's card, or a plain one: its fields and its log."""
    if entity.name in LAYOUTS:
        return LAYOUTS[entity.name]
    parts = (entity.status, entity.date, entity.due, entity.amount)
    side = [f.name for f in entity.fields.values() if f.kind is REFERENCE or f.name in parts]
    tabs = (Tab("fields", "Fields", "fields"), Tab("log", "Log", entity="change"))
    named = tuple(filter(None, (entity.subtitle, entity.organisation)))
    status = tuple(filter(None, (entity.status,)))
    panels = (Panel("Summary", tuple(side)),)
    return Layout(entity.name, f"{entity.name}_id", tabs, panels, subtitle=named, chips=status)


def layout_in(entity: Entity, registry: Registry) -> Layout:
    """The part of an entity's layout whose entities there are, and a list of each other entity that
    refers to it and that no layout names: one that a database declares, such as a dropped file.
    """
    layout = layout_of(entity)
    tabs = tuple(tab for tab in layout.tabs if tab.entity is None or tab.entity in registry)
    tabs += tuple(_further(layout, entity, registry))
    names = {tab.name for tab in tabs}
    return replace(
        layout,
        tabs=tabs,
        figures=tuple(figure for figure in layout.figures if figure.tab in names),
        details=tuple(excerpt for excerpt in layout.details if excerpt.tab in names),
        timeline=tuple(name for name in layout.timeline if name in registry),
    )


def _further(layout: Layout, entity: Entity, registry: Registry) -> Iterator[Tab]:
    taken = {tab.name for tab in layout.tabs}
    for other in registry:
        key = other.fields.get(layout.key)
        is_listed = other.organisation is not None and other.name not in _PLACED
        if is_listed and key is not None and key.target == entity.name:
            name = free_name(other.plural, taken)
            taken.add(name)
            yield Tab(name, other.label_plural, entity=other.name)
