"""Mapping: how the tables of an export become entities. Data only; see docs/importing.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

#: What may happen to a record one of whose values cannot be understood.
POLICIES = ("empty", "reject", "fail")
TRANSFORMS = ("domain", "exported")
DECIMALS = (".", ",")
AGGREGATES = ("sum", "min", "max")
#: Dates that are numbers: seconds or milliseconds since 1970, days as a spreadsheet counts them.
SPECIAL = ("epoch", "epoch_ms", "excel")
#: Kinds that a field declared by a mapping can have.
CUSTOM_KINDS = (
    "text", "long_text", "identifier", "choice", "email", "phone", "url",
    "integer", "number", "money", "percent", "boolean", "date", "datetime",
)  # fmt: skip
#: Stands for every status that is not named.
ANY = "*"


@dataclass(frozen=True)
class Column:
    """A column of the source.

    Parameters
    ----------
    name : its name.
    table : of a joined table, the name under which it is joined; else the entity's own.
    when : it counts only in rows where these columns of its table hold one of these texts.
    unset : texts that stand for "nothing" in it, besides those of the whole mapping.
    prefix : put before its texts, where keys of several tables would be the same.
    split : the sign between several parts of one text.
    part : which of these is meant.
    """

    name: str
    table: str = ""
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unset: tuple[str, ...] = ()
    prefix: str = ""
    split: str = ""
    part: int = 1

    def __str__(self) -> str:
        name = f"{self.table}.{self.name}" if self.table else self.name
        name += "".join(f" where {other} is {' or '.join(texts)}" for other, texts in self.when)
        return f"{self.prefix}{name}"


@dataclass(frozen=True)
class Taken:
    """The first of `columns` that holds something.

    Parameters
    ----------
    columns : tried in order; one may stand for several put together.
    format : strptime formats of dates, tried in order, or one of `SPECIAL`; ISO 8601 where empty.
    scale : what numbers are multiplied with, e.g. 100 for a share that is to be a percentage.
    prefix : put before the text.
    transform : ``domain`` takes the host out of a web address; ``exported`` gives a text as it was
        before our export made it safe for spreadsheets.
    aggregate : where rows are grouped, how several values become one; else the first is taken.
    decimal : ``,`` or ``.``: the sign before the fraction of numbers, which may then have signs
        of thousands and of a currency, too; without it, plain numbers only.
    values : coded texts and what they mean; others stay as they are.
    """

    columns: tuple[Column | Concatenated, ...]
    format: tuple[str, ...] = ()
    scale: float | None = None
    prefix: str = ""
    transform: str = ""
    aggregate: str = ""
    decimal: str = ""
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Concatenated:
    """The columns that hold something, with a separator between them."""

    columns: tuple[Column, ...]
    separator: str = " "


@dataclass(frozen=True)
class Constant:
    """The same text for every record."""

    text: str


@dataclass(frozen=True)
class Chosen:
    """One of two texts: does the column hold something?"""

    column: Column
    blank: str
    filled: str


@dataclass(frozen=True)
class Multiplied:
    """The product of the columns, less a share: price × quantity × (1 − discount).

    Parameters
    ----------
    decimal : as in `Taken`.
    """

    columns: tuple[Column, ...]
    less: Column | None = None
    decimal: str = ""


@dataclass(frozen=True)
class OfChildren:
    """The ``sum``, or the ``latest`` up to now, of a field over the records linked to this one."""

    function: str
    entity: str
    field: str


@dataclass(frozen=True)
class Route:
    """One way to find the record that a reference means.

    Parameters
    ----------
    column : holds the key.
    via : the entity that the key is of, if not the one referred to: its organisation is meant.
    by : field of the record by which it is named, if not by its key; texts are compared without
        regard to case and spaces.
    anywhere : the column holds ids of records of this database, whatever they came from.
    """

    column: Column
    via: str = ""
    by: str = ""
    anywhere: bool = False


Value = Taken | Concatenated | Constant | Chosen | Multiplied | OfChildren


@dataclass(frozen=True)
class Join:
    """A table whose columns are wanted too.

    Parameters
    ----------
    table : its name.
    on : the column that names its row.
    key : the column of it that `on` equals; with a link table between, the one that this names.
    name : what it is called in the source, where a table is joined several times.
    where : only rows in which these columns hold one of these texts.
    through : the link table between.
    """

    table: str
    on: Column
    key: str
    name: str = ""
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    through: Through | None = None

    @property
    def alias(self) -> str:
        """The name by which columns refer to it."""
        return self.name or self.table


@dataclass(frozen=True)
class Through:
    """A link table: `key` equals the column that is joined on, `to` names the row wanted."""

    table: str
    key: str
    to: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Custom:
    """A column for which the entity has no field: it becomes a field of this database.

    Parameters
    ----------
    name : name of the field.
    label : what people call it.
    kind : name of its kind, one of `CUSTOM_KINDS`.
    format, decimal : how dates and numbers are written, as in `Taken`.
    """

    name: str
    label: str
    kind: str = "text"
    format: tuple[str, ...] = ()
    decimal: str = ""


@dataclass(frozen=True)
class EntitySource:
    """One table that records of one entity come from.

    Parameters
    ----------
    entity, table : from where to where.
    key : columns that name a record; their texts, joined by ``/``, become its source key.
    fields : how each field gets its value.
    links : for each reference, the ways to find its record; the first that finds one counts.
    joins : other tables.
    skip : rows that are left out, ``{"IsDeleted": ("1", "true")}``, and reported so.
    only : the rows that are meant at all, in the same form; ``""`` stands for blank.
    required : without this table there is nothing to import.
    group : rows with the same key are one record; otherwise only the first is loaded.
    custom : by column, the fields that are declared for what the entity has no field for.
    """

    entity: str
    table: str
    key: tuple[Column, ...]
    fields: dict[str, Value]
    links: dict[str, tuple[Route, ...]]
    joins: tuple[Join, ...] = ()
    skip: dict[str, tuple[str, ...]] = field(default_factory=dict)
    required: bool = False
    group: bool = False
    only: dict[str, tuple[str, ...]] = field(default_factory=dict)
    custom: dict[str, Custom] = field(default_factory=dict)

    def named(self, name: str) -> Column:
        """A column by its name in `skip`, `only` and `custom`: ``Joined.Name`` is one of a join."""
        for join in self.joins:
            if name.startswith(f"{join.alias}."):
                return Column(name.removeprefix(f"{join.alias}."), join.alias)
        return Column(name)

    def table_of(self, alias: str) -> str:
        """The table that columns call `alias`."""
        return next((j.table for j in self.joins if j.alias == alias), alias or self.table)

    @property
    def label(self) -> str:
        """What the source is called in messages."""
        return f"{self.entity} from {self.table}"

    def columns(self) -> Iterator[Column]:
        """Every column that is read, some of them twice."""
        for column in self._columns():
            yield column
            yield from (Column(name, column.table) for name, _ in column.when)

    def between(self) -> Iterator[tuple[str, str]]:
        """Tables and columns of the link tables that joins go through."""
        for link in filter(None, (join.through for join in self.joins)):
            yield from ((link.table, name) for name in (link.key, link.to))
            yield from ((link.table, name) for name, _ in link.where)

    def _columns(self) -> Iterator[Column]:
        yield from self.key
        yield from (self.named(name) for name in (*self.skip, *self.only))
        for join in self.joins:
            yield join.on
            yield Column(join.key, join.alias)
            yield from (Column(name, join.alias) for name, _ in join.where)
        for value in self.fields.values():
            yield from columns_of(value)
        for routes in self.links.values():
            yield from (route.column for route in routes)
        yield from map(self.named, self.custom)


def columns_of(value: Value) -> tuple[Column, ...]:
    """The columns that a value is made from."""
    match value:
        case Taken(columns=columns):
            parts = [c.columns if isinstance(c, Concatenated) else (c,) for c in columns]
            return tuple(column for part in parts for column in part)
        case Concatenated(columns=columns):
            return columns
        case Chosen(column=column):
            return (column,)
        case Multiplied(columns=columns, less=less):
            return (*columns, *([less] if less else []))
        case _:
            return ()


@dataclass(frozen=True)
class Mapping:
    """How one kind of export is read.

    Parameters
    ----------
    name, title : short and readable name.
    sources : tables and what they become; entities are linked in this order.
    recognise : tables and columns by which the export is recognised.
    ignored : tables that are left out on purpose, with the reason.
    unset : texts that mean "nothing".
    unset_in : more of them by table and column, where they mean so only there.
    currency : currency code of amounts that come without one.
    on_bad_value : ``empty`` (load without the value), ``reject`` (leave it out) or ``fail``.
    stand_ins : entities of which links may name records that no table holds, with their names.
    roles : what statuses mean, per entity; ``*`` for those not named.
    """

    name: str
    title: str
    sources: tuple[EntitySource, ...]
    recognise: dict[str, tuple[str, ...]]
    ignored: dict[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ("",)
    unset_in: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    currency: str = ""
    on_bad_value: str = "empty"
    stand_ins: dict[str, str] = field(default_factory=dict)
    roles: dict[str, dict[str, str]] = field(default_factory=dict)

    @cached_property
    def entities(self) -> tuple[str, ...]:
        """Names of the entities it makes, in the order in which they are linked.

        What an organisation is found through comes before what belongs to it.
        """
        fed = [source.entity for source in self.sources]
        waiting = list(dict.fromkeys([*(e for e in self.stand_ins if e not in fed), *fed]))
        through = {e: self._through(e) & {*waiting} for e in waiting}
        found: list[str] = []
        while waiting:
            # A circle, which a check refuses, is broken anywhere.
            free = [e for e in waiting if through[e] <= {*found}] or waiting
            found.append(free[0])
            waiting.remove(free[0])
        return tuple(found)

    def _through(self, entity: str) -> set[str]:
        sources = (source for source in self.sources if source.entity == entity)
        routes = (route for source in sources for found in source.links.values() for route in found)
        return {route.via for route in routes if route.via}
