"""Dates, numbers and amounts as the user's language writes them (CLDR, through Babel)."""

from __future__ import annotations

import datetime as dt
import functools
import re
from decimal import Decimal
from typing import Any

from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.dates import (
    format_date,
    format_skeleton,
    format_time,
    get_datetime_format,
)
from babel.localedata import locale_identifiers
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
)
from babel.units import format_unit

DEFAULT = "en_GB"


class Formats:
    """Formats of one language.

    Parameters
    ----------
    language : a locale such as ``nb_NO`` or ``en-GB``; an unknown one falls back to English.

    Example
    -------
    >>> Formats("nb_NO").money(1234.5, "NOK").replace("\\xa0", " ")
    '1 234,50 kr'
    """

    def __init__(self, language: str = DEFAULT) -> None:
        try:
            self.locale = Locale.parse(language.replace("-", "_"))
        except (ValueError, UnknownLocaleError):
            self.locale = Locale.parse(DEFAULT)

    @property
    def tag(self) -> str:
        """The language as a BCP 47 tag, for ``<html lang>``."""
        return str(self.locale).replace("_", "-")

    def date(self, value: dt.date) -> str:
        """A day: ``23 Nov 2026``."""
        return _date(value, self.locale)

    def datetime(self, value: dt.datetime) -> str:
        """A moment: ``23 Nov 2026, 14:05``; at midnight sharp only the day."""
        if value.time() == dt.time():
            return self.date(value)
        time = format_time(value, "short", locale=self.locale)
        pattern = str(get_datetime_format("medium", locale=self.locale))
        return pattern.format(time, self.date(value)).replace("'", "")

    def month(self, value: dt.date) -> str:
        """A month: ``November 2026``."""
        return str(format_skeleton("yMMM", value, locale=self.locale))

    def number(self, value: Any) -> str:
        """A number with up to two decimals."""
        amount = _rounded(value)
        return str(value) if amount is None else str(format_decimal(amount, locale=self.locale))

    def money(self, value: Any, currency: str | None) -> str:
        """An amount with its currency; without one, as a plain number with two decimals."""
        amount = _rounded(value)
        if amount is None:
            return str(value)
        if currency and _CODE.fullmatch(currency):
            return _spaced(format_currency(amount, currency.upper(), locale=self.locale))
        text = format_decimal(amount, "#,##0.00", locale=self.locale)
        return f"{text} {currency}" if currency else text

    def compact_money(self, value: Any, currency: str | None) -> str:
        """An amount in short: ``NOK 1.2M``."""
        amount = _rounded(value)
        if amount is None:
            return str(value)
        if currency and _CODE.fullmatch(currency):
            return _spaced(
                format_compact_currency(
                    amount, currency.upper(), locale=self.locale, fraction_digits=1
                )
            )
        return str(format_compact_decimal(amount, locale=self.locale, fraction_digits=1))

    def percent(self, value: Any) -> str:
        """A percentage; 25 means a quarter."""
        amount = _rounded(value)
        if amount is None:
            return f"{value} %"
        return str(format_percent(amount / 100, locale=self.locale, decimal_quantization=False))

    def size(self, value: int) -> str:
        """A number of bytes: ``12.5 kB``."""
        power = 0
        while abs(value) >= 1000 ** (power + 1) and power < len(_SIZES) - 1:
            power += 1
        amount = value / 1000**power
        digits = "#,##0" if power == 0 or amount >= 100 else "#,##0.#"
        return f"{format_decimal(amount, digits, locale=self.locale)} {_SIZES[power]}"

    def distance(self, days: int) -> str:
        """A number of days in words: ``12 days``, ``3 months``."""
        length, unit = next((n, unit) for n, unit in _SPANS if days >= 2 * n or n == 1)
        return str(format_unit(round(days / length), unit, locale=self.locale))


_CODE = re.compile(r"[A-Za-z]{3}")
_SIZES = ("B", "kB", "MB", "GB", "TB", "PB")
#: Days in a unit; it is used from two of them on.
_SPANS = ((365, "duration-year"), (30, "duration-month"), (1, "duration-day"))
#: Beyond this, digits say nothing to a reader; and infinity is no number to format.
_LARGEST = Decimal(10) ** 18


@functools.lru_cache(maxsize=4096)
def _date(value: dt.date, locale: Locale) -> str:
    return str(format_date(value, "medium", locale=locale))


def _spaced(amount: str) -> str:
    """CLDR asks for a space between a currency code and the number; Babel leaves it out."""
    return re.sub(r"([A-Z]{3})(\d)", "\\1\u00a0\\2", amount)


def _rounded(value: Any) -> Decimal | None:
    """A number with two decimals, or None if it is none that can be written out."""
    amount = Decimal(str(value))
    if not amount.is_finite() or abs(amount) > _LARGEST:
        return None
    return round(amount, 2) + 0  # + 0 takes the sign from a zero


def negotiate(accepted: str | None) -> str:
    """The best locale for an ``Accept-Language`` header; `DEFAULT` if it names none.

    >>> negotiate("nn;q=0.5, nb-NO, en;q=0.3")
    'nb_NO'
    """
    weighted = []
    for part in (accepted or "").split(",")[:20]:
        tag, _, quality = part.strip().partition(";q=")
        try:
            weighted.append((-float(quality or 1), tag.replace("-", "_")))
        except ValueError:
            continue
    wanted = [tag for _, tag in sorted(weighted, key=lambda pair: pair[0])]
    return negotiate_locale(wanted, _known()) or DEFAULT


@functools.cache
def _known() -> list[str]:
    return list(locale_identifiers())
