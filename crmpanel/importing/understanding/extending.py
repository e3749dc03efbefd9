"""Extensions: tables that hold more about the same records, one row for each."""

from __future__ import annotations

from crmpanel.importing.mapping import Column, Join, Route, Taken
from crmpanel.importing.understanding.columns import assigned
from crmpanel.importing.understanding.deriving import leave_out_deleted
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.joining import Joiner, Side
from crmpanel.importing.understanding.linkrules import NEARLY_ALL, same_name, small
from crmpanel.importing.understanding.links import Linker
from crmpanel.importing.understanding.naming import entity_of
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.importing.understanding.words import compact
from crmpanel.model.entity import Entity


class Extender:
    """Finds the tables that extend a draft's, and joins them."""

    def __init__(self, joiner: Joiner, linker: Linker) -> None:
        self._joiner, self._linker = joiner, linker

    def extend(self, draft: Draft, entity: Entity) -> None:
        """Take what is missing from tables with one row for each record."""
        if not draft.key_name or draft.group or draft.reserved:
            return
        for side in self._joiner.sides:
            if side.key and _akin(draft, side) and self._extends(draft, side):
                alias = draft.join(Join(side.table.name, Column(draft.key_name), side.key))
                self._fields(draft, entity, side, alias)
                self._links(draft, entity, side, alias)
                leave_out_deleted(draft, side.table, f"{alias}.")
                self._linker.evidence.append(
                    f"{side.table.name}.{side.key} is {draft.name}.{draft.key_name}: it has more "
                    f"about the same {entity.plural}"
                )

    def _extends(self, draft: Draft, side: Side) -> bool:
        sure = side.twin == draft.name or not self._by_chance(draft, side)
        return sure and self._same_records(draft, side)

    def _same_records(self, draft: Draft, side: Side) -> bool:
        key, own = side.table.columns[side.key], draft.table.columns[draft.key_name]
        if small(key) and entity_of(side.table.called)[0] == "address":
            return False  # addresses name whose they are in a column of its own
        return self._linker.matching.rate(own, key).share >= NEARLY_ALL

    def _by_chance(self, draft: Draft, side: Side) -> bool:
        """Whether small numbers are keys of something else, and a column names the records."""
        key = compact(side.key)
        another = vocabulary().entity(key.removesuffix("id"))[0] not in ("", draft.entity)
        own = (key == "id" or another) and small(side.table.columns[side.key])
        others = (c for c in self._joiner.naming(draft, side) if c.name != side.key and c.filled)
        return own and any(others)

    def _fields(self, draft: Draft, entity: Entity, side: Side, alias: str) -> None:
        titled = assigned(entity, draft.table, draft.names, {draft.key_name})
        for name, column in assigned(entity, side.table, side.names, {side.key}).items():
            missing = name not in draft.fields or (name == entity.title and name not in titled)
            if name in entity.fields and missing and side.table.columns[column].filled:
                draft.fields[name] = Taken((Column(column, alias),))

    def _links(self, draft: Draft, entity: Entity, side: Side, alias: str) -> None:
        for field in entity.references:
            if field.name in ("parent_id", "responsible2_id") or draft.links.get(field.name):
                continue
            for column in side.table.columns.values():
                concepts = side.names.references(column.name)
                sure = concepts.get(str(field.target), 0.0)
                if column.name == side.key or sure < 0.9 or concepts.get("author", 0) >= 0.9:
                    continue
                if found := self._linker.measure(draft, column, str(field.target), sure):
                    route = Route(Column(column.name, alias), "", found.by)
                    draft.links.setdefault(field.name, []).append(route)
                    break


def _akin(draft: Draft, side: Side) -> bool:
    """Whether the names of a table, or of its key, say that it is about the same records."""
    if side.twin == draft.name or same_name(side.key, draft.key_name) or _anybody(side):
        return True
    table, key = compact(side.table.called), compact(side.key)
    own = compact(draft.key_name).removesuffix("id")
    names = {name for name in draft.names._own if len(name) > 3}
    return any(name in table for name in names) or (len(own) > 3 and key.startswith(own))


def _anybody(side: Side) -> bool:
    """Whether a table has rows for records of every kind."""
    return side.names.references(side.key).get("any", 0) >= 0.9
