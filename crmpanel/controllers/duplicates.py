"""Is it there already? Records like one that is being entered, and why they may be the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.errors import FilterError
from crmpanel.locale import _
from crmpanel.model.entity import Entity
from crmpanel.model.filters import check_search
from crmpanel.model.likeness import SIMILAR, Likeness
from crmpanel.query.likeness import alike, tests

MOST = 5
#: Signs of a value that are looked at.
LONGEST = 200


@dataclass(frozen=True)
class Duplicate:
    """A record that may be the one that is being entered.

    Parameters
    ----------
    id, title, subtitle : the record.
    reasons : why, in words, the strongest first.
    likenesses : the same as declared.
    """

    id: int
    title: str | None
    subtitle: str | None
    reasons: tuple[str, ...]
    likenesses: tuple[Likeness, ...]


def duplicates(
    desk: Desk, entity: str, values: Mapping[str, Any], id: int | None = None, limit: int = MOST
) -> list[Duplicate]:
    """Records like one that is new or edited, best first; nothing for what cannot be looked for.

    Parameters
    ----------
    entity : name or plural.
    values : what has been entered, by field.
    id : the record itself, if it is there already.
    """
    declared = desk.registry[entity]
    entered = {name: value for name, value in values.items() if _is_searchable(value)}
    wanted = tests(declared, entered)
    if not wanted:
        return []
    query = alike(declared, wanted, str(entered.get(declared.title) or ""), id, limit)
    found = []
    for key, title, subtitle, passed in desk.database.rows(query):
        likenesses = [test.likeness for test, is_so in zip(wanted, passed, strict=True) if is_so]
        reasons = tuple(_reasons(declared, likenesses))
        found.append(Duplicate(key, title, subtitle, reasons, tuple(likenesses)))
    return found


def _is_searchable(value: Any) -> bool:
    if not isinstance(value, str):
        return value is not None
    try:
        check_search(value)
    except FilterError:
        return False
    return len(value) <= LONGEST


def _reasons(entity: Entity, likenesses: list[Likeness]) -> Iterator[str]:
    """Each in words; what is the same is not called similar as well."""
    same = {name for one in likenesses if one.way != SIMILAR for name in one.fields}
    for likeness in likenesses:
        labels = ", ".join(_(entity.field(name).label).lower() for name in likeness.fields)
        if likeness.way != SIMILAR:
            yield _("same {fields}", fields=labels)
        elif not same.intersection(likeness.fields):
            yield _("similar {fields}", fields=labels)
