"""Tables become entities: the name of a table and its columns together decide."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from crmpanel.importing.understanding.columns import assigned
from crmpanel.importing.understanding.linkrules import same_name
from crmpanel.importing.understanding.naming import Names, entity_of, shared_prefix
from crmpanel.importing.understanding.profile import ColumnProfile, Profile, TableProfile
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.importing.understanding.words import compact, singulars, words
from crmpanel.model.entity import Entity
from crmpanel.model.registry import Registry

#: What columns alone must say, where the name of the table says nothing.
ALONE = 2.4
#: What they must say where only a part of the name is that of an entity.
PARTLY = 1.6

#: What they must say where no table says more.
LEAST = 1.2

#: How well a table's name fits that ends with the name of an entity: ``deal_tasks``.
ENDS = 0.6
#: What tables of this entity must say that are named so, beside one with the very name.
SEVERAL = {"activity": 3.0}
#: One field of each of these groups must be there, or it is not that entity.
NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "organisation": (("name",),),
    "person": (("name", "last_name", "first_name"),),
    "user": (("name", "last_name", "first_name", "login"),),
    "activity": (("subject", "note", "type"),),
    "meeting": (("subject",), ("start",)),
    "quotation": (("description", "number"), ("level", "value", "date", "probability")),
    "order": (("number", "description", "date"), ("date", "value", "status")),
    "quotation_line": (("name", "item_number", "line_total"), ("quantity", "price", "line_total")),
    "ticket": (("subject", "description"),),
    "product": (("name",),),
    "email": (("subject", "body"), ("sender", "recipients", "sent", "direction")),
    "document": (("file_name",),),
}
#: Of tables that are named like one of these, another entity is made where there is no better one.
INSTEAD = {"invoice": "order", "payment": "order", "lead": "person"}
#: How the columns end that hold keys.
_KEYS = ("id", "no", "nr", "key", "code", "number")
REASONS = {
    "invoice": "invoices have no place on the card; the orders are read",
    "payment": "payments have no place on the card; the orders are read",
    "lead": "a lead belongs to no organisation yet",
    "supplier": "the card is about customers",
    "catalogue": "what is sold to everybody belongs to no organisation",
    "address": "addresses are read with those who have them",
    "campaign": "campaigns have no place on the card yet",
}


@dataclass
class Role:
    """What a table holds.

    Parameters
    ----------
    entity : the entity, or what of `REASONS` it is, or nothing.
    named : how well the table's name fits: 1 for all of it.
    score : how sure it is.
    fields : fields and the columns that they would be taken from.
    why : the evidence.
    """

    entity: str
    named: float
    score: float
    names: Names
    fields: dict[str, str] = field(default_factory=dict)
    why: str = ""
    #: Of users among whom are the customers' persons: the column, and its texts for colleagues.
    staff: tuple[str, tuple[str, ...]] = ("", ())


def roles(profile: Profile, registry: Registry) -> dict[str, Role]:
    """For every table, what it holds."""
    _call(profile)
    found = {name: role_of(table, registry) for name, table in profile.tables.items()}
    exact = {role.entity for role in found.values() if role.named == 1}
    for name, role in found.items():
        least = SEVERAL.get(role.entity, 6.0) if role.named >= ENDS else 6.0
        weak = role.named < 1 and role.score < least
        if role.entity in registry and role.entity in exact and weak:
            why = f"another table is named like {registry[role.entity].plural}"
            found[name] = Role("", role.named, 0, role.names, {}, why)
    _own_shops(found)
    _end_users(found, profile)
    _firms(found, profile, registry)
    _instead(found, profile, registry)
    _nameless(found, profile, registry)
    if not any(role.entity in registry for role in found.values()):
        _only(found, profile, registry)
    return found


def _call(profile: Profile) -> None:
    """Leave out of the tables' names what most begin with, unless it says what they hold."""
    prefix = shared_prefix(profile.tables)
    n = next((i for i, word in enumerate(prefix) if vocabulary().entity(word)[0]), len(prefix))
    for name, table in profile.tables.items():
        own = words(name)
        if n and own[:n] == prefix[:n] and len(own) > n:
            table.called = " ".join(own[n:])


def _own_shops(found: dict[str, Role]) -> None:
    """Where there are customers, stores and branches are the seller's own."""
    shops = [name for name, role in found.items() if _is_shop(role.names)]
    customers = [role for name, role in found.items() if name not in shops and _customers(role)]
    for name in shops if customers else ():
        if found[name].entity == "organisation":
            why = "these are the seller's own; the customers are in another table"
            found[name] = Role("", 0, 0, found[name].names, {}, why)


def _is_shop(names: Names) -> bool:
    own = vocabulary().words["own"]
    return any(own & set(singulars(text)) for text in names._own)


