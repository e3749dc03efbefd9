"""ReportView: the records of a list, grouped: one chart and one table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import panel as pn
import panel_material_ui as pmui
from bokeh.models import ColumnDataSource, HoverTool, NumeralTickFormatter
from bokeh.plotting import figure
from panel.viewable import Viewer

from crmpanel.controllers.links import Args
from crmpanel.controllers.list_state import to_args
from crmpanel.controllers.report import Report
from crmpanel.controllers.sentence import sentence
from crmpanel.locale import _, ngettext
from crmpanel.model.kinds import DATE, DATETIME
from crmpanel.views.cells import Display
from crmpanel.views.components import ListSummary, RecordTable
from crmpanel.views.loading import Prefetch, in_thread
from crmpanel.views.theme import COLOURS, SMALL

#: A chart is never narrower than its labels and some bar; on a phone it scrolls in its own frame.
CHART = ":host { display: block; min-width: 0; max-width: 100%; overflow-x: auto; }"
BAR = ":host { display: flex; flex-wrap: wrap; gap: 12px 8px; width: 100%; }"
ITEM = ":host { flex: 0 1 220px; min-width: 130px; }"
#: Groups shown as bars.
BARS = 20
#: Characters of the label of a bar.
LABEL = 32
#: Groups in the table; shares are of all groups, and ``df()`` has them all.
LISTED = 500


class ReportView(Viewer):
    """A report with a choice of dimension and measure.

    Parameters
    ----------
    report : the grouped list.
    display : how values are shown.
    """

    def __init__(self, report: Report, display: Display, **params: Any) -> None:
        self.report, self.display = report, display
        self.on_state: Callable[[], Any] | None = None
        #: Gives the address of the list that is reported on, with the settings passed to it.
        self.list_href: Callable[[Args], str] | None = None
        self._layout: pn.Column | None = None
        super().__init__(**params)

    def __repr__(self) -> str:
        report = self.report
        return f"<{report.entity.label_plural} by {report.dimension}: {report.measure}>"

    __str__ = __repr__

    def __panel__(self) -> pn.Column:
        if self._layout is None:
            self._layout = self._build()
        return self._layout

    def _build(self) -> pn.Column:
        report = self.report
        rows = Prefetch(report.rows)
        by = pmui.Select(
            label=_("Group by"),
            stylesheets=[ITEM],
            sizing_mode="stretch_width",
            value=report.dimension,
            **SMALL,
            options=_options((_(f.label), f.name) for f in report.dimensions),
        )
        measure = pmui.Select(
            label=_("Show"),
            stylesheets=[ITEM],
            sizing_mode="stretch_width",
            value=report.measure,
            **SMALL,
            options=_options((report.label(m), m.name) for m in report.measures),
        )
        by.param.watch(lambda e: setattr(report, "dimension", e.new), "value")
        measure.param.watch(lambda e: setattr(report, "measure", e.new), "value")
        report.param.watch(lambda e: setattr(by, "value", e.new), "dimension")
        report.param.watch(lambda e: setattr(measure, "value", e.new), "measure")
        report.param.watch(self._reload, ["dimension", "measure"])
        self._summary = ListSummary(links=[], clear="")
        self._chart = pn.Column(stylesheets=[CHART], margin=0, sizing_mode="stretch_width")
        self._table = RecordTable(label=_("Groups"), busy=True, columns=self._columns())
        rows.deliver(self._show)
        bar = pn.Row(
            by, measure, stylesheets=[BAR], margin=(12, 0, 0, 0), sizing_mode="stretch_width"
        )
        return pn.Column(
            bar, self._summary, self._chart, self._table, sizing_mode="stretch_width", margin=0
        )

    def _columns(self) -> list[dict[str, Any]]:
        group = self.report.entity.field(self.report.dimension)
        measure = self.report.chosen_measure
        columns = [("group", _(group.label), "start"), ("records", _("Number"), "end")]
        if measure.function != "count":
            columns.append(("measure", self.report.label(measure), "end"))
        columns.append(("share", _("Share"), "end"))
        return [
            {
                "name": name,
                "label": label,
                "align": align,
                "sortable": False,
                "sort": None,
                "kind": "text",
                "primary": name == "group",
            }
            for name, label, align in columns
        ]

    async def _reload(self, *_events: Any) -> None:
        self._table.busy = True
        self._show(await in_thread(self.report.records.desk.database.records, self.report.query))
        if self.on_state is not None:
            self.on_state()

    def _show(self, rows: list[dict[str, Any]]) -> None:
        with pn.io.hold():
            self._table.param.update(
                columns=self._columns(),
                rows=self._rows(rows),
                busy=False,
                empty={"title": _("No records to group")},
            )
            self._chart.objects = [self._plot(rows)] if rows else []
            self._summary.param.update(
                count=self._count(len(rows)),
                sentence=sentence(self.report.records, self.display.formats),
                links=self._links(),
            )

    def _links(self) -> list[dict[str, Any]]:
        if self.list_href is None:
            return []
        return [
            {
                "name": "list",
                "label": _("Open as list"),
                "icon": "right",
                "href": self.list_href(to_args(self.report.records)),
            }
        ]

    def df(self) -> Any:
        """The groups as a pandas DataFrame."""
        return self.report.df()

    @property
    def sql(self) -> str:
        """The grouped query as SQL that can be run anywhere."""
        return self.report.sql

    def _label(self, row: dict[str, Any], several: bool) -> str:
        """What a group is called; with its currency where there are several."""
        group = self.report.entity.field(self.report.dimension)
        value = row["value"]
        if value is None:
            text = _("(blank)")
        elif group.kind in (DATE, DATETIME):
            text = self.display.formats.month(value)
        else:
            text = self.display.text(
                self.report.entity, group.name, {group.name: value, **_titled(group.name, row)}
            )
        return f"{text} · {row['currency']}" if several and row["currency"] else text

    def _amount(self, row: dict[str, Any]) -> str:
        measure = self.report.chosen_measure
        if measure.function == "count":
            return self.display.formats.number(row["records"])
        return self.display.text(
            self.report.entity,
            str(measure.field),
            {
                str(measure.field): row["measure"],
                **_currency_of(self.report.entity, str(measure.field), row),
            },
        )

    def _rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        totals: dict[Any, float] = {}
        for row in rows:
            totals[row["currency"]] = totals.get(row["currency"], 0.0) + float(row["measure"] or 0)
        return [
            {"id": i, "href": self._drill(row), "cells": self._cells(row, totals)}
            for i, row in enumerate(rows[:LISTED])
        ]

    def _count(self, groups: int) -> str:
        number = self.display.formats.number
        if groups > LISTED:
            return _("{first}–{last} of {n}", first=1, last=number(LISTED), n=number(groups))
        return ngettext("{n} group", "{n} groups", groups)

    def _cells(self, row: dict[str, Any], totals: dict[Any, float]) -> list[str]:
        total = totals[row["currency"]]
        share = 100 * float(row["measure"] or 0) / total if total else None
        counted = self.report.chosen_measure.function == "count"
        return [
            self._label(row, len(totals) > 1),
            self.display.formats.number(row["records"]),
            *([] if counted else [self._amount(row)]),
            "" if share is None else self.display.formats.percent(round(share, 1)),
        ]

    def _drill(self, row: dict[str, Any]) -> str | None:
        """The address of the records of a group, where the group is one of the list's filters."""
        entity, links = self.report.entity, self.display.links
        dimension = self.report.dimension
        part = (
            "status"
            if dimension == entity.status
            else "responsible"
            if entity.responsible == (dimension,)
            else None
        )
        if links is None or part is None or self.list_href is None:
            return None
        value = "" if row["value"] is None else str(row["value"])
        args = tuple(pair for pair in to_args(self.report.records) if pair[0] != part)
        return self.list_href((*args, (part, value)))

    def _plot(self, rows: list[dict[str, Any]]) -> pn.pane.Bokeh:
        timed = self.report.entity.field(self.report.dimension).kind in (DATE, DATETIME)
        shown = rows[:BARS]
        shown = sorted(shown, key=lambda r: r["value"] or dt.datetime.min)[::-1] if timed else shown
        several = len({row["currency"] for row in rows}) > 1
        labels = _unique([shortened_label(self._label(row, several)) for row in shown])
        source = ColumnDataSource(
            {
                "group": labels,
                "value": [float(r["measure"] or 0) for r in shown],
                "shown": [self._amount(row) for row in shown],
            }
        )
        plot = figure(
            y_range=labels[::-1],
            height=60 + 26 * len(labels),
            toolbar_location=None,
            tools="",
            sizing_mode="stretch_width",
            background_fill_alpha=0,
            border_fill_alpha=0,
            outline_line_color=None,
        )
        # A grey that is legible on both themes; the accent of the light one serves both.
        ink, accent = "#7a8494", COLOURS["light"]["accent"]
        bars = plot.hbar(
            y="group", right="value", height=0.68, source=source, color=accent, alpha=0.85
        )
        plot.add_tools(HoverTool(renderers=[bars], tooltips=[("", "@group"), ("", "@shown")]))
        plot.grid.grid_line_alpha = 0.25
        plot.ygrid.grid_line_color = None
        plot.x_range.start = min(0.0, *source.data["value"], 0.0)
        for axis in plot.axis:
            axis.axis_line_alpha = axis.minor_tick_line_alpha = axis.major_tick_line_alpha = 0
            axis.major_label_text_color, axis.major_label_text_font_size = ink, "12px"
        plot.xaxis.formatter = NumeralTickFormatter(format="0,0.[0]a")
        plot.xaxis.ticker.desired_num_ticks = 6
        return pn.pane.Bokeh(plot, sizing_mode="stretch_width")


def shortened_label(text: str) -> str:
    """The label of a bar; the table below has the whole text."""
    return text if len(text) <= LABEL else f"{text[: LABEL - 1]}…"


def _titled(name: str, row: dict[str, Any]) -> dict[str, Any]:
    return {name.removesuffix("_id"): row["title"]} if name.endswith("_id") else {}


def _currency_of(entity: Any, field: str, row: dict[str, Any]) -> dict[str, Any]:
    currency = entity.field(field).currency
    return {currency: row["currency"]} if currency else {}


def _unique(labels: list[str]) -> list[str]:
    """Bokeh's categories must differ; equal labels are numbered."""
    seen: dict[str, int] = {}
    found = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        found.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return found


def _options(labelled: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names by label; what is called like another has its name beside it."""
    found: dict[str, str] = {}
    for label, name in labelled:
        found[f"{label} ({name})" if label in found else label] = name
    return found
