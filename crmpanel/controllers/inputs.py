"""How a field is entered, as its declaration says, and numbers as people write them."""

from __future__ import annotations

import re

from crmpanel.controllers.desk import USERS
from crmpanel.errors import InputError
from crmpanel.locale import _
from crmpanel.model.entity import SYSTEM, Entity, Field
from crmpanel.model.kinds import ENTITY_NAME, REFERENCE
from crmpanel.model.registry import Registry
from crmpanel.model.values import canonical, check_text

#: How a value of each kind is entered; other kinds are not entered by hand.
INPUTS = {
    "text": "text",
    "long_text": "area",
    "identifier": "text",
    "choice": "choice",
    "email": "email",
    "phone": "tel",
    "url": "url",
    "integer": "integer",
    "numeral": "integer",
    "number": "number",
    "money": "number",
    "percent": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "entity_name": "options",
    "template": "url",
}
_GROUPING = re.compile(r"(?<=\d)\s(?=\d{3}(?!\d))")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")


def input_of(entity: Entity, field: Field) -> str | None:
    """How a field is entered, by its declaration; None if it is read only on the card."""
    if field.is_read_only or not field.group or entity.about:
        return None
    return "user" if field.target == USERS else INPUTS.get(field.kind.name)


def options_of(registry: Registry, entity: Entity, field: Field) -> list[tuple[str, str]]:
    """What a field that is one of a few can be, as value and label: entities with cards."""
    if field.kind is not ENTITY_NAME:
        return []
    cards = (e for e in registry if not e.about and e.organisation and e.name != entity.name)
    return [(other.name, _(other.label)) for other in cards]


def why_read_only(field: Field) -> str:
    """Why `input_of` has nothing for a field."""
    if field.synchronised:
        return _("Comes from the ERP system; it cannot be changed here.")
    if field.group == SYSTEM:
        return _("Kept by the system; it cannot be changed.")
    if field.kind is REFERENCE:
        return _("Links to other records cannot be changed here yet.")
    return _("It cannot be changed here.")


def mass_input_of(entity: Entity, field: Field) -> str | None:
    """How a mass edit enters a field; None if it does not offer it, as `Field.mass` says."""
    is_offered = field.is_shared and field.name != entity.title
    return input_of(entity, field) if is_offered else None


def entered(field: Field, how: str, text: str | None) -> str | None:
    """What somebody entered as the log writes it; None if it is blank.

    Parameters
    ----------
    how : how it was entered, see `input_of`.

    Raises
    ------
    InputError : the field cannot have this value; `problem` says it beside the field.
    """
    plain = text if text is None or how == "area" else text.strip()
    if field.mandatory and not (plain or "").strip():
        raise InputError(_("{field} cannot be empty.", field=_(field.label)))
    if plain and how in ("number", "integer"):
        plain = number_entered(plain, whole=how == "integer")
    value = canonical(field.kind, plain)
    if value is not None:
        check_text(field.kind, value)
    return value


def problem(error: InputError) -> str:
    """What is wrong with a value, as it is told beside its field: what to do about it."""
    return error.remedy or str(error)


def number_entered(text: str, whole: bool = False) -> str:
    """A number as somebody writes it, with a decimal comma or point, as the log writes it.

    Parameters
    ----------
    whole : no decimals are meant, so nothing is taken for a decimal sign.

    Raises
    ------
    InputError : it can be read in two ways.

    >>> number_entered("1 234,5")
    '1234.5'
    """
    plain = _GROUPING.sub("", text.strip()).replace("\N{MINUS SIGN}", "-")
    if whole:
        return plain
    if _EITHER.fullmatch(plain):
        values = {"whole": re.sub("[.,]", "", plain), "decimal": plain.replace(",", ".") + "0"}
        raise InputError(_("Write {whole} or {decimal}: this could be either.", **values))
    return plain.replace(",", ".") if plain.count(",") + plain.count(".") == 1 else plain
