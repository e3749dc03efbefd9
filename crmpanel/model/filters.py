"""Condition and FilterSet: what a list is narrowed to, independent of SQL and of widgets."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from crmpanel.errors import FilterError
from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import TEXT
from crmpanel.model.operators import operator
from crmpanel.model.period import MOMENTS, days


@dataclass(frozen=True)
class Condition:
    """One comparison, true if it holds for any of `fields`.

    Parameters
    ----------
    fields : names of fields of the entity.
    operator : key of an operator that the kind of each field allows.
    values : as many as the operator takes; in a list of values None means "blank".
    """

    fields: tuple[str, ...]
    operator: str
    values: tuple[Any, ...] = ()

    def check(self, entity: Entity) -> None:
        """Raise `UnknownName` or `FilterError` unless this condition makes sense for `entity`."""
        chosen = operator(self.operator)
        if not self.fields:
            raise FilterError("A condition names at least one field.")
        for name in self.fields:
            self._check_field(entity, entity.field(name))
        if len(self.values) != chosen.arity and (chosen.arity >= 0 or not self.values):
            takes = chosen.arity if chosen.arity >= 0 else "at least one"
            raise FilterError(f"{chosen.key!r} takes {takes} values, not {len(self.values)}.")

    def _check_field(self, entity: Entity, field: Field) -> None:
        if self.operator not in field.kind.operators:
            raise FilterError(
                f"{field.label} cannot be compared with {self.operator!r}.",
                "",
                f"A {field.kind.name} field allows: {', '.join(field.kind.operators)}.",
            )
        if self.operator == "open" and field.name != entity.status:
            raise FilterError(f"{field.label} is not the status of {entity.name}: it is not open.")
        for value in self.values:
            if value is not None:
                field.kind.check(value)
            elif self.operator != "in":
                raise FilterError(
                    f"Nothing can be compared with {self.operator!r}.", "", "Use 'blank' instead."
                )
            if operator(self.operator).folds:
                check_search(value)


def check_search(text: str) -> None:
    """Raise `FilterError` unless `text` can be searched for."""
    TEXT.check(text)
    if "\0" in text:
        raise FilterError(
            "The text has a NUL, which cannot be searched for.", "", "Remove that character."
        )


def is_searchable(text: str) -> bool:
    """Whether `text` can be searched for."""
    try:
        check_search(text)
    except FilterError:
        return False
    return True


@dataclass(frozen=True)
class FilterSet:
    """What a list is narrowed to; empty means everything.

    Parameters
    ----------
    search : text that some searched field must contain; case and accents do not matter.
    responsible : ids of users, any of whom is responsible; None stands for nobody.
    status : statuses, any of which applies; None stands for a blank status.
    kind : values of the entity's `kind`, likewise.
    period : a key of `crmpanel.model.period.PERIODS`, or a range of days; ``""`` is all time.
    conditions : any further conditions.
    """

    search: str = ""
    responsible: tuple[int | None, ...] = ()
    status: tuple[str | None, ...] = ()
    period: str = ""
    kind: tuple[str | None, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def without(self, part: str) -> FilterSet:
        """The same filters less one part, e.g. to count the choices of that part."""
        return replace(self, **{part: type(getattr(self, part))()})

    def all_conditions(self, entity: Entity, today: dt.date) -> tuple[Condition, ...]:
        """Every part but the search as conditions on `entity`.

        Raises
        ------
        FilterError : the entity has no such part, or the period is none.
        """
        found = [
            self._chosen(entity, "responsible", entity.responsible, self.responsible),
            self._chosen(entity, "status", (entity.status,), self.status),
            self._chosen(entity, "kind", (entity.kind,), self.kind),
            self._dated(entity, today),
        ]
        conditions = (*filter(None, found), *self.conditions)
        for condition in conditions:
            condition.check(entity)
        return conditions

    @staticmethod
    def _chosen(
        entity: Entity, part: str, fields: tuple[str | None, ...], values: tuple[Any, ...]
    ) -> Condition | None:
        if not values:
            return None
        names = tuple(name for name in fields if name)
        if not names:
            raise FilterError(f"{entity.label_plural} have no {part} to filter on.")
        return Condition(names, "in", values)

    def _dated(self, entity: Entity, today: dt.date) -> Condition | None:
        if not self.period:
            return None
        if not entity.date:
            raise FilterError(f"{entity.label_plural} have no date to filter on.")
        if self.period == "overdue" and not entity.due:
            raise FilterError(f"{entity.label_plural} cannot be overdue.")
        if self.period in MOMENTS:
            return Condition((entity.due or entity.date,), self.period)
        span = days(self.period, today)
        if span.start and span.end:
            return Condition((entity.date,), "between", (span.start, span.end))
        if span.start:
            return Condition((entity.date,), "on_or_after", (span.start,))
        if span.end:
            return Condition((entity.date,), "before", (span.end,))
        return Condition((entity.date,), "not_blank")

    def __bool__(self) -> bool:
        return replace(self, search=self.search.strip()) != FilterSet()
