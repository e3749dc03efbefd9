"""Changeset: one write as plain data, and what came of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmpanel.query.selection import Selection


@dataclass(frozen=True, eq=False)
class NewRecord:
    """Stands for a record that a changeset makes, wherever that changeset refers to it.

    Example
    -------
    >>> org = NewRecord()
    >>> parts = (
    ...     Create("organisation", {"name": "Nordlys AS"}, org),
    ...     Create("person", {"name": "Kari Vik", "organisation_id": org}),
    ... )
    """


@dataclass(frozen=True)
class Update:
    """New values of one record, which has to be there.

    Parameters
    ----------
    entity, id : the record.
    values : new value by field; None clears it.
    expected : value that the user saw, by field; a field that holds another by now is a conflict.
    """

    entity: str
    id: int
    values: Mapping[str, Any]
    expected: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Create:
    """A new record; its id is given by the database.

    Parameters
    ----------
    values : value by field.
    ref : what stands for this record in other parts of the same changeset.
    """

    entity: str
    values: Mapping[str, Any]
    ref: NewRecord | None = None


@dataclass(frozen=True)
class Delete:
    """A record goes, with all that belongs to it; references to it are cleared.

    What the same changeset gives to another owner, or lets refer to another record, stays.
    """

    entity: str
    id: int


@dataclass(frozen=True)
class Set:
    """Mass edit: give a field one value in all records."""

    value: Any


@dataclass(frozen=True)
class Clear:
    """Mass edit: empty a field."""


@dataclass(frozen=True)
class Shift:
    """Mass edit: move a date by some days; records without that date stay as they are."""

    days: int


Assignment = Set | Clear | Shift


@dataclass(frozen=True)
class MassUpdate:
    """The same assignments to many records.

    Parameters
    ----------
    records : a selection, or pairs of entity and ids: ``("person", [1, 2])``.
    assignments : what happens to each field.
    """

    records: Selection | tuple[str, Sequence[int]]
    assignments: Mapping[str, Assignment]

    @property
    def entity(self) -> str:
        """Name of the entity whose records are changed."""
        return self.records[0] if isinstance(self.records, tuple) else self.records.entity.name


@dataclass(frozen=True)
class Keep:
    """Personal state: a row of the viewer's is made, or given other values.

    Parameters
    ----------
    table : name of one of `crmpanel.model.personal.PERSONAL`.
    key, values : by name of the field; values that are not given stay as they are.
    """

    table: str
    key: Mapping[str, Any]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Drop:
    """Personal state: the viewer's rows go that have these values of the key; all, if none."""

    table: str
    key: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Follow:
    """Personal state of everybody: what they keep about a record, they keep about another as well.

    Whose tables say so, see `crmpanel.model.personal.Personal.follows`. What was kept about the one
    that has gone stays, to be there again when it comes back.
    """

    entity: str
    gone: int
    kept: int


RecordPart = Update | Create | Delete | MassUpdate
PersonalPart = Keep | Drop | Follow
Part = RecordPart | PersonalPart


@dataclass(frozen=True)
class Changeset:
    """One write: it happens as a whole, with its log, or not at all.

    Where several parts give a field of a record a value, the last counts; a record that is deleted
    is deleted, whatever else was to happen to it.

    Parameters
    ----------
    changes : the parts.
    why : what it is for, in a person's words.
    source : ``edit``, ``mass edit``, ``merge``, ``copy``, ``undo``, ``restore`` …
    user : id of the user who does it, if known.
    undoes : number of the changeset that this one undoes.
    token : what makes this write the same if it is sent twice; the second has no effect.
    viewer : whose the personal parts are.
    """

    changes: tuple[Part, ...]
    why: str = ""
    source: str = "edit"
    user: int | None = None
    undoes: int | None = None
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    viewer: str = ""


@dataclass(frozen=True)
class RecordsChanged:
    """An event: records of one entity were created, updated or deleted.

    Parameters
    ----------
    entity, action : what happened to what; the action is ``insert``, ``update`` or ``delete``.
    number : how many records.
    fields : names of the fields with a new value.
    ids, organisations : which records, and whose; None if they are too many to be listed.
    """

    entity: str
    action: str
    number: int
    fields: tuple[str, ...]
    ids: tuple[int, ...] | None
    organisations: tuple[int, ...] | None


@dataclass(frozen=True)
class Applied:
    """What a changeset did.

    Parameters
    ----------
    number : number of the changeset; None if there was nothing to change, or nothing that is
        logged.
    events : what happened, by entity and action.
    viewer, personal : whose personal state was written, and in which tables.
    """

    number: int | None
    events: tuple[RecordsChanged, ...] = ()
    viewer: str = ""
    personal: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Records by action, ``{"insert": 0, "update": 2, "delete": 0}``."""
        actions = dict.fromkeys(("insert", "update", "delete"), 0)
        for event in self.events:
            actions[event.action] += event.number
        return actions

    def __bool__(self) -> bool:
        return bool(self.events or self.personal)

    def __str__(self) -> str:
        if not self:
            again = f"Changeset {self.number} was applied before."
            return "Nothing changed." if self.number is None else again
        if not self.events:
            return "Kept."
        done = {"insert": "created", "update": "changed", "delete": "deleted"}
        told = [f"{n:,} {done[action]}" for action, n in self.counts.items() if n]
        return f"Changeset {self.number}: {', '.join(told)}."
