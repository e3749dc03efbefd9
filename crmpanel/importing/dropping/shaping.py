"""Shaping: what entity the rows of a file are, and which of its columns play which part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from crmpanel.entities import REGISTRY
from crmpanel.importing.mapping import Custom
from crmpanel.importing.understanding.profile import ColumnProfile, TableProfile
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.importing.understanding.words import singulars, words
from crmpanel.model import kinds
from crmpanel.model.declared import columns, free_name, snake
from crmpanel.model.entity import COUNT, Entity, Field, measures_of
from crmpanel.model.kinds import KINDS, REFERENCE
from crmpanel.model.registry import Registry

#: Columns that the list shows at first.
SHOWN = 7


@dataclass(frozen=True)
class Shape:
    """What a file becomes.

    Parameters
    ----------
    entity : the entity.
    fields : of each column, the name of its field.
    responsible : the column that names users, if any.
    """

    entity: Entity
    fields: dict[str, str]
    responsible: str | None = None


def label_of(stem: str) -> str:
    """What people call a file.

    >>> label_of("service_contracts-2026"), label_of("NPS answers (1)")
    ('Service contracts 2026', 'NPS answers')
    """
    text = re.sub(r"\s*\(\d+\)$", "", stem)
    text = re.sub(r"[_\-.\s]+", " ", text).strip() or "List"
    return text[:1].upper() + text[1:60]


def placeholder(registry: Registry, root: Entity | None, label: str, origin: str) -> Entity:
    """The entity without the fields of its columns; its name and plural are free."""
    taken = {name for entity in registry for name in (entity.name, entity.plural)}
    plural = free_name(snake(label, "list"), taken)
    single = next((s for s in singulars(plural) if s not in (plural, *taken)), plural)
    single = single if plural.endswith("s") else plural
    reference = (Field(f"{root.name}_id", REFERENCE, root.label, target=root.name),) if root else ()
    return Entity(
        name=single,
        plural=plural,
        label=_one(label) if single != plural else label,
        label_plural=label,
        own_fields=reference,
        title="source_key",
        columns=("source_key",),
        sort=(("id", False),),
        organisation=reference[0].name if reference else None,
        origin=origin,
        icon="document",
        custom=True,
    )


def _one(label: str) -> str:
    """What one of several is called, in the languages that put an `s` at their end."""
    return f"{label[:-3]}y" if label.endswith("ies") else label.removesuffix("s")


def shaped(
    base: Entity,
    table: TableProfile,
    customs: dict[str, Custom],
    responsible: str | None = None,
    whose: str | None = None,
) -> Shape:
    """The entity with a field for each column, and the parts that they play.

    Parameters
    ----------
    base : the entity without them.
    customs : what each column holds.
    responsible, whose : the columns that name users and organisations, if any.
    """
    entity, names = base, dict[str, str]()
    if responsible is not None:
        user = Field("responsible_id", REFERENCE, target="user")
        entity = entity.with_fields([user])
    for column, made in customs.items():
        name = free_name(snake(made.name), columns(entity))
        names[column] = name
        field = Field(name, KINDS[made.kind], made.label.strip()[:80] or name, origin=column)
        entity = entity.with_fields([field])
    parts = _Parts(table, names, {c: made for c, made in customs.items() if c != whose})
    return Shape(_with_parts(entity, parts, names), names, responsible)


def _with_parts(entity: Entity, parts: _Parts, names: dict[str, str]) -> Entity:
    title, date = parts.title(), parts.of("date", kinds.DATE, kinds.DATETIME)
    status = parts.of("status", kinds.CHOICE, named=True)
    amount = parts.of("amount", kinds.MONEY, kinds.NUMBER, kinds.INTEGER, named=True)
    amount = amount or parts.of("amount", kinds.MONEY, kinds.NUMBER)
    choice = parts.of("status", kinds.CHOICE)
    who = "responsible_id" if "responsible_id" in entity.fields else None
    first = (title, status, date, amount, who)
    others = (name for name in names.values() if entity.field(name).kind is not kinds.LONG_TEXT)
    shown = list(dict.fromkeys(name for name in (*first, *others) if name))[:SHOWN]
    numbers = [m for f in entity.own_fields for m in measures_of(f)]
    return replace(
        entity,
        title=title or "source_key",
        columns=tuple(shown) or ("source_key",),
        sort=((date, True),) if date else ((shown[0], False),) if shown else (("id", False),),
        date=date,
        status=status,
        amount=amount,
        responsible=(who,) if who else (),
        kind=choice if choice != status else None,
        group_by=status or choice,
        found_by=(title,) if title else (),
        measures=(COUNT, *{m.name: m for m in numbers}.values()),
    )


class _Parts:
    """Which columns play a part: by what the same is called elsewhere, else the first that can."""

    def __init__(
        self, table: TableProfile, names: dict[str, str], customs: dict[str, Custom]
    ) -> None:
        self._table, self._names, self._customs = table, names, customs

    def of(self, part: str, *fits: kinds.Kind, named: bool = False) -> str | None:
        """The field of a part.

        Parameters
        ----------
        named : only a column that is called so.
        """
        wanted = {kind.name for kind in fits}
        able = [c for c, made in self._customs.items() if made.kind in wanted]
        called = [c for c in able if self._is_called(c, part)]
        found = called or ([] if named else able)
        return self._names[found[0]] if found else None

    def title(self) -> str | None:
        """The text that tells rows apart best."""
        texts = [c for c, made in self._customs.items() if made.kind in ("text", "identifier")]
        called = [c for c in texts if self._is_called(c, "title")]
        if called:
            return self._names[called[0]]
        able = texts or [c for c, m in self._customs.items() if KINDS[m.kind].is_text]
        best = sorted(able, key=lambda c: -self._telling(self._table.columns[c]))
        return self._names[best[0]] if best else None

    @staticmethod
    def _telling(column: ColumnProfile) -> float:
        return column.share * (column.distinct / max(1, column.filled))

    def _is_called(self, column: str, part: str) -> bool:
        profile = self._table.columns[column]
        known = set(_called(part))
        return profile.compact in known or bool(set(words(column)) & known)


def _called(part: str) -> Iterator[str]:
    """What columns of a part are called, by the entities of the code."""
    for entity in REGISTRY:
        name = getattr(entity, part)
        if name and not entity.about:
            yield name
            yield from vocabulary().columns.get(entity.name, {}).get(name, {})