def _end_users(found: dict[str, Role], profile: Profile) -> None:
    """Users who belong to different organisations are the customers' persons."""
    for name, role in found.items():
        if role.entity == "user" and _owned(profile.tables[name], role.names):
            role.entity, role.why = "person", f"{role.why}; they are looked after by somebody else"
    users = {name: role for name, role in found.items() if role.entity == "user"}
    firms = [profile.tables[n] for n, role in found.items() if role.entity == "organisation"]
    mixed = {n: c for n, r in users.items() if (c := _employer(profile.tables[n], r.names, firms))}
    for name, column in mixed.items():
        role, table = users[name], profile.tables[name]
        if len(mixed) < len(users) or not firms:
            role.entity, role.why = "person", f"{role.why}; {column} names their organisations"
        else:
            role.staff = _staff(table, role.names) or (column, ("",))


def _owned(table: TableProfile, names: Names) -> bool:
    """Whether a column of a table of users names their owners, who are not among them."""
    known = {text for column in table.columns.values() for text in column.sample
             if column.distinct == table.rows}  # fmt: skip
    return any(
        column.filled and "owner" in words(column.name) and not known & column.sample.keys()
        for column in table.columns.values()
        if names.references(column.name).get("user", 0) >= 0.9
    )


def _employer(table: TableProfile, names: Names, firms: list[TableProfile]) -> str:
    """The column in which users name their organisations, several of them."""
    for column in table.columns.values():
        sure = names.references(column.name).get("organisation", 0.0)
        keys = [c for firm in firms for c in firm.columns.values()
                if c.compact.endswith(_KEYS) and c.distinct == c.rows
                and same_name(c.name, column.name)]  # fmt: skip
        if (sure < 0.9 and not keys) or column.share < 0.3 or column.distinct < 5:
            continue
        if not firms and column.forms.share("phrase", "text") > 0.3:
            return column.name
        for other in (c for f in firms for c in f.columns.values() if c.distinct == c.rows):
            if len(column.sample.keys() & other.sample.keys()) > 0.5 * len(column.sample):
                return column.name
    return ""


def _staff(table: TableProfile, names: Names) -> tuple[str, tuple[str, ...]] | None:
    """The column that tells colleagues from customers, and its texts for colleagues."""
    known = vocabulary().words["staff"]
    for column in table.columns.values():
        texts = tuple(text for text in column.sample if compact(text) in known)
        named = names.fields(column.name, "user").get("access_level", 0) >= 0.85
        if texts and len(texts) < column.distinct <= 12 and (named or column.compact == "type"):
            return column.name, texts
    return None


def _customers(role: Role) -> bool:
    named = entity_of(role.names.table) == ("organisation", 1.0)
    return named and role.entity in ("organisation", "person")


def _nameless(found: dict[str, Role], profile: Profile, registry: Registry) -> None:
    """Where customers have neither names nor companies, the table of their keys is read."""
    if any(role.entity in ("organisation", "person") for role in found.values()):
        return
    for name, table in profile.tables.items():
        names = found[name].names
        fields = assigned(registry["organisation"], table, names)
        entity, sure = entity_of(table.called)
        named = entity == "organisation" and (sure == 1 or len(found) == 1)
        named = named or (len(found) == 1 and _customer_key(table, names))
        if named and fields:
            why = (
                "its name is that of organisations; having no names, they are called by their keys"
            )
            found[name] = Role("organisation", 1.0, 4.0, names, fields, why)


def _customer_key(table: TableProfile, names: Names) -> bool:
    """Whether a column that names customers differs in all rows."""
    return any(
        c.distinct == table.rows > 1 and names.references(c.name).get("organisation", 0) >= 0.9
        for c in table.columns.values()
    )


def _only(found: dict[str, Role], profile: Profile, registry: Registry) -> None:
    """Where nothing else is there to be read, the likeliest is made of a table."""
    for name, role in found.items():
        if role.entity not in REASONS:
            best = likeliest(profile.tables[name], role.names, registry, {})
            if best is not None and best.score >= LEAST:
                found[name] = best


def _firms(found: dict[str, Role], profile: Profile, registry: Registry) -> None:
    """Some systems call the companies contacts or leads, and those who work there persons."""
    if any(role.entity == "organisation" for role in found.values()):
        return
    persons = [name for name, role in found.items() if role.entity == "person"]
    people = [n for n in persons if {"last_name", "first_name", "email"} & set(found[n].fields)]
    for name, role in found.items():
        whole = role.entity == "person" and name not in people and people
        if whole or (role.entity == "lead" and people):
            other = judged(profile.tables[name], role.names, registry["organisation"], role.named)
            if other is not None and "name" in other.fields:
                found[name] = other


def _instead(found: dict[str, Role], profile: Profile, registry: Registry) -> None:
    """Invoices, or else payments, are the orders of those who have no other; leads the persons."""
    held = {role.entity for role in found.values()}
    for name, role in found.items():
        entity = INSTEAD.get(role.entity)
        if role.entity == "payment" and "invoice" in held:
            continue
        if entity and entity not in held and not (role.entity == "lead" and len(held - {""}) > 1):
            other = judged(profile.tables[name], role.names, registry[entity], role.named)
            if other is not None:
                found[name] = other


