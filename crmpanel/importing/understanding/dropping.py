"""Dropping: what turns out, once records are linked, to be read from another table already."""

from __future__ import annotations

from crmpanel.importing.mapping import Column
from crmpanel.importing.understanding.joining import Joiner
from crmpanel.importing.understanding.links import Linker
from crmpanel.importing.understanding.profile import ColumnProfile
from crmpanel.importing.understanding.tables import Role
from crmpanel.importing.understanding.twins import twins


class Dropper:
    """Leaves out links and drafts that are of no use.

    Parameters
    ----------
    roles : by table, what it holds; told of what is left out.
    """

    def __init__(self, linker: Linker, joiner: Joiner, roles: dict[str, Role]) -> None:
        self._linker, self._joiner, self._roles = linker, joiner, roles
        self._drafts = linker.drafts

    def contacts(self) -> None:
        """Of a table of colleagues and customers, what names a person names no colleague."""
        for draft in self._drafts:
            persons = {route.column for route in draft.links.get("person_id", [])}
            if draft.entity == "person":
                persons = {Column(c.name) for c in draft.table.columns.values() if _own_account(c)}
            if routes := draft.links.get("responsible_id"):
                draft.links["responsible_id"] = [r for r in routes if r.column not in persons]

    def twins(self) -> None:
        """Of two tables with the same records, one only adds to the other."""
        for kept, twin in twins(self._linker):
            if twin in self._drafts:
                self._drafts.remove(twin)
                self._joiner.add_side(twin.table, kept.name)
                why = f"it has the same records as {kept.name}"
                self._roles[twin.name] = Role("", 0, 0, twin.names, {}, why)

    def users(self) -> None:
        """Of several tables of users only those that records name."""
        users = self._linker.of("user")
        hit = [draft for draft in users if id(draft) in self._linker.hits]
        if hit:
            for draft in users:
                if draft not in hit and len(users) > 1:
                    self._drafts.remove(draft)
                    why = "records name users of another table"
                    self._roles[draft.name] = Role("", 0, 0, draft.names, {}, why)

    def lines(self) -> None:
        """Lines of what is not read (invoices, shipments) are left out where there are others."""
        lines = self._linker.of("quotation_line")
        held = [d for d in lines if d.links.get("order_id") or d.links.get("quotation_id")]
        for draft in lines:
            if held and draft not in held:
                self._drafts.remove(draft)
                why = "it has the lines of something that is not read"
                self._roles[draft.name] = Role("", 0, 0, draft.names, {}, why)


def _own_account(column: ColumnProfile) -> bool:
    """Whether a column names a user once at most: persons' own accounts, not who cares for them."""
    return column.filled > 5 and column.distinct == column.filled
