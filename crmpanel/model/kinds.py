"""Kinds of field: what a value is, how it is stored, compared and aligned."""

from __future__ import annotations

from dataclasses import dataclass

TEXTUAL = ("eq", "ne", "in", "not_in", "contains", "not_contains", "open", "blank", "not_blank")
ORDERED = ("eq", "ne", "lt", "le", "gt", "ge", "blank", "not_blank")
DATED = ("on_or_after", "before", "between", "overdue", "future", "blank", "not_blank")
CHOSEN = ("eq", "ne", "in", "not_in", "blank", "not_blank")


@dataclass(frozen=True)
class Kind:
    """A kind of value.

    Parameters
    ----------
    name : key of the kind.
    sql : DuckDB type of the column.
    operators : keys of the operators that apply (see `crmpanel.model.operators`).
    align : ``start`` or ``end``, in the reading direction.
    searchable : whether a list's search looks into fields of this kind unless the field says else.
    """

    name: str
    sql: str
    operators: tuple[str, ...]
    align: str = "start"
    searchable: bool = False


TEXT = Kind("text", "VARCHAR", TEXTUAL, searchable=True)
LONG_TEXT = Kind("long_text", "VARCHAR", TEXTUAL, searchable=True)
IDENTIFIER = Kind("identifier", "VARCHAR", TEXTUAL, searchable=True)
CHOICE = Kind("choice", "VARCHAR", TEXTUAL)
EMAIL = Kind("email", "VARCHAR", TEXTUAL, searchable=True)
PHONE = Kind("phone", "VARCHAR", TEXTUAL, searchable=True)
URL = Kind("url", "VARCHAR", TEXTUAL, searchable=True)
INTEGER = Kind("integer", "BIGINT", ORDERED, align="end")
NUMERAL = Kind("numeral", "BIGINT", ORDERED)
NUMBER = Kind("number", "DOUBLE", ORDERED, align="end")
MONEY = Kind("money", "DECIMAL(18, 2)", ORDERED, align="end")
PERCENT = Kind("percent", "DOUBLE", ORDERED, align="end")
SIZE = Kind("size", "BIGINT", ORDERED, align="end")
BOOLEAN = Kind("boolean", "BOOLEAN", ("eq", "blank", "not_blank"))
DATE = Kind("date", "DATE", DATED)
DATETIME = Kind("datetime", "TIMESTAMP", DATED)
REFERENCE = Kind("reference", "BIGINT", CHOSEN)
ENTITY_NAME = Kind("entity_name", "VARCHAR", TEXTUAL)
FIELD_NAME = Kind("field_name", "VARCHAR", TEXTUAL)

KINDS = {
    kind.name: kind
    for kind in (
        TEXT,
        LONG_TEXT,
        IDENTIFIER,
        CHOICE,
        EMAIL,
        PHONE,
        URL,
        INTEGER,
        NUMERAL,
        NUMBER,
        MONEY,
        PERCENT,
        SIZE,
        BOOLEAN,
        DATE,
        DATETIME,
        REFERENCE,
        ENTITY_NAME,
        FIELD_NAME,
    )
}
