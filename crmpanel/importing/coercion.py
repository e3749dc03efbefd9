"""Coercion: text to the kind of a field, in SQL. What cannot be understood becomes NULL."""

from __future__ import annotations

import re

from crmpanel.model.kinds import BOOLEAN, DATE, DATETIME, INTEGER, PERCENT, SIZE, Kind
from crmpanel.query.sqltext import literal

#: Wide enough for any amount or share before it is rounded to its column.
EXACT = "DECIMAL(24, 6)"

_NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
_DAY = r"\d{4}-\d\d-\d\d"
_TIME = r"\d\d:\d\d(:\d\d(\.\d+)?)?"
_OFFSET = r" ?(Z|UTC|[+-]\d\d(:?\d\d)?)"

#: What most systems write, by length in bytes: condition and form. Any other is checked by pattern,
#: which takes three to six times as long. strptime takes spaces before, after and for noughts, so
#: that there must be none: a year of two digits would be one of the first century.
_NO_SPACE = "NOT contains({text}, ' ')"
_ONE_SPACE = (
    "position(' ' IN {text}) = 11 AND NOT contains({text}, '  ') AND NOT suffix({text}, ' ')"
)
_USUAL = {
    10: {_NO_SPACE: "%Y-%m-%d"},
    19: {_ONE_SPACE: "%Y-%m-%d %H:%M:%S", _NO_SPACE: "%Y-%m-%dT%H:%M:%S"},
    20: {"suffix({text}, 'Z')": "%Y-%m-%dT%H:%M:%SZ"},
    24: {"suffix({text}, 'Z')": "%Y-%m-%dT%H:%M:%S.%gZ"},
    28: {"suffix({text}, '+0000')": "%Y-%m-%dT%H:%M:%S.%g+0000"},
}

YES = (
    "1", "true", "yes", "y", "t", "on", "x", "active", "checked", "ja", "j", "sant", "sand", "wahr",
)  # fmt: skip
NO = (
    "0", "false", "no", "n", "f", "off", "inactive", "unchecked", "nei", "nej", "nein", "usann",
    "falsk", "falskt", "falsch",
)  # fmt: skip

#: Around and between the digits of an amount: spaces, apostrophes, signs of currencies, ``,-``.
_SIGNS = r"[\s\x{00A0}\x{202F}'’\p{Sc}%]|,-$|:-$"
_UNIT = r"^[A-Za-z]{1,3}\.?\$?|[A-Za-z]{1,3}\.?$"

#: What a person is told of a text that does not fit the type of a column.
EXPECTED = {
    "BIGINT": "not a whole number",
    "DOUBLE": "not a number",
    "DECIMAL(18, 2)": "not an amount",
    "BOOLEAN": "neither yes nor no",
    "DATE": "not a date of the form 2024-01-31",
    "TIMESTAMP": "not a time of the form 2024-01-31T13:45:00+0000",
}


def is_text(kind: Kind) -> bool:
    """Whether any text fits the kind."""
    return kind.sql == "VARCHAR"


def coerced(
    kind: Kind,
    text: str,
    format: tuple[str, ...] = (),
    scale: float | None = None,
    decimal: str = "",
) -> str:
    """SQL for the SQL expression `text`, of type VARCHAR, as a value of `kind`.

    Parameters
    ----------
    kind : the kind of the field.
    text : an SQL expression.
    format : strptime formats of dates and times, tried in turn; without one, ISO 8601, which is
        ``iso`` among others.
    scale : what a number is multiplied with.
    decimal : the sign before fractions; numbers may then have signs of thousands and currencies.

    Times with an offset become UTC. DuckDB's own cast to TIMESTAMP *drops* an offset other than
    zero, so they go through TIMESTAMPTZ; and it rounds 1.5 to a whole number and takes ``1_000``
    for one, so the form of the text is checked first.
    """
    if is_text(kind):
        return text
    if kind in (DATE, DATETIME):
        times = [_time(text, form) for form in format or ("iso",)]
        time = times[0] if len(times) == 1 else f"coalesce({', '.join(times)})"
        return f"TRY_CAST({time} AS {kind.sql})"
    if kind is BOOLEAN:
        return (
            f"CASE WHEN lower(trim({text})) IN {YES} THEN true "
            f"WHEN lower(trim({text})) IN {NO} THEN false END"
        )
    if kind is PERCENT:
        text = f"rtrim({text}, ' %')"
    return _number(kind, plain(text, decimal) if decimal else f"trim({text})", scale)


