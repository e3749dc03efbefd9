"""What one asks of a card, and does with it for oneself, from Python."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from crmpanel.controllers.chronicle import changed_since, field_history
from crmpanel.controllers.mine import Mine
from crmpanel.controllers.record_card import RecordCard
from crmpanel.controllers.record_links import RecordLink, links_of
from crmpanel.controllers.subscriptions import Subscriptions
from crmpanel.model.moment import When
from crmpanel.views.cells import Display
from crmpanel.views.timeline import TimelineView


class InPython:
    """What a card has for scripts and notebook cells, beside its lists."""

    card: RecordCard
    display: Display

    @property
    def links(self) -> list[RecordLink]:
        """Where this leads outside: ``name`` and ``url``, or the ``reason`` why there is none."""
        return links_of(self.card.desk, self.card.entity, self.card.record)

    @cached_property
    def timeline(self) -> TimelineView:
        """What happened with the record, and what is to come, in one feed."""
        if not self.card.layout.timeline:
            raise AttributeError("timeline")
        return TimelineView(self.card, display=self.display)

    def history(self, field: str) -> Any:
        """The changes of a field, as a pandas DataFrame: when, who, from, to, changeset."""
        return field_history(self.card, field)

    def changed_since(self, when: When) -> Any:
        """What was changed of the record and of what belongs to it; see `controllers.chronicle`."""
        return changed_since(self.card, when)

    # -- one's own -----------------------------------------------------------------------------

    @property
    def favourite(self) -> bool:
        """Whether the record is among the viewer's favourites; can be set.

        Example
        -------
        >>> card.favourite = True                                           # doctest: +SKIP
        """
        return Mine(self.card.desk).is_favourite(self.card.entity.name, self.card.id)

    @favourite.setter
    def favourite(self, wanted: bool) -> None:
        Mine(self.card.desk).set_favourite(self.card.entity.name, self.card.id, bool(wanted))

    @property
    def subscribed(self) -> bool:
        """Whether the viewer is told of what others write about the record."""
        subscriptions = Subscriptions(self.card.desk)
        return subscriptions.current(self.card.entity.name, self.card.id) is not None

    def subscribe(self) -> None:
        """Be told of what others write about the record, and what belongs to it, from now on."""
        Subscriptions(self.card.desk).subscribe(self.card.entity.name, self.card.id)

    def unsubscribe(self) -> None:
        """Be told no more; what has been told stays."""
        Subscriptions(self.card.desk).unsubscribe(self.card.entity.name, self.card.id)
