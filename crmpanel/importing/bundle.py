"""Bundle: the tables of several files as one source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from crmpanel.errors import ImportFailed
from crmpanel.importing.sources import Batch, OnReject, Source, Table


class Bundle:
    """Several sources as one.

    Parameters
    ----------
    name : of the export.
    parts : its files.
    left_out : files that are not read, and why.
    keep : what must live as long as the source does, e.g. a folder of unpacked files.
    """

    def __init__(
        self,
        name: str,
        parts: Sequence[Source],
        left_out: dict[str, str] | None = None,
        keep: object = None,
    ) -> None:
        self.name, self.parts, self._keep = name, parts, keep
        self._left_out = left_out or {}
        self.kind = " and ".join(dict.fromkeys(part.kind for part in parts))

    @property
    def left_out(self) -> dict[str, str]:
        """Files and sheets that are not read, and why; all of it once the tables are known."""
        found = dict(self._left_out)
        for part in self.parts:
            found.update(getattr(part, "left_out", {}))
        return found

    @cached_property
    def _found(self) -> dict[str, tuple[Source, Table]]:
        """Part and its own table, by a name that no other table has in any case."""
        found: dict[str, tuple[Source, Table]] = {}
        taken: set[str] = set()
        for part in self.parts:
            for table in _tables(part):
                name, number = table.name, 2
                while name.casefold() in taken:
                    name, number = f"{table.name} ({number})", number + 1
                taken.add(name.casefold())
                found[name] = (part, table)
        return found

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables of all parts; those of a file that cannot be read have no columns."""
        return {name: replace(table, name=name) for name, (_, table) in self._found.items()}

    def part(self, table: Table) -> tuple[Source, Table]:
        """The part in which a table is, and what it is there."""
        part, own = self._found[table.name]
        return part, own

    def batches(self, table: Table, reject: OnReject) -> Iterator[Batch]:
        """All rows of a table."""
        part, own = self.part(table)
        return part.batches(own, reject)

    def note(self, table: Table) -> str:
        """What the part says."""
        part, own = self.part(table)
        return part.note(own)

    def warnings(self, table: Table) -> list[str]:
        """What the part says."""
        part, own = self.part(table)
        return part.warnings(own)


def unwrapped(source: Source, table: Table) -> tuple[Source, Table]:
    """The file of a source in which a table is, and what it is there."""
    while isinstance(source, Bundle):
        source, table = source.part(table)
    return source, table


def _tables(part: Source) -> list[Table]:
    try:
        return list(part.tables.values())
    except ImportFailed:
        return [Table(part.name, part.name, (), 0)]


class Broken:
    """A file that cannot be read; it stops only who needs it.

    Parameters
    ----------
    name : of its table, were there one.
    error : why.
    """

    kind = "a file that cannot be read"

    def __init__(self, name: str, file: str, error: ImportFailed) -> None:
        self.name, self.error = name, error
        self.tables = {name: Table(name, file, (), 0)}

    def batches(self, table: Table, reject: OnReject) -> Iterator[Batch]:
        """Raises why."""
        raise self.error

    def note(self, table: Table) -> str:
        """Nothing."""
        return ""

    def warnings(self, table: Table) -> list[str]:
        """Nothing."""
        return []
