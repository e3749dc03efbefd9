"""Ticks: which records of a list are chosen for what is done to several at once."""

from __future__ import annotations

from collections.abc import Iterable

from crmpanel.controllers.record_list import FILTERS, RecordList
from crmpanel.model.filters import Condition, FilterSet
from crmpanel.query.selection import Selection

#: So many records can be ticked one by one; of more, all that match are.
MOST = 2000


class Ticks:
    """The ticked records of a list; they stay while pages and order change, not while filters do.

    Parameters
    ----------
    records : the list.

    Attributes
    ----------
    all : whether everything that matches is ticked, but for what was unticked since.
    """

    def __init__(self, records: RecordList) -> None:
        self.records, self.all = records, False
        self._ids: dict[int, None] = {}
        records.param.watch(lambda *_: self.clear(), list(FILTERS))

    def tick(self, ids: Iterable[int], on: bool = True) -> bool:
        """Tick or untick some records; False if these would be too many, and nothing changes."""
        ids = list(ids)
        if on == self.all:
            for id in ids:
                self._ids.pop(id, None)
            return True
        added = [id for id in ids if id not in self._ids]
        if len(self._ids) + len(added) > MOST:
            return False
        self._ids.update(dict.fromkeys(added))
        return True

    def tick_all(self) -> None:
        """Tick everything that matches the filters, now and when it is used."""
        self._ids, self.all = {}, True

    def clear(self) -> None:
        """Untick everything."""
        self._ids, self.all = {}, False

    def has(self, id: int) -> bool:
        """Whether a record that matches is ticked."""
        return (id in self._ids) != self.all

    def number(self, total: int) -> int:
        """How many are ticked, of so many that match."""
        return max(0, total - len(self._ids)) if self.all else len(self._ids)

    @property
    def selection(self) -> Selection:
        """The ticked records, as a source of queries; never one from outside the list's scope."""
        listed = self.records.selection
        if self.all:
            return listed.narrowed(conditions=self._condition("not_in")) if self._ids else listed
        # What was ticked by hand stays ticked when it comes to pass the filters no more.
        filters = FilterSet(conditions=self._condition("in") or (Condition(("id",), "blank"),))
        return Selection(
            listed.entity, listed.registry, listed.context, filters, self.records.scope
        )

    def _condition(self, operator: str) -> tuple[Condition, ...]:
        return (Condition(("id",), operator, tuple(self._ids)),) if self._ids else ()
