"""Twins: two tables with the same records, such as orders and what a report needs of them."""

from __future__ import annotations

from itertools import combinations

from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.linkrules import NEARLY_ALL, field_
from crmpanel.importing.understanding.links import Linker


def twins(linker: Linker) -> list[tuple[Draft, Draft]]:
    """Pairs of drafts of the same records: the one to keep, and the one that only adds to it."""
    plain = [d for d in linker.drafts if d.key_name and not (d.group or d.only)]
    pairs = [(a, b) for a, b in combinations(plain, 2) if _alike(a, b) and _same(a, b, linker)]
    return [(a, b) if _linked(a, linker) >= _linked(b, linker) else (b, a) for a, b in pairs]


def _alike(one: Draft, other: Draft) -> bool:
    """Whether the key of one is called as what names a record of the other."""
    if one.entity != other.entity or one.table is other.table:
        return False
    return any(d.names.references(d.key_name).get(d.entity, 0) >= 0.9 for d in (one, other))


def _same(one: Draft, other: Draft, linker: Linker) -> bool:
    a, b = one.table.columns[one.key_name], other.table.columns[other.key_name]
    near = min(a.rows, b.rows) >= NEARLY_ALL * max(a.rows, b.rows)
    return near and linker.matching.rate(a, b).share >= NEARLY_ALL


def _linked(draft: Draft, linker: Linker) -> float:
    """How many records name an organisation that is there."""
    shares = [0.0]
    for route in draft.links.get(field_("organisation"), []):
        column = draft.table.columns.get(route.column.name)
        for firm in linker.of("organisation") if column and not (route.via or route.by) else ():
            if column is not None and firm.key_name:
                rate = linker.matching.rate(column, firm.table.columns[firm.key_name])
                shares.append(rate.share * column.share)
    return max(shares)
