"""Editing: new values for the fields of one record, and what came of saving them."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.controllers.inputs import entered, input_of, problem
from crmpanel.controllers.plausible import implausible
from crmpanel.errors import (
    Collision,
    Conflict,
    CrmError,
    InputError,
    UndoRefused,
    ValidationFailed,
)
from crmpanel.locale import _, ngettext
from crmpanel.model.changeset import Applied, Changeset, Update
from crmpanel.model.entity import Entity
from crmpanel.model.kinds import CHOICE
from crmpanel.query.lookup import occurring
from crmpanel.query.selection import label_name

log = logging.getLogger(__name__)

#: Values that occur, offered for one field.
OFFERED = 200


@dataclass(frozen=True)
class Outcome:
    """What came of saving or undoing.

    Parameters
    ----------
    kind : ``saved``, ``undone``, ``refused`` (a value cannot be), ``conflict`` or ``failed``.
    message : all of it in words.
    problems : what is wrong, by field.
    conflicts : who changed what meanwhile, by field.
    applied : what was written, if it was saved.
    """

    kind: str
    message: str
    problems: Mapping[str, str] = field(default_factory=dict)
    conflicts: Mapping[str, Collision] = field(default_factory=dict)
    applied: Applied | None = None


def choices(desk: Desk, entity: Entity, names: Sequence[str]) -> dict[str, list[str]]:
    """The values that occur in those of some fields that are chosen."""
    chosen = [name for name in names if entity.field(name).kind is CHOICE]
    found: dict[str, list[str]] = {name: [] for name in chosen}
    if chosen:
        for name, value in desk.database.rows(occurring(entity, chosen, OFFERED)):
            found[name].append(value)
    return {name: sorted(values, key=str.casefold) for name, values in found.items()}


class Editing:
    """The fields of one record while somebody edits them.

    Parameters
    ----------
    desk : database and viewer, who makes the changes.
    entity, record : the record as `finding.find` gives it.

    Attributes
    ----------
    seen : the record as the user sees it: what must still be there when a new value is saved.
    now : the record as it was found when a save met a conflict.
    """

    def __init__(self, desk: Desk, entity: Entity, record: Mapping[str, Any]) -> None:
        self.desk, self.entity = desk, entity
        self.seen, self.now = dict(record), dict(record)
        self._saved: int | None = None

    @property
    def editable(self) -> dict[str, str]:
        """How each field that can be edited is entered."""
        if self.desk.is_read_only:
            return {}
        inputs = {name: input_of(self.entity, f) for name, f in self.entity.fields.items()}
        return {name: kind for name, kind in inputs.items() if kind}

    @property
    def can_undo(self) -> bool:
        """Whether there is a save to be undone."""
        return self._saved is not None

    def choices(self) -> dict[str, list[str]]:
        """The values that occur, by choice field."""
        return choices(self.desk, self.entity, list(self.editable))

    def accept(self, name: object) -> None:
        """The user has seen what a field was changed to meanwhile."""
        if isinstance(name, str) and name in self.editable:
            keys = (name, label_name(self.entity.field(name)))
            self.seen.update({key: self.now.get(key) for key in keys})

    def follow(self, record: Mapping[str, Any], but: Container[str] = ()) -> None:
        """Somebody has changed the record: the user sees it so.

        Parameters
        ----------
        but : fields for which something is entered; what the user saw of these stays.
        """
        kept = {self.entity.field(name) for name in self.editable if name in but}
        keys = {key for field in kept for key in (field.name, label_name(field))}
        self.seen = {**record, **{key: self.seen[key] for key in keys if key in self.seen}}

    def save(self, values: Mapping[str, Any], mine: Iterable[object] = ()) -> Outcome:
        """Save new values, as entered.

        Parameters
        ----------
        values : text by field; None clears it.
        mine : fields whose values win over what somebody else has saved meanwhile.
        """
        wrong = [name for name, value in values.items() if not self._is_possible(name, value)]
        if wrong:
            log.warning("refused to change %.200r of %s", wrong, self.entity.name)
            return Outcome("failed", _("Nothing was saved: a field cannot be changed here."))
        for name in mine:
            self.accept(name)
        found, problems = self._entered(values)
        return _refused(problems) if problems else self._apply(found)

    def undo(self) -> Outcome:
        """Undo the last save."""
        if self._saved is None:
            return Outcome("failed", _("There is nothing to undo."))
        try:
            self.desk.database.undo(self._saved, self.desk.viewer_id)
        except UndoRefused as error:
            reasons = " ".join(error.reasons)
            return Outcome("failed", _("This can no longer be undone. {reasons}", reasons=reasons))
        except CrmError as error:
            return Outcome("failed", str(error))
        self._saved = None
        self._reread()
        return Outcome("undone", _("Undone: the fields are as they were before."))

    # -- saving ------------------------------------------------------------------------------

    def _is_possible(self, name: str, value: object) -> bool:
        return name in self.editable and (value is None or isinstance(value, str))

    def _entered(self, values: Mapping[str, str | None]) -> tuple[dict[str, Any], dict[str, str]]:
        """New values as the log writes them, and what is wrong with the others."""
        found: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for name, text in values.items():
            try:
                found[name] = entered(self.entity.field(name), self.editable[name], text)
            except InputError as error:
                problems[name] = problem(error)
        return found, {**implausible(self.entity, found, self.seen), **problems}

    def _apply(self, values: Mapping[str, Any]) -> Outcome:
        id, user = int(self.seen["id"]), self.desk.viewer_id
        expected = {name: self.seen.get(name) for name in values}
        part = Update(self.entity.name, id, values, expected)
        try:
            applied = self.desk.database.apply(Changeset((part,), user=user))
        except ValidationFailed as error:
            return self._invalid(error)
        except Conflict as error:
            return self._collided(error)
        except CrmError as error:
            return Outcome("failed", str(error))
        self._reread()
        return self._done(applied)

    def _done(self, applied: Applied) -> Outcome:
        self._saved = applied.number
        number = len({name for event in applied.events for name in event.fields})
        if not number:
            return Outcome("saved", _("Nothing had to be changed."), applied=applied)
        said = ngettext("Saved {n} change", "Saved {n} changes", number)
        return Outcome("saved", said, applied=applied)

    def _invalid(self, error: ValidationFailed) -> Outcome:
        told = {p.field: p.message for p in error.problems if p.field in self.editable}
        if not told:
            return Outcome("failed", str(error))
        return _refused({str(name): said for name, said in told.items()})

    def _collided(self, error: Conflict) -> Outcome:
        found = {c.field: c for c in error.collisions if c.field is not None}
        if not found:
            return Outcome("failed", str(error))
        self.now = self._found()
        message = _("Nothing was saved: somebody else has changed the same field meanwhile.")
        return Outcome("conflict", message, conflicts=found)

    def _found(self) -> dict[str, Any]:
        return find(self.desk, self.entity.name, int(self.seen["id"]))

    def _reread(self) -> None:
        self.now = self._found()
        self.seen = dict(self.now)


def _refused(problems: Mapping[str, str]) -> Outcome:
    return Outcome("refused", _("Nothing was saved yet: look at the marked fields."), problems)
