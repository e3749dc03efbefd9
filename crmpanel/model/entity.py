"""Entity and Field: the declaration from which everything else is derived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as part
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crmpanel.errors import InputError, UnknownName
from crmpanel.model.declarations import ROLES, check_entity, check_name
from crmpanel.model.kinds import CHOICE, DATETIME, IDENTIFIER, NUMERAL, REFERENCE, Kind
from crmpanel.model.likeness import Likeness

if TYPE_CHECKING:
    from crmpanel.model.filters import Condition

__all__ = [
    "COUNT",
    "ID",
    "OTHER",
    "ROLES",
    "SYSTEM",
    "SYSTEM_FIELDS",
    "Entity",
    "Field",
    "Measure",
]


#: Group of the fields that nobody edits.
SYSTEM = "System"
#: Group of the fields that a database declares itself, unless it says else.
OTHER = "Other fields"


@dataclass(frozen=True)
class Field:
    """One field of an entity.

    Parameters
    ----------
    name : column name, snake case.
    kind : what the value is.
    label : English label; derived from the name if empty.
    target : for references, the name of the entity referred to.
    group : heading of the panel that shows the field on the Fields tab; ``""`` hides it there.
        What is in group `SYSTEM` is kept by the machinery and is read only.
    searchable : whether a list's search looks into it; by default as its kind says.
    currency : for money, name of the field that holds the currency code.
    synchronised : the value comes from another system and is read only here.
    mandatory : a record cannot be saved without it.
    mass : whether a mass edit offers it; by default as its kind says. The title of a record, and
        what nobody can edit, is never offered.
    check : what a new value has to look like in the record's country: ``vat`` or ``postcode``.
    default : what a new record has unless it is given something else, as text.
    fields_of : of a template, name of the field that holds the entity whose fields it can have.
    custom : it is declared by the database, not by the code.
    origin : of such a field, the column of an import that it was made for.
    format : how that column writes dates or numbers, as a mapping says it.
    """

    name: str
    kind: Kind
    label: str = ""
    target: str | None = None
    group: str = "General"
    searchable: bool | None = None
    currency: str | None = None
    synchronised: bool = False
    mandatory: bool = False
    mass: bool | None = None
    check: str = ""
    default: str = ""
    fields_of: str = ""
    custom: bool = False
    origin: str = ""
    format: str = ""

    def __post_init__(self) -> None:
        check_name("a field", self.name)
        if not self.label:
            words = self.name.removesuffix("_id").replace("_", " ")
            object.__setattr__(self, "label", words[:1].upper() + words[1:])
        if (self.kind is REFERENCE) != (self.target is not None):
            raise InputError(f"Field {self.name!r}: a reference, and only that, names its target.")

    @property
    def is_read_only(self) -> bool:
        """Whether nobody can edit it here: it comes from another system, or from the machinery."""
        return self.synchronised or self.group == SYSTEM

    @property
    def is_shared(self) -> bool:
        """Whether it makes sense to give many records the same value."""
        return self.kind.mass if self.mass is None else self.mass

    @property
    def is_searched(self) -> bool:
        """Whether a list's search looks into this field."""
        return self.kind.searchable if self.searchable is None else self.searchable


#: The field that tells since when the source of a record has it no more.
VANISHED = "vanished"
#: Fields that every stored entity has, after its own. The log is written by nobody's export: it
#: has no source, and nothing vanishes from it.
SYSTEM_FIELDS = (
    Field("source_name", CHOICE, "Imported from", group=SYSTEM, searchable=False),
    Field("source_key", IDENTIFIER, "Source key", group=SYSTEM, searchable=False),
    Field("created", DATETIME, "Created", group=SYSTEM),
    Field(VANISHED, DATETIME, "Vanished from the source", group=SYSTEM),
)
NOT_OF_LOGS = ("source_name", VANISHED)
ID = Field("id", NUMERAL, "Id", group=SYSTEM)


@dataclass(frozen=True)
class Measure:
    """A number that can be computed over a list.

    Parameters
    ----------
    name : key, unique within the entity.
    label : English label.
    function : ``count``, ``sum``, ``avg``, ``min`` or ``max``.
    field : the field computed over; none for ``count``.
    """

    name: str
    label: str
    function: str
    field: str | None = None


COUNT = Measure("count", "Number", "count")


def measures_of(field: Field) -> list[Measure]:
    """What can be computed over a field that says nothing but its kind: sum and average."""
    functions = {"percent": ("avg",), "size": ("sum",)}.get(field.kind.name, ("sum", "avg"))
    if "gt" not in field.kind.operators or field.kind is NUMERAL:
        return []
    names = {"sum": field.name, "avg": f"{field.name}_avg"}
    return [Measure(names[by], field.label, by, field.name) for by in functions]


