"""Draft: the form of one new record, derived from its declaration, and what was entered in it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from crmpanel.controllers.desk import USERS, Desk
from crmpanel.controllers.duplicates import Duplicate, duplicates
from crmpanel.controllers.inputs import entered, input_of, problem
from crmpanel.controllers.plausible import implausible
from crmpanel.controllers.prefilled import prefilled
from crmpanel.controllers.referring import misplaced, referable
from crmpanel.errors import InputError
from crmpanel.locale import _
from crmpanel.model.changeset import NewRecord
from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import CHOICE, REFERENCE, TEXT
from crmpanel.query.lookup import occurring

#: How a reference to a record is entered, which is found as one types.
RECORD = "record"
#: Values that occur, offered for one field.
OFFERED = 200
#: Columns of lists that a form of several records shows of each.
BRIEF = 5
#: Characters of a text that a record is looked for with.
LONGEST = 200

#: An id or other value, or what stands for a record that is still to be made.
Given = Mapping[str, int | str | NewRecord]


def can_create(entity: Entity) -> bool:
    """Whether records of an entity are made by hand: the log is not, and users are set up."""
    if entity.about or entity.organisation is None:
        return False
    return all(input_of(entity, entity.field(n)) for n in (entity.title, *entity.title_from))


class Draft:
    """A new record of an entity.

    Parameters
    ----------
    desk : database and viewer.
    entity : name or plural.
    given : values that are known from where the record is made, and are not asked for.
    """

    def __init__(self, desk: Desk, entity: str, given: Given | None = None) -> None:
        self.desk, self.entity = desk, desk.registry[entity]
        if not can_create(self.entity):
            raise InputError(f"{self.entity.label_plural} cannot be made by hand.")
        self.given = dict(given or {})

    # -- what is asked -----------------------------------------------------------------------

    @cached_property
    def inputs(self) -> dict[str, str]:
        """How each field that is asked for is entered, in order."""
        composed = self.entity.title if self.entity.title_from else None
        found = {}
        for field in self.entity.fields.values():
            if field.name not in self.given and field.name != composed:
                how = self._input(field)
                if how:
                    found[field.name] = "choice" if self._recurs(field) else how
        return found

    def _input(self, field: Field) -> str | None:
        if field.kind is REFERENCE and field.target != USERS:
            return RECORD if field.group and not field.is_read_only else None
        return input_of(self.entity, field)

    def _recurs(self, field: Field) -> bool:
        """Whether records share its values: those that occur are offered."""
        return field.kind is CHOICE or (field.kind is TEXT and field.name == self.entity.group_by)

    @cached_property
    def needed(self) -> frozenset[str]:
        """Fields without which the record cannot be made."""
        parts = self.entity.title_from
        names = {name for name in self.inputs if self.entity.field(name).mandatory}
        return frozenset(names | {*parts[:1], *parts[-1:]})

    @cached_property
    def first(self) -> frozenset[str]:
        """Fields that are shown at once: what is needed, plays a part, or is a column of lists."""
        entity = self.entity
        parts = (entity.title, *entity.title_from, entity.date, entity.due, entity.status)
        amount = (entity.amount, self._currency_of(entity.amount)) if entity.amount else ()
        shown = {*self.needed, *parts, *amount, *entity.responsible[:1], *entity.columns}
        return frozenset(name for name in self.inputs if name in shown)

    def _currency_of(self, name: str) -> str | None:
        return self.entity.field(name).currency

    @cached_property
    def brief(self) -> frozenset[str]:
        """Fewer, for a form of several records: what is needed, and the first columns of lists."""
        shown = {*self.needed, self.entity.title, *self.entity.columns[:BRIEF]}
        return frozenset(name for name in self.inputs if name in shown)

    # -- what is offered ---------------------------------------------------------------------

    @cached_property
    def _occurring(self) -> dict[str, list[str]]:
        """Values that are offered by field, those that occur most often first."""
        names = [name for name, how in self.inputs.items() if how == "choice"]
        found: dict[str, list[str]] = {name: [] for name in names}
        if names:
            for name, value in self.desk.database.rows(occurring(self.entity, names, OFFERED)):
                found[name].append(value)
        return found

    def choices(self) -> dict[str, list[str]]:
        """The values that are offered, by field; of the status also those whose role is known."""
        offered = {n: sorted(values, key=str.casefold) for n, values in self._occurring.items()}
        if self.entity.status in offered:
            known = self.desk.database.status_roles(self.entity.name)
            offered[self.entity.status] = list(
                dict.fromkeys((*known, *offered[self.entity.status]))
            )
        return offered

    @cached_property
    def defaults(self) -> dict[str, str]:
        """What the form is filled in with."""
        found = prefilled(self.desk, self.entity, self._occurring, self.given)
        return {name: value for name, value in found.items() if value and name in self.inputs}

    # -- references --------------------------------------------------------------------------

    def find(self, name: object, text: object, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Records that a reference can lead to, as one types: ``id``, ``title`` and ``subtitle``.

        Parameters
        ----------
        values : what has been entered so far; the organisation in it narrows what is found.
        """
        if not isinstance(name, str) or self.inputs.get(name) != RECORD:
            return []
        target = self.desk.registry[str(self.entity.field(name).target)]
        typed = text.strip()[:LONGEST] if isinstance(text, str) else ""
        return referable(self.desk, target, typed, self.organisation(values))

    def organisation(self, values: Mapping[str, Any]) -> int | None:
        """Id of the organisation that the record is given to, or that was entered."""
        name = str(self.entity.organisation)
        id = self.given.get(name, values.get(name))
        text = str(id) if isinstance(id, int | str) else ""
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None

    # -- records that look the same ----------------------------------------------------------

    @cached_property
    def watched(self) -> frozenset[str]:
        """Fields by which it is known whether the record is there already."""
        entity = self.entity
        names = {name for likeness in entity.likenesses for name in likeness.fields}
        parts = entity.title_from if entity.title in names else ()
        return frozenset(self.inputs.keys() & {*names, *parts})

    def alike(self, values: Mapping[str, Any]) -> list[Duplicate]:
        """Records like the one that is being entered, best first."""
        entered = {name: text for name, text in values.items() if isinstance(text, str)}
        known = {name: id for name, id in self.given.items() if isinstance(id, int)}
        whole = {**entered, **self.composed(entered), **known}
        return duplicates(self.desk, self.entity.name, whole)

    # -- what was entered --------------------------------------------------------------------

    def is_used(self, values: Mapping[str, Any]) -> bool:
        """Whether anything was entered beyond what the form was filled in with."""
        return any(
            (value or "") != self.defaults.get(name, "")
            for name, value in values.items()
            if name in self.inputs
        )

    def entered(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """The record as it can be created, and what is wrong, by field.

        Parameters
        ----------
        values : text by field; what is not asked for is left out.
        """
        record: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for name, how in self.inputs.items():
            try:
                value = self._entered(name, how, values.get(name))
                if value is not None:
                    record[name] = value
            except InputError as error:
                problems[name] = problem(error)
        organisation = self.organisation(record)
        for name in [n for n in record if self.inputs[n] == RECORD]:
            target = self.desk.registry[str(self.entity.field(name).target)]
            wrong = misplaced(self.desk, target, int(record[name]), organisation)
            if wrong:
                problems.setdefault(name, wrong)
        problems = {**implausible(self.entity, record, record), **problems}
        return {**self.composed(record), **self.given, **record}, problems

    def _entered(self, name: str, how: str, text: Any) -> str | None:
        field = self.entity.field(name)
        if text is not None and not isinstance(text, str):
            raise InputError(_("{field} cannot be entered so.", field=_(field.label)))
        if name in self.needed and not (text or "").strip():
            raise InputError(_("{field} is missing.", field=_(field.label)))
        return entered(field, how, text)

    def composed(self, record: Mapping[str, Any]) -> dict[str, str]:
        """The title, from the parts that make it up."""
        parts = [str(record[name]) for name in self.entity.title_from if record.get(name)]
        return {self.entity.title: " ".join(parts)} if parts else {}
