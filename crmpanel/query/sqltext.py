"""The one place where identifiers are quoted and values are written into SQL text."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from numbers import Integral, Real
from typing import Any


def quoted(identifier: str) -> str:
    """An identifier for SQL text.

    >>> quoted('a"; drop table x')
    '"a""; drop table x"'
    """
    return '"' + identifier.replace('"', '""') + '"'


def literal(value: Any) -> str:
    """A value written as an SQL literal, for SQL that a person copies or a relation keeps.

    >>> literal("O'Hara"), literal(dt.date(2026, 11, 23)), literal(None)
    ("'O''Hara'", "DATE '2026-11-23'", 'NULL')
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Integral | Decimal):
        text = f"{value:f}" if isinstance(value, Decimal) else str(int(value))
        return f"({text})" if text.startswith("-") else text
    if isinstance(value, Real):
        # A bare 0.1 would be a DECIMAL, which compares differently.
        return f"'{float(value)!r}'::DOUBLE"
    if isinstance(value, dt.datetime):
        return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
    if isinstance(value, dt.date):
        return f"DATE '{value.isoformat()}'"
    return _text_literal(str(value))


def _text_literal(text: str) -> str:
    """Text as a literal; a NUL cannot stand in SQL text, so it is written as chr(0)."""
    pieces = ["'" + piece.replace("'", "''") + "'" for piece in text.split("\0")]
    return pieces[0] if len(pieces) == 1 else "(" + " || chr(0) || ".join(pieces) + ")"


def inlined(sql: str, params: tuple[Any, ...]) -> str:
    """`sql` with each ``?`` replaced by the literal of its parameter.

    Generated SQL has no ``?`` but its placeholders: values are always parameters, and names come
    from declarations, which refuse such a character.
    """
    pieces = sql.split("?")
    if len(pieces) != len(params) + 1:
        raise ValueError(f"{len(pieces) - 1} placeholders, {len(params)} parameters")
    values = [*(literal(value) for value in params), ""]
    return "".join(piece + value for piece, value in zip(pieces, values, strict=True))
