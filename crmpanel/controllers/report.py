"""Report: the records of a list, grouped and summed."""

from __future__ import annotations

from typing import Any

import param

from crmpanel.controllers.record_list import RecordList
from crmpanel.errors import UnknownName
from crmpanel.locale import _
from crmpanel.model.entity import Field, Measure
from crmpanel.model.kinds import (
    ACTION,
    BOOLEAN,
    CHOICE,
    DATE,
    DATETIME,
    ENTITY_NAME,
    FIELD_NAME,
    REFERENCE,
)
from crmpanel.query.query import Query

#: Kinds that records can sensibly be grouped by.
GROUPED_KINDS = (ACTION, CHOICE, REFERENCE, DATE, DATETIME, BOOLEAN, ENTITY_NAME, FIELD_NAME)


class Report(param.Parameterized):
    """Records grouped by a dimension.

    Parameters
    ----------
    records : the list that is reported on; its scope and filters apply.
    """

    dimension = param.String(doc="Name of the field that records are grouped by; dates by month.")
    measure = param.String(doc="Name of the number computed for each group.")

    def __init__(self, records: RecordList, **params: Any) -> None:
        self.records, self.entity = records, records.entity
        params.setdefault("dimension", self._default_dimension)
        params.setdefault("measure", self.entity.measures[0].name)
        super().__init__(**params)

    @property
    def dimensions(self) -> list[Field]:
        """The fields that records can be grouped by."""
        fixed = {name for condition in self.records.scope for name in condition.fields}
        return [
            field
            for field in self.entity.fields.values()
            if field.group and field.name not in fixed and self._groups(field)
        ]

    def _groups(self, field: Field) -> bool:
        declared = field.name == self.entity.group_by and field.kind.is_text
        return declared or field.kind in GROUPED_KINDS

    @property
    def _default_dimension(self) -> str:
        names = [field.name for field in self.dimensions]
        return self.entity.group_by if self.entity.group_by in names else names[0]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The numbers that can be computed."""
        return self.entity.measures

    def label(self, measure: Measure) -> str:
        """What a measure is called."""
        field = self.entity.fields.get(measure.field or "")
        if field is not None and field.custom and measure.function == "avg":
            return _("Average of {field}", field=_(measure.label))
        return _(measure.label)

    @property
    def chosen_measure(self) -> Measure:
        """The measure that is shown."""
        return self.records.selection.measure(self.measure)

    def choose(self, dimension: str | None, measure: str | None) -> None:
        """Choose both by name, None being the default; raises `UnknownName`."""
        dimensions = [f.name for f in self.dimensions]
        measures = [m.name for m in self.measures]
        if dimension is not None and dimension not in dimensions:
            raise UnknownName("dimension", dimension, dimensions)
        if measure is not None and measure not in measures:
            raise UnknownName("measure", measure, measures)
        self.param.update(
            dimension=dimension or self._default_dimension,
            measure=measure or measures[0],
        )

    @property
    def query(self) -> Query:
        """The grouped query."""
        return self.records.selection.grouped(self.dimension, self.measure)

    @property
    def sql(self) -> str:
        """The grouped query as SQL that can be run anywhere."""
        return self.query.text

    def rows(self) -> list[dict[str, Any]]:
        """Groups: ``value, title, currency, records, measure``."""
        return self.records.desk.database.records(self.query)

    def df(self) -> Any:
        """The groups as a pandas DataFrame."""
        return self.records.desk.database.frame(self.query)
