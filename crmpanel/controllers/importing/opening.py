"""Opening: an import whose mapping is proposed once its tables have been read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from crmpanel.importing.importer import Import
from crmpanel.importing.keeping import kept_mapping
from crmpanel.importing.mapping import Mapping
from crmpanel.importing.mappingcheck import check
from crmpanel.importing.mappingfile import load_mapping
from crmpanel.importing.plan import Plan
from crmpanel.importing.recognise import best, fits
from crmpanel.importing.rejectsfile import RejectsFile
from crmpanel.importing.report import Progress
from crmpanel.importing.sources import Source, open_sources
from crmpanel.importing.understanding import Profile, Proposal, profile, understand
from crmpanel.importing.understanding.words import snake
from crmpanel.query.query import Query
from crmpanel.store import Database

#: How a mapping was come by.
RECOGNISED, KEPT, PROPOSED, REJECTS = "recognised", "kept", "proposed", "rejects"

Tell = Callable[[str, float], None]


class _Open(Import):
    """An import of a source that is open, without a mapping as yet."""

    def __init__(self, source: Source, database: Database, tell: Tell, user: int | None) -> None:
        self.database, self._name, self._user = database, None, user
        self._progress, self._tell, self._part = Progress(tell), tell, False
        self.plan = Plan(source, Mapping("proposal", "", (), {}), database.registry)

    def rename(self, name: str) -> None:
        """Know the records of the source under another name."""
        self._name = name


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

    import_: Import
    profile: Profile
    proposal: Proposal
    how: str

    def rename(self, name: str) -> None:
        """Know the records of the source under another name."""
        if isinstance(self.import_, _Open):
            self.import_.rename(name)

    def relations(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """By table, its SQL and its columns."""
        stage = self.import_.stage
        return {name: (stage.relation(name), table.columns) for name, table in stage.tables.items()}

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


def begin(path: Path, database: Database, tell: Tell, user: int | None = None) -> Opened:
    """Read what is at a path, and understand it.

    Raises
    ------
    ImportFailed : it cannot be read, or nothing can be made of it; says why.
    """
    if RejectsFile.is_one(path):
        found = Import(path, database, progress=tell, user=user).__enter__()
        return Opened(found, Profile({}), Proposal(found.mapping), REJECTS)
    source, mapping, how = _recognised(open_sources(path), database)
    opened = _Open(source, database, tell, user)
    opened.__enter__()
    try:
        return _understood(opened, mapping, how, tell)
    except BaseException:
        opened.__exit__(None, None, None)
        raise


def _understood(opened: _Open, mapping: Mapping | None, how: str, tell: Tell) -> Opened:
    stage = opened.stage
    if not stage.tables:
        raise next(iter(stage.failed.values()))
    tell("Understanding", 0.9)
    tables = {name: (stage.relation(name), table.columns) for name, table in stage.tables.items()}
    seen = profile(stage.cursor, tables)
    proposal = understand(seen, stage.cursor, tables, opened.database.registry, mapping)
    if how == PROPOSED:
        name = snake(opened.source.name) or "import"
        own = replace(proposal.mapping, name=name, title=opened.source.name)
        proposal = replace(proposal, mapping=own)
    result = Opened(opened, seen, proposal, how)
    opened.rename(proposal.mapping.name)
    if proposal.mapping.sources:
        result.use(proposal.mapping)
    return result


def _recognised(sources: list[Source], database: Database) -> tuple[Source, Mapping | None, str]:
    """The source with the mapping of last time, or with a shipped one, else the likeliest."""
    for source in sources:
        for name in imported(database):
            kept = kept_mapping(database, name)
            if kept is not None and fits(source, kept):
                return source, replace(kept, name=name), KEPT
    for source in sources:
        if shipped := best(source, database.registry):
            return source, load_mapping(shipped, database.registry), RECOGNISED
    return sources[0], None, PROPOSED


def imported(database: Database) -> list[str]:
    """Names of the sources that have been imported, the latest first."""
    held = Query("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'import_run'")
    if not database.scalar(held):
        return []
    sql = "SELECT source FROM import_run GROUP BY 1 ORDER BY max(changeset) DESC"
    return [str(row[0]) for row in database.rows(Query(sql))]
