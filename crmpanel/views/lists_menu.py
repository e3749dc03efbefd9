"""The menu of the app bar that leads to the lists across organisations."""

from __future__ import annotations

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.links import HOME, Links, Place
from crmpanel.locale import _
from crmpanel.views.components import ListsMenu

#: The page of deleted records, where other pages have the plural of an entity.
DELETED = "deleted"
#: Pairs of the name of a page in its address, and its title.
Pages = list[tuple[str, str]]


class Lists:
    """Leads to each page that lists records, and marks the one that is open.

    Parameters
    ----------
    desk : which entities there are, and what is kept of them.
    links : how addresses are written.
    """

    def __init__(self, desk: Desk, links: Links) -> None:
        self._desk = desk
        groups = [
            [{"name": name, "text": text, "href": links.list(name)} for name, text in pages]
            for pages in (_of_records(desk), _of_the_past(desk))
        ]
        self.component = ListsMenu(groups=[group for group in groups if group])

    def mark(self, place: Place) -> None:
        """Tell which of them is open, if one is."""
        registry, name = self._desk.registry, place.entity
        open_ = registry[name].plural if name in registry else name
        self.component.current = open_ if place.kind == "list" else ""


def _of_records(desk: Desk) -> Pages:
    """What belongs to organisations, by title; these themselves come first."""
    listed = [entity for entity in desk.registry if entity.organisation and not entity.about]
    pages = [(entity.plural, _(entity.label_plural)) for entity in listed]
    return sorted(pages, key=lambda page: (page[0] != HOME, page[1].casefold()))


def _of_the_past(desk: Desk) -> Pages:
    """What was deleted and what was changed, where that is kept."""
    deleted = [] if desk.is_read_only else [(DELETED, _("Deleted records"))]
    logs = [] if desk.is_live else [entity for entity in desk.registry if entity.about]
    return deleted + [(entity.plural, _(entity.label_plural)) for entity in logs]
