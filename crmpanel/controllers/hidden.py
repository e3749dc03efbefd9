"""Whether a list shows a record, and if not, which of its filters hide it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from crmpanel.controllers.record_list import FILTERS, RecordList
from crmpanel.model.filters import Condition, FilterSet


@dataclass(frozen=True)
class Whereabouts:
    """Where a record is in a list.

    Parameters
    ----------
    hidden_by : names of the filters that keep it out; there are none if it passes them.
    on_page : whether it is on the present page.
    """

    hidden_by: tuple[str, ...] = ()
    on_page: bool = False


def whereabouts(records: RecordList, id: int) -> Whereabouts:
    """Where a record is in a list as it is now, found by the list's own queries.

    If no filter alone keeps it out, but all together do, each of them is named.
    """
    filters = records.filters
    if _passes(records, id, filters):
        first = (records.page - 1) * records.page_size
        page = records.selection.page(["id"], records.order, records.page_size, first)
        shown = {row["id"] for row in records.desk.database.records(page)}
        return Whereabouts(on_page=id in shown)
    chosen = [name for name in FILTERS if getattr(filters, name)]
    alone = [n for n in chosen if not _passes(records, id, FilterSet(**{n: getattr(filters, n)}))]
    return Whereabouts(tuple(alone or chosen))


def _passes(records: RecordList, id: int, filters: FilterSet) -> bool:
    scope = (*records.scope, Condition(("id",), "eq", (id,)))
    selection = replace(records.selection, scope=scope, filters=filters)
    return bool(records.desk.database.scalar(selection.count()))
