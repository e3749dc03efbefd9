"""Names of tables and columns, cut into words: `AccountId` and `Account - ID` agree."""

from __future__ import annotations

import json
import re
import unicodedata
from contextlib import suppress
from functools import lru_cache

_FOLDED = str.maketrans(
    {"æ": "a", "ä": "a", "å": "a", "ø": "o", "ö": "o", "ü": "u", "ß": "ss", "é": "e", "è": "e"}
)
_CAMEL = re.compile(r"(?<=[a-zæøåäöü0-9])(?=[A-ZÆØÅÄÖÜ])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER = re.compile(r"[^0-9a-z]+")
_ENDS = ("ies", "es", "s", "ene", "erna", "arna", "er", "ar", "or", "en", "e", "n", "r")
#: What systems put around names of their own: `Stage__c`, `_ownerid_value`, `properties.email`.
#: `Custom field (Region)`, `Created (UTC)`.
_SHOWN = re.compile(r"@OData\.Community\.Display\.V1\.FormattedValue$", re.I)
_AROUND = re.compile(
    r"^_(.+)_value$"
    r"|^(?:_|properties[._]|attributes[._]|fields[._]|custom\.|custom field \()"
    r"|(?:__c|__pc|[ _]\(?(?:utc|gmt)\)?|\))$",
    re.I,
)


@lru_cache(maxsize=100_000)
def words(name: str) -> tuple[str, ...]:
    """The words of a name, in small letters and without accents."""
    name = _SHOWN.sub("", unicodedata.normalize("NFKC", name).strip())
    name = _AROUND.sub(r"\1", name)
    cut = _CAMEL.sub(" ", name.replace("'", ""))
    return tuple(filter(None, _OTHER.split(folded(cut).replace("$", " "))))


def folded(text: str) -> str:
    """Small letters without accents: what differs only so is the same word."""
    return text.lower().translate(_FOLDED)


def respelt(text: str) -> str:
    """Folded text, its letters with marks once written as two: ``aktivitaet``, ``kjoeper``."""
    for two, one in (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a")):
        text = text.replace(two, one)
    return text


_TRANSLATED = re.compile(r'\{"[a-z]{2}([_-][A-Z]{2})?": ?".*"\}', re.S)


def translated(text: str) -> str:
    """Of a text kept in several languages, the English or else the first; others as they are.

    >>> translated('{"en_US": "Won", "nb_NO": "Vunnet"}')
    'Won'
    """
    if not _TRANSLATED.fullmatch(text):
        return text
    with suppress(ValueError):
        found = json.loads(text)
        return str(found.get("en_US") or next(iter(found.values())))
    return text


@lru_cache(maxsize=200_000)
def compact(name: str) -> str:
    """A name without what may be written in several ways: spaces, case, signs."""
    return "".join(words(name))


@lru_cache(maxsize=100_000)
def singulars(text: str) -> tuple[str, ...]:
    """`text`, and what it may be the plural of in one of the languages."""
    found = [text]
    if text.endswith("ies"):
        found.append(text[:-3] + "y")
    found += [text.removesuffix(end) for end in _ENDS if text.endswith(end) and len(text) > 5]
    if text.endswith("s") and len(text) > 3:
        found.append(text[:-1])
    return tuple(dict.fromkeys(found))


def caption(name: str) -> str:
    """What people call a column; a name with blanks is theirs already.

    >>> caption("Employee_Number__c"), caption("logoImageUrl"), caption("GLN"), caption("Net Score")
    ('Employee number', 'Logo image url', 'GLN', 'Net Score')
    """
    if " " in name.strip():
        return name.strip()
    cut = _CAMEL.sub(" ", _AROUND.sub(r"\1", _SHOWN.sub("", name))).replace("_", " ").split()
    told = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in cut)
    return told[:1].upper() + told[1:] or name


def snake(name: str) -> str:
    """A name that a column of the database can have: letters, digits and ``_``."""
    text = "_".join(words(name))[:56].strip("_")
    return text if text[:1].isalpha() else f"c_{text}".strip("_")
