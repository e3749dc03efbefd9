"""Splitting: one table that holds several things, such as companies inside a list of contacts."""

from __future__ import annotations

from crmpanel.importing.mapping import Column, Concatenated, Constant, Route, Taken
from crmpanel.importing.understanding.columns import assigned
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.fitting import fit
from crmpanel.importing.understanding.joining import Joiner
from crmpanel.importing.understanding.links import Linker
from crmpanel.importing.understanding.matching import Matching
from crmpanel.importing.understanding.naming import Names
from crmpanel.importing.understanding.profile import ColumnProfile, Cursor, TableProfile
from crmpanel.importing.understanding.tables import Role
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.importing.understanding.words import compact, words
from crmpanel.model.registry import Registry
from crmpanel.query.sqltext import quoted

#: Names of columns that stand in a table of something else, which say all by themselves.
_OWN = Names("", ())
#: Fields that only a company has, wherever their columns stand.
COMPANYS = ("website", "domain", "industry", "employees", "vat_number", "revenue", "territory")
#: Columns that end so hold what stands for a company, rather than its name.
CODES = ("number", "no", "nr", "code", "id", "ref", "key")
#: Fields that a company and a person have: whose they are, the values must tell.
SHARED = ("address", "address2", "postcode", "city", "state", "country", "type", "currency")


