"""Do the values of a column fit a field? A name alone proves nothing."""

from __future__ import annotations

from crmpanel.importing.understanding.profile import ColumnProfile
from crmpanel.model.entity import Field
from crmpanel.model.kinds import (
    BOOLEAN,
    CHOICE,
    DATE,
    DATETIME,
    EMAIL,
    IDENTIFIER,
    INTEGER,
    LONG_TEXT,
    MONEY,
    NUMBER,
    NUMERAL,
    PERCENT,
    PHONE,
    SIZE,
    TEXT,
    URL,
    Kind,
)

_NUMERIC = (INTEGER, NUMBER, MONEY, PERCENT, SIZE, NUMERAL)


def fit(field: Field, column: ColumnProfile) -> float:
    """From 0 to 1; an empty column fits everything a little."""
    if column.lookup is not None and field.kind in (TEXT, CHOICE, LONG_TEXT):
        column = column.lookup[2]
    if not column.forms.total:
        return 0.6
    return max(0.0, min(1.0, _fit(field, field.kind, column)))


def _fit(field: Field, kind: Kind, column: ColumnProfile) -> float:
    forms = column.forms
    if kind in (DATE, DATETIME):
        return forms.share("date", "epoch", "serial")
    if kind in _NUMERIC:
        return _numeric(column)
    if kind is BOOLEAN:
        return forms.share("boolean")
    if kind is EMAIL:
        return forms.share("email", "emails") / 2 + 0.05
    if kind is PHONE:
        return forms.share("phone") * 1.2
    if kind is URL or field.name in ("domain", "linkedin"):
        own = field.name != "website" or not _one_host(column)
        return forms.share("url", "domain") * 1.1 if own else 0.0
    return _textual(field, kind, column)


def _one_host(column: ColumnProfile) -> bool:
    """Whether addresses all lead to the same host: to the system itself, not to its customers."""
    hosts = {text.split("//", 1)[-1].split("/", 1)[0].lower() for text in column.sample}
    return column.distinct >= 3 and len(hosts) == 1


def registered(column: ColumnProfile) -> bool:
    """Whether texts can be those of a register of companies, which have many digits."""
    long = sum(n for text, n in column.sample.items() if sum(map(str.isdigit, text)) >= 6)
    return long > 0.5 * column.sample.total()


def _numeric(column: ColumnProfile) -> float:
    forms = column.forms
    if forms.share("date") > 0.5 or forms.share("padded") > 0.2:
        return 0.0
    return forms.share("number")


def _textual(field: Field, kind: Kind, column: ColumnProfile) -> float:
    forms = column.forms
    strange = forms.share("guid") + forms.share("sfid") * (column.kind == "sfid")
    dates = forms.share("date") if forms.share("date") > 0.5 else 0.0
    if field.name == "vat_number" and not registered(column):
        return 0.4
    if kind is IDENTIFIER:
        if column.filled > 1 and set(column.sample) == {"0"}:
            return 0.0  # none has one yet
        return 1 - forms.share("long") - dates - strange * 0.3
    if field.name == "currency":
        return 1 - forms.share("number", "long", "date")
    if field.name in ("sender", "recipients", "cc", "participants", "login", "note", "body"):
        return 1 - dates
    texts = 1 - dates - strange - forms.share("email") * 0.95 - forms.share("url") * 0.5
    if kind is LONG_TEXT:
        return texts - forms.share("number") * 0.6
    if kind is CHOICE:
        many = column.distinct > max(60, column.rows * 0.7) and column.rows > 20
        coded = 0.15 * forms.share("integer")
        return texts - coded - forms.share("long") - (0.4 if many else 0.0)
    if field.name in ("postcode", "address", "address2", "subject", "territories"):
        return texts
    return texts - forms.share("number") * 0.55 - forms.share("long") * 0.3
