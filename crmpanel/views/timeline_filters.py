"""The filters of a timeline: shown, and chosen by events, which are validated here."""

from __future__ import annotations

import logging
from typing import Any

from crmpanel.controllers.timeline import Timeline
from crmpanel.errors import FilterError
from crmpanel.locale import _
from crmpanel.model.filters import check_search
from crmpanel.views.cells import Display
from crmpanel.views.components import TimelineFeed
from crmpanel.views.timeline_reading import Numbers

log = logging.getLogger(__name__)

#: Characters of a text that is searched for.
LONGEST = 200


def refuse(event: dict[str, Any]) -> None:
    """Note that an event was not of those that are offered."""
    log.info("refused an event of the timeline: %.200r", event)


class Filters:
    """Kinds, people, search and field changes.

    Parameters
    ----------
    feed : the timeline that they narrow.
    display : how numbers are written.

    Attributes
    ----------
    component : shows them, once there is one.
    """

    def __init__(self, feed: Timeline, display: Display) -> None:
        self.feed, self.display = feed, display
        self.component: TimelineFeed | None = None
        self._users: list[int | None] = []

    def show(self, numbers: Numbers) -> None:
        """Show what is chosen and what can be."""
        self._users = [user for user, _title, _n in numbers.users]
        if self.component is None:
            return
        number, totals = self.display.formats.number, numbers.totals
        chosen = {self.feed.desk.registry[kind].name for kind in self.feed.kinds}
        counts = {name: number(total) for name, total in totals.items()}
        chips = [
            {"name": e.name, "label": _(e.label_plural), "icon": e.icon, "on": e.name in chosen}
            for e in self.feed.entities
            if not e.about
        ]
        log = [counts.get(entity.name, "") for entity in self.feed.entities if entity.about]
        changes = {
            "on": self.feed.show_changes,
            "label": _("Field changes"),
            "count": "".join(log[:1]),
        }
        self.component.param.update(
            kinds=[{**chip, "count": counts.get(str(chip["name"]), "")} for chip in chips],
            people=self._people(numbers),
            changes=changes if log else {},
            search=self.feed.search.strip(),
            filtered=self.feed.is_filtered,
        )

    def _people(self, numbers: Numbers) -> list[dict[str, Any]]:
        number = self.display.formats.number
        chosen = {self.feed.desk.user_id(user) for user in self.feed.person}
        found = {value: (title, n) for value, title, n in numbers.users}
        for user in chosen - set(found):
            found[user] = (self.feed.desk.users.get(user or 0), 0)
        return [
            {
                "value": value,
                "label": title or (_("Nobody") if value is None else _("No longer there")),
                "count": number(n),
                "on": value in chosen,
            }
            for value, (title, n) in found.items()
            if n or value in chosen
        ]

    # -- chosen --------------------------------------------------------------------------------

    def searched(self, event: dict[str, Any]) -> None:
        """Search for a text."""
        text = event.get("text")
        try:
            if not isinstance(text, str) or len(text) > LONGEST:
                raise FilterError("That is no text to be searched for.")
            check_search(text)
        except FilterError:
            refuse(event)
        else:
            self.feed.search = text

    def switch(self, event: dict[str, Any]) -> None:
        """Make changes of fields entries, or fold them away."""
        self.feed.show_changes = event.get("on") is True

    def kind(self, event: dict[str, Any]) -> None:
        """Add a kind, or take it away; without a name take all away."""
        feed, name = self.feed, event.get("name")
        known = [e.name for e in feed.entities if not e.about]
        if name is None:
            feed.kinds = []
        elif name not in known:
            refuse(event)
        else:
            chosen = {feed.desk.registry[kind].name for kind in feed.kinds} ^ {name}
            feed.kinds = [kind for kind in known if kind in chosen]

    def person(self, event: dict[str, Any]) -> None:
        """Add a user, or take them away."""
        value = event.get("value")
        if isinstance(value, bool) or value not in self._users:
            refuse(event)
            return
        chosen = [self.feed.desk.user_id(user) for user in self.feed.person]
        others = [user for user in chosen if user != value]
        self.feed.person = [*others, value] if event.get("on") is True else others
