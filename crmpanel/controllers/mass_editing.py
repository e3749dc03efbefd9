"""MassEditing: the same new values for many records, seen before they are written."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.editing import choices
from crmpanel.controllers.inputs import entered, mass_input_of, problem
from crmpanel.errors import CrmError, InputError, ValidationFailed
from crmpanel.locale import _
from crmpanel.model.changeset import Applied, Assignment, Changeset, Clear, MassUpdate, Set, Shift
from crmpanel.model.proposal import FARTHEST
from crmpanel.query.selection import Selection
from crmpanel.store.summary import Summary

log = logging.getLogger(__name__)

SOURCE = "mass edit"


@dataclass(frozen=True)
class MassOutcome:
    """What came of a preview or of applying it.

    Parameters
    ----------
    kind : ``preview``, ``outdated`` (look again: something else would be written by now),
        ``applied``, ``refused`` (a value cannot be) or ``failed``.
    message : all of it in words; empty if it goes without saying.
    problems : what is wrong, by field.
    summary : what would be written.
    gone : how many of the records that were chosen are not there any more.
    applied : what was written.
    """

    kind: str
    message: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)
    summary: Summary | None = None
    gone: int = 0
    applied: Applied | None = None


class MassEditing:
    """A mass edit from the choice of its fields to what came of it.

    Parameters
    ----------
    desk : database and viewer, who makes the change.
    records : the records; those that pass when it is previewed, and again when it is applied.
    chosen : how many the user chose by hand; None if all that match.
    """

    def __init__(self, desk: Desk, records: Selection, chosen: int | None = None) -> None:
        self.desk, self.records, self.chosen = desk, records, chosen
        self.entity = records.entity
        self._previewed: Summary | None = None

    @property
    def inputs(self) -> dict[str, str]:
        """How each field that is offered is entered."""
        fields = self.entity.fields.values()
        found = {f.name: mass_input_of(self.entity, f) for f in fields}
        return {name: how for name, how in found.items() if how}

    def ways(self, name: str) -> tuple[str, ...]:
        """What can be done to a field that is offered: ``set``, ``clear``, ``shift``."""
        declared = self.entity.field(name)
        clear = () if declared.mandatory else ("clear",)
        return ("set", *clear, *(("shift",) if declared.kind.is_day else ()))

    def choices(self) -> dict[str, list[str]]:
        """The values that occur, by choice field."""
        return choices(self.desk, self.entity, list(self.inputs))

    # -- looking first -----------------------------------------------------------------------

    def preview(self, steps: Iterable[object]) -> MassOutcome:
        """What some steps would do; nothing is written.

        Parameters
        ----------
        steps : ``{"field": name, "way": "set", "clear" or "shift", "value": text or None}``, as
            the browser sends them.
        """
        self._previewed = None
        found = list(steps)[: len(self.entity.fields) + 1]
        if not found or not all(self._is_possible(step) for step in found):
            return self._forged(found)
        assignments, problems = self._assignments(found)
        if problems:
            return MassOutcome("refused", problems=problems)
        part = MassUpdate(self.records, assignments)
        changeset = Changeset((part,), source=SOURCE, user=self.desk.viewer_id)
        try:
            summary = self.desk.database.summary(changeset)
        except ValidationFailed as error:
            told = {p.field: p.message for p in error.problems if p.field in assignments}
            message = "" if told else str(error)
            return MassOutcome("refused", message, {str(name): said for name, said in told.items()})
        except CrmError as error:
            return MassOutcome("failed", str(error))
        return self._look("preview", summary)

    def _look(self, kind: str, summary: Summary, message: str = "") -> MassOutcome:
        self._previewed = summary
        gone = max(0, (self.chosen or 0) - summary.records)
        return MassOutcome(kind, message, summary=summary, gone=gone)

    def _is_possible(self, step: object) -> bool:
        if not isinstance(step, dict):
            return False
        name, way, value = (step.get(key) for key in ("field", "way", "value"))
        known = isinstance(name, str) and name in self.inputs and way in self.ways(name)
        return known and (value is None or isinstance(value, str))

    def _forged(self, steps: object) -> MassOutcome:
        log.warning("refused a mass edit of %s: %.300r", self.entity.name, steps)
        return MassOutcome("failed", _("Nothing was changed: a field cannot be changed so."))

    def _assignments(self, steps: Iterable[Any]) -> tuple[dict[str, Assignment], dict[str, str]]:
        assignments: dict[str, Assignment] = {}
        problems: dict[str, str] = {}
        for step in steps:
            name = step["field"]
            try:
                if name in assignments:
                    raise InputError(_("This field is there twice."))
                assignments[name] = self._assignment(name, step["way"], step.get("value"))
            except InputError as error:
                problems[name] = problem(error)
        return assignments, problems

    def _assignment(self, name: str, way: str, value: str | None) -> Assignment:
        if way == "clear":
            return Clear()
        if way == "shift":
            return Shift(_days(value or ""))
        text = entered(self.entity.field(name), self.inputs[name], value)
        if text is None:
            raise InputError(_("Enter a value, or choose “Clear”."))
        return Set(text)

    # -- doing it ----------------------------------------------------------------------------

    def apply(self, leave_out: bool = False) -> MassOutcome:
        """Write what was previewed; a second time it has no effect.

        Parameters
        ----------
        leave_out : write the rest where some records cannot be changed.
        """
        previewed = self._previewed
        if previewed is None or (previewed.refused_number and not leave_out):
            return self._forged("without a preview")
        try:
            done = self.desk.database.apply_previewed(previewed, leave_out)
        except CrmError as error:
            return MassOutcome("failed", str(error))
        if isinstance(done, Summary):
            said = _("Somebody has changed these records since the preview. Look again.")
            return self._look("outdated", done, said)
        return MassOutcome("applied", summary=replace(previewed, samples=()), applied=done)


def _days(text: str) -> int:
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    days = int(plain) if re.fullmatch(r"[+-]?\d{1,7}", plain, re.ASCII) else 0
    if not days:
        raise InputError(_("Give a number of days, such as 7 or -7."))
    if abs(days) >= FARTHEST:
        raise InputError(_("That is too many days."))
    return days
