"""News as components show them: the centre of the app bar, and what is new on a card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmpanel.controllers.notifications import Item
from crmpanel.controllers.telling import about, headline
from crmpanel.locale import _, ngettext
from crmpanel.model.entity import Entity
from crmpanel.views.cells import Display

Row = dict[str, Any]


def news_item(
    display: Display, log: Entity, item: Item, named: Mapping[tuple[str, int], str]
) -> Row:
    """A changeset, as `NotificationCentre.items` has it.

    Parameters
    ----------
    log : the entity of the log.
    named : titles of the watched records; what is said of the only one that there is goes without.
    """
    told = [line for line in (_line(display, log, item, change) for change in item.lines) if line]
    rest = item.changes - len(item.lines)
    links, said, whose = display.links, headline(display.desk, item), about(item, named)
    return {
        "key": str(item.number),
        "text": said,
        "when": display.formats.datetime(item.at),
        "note": whose if whose and whose not in said else "",
        "href": links.record(item.entity, item.id) if links else None,
        "unread": item.is_unread,
        "lines": told,
        "more": ngettext("and {n} more change", "and {n} more changes", rest) if rest else None,
    }


def _line(display: Display, log: Entity, item: Item, change: Row) -> Row | None:
    """A value that was changed; a new or deleted record is told by the headline."""
    if change["action"] != "update":
        return None
    label = display.text(log, "field", change)
    if item.records > 1 and (change["entity"], change["record_id"]) != (item.entity, item.id):
        label = f"{change['subject'] or _('(untitled)')} · {label}"
    return {
        "label": label,
        "old": display.text(log, "old_value", change),
        "new": display.text(log, "new_value", change),
    }
