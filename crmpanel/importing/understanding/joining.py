"""Joins: names of coded values, addresses in tables of their own, and link tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from crmpanel.importing.mapping import Column, Concatenated, Join, Route, Taken, columns_of
from crmpanel.importing.understanding.columns import assigned
from crmpanel.importing.understanding.deriving import PARENTS
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.keys import key_of
from crmpanel.importing.understanding.linkrules import same_name, small, telling
from crmpanel.importing.understanding.links import Linker
from crmpanel.importing.understanding.naming import Names, coded, entity_of
from crmpanel.importing.understanding.profile import ColumnProfile, Profile, TableProfile
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.importing.understanding.words import compact, singulars, words
from crmpanel.model.entity import Entity
from crmpanel.model.kinds import CHOICE, LONG_TEXT, TEXT
from crmpanel.model.registry import Registry

_LANGUAGES = (("lang",), ("language",), ("locale",))
_NAMED = ("name", "title", "label", "description", "text", "value", "caption", "displayname",
          "fullname", "libelle", "bezeichnung", "navn", "benamning", "nom")  # fmt: skip


@dataclass(frozen=True)
class Side:
    """A table that none of the entities comes from, with its key."""

    table: TableProfile
    names: Names
    key: str
    #: The table that is known to have the same records.
    twin: str = ""


class Joiner:
    """Finds what other tables know of the records of a draft."""

    def __init__(self, linker: Linker, profile: Profile, registry: Registry) -> None:
        self._linker, self._profile, self._registry = linker, profile, registry
        self._matching = linker.matching
        used = {draft.name for draft in linker.drafts}
        aside = ("lead", "campaign", "invoice")
        named = {n: entity_of(t.called) for n, t in profile.tables.items()}
        used |= {n for n, (entity, sure) in named.items() if entity in aside and sure == 1}
        own = vocabulary().words["own"]
        used |= {n for n, t in profile.tables.items() if own & {*singulars(compact(t.called))}}
        self.sides = [self._side(t) for n, t in profile.tables.items() if n not in used and t.rows]

    def add_side(self, table: TableProfile, twin: str) -> None:
        """Take in a table that has the same records as another one."""
        self.sides.append(replace(self._side(table), twin=twin))

    def _side(self, table: TableProfile) -> Side:
        names = Names(table.called, table.columns)
        key = _translated_key(table)
        if not key:
            key, _ = key_of(table, names, "", self._matching)
        return Side(table, names, key[0] if len(key) == 1 else "")

    # ------------------------------------------------------------ coded values

    def lookups(self, draft: Draft) -> None:
        """Find columns whose texts are keys of a table that has names for them."""
        for column in draft.table.columns.values():
            if column.filled and column.name != draft.key_name and _coded(column):
                column.lookup = self.lookup(column, draft.names)

    def lookup(self, column: ColumnProfile, names: Names) -> tuple[str, str, ColumnProfile] | None:
        base = compact(coded(names, column.name)).removeprefix("current")
        for side in self.sides:
            if not side.key or len(base) < 3 or not _codes(side, base, names):
                continue
            name = _name_column(side.table, side.names, side.key)
            rate = self._matching.rate(column, side.table.columns[side.key])
            if name and rate.share >= 0.8:
                return side.table.name, side.key, name
        return None

    def name_lookups(self, draft: Draft, entity: Entity) -> None:
        """Take the names for the codes, where a field is a text."""
        for field, value in list(draft.fields.items()):
            column = draft.table.columns.get(draft.column_of(field))
            kind = entity.fields[field].kind
            if column is None or column.lookup is None or kind not in (TEXT, CHOICE, LONG_TEXT):
                continue
            if isinstance(value, Taken):
                draft.fields[field] = Taken((self._looked_up(draft, column),))
        if entity.name == "quotation_line" and "name" not in draft.fields:
            for column in draft.table.columns.values():
                concepts = self._linker.concepts(draft, column.name)
                sold = column.lookup and entity_of(column.lookup[0])[0] == "catalogue"
                if column.lookup and (sold or concepts.get("product", 0) >= 0.75):
                    draft.fields["name"] = Taken((self._looked_up(draft, column),))
                    draft.fields.setdefault("item_number", Taken((Column(column.name),)))
                    return

    def _looked_up(self, draft: Draft, column: ColumnProfile) -> Column:
        table, key, name = column.lookup or ("", "", column)
        alias = draft.join(Join(table, Column(column.name), key))
        self._linker.evidence.append(
            f"{draft.name}.{column.name} is a key of {table}, whose {name.name} is taken"
        )
        return Column(name.name, alias)

    def user_names(self, draft: Draft) -> None:
        """Users without a name of their own are called like the person, or party, that they are."""
        plain = draft.column_of("name")
        if "name" in draft.fields and (not plain or plain != draft.column_of("login")):
            return
        for column in draft.table.columns.values():
            if not column.filled or column.name == draft.key_name:
                continue
            concepts = self._linker.concepts(draft, column.name)
            for target in ("person", "organisation"):
                for other in self._linker.of(target):
                    name = other.fields.get("name")
                    if max(concepts.get("person", 0), concepts.get("organisation", 0)) < 0.9:
                        continue
                    parts = columns_of(name) if isinstance(name, Taken | Concatenated) else ()
                    if not other.key_name or not parts or any(part.table for part in parts):
                        continue
                    rate = self._matching.rate(column, other.table.columns[other.key_name])
                    if rate.share >= 0.9:
                        alias = draft.join(Join(other.name, Column(column.name), other.key_name))
                        own = tuple(Column(part.name, alias) for part in parts)
                        draft.fields["name"] = (
                            Concatenated(own) if isinstance(name, Concatenated) else Taken(own)
                        )
                        return

    def firm_names(self, draft: Draft) -> None:
        """Organisations without a name of their own are called like the party that they are."""
        if draft.column_of("name") != draft.key_name:
            return
        for column in draft.table.columns.values():
            for side in self.sides if column.filled and not small(column) else ():
                title = assigned(self._registry["organisation"], side.table, side.names).get("name")
                if not side.key or not title or side.key == title:
                    continue
                if self._matching.rate(column, side.table.columns[side.key]).share >= 0.9:
                    alias = draft.join(Join(side.table.name, Column(column.name), side.key))
                    draft.fields["name"] = Taken((Column(title, alias),))
                    return

    def naming(self, draft: Draft, side: Side) -> Iterator[ColumnProfile]:
        """Columns of a table that may name records of a draft."""
        for column in side.table.columns.values():
            concepts = side.names.references(column.name)
            named = max(concepts.get(draft.entity, 0), concepts.get("any", 0) * 0.9)
            own = any(_bare_id(column.name) == o for o in draft.names._own if len(o) > 2)
            known = named >= 0.75 or own or nearly_same(column.name, draft.key_name)
            if known or (telling(column) and self._surely(column, draft)):
                yield column

    def _surely(self, column: ColumnProfile, draft: Draft) -> bool:
        """Whether a column whose name says nothing is a link all the same."""
        return self._matching.rate(column, draft.table.columns[draft.key_name]).share >= 0.8

    # ------------------------------------------------------------ link tables

    def owners(self, draft: Draft) -> None:
        """Find the organisation, or person, through a table between, where nothing names it."""
        entity = self._registry[draft.entity]
        if entity.organisation in (None, "id") or not draft.key_name:
            return
        if any(draft.links.get(name) for name in PARENTS.values()):
            return
        if not draft.links.get(str(entity.organisation)):
            self._owner(draft, entity, "organisation", str(entity.organisation))
        person = next((f.name for f in entity.references if f.target == "person"), "")
        if person and not draft.links.get(person):
            _ = self._linked(draft, "person", person) or self._customer(draft, person)
        deal = next((f.name for f in entity.references if f.target == "quotation"), "")
        if deal and draft.entity == "activity" and self._linker.of("quotation"):
            self._linked(draft, "quotation", deal)

    def _customer(self, draft: Draft, field: str) -> bool:
        """A customer without a company is a person, who is a party of its own."""
        found = draft.entity != "person" and self._beyond(draft, "person", field)
        if found:
            self._linker.parties += self._linker.of("person")
        return found

    def customers(self, draft: Draft) -> tuple[Join, tuple[str, ...]] | None:
        """A table of roles that tells which persons are customers."""
        for side in sorted(self.sides, key=lambda side: len(side.table.columns)):
            roles = _customers(side.table)
            for column in self.naming(draft, side) if roles else ():
                rate = self._matching.rate(column, draft.table.columns[draft.key_name])
                if rate.share >= 0.2 and len(side.table.columns) <= 4:
                    join = Join(side.table.name, Column(draft.key_name), column.name, "", roles)
                    return join, (f"{side.table.name}.{roles[0][0]}", *roles[0][1])
        return None

    def _owner(self, draft: Draft, entity: Entity, target: str, field: str) -> None:
        if not (self._linked(draft, target, field) or self._beyond(draft, target, field)):
            self._reverse(draft, target, field)

    def _linked(self, draft: Draft, target: str, field: str) -> bool:
        """A link table names both records."""
        key = draft.table.columns[draft.key_name]
        for side in self.sides:
            for own in self.naming(draft, side):
                rate = self._matching.rate(own, key)
                if rate.share < 0.2 or not rate.matched:
                    continue
                for other in self._linker.of(target):
                    if other.key_name and (to := self._end(side, own, other)):
                        where = standing(side.table)
                        if draft.entity != "person" or "doctype" in str(_customers(side.table)):
                            where = (*where, *_customers(side.table))
                        join = Join(side.table.name, Column(draft.key_name), own.name, "", where)
                        alias = draft.join(join)
                        draft.links.setdefault(field, []).append(Route(Column(to.name, alias)))
                        self._linker.evidence.append(
                            f"{side.table.name} links {draft.name} ({own.name}, {rate.share:.1%}) "
                            f"to {other.name} ({to.name})"
                        )
                        return True
        return False

    def _end(self, side: Side, own: ColumnProfile, other: Draft) -> ColumnProfile | None:
        key = other.table.columns[other.key_name]
        for column in self.naming(other, side):
            if column is not own:
                rate = self._matching.rate(column, key)
                if rate.share >= 0.2 and rate.matched:
                    return column
        return None

    def _beyond(self, draft: Draft, target: str, field: str) -> bool:
        """A column names a row of another table, and that one the organisation."""
        for column in draft.table.columns.values():
            if not column.filled or column.name == draft.key_name:
                continue
            for side in self.sides:
                if not side.key or not near(column.name, side):
                    continue
                if self._matching.rate(column, side.table.columns[side.key]).share < 0.7:
                    continue
                for other in self._linker.of(target):
                    to = self._end(side, side.table.columns[side.key], other)
                    if other.key_name and to:
                        alias = draft.join(Join(side.table.name, Column(column.name), side.key))
                        draft.links.setdefault(field, []).append(Route(Column(to.name, alias)))
                        self._linker.evidence.append(
                            f"{draft.name}.{column.name} names a row of {side.table.name}, "
                            f"whose {to.name} names one of {other.name}"
                        )
                        return True
        return False

    def _reverse(self, draft: Draft, target: str, field: str) -> bool:
        """The organisation names the record, instead of the record the organisation."""
        key = draft.table.columns[draft.key_name]
        for other in self._linker.of(target):
            for column in other.table.columns.values():
                named = self._linker.concepts(other, column.name).get(draft.entity, 0)
                if named < 0.75 or not column.filled or other.table is draft.table:
                    continue
                rate = self._matching.rate(column, key)
                if rate.share >= 0.5 and other.key_name:
                    alias = draft.join(Join(other.name, Column(draft.key_name), column.name))
                    draft.links.setdefault(field, []).append(Route(Column(other.key_name, alias)))
                    self._linker.evidence.append(
                        f"{other.name}.{column.name} matches {draft.name}.{draft.key_name} "
                        f"in {rate.share:.1%} of {rate.rows:,} rows"
                    )
                    return True
        return False


def _translated_key(table: TableProfile) -> tuple[str, ...]:
    """Of a table with names in several languages, what is named; the first name is taken."""
    columns = list(table.columns.values())[:3]
    for column in columns[1:]:
        repeated = column.distinct > 1 and columns[0].distinct * column.distinct == table.rows
        if words(column.name)[-1:] in _LANGUAGES and repeated:
            return (columns[0].name,)
    return ()


def _codes(side: Side, base: str, names: Names) -> bool:
    """Whether a table is called after what a column has codes of, and not those of others."""
    entity = entity_of(side.table.called)[0]
    mine = entity_of(names.table)[0]
    for whole in () if entity == "address" else side.names._own:
        own = whole.removesuffix("lang")
        head = own.removesuffix(base) if own.endswith(base) else ""
        others = vocabulary().entity(head)[0] if head else mine
        if own == base or (head and others in ("", mine)) or (len(own) > 3 and base.endswith(own)):
            return True
    return False


def _coded(column: ColumnProfile) -> bool:
    forms = column.forms
    return forms.share("phrase") < 0.2 and forms.share("date") < 0.2 and forms.share("email") < 0.2


def _name_column(table: TableProfile, names: Names, key: str) -> ColumnProfile | None:
    """The column that holds the names of a table of codes."""
    scored = []
    for place, column in enumerate(table.columns.values()):
        texts = names.stripped(column.name)
        score = max((3.0 - _NAMED.index(t) * 0.1 for t in texts if t in _NAMED), default=0.0)
        if not score and any(t.endswith("name") for t in texts):
            score = 1.5
        if not score and compact(column.name) in names._own:
            score = 1.2
        if not score and any(t.endswith(("description", "text")) for t in texts):
            score = 1.0
        numbers = column.forms.share("integer", "guid", "date")
        if score and column.filled and column.name != key and numbers < 0.5:
            scored.append((score - place * 0.01, column))
    return max(scored, key=lambda pair: pair[0])[1] if scored else None


def nearly_same(one: str, other: str) -> bool:
    """Whether two columns are called the same but for an ending, and not just `id`."""
    text, key = compact(one), compact(other)
    longer = len(key) > 5 and text.startswith(key) and 0 < len(text) - len(key) <= 5
    return same_name(one, other) or (longer and key not in ("recordid", "entityid"))


def _bare_id(name: str) -> str:
    text = compact(name)
    for end in ("ids", "id", "key", "no", "nr"):
        if text.endswith(end) and len(text) > len(end) + 2:
            return text[: -len(end)]
    return text.removeprefix("fk") if len(text) > 4 else text


def near(column: str, side: Side) -> bool:
    base = _bare_id(column)
    return any(
        own == base or (len(base) > 3 and own.endswith(base)) for own in side.names._own
    ) or (bool(side.key) and nearly_same(column, side.key))


def standing(table: TableProfile) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Rows of a link table that are not deleted."""
    known = vocabulary().words["deleted"]
    for column in table.columns.values():
        if compact(column.name) in known:
            yes = vocabulary().truths["yes"]
            kept = tuple(t for t in column.sample if t.lower() not in yes)
            return ((column.name, (*kept, "")),) if column.filled else ()
    return ()


def _customers(table: TableProfile) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Of a table of roles, those in which somebody is the customer."""
    known = vocabulary().words["customer"]
    for column in table.columns.values():
        if column.distinct > 200 or column.forms.share("phrase") > 0.5:
            continue
        said = {"role", "type", "function", "doctype"} & set(words(column.name))
        if not said and not compact(column.name).endswith(("role", "type", "doctype")):
            continue
        kept = tuple(t for t in column.sample if any(w in compact(t) for w in known))
        if kept and len(kept) < column.distinct:
            return ((column.name, kept),)
    return ()
