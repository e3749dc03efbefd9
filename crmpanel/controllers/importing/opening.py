"""Opening: an import that has been read and understood, and can be steered from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crmpanel.errors import ImportFailed
from crmpanel.importing.importer import Import
from crmpanel.importing.mapping import Mapping
from crmpanel.importing.mappingcheck import check
from crmpanel.importing.plan import Plan
from crmpanel.importing.understanding import Profile, Proposal, profile, understand
from crmpanel.store import Database

#: How a mapping was come by.
RECOGNISED, KEPT, PROPOSED, REJECTS = "shipped", "again", "proposed", "rejects"

Tell = Callable[[str, float], None]


class Steered(Import):
    """An import that can get another name, and another listener, while it is open."""

    def _understand(self) -> None:
        """Where nothing can be proposed, it is for the visitor to say what the tables hold."""
        try:
            super()._understand()
        except ImportFailed:
            if self.choice.mapping is not None or not any(map(self.stage.rows, self.stage.tables)):
                raise
            empty = Mapping(self.choice.name, self.source.name, (), {})
            self.proposal, self.plan = Proposal(empty), Plan(self.source, empty, self._registry)

    def rename(self, name: str) -> None:
        """Know the records of the source under another name."""
        self._name = name

    @contextmanager
    def telling(self, tell: Tell) -> Iterator[None]:
        """Tell somebody else of the progress as long as the block lasts."""
        before, self._progress._tell = self._progress._tell, tell
        try:
            yield
        finally:
            self._progress._tell = before


@dataclass
class Opened:
    """An export that has been read and understood.

    Parameters
    ----------
    import_ : the import, entered.
    profile : what its tables hold.
    proposal : the mapping it was understood with, and what speaks for it.
    how : how the mapping was come by.
    """

    import_: Steered
    profile: Profile
    proposal: Proposal
    how: str

    def relations(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """By table, its SQL and its columns."""
        return _relations(self.import_)

    def completed(self, mapping: Mapping) -> Mapping:
        """The mapping with formats, and with new fields for columns that nothing is made from."""
        stage = self.import_.stage
        registry = self.import_.database.registry
        return understand(self.profile, stage.cursor, self.relations(), registry, mapping).mapping

    def use(self, mapping: Mapping) -> None:
        """Take another mapping.

        Raises
        ------
        InputError, ImportFailed : it cannot be used.
        """
        check(mapping, self.import_.database.registry)
        self.import_.use(mapping)


def _relations(import_: Import) -> dict[str, tuple[str, tuple[str, ...]]]:
    stage = import_.stage
    return {name: (stage.relation(name), table.columns) for name, table in stage.tables.items()}


def begin(path: Path, database: Database, tell: Tell, user: int | None = None) -> Opened:
    """Read what is at a path, and understand it.

    Raises
    ------
    ImportFailed : it cannot be read; says why.
    """
    import_ = Steered(path, database, progress=tell, user=user)
    import_.__enter__()
    try:
        proposal = import_.proposal or Proposal(import_.mapping)
        how = REJECTS if import_.choice.is_part else import_.choice.why
        seen = profile(import_.stage.cursor, _relations(import_))
        return Opened(import_, seen, proposal, how)
    except BaseException:
        import_.__exit__(None, None, None)
        raise
