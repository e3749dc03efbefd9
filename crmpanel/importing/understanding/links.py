"""Links: which columns name records of other tables, measured by what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from crmpanel.importing.mapping import Column, Route, columns_of
from crmpanel.importing.understanding.anything import Anything
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.linkrules import (
    BY,
    MATCHING,
    NAMED,
    NEARLY_ALL,
    Found,
    doubted,
    earlier,
    field_,
    same,
    same_name,
    small,
    speaks,
    telling,
)
from crmpanel.importing.understanding.linkrules import bare as bare_text
from crmpanel.importing.understanding.matching import SIGNS, Matching, Rate
from crmpanel.importing.understanding.naming import bare, is_log, shortened
from crmpanel.importing.understanding.profile import ColumnProfile, Profile
from crmpanel.importing.understanding.unnamed import Unnamed
from crmpanel.importing.understanding.words import compact, singulars
from crmpanel.model.entity import Entity
from crmpanel.model.registry import Registry


def _constant(column: ColumnProfile) -> bool:
    """Whether every row has the same small number: whose database it is, not whose record."""
    return column.filled > 1 and column.distinct == 1 and small(column)


#: What belongs to a ticket or an order has no field for it, but its organisation.
_MESSAGES = ("activity", "email", "meeting", "document")


class Linker:
    """Finds the links between drafts."""

    def __init__(
        self, profile: Profile, registry: Registry, drafts: list[Draft], matching: Matching
    ) -> None:
        self.profile, self.registry, self.matching = profile, registry, matching
        self.drafts = drafts
        self.evidence: list[str] = []
        self.hits: set[int] = set()
        self.parties: list[Draft] = []
        self._anything, self._unnamed = Anything(self), Unnamed(self)

    def of(self, entity: str) -> list[Draft]:
        """The drafts of an entity."""
        return [draft for draft in self.drafts if draft.entity == entity]

    def concepts(self, draft: Draft, column: str) -> dict[str, float]:
        """What a column's name refers to: by the vocabulary, and by the names of the tables."""
        found = dict(draft.names.references(column))
        base = compact(column)
        short = shortened("".join(draft.names.words(column)))
        for other in self.drafts:
            for own in other.names._own:
                if len(own) < 3 or other.group:
                    continue
                for text, score in ((base, 1.05), (bare_text(base), 1.05)):
                    if text == own:
                        found[other.entity] = max(found.get(other.entity, 0), score)
                if base.endswith(own + "id") and len(base) > len(own) + 2:
                    found[other.entity] = max(found.get(other.entity, 0), 0.8)
                if short and own.startswith(short):
                    found[other.entity] = max(found.get(other.entity, 0), 0.9)
            if other is not draft and self._alone(column, other):
                found[other.entity] = max(found.get(other.entity, 0), 1.0)
        return found

    def _alone(self, column: str, other: Draft) -> bool:
        """Whether a column is called like the key of one table, and of no other."""
        same = [d for d in self.drafts if d.key_name and same_name(column, d.key_name)]
        return other in same and all(d.table is other.table for d in same)

    def run(self, drafts: Iterable[Draft] | None = None) -> None:
        """Give every draft, or those given, its links."""
        for draft in list(drafts if drafts is not None else self.drafts):
            entity = self.registry[draft.entity]
            self._anything.link(draft, entity)
            for field in entity.references:
                if field.name in ("responsible2_id",):
                    self.give(draft, field.name, self.best(draft, "user", "second_user"))
                elif field.name == "parent_id":
                    self._parent(draft)
                else:
                    found = self.best(draft, str(field.target), str(field.target))
                    self.give(draft, field.name, found)
                    self._party(draft, found)
            self._unnamed.find(draft, entity)
            self._shared_keys(draft, entity)

    def finish(self) -> None:
        """What has no organisation of its own has that of the record it belongs to."""
        for draft in self.drafts:
            self._owner(draft)
            self._author(draft)

    def _author(self, draft: Draft) -> None:
        """Who wrote what has happened was responsible, where nobody else is named."""
        field = next(iter(self.registry[draft.entity].responsible), "")
        written = draft.entity in ("email", "document") or is_log(draft.table.called)
        if field and written and not draft.links.get(field):
            self.give(draft, field, self.best(draft, "user", "author"))

    def give(self, draft: Draft, field: str, found: list[Found]) -> None:
        """Take links as ways to what a field refers to."""
        for link in found:
            self.hits.add(id(link.draft))
            routes = draft.links.setdefault(field, [])
            route = link.route()
            if route not in routes:
                routes.append(route)
                self.evidence.append(link.sentence())

    def best(self, draft: Draft, target: str, concept: str) -> list[Found]:
        """The column or columns that name a record of `target`: by key, failing that by name."""
        found: list[Found] = []
        for column in draft.table.columns.values():
            named = self.concepts(draft, column.name)
            sure = named.get(concept, 0.0)
            if concept != "author" and named.get("author", 0) >= 0.9:
                continue
            if (
                sure < (0.75 if small(column) else 0.55)
                or not column.filled
                or column.name in draft.reserved
            ):
                continue
            if any(score > sure for other, score in named.items() if other not in ("any", concept)):
                continue
            if link := self.measure(draft, column, target, sure):
                found.append(doubted(link))
        found.sort(key=lambda link: (-link.score, -link.column.share))
        found = [link for link in found if link.score >= 0.55 or link.column.filled <= 20]
        if not found or (found[0].score < 0.55 and draft.links.get(field_(target))):
            return []
        # A name beside a key says the same once more, or helps where the key says nothing.
        least = MATCHING if found[0].column.share * found[0].rate.share < 0.98 else 0.98
        more = [f for f in found[1:3] if f.score >= 0.55 and f.by and f.rate.share >= least]
        return [found[0], *more]

    def measure(
        self, draft: Draft, column: ColumnProfile, target: str, sure: float
    ) -> Found | None:
        """The best way in which a column names records of an entity."""
        found: list[Found] = []
        for other in self.of(target):
            if other is draft and column.name == draft.key_name:
                continue
            found += filter(
                None,
                (
                    self._by_key(draft, column, other, sure),
                    self._by_field(draft, column, other, sure),
                ),
            )
        return max(found, key=lambda link: link.score, default=None)

    def _by_key(
        self, draft: Draft, column: ColumnProfile, other: Draft, sure: float
    ) -> Found | None:
        if not other.key_name:
            return None
        key = other.table.columns[other.key_name]
        if other.table is draft.table and column.name == key.name and not other.group:
            return None
        if small(column) and self._elsewhere(draft, column.name):
            return None
        rate, split = self._parted(
            column,
            lambda split: self.matching.rate(column, key, ignore=("0",), split=split),
            0.98,
        )
        if rate.share >= MATCHING or (sure >= 0.9 and rate.share >= NAMED):
            return Found(column, other, "", rate, 0.6 * rate.share + 0.4 * sure, split)
        return None

    def _elsewhere(self, draft: Draft, column: str) -> bool:
        """Whether a column is called after a table that nothing is made of."""
        base = "".join(bare(draft.names.words(column)))
        used = {other.name for other in self.drafts}
        others = (table.called for name, table in self.profile.tables.items() if name not in used)
        return any(base in singulars(compact(n.rpartition(".")[2])) for n in others)

    def _by_field(
        self, draft: Draft, column: ColumnProfile, other: Draft, sure: float
    ) -> Found | None:
        found = []
        if small(column) and self._elsewhere(draft, column.name):
            return None
        for by in BY.get(other.entity, ()):
            same = other.table is draft.table and not (other.only and draft.only)
            if same or not speaks(column, by):
                continue
            rate, split = self.named(column, other, by)
            if rate.share >= MATCHING or (sure >= 0.9 and rate.share >= NAMED and by == "name"):
                score = 0.55 * rate.share + 0.4 * sure
                found.append(Found(column, other, by, rate, score, split))
        return max(found, key=lambda link: link.score, default=None)

    def named(self, column: ColumnProfile, other: Draft, by: str) -> tuple[Rate, str]:
        """How many texts of a column name records by a field, and the sign between their parts."""
        name = other.column_of(by)
        if not name or len(columns_of(other.fields[by])) > 1:
            measure = partial(self.matching.composed, column, other, by)
        else:
            key = other.table.columns[name]
            measure = partial(self.matching.rate, column, key, loose=True)
        return self._parted(column, lambda split: measure(split=split))

    def _parted(
        self, column: ColumnProfile, measure: Callable[[str], Rate], enough: float = MATCHING
    ) -> tuple[Rate, str]:
        """The rate of whole texts; where these say too little, that of their first parts."""
        rates = [(measure(""), "")]
        if rates[0][0].share < enough:
            signs = [sign for sign in SIGNS if any(sign in text for text in column.sample)]
            rates += [(measure(sign), sign) for sign in signs]
        return max(rates, key=lambda pair: pair[0].share)

    def _parent(self, draft: Draft) -> None:
        found = []
        for column in draft.table.columns.values():
            named = self.concepts(draft, column.name)
            sure = max(
                named.get("parent", 0),
                named.get("any", 0) * 0.9,
                named.get("organisation", 0) * 0.8,
            )
            if sure < 0.5 or column.name == draft.key_name or not column.filled:
                continue
            if column.name in draft.used():
                continue
            link = self._by_key(draft, column, draft, sure) or self._itself(draft, column, sure)
            if link and not same(draft, link) and doubted(link) is link:
                found.append(link)
        found.sort(key=lambda link: -link.score)
        self.give(draft, "parent_id", found[:1])

    def _itself(self, draft: Draft, column: ColumnProfile, sure: float) -> Found | None:
        name = draft.column_of("name")
        if not name or name == column.name or sure < 0.9:
            return None
        if column.sample == draft.table.columns[name].sample:
            return None  # the name once more
        rate, split = self.named(column, draft, "name")
        score = 0.5 * rate.share + 0.4 * sure
        return Found(column, draft, "name", rate, score, split) if rate.share >= MATCHING else None

    def by_keys(
        self, draft: Draft, column: ColumnProfile, target: str, least: float = MATCHING
    ) -> Found | None:
        """A table of an entity whose keys a column has, whatever it is called."""
        for other in self.of(target):
            if other.table is not draft.table and other.key_name:
                rate = self.matching.rate(column, other.table.columns[other.key_name])
                if rate.share >= least and rate.matched > 1:
                    return Found(column, other, "", rate, 0.6 * rate.share)
        return None

    def _party(self, draft: Draft, found: list[Found]) -> None:
        """A person whom a column names that speaks of customers is a party of its own."""
        for link in found:
            concepts = draft.names.references(link.column.name)
            if link.draft.entity == "person" and concepts.get("organisation", 0) >= 0.9:
                self.parties.append(link.draft)

    def _shared_keys(self, draft: Draft, entity: Entity) -> None:
        """A column that names the party may be matched by a person where it is no organisation."""
        if entity.name == "organisation":
            return
        for column in draft.table.columns.values():
            sure = self.concepts(draft, column.name).get("organisation", 0)
            if sure < 0.9 or not column.filled or column.name in draft.reserved:
                continue
            if column.name == draft.key_name or _constant(column):
                continue
            field = next((f.name for f in entity.references if f.target == "person"), "")
            if not field or draft.links.get(field):
                self._through_person(draft, entity, column)
                continue
            link = self.by_keys(draft, column, "person")
            if link is None and telling(column):
                link = self._some(draft, column)
            home = not link or link.draft.table is self._home(draft, column)
            if link and (home or not small(column) or self._only(link)):
                self.give(draft, field, [link])
                self.parties.append(link.draft)

    def _only(self, link: Found) -> bool:
        """Whether small numbers match nearly all persons, and far fewer organisations."""
        least = link.rate.share - MATCHING
        others = [self.matching.rate(link.column, d.table.columns[d.key_name])
                  for d in self.of("organisation") if d.key_name]  # fmt: skip
        return link.rate.share >= NEARLY_ALL and all(rate.share < least for rate in others)

    def _through_person(self, draft: Draft, entity: Entity, column: ColumnProfile) -> None:
        """Some of the customers that a column names are persons: theirs is the organisation."""
        routes = draft.links.get(str(entity.organisation), [])
        own = any(r.column.name == column.name and not (r.by or r.via) for r in routes)
        if own and draft.entity != "person" and telling(column) and self._some(draft, column):
            via = Route(Column(column.name), "person")
            routes += [via] if via not in routes else []

    def _home(self, draft: Draft, column: ColumnProfile) -> object:
        """The table that holds the organisations that a column names."""
        for route in draft.links.get("organisation_id", []):
            if route.column.name == column.name:
                for other in self.of("organisation"):
                    if other.key_name and any(p.table is other.table for p in self.of("person")):
                        return other.table
        return None if self.of("organisation") else self.of("person")[0].table

    def _some(self, draft: Draft, column: ColumnProfile) -> Found | None:
        for other in self.of("person"):
            if other.table is not draft.table and other.key_name:
                rate = self.matching.rate(column, other.table.columns[other.key_name])
                if rate.matched:
                    return Found(column, other, "", rate, 0.4)
        return None

    def _owner(self, draft: Draft) -> None:
        """What has no organisation of its own has that of the record it belongs to."""
        entity = self.registry[draft.entity]
        if entity.organisation in (None, "id"):
            return
        routes = draft.links.setdefault(str(entity.organisation), [])
        for target in ("quotation", "order", "person", "ticket"):
            if not self.of(target) or not earlier(target, draft.entity):
                continue
            for field in entity.references:
                if field.target == target:
                    for route in list(draft.links.get(field.name, [])):
                        via = Route(route.column, target, route.by)
                        # Persons of one name are many.
                        if via not in routes and (target, route.by) != ("person", "name"):
                            routes.append(via)
            if not any(field.target == target for field in entity.references):
                found = self.best(draft, target, target) if draft.entity in _MESSAGES else []
                routes += [link.route(target) for link in found if not link.by]
