"""Understanding: a complete mapping for any tables, from names, values and measured links."""

from __future__ import annotations

from collections.abc import Mapping as Tables
from collections.abc import Sequence

from crmpanel.importing.mapping import Column, Constant, Mapping, Route, Taken
from crmpanel.importing.understanding.addresses import Addresses
from crmpanel.importing.understanding.buyers import buyers_inside, guests_inside
from crmpanel.importing.understanding.codes import give_codes
from crmpanel.importing.understanding.columns import assigned, give_fields, give_outcome, named
from crmpanel.importing.understanding.completing import Completing
from crmpanel.importing.understanding.deriving import (
    PARENTS,
    give_amounts,
    give_done,
    leave_out_deleted,
)
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.dropping import Dropper
from crmpanel.importing.understanding.extending import Extender
from crmpanel.importing.understanding.firstdrafts import FirstDrafts
from crmpanel.importing.understanding.flatlists import FlatLists
from crmpanel.importing.understanding.joining import Joiner
from crmpanel.importing.understanding.linkrules import ORDER
from crmpanel.importing.understanding.links import Linker
from crmpanel.importing.understanding.matching import Matching
from crmpanel.importing.understanding.measuring import Measuring
from crmpanel.importing.understanding.merging import merged
from crmpanel.importing.understanding.naming import entity_of, is_log, label_of
from crmpanel.importing.understanding.profile import ColumnProfile, Cursor, Profile
from crmpanel.importing.understanding.proposal import Proposal, Question
from crmpanel.importing.understanding.splitting import Splitter
from crmpanel.importing.understanding.standins import StandIns
from crmpanel.importing.understanding.statuses import roles_of
from crmpanel.importing.understanding.tables import REASONS, roles
from crmpanel.importing.understanding.times import give_times
from crmpanel.importing.understanding.words import words
from crmpanel.model.entity import Entity
from crmpanel.model.registry import Registry


def understand(
    profile: Profile,
    cursor: Cursor,
    tables: Tables[str, tuple[str, Sequence[str]]],
    registry: Registry,
    mapping: Mapping | None = None,
    extend: bool = False,
) -> Proposal:
    """Propose how tables become entities, or complete a mapping that is given.

    Parameters
    ----------
    profile : of the tables.
    cursor : on which they can be read.
    tables : by name, the SQL of the relation and its columns.
    registry : the entities.
    mapping : one that was recognised or written by hand; proposed if None.
    extend : read what `mapping` says nothing of as well.
    """
    completing = Completing(profile, registry, Measuring(cursor, profile))
    if mapping is not None and not extend:
        done = completing.complete(mapping)
        return Proposal(done, tuple(completing.evidence), tuple(completing.questions))
    for table in profile.tables.values():
        table.count(list(table.columns))
    made = _Understanding(profile, cursor, registry)
    proposed = made.mapping()
    proposed = completing.complete(
        merged(mapping, proposed, profile, registry) if mapping else proposed
    )
    return Proposal(
        proposed,
        (*made.evidence, *completing.evidence),
        (*made.questions, *completing.questions),
    )


#: Keys of more characters are not for people to read.
LONG = 16