class Splitter:
    """Makes several drafts of one table."""

    def __init__(self, cursor: Cursor, registry: Registry, matching: Matching) -> None:
        self._cursor, self._registry, self._matching = cursor, registry, matching
        self.evidence: list[str] = []

    # ------------------------------------------------------------ companies and persons in a table

    def kinds(
        self, role: Role, table: TableProfile
    ) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """The column that tells companies from persons, with the texts of both; or nothing."""
        if role.entity not in ("organisation", "person"):
            return "", (), ()
        known, yes = vocabulary().words, vocabulary().truths["yes"]
        for column in table.columns.values():
            texts = role.names.stripped(column.name, role.entity)
            said = {*texts, column.compact} & (known["company"] | {"type"})
            if not said or not column.filled or column.distinct > 12:
                continue
            firms = [t for t in column.sample if compact(t) in known["company_values"]]
            if column.forms.share("boolean") == 1:
                firms = [t for t in column.sample if t.strip().lower() in yes]
            rest = [t for t in column.sample if t not in firms]
            persons = [t for t in rest if compact(t) in known["person_values"]]
            if firms and (
                persons or (column.forms.share("boolean") == 1 and (rest or column.share < 1))
            ):
                blank = ("",) if column.share < 1 else ()
                return column.name, tuple(firms), (*rest, *blank)
        return "", (), ()

    # ------------------------------------------------------------ contacts inside companies

    def persons_inside(self, draft: Draft, linker: Linker) -> Draft | None:
        """The contact that a table of organisations names in columns of its own."""
        if draft.entity != "organisation" or draft.only:
            return None
        entity = self._registry["person"]
        found = self._contact_columns(draft, linker)
        if not found:
            return None
        person = Draft("person", draft.table, draft.names, key=draft.key)
        rest = set(draft.table.columns) - set(found.values())
        person.fields = {f: Taken((Column(c),)) for f, c in found.items() if f in entity.fields}
        parts = [found[p] for p in ("first_name", "middle_name", "last_name") if p in found]
        if parts and found.get("name") in (None, draft.column_of("name")):
            person.fields["name"] = Concatenated(tuple(map(Column, parts)))
        self._named(person, found)
        person.reserved = rest
        person.links["organisation_id"] = [Route(draft.key[0])]
        self._name_by_person(draft, person)
        self.evidence.append(
            f"{draft.name} names a contact in {', '.join(found.values())}: persons are made of it"
        )
        return person

    def _named(self, person: Draft, found: dict[str, str]) -> None:
        """Only rows that name a contact are meant."""
        names = [found[n] for n in ("name", "last_name", "first_name") if n in found]
        best = max(names, key=lambda name: person.table.columns[name].share)
        if person.table.columns[best].share == 1:
            return
        others = " OR ".join(f"{quoted(name)} IS NOT NULL" for name in names)
        row = self._cursor.execute(
            f"SELECT count(*) FROM {person.table.relation} "
            f"WHERE {quoted(best)} IS NULL AND ({others})"
        ).fetchone()
        if not row[0]:
            person.only[best] = ("*",)

    def _name_by_person(self, draft: Draft, person: Draft) -> None:
        """Customers without a company are called after themselves."""
        column = draft.table.columns.get(draft.column_of("name"))
        name = person.fields.get("name")
        if column is not None and column.share < 0.98 and isinstance(name, Concatenated):
            draft.fields["name"] = Taken((Column(column.name), name))
            draft.kept.add("name")
            for field in ("email", "phone"):
                if field in draft.fields:
                    person.fields.setdefault(field, draft.fields[field])

    def _contact_columns(self, draft: Draft, linker: Linker) -> dict[str, str]:
        entity, used = self._registry["person"], draft.used()
        found = assigned(entity, draft.table, draft.names, without=used - self._shared(draft))
        found = {f: c for f, c in found.items() if not _is_list(draft.table.columns[c])}
        named = [c for f, c in found.items() if f == "name"]
        for column in named:
            concepts = draft.names.references(column)
            if concepts.get("person", 0) < 0.75 or self._is_link(draft, linker, column):
                del found["name"]
        if not ({"name", "last_name", "first_name"} & set(found)):
            return {}
        if not any(
            draft.table.columns[found[f]].filled
            for f in ("name", "last_name", "first_name")
            if f in found
        ):
            return {}
        return {f: c for f, c in found.items() if _of_person(c) or f in _PERSONAL}

    def _shared(self, draft: Draft) -> set[str]:
        """Columns of the organisation that may be called after its contact."""
        return {c for c in draft.used() if _of_person(c) and c != draft.key_name}

    def _is_link(self, draft: Draft, linker: Linker, column: str) -> bool:
        profile = draft.table.columns[column]
        if profile.forms.share("integer", "guid", "sfid") > 0.5:
            return True
        return linker.measure(draft, profile, "person", 0.5) is not None

    # ------------------------------------------------------------ companies inside contacts

    def organisations_inside(self, draft: Draft, linker: Linker) -> Draft | None:
        """The companies that a table of other things names in columns of its own."""
        name = self.company_name(draft)
        if not name:
            return None
        id_ = self._company_key(draft, name)
        key = id_ or name
        made = Draft("organisation", draft.table, draft.names, key=(Column(key),), group=True)
        made.fields["name"] = Taken((Column(name),))
        for field, column in self._company_fields(draft, name, key).items():
            made.fields.setdefault(field, Taken((Column(column),)))
        made.reserved = set(draft.table.columns) - {key}
        for column in dict.fromkeys((key, name)):
            if draft.table.columns[column].share < 1:
                made.only[column] = ("*",)
        none = ("0",) if key != name and "0" in draft.table.columns[key].sample else ()
        draft.links["organisation_id"] = [Route(Column(key, unset=none))]
        for field in list(draft.fields):
            if draft.column_of(field) in made.used() and not self._keeps(draft, field):
                del draft.fields[field]
        self.evidence.append(
            f"{draft.name} names {draft.table.columns[key].distinct:,} companies in {name}"
            + (f", told apart by {id_}" if id_ else "")
        )
        return made

    def _keeps(self, draft: Draft, field: str) -> bool:
        return field in (self._registry[draft.entity].title,)

    def company_name(self, draft: Draft) -> str:
        """The column in which a table of other things has names of companies, or nothing."""
        scored = []
        for column in draft.table.columns.values():
            sure = draft.names.references(column.name).get("organisation", 0)
            texts = column.forms.share("integer", "guid", "sfid", "date", "email", "number") < 0.3
            coded = words(column.name)[-1:] and words(column.name)[-1] in CODES
            if coded and column.forms.share("phrase") < 0.3:
                continue
            if sure >= 0.9 and column.filled and texts and column.name != draft.key_name:
                named = (
                    0.2 if "name" in compact(column.name) or "navn" in compact(column.name) else 0
                )
                scored.append((sure + named + column.share * 0.3, column.name))
        return max(scored)[1] if scored else ""

    def _company_key(self, draft: Draft, name: str) -> str:
        """A column of ids that goes one to one with the companies' names."""
        for column in draft.table.columns.values():
            sure = draft.names.references(column.name).get("organisation", 0)
            ids = column.forms.share("integer", "guid", "sfid", "code") > 0.9
            filled = column.filled >= 0.9 * draft.table.columns[name].filled
            other = column.name not in (name, draft.key_name)
            if sure < 0.9 or not (ids and filled and other):
                continue
            if self._matching.depends(draft.name, column.name, name):
                return column.name
        return ""

    def _company_fields(self, draft: Draft, name: str, key: str) -> dict[str, str]:
        entity, found = self._registry["organisation"], {}
        for column in draft.table.columns.values():
            if column.name in (name, key, draft.key_name) or not column.filled:
                continue
            scores = draft.names.fields(column.name, "organisation")
            for field, score in sorted(scores.items(), key=lambda pair: -pair[1]):
                if field in ("name", "created", "comment", "status", "division") or field in found:
                    continue
                if score * fit(entity.fields[field], column) < 0.5:
                    continue
                said = _of_company(column.name) or (field in COMPANYS and draft.entity == "person")
                if field == "erp_id" and said:
                    said = self._matching.depends(draft.name, key, column.name)
                if said or (field in SHARED and self._same_for_all(draft, key, column)):
                    found[field] = column.name
                    break
        return found

    def _same_for_all(self, draft: Draft, key: str, column: ColumnProfile) -> bool:
        """Whether rows of one company agree, and there are such rows."""
        several = draft.table.columns[key].distinct < 0.8 * draft.table.columns[key].filled
        depends = self._matching.depends
        return several and column.distinct > 1 and depends(draft.name, key, column.name)

    # ------------------------------------------------------------ contacts inside other things

    def persons_named(self, draft: Draft, linker: Linker) -> Draft | None:
        """The contacts that a table of deals or the like names in columns of their own."""
        field = next(
            (f.name for f in self._registry[draft.entity].references if f.target == "person"), ""
        )
        if not field or draft.entity == "organisation" or draft.group or draft.links.get(field):
            return None
        entity, found = self._registry["person"], {}
        said = [c for c in draft.table.columns if _of_person(c) and c not in draft.reserved]
        used = draft.used() - self._shared(draft)
        said += [c for c in self._plain(draft) if c not in said]
        for name, column in assigned(entity, draft.table, _OWN, used, said).items() if said else ():
            if draft.table.columns[column].filled:
                found[name] = column
        name = found.get("name", "") or self._address(draft) or self._requester(draft)
        if not name or draft.table.columns[name].forms.share("phrase", "email") < 0.5:
            return None
        key = self._person_key(draft, said, name)
        made = Draft("person", draft.table, _OWN, key=(Column(key),), group=True)
        found.setdefault("email" if draft.table.columns[name].kind == "email" else "name", name)
        made.fields = {f: Taken((Column(c),)) for f, c in found.items() if f in entity.fields}
        made.fields.setdefault("name", Taken((Column(name),)))
        made.reserved = set(draft.table.columns) - {key}
        draft.links[field] = [Route(Column(key))]
        made.links["organisation_id"] = list(draft.links.get("organisation_id", []))
        self.evidence.append(f"{draft.name} names contacts in {', '.join(found.values())}")
        return made

    def _plain(self, draft: Draft) -> list[str]:
        """Columns of a ticket that are called as those of a contact are: full name, e-mail."""
        rest = set(draft.table.columns) - draft.used() - draft.reserved
        found = assigned(self._registry["person"], draft.table, _OWN, (), rest) if rest else {}
        said = {f: c for f, c in found.items() if f in _PLAIN and draft.table.columns[c].filled}
        named = {"name", "last_name"} & said.keys() and "email" in said
        return list(said.values()) if named and draft.entity == "ticket" else []

    def _address(self, draft: Draft) -> str:
        """A column of e-mail addresses of contacts, which is all that is known of them."""
        for column in draft.table.columns.values():
            named = draft.names.references(column.name).get("person", 0) >= 0.9
            if named and column.forms.share("email") > 0.9:
                return column.name
        return ""

    def _requester(self, draft: Draft) -> str:
        """Of tickets, the column that names who has asked."""
        for column in draft.table.columns.values() if draft.entity == "ticket" else ():
            named = draft.names.references(column.name).get("person", 0) >= 0.9
            if named and column.forms.share("phrase") > 0.5 and column.name not in draft.used():
                return column.name
        return ""

    def _person_key(self, draft: Draft, said: list[str], name: str) -> str:
        """A column of ids that goes one to one with the contacts' names."""
        whole = draft.table.columns[name]
        for column in map(draft.table.columns.__getitem__, said):
            ids = column.forms.share("integer", "guid", "sfid", "code") > 0.9
            if ids and column.filled >= 0.9 * whole.filled and column.compact.endswith("id"):
                return column.name
        return name

    # ------------------------------------------------------------ private customers

    def private(
        self, person: Draft, organisations: list[Draft], linker: Linker, joiner: Joiner
    ) -> Draft | None:
        """Persons whom orders name as the customer become organisations of their own."""
        if not person.key_name or self._meet(person, organisations, linker):
            return None
        made = Draft("organisation", person.table, person.names, key=person.key)
        entity = self._registry["organisation"]
        for field, value in person.fields.items():
            if field in entity.fields and field in (
                "name", "email", "phone", "address", "postcode", "city", "country", "created"
            ):  # fmt: skip
                made.fields[field] = value
        rest = assigned(entity, person.table, person.names, person.used())
        for field, column in rest.items():
            if field in SHARED:
                made.fields.setdefault(field, Taken((Column(column),)))
        made.fields["type"] = Constant("Private")
        made.joins, made.only = list(person.joins), dict(person.only)
        if known := joiner.customers(person):
            made.join(known[0])
            made.only[known[1][0]] = known[1][1:]
        else:
            for route in person.links.get("organisation_id", []):
                table, name = route.column.table, route.column.name
                if not route.via:
                    made.only[f"{table}.{name}" if table else name] = ("",)
        made.reserved = set(person.table.columns)
        person.links.setdefault("organisation_id", []).append(Route(person.key[0]))
        self.evidence.append(
            f"records name persons of {person.name} as customers: those without a company become "
            "organisations of their own"
        )
        return made

    def _meet(self, person: Draft, organisations: list[Draft], linker: Linker) -> bool:
        """Whether a person and an organisation have the same key."""
        key = person.table.columns[person.key_name]
        for other in organisations:
            if other.table is person.table and other.key == person.key:
                if other.only:
                    continue
                return True
            known = other.table.columns.get(other.key_name)
            if known is not None and linker.matching.rate(key, known).matched:
                return True
        return False


_PERSONAL = ("first_name", "middle_name", "last_name", "salutation", "birthday", "mobile", "title")
_PLAIN = ("name", "first_name", "last_name", "email", "phone", "mobile", "title")
_OF_PERSON = ("contact", "kontakt", "person", "ansprech", "att", "primary")
_OF_COMPANY = ("company", "account", "organisation", "organization", "firm", "business", "customer",
               "client", "kunde", "kund", "bedrift", "virksomhed", "foretag", "org", "unternehmen",
               "selskap", "selskab", "bolag", "employer")  # fmt: skip


def _is_list(column: ColumnProfile) -> bool:
    """Whether cells hold several names, each of a record that stands somewhere else."""
    several = sum(n for text, n in column.sample.items() if text.count(",") > 1 or ";" in text)
    return several > 0.05 * column.sample.total()


def _of_person(name: str) -> bool:
    return any(word.startswith(_OF_PERSON) for word in words(name)[:1])


def _of_company(name: str) -> bool:
    return bool(words(name)) and any(word.startswith(_OF_COMPANY) for word in words(name)[:1])
