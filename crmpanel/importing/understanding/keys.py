"""Keys: the column, or the columns, that tell the rows of a table apart."""

from __future__ import annotations

from itertools import combinations
from math import prod

from crmpanel.importing.understanding.fitting import registered
from crmpanel.importing.understanding.matching import Matching
from crmpanel.importing.understanding.naming import Names, own_key, says_key
from crmpanel.importing.understanding.profile import ColumnProfile, TableProfile
from crmpanel.importing.understanding.vocabulary import vocabulary

#: A key that is missing or double in a few rows is still the key.
NEARLY = 0.95
#: Fields that say how much, not which.
_QUANTITIES = (
    "quantity", "price", "value", "line_total", "discount", "cost_price", "list_price", "vat",
    "probability", "freight", "employees", "revenue", "gross_margin", "time_spent", "size",
)  # fmt: skip
#: Fields that say where, not which.
_PLACES = ("postcode", "city", "state", "country", "address", "phone", "mobile", "currency")
#: Half a name is no key, even if nobody has the same yet.
_PARTS = ("first_name", "middle_name", "last_name")
#: What people and organisations are known by, where no column has a key.
_IDENTITY = {
    "person": ("email", "name", "last_name", "first_name", "mobile", "phone", "title"),
    "organisation": ("name", "domain", "email", "phone", "postcode"),
}
#: So many columns are tried together.
TOGETHER = 8
#: … and so many of their combinations in a table that is read for each.
FEW = 12


def key_of(
    table: TableProfile, names: Names, entity: str, matching: Matching
) -> tuple[tuple[str, ...], str]:
    """The key, and what speaks for it. Empty for a table without rows and without an id."""
    scored = sorted(
        ((_score(column, place, names, entity, table), column.name)
         for place, column in enumerate(table.columns.values())),
        key=lambda pair: -pair[0],
    )  # fmt: skip
    for score, name in scored:
        if score >= 0.5 and (not table.rows or _tells_apart(table, name, matching)):
            return (name,), _evidence(table.columns[name])
    for score, name in scored:
        address = table.columns[name].forms.share("email") > 0.5
        if score <= 0.2 or address or not matching.unique(table.name, [name]):
            continue
        if matching.is_named(table.name, name):
            return (name,), _evidence(table.columns[name])
    for score, name in scored:
        if score > 0.05 and matching.unique(table.name, [name]):
            return (name,), _evidence(table.columns[name])
    links = [c.name for c in table.columns.values() if c.share == 1 and _parent(names, c.name)]
    items = [n for n in table.columns if entity == "quotation_line" and _says_item(names, n)]
    own = [n for n in table.columns if _identifies(table.columns[n], names, entity)]
    likely = [*links, *(n for score, n in scored if score > 0)]
    return _composite(table, likely, own, items, matching)


def _identifies(column: ColumnProfile, names: Names, entity: str) -> bool:
    """Whether somebody is known by a column, though it is blank or double here and there."""
    if column.share < 0.3 or column.forms.share("long") > 0.05:
        return False
    fields = names.fields(column.name, entity)
    return any(fields.get(field, 0) >= 0.85 for field in _IDENTITY.get(entity, ()))


def _says_item(names: Names, column: str) -> bool:
    fields = names.fields(column, "quotation_line")
    return max(fields.get(field, 0) for field in ("sort_order", "item_number", "name")) >= 0.85


def _parent(names: Names, column: str) -> bool:
    found = names.references(column)
    return max(found.get("order", 0), found.get("quotation", 0)) >= 0.9


def _tells_apart(table: TableProfile, name: str, matching: Matching) -> bool:
    column = table.columns[name]
    nearly = column.filled >= NEARLY * table.rows and column.distinct >= NEARLY * column.filled
    # What is nearly so by the counts need not be proved in another scan.
    return (nearly and table.rows > 20) or matching.unique(table.name, [name])


