"""The foot of a list: page numbers and rows per page."""

from __future__ import annotations

import math

import panel as pn
import panel_material_ui as pmui

from crmpanel.controllers.record_list import PAGE_SIZES, RecordList
from crmpanel.locale import _
from crmpanel.views.theme import PAGINATION, SMALL

FOOT = ":host { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; width: 100%; }"


class PageFoot:
    """Page numbers and page size, made when a list first has more than the smallest page.

    Parameters
    ----------
    records : the list whose pages they are.
    """

    def __init__(self, records: RecordList) -> None:
        self.records = records
        self.component = pn.Row(
            stylesheets=[FOOT], margin=(8, 0, 0, 0), sizing_mode="stretch_width"
        )

    def show(self, total: int) -> None:
        """Tell of a list with so many records."""
        if total <= PAGE_SIZES[0] and not self.component.objects:
            return
        if not self.component.objects:
            self.component.objects = [self._page_numbers(), self._page_sizes()]
        numbers, sizes = self.component.objects
        records = self.records
        pages = max(1, math.ceil(total / records.page_size))
        numbers.count = pages  # first: it bounds the value
        numbers.param.update(value=min(records.page, pages) - 1, visible=pages > 1)
        sizes.param.update(value=records.page_size, visible=total > PAGE_SIZES[0])

    def _page_numbers(self) -> pmui.Pagination:
        widget = pmui.Pagination(count=1, value=0, **PAGINATION)
        widget.param.watch(lambda event: setattr(self.records, "page", event.new + 1), "value")
        return widget

    def _page_sizes(self) -> pmui.Select:
        widget = pmui.Select(
            label=_("Rows"),
            options=list(PAGE_SIZES),
            value=self.records.page_size,
            width=80,
            **SMALL,
        )
        widget.param.watch(lambda event: setattr(self.records, "page_size", event.new), "value")
        return widget
