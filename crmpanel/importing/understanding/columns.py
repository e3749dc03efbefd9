"""Columns become fields: names and values together decide, the best pair first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from crmpanel.importing.mapping import Column, Concatenated, Taken, columns_of
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.fitting import fit
from crmpanel.importing.understanding.naming import Names, coded
from crmpanel.importing.understanding.profile import ColumnProfile, TableProfile
from crmpanel.importing.understanding.rivals import differ
from crmpanel.importing.understanding.statuses import ALL, meaning
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.importing.understanding.words import compact
from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import BOOLEAN, IDENTIFIER, REFERENCE, TEXT

#: Columns that may be called so in tables of nothing but e-mail addresses, or phones.
_HOLDERS = ("address", "name", "value", "email")
#: A pair of column and field counts from here on.
ENOUGH = 0.5
#: Fields that a person's or user's name is put together from, where there is no column for it.
PARTS = ("first_name", "middle_name", "last_name")
#: Entities that are written down when they are done.
DONE_WHEN_ENTERED = ("activity", "email", "order")
#: Values that name a record and may get help.
_NAMING = (Taken, Concatenated)
#: Fields that people know a record by, as they do by its name.
_NUMBERS = ("number", "erp_id")
#: Fields of which several columns may hold the first one that is filled.
SEVERAL = ("email", "phone")


def field_of(entity: Entity, name: str) -> Field | None:
    """A field by name; users have none for the parts of a name, but their tables have columns."""
    if name in PARTS and name not in entity.fields:
        return Field(name, TEXT)
    return entity.fields.get(name)


def candidates(
    entity: Entity, table: TableProfile, names: Names, columns: Collection[str] = ()
) -> Iterator[tuple[float, str, str]]:
    """Score, field and column of all pairs that are possible."""
    shown = {column.compact for column in table.columns.values() if column.filled}
    for column in table.columns.values():
        if columns and column.name not in columns:
            continue
        for name, score in named(column, names, entity.name).items():
            field = field_of(entity, name)
            if name == entity.title and score < 0.8:
                continue
            if name in (entity.status, "level") and _is_place(column, table):
                continue
            if field is not None and field.kind is not REFERENCE:
                sure = score * fit(field, column)
                if f"{column.compact}formatted" in shown:
                    sure *= 0.9  # in cents, or a code
                if name == "name" and entity.name in ("person", "user") and column.forms.total:
                    sure *= 0.9 + 0.1 * column.forms.share("phrase")
                yield sure, name, column.name


def named(column: ColumnProfile, names: Names, entity: str) -> dict[str, float]:
    """Fields that a column may be by its name; that of codes also by what the codes stand for."""
    if entity == "person" and column.compact == "title" and _greets(column):
        return {"salutation": 1.0}
    if column.compact in _HOLDERS and column.forms.share("email") > 0.9:
        return {"email": 0.9}
    phones = column.compact in _HOLDERS and column.forms.share("phone") > 0.9
    if phones and "phone" in names.fields(names.table, entity):
        return {"phone": 0.9}
    if re.fullmatch(r"column\d+", column.compact):
        return _by_values(column)
    found = names.fields(column.name, entity)
    if entity == "person" and column.forms.share("url") > 0.5 and _of_linkedin(column):
        found["linkedin"] = max(found.get("linkedin", 0.0), 0.95)
    if column.lookup is not None:
        for name, score in names.fields(coded(names, column.name), entity).items():
            found[name] = max(found.get(name, 0.0), 0.97 * score)
    return found


def _of_linkedin(column: ColumnProfile) -> bool:
    """Whether web addresses are those of people on LinkedIn, whatever the column is called."""
    pages = sum(n for text, n in column.sample.items() if "linkedin.com/in/" in text)
    return pages > 0.5 * column.sample.total()


def _greets(column: ColumnProfile) -> bool:
    """Whether titles are those before a name, `Ms.`, and not those of jobs."""
    known = vocabulary().words["salutations"]
    return column.filled > 0 and all(compact(text) in known for text in column.sample)


def _by_values(column: ColumnProfile) -> dict[str, float]:
    """Fields that a column without a name may be: what its values alone can tell."""
    for kind, field in (("email", "email"), ("url", "website"), ("domain", "domain")):
        if column.forms.share(kind) > 0.9:
            return {field: 0.9}
    if column.forms.share("phrase") > 0.5 and column.distinct > 0.5 * column.filled:
        return dict.fromkeys(("name", "subject", "description"), 0.85)
    phone = column.forms.share("phone") > 0.9 and column.forms.share("integer", "date") < 0.5
    return {"phone": 0.85} if phone else {}


def _is_place(column: ColumnProfile, table: TableProfile) -> bool:
    """Whether a column called ``State`` stands among those of an address."""
    if column.compact != "state" or any(meaning(text, ALL) for text in column.sample):
        return False
    return bool(
        {"city", "country", "zip", "zipcode", "postalcode"}
        & {other.compact for other in table.columns.values()}
    )


def assigned(
    entity: Entity, table: TableProfile, names: Names, without: Collection[str] = (),
    columns: Collection[str] = (),
) -> dict[str, str]:  # fmt: skip
    """The best column of each field."""
    pairs = [pair for pair in candidates(entity, table, names, columns) if pair[0] >= ENOUGH]
    filled = {name: column.share for name, column in table.columns.items()}
    order = {name: place for place, name in enumerate(table.columns)}
    pairs.sort(key=lambda p: (-(p[0] + 0.1 * (filled[p[2]] > 0)), -filled[p[2]], order[p[2]]))
    found: dict[str, str] = {}
    used: set[str] = set(without)
    for _, name, column in pairs:
        if name not in found and column not in used:
            found[name] = column
            used.add(column)
    if not any(part in found for part in PARTS):
        _first(entity.title, found, pairs, without)
    _first(entity.date or "", found, pairs, without)
    return found


def _first(
    field: str, found: dict[str, str], pairs: list[tuple[float, str, str]],
    without: Collection[str],
) -> None:  # fmt: skip
    """What a record is called, and when it is, go before all else that the same column may be."""
    for _, name, column in pairs if field not in found else ():
        others = [n for n, c in found.items() if c == column]
        if name == field and column not in without and "created" not in others:
            for other in others:
                del found[other]
            found[name] = column
            return


def give_fields(
    draft: Draft, entity: Entity, without: Collection[str], columns: Collection[str] = ()
) -> None:
    """Fill the fields of a draft from its own table."""
    found = assigned(entity, draft.table, draft.names, without, columns)
    parts = [found[part] for part in PARTS if part in found]
    for name, column in found.items():
        if name in entity.fields:
            draft.fields.setdefault(name, Taken((Column(column),)))
    if entity.name in ("person", "user") and parts:
        _full_name(draft, entity, found, parts)
    for name in SEVERAL:
        _several(draft, entity, name, without)
    _title(draft, entity)
    _date(draft, entity)
    _turned(draft, entity)


def _full_name(draft: Draft, entity: Entity, found: dict[str, str], parts: list[str]) -> None:
    whole = found.get("name")
    column = draft.table.columns.get(whole) if whole else None
    if column is None or not column.filled or not _is_person_name(column):
        draft.fields["name"] = Concatenated(tuple(Column(part) for part in parts))
    elif "first_name" not in found and _is_first_name(column, draft.table.columns[parts[-1]]):
        draft.fields["name"] = Concatenated((Column(column.name), *map(Column, parts)))
        if "first_name" in entity.fields:
            draft.fields["first_name"] = Taken((Column(column.name),))
    elif column.share < 1:
        together = Concatenated(tuple(Column(part) for part in parts))
        draft.fields["name"] = Taken((Column(whole or ""), together))


def _is_first_name(column: ColumnProfile, last: ColumnProfile) -> bool:
    """Whether a column called ``name`` has single words, beside one of last names."""
    words_ = sum(n for text, n in column.sample.items() if " " not in text.strip())
    return last.filled > 0 and words_ > 0.7 * column.sample.total()


def _is_person_name(column: ColumnProfile) -> bool:
    return column.forms.share("code", "guid", "number", "email") < 0.5


def _several(draft: Draft, entity: Entity, name: str, without: Collection[str]) -> None:
    """Where the column of an address is blank here and there, the others like it help out.

    Only those that never hold another text beside it, which would be lost.
    """
    value = draft.fields.get(name)
    if not isinstance(value, Taken) or name not in entity.fields:
        return
    used = draft.used() | set(without)
    pairs = [p for p in candidates(entity, draft.table, draft.names) if p[1] == name]
    others = [c for s, _, c in sorted(pairs, key=lambda p: -p[0]) if s >= 0.6 and c not in used]
    first = draft.table.columns[draft.column_of(name)]
    if first.share < 0.9:
        together = [first]
        for column in (draft.table.columns[c] for c in others):
            if column.filled and not differ(draft.table, together, column):
                together.append(column)
        more = tuple(Column(column.name) for column in together[1:])
        draft.fields[name] = Taken((*value.columns, *more))


def _title(draft: Draft, entity: Entity) -> None:
    """A record needs a name; failing a column for it, another one says most."""
    title = entity.fields[entity.title]
    if title.name in draft.fields:
        _spare(draft, entity)
        return
    if not title.mandatory:
        return
    for name in _INSTEAD.get(entity.name, ()):
        value = draft.fields.get(name)
        if isinstance(value, Taken) and _is_filled(draft, name):
            prefix = f"{entity.label} " if entity.fields[name].kind is IDENTIFIER else ""
            draft.fields[title.name] = Taken(value.columns, prefix=prefix)
            if not prefix:
                _spare(draft, entity)
            return
    if draft.key:
        draft.fields[title.name] = Taken((draft.key[0],), prefix=f"{entity.label} ")


def _is_filled(draft: Draft, field: str) -> bool:
    column = draft.table.columns.get(draft.column_of(field))
    return column is None or column.filled > 0 or not column.rows


def _spare(draft: Draft, entity: Entity) -> None:
    """Where the name is blank here and there, what says as much stands in: at last, the key."""
    title = entity.fields[entity.title]
    value = draft.fields[title.name]
    own = [draft.table.columns[c.name] for c in columns_of(value) if not c.table]
    named = draft.group or not own or any(column.share == 1 for column in own)
    if named or not isinstance(value, _NAMING):
        return
    first = value.columns if isinstance(value, Taken) else (value,)
    known = (name for name in _INSTEAD.get(entity.name, ()) if name in entity.fields)
    plain = [name for name in known if entity.fields[name].kind is not IDENTIFIER]
    others = (*plain, *_NUMBERS)
    more = [Column(column) for name in others if (column := draft.column_of(name))]
    if draft.key and draft.names.fields(draft.key_name, entity.name).get(title.name, 0) >= 0.9:
        more.insert(0, draft.key[0])
    if title.mandatory and entity.name not in ("person", "user"):
        more += draft.key[:1]
    more = [column for column in dict.fromkeys(more) if column not in columns_of(value)]
    draft.fields[title.name] = Taken((*first, *more))


def _date(draft: Draft, entity: Entity) -> None:
    """What only says when it was entered was done then."""
    if entity.name in DONE_WHEN_ENTERED and "created" in draft.fields:
        draft.fields.setdefault(str(entity.date), draft.fields["created"])
    _spare_date(draft, entity)


def _spare_date(draft: Draft, entity: Entity) -> None:
    """An order that has no date yet is of the day on which it was entered."""
    column = draft.table.columns.get(draft.column_of("date"))
    created = draft.table.columns.get(draft.column_of("created"))
    if entity.name != "order" or column is None or created is None or column is created:
        return
    if column.share < created.share:
        draft.fields["date"] = Taken((Column(column.name), Column(created.name)))


def _turned(draft: Draft, entity: Entity) -> None:
    """A column that says the opposite of its field: ``isdisabled`` of ``active``."""
    for name, value in draft.fields.items():
        column = draft.table.columns.get(draft.column_of(name))
        if column is None or name not in entity.fields or not isinstance(value, Taken):
            continue
        if entity.fields[name].kind is BOOLEAN and column.compact in vocabulary().words["opposite"]:
            yes = vocabulary().truths["yes"]
            texts = [(t, "no" if t.strip().lower() in yes else "yes") for t in column.sample]
            draft.fields[name] = Taken(value.columns, values=tuple(sorted(texts)))


def give_outcome(draft: Draft) -> None:
    """Where one column has the stage and another one won or lost, the outcome comes first."""
    level = draft.table.columns.get(draft.column_of("level"))
    if level is None or draft.entity != "quotation":
        return
    others = [
        column
        for column in draft.table.columns.values()
        if column is not level
        and column.filled
        and draft.names.fields(column.name, "quotation").get("level", 0) >= 0.85
    ]
    for column in others:
        outcome, stage = (level, column) if _decided(level) else (column, level)
        texts = _decided(outcome)
        if texts and not _decided(stage) and outcome.distinct <= (8 if stage is level else 4):
            first = Column(outcome.name, when=((outcome.name, texts),))
            draft.fields["level"] = Taken((first, Column(stage.name)))
            return


def _decided(column: ColumnProfile) -> tuple[str, ...]:
    """The texts of a column that say that a deal is over."""
    return tuple(text for text in column.sample if meaning(text, ("won", "lost", "cancelled")))


#: What stands in for the name of a record.
_INSTEAD = {
    "activity": ("note", "type", "action"),
    "quotation": ("number", "product", "note"),
    "order": ("number", "note"),
    "ticket": ("description", "number", "type"),
    "meeting": ("location", "note"),
    "product": ("type", "number", "serial"),
    "user": ("login", "email", "initials"),
    "person": ("email",),
    "document": ("description",),
    "organisation": ("domain", "website", "email"),
}
