"""Owners: whoever is responsible gets a record, also where no table holds the users."""

from __future__ import annotations

from collections.abc import Iterable

from crmpanel.importing.mapping import Column, Route
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.links import Linker
from crmpanel.model.registry import Registry


class Owners:
    """Finds who is responsible for the records of drafts."""

    def __init__(self, linker: Linker, registry: Registry) -> None:
        self._linker, self._registry = linker, registry

    def name(self, drafts: Iterable[Draft]) -> dict[str, str]:
        """Link them, and say what users are called that no table holds, as stand-ins."""
        users, called = bool(self._linker.of("user")), ""
        for draft in drafts:
            entity = self._registry[draft.entity]
            field = entity.responsible[0] if entity.responsible else ""
            if not field or draft.group:
                continue
            if not users and not draft.links.get(field) and (column := self._column(draft)):
                draft.links[field] = [Route(Column(column))]
                draft.fields = {
                    n: v for n, v in draft.fields.items() if draft.column_of(n) != column
                }
            for route in draft.links.get(field, [])[:1]:
                names = is_name(draft, route.column.name)
                if called != "{key}" and (names or route.by or not users):
                    called = "{key}" if names or route.by == "name" else "User {short}"
        return {"user": called} if called else {}

    def _column(self, draft: Draft) -> str:
        """The column that names who is responsible: names before keys."""
        scored, other = [], draft.reserved | {draft.key_name} | self._used(draft)
        for column in draft.table.columns.values():
            concepts = self._linker.concepts(draft, column.name)
            sure = concepts.get("user", 0)
            if sure < 0.9 or not column.filled or column.name in other:
                continue
            if concepts.get("author", 0) >= 0.9:
                continue
            if column.forms.share("boolean", "date") > 0.5 and column.forms.share("integer") < 0.5:
                continue
            scored.append((is_name(draft, column.name), sure, column.share, column.name))
        return max(scored)[3] if scored else ""

    def _used(self, draft: Draft) -> set[str]:
        """Columns that are more than a field, or than a part of the key."""
        title = self._registry[draft.entity].title
        fields = {draft.column_of(name) for name in draft.fields if name != title}
        return draft.used() - fields - {column.name for column in draft.key}


def is_name(draft: Draft, column: str) -> bool:
    """Whether a column holds names, not keys."""
    known = draft.table.columns.get(column)
    if known is None:
        return False
    forms = known.forms
    long = forms.share("code") > 0.9 and forms.mean_length >= 10 and forms.share("email") < 0.5
    return forms.share("integer", "guid", "sfid") < 0.3 and not long
