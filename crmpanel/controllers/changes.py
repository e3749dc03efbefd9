"""Changes: a changeset put together from cards and lists, for notebooks and scripts."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.controllers.given import as_declared
from crmpanel.controllers.record_card import RecordCard
from crmpanel.controllers.record_list import RecordList
from crmpanel.errors import InputError, NotFound
from crmpanel.model.changeset import (
    Applied,
    Assignment,
    Changeset,
    Clear,
    Create,
    Delete,
    MassUpdate,
    NewRecord,
    Part,
    Set,
    Shift,
    Update,
)
from crmpanel.model.entity import Entity


class Changes:
    """What is to be written together; nothing is written before `apply`.

    Fields are named as declared, references with or without ``_id``. A reference takes an id, a
    card, what `create` gave, or for users their name.

    Parameters
    ----------
    desk : database and viewer, who makes the changes.
    why : what they are for, in a person's words.

    Example
    -------
    >>> with ws.changes(why="Moved") as c:                               # doctest: +SKIP
    ...     c.set(card, city="Oslo")
    ...     c.update(card.activities, responsible="Kari Nordmann")
    """

    def __init__(self, desk: Desk, why: str = "") -> None:
        self.desk, self.why = desk, why
        self._parts: list[Part] = []
        self._cards: list[RecordCard] = []

    def set(self, record: Any, **values: Any) -> None:
        """New values of one record.

        Parameters
        ----------
        record : a card, or a pair of entity and id; what a card shows is what must still be there.
        values : by field; None clears it.
        """
        entity, id, card = self._which(record)
        seen = card.record if card else {}
        given = self.named(entity, values)
        expected = {name: seen[name] for name in given if name in seen}
        self._parts.append(Update(entity.name, id, given, expected))
        if card is not None:
            self._cards.append(card)

    def update(self, records: RecordList, **values: Any) -> None:
        """The same values for all records that pass a list's filters now.

        Parameters
        ----------
        values : by field; `Shift` moves dates, None clears.
        """
        self._parts.append(MassUpdate(records.selection, self._assignments(records.entity, values)))

    def create(self, entity: str, **values: Any) -> NewRecord:
        """A new record; what is returned stands for it in further changes."""
        declared, new = self.desk.registry[entity], NewRecord()
        self._parts.append(Create(declared.name, self.named(declared, values), new))
        return new

    def delete(self, record: Any) -> None:
        """Delete a record, given by its card or as a pair of entity and id."""
        entity, id, _ = self._which(record)
        self._parts.append(Delete(entity.name, id))

    @property
    def changeset(self) -> Changeset:
        """All of it as one changeset."""
        mass = any(isinstance(part, MassUpdate) for part in self._parts)
        source = "mass edit" if mass else "edit"
        return Changeset(tuple(self._parts), self.why, source, self.desk.viewer_id)

    def preview(self) -> Any:
        """What would be written, as a pandas DataFrame: entity, id, record, field, old, new."""
        return self.desk.database.preview(self.changeset)

    def apply(self) -> Applied:
        """Write it; raises `ValidationFailed` or `Conflict` and writes nothing if it cannot be."""
        applied = self.desk.database.apply(self.changeset)
        for card in self._cards:
            with suppress(NotFound):
                card.record = find(self.desk, card.entity.name, card.id)
        return applied

    # -- what is given -----------------------------------------------------------------------

    def _which(self, record: Any) -> tuple[Entity, int, RecordCard | None]:
        name, id = which(record)
        card = getattr(record, "card", record)
        return self.desk.registry[name], id, card if isinstance(card, RecordCard) else None

    def named(self, entity: Entity, values: dict[str, Any]) -> dict[str, Any]:
        """Values by declared field, with ids for what references were given as."""
        return as_declared(self.desk, entity, values)

    def _assignments(self, entity: Entity, values: dict[str, Any]) -> dict[str, Assignment]:
        return {
            name: value if isinstance(value, Set | Clear | Shift) else Set(value)
            for name, value in self.named(entity, values).items()
        }


def which(record: Any) -> tuple[str, Any]:
    """Entity and id of a record given by its card or as such a pair; raises `InputError`."""
    if isinstance(record, tuple) and len(record) == 2:
        return record
    card = getattr(record, "card", record)
    if not isinstance(card, RecordCard):
        raise InputError("That is no record.", "", "Give a card, or ('person', 17).")
    return card.entity.name, card.id
