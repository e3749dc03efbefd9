"""Copying a record, with those of its lists that are chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.errors import InputError, UnknownName
from crmpanel.locale import _
from crmpanel.model.changeset import Applied, Changeset, Create, NewRecord
from crmpanel.model.entity import SYSTEM, Entity, Field
from crmpanel.model.filters import Condition
from crmpanel.model.values import can_be
from crmpanel.query.counting import counts
from crmpanel.query.selection import Selection

#: Records that are copied at once; who wants more wants something else.
MOST = 10_000
Key = tuple[str, int]


@dataclass(frozen=True)
class Copied:
    """What came of copying.

    Parameters
    ----------
    applied : what was written.
    id : id of the copy.
    left_out : values that are in the record, perhaps by an import, but cannot be entered: entity,
        id and field.
    """

    applied: Applied
    id: int
    left_out: tuple[tuple[str, int, str], ...] = ()


class Copying:
    """A record and its lists, to be copied.

    Fields that are read only, the key in the source among them, are not copied. References among
    what is copied refer to the copies.

    Parameters
    ----------
    desk : database and viewer, who copies.
    entity, id : the record.

    Raises
    ------
    NotFound : it is not there.
    """

    def __init__(self, desk: Desk, entity: str, id: int) -> None:
        self.desk, self.entity = desk, desk.registry[entity]
        self.record = find(desk, self.entity.name, id)
        self.id = int(self.record["id"])

    @property
    def title(self) -> str | None:
        """What the copy will be called, unless it is given another name."""
        title = self.record[self.entity.title]
        return _("{name} (copy)", name=title) if title else title

    def lists(self) -> dict[str, int]:
        """How many records each list has that can come along, by the plural of its entity."""
        found = {name: self._selection(listed) for name, listed in self._lists().items()}
        return dict(self.desk.database.rows(counts(found))) if found else {}

    def _lists(self) -> dict[str, Entity]:
        """Entities that refer to this one, but for those of which the machinery keeps a part."""
        return {
            entity.plural: entity
            for entity in self.desk.registry
            if entity.name != self.entity.name and not entity.about and self._referring(entity)
            if not any(field.group == SYSTEM for field in entity.own_fields)
        }

    def _referring(self, entity: Entity) -> tuple[str, ...]:
        return tuple(f.name for f in entity.references if f.target == self.entity.name)

    def _selection(self, entity: Entity) -> Selection:
        condition = Condition(self._referring(entity), "eq", (self.id,))
        return self.desk.selection(entity.name, condition)

    def apply(self, lists: Iterable[str] = (), values: Mapping[str, Any] | None = None) -> Copied:
        """Write the copy as one changeset.

        Parameters
        ----------
        lists : plurals of the lists that come along.
        values : what the copy has instead of the record's own values, e.g. another name.

        Raises
        ------
        UnknownName : there is no such list.
        InputError : there is too much to be copied.
        ValidationFailed : a mandatory field is blank.
        """
        records = self._records(lists)
        new = {key: NewRecord() for key in records}
        copies = {key: self._copied(key, record, new) for key, record in records.items()}
        copies[self.entity.name, self.id].update({self.entity.title: self.title, **(values or {})})
        parts = [Create(name, copies[name, id], new[name, id]) for name, id in copies]
        changeset = Changeset(tuple(parts), source="copy", user=self.desk.viewer_id)
        applied = self.desk.database.apply(changeset)
        return Copied(applied, self._made(applied), tuple(self._left_out(records)))

    def _copied(
        self, key: Key, record: Mapping[str, Any], new: Mapping[Key, NewRecord]
    ) -> dict[str, Any]:
        """What a copy holds."""
        found = {}
        for field in self._fields(key):
            value = record[field.name]
            if value is not None and can_be(field.kind, value):
                found[field.name] = new.get((str(field.target), value), value)
        return found

    def _fields(self, key: Key) -> list[Field]:
        fields = self.desk.registry[key[0]].fields.values()
        return [field for field in fields if not field.is_read_only]

    def _left_out(self, records: Mapping[Key, Mapping[str, Any]]) -> Iterator[tuple[str, int, str]]:
        for key, record in records.items():
            for field in self._fields(key):
                if not can_be(field.kind, record[field.name]):
                    yield (*key, field.name)

    def _records(self, lists: Iterable[str]) -> dict[Key, Mapping[str, Any]]:
        """What is copied, the record itself first."""
        known = self._lists()
        found: dict[Key, Mapping[str, Any]] = {(self.entity.name, self.id): self.record}
        for name in dict.fromkeys(lists):
            if name not in known:
                raise UnknownName(f"list of {self.entity.name}", name, known)
            query = self._selection(known[name]).records(MOST)
            for row in self.desk.database.records(query):
                found[known[name].name, int(row["id"])] = row
            if len(found) > MOST:
                raise InputError(
                    _("More than {most} records cannot be copied at once.", most=f"{MOST:,}"),
                    "",
                    _("Let fewer lists come along."),
                )
        return found

    def _made(self, applied: Applied) -> int:
        """The id of the copy: records of its own entity are not copied along."""
        mine = (event for event in applied.events if event.entity == self.entity.name)
        return next(event.ids[0] for event in mine if event.ids)


def copy(desk: Desk, entity: str, id: int, lists: Iterable[str] = (), **values: Any) -> Copied:
    """Copy a record; see `Copying.apply`."""
    return Copying(desk, entity, id).apply(lists, values)