def role_of(table: TableProfile, registry: Registry) -> Role:
    """What a table holds."""
    names = Names(table.called, table.columns)
    entity, named = entity_of(table.called)
    if named == 1 and entity in REASONS:
        return _other(table, names, registry, entity)
    alike = {entity: named}
    if entity == "organisation":
        # Customers may be persons.
        alike["person"] = 0.9 * named
    if entity == "quotation":
        # What is called sales may be orders.
        alike["order"] = 0.9 * named
    best = likeliest(table, names, registry, alike)
    if best is None or best.score < ALONE:
        best = _by_key(table, names, registry) or best
    if best is None or best.score < (ALONE if best.named == 0 else PARTLY):
        return Role("", 0, 0, names, {}, _unfit(table, entity, named))
    return best


def _by_key(table: TableProfile, names: Names, registry: Registry) -> Role | None:
    """What a table holds whose key tells: "Account Id" differs in all rows."""
    named: dict[str, list[ColumnProfile]] = {}
    for column in table.columns.values():
        for entity, score in names.references(column.name).items():
            if score >= 0.9 and entity in NEEDED and entity in registry:
                named.setdefault(entity, []).append(column)
    for entity, columns in named.items():
        key = next((c.name for c in columns if c.distinct == table.rows > 1), None)
        role = judged(table, names, registry[entity], 0.0) if key and len(columns) > 1 else None
        if role is not None:
            why = f"{key} differs in all of its rows, as the key of {registry[entity].plural} does"
            return replace(role, score=role.score + ALONE, why=why)
    return None


def likeliest(
    table: TableProfile, names: Names, registry: Registry, alike: dict[str, float]
) -> Role | None:
    """The entity that a table is most like, by its columns and by how well its name fits."""
    judgements = [
        role
        for name in NEEDED
        if name in registry and (role := judged(table, names, registry[name], alike.get(name, 0.0)))
    ]
    best = max(judgements, key=lambda role: (role.named == 1, role.score), default=None)
    if best is not None and best.entity == "organisation":
        return _people(judgements, table) or best
    return best


def _people(judgements: list[Role], table: TableProfile) -> Role | None:
    """Customers listed with their first and last names, several of a company, are people."""
    found = {role.entity: role for role in judgements}
    person, firm = found.get("person"), found["organisation"].fields.get("name", "")
    if person is None or not {"first_name", "last_name"} & set(person.fields):
        return None
    name = table.columns.get(firm)
    repeated = name is not None and name.distinct < 0.9 * name.filled
    return person if repeated else None


def _other(table: TableProfile, names: Names, registry: Registry, entity: str) -> Role:
    """Leads are deals in some systems, products are what customers hold in others."""
    if entity == "lead":
        role = judged(table, names, registry["quotation"], 1.0)
        deals = role and {"value", "level", "description"} <= set(role.fields)
        if role and deals and not {"first_name", "last_name"} & set(assigned(
            registry["person"], table, names
        )):  # fmt: skip
            return role
    if entity == "catalogue" and _belongs(table, names):
        role = judged(table, names, registry["product"], 1.0)
        if role:
            return role
    return Role(entity, 1.0, 0.0, names, {}, REASONS[entity])


def _belongs(table: TableProfile, names: Names) -> bool:
    return any(
        names.references(c.name).get("organisation", 0) >= 0.9 and c.filled
        for c in table.columns.values()
    )


def judged(table: TableProfile, names: Names, entity: Entity, named: float) -> Role | None:
    """How much a table is one of an entity; None if it cannot be."""
    fields = assigned(entity, table, names)
    filled = {f: c for f, c in fields.items() if table.columns[c].filled or not table.rows}
    for group in NEEDED[entity.name]:
        there = any(name in filled for name in group)
        if not there and not (named == 1 and _soft(entity.name) and filled):
            return None
    evidence = sum(_weight(names, entity.name, name, column) for name, column in filled.items())
    why = f"its columns {', '.join(filled.values())} are those of {entity.plural}"
    if named:
        why = f"its name is that of {entity.plural}; {why}"
    return Role(entity.name, named, 4 * named + evidence, names, fields, why)


def _soft(entity: str) -> bool:
    """Of these, a table with the very name is taken even if it lacks a column for the title."""
    return entity in ("activity", "order", "quotation", "ticket", "quotation_line")


def _weight(names: Names, entity: str, field_name: str, column: str) -> float:
    """A name that only one entity has for a field says more than one that all have."""
    known = vocabulary().columns[entity].get(field_name, {})
    for text in names.stripped(column, entity):
        if text in known:
            return float(1.0 / vocabulary().phrases[text] ** 0.8)
    return 0.15


def _unfit(table: TableProfile, entity: str, named: float) -> str:
    if not table.columns:
        return "it has no columns"
    if named == 1 and entity in NEEDED:
        wanted = " or ".join(NEEDED[entity][0])
        return f"it is named like {entity}, but has no column for {wanted}"
    return "its columns are those of no entity"
