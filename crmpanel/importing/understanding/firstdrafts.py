"""First drafts: of every table that holds something known, with its key."""

from __future__ import annotations

from crmpanel.importing.mapping import Column
from crmpanel.importing.understanding.deriving import PARENTS
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.flatlists import FlatLists
from crmpanel.importing.understanding.keys import key_of
from crmpanel.importing.understanding.linkrules import ORDER
from crmpanel.importing.understanding.matching import Matching
from crmpanel.importing.understanding.naming import label_of
from crmpanel.importing.understanding.profile import Profile, TableProfile
from crmpanel.importing.understanding.splitting import Splitter
from crmpanel.importing.understanding.tables import Role, judged
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.model.registry import Registry

#: So many kinds of documents may be in one table.
FEW_KINDS = 12


class FirstDrafts:
    """Makes drafts of tables.

    Parameters
    ----------
    roles : by table, what it holds; changed where a closer look says otherwise.
    """

    def __init__(
        self, profile: Profile, registry: Registry, matching: Matching, splitter: Splitter,
        flat: FlatLists, roles: dict[str, Role],
    ) -> None:  # fmt: skip
        self._profile, self._registry = profile, registry
        self._matching, self._splitter, self._flat_lists = matching, splitter, flat
        self.roles = roles
        self.evidence: list[str] = []
        self._drafts: list[Draft] = []

    def make(self) -> list[Draft]:
        """All of them, in the order in which they are linked."""
        lines = any(r.entity == "quotation_line" and r.named == 1 for r in self.roles.values())
        for name, role in self.roles.items():
            if not lines or role.entity in PARENTS:
                self._flat(role, self._profile.tables[name])
            self._firm(role, self._profile.tables[name])
            if role.entity in self._registry:
                self._drafts += self._of_table(name, role)
        self._drafts.sort(key=lambda d: ORDER.index(d.entity))
        self._prefix()
        return self._drafts

    def _flat(self, role: Role, table: TableProfile) -> None:
        """A list of orders that has their lines on rows of their own is a list of lines."""
        if parent := self._flat_lists.lines_of(role, table):
            seen = role.why if role.entity in PARENTS else "its columns are those of lines"
            role.why = f"{seen}; with the lines of each {parent} on rows of their own"
            role.entity = "quotation_line"

    def _firm(self, role: Role, table: TableProfile) -> None:
        """A list of contacts whose names are not those of their persons is one of companies."""
        name = role.fields.get("name")
        parts = [role.fields[part] for part in ("first_name", "last_name") if part in role.fields]
        if role.entity != "person" or not name or not parts or self._roles_of("organisation"):
            return
        if self._matching.holds(table.name, name, parts) > 0.5:
            return
        if firm := judged(table, role.names, self._registry["organisation"], role.named):
            role.entity, role.fields = "organisation", firm.fields
            role.why = f"{name} is not the name of the person, which is in {' and '.join(parts)}"

    def _roles_of(self, entity: str) -> list[Role]:
        return [role for role in self.roles.values() if role.entity == entity]

    def _of_table(self, name: str, role: Role) -> list[Draft]:
        table = self._profile.tables[name]
        key, why = key_of(table, role.names, role.entity, self._matching)
        if not key:
            self.roles[name] = Role("", 0, 0, role.names, {}, "it has no rows and no key")
            return []
        self.evidence.append(f"{name} holds {self._registry[role.entity].plural}: {role.why}")
        self.evidence.append(f"{name}: key {' and '.join(key)}, for {why}")
        column, firms, others = self._splitter.kinds(role, table)
        columns = tuple(map(Column, key))
        if role.staff[0]:
            return self._colleagues(role, table, columns)
        if not column:
            whole = Draft(role.entity, table, role.names, role.score, columns)
            return self._documents(whole) if role.entity in PARENTS else [whole]
        self.evidence.append(
            f"{name}.{column} tells organisations ({', '.join(firms)}) from persons"
        )
        organisation = Draft("organisation", table, role.names, role.score, columns)
        person = Draft("person", table, role.names, role.score, columns)
        organisation.only, person.only = {column: firms}, {column: others}
        return [organisation, person]

    def _documents(self, whole: Draft) -> list[Draft]:
        """Orders and quotations of one table, which a column tells apart."""
        for column in whole.table.columns.values():
            said = column.compact.endswith("type") and 1 < column.distinct <= FEW_KINDS
            kinds = {text: vocabulary().entity(text)[0] for text in column.sample} if said else {}
            if not set(PARENTS) <= set(kinds.values()):
                continue
            offers = tuple(text for text, kind in kinds.items() if kind == "quotation")
            quotation = Draft("quotation", whole.table, whole.names, whole.score, whole.key)
            order = Draft("order", whole.table, whole.names, whole.score, whole.key)
            quotation.only[column.name] = offers
            order.only[column.name] = tuple(t for t in kinds if t not in offers)
            self.evidence.append(
                f"{whole.name}.{column.name} tells quotations ({', '.join(offers)}) from orders"
            )
            return [quotation, order]
        return [whole]

    def _colleagues(self, role: Role, table: TableProfile, key: tuple[Column, ...]) -> list[Draft]:
        """Users among whom are persons of the customers."""
        name, texts = role.staff
        column = table.columns[name]
        user = Draft("user", table, role.names, role.score, key)
        person = Draft("person", table, role.names, role.score, key)
        if texts == ("",):
            person.only[name] = ("*",)
            shown = f"is blank for colleagues, and names the organisation of {column.share:.0%}"
        else:
            person.only[name] = tuple(text for text in column.sample if text not in texts)
            shown = f"tells colleagues ({', '.join(texts)}) from the persons of customers"
        user.only[name] = texts
        self.evidence.append(f"{table.name}.{name} {shown}")
        return [user, person]

    def _prefix(self) -> None:
        """Tables of one entity whose keys are the same get a word before them."""
        seen: list[Draft] = []
        for draft in self._drafts:
            same = [d for d in seen if d.entity == draft.entity and d.table is not draft.table]
            if draft.key_name and any(self._collide(draft, other) for other in same):
                label = label_of(draft.name).lower()
                draft.key = (Column(draft.key_name, prefix=f"{label} "),)
            seen.append(draft)

    def _collide(self, draft: Draft, other: Draft) -> bool:
        if not other.key_name or not draft.table.rows or not other.table.rows:
            return False
        key, own = other.table.columns[other.key_name], draft.table.columns[draft.key_name]
        return self._matching.rate(own, key).matched > 0
