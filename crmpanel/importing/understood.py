"""Understood: what an import makes of a source, in words, before anything is counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crmpanel.importing.mapping import Route

if TYPE_CHECKING:
    from crmpanel.importing.importer import Import


#: Where a mapping came from.
_WHY = {
    "given": "as the mapping says",
    "again": "as it was read the last time",
    "shipped": "which was recognised by its tables and columns",
    "proposed": "as its names and values propose",
}


def understood(found: Import) -> Iterator[str]:
    """Which tables become what, by which keys and links, with the evidence, a line each."""
    plan, proposal = found.plan, found.proposal
    yield f"{plan.source.name} is read as {plan.mapping.title}, {_WHY[found.choice.why]}:"
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

    if proposal and found.choice.why == "proposed":
        yield from (f"  {sentence}" for sentence in proposal.evidence)
    for question in proposal.questions if proposal else ():
        taken = question.choices.get(question.default, question.default)
        yield f"  ? {question.text} Taken: {taken}"


def _way(route: Route) -> str:
    way = f"by {route.column}"
    if route.by:
        way += f" = its {route.by}"
    return f"{way} through the {route.via}" if route.via else way
