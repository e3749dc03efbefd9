"""Winning: a record that was won becomes another, such as a quotation an order, with its lines."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from typing import Any

from crmpanel.controllers.creating import Created
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.draft import Draft
from crmpanel.errors import CrmError
from crmpanel.locale import _
from crmpanel.model.changeset import Changeset, Create, NewRecord, Part, Update
from crmpanel.model.entity import Entity, Field
from crmpanel.model.filters import Condition

#: Looking whether it was done, and doing it, are one step in this process, which owns the file.
_one_at_a_time = threading.Lock()


class Winning:
    """What a record becomes when it is won.

    Parameters
    ----------
    desk : database and viewer, who does it.
    entity, record : the record as `finding.find` gives it.

    Attributes
    ----------
    target : what it becomes; None if it becomes nothing.
    """

    def __init__(self, desk: Desk, entity: Entity, record: Mapping[str, Any]) -> None:
        self.desk, self.entity, self.record = desk, entity, record
        known = entity.becomes is not None and entity.becomes in desk.registry
        self.target = desk.registry[str(entity.becomes)] if known else None
        self._token = secrets.token_hex(8)

    @property
    def is_won(self) -> bool:
        """Whether the status of the record says so."""
        roles = self.desk.database.status_roles(self.entity.name)
        return bool(self.entity.status and roles.get(self.record[self.entity.status]) == "won")

    def made(self) -> int | None:
        """The id of what the record has become already; of several, the latest."""
        if self.target is None:
            return None
        back = Condition((self._reference(self.target).name,), "eq", (int(self.record["id"]),))
        latest = (("id", True),)
        found = self.desk.selection(self.target.name, back).page(["id"], latest, 1, 0)
        rows = self.desk.database.records(found)
        return int(rows[0]["id"]) if rows else None

    def make(self) -> Created:
        """Make it, with the lines that belong to the record; once."""
        with _one_at_a_time:
            if self.target is None or not self.is_won:
                return Created("failed", _("Only what was won can be turned into something else."))
            before = self.made()
            if before is not None:
                already = _("There is one already.")
                return Created("failed", already, ids={self.target.name: before})
            return self._apply(self.target)

    def _apply(self, target: Entity) -> Created:
        new, user = NewRecord(), self.desk.viewer_id
        won = Create(target.name, self._values(target), new)
        parts: tuple[Part, ...] = (won, *self._lines(target, new))
        why = _("Won: {title}", title=str(self.record.get(self.entity.title) or ""))
        changes = Changeset(parts, why, source="create", user=user, token=self._token)
        try:
            applied = self.desk.database.apply(changes)
        except CrmError as error:
            return Created("failed", str(error))
        ids = {e.entity: e.ids[0] for e in applied.events if e.action == "insert" and e.ids}
        told = _("{entity} created", entity=_(target.label))
        return Created("created", told, ids=ids, applied=applied)

    def _reference(self, entity: Entity) -> Field:
        """The field by which a record of `entity` refers to this one."""
        return next(f for f in entity.references if f.target == self.entity.name)

    def _values(self, target: Entity) -> dict[str, Any]:
        given = {self._reference(target).name: int(self.record["id"])}
        owner = self.record.get(str(self.entity.organisation))
        if owner is not None:
            given[str(target.organisation)] = int(owner)
        values: dict[str, Any] = {**Draft(self.desk, target.name, given).defaults, **given}
        for name, source in self._same(target).items():
            if self.record.get(source) is not None:
                values[name] = self.record[source]
        return values

    def _same(self, target: Entity) -> dict[str, str]:
        """Fields that take over a value, and whose: those of the same part, and references."""
        same = zip(_parts(target), _parts(self.entity), strict=True)
        shared = ((f.name, f.name) for f in target.references if _refers_so(self.entity, f))
        return {new: old for new, old in (*same, *shared) if new and old}

    def _lines(self, target: Entity, new: NewRecord) -> list[Update]:
        """The lines of the record become lines of the new one too, unless they are another's."""
        updates = []
        for entity in self.desk.registry:
            targets = {f.target: f.name for f in reversed(entity.references)}
            if entity.name == target.name or not {target.name, self.entity.name} <= set(targets):
                continue
            mine, its = targets[self.entity.name], targets[target.name]
            scope = (
                Condition((mine,), "eq", (int(self.record["id"]),)),
                Condition((its,), "blank"),
            )
            ids = self.desk.database.records(self.desk.selection(entity.name, *scope).page(["id"]))
            updates += [Update(entity.name, row["id"], {its: new}, {its: None}) for row in ids]
        return updates


def _parts(entity: Entity) -> tuple[str | None, ...]:
    """The fields that play the parts which a won record hands on."""
    currency = entity.field(entity.amount).currency if entity.amount else None
    return (entity.title, entity.amount, currency, next(iter(entity.responsible), None))


def _refers_so(entity: Entity, reference: Field) -> bool:
    own = entity.fields.get(reference.name)
    return own is not None and own.target == reference.target
