"""What one does with a card for oneself, from Python."""

from __future__ import annotations

from crmpanel.controllers.mine import Mine
from crmpanel.controllers.record_card import RecordCard
from crmpanel.controllers.subscriptions import Subscriptions


class Personally:
    """Favourite and subscription of a card, as attributes of it."""

    card: RecordCard

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
