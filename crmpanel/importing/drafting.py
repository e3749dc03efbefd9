"""Drafting: staged text becomes typed records that are not linked yet, in one scan of each table.

A draft is known by its row: the number of its source among those of the plan, then its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from crmpanel.importing.job import Job
from crmpanel.importing.mapping import Column, Constant, EntitySource, OfChildren, Taken, Value
from crmpanel.importing.origin import Origin
from crmpanel.importing.plan import Plan
from crmpanel.importing.sifting import PROBLEMS, Sieve, sift
from crmpanel.importing.values import column_type, value_sql
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal, quoted

#: The number of a row: that of its source, then its line, which has so many bits.
ROW, LINE_BITS = '"@row"', 40
STAND_IN, BAD, OUT = '"@stand-in"', '"@bad"', '"@out"'


def drafted(entity: str) -> str:
    """Name of the temporary table of records that are not linked yet, quoted."""
    return quoted(f"draft_{entity}")


def link_column(column: Column) -> str:
    """Name of the draft's column that keeps the key a link goes by, quoted."""
    return quoted(f"-> {column}")


def rows_of(number: int, row: str = ROW) -> str:
    """Condition: a draft was made of the source of that number."""
    return f"{row} BETWEEN {number << LINE_BITS} AND {(number + 1 << LINE_BITS) - 1}"


def line(row: str = ROW) -> str:
    """SQL: the line of a draft in its file."""
    return f"{row} & {(1 << LINE_BITS) - 1}"


def fields_of(plan: Plan, entity: Entity) -> dict[str, Value]:
    """The fields that get a value from any source, each with one of the ways it gets it."""
    values = {n: v for source in plan.of(entity.name) for n, v in given(plan, source).items()}
    if entity.name in plan.mapping.stand_ins:
        values.setdefault(entity.title, Constant(""))
    return values


def given(plan: Plan, source: EntitySource) -> dict[str, Value]:
    """The fields that a source gives a value, and how."""
    values = dict(source.fields)
    if plan.mapping.currency:
        for name in currencies(plan.registry[source.entity]):
            values.setdefault(name, Constant(plan.mapping.currency))
    return values


def title(job: Job, entity: Entity, row: str = "d") -> str:
    """SQL: what a draft is called."""
    named = entity.title in fields_of(job.plan, entity)
    return f"{row}.{quoted(entity.title)}::VARCHAR" if named else "NULL::VARCHAR"


def currencies(entity: Entity) -> list[str]:
    """The fields that hold the currency of an amount."""
    return list(dict.fromkeys(f.currency for f in entity.own_fields if f.currency))


def link_columns(plan: Plan, entity: str) -> list[Column]:
    """The columns that links of an entity go by, over all its sources: one of each name."""
    columns = (column for source in plan.of(entity) for column in _links(source))
    return list({link_column(column): column for column in columns}.values())


def _links(source: EntitySource) -> list[Column]:
    routes = [route for found in source.links.values() for route in found]
    return list(dict.fromkeys(route.column for route in routes))


def draft(job: Job, entity: Entity) -> None:
    """Make the draft table of an entity and fill it from all its sources.

    Raises
    ------
    ImportFailed : a value does not fit, and the mapping says to stop then.
    """
    plan = job.plan
    columns = [f"{ROW} BIGINT", f"{STAND_IN} BOOLEAN", '"source_key" VARCHAR']
    for name, value in fields_of(plan, entity).items():
        columns.append(f"{quoted(name)} {column_type(entity.field(name).kind, value)}")
    columns += [f"{link_column(column)} VARCHAR" for column in link_columns(plan, entity.name)]
    columns += [f"{BAD} {PROBLEMS}", f"{OUT} UTINYINT"]
    job.execute(f"CREATE TEMP TABLE {drafted(entity.name)} ({', '.join(columns)})")
    for number, source in enumerate(plan.sources):
        if source.entity == entity.name:
            _make(job, Draft(plan, entity, number))
    sift(job, entity.name, drafted(entity.name))


