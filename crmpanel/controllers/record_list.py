"""RecordList: the state of one list, and its rows. The same for every entity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import param

from crmpanel.controllers.creating import within
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.given import create
from crmpanel.errors import FilterError
from crmpanel.model.entity import Entity, Field
from crmpanel.model.filters import Condition, FilterSet
from crmpanel.query.query import Query
from crmpanel.query.selection import Selection, Sort

#: The parameters that narrow the list; changing one leads back to page 1.
FILTERS = ("search", "responsible", "status", "kind", "period")
#: Everything that a link to the list carries.
STATE = (*FILTERS, "sort", "columns", "page", "page_size")
PAGE_SIZES = (25, 50, 100, 200)
PAGE_SIZE = 50


class RecordList(param.Parameterized):
    """A list of records with filters, columns, order and pages.

    Parameters
    ----------
    desk : database and viewer.
    entity : what is listed, by name or plural.
    scope : conditions that the user cannot change, e.g. the organisation of the card.

    Example
    -------
    >>> activities = card.activities                                    # doctest: +SKIP
    >>> activities.status, activities.period = ["Planned"], "overdue"   # doctest: +SKIP
    >>> activities.count(), activities.df().head()                      # doctest: +SKIP
    """

    search = param.String(
        "", doc="Text that a record must contain; case and accents do not matter."
    )
    responsible = param.List([], doc="Names or ids of users; None for nobody.")
    status = param.List([], doc="Statuses; None for a blank status.")
    kind = param.List(
        [], doc="Values of the entity's `kind`, e.g. fields of the log; None for a blank one."
    )
    period = param.String(
        "",
        doc="A period such as 'overdue', 'this_month' or "
        "'2026-01-01..2026-03-31'; empty for all time.",
    )
    columns = param.List(
        ["id"], item_type=str, bounds=(1, None), doc="Names of the columns shown, in order."
    )
    sort = param.List([], item_type=str, doc="Names of columns to sort by; '-date' is descending.")
    page = param.Integer(1, bounds=(1, None), doc="Which page is shown.")
    page_size = param.Integer(PAGE_SIZE, bounds=(1, 500), doc="Rows on a page.")

    def __init__(
        self, desk: Desk, entity: str, scope: Sequence[Condition] = (), **params: Any
    ) -> None:
        self.desk, self.entity, self.scope = desk, desk.registry[entity], tuple(scope)
        self._restoring = False
        params.setdefault("columns", list(self.usual_columns))
        params.setdefault("sort", list(self.default_sort))
        super().__init__(**params)
        self.param.watch(self._back_to_first_page, [*FILTERS, "sort", "page_size"])

    def _back_to_first_page(self, *_: Any) -> None:
        if not self._restoring:
            self.page = 1

    def restore(self, **state: Any) -> None:
        """Set filters, order and page at once, where another filter alone leads back to page 1."""
        self._restoring = True
        try:
            self.param.update(**state)
        finally:
            self._restoring = False

    @property
    def organisation(self) -> int | None:
        """Id of the organisation whose records these are; None if they are not one's alone."""
        own = (self.entity.organisation,)
        found = [c.values[0] for c in self.scope if c.fields == own and c.operator == "eq"]
        return int(found[0]) if found else None

    # -- what can be chosen ------------------------------------------------------------------

    @property
    def default_columns(self) -> tuple[str, ...]:
        """The declared columns, less those that are the same in every row."""
        fixed = {name for condition in self.scope for name in condition.fields}
        columns = self.entity.columns
        if not fixed and self.entity.organisation not in (None, "id"):
            columns = (columns[0], self.entity.organisation, *columns[1:])
        return tuple(name for name in dict.fromkeys(columns) if name not in fixed)

    @property
    def usual_columns(self) -> tuple[str, ...]:
        """The columns that the viewer chose last in such a list; else the declared ones."""
        kept = self.desk.preferences.get(self._columns_key, "")
        known = [name for name in kept.split(",") if name in self.entity.fields]
        return tuple(known) or self.default_columns

    @property
    def _columns_key(self) -> str:
        """Lists of the same entity in the same kind of card share their columns."""
        within = ",".join(sorted({name for c in self.scope for name in c.fields}))
        return f"columns {self.entity.name} {within}".strip()

    def keep_columns(self) -> None:
        """Show the present columns in such lists from now on; a list of the past keeps none."""
        if self.desk.is_read_only:
            return
        chosen = tuple(self.columns)
        kept = None if chosen == self.default_columns else ",".join(chosen)
        if kept != self.desk.preferences.get(self._columns_key):
            self.desk.prefer(self._columns_key, kept)

    @property
    def default_sort(self) -> tuple[str, ...]:
        """The declared order, e.g. ``("-date",)``."""
        return tuple(f"-{name}" if descending else name for name, descending in self.entity.sort)

    @property
    def all_columns(self) -> list[Field]:
        """Every field that can be a column."""
        return [f for f in self.entity.fields.values() if f.group]

    def facet(self, part: str) -> list[tuple[Any, str | None, int]]:
        """Choices of a part: value, title, and how many records choosing it would show."""
        return self.desk.database.rows(self.selection.facet(part))

    @property
    def is_filtered(self) -> bool:
        """Whether any filter is set."""
        return bool(self.filters)

    def clear(self) -> None:
        """Remove all filters at once."""
        self.param.update(**{name: type(getattr(self, name))() for name in FILTERS})

    # -- the queries -------------------------------------------------------------------------

    @property
    def filters(self) -> FilterSet:
        """The filters as chosen now; raises `FilterError` for an unknown user."""
        users = tuple(self.desk.user_id(user) for user in self.responsible)
        return FilterSet(self.search, users, tuple(self.status), self.period, tuple(self.kind))

    @property
    def selection(self) -> Selection:
        """The records that pass the filters, as a source of queries."""
        return self.desk.selection(self.entity.name, *self.scope).narrowed(**vars(self.filters))

    @property
    def order(self) -> Sort:
        """The order as declared fields."""
        pairs = tuple((name.removeprefix("-"), name.startswith("-")) for name in self.sort)
        for name, _ in pairs:
            self.entity.field(name)
        return pairs

    @property
    def query(self) -> Query:
        """All records that pass the filters, in order, with the chosen columns."""
        return self.selection.page(self.columns, self.order)

    @property
    def sql(self) -> str:
        """That query as SQL which can be run anywhere."""
        return self.query.text

    def count(self) -> int:
        """The exact number of records that pass the filters."""
        return int(self.desk.database.scalar(self.selection.count()))

    def df(self) -> Any:
        """All records that pass the filters, as a pandas DataFrame with the chosen columns."""
        return self.desk.database.frame(self.query)

    def relation(self) -> Any:
        """The same as a lazy DuckDB relation, to be continued in SQL."""
        return self.desk.database.relation(self.query)

    def rows(self, also: Sequence[str] = ()) -> list[dict[str, Any]]:
        """The records of the present page.

        Parameters
        ----------
        also : fields that are needed beside the chosen columns.
        """
        query = self.selection.page(
            [*self.columns, *also], self.order, self.page_size, (self.page - 1) * self.page_size
        )
        return self.desk.database.records(query)

    def create(self, **values: Any) -> int:
        """Make a record that belongs to this list, e.g. linked to the card's organisation.

        Parameters
        ----------
        values : by field, references with or without ``_id``; what is not given is as the form is
            filled in: you, now, the first open status. None leaves a field blank.

        Returns
        -------
        id : of the new record.

        Raises
        ------
        ValidationFailed : it cannot be saved; lists every problem. Nothing is written.

        Example
        -------
        >>> card.activities.create(subject="Call about the offer")          # doctest: +SKIP
        """
        known = within(self.desk, self.entity.name, self.scope)
        return create(self.desk, self.entity.name, known, values)

    # -- sorting -----------------------------------------------------------------------------

    def toggle_sort(self, column: str, additive: bool = False) -> None:
        """Sort by a column: first its natural way, then the other, then no longer.

        Parameters
        ----------
        column : name of a field; raises `UnknownName`.
        additive : keep the present order and use the column to break ties.
        """
        first = self._natural(self.entity, column)
        other = column if first.startswith("-") else f"-{column}"
        following = {first: [other], other: []}
        current = next((name for name in self.sort if name in following), None)
        new = following[current] if current else [first]
        if additive:
            kept = [name for name in self.sort if name not in following]
            self.sort = [*kept, *new] or list(self.default_sort)
        else:
            self.sort = new or list(self.default_sort)

    @staticmethod
    def _natural(entity: Entity, column: str) -> str:
        """Dates and numbers are looked at from the top, names from A."""
        kind = entity.field(column).kind
        return f"-{column}" if kind.align == "end" or "before" in kind.operators else column


__all__ = ["FILTERS", "PAGE_SIZE", "PAGE_SIZES", "STATE", "FilterError", "RecordList"]
