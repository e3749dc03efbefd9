"""Job: one import inside its transaction, and what its steps share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crmpanel.importing.mapping import Mapping
from crmpanel.importing.plan import Plan
from crmpanel.importing.rejects import Rejects
from crmpanel.importing.stage import Stage
from crmpanel.model.entity import Entity
from crmpanel.model.registry import Registry
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.numbering import Numbering
from crmpanel.store.writer import Load

#: The system fields by which a record is known again.
SOURCE, KEY, VANISHED = "source_name", "source_key", "vanished"
#: What becomes of fields that both a user and the source have changed.
POLICIES = ("ask", "source", "mine")
#: What becomes of records that the source has no more.
FATES = ("mark", "delete", "ignore")


@dataclass(frozen=True)
class Choices:
    """What is to happen where there is a choice.

    Parameters
    ----------
    policy : one of `POLICIES`; ``ask`` writes nothing where both have changed a field.
    fields : a policy by entity, id and field, for conflicts that somebody has decided; the field
        ``id`` stands for a record that was deleted.
    vanished : one of `FATES`.
    strict : any row, value or link that cannot be taken over stops the import.
    rejects : a CSV file for the rows of which something could not be taken over.
    sure : it is known that more than half of the records will vanish.
    part : only some rows of the export are there, so that nothing can be missing.
    """

    policy: str = "ask"
    fields: dict[tuple[str, int, str], str] = field(default_factory=dict)
    vanished: str = "mark"
    strict: bool = False
    sure: bool = False
    rejects: Path | None = None
    part: bool = False


@dataclass
class Job:
    """One import inside its transaction.

    Parameters
    ----------
    plan, stage : what is read, and how.
    load, numbering : the transaction.
    source : the name by which the records of this source are known.
    choices : what is to happen where there is a choice.
    """

    plan: Plan
    stage: Stage
    load: Load
    numbering: Numbering
    source: str
    choices: Choices
    #: The mapping as it was given; that of the plan has what it declares as fields.
    mapping: Mapping = field(init=False)
    rejects: Rejects = field(init=False)
    held: frozenset[str] = field(init=False)
    #: Whether the tables of keys of deleted records have been made.
    gone_is_known: bool = False
    #: Entities of which it is known what has vanished, and rows that could not be read.
    vanishing: set[str] = field(default_factory=set)
    #: Names of temporary tables that are made when they are needed first.
    made: set[str] = field(default_factory=set)
    unread: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.mapping = self.plan.mapping
        self.rejects = Rejects(self.load)
        self.held = frozenset(
            entity.name
            for entity in self.registry
            if not entity.about
            and self.one(
                f"SELECT count(*) FROM (FROM {quoted(entity.name)} "
                f"WHERE {quoted(SOURCE)} = {literal(self.source)} LIMIT 1)"
            )
        )

    @property
    def registry(self) -> Registry:
        """The entities."""
        return self.load.registry

    @property
    def entities(self) -> list[Entity]:
        """Those that get records: first what others belong to."""
        found = [self.registry[name] for name in self.plan.entities]
        return sorted(found, key=lambda entity: entity.organisation not in (None, "id"))

    def execute(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """Run a statement."""
        return self.load.execute(sql, params)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        found: list[tuple[Any, ...]] = self.load.execute(sql, params).fetchall()
        return found

    def one(self, sql: str) -> int:
        """The one number that a query finds."""
        row = self.load.execute(sql).fetchone()
        return int(row[0] or 0) if row else 0

    def count(self, relation: str) -> int:
        """Rows of a table, or of what stands after FROM."""
        return self.one(f"SELECT count(*) FROM {relation}")

    def mine(self, alias: str) -> str:
        """Condition: a record came from this source."""
        return f"{alias}.{quoted(SOURCE)} = {literal(self.source)}"
