"""What is shown to somebody who merges: records that look alike, and two of them side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crmpanel.controllers.duplicates import duplicates
from crmpanel.controllers.merging import KEPT, Merging, Pair
from crmpanel.controllers.record_card import RecordCard
from crmpanel.controllers.search import OrganisationSearch
from crmpanel.errors import FilterError
from crmpanel.model.entity import Entity
from crmpanel.model.filters import check_search
from crmpanel.query.selection import label_name
from crmpanel.views.cells import Display

#: Records offered at a time.
MOST = 8


def lookalikes(card: RecordCard, text: str) -> list[dict[str, Any]]:
    """Records that may be the same as a card's: id, title and subtitle.

    Parameters
    ----------
    text : what is searched for; without it, records like the card's own.
    """
    if not text.strip():
        alike = duplicates(card.desk, card.entity.name, card.record, card.id, MOST)
        return [_row(d.id, d.title, (d.subtitle, ", ".join(d.reasons))) for d in alike]
    if card.entity.found_by:
        found = OrganisationSearch(card.desk).find(text)
        rows = [_row(r["id"], r["name"], (r["division"], r["city"], r["type"])) for r in found]
    else:
        rows = _search(card, text)
    return [row for row in rows if row["id"] != card.id][:MOST]


def _row(id: int, title: Any, details: Sequence[Any]) -> dict[str, Any]:
    subtitle = " · ".join(str(detail) for detail in details if detail)
    return {"id": id, "title": str(title or f"#{id}"), "subtitle": subtitle}


def _search(card: RecordCard, text: str) -> list[dict[str, Any]]:
    entity, owner = card.entity, card.entity.organisation
    try:
        check_search(text)
    except FilterError:
        return []
    names = [name for name in (entity.title, entity.subtitle, owner) if name]
    selection = card.desk.selection(entity.name).narrowed(search=text)
    found = card.desk.database.records(selection.page(names, entity.sort, MOST + 1))
    whose = label_name(entity.field(owner)) if owner else ""
    details = [name for name in (entity.subtitle, whose) if name]
    return [_row(r["id"], r[entity.title], [r.get(name) for name in details]) for r in found]


def sides(
    display: Display, entity: Entity, merging: Merging, pairs: Sequence[Pair]
) -> dict[str, Any]:
    """The part of a window that shows two records field by field; what differs comes first."""
    rows = [
        {
            "name": pair.field.name,
            "label": pair.field.label,
            "left": display.text(entity, pair.field.name, merging.kept),
            "right": display.text(entity, pair.field.name, merging.gone),
            "chosen": "left" if pair.choice == KEPT else "right",
            "fixed": not pair.differs,
        }
        for pair in sorted(pairs, key=lambda pair: not pair.differs)
    ]
    shown = [row for row in rows if row["left"] or row["right"]]
    heads = [str(record.get(entity.title) or "") for record in (merging.kept, merging.gone)]
    return {"type": "sides", "name": "fields", "heads": heads, "rows": shown}
