"""Stand-ins: whom records name gets a record, also where no table holds them."""

from __future__ import annotations

from crmpanel.importing.mapping import Column, Route
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.links import Linker
from crmpanel.model.registry import Registry


class StandIns:
    """Finds who is named, and what the records are to be called.

    Attributes
    ----------
    texts : by entity, how the name is made of the key.
    """

    def __init__(self, linker: Linker, registry: Registry) -> None:
        self._linker, self._registry = linker, registry
        self.texts: dict[str, str] = {}

    def owners(self) -> None:
        """Whoever is responsible gets a record, also where no table holds the users."""
        users = bool(self._linker.of("user"))
        for draft in self._linker.drafts:
            entity = self._registry[draft.entity]
            field = entity.responsible[0] if entity.responsible else ""
            if not field or draft.group:
                continue
            routes = draft.links.get(field, [])
            if not routes and not users and (column := self._owner_column(draft)):
                draft.links[field] = [Route(Column(column))]
                draft.fields = {
                    n: v for n, v in draft.fields.items() if draft.column_of(n) != column
                }
            for route in draft.links.get(field, [])[:1]:
                names = self._is_name(draft, route.column.name)
                if names or route.by or not users:
                    text = "{key}" if names or route.by == "name" else "User {short}"
                    if self.texts.get("user") != "{key}":
                        self.texts["user"] = text

    def _owner_column(self, draft: Draft) -> str:
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
            if column.forms.share("number") - column.forms.share("integer") > 0.5:
                continue
            if column.distinct > max(20, 0.2 * column.filled):
                continue
            scored.append((self._is_name(draft, column.name), sure, column.share, column.name))
        return max(scored)[3] if scored else ""

    def _used(self, draft: Draft) -> set[str]:
        """Columns that are more than a field, or than a part of the key."""
        title = self._registry[draft.entity].title
        fields = {draft.column_of(name) for name in draft.fields if name != title}
        return draft.used() - fields - {column.name for column in draft.key}

    def _is_name(self, draft: Draft, column: str) -> bool:
        known = draft.table.columns.get(column)
        if known is None:
            return False
        forms = known.forms
        long = forms.share("code") > 0.9 and forms.mean_length >= 10 and forms.share("email") < 0.5
        return forms.share("integer", "guid", "sfid") < 0.3 and not long

    def companies(self) -> None:
        """Without any table of organisations, those that records name get one each."""
        for draft in self._linker.drafts:
            field = self._registry[draft.entity].organisation
            if field in (None, "id"):
                continue
            for column in draft.table.columns.values():
                sure = self._linker.concepts(draft, column.name).get("organisation", 0)
                if sure >= 0.9 and column.filled and column.name != draft.key_name:
                    draft.links.setdefault(str(field), []).append(Route(Column(column.name)))
                    named = self._is_name(draft, column.name)
                    self.texts["organisation"] = "{key}" if named else "Organisation {short}"
                    break
