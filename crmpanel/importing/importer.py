"""The import: source → mapping → coercion → rejects → load, in one transaction."""

from __future__ import annotations

import time
from pathlib import Path

from crmpanel.entities import REGISTRY
from crmpanel.errors import ImportFailed
from crmpanel.importing.drafting import draft
from crmpanel.importing.linking import make_ready, make_stand_ins, note_dangling, ready
from crmpanel.importing.loading import write, write_log, write_roles
from crmpanel.importing.mapping import Mapping
from crmpanel.importing.origin import bind, staged
from crmpanel.importing.own import own_mapping
from crmpanel.importing.plan import Plan, make_plan
from crmpanel.importing.recognise import best
from crmpanel.importing.rejects import Rejects
from crmpanel.importing.report import EntityReport, ImportReport, OnProgress, Progress
from crmpanel.importing.sources import open_sources
from crmpanel.importing.stage import Stage
from crmpanel.model.registry import Registry
from crmpanel.query.sqltext import quoted
from crmpanel.store import Database
from crmpanel.store.writer import Load


def detect(path: str | Path, registry: Registry = REGISTRY) -> str | None:
    """Name of the shipped mapping that fits what is at `path`, by its tables and columns.

    Raises
    ------
    ImportFailed : there is nothing that can be read.

    Examples
    --------
    ``detect("northwind.sqlite")`` gives ``"northwind"``, and ``None`` for a folder of other files.
    """
    return next((name for s in open_sources(path) if (name := best(s, registry))), None)


def import_(
    path: str | Path,
    database: Database,
    mapping: str | Path | Mapping | None = None,
    progress: OnProgress | None = None,
) -> ImportReport:
    """Import somebody's export into a database that holds no records yet. All of it, or nothing.

    Parameters
    ----------
    path : a folder of CSV files, a SQLite file, or a folder that holds one.
    database : where to; unchanged if anything fails.
    mapping : name of a shipped mapping, a TOML file, or a Mapping; recognised if None.
    progress : called with what is being done and how much of all is done, from 0 to 1.

    Raises
    ------
    UnknownName : no such mapping.
    ImportFailed : the path, the mapping or the source cannot be used; says why and what to do.

    Examples
    --------
    ::

        with create("northwind.duckdb") as database:
            print(import_("northwind.sqlite", database))
    """
    plan = make_plan(path, mapping or own_mapping(path), database.registry)
    plan.check()
    teller = Progress(progress)
    teller.stage(0.0, 0.6)
    try:
        with (
            Stage(database, plan.source, teller) as stage,
            database.load(why=f"Import {plan.source.name}", source="import") as load,
        ):
            report = _Import(plan, stage, load, teller).run()
    except OSError as error:
        raise ImportFailed(
            f"The import of {plan.source.name} was stopped.",
            f"{error.strerror or error}: {error.filename or 'a file'}.",
            "Give yourself access to the files, and room for a copy of the largest.",
        ) from error
    if progress:
        progress("Done", 1.0)
    return report


class _Import:
    """One import inside its transaction."""

    def __init__(self, plan: Plan, stage: Stage, load: Load, progress: Progress) -> None:
        self._plan, self._stage, self._load, self._progress = plan, stage, load, progress
        self._entities = [plan.registry[name] for name in plan.entities]
        self._stand_ins: dict[str, int] = {}

    def run(self) -> ImportReport:
        start = time.perf_counter()
        self._refuse_second()
        self._rejects = Rejects(self._load)
        unused = bind(self._plan, self._stage, self._load)
        for source in self._plan.sources:
            if table := self._plan.table(source.table):
                self._rejects.add_unread(source.entity, table, self._stage)
        self._make()
        self._refuse_empty()
        self._write()
        return self._report(unused, start)

    def _refuse_second(self) -> None:
        held = sum(self._count(quoted(entity.name)) for entity in self._entities)
        if held:
            latest = self._load.execute('SELECT why, "at" FROM changeset ORDER BY id DESC LIMIT 1')
            why, at = latest.fetchone() or ("unknown", "")
            raise ImportFailed(
                f"The database holds {held:,} records already.",
                f"They were last changed by: {why} ({at}). An import cannot update records, or add "
                "to them, yet.",
                "Import into a new database: crmpanel import FOLDER --db NEW.duckdb",
            )

    def _make(self) -> None:
        self._progress.stage(0.6, 0.8)
        for number, entity in enumerate(self._entities):
            self._progress.say(f"Understanding {entity.plural}", number / len(self._entities))
            draft(self._plan, self._load, self._rejects, entity)
        for entity in self._entities:
            self._stand_ins[entity.name] = make_stand_ins(self._plan, self._load, entity)
        for entity in self._entities:
            make_ready(self._plan, self._load, entity)
        for entity in self._entities:
            note_dangling(self._plan, self._rejects, entity)

    def _refuse_empty(self) -> None:
        for source in self._plan.sources:
            if source.required and not self._count(ready(source.entity)):
                first = self._rejects.first_left_out(source.entity)
                raise ImportFailed(
                    f"No {source.entity} could be made from the table {source.table}.",
                    f"The first row: {first}." if first else "It has a header, but no rows.",
                    "Check that the export is complete.",
                )

    def _write(self) -> None:
        self._progress.stage(0.8, 1.0)
        for number, entity in enumerate(self._entities):
            self._progress.say(f"Writing {entity.plural}", number / (len(self._entities) + 1))
            write(self._plan, self._load, entity)
        write_log(self._plan, self._load)
        write_roles(self._plan, self._load)

    def _report(self, unused: dict[str, tuple[str, ...]], start: float) -> ImportReport:
        plan = self._plan
        tables = {name: table for name in plan.staged if (table := plan.table(name))}
        return ImportReport(
            name=plan.source.name,
            mapping=plan.mapping.name,
            changeset=self._load.changeset,
            entities={name: self._entity(name, unused) for name in plan.entities},
            ignored_tables=plan.ignored_tables,
            ignored_columns=unused,
            rejects=self._rejects.first(),
            reject_count=self._rejects.count(),
            notes={t.file: note for t in tables.values() if (note := plan.source.note(t))},
            seconds=time.perf_counter() - start,
        )

    def _entity(self, name: str, unused: dict[str, tuple[str, ...]]) -> EntityReport:
        sources = self._plan.of(name)
        owned = self._plan.registry[name].organisation not in (None, "id")
        tables = dict.fromkeys(source.table for source in sources)
        return EntityReport(
            read=sum(self._count(staged(table)) for table in tables)
            + sum(n for (entity, _), n in self._rejects.unread.items() if entity == name),
            loaded=self._count(ready(name)),
            rejected=self._rejects.rows_left_out(name),
            unlinked=self._count(f'{ready(name)} WHERE "@owner" IS NULL') if owned else 0,
            stand_ins=self._stand_ins[name],
            missing=tuple(column for s in sources for column in self._plan.missing(s)),
            ignored=tuple(column for table in tables for column in unused[table]),
        )

    def _count(self, table: str) -> int:
        row = self._load.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(row[0]) if row else 0