def _score(
    column: ColumnProfile, place: int, names: Names, entity: str, table: TableProfile
) -> float:
    """How much a column looks like the key of its table."""
    if table.rows and column.share < NEARLY:
        return 0.0
    score = says_key(names, column.name, entity)
    own, other = _refers(column, names, entity)
    if other and not own and score < 0.99:
        # What a line is of may be different in all lines, and still does not name them.
        if entity == "quotation_line":
            return 0.01
        score = min(score, 0.3)
    forms = column.forms
    if forms.share("long") > 0.05 or forms.share("date") > 0.5 or _fraction(column):
        return 0.0
    if forms.share("guid", "sfid") > 0.9:
        score = max(score, 0.35) + (0.1 if score >= 0.97 else 0.0)
    if forms.share("phrase") > 0.3:
        score *= 0.55
    fields = names.fields(column.name, entity or "organisation")
    called = column.compact.endswith("id") or (column.compact.startswith("id") and not place)
    if score <= 0.35 and called and not other:
        score = 0.55
    if column.compact in ("rowguid", "rowversion", "rowchecksum"):
        score = 0.1
    if fields.get("email", 0) >= 0.9 or (fields.get("vat_number", 0) >= 0.9 and registered(column)):
        score = min(score, 0.3)
    if any(sure >= 0.85 for field, sure in fields.items() if field in _QUANTITIES):
        return 0.0
    if column.compact.endswith(("postalcode", "postcode", "zipcode", "countrycode")):
        return 0.0
    known = vocabulary().columns["organisation"]
    if any(fields.get(f, 0) >= 0.6 or column.compact in known.get(f, ()) for f in _PLACES):
        return 0.0
    if entity == "person" and any(fields.get(part, 0) >= 0.85 for part in _PARTS):
        return 0.04
    if not score:
        score = 0.3 if {"number", "email", "erp_id", "login", "initials"} & set(fields) else 0.06
        score = 0.25 if {"name", "description", "subject"} & set(fields) else score
    return score + max(0.0, 0.08 - place * 0.01)


def _refers(column: ColumnProfile, names: Names, entity: str) -> tuple[bool, bool]:
    """Whether a column's name is that of a reference to its own kind of record, or to another."""
    found = {concept for concept, score in names.references(column.name).items() if score >= 0.9}
    plain = any(t in ("id", "") for t in names.stripped(column.name, entity)[1:])
    own = entity in found or plain or own_key(names, column.name)
    aside = {entity, *({"product"} if entity != "quotation_line" else ())}
    return own, bool(found - aside)


def _fraction(column: ColumnProfile) -> bool:
    forms = column.forms
    return forms.share("number") > 0.9 and forms.share("integer") < 0.9


def _composite(
    table: TableProfile, names: list[str], own: list[str], items: list[str], matching: Matching
) -> tuple[tuple[str, ...], str]:
    """The fewest columns that tell all rows apart, those that look like keys first."""
    groups = [group for size in (2, 3, 4) for group in combinations(own, size)]
    likely = [g for g in groups if prod(table.columns[n].distinct + 1 for n in g) >= table.rows]
    for group in likely if table.complete else likely[:FEW]:
        if matching.unique(table.name, group, blanks=True):
            return group, f"{' and '.join(group)} together are different in every row"
    names = list(dict.fromkeys(names))
    full = [n for n in names if table.columns[n].share == 1 and table.columns[n].distinct > 1]
    dates = [c.name for c in table.columns.values() if c.share == 1 and c.forms.share("date") > 0.9]
    # What is sold tells lines apart, wherever it stands.
    late = [name for name in full[TOGETHER:] if name in items][:2]
    chosen = list(dict.fromkeys([*full[: TOGETHER - len(late)], *late, *dates[:2]]))
    for size in (2, 3, 4):
        for group in combinations(chosen, size):
            if matching.unique(table.name, group):
                return group, f"{' and '.join(group)} together are different in every row"
    best = tuple(own[:4] or chosen[:4])
    return best, f"no columns of {table.name} are different in every row" if best else ""


def _evidence(column: ColumnProfile) -> str:
    if not column.rows:
        return f"{column.name} is named like a key; the table has no rows"
    return (
        f"{column.name} is filled in {column.share:.1%} of {column.rows:,} rows "
        f"and has {column.distinct:,} different values"
    )
