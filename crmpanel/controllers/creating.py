"""Creating: a form of one or several new records, saved as one changeset."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.draft import Draft, Given
from crmpanel.controllers.referring import field_of
from crmpanel.errors import CrmError, ValidationFailed
from crmpanel.layouts import QUICK
from crmpanel.locale import _
from crmpanel.model.changeset import Applied, Changeset, Create, NewRecord
from crmpanel.model.filters import Condition

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Created:
    """What came of saving a form.

    Parameters
    ----------
    kind : ``created``, ``refused`` (a value cannot be) or ``failed``.
    message : all of it in words.
    problems : what is wrong, by section and field.
    ids : the new records, by name of the entity.
    applied : the changeset, by which it can be undone.
    """

    kind: str
    message: str
    problems: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ids: Mapping[str, int] = field(default_factory=dict)
    applied: Applied | None = None


class Creating:
    """A form while somebody fills it in; it can be saved once.

    Parameters
    ----------
    desk : database and viewer, who makes the records.
    drafts : the new records; all but the first are made only if something is entered for them.
    refs : what stands for each new record in the others.

    Attributes
    ----------
    token : tells this form from others; saving it a second time has no effect.
    """

    def __init__(self, desk: Desk, drafts: Sequence[Draft], refs: Sequence[NewRecord] = ()) -> None:
        self.desk, self.drafts = desk, {draft.entity.name: draft for draft in drafts}
        self._refs = dict(zip(self.drafts, refs or [NewRecord() for _ in drafts], strict=True))
        self.token = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._done: Created | None = None

    @property
    def draft(self) -> Draft:
        """The record that is made in any case."""
        return next(iter(self.drafts.values()))

    def save(self, values: Mapping[str, Any]) -> Created:
        """Make the records, once; what was made before is told again.

        Parameters
        ----------
        values : text by field, by name of the entity. What is not asked for is ignored.
        """
        with self._lock:
            if self._done is None:
                outcome = self._save(self._sections(values))
                if outcome.kind != "created":
                    return outcome
                self._done = outcome
            return self._done

    def _sections(self, values: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """What was entered, without what nobody was asked for."""
        sections: dict[str, Mapping[str, Any]] = {}
        for name, draft in self.drafts.items():
            given = values.get(name)
            entered = given if isinstance(given, Mapping) else {}
            sections[name] = {key: entered[key] for key in draft.inputs if key in entered}
        extra = {
            f"{section}.{key}"
            for section, given in values.items()
            for key in (given if isinstance(given, Mapping) else [""])
            if key not in sections.get(section, ())
        }
        if extra:
            log.warning("ignored %.300r in the form of %s", sorted(extra), self.draft.entity.name)
        return sections

    def _save(self, sections: Mapping[str, Mapping[str, Any]]) -> Created:
        made, problems = {}, {}
        for name, draft in self.drafts.items():
            if draft is self.draft or draft.is_used(sections[name]):
                made[name], wrong = draft.entered(sections[name])
                if wrong:
                    problems[name] = wrong
        if problems:
            return _refused(problems)
        return self._apply(made)

    def _apply(self, made: Mapping[str, Mapping[str, Any]]) -> Created:
        refs = [self._refs[name] for name in made]
        parts = tuple(
            Create(name, {k: v for k, v in values.items() if _is_there(v, refs)}, self._refs[name])
            for name, values in made.items()
        )
        changes = Changeset(parts, source="create", user=self.desk.viewer_id, token=self.token)
        try:
            applied = self.desk.database.apply(changes)
        except ValidationFailed as error:
            return self._invalid(error)
        except CrmError as error:
            return Created("failed", str(error))
        return Created("created", self._told(made), ids=_ids(applied, made), applied=applied)

    def _told(self, made: Mapping[str, Any]) -> str:
        label = _(self.draft.entity.label)
        if len(made) == 1:
            return _("{entity} created", entity=label)
        others = [_(self.drafts[name].entity.label).lower() for name in list(made)[1:]]
        return _("{entity} created with {others}", entity=label, others=_(" and ").join(others))

    def _invalid(self, error: ValidationFailed) -> Created:
        """Problems that only the store sees, beside the fields if they are asked for."""
        told: dict[str, dict[str, str]] = {}
        for problem in error.problems:
            draft = self.drafts.get(problem.entity)
            if draft is None or problem.field not in draft.inputs:
                return Created("failed", str(error))
            told.setdefault(problem.entity, {})[str(problem.field)] = problem.message
        return _refused(told)


def _refused(problems: Mapping[str, Mapping[str, str]]) -> Created:
    return Created("refused", _("Nothing was saved yet: look at the marked fields."), problems)


def _is_there(value: Any, refs: Sequence[NewRecord]) -> bool:
    """Whether a value is none that stands for a record which is not made."""
    return not isinstance(value, NewRecord) or value in refs


def _ids(applied: Applied, made: Mapping[str, Any]) -> dict[str, int]:
    """The new records in the order of the form."""
    found = {e.entity: e.ids[0] for e in applied.events if e.action == "insert" and e.ids}
    return {name: found[name] for name in made if name in found}


def quick(desk: Desk) -> Creating:
    """The form that makes linked records in one go, as `layouts.QUICK` says."""
    drafts: list[Draft] = []
    refs: list[NewRecord] = []
    for name in QUICK:
        if name in desk.registry:
            made = {d.entity.name: ref for d, ref in zip(drafts, refs, strict=True)}
            drafts.append(Draft(desk, name, _links(desk, name, made)))
            refs.append(NewRecord())
    return Creating(desk, drafts, refs)


def _links(desk: Desk, name: str, made: Mapping[str, NewRecord]) -> Given:
    """The first reference to each of the other new records."""
    links: dict[str, NewRecord] = {}
    for reference in desk.registry[name].references:
        ref = made.get(str(reference.target))
        if ref is not None and ref not in links.values():
            links[reference.name] = ref
    return links


def within(desk: Desk, entity: str, scope: Sequence[Condition]) -> dict[str, int]:
    """What is known of a new record from the list that it is made in: whose it is.

    Parameters
    ----------
    scope : what all records of the list have in common.
    """
    declared = desk.registry[entity]
    known = {
        condition.fields[0]: int(condition.values[0])
        for condition in scope
        if condition.operator == "eq" and declared.field(condition.fields[0]).target
    }
    owner = declared.organisation
    if owner in (None, "id") or owner in known:
        return known
    for name, id in list(known.items()):
        target = desk.registry[str(declared.field(name).target)]
        if target.organisation not in (None, "id"):
            whose = field_of(desk, target, id, str(target.organisation))
            if whose is not None:
                known[str(owner)] = int(whose)
    return known
