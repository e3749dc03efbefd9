"""Declared values in SQL: how a field is made from the staged columns, and what can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crmpanel.importing.coercion import EXACT, EXPECTED, coerced, domain, exact, is_text, plain
from crmpanel.importing.mapping import (
    Chosen,
    Column,
    Concatenated,
    Constant,
    Multiplied,
    OfChildren,
    Taken,
    Value,
)
from crmpanel.model.kinds import DATE, DATETIME, Kind
from crmpanel.query.portable import restored
from crmpanel.query.sqltext import literal

#: Gives the SQL of a staged column; ``NULL::VARCHAR`` for one that the source does not have.
Reference = Callable[[Column], str]


@dataclass(frozen=True)
class Check:
    """A text that may not fit: `bad` is true for the rows where it does not."""

    column: str
    text: str
    bad: str
    reason: str


def column_type(kind: Kind, value: Value) -> str:
    """Type of the draft column: products keep their fractions of a cent until they are summed."""
    return EXACT if isinstance(value, Multiplied) else kind.sql


def value_sql(value: Value, kind: Kind, ref: Reference) -> str:
    """SQL of a value of `kind`; what cannot be understood is NULL."""
    match value:
        case Taken():
            return coerced(kind, _text(value, ref), value.format, value.scale, value.decimal)
        case Concatenated():
            return _together(value, ref)
        case Constant():
            return coerced(kind, literal(value.text))
        case Chosen():
            blank, filled = (coerced(kind, literal(text)) for text in (value.blank, value.filled))
            return f"CASE WHEN {ref(value.column)} IS NULL THEN {blank} ELSE {filled} END"
        case Multiplied():
            return _product(value, ref)
        case OfChildren():
            return f"NULL::{kind.sql}"


def _text(value: Taken, ref: Reference) -> str:
    texts = [_together(c, ref) if isinstance(c, Concatenated) else ref(c) for c in value.columns]
    text = texts[0] if len(texts) == 1 else f"coalesce({', '.join(texts)})"
    if value.values:
        cases = " ".join(f"WHEN {literal(c)} THEN {literal(t)}" for c, t in value.values)
        text = f"CASE trim({text}) {cases} ELSE {text} END"
    if value.transform == "domain":
        text = domain(text)
    elif value.transform == "exported":
        text = restored(text)
    return f"{literal(value.prefix)} || {text}" if value.prefix else text


def _together(value: Concatenated, ref: Reference) -> str:
    columns = ", ".join(ref(column) for column in value.columns)
    return f"nullif(concat_ws({literal(value.separator)}, {columns}), '')"


def _product(value: Multiplied, ref: Reference) -> str:
    """Each step is cut back to `EXACT`, or the scales would add up beyond 38 digits."""
    factors = [_exact(ref(column), value.decimal) for column in value.columns]
    if value.less:
        less = ref(value.less)
        share = _exact(less, value.decimal)
        factors.append(f"(1 - CASE WHEN {less} IS NULL THEN 0 ELSE {share} END)")
    product = factors[0]
    for factor in factors[1:]:
        product = f"TRY_CAST({product} * TRY_CAST({factor} AS DECIMAL(14, 6)) AS {EXACT})"
    return product


def _exact(text: str, decimal: str) -> str:
    return exact(plain(text, decimal) if decimal else text)


def checks(value: Value, kind: Kind, ref: Reference) -> list[Check]:
    """What to look for in the rows, so that no text is lost without being named."""
    if isinstance(value, Taken) and not is_text(kind):
        text = _text(value, ref)
        bad = f"{text} IS NOT NULL AND {value_sql(value, kind, ref)} IS NULL"
        reason = EXPECTED[kind.sql]
        if value.format and kind in (DATE, DATETIME):
            reason = f"not a date of the form {' or '.join(value.format)}"
        return [Check(" or ".join(map(str, value.columns)), text, bad, reason)]
    if isinstance(value, Multiplied):
        given = " AND ".join(f"{ref(column)} IS NOT NULL" for column in value.columns)
        factors = [*value.columns, *([value.less] if value.less else [])]
        return [
            Check(
                " × ".join(map(str, factors)),
                f"concat_ws(' × ', {', '.join(map(ref, factors))})",
                f"{given} AND TRY_CAST({_product(value, ref)} AS {kind.sql}) IS NULL",
                "not numbers that can be multiplied",
            )
        ]
    return []
