"""Understood: what an import makes of a source, in words, before anything is counted."""

from __future__ import annotations

from collections.abc import Iterator

from crmpanel.importing.mapping import Route
from crmpanel.importing.plan import Plan


def understood(plan: Plan) -> Iterator[str]:
    """Which tables become what, by which keys and links, a line each."""
    yield f"{plan.source.name} is read as {plan.mapping.title}:"
    for source in plan.sources:
        entity = plan.registry[source.entity]
        key = " and ".join(map(str, source.key))
        yield f"  {source.table} → {entity.label_plural.lower()}, known by {key}"
        for name, routes in source.links.items():
            there = [route for route in routes if plan.has(source, route.column)]
            if there:
                label = entity.field(name).label.lower()
                yield f"    {label}: {', '.join(map(_way, there))}"
        for column, made in source.custom.items():
            yield f"    {column} → new field {made.label} ({made.kind})"


def _way(route: Route) -> str:
    way = f"by {route.column}"
    if route.by:
        way += f" = its {route.by}"
    return f"{way} through the {route.via}" if route.via else way
