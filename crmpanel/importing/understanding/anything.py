"""Columns that name records of several kinds, with or without one that says of which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.linkrules import ANYTHING, MATCHING, Found, earlier, telling
from crmpanel.importing.understanding.naming import type_base
from crmpanel.importing.understanding.profile import ColumnProfile
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.importing.understanding.words import compact
from crmpanel.model.entity import Entity

if TYPE_CHECKING:
    from crmpanel.importing.understanding.links import Linker


class Anything:
    """Finds such links for a linker."""

    def __init__(self, linker: Linker) -> None:
        self._linker = linker

    def find(self, draft: Draft, entity: Entity) -> None:
        """A column that names records of several kinds, with or without one that says of which."""
        for column in draft.table.columns.values():
            if not column.filled or column.name in draft.reserved:
                continue
            named = self._linker.concepts(draft, column.name)
            if named.get("any", 0) < 0.9 or max(named.values()) > named["any"]:
                continue
            kinds = self._kinds(draft, column)
            if not kinds[0] and not telling(column) and self._several(draft, column):
                continue
            for target in ANYTHING:
                if target == draft.entity or (
                    target != "organisation" and not earlier(target, draft.entity)
                ):
                    continue
                self._one_of(draft, entity, column, target, kinds)

    def _several(self, draft: Draft, column: ColumnProfile) -> bool:
        """Whether a column of small numbers matches records of several kinds, by chance."""
        found = [t for t in ANYTHING if t != draft.entity and self._by_chance(draft, column, t)]
        return len(found) > 1

    def _by_chance(self, draft: Draft, column: ColumnProfile, target: str) -> bool:
        for other in self._linker.of(target):
            if other.key_name and other.table is not draft.table:
                key = other.table.columns[other.key_name]
                if self._linker.matching.rate(column, key).share >= MATCHING:
                    return True
        return False

    def _kinds(self, draft: Draft, column: ColumnProfile) -> tuple[str, dict[str, tuple[str, ...]]]:
        """The column that says what another one names, and for each entity the texts that do."""
        text = compact(column.name)
        for other in draft.table.columns.values():
            base = type_base(other.name)
            if not base or other.name == column.name or not other.filled:
                continue
            if not (text.startswith(base) or base.startswith(text.removesuffix("id"))):
                continue
            meant: dict[str, tuple[str, ...]] = {}
            for value in other.sample:
                target = self._meaning(value)
                if target:
                    meant[target] = (*meant.get(target, ()), value)
            if meant:
                return other.name, meant
        return "", {}

    def _meaning(self, text: str) -> str:
        """The entity that a text like ``Accounts`` or ``res.partner`` stands for."""
        for draft in self._linker.drafts:
            if compact(text) in (compact(draft.name), *draft.names._own):
                return draft.entity
        return vocabulary().entity(text)[0]

    def _one_of(
        self, draft: Draft, entity: Entity, column: ColumnProfile, target: str,
        kinds: tuple[str, dict[str, tuple[str, ...]]],
    ) -> None:  # fmt: skip
        type_column, meant = kinds
        if type_column and target not in meant:
            return
        when = ((type_column, meant[target]),) if type_column else ()
        for other in self._linker.of(target):
            if not other.key_name:
                continue
            key = other.table.columns[other.key_name]
            rate = self._linker.matching.rate(column, key, where=when[0] if when else None)
            sure = column.forms.share("guid", "sfid") > 0.8
            enough = 0.3 if when else (0.02 if sure else MATCHING)
            if rate.rows and rate.share >= enough:
                self._add_any(draft, entity, Found(column, other, "", rate, 1.0), target, when)

    def _add_any(
        self, draft: Draft, entity: Entity, link: Found, target: str,
        when: tuple[tuple[str, tuple[str, ...]], ...],
    ) -> None:  # fmt: skip
        self._linker.evidence.append(
            link.sentence() + (f" where {when[0][0]} says so" if when else "")
        )
        for field in entity.references:
            if field.target == target and field.name != "parent_id":
                routes = draft.links.setdefault(field.name, [])
                routes += [r for r in [link.route(when=when)] if r not in routes]
        if target != "organisation" and entity.organisation not in (None, "id"):
            routes = draft.links.setdefault(str(entity.organisation), [])
            routes += [r for r in [link.route(target, when)] if r not in routes]
