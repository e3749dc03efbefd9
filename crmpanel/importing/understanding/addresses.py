"""Addresses: e-mail, phones and places that stand in tables of their own."""

from __future__ import annotations

from crmpanel.importing.mapping import Column, Join, Taken, Through
from crmpanel.importing.understanding.columns import named
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.fitting import fit
from crmpanel.importing.understanding.joining import Joiner, Side, near, nearly_same, standing
from crmpanel.importing.understanding.links import Linker
from crmpanel.importing.understanding.naming import coded
from crmpanel.importing.understanding.words import compact
from crmpanel.model.entity import Entity

#: Fields that tables of their own may hold.
ADDRESSES = ("email", "phone", "mobile", "address", "address2", "postcode", "city", "state",
             "country", "website")  # fmt: skip
#: A link table has no more columns than this.
LINKING = 12


class Addresses:
    """Takes what is missing from tables of addresses."""

    def __init__(self, joiner: Joiner, linker: Linker) -> None:
        self._joiner, self._linker = joiner, linker

    def give(self, draft: Draft, entity: Entity) -> None:
        """Take e-mail addresses, phones and places from tables that belong to the records."""
        if not draft.key_name or entity.name not in ("organisation", "person"):
            return
        for side in self._joiner.sides:
            wanted = self._offered(draft, side, entity)
            if not wanted:
                continue
            join = (
                self._forward(draft, side)
                or self._direct(draft, side)
                or self._through(draft, side)
            )
            if join is None:
                continue
            alias = draft.join(join)
            for field, column in wanted.items():
                draft.fields.setdefault(field, Taken((Column(column, alias),)))
            self._places(draft, side, alias)
            self._linker.evidence.append(
                f"{draft.entity}: {', '.join(wanted)} from {side.table.name}"
                + (f" through {join.through.table}" if join.through else "")
            )

    def _offered(self, draft: Draft, side: Side, entity: Entity) -> dict[str, str]:
        """Fields still missing, and the columns of a table that may have them."""
        found: dict[str, str] = {}
        for column in side.table.columns.values():
            for field, score in named(column, side.names, entity.name).items():
                missing = field in ADDRESSES and field not in draft.fields
                sure = missing and score >= 0.85 and column.filled and column.name != side.key
                if sure and fit(entity.fields[field], column) >= 0.5:
                    found.setdefault(field, column.name)
        return found

    def _forward(self, draft: Draft, side: Side) -> Join | None:
        """The record names its address."""
        for column in draft.table.columns.values():
            own = column.name == draft.key_name or not column.filled
            if own or not side.key or not near(column.name, side):
                continue
            if self._linker.matching.rate(column, side.table.columns[side.key]).share >= 0.8:
                return Join(side.table.name, Column(column.name), side.key)
        return None

    def _places(self, draft: Draft, side: Side, alias: str) -> None:
        """Names of towns and countries whose keys an address has."""
        for column in side.table.columns.values():
            field = coded(side.names, column.name)
            if field not in ("city", "country", "state") or field in draft.fields:
                continue
            if found := self._joiner.lookup(column, side.names):
                table, key, name = found
                other = draft.join(Join(table, Column(column.name, alias), key))
                draft.fields[field] = Taken((Column(name.name, other),))

    def _direct(self, draft: Draft, side: Side) -> Join | None:
        key = draft.table.columns[draft.key_name]
        columns = list(self._joiner.naming(draft, side))
        # The keys of both may be the same small numbers.
        for column in sorted(columns, key=lambda column: column.name == side.key):
            if self._linker.matching.rate(column, key).share >= 0.3:
                return Join(side.table.name, Column(draft.key_name), column.name)
        return None

    def _through(self, draft: Draft, side: Side) -> Join | None:
        key = draft.table.columns[draft.key_name]
        if not side.key:
            return None
        for link in self._joiner.sides:
            if link is side or len(link.table.columns) > LINKING:
                continue
            own = [name for name in side.names._own if len(name) > 3]
            ends = [
                column
                for column in link.table.columns.values()
                if nearly_same(column.name, side.key)
                or any(name in compact(column.name) for name in own)
            ]
            for to in ends:
                least = 0.05 if nearly_same(to.name, side.key) else 0.3
                if self._linker.matching.rate(to, side.table.columns[side.key]).share < least:
                    continue
                for column in self._joiner.naming(draft, link):
                    rate = self._linker.matching.rate(column, key)
                    if column is not to and rate.share >= 0.05 and rate.matched:
                        where = standing(link.table)
                        through = Through(link.table.name, column.name, to.name, where)
                        return Join(
                            side.table.name, Column(draft.key_name), side.key, "", (), through
                        )
        return None
