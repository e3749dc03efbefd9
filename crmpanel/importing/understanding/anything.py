"""Links to records of any kind: one column names accounts here, deals there, by key or by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmpanel.importing.understanding.codes import codes_of
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.linkrules import (
    ANYTHING,
    MATCHING,
    Found,
    earlier,
    small,
    speaks,
    telling,
)
from crmpanel.importing.understanding.naming import type_base
from crmpanel.importing.understanding.profile import ColumnProfile
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.importing.understanding.words import compact
from crmpanel.model.entity import Entity

if TYPE_CHECKING:
    from crmpanel.importing.understanding.links import Linker

#: Of keys that are not long, so many must be found if each kind has only some.
APART = 0.8
#: The column that says what another one names, and for each entity the texts that do.
Kinds = tuple[str, dict[str, tuple[str, ...]]]


class Anything:
    """Finds what such columns name, for a `Linker`."""

    def __init__(self, linker: Linker) -> None:
        self._linker = linker

    def link(self, draft: Draft, entity: Entity) -> None:
        """A column that names records of several kinds, with or without one that says of which."""
        for column in draft.table.columns.values():
            if not column.filled or column.name in draft.reserved | {draft.key_name}:
                continue
            named = self._linker.concepts(draft, column.name)
            said = named.get("any", 0)
            most = max((score for name, score in named.items() if name != "user"), default=0)
            kinds = self._kinds(draft, column) if most <= said else None
            if kinds is not None and named.get("user", 0) > said and not self._all(draft, kinds):
                continue
            if kinds is None or (said < 0.9 and not kinds[0]):
                continue
            if not kinds[0] and self._own(draft, column):
                continue
            if not kinds[0] and not telling(column) and self._several(draft, column):
                continue
            targets = [
                t
                for t in ANYTHING
                if t == "organisation" != draft.entity or earlier(t, draft.entity)
            ]
            self._by_key(draft, entity, column, targets, kinds)
            if not draft.links.get(str(entity.organisation)) and speaks(column, "name"):
                self._any_name(draft, entity, column, targets)

    def _own(self, draft: Draft, column: ColumnProfile) -> bool:
        """Whether a column names records of its own table, such as the one above."""
        key = draft.table.columns.get(draft.key_name)
        if key is None or draft.only:  # a table of persons and their organisations
            return False
        return self._linker.matching.rate(column, key).share >= MATCHING

    def _any_name(
        self, draft: Draft, entity: Entity, column: ColumnProfile, targets: list[str]
    ) -> None:
        """The column has names, of several kinds of records."""
        found = []
        for target in targets:
            for other in self._linker.of(target):
                by = self._linker.registry[target].title
                rate, split = self._linker.named(column, other, by)
                if other.table is not draft.table and rate.share >= 0.02:
                    found.append((Found(column, other, by, rate, 0.5, split), target))
        if sum(link.rate.share for link, _ in found) >= MATCHING:
            for link, target in found:
                self._add_any(draft, entity, link, target, ())

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

    def _kinds(self, draft: Draft, column: ColumnProfile) -> Kinds:
        """The column that says what another one names, and for each entity the texts that do."""
        text = compact(column.name)
        for other in draft.table.columns.values():
            base = type_base(other.name)
            if not base or other.name == column.name or not other.filled:
                continue
            if not (text.startswith(base) or base.startswith(text.removesuffix("id"))):
                continue
            meant: dict[str, tuple[str, ...]] = {}
            said = codes_of(draft.table, draft.entity).get(other.name, {})
            for value in other.sample:
                for target in self._meaning(said.get(value, value)):
                    meant[target] = (*meant.get(target, ()), value)
            if meant:
                return other.name, meant
        return "", {}

    def _all(self, draft: Draft, kinds: Kinds) -> bool:
        """Whether all texts of the column of kinds are kinds: an owner need not be a user then."""
        texts = {text for meant in kinds[1].values() for text in meant}
        return bool(kinds[0]) and texts >= draft.table.columns[kinds[0]].sample.keys()

    def _meaning(self, text: str) -> set[str]:
        """The entities that a text like ``Accounts`` or ``res.partner`` stands for."""
        found = {
            draft.entity
            for draft in self._linker.drafts
            if compact(text) in (compact(draft.name), *draft.names._own) and not draft.group
        }
        return found or {vocabulary().entity(text)[0]} - {""}

    def _by_key(
        self, draft: Draft, entity: Entity, column: ColumnProfile, targets: list[str], kinds: Kinds
    ) -> None:
        """The column has keys, of several kinds of records."""
        found = []
        type_column, meant = kinds
        for target in targets if not type_column else [t for t in targets if t in meant]:
            when = ((type_column, meant[target]),) if type_column else ()
            for other in self._linker.of(target):
                if other.key_name:
                    key = other.table.columns[other.key_name]
                    where = when[0] if when else None
                    rate = self._linker.matching.rate(column, key, where=where)
                    found.append((Found(column, other, "", rate, 1.0), target, when))
        # Keys that no two kinds have are no accident, even where few are of one kind.
        shares = sum(link.rate.share for link, *_ in found)
        apart = telling(column) or (APART <= shares <= 1.02 and not small(column))
        enough = 0.3 if type_column else 0.02 if apart else MATCHING
        for link, target, when in found:
            if link.rate.rows and link.rate.share >= enough:
                self._add_any(draft, entity, link, target, when)

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
