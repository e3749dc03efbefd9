"""Linkage: by which column of a file, and by what of theirs, organisations are found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crmpanel.importing.understanding.profile import ColumnProfile, Cursor, TableProfile
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.importing.understanding.words import words
from crmpanel.model.entity import ID, Entity
from crmpanel.model.kinds import EMAIL, IDENTIFIER
from crmpanel.model.likeness import DIGITS, HOST, NUMBER, SHARED
from crmpanel.model.registry import Registry
from crmpanel.query.sqltext import literal, quoted

#: How texts are compared: as ids, as names (case and blanks aside), by their digits, by their host.
ID_, NAME, DIGITS_ALONE, HOSTS = "id", "name", "number", "host"
#: Rows by which ways are compared.
SAMPLE = 20_000
#: Of the rows that name somebody, the share that has to be found for a way to be proposed.
ENOUGH = 0.3
_HOST = r"^(?:[a-z]+://)?(?:[^@/]*@)?(?:www\.)?([^/:?#\s]+\.[^/:?#\s.]{2,})(?:[/:?#].*)?$"


@dataclass(frozen=True)
class Way:
    """A way to find organisations.

    Parameters
    ----------
    entity : whose records are found: the organisations, or what belongs to them.
    fields : the fields that are compared, any of which may be the one.
    how : how texts are compared.
    label : what is compared, as people call it.
    """

    entity: str
    fields: tuple[str, ...]
    how: str
    label: str

    @property
    def name(self) -> str:
        """What tells it from the others."""
        return f"{self.entity}.{self.fields[0]}.{self.how}"


@dataclass(frozen=True)
class Match:
    """What a column finds by a way.

    Parameters
    ----------
    column, way : which.
    filled : rows in which the column holds something.
    matched : of these, those that name one organisation.
    ambiguous : those that name several, and are left alone.
    weight : how much it speaks for the way that rows are found by it: numbers may do so by chance.
    """

    column: str
    way: Way
    filled: int
    matched: int
    ambiguous: int
    weight: float = 1.0

    @property
    def share(self) -> float:
        """Of the rows that name somebody, the share that is found."""
        return self.matched / self.filled if self.filled else 0.0

    @property
    def name(self) -> str:
        """What tells it from the others."""
        return f"{self.column}\n{self.way.name}"


def ways(registry: Registry, root: Entity) -> list[Way]:
    """The ways to find records of `root`, as they follow from its declaration, the surest first."""
    found = [Way(root.name, (ID.name,), ID_, "Id")]
    for name in root.found_by:
        field = root.field(name)
        if name == root.title or field.kind in (IDENTIFIER, EMAIL):
            found.append(Way(root.name, (name,), NAME, field.label))
    for likeness in root.likenesses:
        label = root.field(likeness.fields[0]).label
        if likeness.way == NUMBER:
            found.append(Way(root.name, likeness.fields, DIGITS_ALONE, label))
        if likeness.way == HOST:
            found.append(Way(root.name, likeness.fields, HOSTS, label))
    for entity in (root, *registry):
        emails = tuple(f.name for f in entity.fields.values() if f.kind is EMAIL)
        if emails and (entity is root or entity.belongs_to(root)):
            label = f"{entity.label}, {entity.field(emails[0]).label}"
            found.append(Way(entity.name, emails, NAME, label))
    return list({way.name: way for way in found}.values())


def spoken(text: str, how: str) -> str:
    """SQL: a text as it is compared; NULL for what names nobody."""
    if how == ID_:
        return f"CASE WHEN regexp_full_match(trim({text}), '[0-9]{{1,18}}') THEN trim({text}) END"
    if how == DIGITS_ALONE:
        digits = f"regexp_replace({text}, '[^0-9]', '', 'g')"
        return f"CASE WHEN length({digits}) >= {DIGITS} THEN {digits} END"
    if how == HOSTS:
        host = f"regexp_extract(lower(trim({text})), {literal(_HOST)}, 1)"
        shared = ", ".join(map(literal, sorted(SHARED)))
        return f"CASE WHEN {host} NOT IN ('', {shared}) THEN {host} END"
    return f"nullif(trim(regexp_replace(lower({text}), '\\s+', ' ', 'g')), '')"


def keys(registry: Registry, way: Way) -> str:
    """SELECT of ``key, id, n``: whom each text finds (an organisation, or a user), and how many."""
    entity = registry[way.entity]
    owner = quoted(entity.organisation or "id")
    parts = [
        f"SELECT {spoken(f'{quoted(name)}::VARCHAR', way.how)} AS key, {owner} AS id "
        f"FROM {quoted(entity.name)} WHERE {quoted(name)} IS NOT NULL AND {owner} IS NOT NULL"
        for name in way.fields
    ]
    return (
        "SELECT key, min(id) AS id, count(DISTINCT id) AS n "
        f"FROM ({' UNION ALL '.join(parts)}) WHERE key IS NOT NULL GROUP BY key"
    )


def matches(cursor: Cursor, table: TableProfile, registry: Registry, root: Entity) -> list[Match]:
    """What every column finds by every way that is possible for it, the best first."""
    rows = table.relation
    if table.rows > SAMPLE:
        rows = f"(FROM {rows} USING SAMPLE reservoir({SAMPLE} ROWS) REPEATABLE (7))"
    found = list[Match]()
    for way in ways(registry, root):
        columns = [c for c in table.columns.values() if _is_possible(c, way)]
        if columns:
            found += _measured(cursor, rows, columns, way, keys(registry, way), root)
    good = [match for match in found if match.matched]
    return sorted(good, key=lambda m: -m.matched * m.weight)


def _is_possible(column: ColumnProfile, way: Way) -> bool:
    forms = column.forms
    if not column.filled or forms.share("date") > 0.5 or forms.share("boolean", "long") > 0.9:
        return False
    if way.how == ID_:
        return forms.share("integer") > 0.9 and _is_called(column, way.entity)
    if way.how == HOSTS:
        return forms.share("email", "url", "domain") > 0.5
    if way.how == DIGITS_ALONE:
        return any(sum(c.isdigit() for c in text) >= DIGITS for text in column.sample)
    return True


def _is_called(column: ColumnProfile, entity: str) -> bool:
    """Whether a column's name says that it names a record of the entity, in some language."""
    known = {entity, *vocabulary().tables.get(entity, ()), *vocabulary().references.get(entity, ())}
    return bool({*words(column.name), column.compact} & known)


def _measured(
    cursor: Cursor, rows: str, columns: list[ColumnProfile], way: Way, found: str, root: Entity
) -> Iterator[Match]:
    parts = []
    for place, column in enumerate(columns):
        text = spoken(quoted(column.name), way.how)
        parts.append(
            f"SELECT {place} AS place, count(*) AS filled, count(*) FILTER (k.n = 1), "
            f"count(*) FILTER (k.n > 1) FROM (SELECT {text} AS key FROM {rows} "
            f"WHERE {quoted(column.name)} IS NOT NULL) AS t LEFT JOIN known AS k USING (key)"
        )
    sql = f"WITH known AS MATERIALIZED ({found}) {' UNION ALL '.join(parts)}"
    for place, filled, matched, several in cursor.execute(sql).fetchall():
        column = columns[place]
        yield Match(column.name, way, filled, matched, several, _weight(column, way, root))


def _weight(column: ColumnProfile, way: Way, root: Entity) -> float:
    if _is_called(column, root.name):
        return 1.0
    by_chance = way.how == NAME and column.forms.share("integer") > 0.5 and column.longest < 6
    return 0.2 if by_chance else 0.9
