"""Proposal: a changeset as canonical text, checked against the declarations, with all problems."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from crmpanel.errors import InputError, Problem, ValidationFailed, shortened
from crmpanel.model.changeset import (
    Assignment,
    Changeset,
    Clear,
    Create,
    Delete,
    MassUpdate,
    NewRecord,
    PersonalPart,
    RecordPart,
    Set,
    Shift,
    Update,
)
from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import ENTITY_NAME
from crmpanel.model.registry import Registry
from crmpanel.model.values import canonical, check_text

#: Days that a date can be shifted by: more leads from any date to none.
FARTHEST = 4_000_000
#: Gives an id that no record of an entity has, or had.
NextId = Callable[[Entity], int]


Texts = dict[str, str | None]


@dataclass(frozen=True)
class Values:
    """New values of records of one entity.

    Parameters
    ----------
    texts : new value by field, by record.
    seen : what the user saw, likewise, of those fields for which that is known.
    """

    entity: Entity
    texts: dict[int, Texts] = dataclasses.field(default_factory=dict)
    seen: dict[int, Texts] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Assigned:
    """One assignment of a mass edit; `text` is the value that it sets, or None."""

    part: MassUpdate
    entity: Entity
    field: Field
    assignment: Assignment
    text: str | None = None


@dataclass(frozen=True)
class Made:
    """A new record: text by field, of those that have a value."""

    entity: Entity
    id: int
    texts: dict[str, str]


class Proposal:
    """What a changeset asks for, ready to be compared with the database.

    Parameters
    ----------
    registry : the declared entities.
    changeset : what is asked for.
    next_id : gives ids to new records.
    at : the moment, which new records carry.

    Attributes
    ----------
    steps : updates, in order; those of several records that follow each other are one.
    made : new records.
    deleted : ids by name of the entity.

    Raises
    ------
    ValidationFailed : with every problem that can be seen without the database.
    """

    def __init__(
        self, registry: Registry, changeset: Changeset, next_id: NextId, at: dt.datetime
    ) -> None:
        self.steps: list[Values | Assigned] = []
        self.made: list[Made] = []
        self.deleted: dict[str, dict[int, None]] = {}
        self._registry, self._at = registry, at
        self._problems: list[Problem] = []
        self._run: dict[str, Values] = {}
        self._ids = self._given_ids(changeset, next_id)
        for number, part in enumerate(changeset.changes):
            if not isinstance(part, PersonalPart):
                self._add(number, part)
        if self._problems:
            raise ValidationFailed(self._problems)

    def _given_ids(self, changeset: Changeset, next_id: NextId) -> Mapping[int | NewRecord, int]:
        """Ids of the new records, by their place in the changeset and by what stands for them."""
        ids: dict[int | NewRecord, int] = {}
        for number, part in enumerate(changeset.changes):
            if isinstance(part, Create) and part.entity in self._registry:
                ids[number] = next_id(self._registry[part.entity])
                if part.ref is not None:
                    ids[part.ref] = ids[number]
        return ids

    @contextmanager
    def _noting(self, entity: str, id: int | None, name: str | None) -> Iterator[None]:
        try:
            yield
        except InputError as error:
            self._problems.append(Problem(entity, id, name, str(error)))

    def _add(self, number: int, part: RecordPart) -> None:
        id = part.id if isinstance(part, Update | Delete) else None
        with self._noting(str(part.entity), id, None):
            entity = self._registry[part.entity]
            if entity.about:
                raise InputError("The log cannot be changed.", "It is what everything rests on.")
            if isinstance(part, MassUpdate):
                self._run = {}
                self._assign(entity, part)
            elif isinstance(part, Create):
                self._make(entity, self._ids[number], part)
            elif isinstance(part, Delete):
                self.deleted.setdefault(entity.name, {})[_id(part.id)] = None
            else:
                self._update(entity, _id(part.id), part)

    def _update(self, entity: Entity, id: int, part: Update) -> None:
        step = self._step(entity)
        texts, seen = step.texts.setdefault(id, {}), step.seen.setdefault(id, {})
        for name, value in part.values.items():
            with self._noting(entity.name, id, str(name)):
                field = entity.field(name)
                texts[name] = self._text(entity, field, value)
                seen.pop(name, None)
                if part.expected is not None and name in part.expected:
                    seen[name] = canonical(field.kind, self._value(part.expected[name]))

    def _step(self, entity: Entity) -> Values:
        if entity.name not in self._run:
            self._run[entity.name] = Values(entity)
            self.steps.append(self._run[entity.name])
        return self._run[entity.name]

    def _assign(self, entity: Entity, part: MassUpdate) -> None:
        for id in part.records[1] if isinstance(part.records, tuple) else ():
            with self._noting(entity.name, id, None):
                _id(id)
        for name, assignment in part.assignments.items():
            with self._noting(entity.name, None, str(name)):
                field, text = entity.field(name), None
                if isinstance(assignment, Shift):
                    _check_shift(field, assignment)
                elif isinstance(assignment, Set | Clear):
                    value = assignment.value if isinstance(assignment, Set) else None
                    text = self._text(entity, field, value)
                else:
                    raise InputError("Nothing can be assigned so.", "", "Give Set, Clear or Shift.")
                self.steps.append(Assigned(part, entity, field, assignment, text))

    def _make(self, entity: Entity, id: int, part: Create) -> None:
        texts: dict[str, str] = {}
        for name, value in part.values.items():
            with self._noting(entity.name, None, str(name)):
                text = self._text(entity, entity.field(name), value)
                if text is not None:
                    texts[name] = text
        for field in entity.fields.values():
            if field.mandatory and field.name not in part.values:
                message = f"{field.label} is missing."
                self._problems.append(Problem(entity.name, None, field.name, message))
        automatic = {"id": str(id)}
        if "created" not in texts:
            automatic["created"] = str(canonical(entity.fields["created"].kind, self._at))
        self.made.append(Made(entity, id, {**automatic, **texts}))

    def _text(self, entity: Entity, field: Field, value: Any) -> str | None:
        """A new value as text; raises `InputError` if the field cannot have it."""
        if field.is_read_only:
            raise InputError(f"{field.label} is read only.", _why_read_only(field))
        text = canonical(field.kind, self._value(value))
        if field.mandatory and not (text and text.strip()):
            raise InputError(f"{field.label} cannot be empty.", "", "Give it a value.")
        if text is not None:
            check_text(field.kind, text)
        if text is not None and field.kind is ENTITY_NAME:
            text = self._registry[text].name
        return text

    def _value(self, value: Any) -> Any:
        if not isinstance(value, NewRecord):
            return value
        if value not in self._ids:
            raise InputError("It refers to a new record that this changeset does not make.")
        return self._ids[value]


def _id(value: Any) -> int:
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or not -(2**63) <= int(value) < 2**63:
        raise InputError(f"{shortened(value)} is no id of a record.", "", "Give a whole number.")
    return int(value)


def _why_read_only(field: Field) -> str:
    if field.synchronised:
        return "It comes from another system and has to be changed there."
    return "It is kept by the database itself."


def _check_shift(field: Field, shift: Shift) -> None:
    if field.is_read_only:
        raise InputError(f"{field.label} is read only.", _why_read_only(field))
    if not field.kind.is_day:
        raise InputError(f"{field.label} cannot be moved by days.", "It is no date.")
    if not -FARTHEST < _id(shift.days) < FARTHEST:
        raise InputError(f"{shift.days} days are too many.", "", "Give fewer.")
