"""Unsubscribing by the link of a mail: what it would end, and ending it."""

from __future__ import annotations

from crmpanel.controllers.delivering import NEVER, Delivering
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.subscriptions import Subscriptions
from crmpanel.delivery import tokens
from crmpanel.delivery.digest import kind, titles
from crmpanel.locale import _


class Unsubscribing:
    """What a token of a mail stands for, on the user's behalf: whoever holds it may end that.

    Nothing is changed until `end`, since scanners follow the links of mails.

    Parameters
    ----------
    desk : a desk over the database, whoever's.
    token : what stands in the address.

    Raises
    ------
    InputError : the token was not written here, or is too old; the user is gone.
    """

    def __init__(self, desk: Desk, token: str) -> None:
        self.ending = tokens.read(desk.database, token, desk.clock().date())
        self.desk = desk.working_as(self.ending.user)

    @property
    def is_all(self) -> bool:
        """Whether it is all mail that is ended."""
        return self.ending.entity is None

    @property
    def is_on(self) -> bool:
        """Whether there is still something to end."""
        if self.ending.entity is None or self.ending.id is None:
            return Delivering(self.desk).digest != NEVER
        return Subscriptions(self.desk).current(self.ending.entity, self.ending.id) is not None

    @property
    def name(self) -> str:
        """The record as the user may see it, or all mail."""
        entity, id = self.ending.entity, self.ending.id
        if entity is None or id is None:
            return _("All mail about changes")
        found = titles(self.desk, [(entity, id)]).get((entity, id))
        return found or _("a deleted {kind}", kind=kind(self.desk, entity))

    def end(self) -> None:
        """End it; again has no effect."""
        if self.ending.entity is None or self.ending.id is None:
            Delivering(self.desk).choose_digest(NEVER)
        else:
            Subscriptions(self.desk).unsubscribe(self.ending.entity, self.ending.id)
