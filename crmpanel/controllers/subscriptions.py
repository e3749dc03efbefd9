"""Subscriptions: which records a viewer is told of."""

from __future__ import annotations

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.model.changeset import Keep
from crmpanel.model.personal import SUBSCRIPTION
from crmpanel.query import personal
from crmpanel.query.news import FOREVER, Watch


class Subscriptions:
    """The subscriptions of the viewer of a desk.

    They last from one changeset to another: what came while one lasted stays to be read.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def watches(self) -> tuple[Watch, ...]:
        """All subscriptions, ended ones as well."""
        rows = self.desk.database.records(personal.rows(SUBSCRIPTION, self.desk.me))
        return tuple(
            Watch(
                row["entity"],
                row["record_id"],
                row["since"],
                FOREVER if row["until"] is None else row["until"],
            )
            for row in rows
            if row["entity"] in self.desk.registry
        )

    def current(self, entity: str, id: int) -> Watch | None:
        """The subscription on a record that lasts, if there is one."""
        return next(iter(self._lasting(entity, id)), None)

    def _lasting(self, entity: str, id: int) -> list[Watch]:
        mine = [w for w in self.watches() if (w.entity, w.id) == (entity, id)]
        return [watch for watch in mine if watch.until == FOREVER]

    def subscribe(self, entity: str, id: int) -> None:
        """Be told of what others write about a record from now on; again has no effect.

        Raises
        ------
        NotFound : there is no such record.
        """
        record = find(self.desk, entity, id)
        if self.current(entity, record["id"]) is None:
            key = {"entity": entity, "record_id": record["id"], "since": self._newest()}
            # One that ended at this very changeset goes on.
            self.desk.keep(Keep("subscription", key, {"until": None, "at": self._now()}))

    def unsubscribe(self, entity: str, id: int) -> None:
        """Be told no more of a record.

        Two windows may have subscribed at once: whatever lasts is ended.
        """
        newest = self._newest()
        parts = [
            Keep("subscription", _key(watch), {"until": newest})
            for watch in self._lasting(entity, id)
        ]
        if parts:
            self.desk.keep(*parts)

    def _newest(self) -> int:
        return int(self.desk.database.scalar(personal.newest()))

    def _now(self) -> object:
        return self.desk.clock()


def _key(watch: Watch) -> dict[str, object]:
    return {"entity": watch.entity, "record_id": watch.id, "since": watch.since}
