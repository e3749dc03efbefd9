"""Running: the steps of one import, from staged text to what is written or shown."""

from __future__ import annotations

import time
from functools import cached_property

from crmpanel.errors import ImportFailed
from crmpanel.importing import comparing, conflicts, keeping
from crmpanel.importing.comparing import DELTA, WRITE
from crmpanel.importing.customs import declare
from crmpanel.importing.drafting import draft, drafted
from crmpanel.importing.job import VANISHED, Job
from crmpanel.importing.linking import (
    make_ready,
    make_stand_ins,
    note_dangling,
    ready,
)
from crmpanel.importing.loading import write
from crmpanel.importing.matching import NEW, OLD
from crmpanel.importing.origin import bind, staged
from crmpanel.importing.rejectsfile import write_here
from crmpanel.importing.report import Difference, Disagreement, EntityReport, ImportReport, Progress
from crmpanel.importing.vanishing import most_vanish, refuse_most, vanishing
from crmpanel.model.changeset import Applied, Changeset
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal

#: Examples of changes that a report has of each entity.
EXAMPLES = 5


class Run:
    """The steps of one import, inside its transaction.

    Parameters
    ----------
    job : the import.
    progress : told of each step.
    """

    def __init__(self, job: Job, progress: Progress) -> None:
        self.job, self._progress = job, progress
        self._start = time.perf_counter()
        self._stand_ins: dict[str, int] = {}
        self._conflicts: list[Disagreement] = []
        self._counted: dict[str, int] = {}
        self._applied = Applied(None)

    def prepare(self) -> None:
        """Everything but the writing.

        Raises
        ------
        ImportFailed : a table cannot be read, or nothing could be made of one that is needed.
        """
        job = self.job
        keeping.prepare(job)
        job.plan = declare(job.plan, job.load)
        self._unused = bind(job.plan, job.stage, job.load)
        self._note_unread()
        self._draft()
        self._refuse_empty()
        self._link()
        self._compare()
        job.rejects.locate(job.plan)
        if job.choices.strict and (faults := job.rejects.faults()):
            raise self._too_strict(faults)

    def write(self, changeset: Changeset) -> Applied:
        """Write it.

        Raises
        ------
        ImportFailed : more than half of an entity vanishes, and nobody is sure of it.
        """
        refuse_most(self.job)
        job, entities = self.job, self.job.entities
        self._progress.stage(0.8, 1.0)
        job.rejects.collect(job.plan, job.stage)
        if job.choices.rejects:
            write_here(job.rows, job.choices.rejects, job.source)

        def tell(entity: Entity) -> None:
            done = entities.index(entity) / (len(entities) + 1)
            self._progress.say(f"Writing {entity.plural}", done)

        self._applied = write(job, changeset, tell)
        return self._applied

    def _note_unread(self) -> None:
        for source in self.job.plan.sources:
            if table := self.job.plan.table(source.table):
                found = self.job.rejects.add_unread(source.entity, table, self.job.stage)
                self.job.unread[source.entity] = self.job.unread.get(source.entity, 0) + found

    def _draft(self) -> None:
        job, entities = self.job, self.job.entities
        self._progress.stage(0.5, 0.7)
        for number, entity in enumerate(entities):
            self._progress.say(f"Understanding {entity.plural}", number / len(entities))
            draft(job, entity)
        for entity in entities:
            self._stand_ins[entity.name] = make_stand_ins(job, entity)

    def _link(self) -> None:
        job, entities = self.job, self.job.entities
        self._progress.stage(0.7, 0.8)
        for number, entity in enumerate(entities):
            self._progress.say(f"Linking {entity.plural}", number / (2 * len(entities)))
            make_ready(job, entity)
        for entity in entities:
            note_dangling(job, entity)

    def _compare(self) -> None:
        job = self.job
        self._progress.say("Comparing", 0.5)
        comparing.begin(job)
        for entity in job.entities:
            comparing.compare(job, entity)
        for name in sorted(job.held):
            comparing.link_later(job, job.registry[name])
        for entity in job.entities:
            comparing.derive(job, entity)
        conflicts.judge(job)
        self._conflicts, self._counted = conflicts.first(job), conflicts.count(job)
        conflicts.decide(job)

    def _refuse_empty(self) -> None:
        for source in self.job.plan.sources:
            if source.required and not self.job.count(drafted(source.entity)):
                self.job.rejects.locate(self.job.plan)
                where = f"entity = {literal(source.entity)} AND NOT loaded"
                first = self.job.rejects.first(1, where)
                raise ImportFailed(
                    f"No {source.entity} could be made from the table {source.table}.",
                    f"The first row: {first[0]}." if first else "It has a header, but no rows.",
                    "Check that the export is complete.",
                )

    def _too_strict(self, faults: int) -> ImportFailed:
        [first] = self.job.rejects.first(1, f"reason <> {literal('left out by the mapping')}")
        more = f" There are {faults - 1:,} more." if faults > 1 else ""
        return ImportFailed(
            f"The import of {self.job.plan.source.name} was stopped.",
            f"{first}.{more}",
            "Correct the source, or import without --strict: what cannot be taken over is kept.",
        )

    # -- telling -------------------------------------------------------------------------------

    def report(self) -> ImportReport:
        """What it did, or would do."""
        job, plan = self.job, self.job.plan
        left_out = job.rejects.rows_left_out()
        return ImportReport(
            name=plan.source.name,
            mapping=plan.mapping.name,
            changeset=self._applied.number,
            entities={name: self._entity(name, left_out.get(name, 0)) for name in plan.entities},
            ignored_tables={**plan.ignored_tables, **job.stage.unreadable},
            ignored_columns=self._unused,
            rejects=job.rejects.first(),
            reject_count=job.rejects.count(),
            notes={t.file: note for t in plan.tables.values() if (note := plan.source.note(t))},
            seconds=time.perf_counter() - self._start,
            source=job.source,
            conflicts=self._conflicts,
            differences=self._differences(),
            policy=job.choices.policy,
            again=bool(job.held),
            doubts=list(self._doubts()),
        )

    def _doubts(self) -> list[str]:
        told = []
        for name, (gone, held) in most_vanish(self.job).items():
            plural = self.job.registry[name].label_plural.lower()
            told.append(f"{gone:,} of {held:,} {plural} are not in the export any more.")
        return told

    @cached_property
    def _changes(self) -> dict[tuple[str, str], int]:
        """How many records are changed, linked, and have returned or vanished, by entity."""
        kinds = (
            f"CASE WHEN field <> {literal(VANISHED)} AND row IS NOT NULL THEN 'changed' "
            f"WHEN field <> {literal(VANISHED)} THEN 'linked' "
            "WHEN new_value IS NULL THEN 'returned' ELSE 'vanished' END"
        )
        found = self.job.rows(
            f"SELECT entity, {kinds} AS kind, count(DISTINCT record_id) FROM {DELTA} "
            f"WHERE verdict = '{WRITE}' GROUP BY ALL"
        )
        return {(entity, kind): number for entity, kind, number in found}

    def _entity(self, name: str, rejected: int) -> EntityReport:
        job = self.job
        sources, entity = job.plan.of(name), job.registry[name]
        owned = entity.organisation not in (None, "id")
        tables = dict.fromkeys(source.table for source in sources)
        there = f'{ready(name)} WHERE "@id" IS NOT NULL'
        new = job.count(f"{ready(name)} WHERE state = '{NEW}'")
        old, changed = (
            job.count(f"{ready(name)} WHERE state = '{OLD}'"),
            self._changes.get((name, "changed"), 0),
        )
        vanished = self._changes.get((name, "vanished"), 0)
        if job.choices.vanished == "delete" and (table := vanishing(job, entity)):
            vanished = job.count(table)
        return EntityReport(
            read=sum(job.count(staged(table)) for table in tables) + job.unread.get(name, 0),
            loaded=job.count(there),
            rejected=rejected,
            unlinked=job.count(f'{there} AND "@owner" IS NULL') if owned else 0,
            stand_ins=self._stand_ins.get(name, 0),
            missing=tuple(column for s in sources for column in job.plan.missing(s)),
            ignored=tuple(column for table in tables for column in self._unused[table]),
            new=new,
            changed=changed,
            unchanged=old - changed,
            vanished=vanished,
            returned=self._changes.get((name, "returned"), 0),
            conflicts=self._counted.get(name, 0),
            linked=self._changes.get((name, "linked"), 0),
        )

    def _differences(self) -> list[Difference]:
        """Some of what changes of each entity; references by what is referred to."""
        found = self.job.rows(
            f"SELECT entity, record_id, subject, field, old_value, new_value FROM {DELTA} "
            f"WHERE verdict = '{WRITE}' QUALIFY row_number() OVER "
            f"(PARTITION BY entity ORDER BY record_id, field) <= {EXAMPLES} ORDER BY ALL"
        )
        return [Difference(*row) for row in found]
