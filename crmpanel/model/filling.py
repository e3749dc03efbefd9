"""Filling: the address that a template gives for a record, or why it gives none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from crmpanel.errors import InputError
from crmpanel.model import safe
from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import EMAIL, PHONE, URL
from crmpanel.model.template import Placeholder, Template, has_dots
from crmpanel.model.values import canonical

#: Characters of an address; servers refuse longer ones.
LONGEST = 8000
#: Why there is no address: a field is blank, has too few digits, is none of what its kind says,
#: would change the path, cannot be written, or is too long.
BLANK, SHORT, UNFIT, DOTS, CHARACTER, LONG = "blank", "short", "unfit", "dots", "character", "long"

_WHOLE: dict[str, Callable[[str], str | None]] = {
    URL.name: safe.website,
    EMAIL.name: safe.email,
    PHONE.name: safe.phone,
}


@dataclass(frozen=True)
class Filled:
    """What came of it.

    Parameters
    ----------
    url : the address; empty if there is none.
    problem : why there is none.
    field : the field that is the reason.
    """

    url: str = ""
    problem: str = ""
    field: Field | None = None


class _Unfit(Exception):
    """There is no address; carries the problem and the field."""


def fill(template: Template, entity: Entity, record: Mapping[str, Any]) -> Filled:
    """The address for a record, in which no value can become anything but a value.

    Parameters
    ----------
    record : values by field; of references also the titles, under the name without ``_id``.

    Raises
    ------
    UnknownName : the entity lacks a field.
    """
    field = None
    try:
        found = [template.origin]
        for part in template.parts:
            if isinstance(part, str):
                found.append(part)
                continue
            field = part.field(entity)
            found.append(_written(template, part, field, record, "".join(found)))
    except _Unfit as unfit:
        return Filled("", str(unfit), field)
    url = "".join(found)
    if template.scheme.startswith("http") and has_dots(re.split("[?#]", url, maxsplit=1)[0]):
        return Filled("", DOTS, field)
    return Filled(url) if len(url) <= LONGEST else Filled("", LONG, field)


def _written(
    template: Template, part: Placeholder, field: Field, record: Mapping[str, Any], before: str
) -> str:
    """The value of a field as it stands in the address.

    Parameters
    ----------
    before : the address up to here.
    """
    text = _value(part, field, record)
    if not template.scheme:
        return _as(field.kind.name, text)
    if template.scheme == "tel":
        return _as(PHONE.name, text).removeprefix("tel:")
    if template.scheme == "mailto":
        if field.kind is EMAIL and before == template.origin:
            return _as(EMAIL.name, text).removeprefix("mailto:")
        text = " ".join(re.split(r"[\s\0-\x1f\x7f]+", text))
    return quote(text, safe="")


def _as(kind: str, text: str) -> str:
    """A whole address, by the rules by which values of a kind are links elsewhere."""
    address = _WHOLE[kind](text)
    if address is None:
        raise _Unfit(UNFIT)
    return address


def _value(part: Placeholder, field: Field, record: Mapping[str, Any]) -> str:
    """The value of a field as text; raises `_Unfit` if there is nothing that can be written."""
    name = field.name.removesuffix("_id") if field.target else field.name
    text = _text(field, record.get(name)).strip()
    if not text:
        raise _Unfit(BLANK)
    if part.digits:
        digits = "".join(str(unicodedata.decimal(c)) for c in text if c.isdecimal())
        if len(digits) < (part.last or 1):
            raise _Unfit(SHORT)
        text = digits[(part.first or 1) - 1 : part.last]
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise _Unfit(CHARACTER)
    return text


def _text(field: Field, value: Any) -> str:
    if field.target or isinstance(value, str):
        return str(value or "")
    try:
        text = canonical(field.kind, value) or ""
    except InputError:
        return str(value)
    return text.removesuffix(".0") if isinstance(value, float) else text


def leads_to(url: str) -> str:
    """What an address leads to, to be read before it is followed: host, mailbox or number.

    >>> leads_to("https://www.x.no:8080/?q=a"), leads_to("mailto:kari@x.no?subject=a")
    ('www.x.no:8080', 'kari@x.no')
    """
    parts = urlsplit(url)
    return parts.netloc or unquote(parts.path)
