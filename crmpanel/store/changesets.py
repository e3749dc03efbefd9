"""A changeset applied: staged, compared with what there is, then written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from crmpanel.errors import Conflict, ValidationFailed
from crmpanel.model.changeset import Applied, Changeset
from crmpanel.model.entity import Entity
from crmpanel.model.proposal import Assigned, Proposal
from crmpanel.store import personal
from crmpanel.store.collisions import collisions, never_there, problems
from crmpanel.store.numbering import Numbering
from crmpanel.store.staged import CHANGED, GONE, Group
from crmpanel.store.staging import Staging
from crmpanel.store.writer import Load
from crmpanel.store.writing import write


def apply(load: Load, numbering: Numbering, changeset: Changeset) -> Applied:
    """Write a changeset within a transaction; one that was written before has no effect.

    Raises
    ------
    ValidationFailed, Conflict : see `crmpanel.store.Database.apply`.
    """
    parts, is_personal = personal.split(changeset)
    if is_personal:
        return personal.applied(load, changeset, parts)
    before = numbering.known(changeset.token)
    if before is not None:
        return Applied(before)
    staging, groups = _checked(load, numbering, changeset)
    tables = personal.write(load, changeset.viewer, parts)
    done = write(staging, groups, numbering, changeset)
    return replace(done, viewer=changeset.viewer, personal=tables)


def preview(load: Load, numbering: Numbering, changeset: Changeset) -> Any:
    """What a changeset would do, as a pandas DataFrame with a row for each value."""
    staging, _ = _checked(load, numbering, changeset)
    return staging.execute(
        'SELECT "entity", "record_id" AS id, "subject" AS record, "field", "old_value" AS old, '
        '"new_value" AS new FROM staged ORDER BY rowid'
    ).df()


def _checked(
    load: Load, numbering: Numbering, changeset: Changeset
) -> tuple[Staging, Sequence[Group]]:
    staging = stage(load, numbering, changeset)
    groups = staging.groups()
    check(staging, groups, numbering.log)
    return staging, groups


def stage(
    load: Load, numbering: Numbering, changeset: Changeset, staging: Staging | None = None
) -> Staging:
    """Stage what a changeset asks for, nothing of which is checked against the database yet.

    Parameters
    ----------
    staging : what has been staged before; a new one if left out.

    Raises
    ------
    ValidationFailed : the changeset asks for what no record can have.
    """
    proposal = Proposal(load.registry, changeset, numbering.record, numbering.moment())
    staging = staging or Staging(load)
    for step in proposal.steps:
        if isinstance(step, Assigned):
            staging.assigned(step)
        else:
            staging.values(step)
    if proposal.made:
        staging.made(proposal.made)
    if proposal.deleted:
        _stage_deleted(staging, {name: list(ids) for name, ids in proposal.deleted.items()})
    return staging


def _stage_deleted(staging: Staging, ids: dict[str, list[int]]) -> None:
    """Records, what belongs to them, and the references to all of these."""
    registry = staging.registry
    owners = [registry[name] for name in ids if registry[name].organisation == "id"]
    for owner in owners:
        staging.deleted(owner, ids[owner.name])
    for entity in registry:
        owning = [owner for owner in owners if entity.belongs_to(owner)]
        if entity not in owners and (owning or entity.name in ids):
            theirs = [(owner, ids[owner.name]) for owner in owning]
            staging.deleted(entity, ids.get(entity.name, []), *(theirs[0] if theirs else ()))
    staging.forget_updates_of_deleted()
    going = {group.entity for group in staging.groups() if group.action == "delete"}
    for name in going:
        staging.cleared(registry[name])


def check(staging: Staging, groups: Sequence[Group], log: Entity) -> None:
    """Raise `Conflict` or `ValidationFailed` if anything stands in the way of the staged rows."""
    if any(group.state in (GONE, CHANGED) for group in groups):
        found = collisions(staging, log)
        unknown = never_there(found)
        if unknown:
            raise ValidationFailed(unknown)
        raise Conflict(found)
    wrong = problems(staging, groups, log)
    if wrong:
        raise ValidationFailed(wrong)