class _Understanding:
    """The making of one proposal."""

    def __init__(self, profile: Profile, cursor: Cursor, registry: Registry) -> None:
        self._profile, self._registry = profile, registry
        self._matching = Matching(cursor, profile)
        self._splitter = Splitter(cursor, registry, self._matching)
        self._flat_lists = FlatLists(self._matching, registry)
        self._roles = roles(profile, registry)
        self.evidence: list[str] = []
        self.questions: list[Question] = []
        self._drafts: list[Draft] = []
        self._stand_ins: dict[str, str] = {}

    def mapping(self) -> Mapping:
        first = FirstDrafts(
            self._profile,
            self._registry,
            self._matching,
            self._splitter,
            self._flat_lists,
            self._roles,
        )
        self._drafts = first.make()
        self.evidence += first.evidence
        self._linker = Linker(self._profile, self._registry, self._drafts, self._matching)
        self._joiner = Joiner(self._linker, self._profile, self._registry)
        self._dropper = Dropper(self._linker, self._joiner, self._roles)
        for draft in self._drafts:
            self._joiner.lookups(draft)
        self._fields()
        self._orders_inside()
        self._link()
        self._organisations_inside()
        self._persons_inside()
        self._dropper.users()
        self._dropper.lines()
        for draft in self._drafts:
            self._joiner.owners(draft)
        self._private()
        self._guests()
        self._fields()
        for draft in self._linker.of("user"):
            self._joiner.user_names(draft)
        for draft in self._linker.of("organisation"):
            self._joiner.firm_names(draft)
        extender = Extender(self._joiner, self._linker)
        addresses = Addresses(self._joiner, self._linker)
        for draft in self._drafts:
            extender.extend(draft, self._registry[draft.entity])
            self._joiner.name_lookups(draft, self._registry[draft.entity])
            give_outcome(draft)
            give_codes(draft)
            give_done(draft, self._registry[draft.entity])
            addresses.give(draft, self._registry[draft.entity])
            leave_out_deleted(draft, draft.table)
        stand_ins = StandIns(self._linker, self._registry)
        stand_ins.owners()
        self._linker.finish()
        self.evidence += give_amounts(self._drafts)
        if not self._linker.of("organisation"):
            stand_ins.companies()
        self._stand_ins.update(stand_ins.texts)
        self._tidy()
        self.evidence += [
            *self._linker.evidence,
            *self._flat_lists.evidence,
            *self._splitter.evidence,
        ]
        return self._result()

    def _link(self) -> None:
        """Find the links, and what they tell of the tables."""
        self._linker.run()
        self._dropper.contacts()
        if not self._linker.of("organisation"):
            self._linker.parties += [d for d in self._linker.of("person") if _customers(d)]
            self._private()
        self._dropper.twins()

    # ------------------------------------------------------------ fields

    def _fields(self) -> None:
        for draft in self._drafts:
            if draft.group or (draft.reserved and draft.entity != "quotation_line"):
                continue
            kept = {n: v for n, v in draft.fields.items() if n in draft.kept}
            draft.fields = dict(kept)
            entity = self._registry[draft.entity]
            taken = self._taken(draft)
            taken |= self._nameless(draft, entity, taken)
            give_fields(draft, entity, taken)
            if customer := self._customer_in_title(draft, entity):
                draft.fields = kept
                give_fields(draft, entity, taken | {customer})
            self._number(draft, entity)

    def _customer_in_title(self, draft: Draft, entity: Entity) -> str:
        """The column that would be the title of an order, but has the name of its customer."""
        column = draft.table.columns.get(draft.column_of(entity.title))
        if column is None or column.distinct < 2 or draft.entity not in PARENTS:
            return ""
        for firm in self._drafts:
            name = firm.table.columns.get(firm.column_of("name"))
            if firm.entity != "organisation" or firm.group or name is None:
                continue
            if self._matching.rate(column, name, loose=True).share > 0.9:
                return column.name
        return ""

    def _taken(self, draft: Draft) -> set[str]:
        """Columns that are something else than a field: the key, links, marks of kinds."""
        taken = set(draft.only) | draft.reserved
        if draft.key_name and self._machine(draft, draft.key_name):
            taken.add(draft.key_name)
        for routes in draft.links.values():
            for route in routes:
                taken |= {name for name, _ in route.column.when}
                if not route.column.table and not route.by and route.column.name != draft.key_name:
                    taken.add(route.column.name)
                if route.by and not route.column.table and draft.entity != "email":
                    taken.add(route.column.name)
        titles = {draft.column_of(self._registry[draft.entity].title)}
        return taken - (titles if draft.group else set())

    def _nameless(self, draft: Draft, entity: Entity, taken: set[str]) -> set[str]:
        """The key, where it would be the name of a record that has a better one."""
        key = draft.key_name
        if not key or assigned(entity, draft.table, draft.names, taken).get(entity.title) != key:
            return set()
        rest = assigned(entity, draft.table, draft.names, taken | {key})
        names = [rest[n] for n in (entity.title, "first_name", "last_name") if n in rest]
        return {key} if any(_is_name(draft.table.columns[name]) for name in names) else set()

    def _machine(self, draft: Draft, column: str) -> bool:
        forms = draft.table.columns[column].forms
        fields = named(draft.table.columns[column], draft.names, draft.entity)
        if words(column)[-1:] == ("id",) and forms.share("email") < 0.5:
            return True
        long = forms.mean_length > LONG and forms.share("code") > 0.9 > forms.share("url")
        return long or forms.share("guid", "sfid") > 0.5 or max(fields.values(), default=0) < 0.85

    def _number(self, draft: Draft, entity: Entity) -> None:
        """A key that people can read is the number, where there is no other."""
        number = draft.table.columns.get(draft.column_of("number"))
        none = "number" not in draft.fields or (number is not None and not number.filled)
        if "number" in entity.fields and none and draft.key_name and draft.table.rows:
            forms = draft.table.columns[draft.key_name].forms
            if forms.share("guid", "sfid") < 0.5 and forms.mean_length <= LONG:
                draft.fields["number"] = Taken((Column(draft.key_name),))

    # ------------------------------------------------------------ splitting

    def _orders_inside(self) -> None:
        for draft in list(self._drafts):
            for parent in ("order", "quotation"):
                if self._linker.of(parent):
                    break
                if made := self._flat_lists.orders_inside(draft, parent):
                    self._add(made)
                    break

    def _organisations_inside(self) -> None:
        """Companies come from the lists that name them, where they have no table of their own."""
        for draft in sorted(self._drafts, key=lambda d: (d.entity != "person", -d.table.rows)):
            if self._linker.of("organisation"):
                break
            if draft.entity in ("user", "organisation") or draft.entity == "quotation_line":
                continue
            company = self._splitter.company_name(draft)
            made = buyers_inside(draft, company, self._registry)
            if made := made or self._splitter.organisations_inside(draft, self._linker):
                self._add(made)
                if made.key_name == made.column_of("name"):
                    self._stand_ins["organisation"] = "{key}"
                others = [d for d in self._drafts if d not in (draft, made)]
                self._linker.run(d for d in others if not d.links.get("organisation_id"))

    def _guests(self) -> None:
        """Who bought without being a registered customer is one all the same."""
        for draft in self._linker.of("order") if self._linker.of("organisation") else ():
            company = self._splitter.company_name(draft)
            if made := guests_inside(draft, company, self._registry):
                self._add(made)

    def _persons_inside(self) -> None:
        for draft in list(self._drafts):
            if not draft.group and (made := self._splitter.persons_inside(draft, self._linker)):
                self._add(made)
        for draft in list(self._drafts) if not self._linker.of("person") else ():
            if made := self._splitter.persons_named(draft, self._linker):
                self._add(made)
                self._linker.run(d for d in self._drafts if d not in (draft, made))

    def _private(self) -> None:
        parties = {id(d): d for d in self._linker.parties if d in self._drafts}
        self._linker.parties = []
        for person in parties.values():
            if self._splitter.company_name(person):
                continue
            organisations = self._linker.of("organisation")
            if made := self._splitter.private(person, organisations, self._linker, self._joiner):
                self._add(made)
                for draft in self._drafts:
                    self._name_directly(draft, person)

    def _name_directly(self, draft: Draft, person: Draft) -> None:
        """What names a person as the customer names the organisation made of it."""
        entity = self._registry[draft.entity]
        if entity.organisation in (None, "id") or draft.entity == "person":
            return
        routes = draft.links.setdefault(str(entity.organisation), [])
        for route in draft.links.get("person_id", []):
            plain = Route(route.column)
            concepts = draft.names.references(route.column.name) if not route.column.table else {}
            if concepts.get("organisation", 0) >= 0.9 and plain not in routes:
                routes.insert(0, plain)
        del person

    def _add(self, draft: Draft) -> None:
        self._drafts.append(draft)
        self._drafts.sort(key=lambda d: ORDER.index(d.entity))

    # ------------------------------------------------------------ the result

    def _tidy(self) -> None:
        for draft in self._drafts:
            entity = self._registry[draft.entity]
            give_times(draft, entity)
            draft.links = {
                name: routes
                for name, routes in draft.links.items()
                if routes and (self._linker.of(str(entity.field(name).target))
                               or entity.field(name).target in self._stand_ins)
            }  # fmt: skip
            self._kind(draft, entity)

    def _kind(self, draft: Draft, entity: Entity) -> None:
        """Activities of several tables are told apart by the name of theirs."""
        several = len(self._linker.of("activity")) > 1
        if draft.entity == "activity" and "type" not in draft.fields and several:
            draft.fields["type"] = Constant(label_of(draft.table.called))
        if draft.entity == "activity" and "status" not in draft.fields and is_log(draft.name):
            draft.fields["status"] = Constant("Completed")
        if draft.entity == "organisation" and "domain" not in draft.fields:
            website = draft.fields.get("website")
            if isinstance(website, Taken):
                draft.fields["domain"] = Taken(website.columns[:1], transform="domain")
        del entity

    def _result(self) -> Mapping:
        used = {draft.name for draft in self._drafts}
        used |= {join.table for draft in self._drafts for join in draft.joins}
        used |= {j.through.table for draft in self._drafts for j in draft.joins if j.through}
        roles: dict[str, dict[str, str]] = {}
        for draft in self._drafts:
            found = roles_of(draft, self._registry[draft.entity])
            roles.setdefault(draft.entity, {}).update(found)
        ignored = {
            name: role.why or REASONS.get(role.entity, "nothing is made of it")
            for name, role in self._roles.items()
            if name not in used
        }
        return Mapping(
            name="proposal",
            title="Proposal",
            sources=tuple(draft.source() for draft in self._drafts),
            recognise=self._recognise(),
            ignored=ignored,
            stand_ins=self._stand_ins,
            roles={entity: _last_any(found) for entity, found in roles.items() if found},
        )

    def _recognise(self) -> dict[str, tuple[str, ...]]:
        chosen = [d for d in self._drafts if d.entity in ("organisation", "person")]
        found = {}
        for draft in (chosen or self._drafts)[:3]:
            columns = [c.name for c in draft.key if not c.table]
            columns += [draft.column_of(name) for name in list(draft.fields)[:3]]
            found[draft.name] = tuple(dict.fromkeys(filter(None, columns)))
        return found


def _is_name(column: ColumnProfile) -> bool:
    """Whether records may be called after a column: it is no more than here and there blank."""
    return column.share > 0.5 and column.forms.share("long") < 0.1


def _customers(person: Draft) -> bool:
    """Whether a table of persons is named like one of customers."""
    return entity_of(person.table.called) == ("organisation", 1.0)


def _last_any(roles: dict[str, str]) -> dict[str, str]:
    """The same with ``*`` at the end."""
    named = {status: role for status, role in roles.items() if status != "*"}
    return {**named, **({"*": roles["*"]} if "*" in roles else {})}
