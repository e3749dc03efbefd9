"""What a database declares itself: fields and entities beside those of the code."""

from __future__ import annotations

import dataclasses
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from crmpanel.errors import InputError
from crmpanel.model.entity import ID, OTHER, SYSTEM, SYSTEM_FIELDS, Entity, Field, Measure
from crmpanel.model.kinds import (
    ACTION,
    ENTITY_NAME,
    FIELD_NAME,
    KINDS,
    LOGGED_VALUE,
    REFERENCE,
    TEMPLATE,
)
from crmpanel.model.likeness import Likeness

#: Kinds that only fields of the code can have: the code knows what their values mean.
_OF_CODE = (ACTION, ENTITY_NAME, FIELD_NAME, LOGGED_VALUE, TEMPLATE)
CUSTOM_KINDS = {name: kind for name, kind in KINDS.items() if kind not in _OF_CODE}
#: Names that no field which a database declares can have.
RESERVED = tuple(field.name for field in (ID, *SYSTEM_FIELDS))
#: Parts of an entity that only the code declares.
_CODED = ("listed", "about", "becomes", "shipped")
LONGEST_NAME = 50
#: Letters that are no letter with a sign on it.
_LETTERS = {
    ord(letter): plain
    for letter, plain in zip(
        "æÆøØßðþłŁ", ("ae", "Ae", "o", "O", "ss", "d", "th", "l", "L"), strict=True
    )
}


def snake(text: str, otherwise: str = "field") -> str:
    """A name made from what a person calls something.

    >>> snake("NPS-score (2026)"), snake("Årlig omsætning"), snake("3D?"), snake("顧客")
    ('nps_score_2026', 'arlig_omsaetning', 'field_3d', 'field')
    """
    plain = text.translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:LONGEST_NAME].strip("_")
    if not words:
        return otherwise
    return words if words[0].isalpha() else f"{otherwise}_{words}"


def free_name(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or that with the first number that makes it no name of `taken`.

    >>> free_name("nps", ["nps", "nps_2"]), free_name("owner_id", ["owner"])
    ('nps_3', 'owner_2_id')
    """
    stem = wanted.removesuffix("_id")
    ending = wanted[len(stem) :]
    name, number = wanted, 2
    while name in taken or name.removesuffix("_id") in taken:
        name, number = f"{stem}_{number}{ending}", number + 1
    return name


def free_label(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or that with the first number that makes it no label of `taken`, in any case.

    >>> free_label("NAME", ["Name", "Name 2"]), free_label("Owner", ["Name"])
    ('NAME 3', 'Owner')
    """
    known, label, number = {text.casefold() for text in taken}, wanted, 2
    while label.casefold() in known:
        label, number = f"{wanted} {number}", number + 1
    return label


def labels(entity: Entity) -> set[str]:
    """What the fields of an entity are called for people."""
    return {field.label for field in entity.fields.values()}


def columns(entity: Entity) -> set[str]:
    """Names that a further field cannot have: of fields, and of titles of what is referred to."""
    return {*entity.fields, *(f.name.removesuffix("_id") for f in entity.references)}


def custom(field: Field, group: str = OTHER) -> Field:
    """A field as a database declares it.

    Parameters
    ----------
    group : the heading it has unless it names one itself.

    Raises
    ------
    InputError : only the code can declare it: by its kind, or by its name.
    """
    if field.kind.name not in CUSTOM_KINDS:
        raise InputError(
            f"A database cannot declare a {field.kind.name} field.",
            "",
            f"Choose one of {', '.join(CUSTOM_KINDS)}.",
        )
    if field.name in RESERVED:
        raise InputError(
            f"A field cannot be called {field.name}.",
            "Every entity has one of that name.",
            "Give it another name.",
        )
    if field.kind is REFERENCE and not field.name.endswith("_id"):
        raise InputError(f"The name of a reference ends in _id, which {field.name} does not.")
    own = group if field.group in ("General", SYSTEM) else field.group
    return dataclasses.replace(field, custom=True, group=own)


def is_same(one: Field, other: Field) -> bool:
    """Whether the values of one field can stay where they are as values of another."""
    custom = one.kind.name in CUSTOM_KINDS and other.kind.name in CUSTOM_KINDS
    return custom and one.kind.sql == other.kind.sql and one.target == other.target


# -- as text ---------------------------------------------------------------------------------------


def as_text(declared: Field | Entity) -> str:
    """The parts of a declaration that are not as they are by default, as JSON."""
    parts = {}
    for part in dataclasses.fields(declared):
        value = getattr(declared, part.name)
        if part.name not in ("name", "own_fields", "custom") and value != part.default:
            parts[part.name] = value
    return json.dumps(parts, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    return dataclasses.asdict(value) if isinstance(value, Measure | Likeness) else value.name


def field_of(name: str, text: str) -> Field:
    """The field that `as_text` wrote."""
    parts = _known(Field, text)
    return Field(name=name, **{**parts, "kind": CUSTOM_KINDS[parts["kind"]], "custom": True})


def entity_of(name: str, text: str, fields: Iterable[Field]) -> Entity:
    """The entity that `as_text` wrote, with its own fields."""
    parts = {part: _tuples(value) for part, value in _known(Entity, text).items()}
    for part, kind in (("measures", Measure), ("likenesses", Likeness)):
        if part in parts:
            made = ({key: _tuples(v) for key, v in one.items()} for one in parts[part])
            parts[part] = tuple(kind(**one) for one in made)
    left = {part: value for part, value in parts.items() if part not in _CODED}
    return Entity(name=name, own_fields=tuple(fields), **{**left, "custom": True})


def _known(kind: type, text: str) -> dict[str, Any]:
    names = {part.name for part in dataclasses.fields(kind)}
    return {name: value for name, value in json.loads(text).items() if name in names}


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def renamed_within(entity: Entity, names: Mapping[str, str]) -> Entity:
    """The same entity with some of its own fields called otherwise."""

    def other(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(other, value))
        if isinstance(value, Measure):
            return dataclasses.replace(value, field=other(value.field))
        if isinstance(value, Likeness):
            return dataclasses.replace(value, fields=other(value.fields))
        if isinstance(value, Field):
            called, money = other(value.name), other(value.currency)
            return dataclasses.replace(value, name=called, currency=money)
        return names.get(value, value) if isinstance(value, str) else value

    apart = ("name", "plural", "label", "label_plural", "status_roles", "icon", "origin")
    parts = {
        part.name: other(getattr(entity, part.name))
        for part in dataclasses.fields(entity)
        if part.name not in apart
    }
    return dataclasses.replace(entity, **parts)
