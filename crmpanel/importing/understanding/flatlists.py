"""Flat lists: orders that are repeated on the rows of their lines."""

from __future__ import annotations

from crmpanel.importing.mapping import Column, Route, Taken
from crmpanel.importing.understanding.columns import assigned, give_fields
from crmpanel.importing.understanding.deriving import PARENTS
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.matching import Matching
from crmpanel.importing.understanding.naming import entity_of
from crmpanel.importing.understanding.profile import TableProfile
from crmpanel.importing.understanding.tables import Role
from crmpanel.importing.understanding.words import compact, words
from crmpanel.model.registry import Registry


class FlatLists:
    """Finds such lists, and takes the orders out of them."""

    def __init__(self, matching: Matching, registry: Registry) -> None:
        self._matching, self._registry = matching, registry
        self.evidence: list[str] = []

    def orders_inside(self, draft: Draft, parent: str) -> Draft | None:
        """The orders, or quotations, that a table of lines repeats on every line."""
        entity = self._registry[parent]
        if draft.entity != "quotation_line":
            return None
        number = self._number(draft, parent)
        if not number:
            return None
        column = draft.table.columns[number]
        same = [c.name for c in draft.table.columns.values()
                if c.name != number and c.filled and c.distinct < max(2, 0.95 * draft.table.rows)
                and self._matching.depends(draft.name, number, c.name)]  # fmt: skip
        if not same:
            return None
        made = Draft(parent, draft.table, draft.names, key=(Column(number),), group=True)
        made.reserved = set(draft.table.columns) - set(same) - {number}
        made.fields["number"] = Taken((Column(number),))
        give_fields(made, entity, {number} | made.reserved)
        draft.links[PARENTS[parent]] = [Route(Column(number))]
        draft.reserved |= {number, *(c for c in same if self._is_total(draft, c, parent))}
        self.evidence.append(
            f"{draft.name}: {', '.join(same[:6])} are the same on all lines of one {number}, "
            f"so that {column.distinct:,} {entity.plural} are made of them"
        )
        return made

    def _is_total(self, draft: Draft, column: str, parent: str) -> bool:
        """Whether a column that is the same on all lines has an amount of what they belong to."""
        fields = draft.names.fields(column, parent)
        return max(fields.get("value", 0.0), fields.get("freight", 0.0)) >= 0.85

    def lines_of(self, role: Role, table: TableProfile) -> str:
        """The entity whose lines a table has, that is not named as if it had."""
        if not table.rows or (role.named == 1 and role.entity not in PARENTS):
            return ""
        lines = assigned(self._registry["quotation_line"], table, role.names)
        item = {"item_number", "name"} & set(lines)
        if not (item and "quantity" in lines):
            return ""
        draft = Draft("quotation_line", table, role.names)
        for parent in sorted(PARENTS, key=lambda parent: parent != role.entity):
            if self._number(draft, parent):
                return parent
        return ""

    def _number(self, draft: Draft, parent: str) -> str:
        """The column with the numbers of orders, which their lines repeat."""
        mine = entity_of(draft.table.called) == (parent, 1.0)
        for column in draft.table.columns.values():
            named = draft.names.references(column.name).get(parent, 0)
            field = draft.names.fields(column.name, parent).get("number", 0)
            own = {"number", "nr", "no", "id", "name", "ref", ""} & set(words(column.name)[-1:])
            exact = field >= 0.9 and (mine or named >= 0.6 or parent in compact(column.name))
            repeated = column.share > 0.98 and column.distinct < 0.95 * draft.table.rows
            if repeated and (exact or (named >= 0.9 and own)):
                return column.name
        return ""
