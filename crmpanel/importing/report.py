"""The report of an import, and its progress."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from crmpanel.errors import named, shortened
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
    loaded : records of the export that are in the database now.
    rejected : rows of which no record was made.
    unlinked : records of the export that belong to no organisation.
    stand_ins : records made because links name them, though no table holds them.
    missing : columns that were looked for and are not there.
    ignored : columns of its tables that hold something, but were not taken over.
    new, changed, unchanged : of those that are loaded, how many were made, changed, or are as they
        were.
    vanished : records that the source has no more, and which were marked or deleted.
    returned : records that had vanished, and which the source has again.
    conflicts : fields that a user has changed as well, and records that a user has deleted.
    linked : records that are not in the export, and which it has found what they belong to.
    """

    read: int
    loaded: int
    rejected: int
    unlinked: int = 0
    stand_ins: int = 0
    missing: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    vanished: int = 0
    returned: int = 0
    conflicts: int = 0
    linked: int = 0


class Difference(NamedTuple):
    """A value of a record that is there, and what it becomes; texts as in the log."""

    entity: str
    id: int
    record: str | None
    field: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        old, new = map(shortened, (self.old, self.new))
        return f"{named(self.entity, self.id, self.record)}, {self.field}: {old} → {new}"


class Disagreement(NamedTuple):
    """A field that both a user and the source have changed, or a record that a user has deleted.

    Values are texts as in the log; ``before`` is what the last import brought. For a record that
    was deleted the field is ``id``.
    """

    entity: str
    id: int
    record: str | None
    field: str
    before: str | None
    mine: str | None
    source: str | None
    by: str | None
    at: dt.datetime | None
    changeset: int | None

    @property
    def key(self) -> tuple[str, int, str]:
        """What names it in `Choices.fields`."""
        return self.entity, self.id, self.field

    def __str__(self) -> str:
        who = f" by {self.by}" if self.by else ""
        when = f" at {self.at:%Y-%m-%d %H:%M}" if self.at else ""
        if self.field == "id":
            return f"{named(self.entity, self.id, self.record)} was deleted{who}{when}."
        before, mine, source = map(shortened, (self.before, self.mine, self.source))
        return (
            f"{named(self.entity, self.id, self.record)}, {self.field}: was {before}, "
            f"yours is {mine} (changed{who}{when}), the source says {source}."
        )


#: Columns of the table of counts, and the attributes they show; those of a second import apart.
FIRST = ("read", "loaded", "rejected", "unlinked")
AGAIN = ("read", "new", "changed", "unchanged", "vanished", "conflicts", "rejected", "unlinked")


@dataclass(frozen=True)
class ImportReport:
    """What an import did. Printing it shows a table.

    Parameters
    ----------
    name, mapping : of the source and of the mapping.
    source : the name under which its records are known.
    changeset : number of the changeset, and of the rows in table ``import_reject``; None if there
        was nothing to write.
    entities : per entity, what became of it.
    ignored_tables : tables that were not read, and why.
    ignored_columns : per table that was read, columns that hold something but were not taken over.
    rejects : the first thousand rows, values and links that were not taken over.
    reject_count : how many there are in all.
    notes : per file, what should be known of how it was read.
    seconds : how long it took.
    conflicts : the first thousand conflicts with what users have done.
    differences : examples of what changes, some for each entity.
    policy : what became of conflicts.
    again : whether the source had been imported before.
    doubts : what a person should look at before it is loaded, a sentence each.
    """

    name: str
    mapping: str
    changeset: int | None
    entities: dict[str, EntityReport]
    ignored_tables: dict[str, str]
    ignored_columns: dict[str, tuple[str, ...]]
    rejects: list[Reject]
    reject_count: int
    notes: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    source: str = ""
    conflicts: list[Disagreement] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    policy: str = "ask"
    again: bool = False
    doubts: list[str] = field(default_factory=list)

    @property
    def loaded(self) -> int:
        """Records of the export that are in the database, of all entities."""
        return sum(entity.loaded for entity in self.entities.values())

    @property
    def rate(self) -> float:
        """Rows read in a second."""
        read = sum(entity.read for entity in self.entities.values())
        return read / self.seconds if self.seconds else 0.0

    def __getitem__(self, entity: str) -> EntityReport:
        return self.entities[entity]

    def __str__(self) -> str:
        rate = f" ({self.rate:,.0f} rows/s)" if self.rate else ""
        what = f"{self.loaded:,} records in {self.seconds:.1f} s{rate}"
        if self.changeset is None:
            what = "nothing new, the database is as it was"
        first = f"Imported {self.name} as {self.mapping}: {what}"
        undo = f"Undo it with: workspace.undo({self.changeset})" if self.changeset else ""
        return "\n".join([first, *self.lines(), *([undo] if undo else [])])

    def lines(self) -> list[str]:
        """What it tells but for its headline."""
        return [
            *self.counts(),
            *self.told_differences(),
            *self.told_conflicts(),
            *self._columns(),
            *self._tables(),
            *self._rejects(),
        ]

    def counts(self) -> list[str]:
        """The table of counts."""
        columns = AGAIN if self.again else FIRST
        return [
            f"{'':16}" + "".join(f"{column:>10}" for column in columns),
            *(
                f"{name:16}"
                + "".join(f"{getattr(e, column):>10,}" for column in columns)
                + (f"  {e.stand_ins:,} made from links" if e.stand_ins and not self.again else "")
                + (f"  {e.linked:,} linked" if e.linked else "")
                + (f"  {e.returned:,} are back" if e.returned else "")
                for name, e in self.entities.items()
            ),
        ]

    def told_differences(self) -> list[str]:
        """Examples of what changes."""
        head = ["Changed, for example:"] if self.differences else []
        return [*head, *(f"  {difference}" for difference in self.differences)]

    def told_conflicts(self, shown: int = 10) -> list[str]:
        """The first conflicts, and what becomes of them."""
        count = sum(entity.conflicts for entity in self.entities.values())
        if not count:
            return []
        fate = {
            "ask": "nothing is written for them until a policy is chosen: source or mine",
            "source": "the source wins",
            "mine": "the users' values stay",
        }[self.policy]
        more = [f"  … and {count - shown:,} more"] if count > shown else []
        told = (f"  {conflict}" for conflict in self.conflicts[:shown])
        return [f"{count:,} conflicts with what users have done; {fate}:", *told, *more]

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