@dataclass(frozen=True)
class Entity:
    """Something a CRM keeps records of, declared once.

    Parameters
    ----------
    name, plural : keys, singular and plural; the plural names the tab, the attribute and the URL.
    label, label_plural : English labels.
    own_fields : the fields, in the order of forms; `id` and the system fields are added.
    title : name of the field that names a record to a person.
    title_from : names of the fields that make up the title where a new record is entered, such as
        first, middle and last name; the first and the last of them are asked for.
    subtitle : name of the field shown under it where there is room.
    organisation : name of the field that tells whose record it is (the clustering key); None if
        the entity belongs to no organisation (users).
    date, responsible, status, amount : names of the fields that play these parts.
    country : name of the field that holds the country, by which new values are checked.
    kind : name of one more field that lists offer as a filter with choices.
    listed : conditions one of which a record must meet to be listed, counted and reported at all.
    due : name of the date by which open work on a record is to be done; past it, the record is
        overdue. None where nothing can be overdue.
    status_roles : what known statuses mean, ``(("Completed", "completed"),)``; a database can add
        more.
    columns : names of the columns shown by default.
    sort : default order, ``(("date", True),)`` meaning newest first.
    group_by : default dimension of its report.
    measures : numbers offered in reports; the first is the default.
    about : names of the two fields that hold entity and id of the record that a record is about
        (the log); None for all others.
    found_by : names of the fields by which a record is found as one types, the title first.
    likenesses : what two records that may be the same have in common, the strongest first.
    becomes : name of the entity that a record is turned into when it is won.
    shipped : records that there are as soon as its table is made, by field; they can be edited and
        deleted like others.
    icon : name of its picture where records of several entities stand together; see `shared.js`.
    has_card : whether lists link their records to this entity's card by name, and searching a
        list also looks at the names of the records of this entity that its records refer to.
    custom : it is declared by the database, not by the code.
    origin : of such an entity, the name of the file that it was made from.
    """

    name: str
    plural: str
    label: str
    label_plural: str
    own_fields: tuple[Field, ...]
    title: str
    columns: tuple[str, ...]
    sort: tuple[tuple[str, bool], ...]
    subtitle: str | None = None
    organisation: str | None = "organisation_id"
    date: str | None = None
    due: str | None = None
    responsible: tuple[str, ...] = ()
    status: str | None = None
    amount: str | None = None
    kind: str | None = None
    country: str | None = None
    listed: tuple[Condition, ...] = ()
    status_roles: tuple[tuple[str, str], ...] = ()
    group_by: str | None = None
    measures: tuple[Measure, ...] = (COUNT,)
    about: tuple[str, str] | None = None
    found_by: tuple[str, ...] = ()
    likenesses: tuple[Likeness, ...] = ()
    title_from: tuple[str, ...] = ()
    becomes: str | None = None
    shipped: tuple[Mapping[str, Any], ...] = part(default=(), hash=False)
    icon: str = ""
    has_card: bool = False
    custom: bool = False
    origin: str = ""

    def __post_init__(self) -> None:
        check_entity(self)

    @cached_property
    def fields(self) -> dict[str, Field]:
        """All fields by name, ``id`` first and the system fields last."""
        own = {f.name: f for f in self.own_fields}
        left_out = {*own, *(NOT_OF_LOGS if self.about else ())}
        system = {f.name: f for f in SYSTEM_FIELDS if f.name not in left_out}
        return {ID.name: ID, **own, **system}

    def with_fields(self, fields: Iterable[Field]) -> Entity:
        """The same entity with more fields of its own, after those that it has.

        What can be summed up of those that a database declares is a measure.

        Raises
        ------
        InputError : a field has the name of another, or of the column with another's title.
        """
        more = tuple(fields)
        known = {measure.name for measure in self.measures}
        found = [m for field in more if field.custom for m in measures_of(field)]
        new = tuple(measure for measure in found if measure.name not in known)
        return replace(self, own_fields=(*self.own_fields, *more), measures=(*self.measures, *new))

    def field(self, name: str) -> Field:
        """The field called `name`; raises `UnknownName`."""
        try:
            return self.fields[name]
        except (KeyError, TypeError):
            raise UnknownName(f"field of {self.name}", name, self.fields) from None

    @cached_property
    def searched(self) -> tuple[Field, ...]:
        """The fields that a list's search looks into."""
        return tuple(f for f in self.fields.values() if f.is_searched)

    def belongs_to(self, owner: Entity) -> bool:
        """Whether its records are those of a record of `owner`, and go with it when it goes."""
        if self.about or self.organisation in (None, "id") or owner.organisation != "id":
            return False
        return self.field(str(self.organisation)).target == owner.name

    @cached_property
    def references(self) -> tuple[Field, ...]:
        """The fields that refer to another entity."""
        return tuple(f for f in self.fields.values() if f.kind is REFERENCE)
