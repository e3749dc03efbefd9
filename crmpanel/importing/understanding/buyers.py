"""Buyers: customers whom a list of orders names by their e-mail, some of them without a company."""

from __future__ import annotations

from crmpanel.importing.mapping import Column, Concatenated, Route, Taken
from crmpanel.importing.understanding.columns import PARTS, assigned
from crmpanel.importing.understanding.deriving import PARENTS
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.naming import Names
from crmpanel.importing.understanding.profile import ColumnProfile
from crmpanel.model.registry import Registry

#: What is taken of a buyer besides the name.
_FIELDS = ("email", "phone", "address", "postcode", "city", "state", "country", "vat_number")
#: So many of the orders that have an address may have a company, or that names the customers.
_FEW = 0.9
#: Keys of nobody.
_NOBODY = ("", "0")


def buyers_inside(draft: Draft, company: str, registry: Registry) -> Draft | None:
    """The customers of a list of orders: their company where there is one, else themselves.

    Parameters
    ----------
    company : the column with names of companies, or nothing.
    """
    if draft.entity not in PARENTS:
        return None
    if company and draft.table.columns[company].distinct < 2:
        company = ""  # the seller's own
    found = _person(draft, registry)
    email = draft.table.columns.get(found.get("email", ""))
    name = _full_name(draft, found)
    if email is None or name is None or not _tells_more(email, draft.table.columns.get(company)):
        return None
    made = Draft("organisation", draft.table, draft.names, key=(Column(email.name),), group=True)
    firm = (Column(company),) if company else ()
    made.fields["name"] = Taken((*firm, name, Column(email.name)))
    names = Names("customer", draft.table.columns)
    own = assigned(registry["organisation"], draft.table, names, {draft.key_name, company})
    if "city" not in own:
        own.pop("state", None)  # how the order stands
    made.fields |= {field: Taken((Column(own[field]),)) for field in _FIELDS if field in own}
    made.reserved = set(draft.table.columns) - {email.name}
    if email.share < 1:
        made.only[email.name] = ("*",)
    draft.links["organisation_id"] = [Route(Column(email.name))]
    return made


def guests_inside(draft: Draft, company: str, registry: Registry) -> Draft | None:
    """The customers of those orders of a list that name none by a key, but by their e-mail."""
    routes = list(draft.links.get("organisation_id", []))
    named = [r.column.name for r in routes if not (r.column.table or r.by or r.via)]
    column = draft.table.columns.get(named[0]) if named else None
    if column is None or not _blank(column):
        return None
    made = buyers_inside(draft, company, registry)
    if made is not None:
        made.only[column.name] = _NOBODY
        email = Column(made.key_name, when=((column.name, _NOBODY),))
        draft.links["organisation_id"] = [*routes, Route(email)]
    return made


def _blank(column: ColumnProfile) -> bool:
    """Whether a key is missing, or zero, here and there."""
    return column.share < 1 or "0" in column.sample


def _person(draft: Draft, registry: Registry) -> dict[str, str]:
    """Columns with the parts of a person's name and the address, or nothing."""
    names = Names("customer", draft.table.columns)
    found = assigned(registry["person"], draft.table, names, {draft.key_name})
    filled = {field: c for field, c in found.items() if draft.table.columns[c].filled}
    email = draft.table.columns.get(filled.get("email", ""))
    return filled if email is not None and email.forms.share("email") > 0.9 else {}


def _full_name(draft: Draft, found: dict[str, str]) -> Column | Concatenated | None:
    parts = tuple(Column(found[part]) for part in PARTS if part in found)
    if len(parts) > 1:
        return Concatenated(parts)
    whole = draft.table.columns.get(found.get("name", ""))
    return Column(whole.name) if whole is not None and whole.forms.share("phrase") > 0.5 else None


def _tells_more(email: ColumnProfile, company: ColumnProfile | None) -> bool:
    """Whether many orders have an address, but no company."""
    return email.distinct > 1 and (company is None or company.share < _FEW * email.share)
