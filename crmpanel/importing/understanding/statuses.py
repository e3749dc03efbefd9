"""Statuses: which of the texts of a column mean completed, won, lost, cancelled or open."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crmpanel.importing.mapping import Column, Taken, columns_of
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.importing.understanding.words import folded, translated, words
from crmpanel.model.entity import Entity

#: Of each entity, what its statuses can mean, the telling ones first.
ROLES_OF = {
    "quotation": ("lost", "won", "cancelled", "open"),
    "order": ("cancelled", "completed", "open"),
    "activity": ("cancelled", "completed", "open"),
    "ticket": ("cancelled", "completed", "open"),
    "meeting": ("cancelled", "completed", "open"),
}
ALL = ("lost", "won", "cancelled", "completed", "open")
#: So many different statuses are a choice; more are texts.
MOST = 60


def roles_of(draft: Draft, entity: Entity) -> dict[str, str]:
    """What the statuses in a table mean; ``*`` is open, where any of them is known."""
    possible = ROLES_OF.get(entity.name)
    if not possible or not entity.status:
        return {}
    found = {}
    for text in map(translated, _texts(draft, entity.status)):
        if role := meaning(text, possible):
            found[text] = role
    if any(role != "open" for role in found.values()):
        found = {text: role for text, role in found.items() if role != "open"}
        found["*"] = "open"
    return found


def _texts(draft: Draft, field: str) -> Iterable[str]:
    value = draft.fields.get(field)
    column = draft.table.columns.get(draft.column_of(field))
    meanings = dict(value.values) if isinstance(value, Taken) else {}
    if isinstance(value, Taken) and len(value.columns) == 2:
        own = [draft.table.columns.get(c.name) for c in columns_of(value) if not c.table]
        texts = [meanings.get(t, t) for column in own if column is not None for t in column.sample]
        return texts if len(texts) <= MOST else ()
    if column is None:
        return _looked_up(draft, value)
    if not isinstance(value, Taken) or column.distinct > MOST:
        return ()
    return [meanings.get(text, text) for text in column.sample]


def _looked_up(draft: Draft, value: object) -> Iterable[str]:
    """The texts of a status that is a key of another table, where that has names for them."""
    first = value.columns[0] if isinstance(value, Taken) and value.columns else None
    if not isinstance(first, Column) or not first.table:
        return ()
    on = {join.on.name for join in draft.joins if (join.alias or join.table) == first.table}
    for column in draft.table.columns.values():
        named = column.lookup[2] if column.lookup and column.name in on else None
        if named is not None and named.name == first.name and len(named.sample) <= MOST:
            return list(named.sample)
    return ()


def meaning(text: str, possible: tuple[str, ...]) -> str:
    """The role of a status, by all of its words, else by its last or its first ones."""
    known = vocabulary().roles
    text = re.sub(r"(?<=\w) \([^()]*\)$", "", text)  # the pipeline of a stage
    plain = " ".join(re.split(r"[^0-9a-z%]+", folded(text))).strip()
    split = words(text)
    for phrase in (plain, " ".join(split)):
        for role in possible:
            if phrase in {" ".join(words(p)) for p in known[role]} | set(known[role]):
                return role
    for part in (" ".join(split[-2:]), split[-1] if split else "", split[0] if split else ""):
        for role in possible:
            if role != "open" and part in known[role] and len(part) > 2 and len(split) <= 4:
                return role
    return ""
