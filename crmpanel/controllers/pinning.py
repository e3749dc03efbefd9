"""Pins: what everybody sees on top of the timeline."""

from __future__ import annotations

from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.locale import _
from crmpanel.model.changeset import Applied, Changeset, Create, Delete
from crmpanel.model.filters import Condition

#: The entity that holds them; where there is none, nothing can be pinned.
PINS = "pin"


class Pins:
    """The pinned records of an organisation.

    Parameters
    ----------
    desk : database and viewer, who pins.
    organisation : id of the organisation; None for records of none.
    """

    def __init__(self, desk: Desk, organisation: int | None) -> None:
        self.desk, self.organisation = desk, organisation

    @property
    def can_pin(self) -> bool:
        """Whether something can be pinned here and now."""
        return self._has_pins and not self.desk.is_read_only

    @property
    def _has_pins(self) -> bool:
        return PINS in self.desk.registry

    def read(self) -> dict[str, tuple[int, ...]]:
        """Ids of the pinned records, by name of their entity."""
        found: dict[str, tuple[int, ...]] = {}
        pinned = {(row["entity"], row["record_id"]) for row in self._rows()}
        for entity, record in sorted(pair for pair in pinned if None not in pair):
            found[entity] = (*found.get(entity, ()), record)
        return found

    def pin(self, entity: str, id: int) -> Applied:
        """Pin a record; nothing happens if it is pinned."""
        if self._rows(entity, id):
            return Applied(None)
        values = {
            "organisation_id": self.organisation,
            "entity": self.desk.registry[entity].name,
            "record_id": int(id),
            "user_id": self.desk.viewer_id,
        }
        return self._apply((Create(PINS, values),), _("Pinned"))

    def unpin(self, entity: str, id: int) -> Applied:
        """Take the pin off a record, also if two people had pinned it."""
        gone = tuple(Delete(PINS, int(row["id"])) for row in self._rows(entity, id))
        return self._apply(gone, _("Unpinned")) if gone else Applied(None)

    def _apply(self, changes: tuple[Create | Delete, ...], why: str) -> Applied:
        return self.desk.database.apply(Changeset(changes, why, user=self.desk.viewer_id))

    def _rows(self, *record: str | int) -> list[dict[str, Any]]:
        if not self._has_pins:
            return []
        whose = ("organisation_id",)
        scope = [Condition(whose, "eq", (self.organisation,))]
        if self.organisation is None:
            scope = [Condition(whose, "blank")]
        for name, value in zip(("entity", "record_id"), record, strict=False):
            scope.append(Condition((name,), "eq", (value,)))
        selection = self.desk.selection(PINS, *scope)
        return self.desk.database.records(selection.page(("entity", "record_id")))
