"""What single texts look like: numbers, dates, addresses, keys. Of each column, how many do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from babel.numbers import list_currencies

from crmpanel.importing.understanding.dates import epoch, serial, written
from crmpanel.importing.understanding.vocabulary import vocabulary

_EMAIL = re.compile(r"[^\s@,;]+@[^\s@,;]+\.[^\s@,;]{2,}")
_EMAILS = re.compile(r"[^@]*<?[^\s@,;]+@[^\s@,;]+\.[^\s@,;]{2,}>?([,; ].*)?", re.S)
_URL = re.compile(r"(https?://|www\.)\S+", re.I)
_DOMAIN = re.compile(r"([a-z0-9æøåäöü]([a-z0-9æøåäöü-]*[a-z0-9æøåäöü])?\.)+[a-z]{2,12}/?", re.I)
_GUID = re.compile(r"\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?", re.I)
_SALESFORCE = re.compile(r"[0-9a-zA-Z]{3}[0-9a-zA-Z]{12}([A-Z0-5]{3})?")
_PHONE = re.compile(r"[+(]?\+?[\d(][\d\s()./\-–]{4,}(\s?(x|ext\.?|w)\s?\d+)?", re.I)
_INTEGER = re.compile(r"[+-]?\d+")
_CODE = re.compile(r"[\w.:/#+-]*\d[\w.:/#+-]*|[A-Z0-9_-]{2,20}")
#: What may stand before or after an amount, besides signs: any three letters are an article number.
_CODES = (
    "kr|nok|sek|dkk|isk|eur|euro|usd|us|gbp|chf|fr|pln|czk|huf|cad|aud|nzd|jpy|cny|inr|brl|r|zar|"
    "rub|try|mxn|sgd|hkd"
)
_MONEY = re.compile(
    rf"\(?[+-]?\s*(?:[$€£¥₹]|(?:{_CODES})(?:\.|\b|(?=\d))\$?)?\s*[+-]?"
    r"(?P<digits>\d[\d.,'’\s\u00a0\u202f]*|[.,]\d+)"
    rf"\s*(?:[$€£¥₹%]|(?:{_CODES})\.?|,-|:-)?\s*-?\)?",
    re.I,
)
_CURRENCIES = frozenset({*list_currencies(), "KR", "RS", "R", "FR", "ZL", "KC", "FT", "LEI", "TL"})
_GROUPED = re.compile(r"\d{1,3}([.,'’\s\u00a0\u202f])\d{3}(\1\d{3})*")


@dataclass
class Forms:
    """How many of the texts of a column look like what.

    Parameters
    ----------
    total : texts looked at.
    kinds : of each kind of text, how many.
    dates : the same of each way to write dates.
    decimals : of each sign that parts whole from fraction (or ``?``), how many.
    length : characters of all of them.
    """

    total: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    dates: Counter[str] = field(default_factory=Counter)
    decimals: Counter[str] = field(default_factory=Counter)
    length: int = 0

    def share(self, *kinds: str) -> float:
        """Of all texts, the share of those of the kinds."""
        return sum(self.kinds[kind] for kind in kinds) / self.total if self.total else 0.0

    @property
    def mean_length(self) -> float:
        """Characters of a text."""
        return self.length / self.total if self.total else 0.0


def look(texts: Mapping[str, int]) -> Forms:
    """What texts, with their frequency, look like. A text may be of several kinds."""
    forms = Forms()
    for raw, n in texts.items():
        text = raw.strip()
        forms.total += n
        forms.length += len(text) * n
        for kind in _kinds(text):
            forms.kinds[kind] += n
        if (form := written(text)) is not None:
            forms.dates[form] += n
        if sign := decimal_sign(text):
            forms.decimals[sign] += n
    return forms


def _kinds(text: str) -> list[str]:
    if "\n" in text or len(text) > 120:
        return ["text", "long"] + (["emails"] if _EMAILS.fullmatch(text) else [])
    possible = _SIMPLE if any(map(str.isdigit, text)) else _WITHOUT_DIGITS
    found = [kind for kind, fits in possible.items() if fits(text)]
    if " " in text and not {"number", "date", "phone", "emails"} & set(found):
        found.append("phrase")
    return found or ["text"]


def _is_phone(text: str) -> bool:
    if _PHONE.fullmatch(text) is None or written(text) is not None:
        return False
    return 6 <= sum(map(str.isdigit, text)) <= 20


def _is_key(text: str) -> bool:
    return (
        bool(_SALESFORCE.fullmatch(text))
        and any(map(str.isdigit, text))
        and (any(map(str.isalpha, text)))
    )


def _is_currency(letters: str) -> bool:
    """Whether the letters beside a number are a currency; `SC-00042` is no amount."""
    return not letters or letters.upper() in _CURRENCIES


@lru_cache(8_192)
def decimal_sign(text: str) -> str:
    """``.`` or ``,`` where the text is a number with that sign, ``?`` where either may be meant.

    Empty for what is no number; ``#`` for whole numbers.
    """
    if text.isdecimal():
        return "#"
    match = _MONEY.fullmatch(text)
    if match is None or not _is_currency("".join(filter(str.isalpha, text))):
        return ""
    digits = match["digits"].strip()
    signs = [c for c in digits if not c.isdigit()]
    if not signs:
        return "#"
    last = signs[-1]
    if last not in ".,":
        return "#" if _GROUPED.fullmatch(digits) else ""
    whole, _, fraction = digits.rpartition(last)
    if last in whole:
        other = "," if last == "." else "."
        return other if _GROUPED.fullmatch(digits) else ""
    if any(sign != last for sign in signs):
        return last if _GROUPED.fullmatch(whole) else ""
    return "?" if len(fraction) == 3 and 1 <= len(whole) <= 3 and whole != "0" else last


_TRUTHS = vocabulary().truths["yes"] | vocabulary().truths["no"]
_SIMPLE = {
    "integer": lambda t: bool(_INTEGER.fullmatch(t)),
    "padded": lambda t: len(t) > 1 and t[0] == "0" and t.isdigit(),
    "number": lambda t: bool(decimal_sign(t)),
    "percent": lambda t: t.endswith("%") and bool(decimal_sign(t)),
    "date": lambda t: written(t) is not None,
    "epoch": lambda t: epoch(t) is not None,
    "serial": serial,
    "boolean": lambda t: t.lower() in _TRUTHS,
    "email": lambda t: "@" in t and bool(_EMAIL.fullmatch(t)),
    "emails": lambda t: "@" in t and bool(_EMAILS.fullmatch(t)),
    "phone": _is_phone,
    "url": lambda t: bool(_URL.fullmatch(t)),
    "domain": lambda t: "." in t and bool(_DOMAIN.fullmatch(t)),
    "guid": lambda t: bool(_GUID.fullmatch(t)),
    "sfid": _is_key,
    "code": lambda t: " " not in t and bool(_CODE.fullmatch(t)),
}
#: Most texts of an export have none, and need not be tried as what has some.
_WITHOUT_DIGITS = {
    kind: _SIMPLE[kind] for kind in ("boolean", "email", "emails", "url", "domain", "code")
}