def _make(job: Job, draft: Draft) -> None:
    """Fill the draft table of an entity from one of its sources."""
    if not draft.source.group:
        job.execute(_insert(draft, f"({draft.read()})", draft.columns()))
        return
    # Rows that do not pass are no part of a group.
    rows = quoted(f"rows {draft.number}")
    job.execute(f"CREATE TEMP TABLE {rows} AS {draft.checked()}")
    sift(job, draft.entity.name, rows, is_group=True)
    job.execute(_insert(draft, rows, draft.grouped()) + ' GROUP BY "source_key"')


def _insert(draft: Draft, rows: str, columns: dict[str, str]) -> str:
    return (
        f"INSERT INTO {drafted(draft.entity.name)} ({', '.join(columns)}) "
        f"SELECT {', '.join(columns.values())} FROM {rows}"
    )


@dataclass(frozen=True)
class Draft:
    """The drafts of one source of an entity, as SQL.

    Parameters
    ----------
    plan, entity : what is made of what.
    number : of the source among those of the plan.
    where : condition on the rows that are read; all if empty.
    bare : without the fields: keys and links alone.
    """

    plan: Plan
    entity: Entity
    number: int
    where: str = ""
    bare: bool = False

    @property
    def source(self) -> EntitySource:
        """The source."""
        found = self.plan.sources[self.number]
        return replace(found, fields={}) if self.bare else found

    @property
    def _origin(self) -> Origin:
        return Origin(self.plan, self.source)

    @property
    def _sieve(self) -> Sieve:
        return Sieve(self.entity, self._origin)

    def read(self) -> str:
        """SELECT of the rows with their values, and with what the sieve looks at."""
        origin = self._origin
        columns = {ROW: f"{self.number << LINE_BITS} + {origin.line}", '"source_key"': origin.key}
        columns |= dict(self._values())
        columns |= {link_column(c): origin.ref(c) for c in _links(origin.source)}
        columns |= self._sieve.looked_at()
        return f"SELECT {', '.join(f'{sql} AS {name}' for name, sql in columns.items())} " + (
            f"FROM {origin.sql}" + (f" WHERE {self.where}" if self.where else "")
        )

    def checked(self) -> str:
        """SELECT of the rows with what is wrong with them, and whether they are left out."""
        sieve, named = self._sieve, f'{ROW}, "source_key"'
        return (
            f"SELECT {sieve.problems()} AS {BAD}, {sieve.out()} AS {OUT}, {named}, "
            f"* EXCLUDE ({named}) FROM ({self.read()})"
        )

    def columns(self) -> dict[str, str]:
        """Of rows that are read: the columns of drafts."""
        columns = {name: name for name in (ROW, '"source_key"', *self.names())}
        return {**columns, BAD: self._sieve.problems(), OUT: self._sieve.out()}

    def grouped(self) -> dict[str, str]:
        """Of a group of rows: the aggregate, or the first that holds something."""
        fields = self._origin.source.fields
        columns = {ROW: f"min({ROW})", '"source_key"': '"source_key"', OUT: "0"}
        for name in self.names():
            columns[name] = f"arg_min({name}, {ROW})"
        for field, value in fields.items():
            if isinstance(value, Taken) and value.aggregate:
                columns[quoted(field)] = f"{value.aggregate}({quoted(field)})"
        return columns

    def names(self) -> list[str]:
        """Columns with fields and with the keys of links."""
        names = [quoted(name) for name, _ in self._given()]
        return [*names, *map(link_column, _links(self._origin.source))]

    def _given(self) -> Iterator[tuple[str, Value]]:
        for name, value in given(self.plan, self._origin.source).items():
            if not (self.bare or isinstance(value, OfChildren)):
                yield name, value

    def _values(self) -> Iterator[tuple[str, str]]:
        for name, value in self._given():
            sql = value_sql(value, self.entity.field(name).kind, self._origin.ref)
            currency = self.plan.mapping.currency
            if currency and name in currencies(self.entity):
                sql = f"coalesce({sql}, {literal(currency)})"
            yield quoted(name), sql
