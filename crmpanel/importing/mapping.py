"""Mapping: how the tables of an export become entities. Data only; see docs/importing.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

#: What may happen to a record one of whose values cannot be understood.
POLICIES = ("empty", "reject", "fail")
TRANSFORMS = ("domain",)
AGGREGATES = ("sum", "min", "max")
#: Stands for every status that is not named.
ANY = "*"


@dataclass(frozen=True)
class Column:
    """A column of the source; of the entity's own table unless `table` names a joined one."""

    name: str
    table: str = ""

    def __str__(self) -> str:
        return f"{self.table}.{self.name}" if self.table else self.name


@dataclass(frozen=True)
class Taken:
    """The first of `columns` that holds something.

    Parameters
    ----------
    columns : tried in order.
    format : a strptime format of dates; ISO 8601 where empty.
    scale : what numbers are multiplied with, e.g. 100 for a share that is to be a percentage.
    prefix : put before the text.
    transform : ``domain`` takes the host out of a web address.
    aggregate : where rows are grouped, how several values become one; else the first is taken.
    """

    columns: tuple[Column, ...]
    format: str = ""
    scale: float | None = None
    prefix: str = ""
    transform: str = ""
    aggregate: str = ""


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
    """The product of the columns, less a share: price × quantity × (1 − discount)."""

    columns: tuple[Column, ...]
    less: Column | None = None


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
    """

    column: Column
    via: str = ""


Value = Taken | Concatenated | Constant | Chosen | Multiplied | OfChildren


@dataclass(frozen=True)
class Join:
    """A table whose columns are wanted too: its `key` equals the column `on`."""

    table: str
    on: Column
    key: str


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
    skip : rows that are left out, ``{"IsDeleted": ("1", "true")}``.
    required : without this table there is nothing to import.
    group : rows with the same key are one record; otherwise only the first is loaded.
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

    @property
    def label(self) -> str:
        """What the source is called in messages."""
        return f"{self.entity} from {self.table}"

    def columns(self) -> Iterator[Column]:
        """Every column that is read, some of them twice."""
        yield from self.key
        yield from (Column(name) for name in self.skip)
        for join in self.joins:
            yield join.on
            yield Column(join.key, join.table)
        for value in self.fields.values():
            yield from columns_of(value)
        for routes in self.links.values():
            yield from (route.column for route in routes)


def columns_of(value: Value) -> tuple[Column, ...]:
    """The columns that a value is made from."""
    match value:
        case Taken(columns=columns) | Concatenated(columns=columns):
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
    currency: str = ""
    on_bad_value: str = "empty"
    stand_ins: dict[str, str] = field(default_factory=dict)
    roles: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def entities(self) -> tuple[str, ...]:
        """Names of the entities it makes, in the order in which they are linked."""
        fed = [source.entity for source in self.sources]
        return tuple(dict.fromkeys([*(e for e in self.stand_ins if e not in fed), *fed]))