def plain(text: str, decimal: str) -> str:
    """SQL: a number as people write it, without signs of thousands, currency and percentage.

    What does not look like one is left as it is, and will not be taken for a number.
    """
    point, groups = re.escape(decimal), "," if decimal == "." else r"\."
    bare = f"regexp_replace({text}, {literal(_SIGNS)}, '', 'g')"
    bare = f"regexp_replace({bare}, {literal(_UNIT)}, '', 'g')"
    bare = f"regexp_replace({bare}, '^[(](.*)[)]$|^([^-]+)-$', '-\\1\\2')"
    form = rf"[+-]?(\d+|\d{{1,3}}({groups}\d{{3}})+)?({point}\d*)?"
    point_only = f"replace(replace({bare}, {literal(groups[-1])}, ''), {literal(decimal)}, '.')"
    return f"CASE WHEN {_matches(bare, form)} THEN {point_only} ELSE {text} END"


def _time(text: str, form: str) -> str:
    """SQL for a text as a TIMESTAMP."""
    if form == "iso":
        return _iso(text)
    if form == "epoch":
        return f"make_timestamp(TRY_CAST({text} AS BIGINT) * 1000000)"
    if form == "epoch_ms":
        return f"make_timestamp(TRY_CAST({text} AS BIGINT) * 1000)"
    if form == "excel":
        # Days since 1899-12-30, because a spreadsheet believes in the 29th of February 1900.
        microseconds = f"round(TRY_CAST({text} AS DECIMAL(18, 9)) * 86400000000)"
        return f"make_timestamp(TRY_CAST({microseconds} AS BIGINT) - 2209161600000000)"
    return f"try_strptime({text}, {literal(form)})"


def _iso(text: str) -> str:
    """SQL for an ISO 8601 text as a TIMESTAMP in UTC."""
    return f"coalesce({_usual(text)}, {_any_iso(text)})"


def _usual(text: str) -> str:
    forms = " ".join(
        f"WHEN strlen({text}) = {length} AND {condition.format(text=text)} "
        f"THEN try_strptime({text}, {literal(form)})"
        for length, forms in _USUAL.items()
        for condition, form in forms.items()
    )
    # That it begins with a digit: else "epoch" and "infinity" would be times.
    return f"CASE WHEN {text} BETWEEN '0' AND ':' THEN CASE {forms} END END"


def _any_iso(text: str) -> str:
    local, offset = f"{_DAY}([T ]{_TIME})?", f"{_DAY}[T ]{_TIME}{_OFFSET}"
    closed = f"regexp_replace(replace({text}, 'UTC', 'Z'), ' (Z|[+-][0-9:]+)$', '\\1')"
    # Half of the work, and most often there is nothing to replace.
    closed = (
        f"CASE WHEN contains({text}, ' ') OR contains({text}, 'U') THEN {closed} ELSE {text} END"
    )
    return (
        f"CASE WHEN {_matches(text, local)} THEN TRY_CAST({text} AS TIMESTAMP) "
        f"WHEN {_matches(text, offset)} "
        f"THEN make_timestamp(epoch_us(TRY_CAST({closed} AS TIMESTAMPTZ))) END"
    )


def _number(kind: Kind, text: str, scale: float | None) -> str:
    form = r"[+-]?\d+(\.0*)?" if kind in (INTEGER, SIZE) and scale is None else _NUMBER
    number = f"CASE WHEN {_matches(text, form)} THEN {text} END"
    if scale is not None:
        number = f"TRY_CAST({number} AS {EXACT}) * {literal(scale)}"
    value = f"TRY_CAST({number} AS {kind.sql})"
    # 1e999 is a number in form, but infinite as a DOUBLE.
    return f"CASE WHEN isfinite({value}) THEN {value} END" if kind.sql == "DOUBLE" else value


def exact(text: str) -> str:
    """SQL for a text as an exact number, to be calculated with."""
    number = f"trim({text})"
    return f"TRY_CAST(CASE WHEN {_matches(number, _NUMBER)} THEN {number} END AS {EXACT})"


def _matches(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {literal(pattern)})"


def domain(text: str) -> str:
    """SQL for the host in a web address, without ``www.``; NULL where there is none."""
    pattern = r"^\s*(?:[a-z][a-z0-9+.-]*://)?(?:[^/@\s]*@)?(?:www\.)?([^/:?#\s@]+\.[^/:?#\s@]+)"
    any_host = f"nullif(regexp_extract(lower({text}), {literal(pattern)}, 1), '')"
    # Most addresses are plain, and cut in a third of the time.
    plain = r"https?://www\.[a-z0-9-]+(\.[a-z0-9-]+)+/?"
    host = f"split_part(lower({text}), '/', 3)[5:]"
    return f"CASE WHEN {_matches(f'lower({text})', plain)} THEN {host} ELSE {any_host} END"
