"""Plan: a mapping bound to a source, so that every table and column is known to be there or not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from crmpanel.errors import ImportFailed
from crmpanel.importing.mapping import Column, EntitySource, Join, Mapping, columns_of
from crmpanel.importing.mappingfile import mappings
from crmpanel.importing.recognise import find, listed, not_an_export
from crmpanel.importing.sources import Source, Table
from crmpanel.model.registry import Registry


@dataclass(frozen=True)
class Plan:
    """What is read from where.

    Parameters
    ----------
    source, mapping, registry : what is bound together.
    """

    source: Source
    mapping: Mapping
    registry: Registry

    def table(self, name: str) -> Table | None:
        """The source's table that the mapping calls `name`."""
        found = find(self.source.tables, name)
        return self.source.tables[found] if found else None

    def file(self, source: EntitySource) -> str:
        """The file of an entity's source, as it is named in messages."""
        table = self.table(source.table)
        return table.file if table else source.table

    @cached_property
    def sources(self) -> tuple[EntitySource, ...]:
        """The mapping's sources whose table is there."""
        return tuple(s for s in self.mapping.sources if self.table(s.table))

    @cached_property
    def entities(self) -> tuple[str, ...]:
        """Entities that can get records, in the order in which they are linked."""
        fed = {source.entity for source in self.sources} | set(self.mapping.stand_ins)
        return tuple(entity for entity in self.mapping.entities if entity in fed)

    def of(self, entity: str) -> tuple[EntitySource, ...]:
        """The sources of an entity."""
        return tuple(source for source in self.sources if source.entity == entity)

    @cached_property
    def staged(self) -> dict[str, dict[str, int]]:
        """By the mapping's table name: its columns that are read, with their places in the rows."""
        wanted: dict[str, dict[str, int]] = {}
        for source in self.sources:
            names = (source.table, *(table for join in source.joins for table in _tables(join)))
            wanted.update({name: {} for name in names if name not in wanted and self.table(name)})
            for column in source.columns():
                table = source.table_of(column.table)
                place = self._place(table, column.name)
                if place is not None:
                    wanted[table][column.name] = place
            for table, name in source.between():
                place = self._place(table, name)
                if place is not None:
                    wanted[table][name] = place
        return wanted

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables that are read, by the name that the mapping gives them."""
        return {name: table for name in self.staged if (table := self.table(name))}

    def _place(self, table: str, column: str) -> int | None:
        found = self.table(table)
        name = find(found.columns, column) if found else None
        return found.columns.index(name) if found and name is not None else None

    def has(self, source: EntitySource, column: Column) -> bool:
        """Whether the source has the column."""
        return column.name in self.staged.get(source.table_of(column.table), {})

    def missing(self, source: EntitySource) -> tuple[str, ...]:
        """Columns that the mapping would read, but which are not there."""
        absent = (str(column) for column in source.columns() if not self.has(source, column))
        return tuple(dict.fromkeys(absent))

    def unused(self, table: str) -> dict[str, int]:
        """Columns of a table that nothing is made from, with their places."""
        found, used = self.table(table), set(self.staged[table].values())
        columns = found.columns if found else ()
        return {name: place for place, name in enumerate(columns) if name and place not in used}

    def unset(self, table: str, column: str) -> tuple[str, ...]:
        """Texts that mean "nothing" in a column of the source."""
        texts = [text for text in self.mapping.unset if text]
        for name, columns in self.mapping.unset_in.items():
            if name.casefold() == table.casefold():
                texts += columns.get(find(tuple(columns), column) or "", ())
        return tuple(dict.fromkeys(texts))

    @cached_property
    def ignored_tables(self) -> dict[str, str]:
        """Tables that are not read, and why."""
        used = {table.name for name in self.staged if (table := self.table(name))}
        reasons = {name.casefold(): why for name, why in self.mapping.ignored.items()}
        return {
            name: reasons.get(name.casefold(), "the mapping does not name it")
            for name in self.source.tables
            if name not in used
        }

    def check(self) -> None:
        """Raise `ImportFailed` where a table or column is missing that nothing replaces."""
        for source in self.mapping.sources:
            table = self.table(source.table)
            if table is None and source.required:
                raise self._not_this_export()
            if table is not None:
                self._check_columns(source, table)

    def _check_columns(self, source: EntitySource, table: Table) -> None:
        if not table.columns:
            next(self.source.batches(table, lambda *_: None), None)  # raises the reason
        needed = [[column] for column in source.key]
        for name, value in source.fields.items():
            if self.registry[source.entity].field(name).mandatory and columns_of(value):
                needed.append(list(columns_of(value)))
        for columns in needed:
            if not any(self.has(source, column) for column in columns):
                raise ImportFailed(
                    f"{table.file} has no column {' or '.join(map(str, columns))}.",
                    f"No {source.entity} can be made without it. It has: {listed(table.columns)}.",
                    "Export the table with that column, or import with another mapping.",
                )

    def _not_this_export(self) -> ImportFailed:
        known = [name for name in mappings() if name != self.mapping.name]
        return not_an_export(
            self.source,
            {self.mapping.name: self.mapping},
            f"Give the folder of the export, or use --as {' or '.join(known)}.",
        )


def _tables(join: Join) -> tuple[str, ...]:
    return (join.table, join.through.table) if join.through else (join.table,)
