"""The report of an import, and its progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from crmpanel.importing.rejects import Reject

#: Called with what is being done, and how much of all is done, from 0 to 1.
OnProgress = Callable[[str, float], None]


class Progress:
    """Turns the progress of a part into the progress of the whole.

    Parameters
    ----------
    tell : whom to tell; None for nobody.

    >>> progress = Progress(lambda text, done: print(text, done))
    >>> progress.stage(0.5, 1.0)
    >>> progress.say("Writing", 0.5)
    Writing 0.75
    """

    def __init__(self, tell: OnProgress | None) -> None:
        self._tell = tell
        self._stage = self._part = (0.0, 1.0)

    def stage(self, start: float, end: float) -> None:
        """Begin a stage that takes the whole from `start` to `end`."""
        self._stage = self._part = (start, end)

    def part(self, start: float, end: float) -> None:
        """Begin a part that takes the stage from `start` to `end`."""
        low, high = self._stage
        self._part = (low + (high - low) * start, low + (high - low) * end)

    def say(self, text: str, done: float) -> None:
        """Tell what is being done, and how much of the part is done."""
        low, high = self._part
        if self._tell:
            self._tell(text, low + (high - low) * min(1.0, done))


@dataclass(frozen=True)
class EntityReport:
    """What became of one entity.

    Parameters
    ----------
    read : rows of its tables.
    loaded : records made.
    rejected : rows of which no record was made.
    unlinked : records that belong to no organisation.
    stand_ins : records made because links name them, though no table holds them.
    missing : columns that were looked for and are not there.
    ignored : columns of its tables that hold something, but were not taken over.
    """

    read: int
    loaded: int
    rejected: int
    unlinked: int = 0
    stand_ins: int = 0
    missing: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportReport:
    """What an import did. Printing it shows a table.

    Parameters
    ----------
    name, mapping : of the source and of the mapping.
    changeset : number of the changeset, and of the rows in table ``import_reject``.
    entities : per entity, what became of it.
    ignored_tables : tables that were not read, and why.
    ignored_columns : per table that was read, columns that hold something but were not taken over.
    rejects : the first thousand rows, values and links that were not taken over.
    reject_count : how many there are in all.
    notes : per file, what should be known of how it was read.
    seconds : how long it took.
    """

    name: str
    mapping: str
    changeset: int
    entities: dict[str, EntityReport]
    ignored_tables: dict[str, str]
    ignored_columns: dict[str, tuple[str, ...]]
    rejects: list[Reject]
    reject_count: int
    notes: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def loaded(self) -> int:
        """Records made, of all entities."""
        return sum(entity.loaded for entity in self.entities.values())

    def __getitem__(self, entity: str) -> EntityReport:
        return self.entities[entity]

    def __str__(self) -> str:
        return "\n".join([*self._counts(), *self._columns(), *self._tables(), *self._rejects()])

    def _counts(self) -> list[str]:
        head = f"{'':16}{'read':>10}{'loaded':>10}{'rejected':>10}{'unlinked':>10}"
        return [
            f"Imported {self.name} as {self.mapping}: {self.loaded:,} records "
            f"in {self.seconds:.1f} s",
            head,
            *(
                f"{name:16}{e.read:>10,}{e.loaded:>10,}{e.rejected:>10,}{e.unlinked:>10,}"
                + (f"  {e.stand_ins:,} made from links" if e.stand_ins else "")
                for name, e in self.entities.items()
            ),
        ]

    def _columns(self) -> list[str]:
        return [
            f"Not taken over of {table}: {', '.join(names)}"
            for table, names in self.ignored_columns.items()
            if names
        ]

    def _tables(self) -> list[str]:
        return [
            *(f"Not read: {name} ({why})" for name, why in self.ignored_tables.items()),
            *(f"{file}: {note}" for file, note in self.notes.items()),
        ]

    def _rejects(self, shown: int = 10) -> list[str]:
        if not self.reject_count:
            return []
        more = self.reject_count - min(shown, len(self.rejects))
        return [
            f"{self.reject_count:,} rows, values or links could not be taken over:",
            *(f"  {reject}" for reject in self.rejects[:shown]),
            *([f"  … and {more:,} more, in table import_reject"] if more else []),
        ]
