"""Vanishing: records that an import covers, and which the source has no more."""

from __future__ import annotations

from crmpanel.errors import ImportFailed
from crmpanel.importing.drafting import drafted
from crmpanel.importing.job import KEY, VANISHED, Job
from crmpanel.importing.keeping import fed_by
from crmpanel.importing.sifting import left_keys
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import quoted


def vanished(entity: str) -> str:
    """Name of the temporary table of the ids of records that have vanished, quoted."""
    return quoted(f"vanished_{entity}")


def covers(job: Job, entity: Entity) -> bool:
    """Whether all records of an entity that the source has are in this import.

    They are if every table is there that records ever came from, and every row could be read.
    """
    sources = job.plan.of(entity.name)
    if job.choices.part or not sources or job.unread.get(entity.name):
        return False
    return fed_by(job, entity.name) <= {source.table.lower() for source in sources}


def vanishing(job: Job, entity: Entity) -> str | None:
    """The temporary table of the ids of records that have vanished; None if there can be none."""
    if entity.name not in job.held or job.choices.vanished == "ignore" or not covers(job, entity):
        return None
    name = vanished(entity.name)
    if entity.name in job.vanishing:
        return name
    job.vanishing.add(entity.name)
    marked = "" if job.choices.vanished == "delete" else f" AND t.{quoted(VANISHED)} IS NULL"
    job.execute(
        f'CREATE TEMP TABLE {name} AS SELECT t."id" AS id FROM {quoted(entity.name)} AS t '
        f"WHERE {job.mine('t')} AND t.{quoted(KEY)} IS NOT NULL{marked} AND NOT EXISTS "
        f'(FROM {drafted(entity.name)} AS d WHERE d."source_key" = t.{quoted(KEY)}) AND NOT EXISTS '
        f"(FROM {left_keys(entity.name)} AS l WHERE l.source_key = t.{quoted(KEY)})"
    )
    return name


def most_vanish(job: Job) -> dict[str, tuple[int, int]]:
    """Entities of which more than half vanish: how many, of how many."""
    found = {}
    for entity in job.entities:
        if table := vanishing(job, entity):
            gone = job.count(table)
            held = job.count(
                f"{quoted(entity.name)} AS t WHERE {job.mine('t')} AND t.{quoted(VANISHED)} IS NULL"
            )
            if 2 * gone > held:
                found[entity.name] = (gone, held)
    return found


def refuse_most(job: Job) -> None:
    """Raise `ImportFailed` if more than half of an entity vanishes, and nobody is sure of it."""
    if job.choices.sure:
        return
    for name, (gone, held) in most_vanish(job).items():
        fate = "deleted" if job.choices.vanished == "delete" else "marked as vanished"
        raise ImportFailed(
            f"{gone:,} of {held:,} {job.registry[name].label_plural.lower()} would be {fate}.",
            f"They came from {job.source}, and {job.plan.source.name} does not have them.",
            "Check that the export is complete. If it is, say so (--yes, or sure=True), or leave "
            "them alone (--vanished ignore).",
        )
