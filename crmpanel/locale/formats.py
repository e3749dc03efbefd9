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
    format_timedelta,
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
        return str(format_decimal(_rounded(value), locale=self.locale))

    def money(self, value: Any, currency: str | None) -> str:
        """An amount with its currency; without one, as a plain number with two decimals."""
        if not currency or len(currency) != 3 or not currency.isalpha():
            text = format_decimal(value, "#,##0.00", locale=self.locale)
            return f"{text} {currency}" if currency else text
        return _spaced(format_currency(value, currency.upper(), locale=self.locale))

    def compact_money(self, value: Any, currency: str | None) -> str:
        """An amount in short: ``NOK 1.2M``."""
        if not currency or len(currency) != 3 or not currency.isalpha():
            return str(format_compact_decimal(value, locale=self.locale, fraction_digits=1))
        return _spaced(
            format_compact_currency(value, currency.upper(), locale=self.locale, fraction_digits=1)
        )

    def percent(self, value: Any) -> str:
        """A percentage; 25 means a quarter."""
        return str(
            format_percent(_rounded(value) / 100, locale=self.locale, decimal_quantization=False)
        )

    def size(self, value: int) -> str:
        """A number of bytes: ``12.5 kB``."""
        amount, unit = float(value), "B"
        for unit in ("B", "kB", "MB", "GB", "TB"):
            if amount < 1000:
                break
            amount /= 1000
        digits = "#,##0" if unit == "B" or amount >= 100 else "#,##0.#"
        return f"{format_decimal(amount, digits, locale=self.locale)} {unit}"

    def distance(self, days: int) -> str:
        """A number of days in words: ``12 days``, ``3 months``."""
        return str(format_timedelta(dt.timedelta(days=days), threshold=1.2, locale=self.locale))


@functools.lru_cache(maxsize=4096)
def _date(value: dt.date, locale: Locale) -> str:
    return str(format_date(value, "medium", locale=locale))


def _spaced(amount: str) -> str:
    """CLDR asks for a space between a currency code and the number; Babel leaves it out."""
    return re.sub(r"([A-Z]{3})(\d)", "\\1\u00a0\\2", amount)


def _rounded(value: Any) -> Decimal:
    return round(Decimal(str(value)), 2)


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
