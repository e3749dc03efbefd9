"""Merging two records: one is kept, and all that refers to the other refers to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.errors import InputError, UnknownName
from crmpanel.locale import _
from crmpanel.model.changeset import (
    Applied,
    Changeset,
    Delete,
    Follow,
    MassUpdate,
    Part,
    Set,
    Update,
)
from crmpanel.model.entity import Entity, Field
from crmpanel.model.filters import Condition
from crmpanel.model.values import can_be
from crmpanel.query.counting import counts
from crmpanel.query.selection import label_name

KEPT, GONE = "kept", "gone"


def merge(
    desk: Desk,
    entity: str,
    kept: int,
    gone: int,
    values: Mapping[str, Any] | None = None,
    seen: Mapping[int, Mapping[str, Any]] | None = None,
) -> Changeset:
    """The changeset that merges one record into another: undoing it takes them apart again.

    Whoever has the one among their favourites, or is told of it, has and is told of the other.

    Parameters
    ----------
    kept, gone : ids of the record that stays, and of the one that is deleted.
    values : new values of the one that stays, by field.
    seen : what the user saw of each, by id and field; another value by now is a conflict.

    Raises
    ------
    InputError : both are the same.
    """
    declared, kept, gone = desk.registry[entity], int(kept), int(gone)
    if kept == gone:
        raise InputError("A record cannot be merged with itself.", "", "Choose another one.")
    seen, ours = seen or {}, dict(values or {})
    for field in declared.references:
        if field.target == declared.name and ours.get(field.name) in (kept, gone):
            ours[field.name] = None
    parts: list[Part] = list(_redirected(desk, declared, kept, gone))
    parts.append(Update(declared.name, kept, ours, seen.get(kept)))
    if theirs := seen.get(gone):
        parts.append(Update(declared.name, gone, theirs, theirs))
    parts.append(Delete(declared.name, gone))
    parts.append(Follow(declared.name, gone, kept))
    # An import reads from this which record a key that is gone stands for.
    why = f"Merge of {declared.name} {gone} into {kept}"
    return Changeset(tuple(parts), why, source="merge", user=desk.viewer_id)


def _redirected(desk: Desk, target: Entity, kept: int, gone: int) -> Iterator[MassUpdate]:
    """Every reference to the one becomes a reference to the other, but for its own."""
    for entity, fields in _referring(desk, target).items():
        for field in fields:
            scope = [Condition((field.name,), "eq", (gone,))]
            if entity.name == target.name:
                scope.append(Condition(("id",), "ne", (kept,)))
            records = desk.selection(entity.name, *scope)
            yield MassUpdate(records, {field.name: Set(kept)})


def _referring(desk: Desk, target: Entity) -> dict[Entity, list[Field]]:
    """References to records of an entity, by entity; the log keeps what it says."""
    found = {
        entity: [field for field in entity.references if field.target == target.name]
        for entity in desk.registry
        if not entity.about
    }
    return {entity: fields for entity, fields in found.items() if fields}


@dataclass(frozen=True)
class Pair:
    """One field of both records.

    Parameters
    ----------
    field : the field.
    kept, gone : its values; of a reference the title of what it refers to.
    choice : whose value is taken unless the user says else, ``kept`` or ``gone``.
    """

    field: Field
    kept: Any
    gone: Any
    choice: str

    @property
    def differs(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self.kept != self.gone)


class Merging:
    """Two records side by side, to be made one.

    Parameters
    ----------
    desk : database and viewer, who merges them.
    entity : name or plural.
    kept, gone : ids of the record that stays, and of the one that is deleted.

    Raises
    ------
    NotFound : one is not there.
    InputError : both are the same.
    """

    def __init__(self, desk: Desk, entity: str, kept: int, gone: int) -> None:
        merge(desk, entity, kept, gone)
        self.desk, self.entity = desk, desk.registry[entity]
        self.kept, self.gone = (find(desk, self.entity.name, int(id)) for id in (kept, gone))

    def rows(self) -> list[Pair]:
        """Each field that can be edited; the kept one's value is taken unless it is blank."""
        return [
            Pair(field, *self._shown(field), self._default(field))
            for field in self.entity.fields.values()
            if not field.is_read_only
        ]

    def _shown(self, field: Field) -> tuple[Any, Any]:
        name = label_name(field) if field.target else field.name
        return self.kept[name], self.gone[name]

    def _default(self, field: Field) -> str:
        value = self.gone[field.name]
        is_needed = _is_blank(self.kept[field.name]) and not _is_blank(value)
        return GONE if is_needed and can_be(field.kind, value) else KEPT

    def moves(self) -> dict[str, int]:
        """Records that will refer to the kept one, by name of their entity; most first."""
        gone, selections = int(self.gone["id"]), {}
        for entity, fields in _referring(self.desk, self.entity).items():
            names = tuple(field.name for field in fields)
            selections[entity.name] = self.desk.selection(
                entity.name, Condition(names, "eq", (gone,))
            )
        found = self.desk.database.rows(counts(selections)) if selections else []
        return dict(sorted(((n, r) for n, r in found if r), key=lambda item: (-item[1], item[0])))

    def apply(
        self, choices: Mapping[str, str] | None = None, values: Mapping[str, Any] | None = None
    ) -> Applied:
        """Merge them.

        Parameters
        ----------
        choices : ``kept`` or ``gone`` by field, where it is not the one proposed.
        values : fields that are to have neither's value.

        Raises
        ------
        UnknownName, InputError : there is no such field or choice.
        ValidationFailed, Conflict : see `crmpanel.store.Database.apply`.
        """
        chosen = self._chosen(choices or {})
        given = dict(values or {})
        taken = {name: self.gone[name] for name, choice in chosen.items() if choice == GONE}
        taken = {n: v for n, v in taken.items() if v != self.kept[n] and n not in given}
        ids = int(self.kept["id"]), int(self.gone["id"])
        new = {**taken, **given}
        seen = {ids[0]: {n: self.kept[n] for n in new if n in chosen}, ids[1]: taken}
        return self.desk.database.apply(merge(self.desk, self.entity.name, *ids, new, seen))

    def _chosen(self, choices: Mapping[str, str]) -> dict[str, str]:
        """Whose value each field has."""
        chosen = {pair.field.name: pair.choice for pair in self.rows()}
        for name, choice in choices.items():
            if name not in chosen:
                raise UnknownName("field to choose", name, chosen)
            if choice not in (KEPT, GONE):
                raise InputError(_("Choose {one} or {other}.", one=KEPT, other=GONE))
            chosen[name] = choice
        return chosen


def _is_blank(value: Any) -> bool:
    return value is None or value == ""
