"""What can be seen of a mapping: how well links match, what columns hold, which statuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crmpanel.controllers.importing.session import Importing
from crmpanel.importing.mapping import EntitySource, Taken
from crmpanel.importing.recognise import spelt
from crmpanel.importing.understanding.matching import Matching, Rate
from crmpanel.importing.understanding.profile import ColumnProfile
from crmpanel.model.entity import Entity

#: More different statuses than these are texts.
MOST_STATUSES = 40


@dataclass(frozen=True)
class LinkSeen:
    """One reference of a source.

    Parameters
    ----------
    field, target : the field, and the entity it leads to.
    columns : where the keys stand.
    by : the field of the other record that is compared; ``""`` for its key.
    key : where that stands, ``Account.Id``; ``""`` if that is not one column.
    rate : how many rows find a record; None if that was not measured.
    """

    field: str
    target: str
    columns: tuple[str, ...]
    by: str
    key: str = ""
    rate: Rate | None = None


@dataclass(frozen=True)
class Statuses:
    """The statuses of an entity: how often each is there, and what it means."""

    entity: Entity
    items: tuple[tuple[str, int, str], ...]


class Seen:
    """Looks at the mapping of an import that has been read; what it measures it remembers.

    Parameters
    ----------
    importing : the import.
    """

    def __init__(self, importing: Importing) -> None:
        self._importing = importing
        self._of: object = None
        self._matching: Matching | None = None

    def column(self, source: EntitySource, name: str) -> ColumnProfile | None:
        """What is known of a column of a source's own table."""
        opened = self._importing.opened
        tables = opened.profile.tables if opened else {}
        table = spelt(tables, source.table)
        columns = tables[table].columns if table else {}
        found = spelt(columns, name)
        return columns[found] if found else None

    def links(self, source: EntitySource) -> Iterator[LinkSeen]:
        """The references of a source."""
        entity = self._importing.database.registry[source.entity]
        for name, routes in source.links.items():
            target = str(entity.field(name).target)
            first = routes[0]
            columns = tuple(str(route.column) for route in routes)
            key, rate = "", None
            if not first.column.table and not first.via:
                key, rate = self._rate(source, first.column.name, target, first.by)
            yield LinkSeen(name, target, columns, first.by, key, rate)

    def _rate(
        self, source: EntitySource, name: str, target: str, by: str
    ) -> tuple[str, Rate | None]:
        """Where the record's key stands, and how many rows find one there."""
        own = self.column(source, name)
        found = [s for s in self._importing.mapping.sources if s.entity == target]
        if own is None or len(found) != 1 or not own.filled:
            return "", None
        key = found[0].key[0].name if not by else _column_of(found[0], by)
        if (not by and (len(found[0].key) > 1 or found[0].key[0].table)) or not key:
            return "", None
        other = self.column(found[0], key)
        if other is None:
            return "", None
        return f"{found[0].table}.{key}", self._measure().rate(own, other, loose=bool(by))

    def _measure(self) -> Matching:
        opened = self._importing.opened
        if opened is None:
            raise ValueError("nothing has been read")
        if self._of is not opened or self._matching is None:
            self._of = opened
            self._matching = Matching(opened.import_.stage.cursor, opened.profile)
        return self._matching

    def statuses(self) -> Iterator[Statuses]:
        """The statuses of all entities that have some."""
        mapping, registry = self._importing.mapping, self._importing.database.registry
        for name in mapping.entities:
            entity = registry[name]
            counts: dict[str, int] = {}
            for source in mapping.sources:
                # What has a single role, as persons who have left, is no course of work.
                if source.entity == name and entity.status and len(entity.status_roles) > 1:
                    self._count(source, entity.status, counts)
            if counts and len(counts) <= MOST_STATUSES:
                roles = mapping.roles.get(name, {})
                known = {**dict(entity.status_roles), **roles}
                other = roles.get("*", "")
                items = ((text, n, known.get(text, other)) for text, n in counts.items())
                yield Statuses(entity, tuple(sorted(items, key=lambda item: -item[1])))

    def _count(self, source: EntitySource, field: str, counts: dict[str, int]) -> None:
        value = source.fields.get(field)
        if not isinstance(value, Taken):
            return
        meanings = dict(value.values)
        for part in value.columns:
            name = getattr(part, "name", "")
            column = self.column(source, name) if name and not getattr(part, "table", "") else None
            for text, number in column.sample.items() if column else ():
                said = meanings.get(text, text)
                counts[said] = counts.get(said, 0) + number


def _column_of(source: EntitySource, field: str) -> str:
    """The column that a field is taken from, if it is one."""
    value = source.fields.get(field)
    if isinstance(value, Taken) and len(value.columns) == 1:
        only = value.columns[0]
        return getattr(only, "name", "") if not getattr(only, "table", "x") else ""
    return ""
