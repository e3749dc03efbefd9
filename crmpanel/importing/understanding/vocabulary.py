"""The vocabulary: what people and systems call entities, fields, links and statuses.

Data, one file for each language, and one for the names that systems use inside.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache, cached_property
from importlib import resources
from typing import Any, NamedTuple

from crmpanel.importing.understanding.words import compact, folded, respelt, singulars

#: What stands for something else before the name of a field: how well the rest still fits.
QUALIFIERS = {
    "primary": 0.97, "main": 0.97, "work": 0.95, "business": 0.95, "default": 0.95, "office": 0.93,
    "billing": 0.92, "mailing": 0.92, "bill": 0.9, "invoice": 0.85, "address1": 0.95, "hs": 0.95,
    "postal": 0.93, "visiting": 0.88, "head": 0.85, "company": 0.93, "physical": 0.85, "hq": 0.9,
    "delivery": 0.72, "shipping": 0.7, "ship": 0.7, "home": 0.68, "private": 0.65, "other": 0.62,
    "secondary": 0.6, "alternate": 0.6, "address2": 0.55, "legal": 0.9, "official": 0.9,
    "base": 0.6, "forretnings": 0.9, "besoks": 0.88, "faktura": 0.85, "hoved": 0.93, "post": 0.9,
    "haupt": 0.93, "liefer": 0.72, "rechnungs": 0.85, "current": 0.9, "expected": 0.85,
    "estimated": 0.88, "est": 0.88, "actual": 0.8, "total": 0.85, "customer": 0.86, "cf": 0.9,
    "contact": 0.9, "client": 0.86, "address": 0.95, "name": 0.93, "emails": 0.95, "phones": 0.95,
    "amount": 0.93, "sales": 0.86,
    "gesch": 0.88, "geschatzter": 0.88, "geschatztes": 0.88, "tats": 0.8, "erwartetes": 0.85,
    "voraussichtliches": 0.88, "beraknad": 0.88, "beraknat": 0.88, "uppsk": 0.88, "beregnet": 0.88,
    "anslaet": 0.88, "forventet": 0.85, "forvantat": 0.85, "rechnungsanschrift": 0.92,
    "postanschrift": 0.92, "lieferanschrift": 0.7, "versandanschrift": 0.7, "adresse": 0.95,
    "the": 0.97, "record": 0.9, "txt": 0.95, "dt": 0.95,
}  # fmt: skip
#: The same after the name of a field: `Phone (work)`, `E-mail 1 - Value`, `Amount excl. VAT`.
AFTER = {
    **{w: QUALIFIERS[w] for w in (
        "primary", "main", "work", "business", "default", "office", "home", "private", "other",
        "secondary", "total", "company", "customer", "billing", "shipping",
    )},
    "1": 0.97, "value": 0.95, "address": 0.9, "formatted": 0.96, "2": 0.6, "percent": 0.95,
    "text": 0.9, "url": 0.95, "txt": 0.95, "of": 0.95,
    "excl": 0.93, "ex": 0.93, "eks": 0.93, "exkl": 0.93, "excluding": 0.93, "without": 0.93,
    "incl": 0.85, "inkl": 0.85, "vat": 0.93, "mva": 0.93, "moms": 0.93, "mwst": 0.93, "tax": 0.93,
    "eur": 0.93, "usd": 0.93, "gbp": 0.93, "nok": 0.93, "sek": 0.93, "dkk": 0.93, "chf": 0.93,
    "kr": 0.93, "lcy": 0.93, "arbeid": 0.95, "arbete": 0.95, "arbejde": 0.95, "privat": 0.65,
    "geschaftlich": 0.95,
}  # fmt: skip


class Code(NamedTuple):
    """What the codes in a column mean, where other columns stand beside it: compact names."""

    entity: str
    column: str
    beside: tuple[str, ...]
    texts: dict[str, str]


class Vocabulary:
    """All languages together, by compact name."""

    def __init__(self, files: Iterable[dict[str, Any]]) -> None:
        self._files = list(files)

    def _gather(self, part: str) -> dict[str, dict[str, None]]:
        found: dict[str, dict[str, None]] = {}
        for file in self._files:
            for name, phrases in file.get(part, {}).items():
                found.setdefault(name, {}).update(dict.fromkeys(map(compact, phrases)))
        return found

    @cached_property
    def tables(self) -> dict[str, dict[str, None]]:
        """By entity, what its tables are called."""
        return self._gather("tables")

    @cached_property
    def others(self) -> dict[str, dict[str, None]]:
        """The same of tables that no entity is made of."""
        return self._gather("others")

    @cached_property
    def references(self) -> dict[str, dict[str, None]]:
        """By what is referred to, what a column that does so is called."""
        return self._gather("references")

    @cached_property
    def columns(self) -> dict[str, dict[str, dict[str, int]]]:
        """By entity and field, what its columns are called, with the place in the list."""
        found: dict[str, dict[str, dict[str, int]]] = {}
        for file in self._files:
            for entity, fields in file.get("columns", {}).items():
                for field, phrases in fields.items():
                    known = found.setdefault(entity, {}).setdefault(field, {})
                    for place, phrase in enumerate(phrases):
                        known[compact(phrase)] = min(place, known.get(compact(phrase), place))
        return found

    @cached_property
    def codes(self) -> tuple[Code, ...]:
        """Codes that systems always use."""
        return tuple(
            Code(c["entity"], compact(c["column"]), tuple(map(compact, c["beside"])), c["texts"])
            for file in self._files
            for c in file.get("codes", ())
        )

    @cached_property
    def phrases(self) -> dict[str, int]:
        """By compact name, for how many entities it is the name of a field."""
        found: dict[str, int] = {}
        for fields in self.columns.values():
            for phrase in {p for known in fields.values() for p in known}:
                found[phrase] = found.get(phrase, 0) + 1
        return found

    @cached_property
    def words(self) -> dict[str, frozenset[str]]:
        """Small sets of words, compact."""
        return {name: frozenset(found) for name, found in self._gather("words").items()}

    @cached_property
    def truths(self) -> dict[str, frozenset[str]]:
        """``yes`` and ``no`` as they are written, in small letters."""
        return {
            name: frozenset(w.lower() for file in self._files for w in file["words"].get(name, ()))
            for name in ("yes", "no")
        }

    @cached_property
    def unset(self) -> tuple[str, ...]:
        """Texts that mean "nothing", as they are written."""
        return tuple(dict.fromkeys(t for f in self._files for t in f["words"].get("unset", ())))

    @cached_property
    def roles(self) -> dict[str, dict[str, str]]:
        """By role, what statuses are called: folded, with single spaces."""
        found: dict[str, dict[str, str]] = {}
        for file in self._files:
            for role, phrases in file.get("roles", {}).items():
                found.setdefault(role, {}).update((folded(p), p) for p in phrases)
        return found

    def entity(self, name: str) -> tuple[str, float]:
        """The entity, or other thing, that a table of this name holds, and how sure that is."""
        whole = compact(name)
        for text in dict.fromkeys((*singulars(whole), *singulars(respelt(whole)))):
            for group in (self.tables, self.others):
                for entity, phrases in group.items():
                    if text in phrases:
                        return entity, 1.0
        return "", 0.0


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary that ships with crmpanel."""
    folder = resources.files("crmpanel.importing.understanding").joinpath("vocabulary")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return Vocabulary(tomllib.loads(file.read_text("utf-8")) for file in files)
