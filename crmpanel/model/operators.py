"""The operator table: SQL, menu label and phrase of each operator in one row."""

from __future__ import annotations

from dataclasses import dataclass

from crmpanel.errors import UnknownName


@dataclass(frozen=True)
class Operator:
    """How a field is compared.

    Parameters
    ----------
    key : name in URLs and code.
    label : entry of a menu.
    sql : template; ``{column}`` is the quoted column, ``{text}`` the same folded for comparison
        of text, ``{values}`` as many placeholders as there are values, ``?`` one value.
    phrase : how it reads in "activities where status *is* Planned"; ``{values}`` are the values.
    arity : how many values it takes; -1 for any number.
    folds : whether its value is folded like ``{text}`` (case and accents do not matter).
    """

    key: str
    label: str
    sql: str
    phrase: str
    arity: int = 1
    folds: bool = False


FOLD = "lower(strip_accents({0}))"
_FOLDED = FOLD.format("?")

OPERATORS = {
    operator.key: operator
    for operator in (
        Operator("eq", "is", "{column} = ?", "is {values}"),
        Operator("ne", "is not", "{column} IS DISTINCT FROM ?", "is not {values}"),
        Operator("in", "is any of", "{column} IN ({values})", "is {values}", arity=-1),
        Operator(
            "not_in",
            "is none of",
            "({column} IS NULL OR {column} NOT IN ({values}))",
            "is not {values}",
            arity=-1,
        ),
        Operator(
            "contains",
            "contains",
            f"contains({{text}}, {_FOLDED})",
            "contains {values}",
            folds=True,
        ),
        Operator(
            "not_contains",
            "does not contain",
            f"({{column}} IS NULL OR NOT contains({{text}}, {_FOLDED}))",
            "does not contain {values}",
            folds=True,
        ),
        Operator("lt", "less than", "{column} < ?", "is less than {values}"),
        Operator("le", "at most", "{column} <= ?", "is at most {values}"),
        Operator("gt", "more than", "{column} > ?", "is more than {values}"),
        Operator("ge", "at least", "{column} >= ?", "is at least {values}"),
        Operator("on_or_after", "on or after", "{column} >= ?", "is on or after {values}"),
        Operator("before", "before", "{column} < ?", "is before {values}"),
        Operator("between", "between", "({column} >= ? AND {column} < ?)", "is {values}", arity=2),
        Operator("overdue", "overdue", "({column} < {now} AND {is_open})", "is overdue", arity=0),
        Operator("future", "in the future", "{column} >= {now}", "is in the future", arity=0),
        Operator("open", "open", "{is_open}", "is open", arity=0),
        Operator("blank", "is blank", "{column} IS NULL", "is blank", arity=0),
        Operator("not_blank", "is not blank", "{column} IS NOT NULL", "is not blank", arity=0),
    )
}


def operator(key: str) -> Operator:
    """The operator called `key`; raises `UnknownName`."""
    try:
        return OPERATORS[key]
    except (KeyError, TypeError):
        raise UnknownName("operator", key, OPERATORS) from None
