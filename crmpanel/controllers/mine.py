"""Mine: a viewer's favourites, recently viewed records, and what is new since the last visit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.errors import UnknownName
from crmpanel.model.changeset import Drop, Keep
from crmpanel.model.entity import Entity
from crmpanel.model.personal import FAVOURITE, VISIT
from crmpanel.query import personal

#: A card that is opened again within so long is on the same visit.
VISIT_LASTS = dt.timedelta(minutes=30)
#: More favourites than these are not listed.
MOST = 200
RECENT = 8
Row = dict[str, Any]


@dataclass(frozen=True)
class Visit:
    """An earlier visit to a card.

    Parameters
    ----------
    at : when it began.
    seen : number of the newest changeset then.
    """

    at: dt.datetime
    seen: int


class Mine:
    """Personal state of the viewer of a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @property
    def _cards(self) -> list[Entity]:
        return [entity for entity in self.desk.registry if entity.has_card]

    def _key(self, entity: str, id: int) -> Row:
        declared = self.desk.registry[entity]
        if not declared.has_card:
            raise UnknownName("kind of card", entity, [e.name for e in self._cards])
        return {"entity": declared.name, "record_id": int(id)}

    # -- favourites and recently viewed --------------------------------------------------------

    def favourites(self) -> list[Row]:
        """Favourites in order of their titles: entity, id, title, subtitle, at."""
        query = personal.titled(FAVOURITE, self._cards, self.desk.me, MOST)
        found = self.desk.database.records(query)
        return sorted(found, key=lambda row: (str(row["title"] or "").casefold(), row["id"]))

    def frame(self) -> Any:
        """The favourites as a pandas DataFrame."""
        return self.desk.database.frame(
            personal.titled(FAVOURITE, self._cards, self.desk.me, MOST)
        ).sort_values("title", ignore_index=True)

    def is_favourite(self, entity: str, id: int) -> bool:
        """Whether a record is among the favourites."""
        query = personal.rows(FAVOURITE, self.desk.me, **self._key(entity, id))
        return bool(self.desk.database.rows(query))

    def set_favourite(self, entity: str, id: int, wanted: bool) -> None:
        """Put a record among the favourites, or take it away.

        Raises
        ------
        UnknownName : records of this kind have no card.
        """
        key = self._key(entity, id)
        part = Keep("favourite", key, {"at": self._now()}) if wanted else Drop("favourite", key)
        self.desk.keep(part)

    def recents(self, limit: int = RECENT) -> list[Row]:
        """Records whose cards were opened lately, latest first; columns as `favourites`."""
        query = personal.titled(VISIT, self._cards, self.desk.me, limit)
        return self.desk.database.records(query)

    # -- visits --------------------------------------------------------------------------------

    def visit(self, entity: str, id: int) -> Visit | None:
        """Note that a card is opened; returns the visit before this one, if there was one."""
        if not self.desk.registry[entity].has_card:
            return None
        key, database = self._key(entity, id), self.desk.database
        found = database.records(personal.rows(VISIT, self.desk.me, **key))
        last: Row = found[0] if found else {"at": None, "seen": None}
        newest, now = int(database.scalar(personal.newest())), self._now()
        values: Row = {"at": self._exactly(now), "seen": newest}
        if last["at"] is not None and now - last["at"] > VISIT_LASTS:
            values |= {"at_before": last["at"], "seen_before": last["seen"]}
        self.desk.keep(Keep("visit", key, values))
        before = {**last, **values}
        if before.get("seen_before") is None or before.get("at_before") is None:
            return None
        return Visit(before["at_before"], before["seen_before"])

    def _now(self) -> dt.datetime:
        return self.desk.clock()

    @staticmethod
    def _exactly(now: dt.datetime) -> dt.datetime:
        """With its fraction, so that cards opened within one second keep their order."""
        exact = dt.datetime.now()
        return exact if dt.timedelta() <= exact - now < dt.timedelta(seconds=2) else now


def listed(texts: str | None) -> Sequence[str]:
    """The names in a preference that holds several."""
    return [text for text in (texts or "").split(",") if text]
