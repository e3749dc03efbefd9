"""Links that no name tells: by long keys, names and e-mail addresses, and of lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmpanel.importing.understanding.deriving import PARENTS
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.linkrules import (
    MATCHING,
    NAMED,
    NEARLY_ALL,
    Found,
    speaks,
    telling,
)
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.model.entity import Entity

if TYPE_CHECKING:
    from crmpanel.importing.understanding.links import Linker

#: What long keys may name, likelier ones first.
_TARGETS = ("organisation", "person", "quotation", "order", "ticket")


class Unnamed:
    """Finds such links, for a `Linker`."""

    def __init__(self, linker: Linker) -> None:
        self._linker = linker

    def find(self, draft: Draft, entity: Entity) -> None:
        """Links by values alone, where names told of none."""
        self._headers(draft)
        self._long_keys(draft, entity)
        owner = entity.organisation or "id"
        if owner != "id" and not draft.links.get(owner):
            self._by_names(draft, owner)
            self._by_emails(draft, entity)

    def _headers(self, draft: Draft) -> None:
        """Lines name what they belong to; some by no more than `id` or `document no`."""
        if draft.entity != "quotation_line" or any(draft.links.get(f) for f in PARENTS.values()):
            return
        known = vocabulary().words["header"]
        for column in draft.table.columns.values():
            if column.compact not in known or column.name == draft.key_name or column.share < 1:
                continue
            found = [(p, self._linker.by_keys(draft, column, p, NAMED)) for p in PARENTS]
            links = [(p, link) for p, link in found if link]
            if sum(link.rate.share for _, link in links) >= NEARLY_ALL:
                for parent, link in links:
                    self._linker.give(draft, PARENTS[parent], [link])
                return

    def _long_keys(self, draft: Draft, entity: Entity) -> None:
        """Keys that cannot match by chance need no name: long ids that another table has."""
        known = {r.column.name for routes in draft.links.values() for r in routes}
        for column in draft.table.columns.values():
            if not column.filled or not telling(column) or column.name in known | {draft.key_name}:
                continue
            if self._linker.concepts(draft, column.name).get("author", 0) >= 0.75:
                continue
            for target in _TARGETS:
                others = (f for f in entity.references if f.name != "parent_id")
                field = next((f.name for f in others if f.target == target), "")
                link = self._linker.by_keys(draft, column, target)
                if field and link and not draft.links.get(field):
                    self._linker.give(draft, field, [link])

    def _by_names(self, draft: Draft, field: str) -> None:
        """Names of organisations are a link, whatever their column is called."""
        for column in draft.table.columns.values():
            if column.distinct < 2 or column.name in draft.reserved or not speaks(column, "name"):
                continue
            for other in self._linker.of("organisation"):
                if other.table is draft.table or not other.column_of("name"):
                    continue
                rate, split = self._linker.named(column, other, "name")
                if rate.share >= 0.9:
                    self._linker.give(
                        draft, field, [Found(column, other, "name", rate, 0.5, split)]
                    )
                    return

    def _by_emails(self, draft: Draft, entity: Entity) -> None:
        """Addresses of persons, or of organisations, are a link where nothing else is."""
        for column in draft.table.columns.values():
            if column.name in draft.reserved or not speaks(column, "email"):
                continue
            for field in entity.references:
                if field.target not in ("person", "organisation") or draft.links.get(field.name):
                    continue
                for other in self._linker.of(field.target):
                    if other.table is not draft.table and other.column_of("email"):
                        rate, split = self._linker.named(column, other, "email")
                        if rate.share >= MATCHING:
                            link = Found(column, other, "email", rate, 0.5, split)
                            self._linker.give(draft, field.name, [link])
