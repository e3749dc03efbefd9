"""ReportView: the records of a list, grouped: one chart and one table."""

from __future__ import annotations

import datetime as dt
from typing import Any

import panel as pn
import panel_material_ui as pmui
from bokeh.models import ColumnDataSource, HoverTool
from bokeh.plotting import figure
from panel.viewable import Viewer

from crmpanel.controllers.report import Report
from crmpanel.controllers.sentence import sentence
from crmpanel.locale import _, ngettext
from crmpanel.model.kinds import DATE, DATETIME
from crmpanel.views.cells import Display
from crmpanel.views.components import ListSummary, RecordTable, SectionHead
from crmpanel.views.loading import Prefetch, in_thread
from crmpanel.views.theme import COLOURS, SMALL

BAR = ":host { display: flex; flex-wrap: wrap; gap: 8px; width: 100%; }"
#: Groups shown as bars; the table has them all.
BARS = 20


class ReportView(Viewer):
    """A report with a choice of dimension and measure.

    Parameters
    ----------
    report : the grouped list.
    display : how values are shown.
    """

    def __init__(self, report: Report, display: Display, **params: Any) -> None:
        self.report, self.display = report, display
        self.on_state: Any = None
        self._layout: pn.Column | None = None
        super().__init__(**params)

    def __panel__(self) -> pn.Column:
        if self._layout is None:
            self._layout = self._build()
        return self._layout

    def _build(self) -> pn.Column:
        report = self.report
        rows = Prefetch(report.rows)
        by = pmui.Select(label=_("Group by"), width=220, value=report.dimension, **SMALL,
                         options={_(f.label): f.name for f in report.dimensions})
        measure = pmui.Select(label=_("Show"), width=220, value=report.measure, **SMALL,
                              options={_(m.label): m.name for m in report.measures})
        by.param.watch(lambda e: setattr(report, "dimension", e.new), "value")
        measure.param.watch(lambda e: setattr(report, "measure", e.new), "value")
        report.param.watch(lambda e: setattr(by, "value", e.new), "dimension")
        report.param.watch(lambda e: setattr(measure, "value", e.new), "measure")
        report.param.watch(self._reload, ["dimension", "measure"])
        self._head = SectionHead(title=_("Report: {list}", list=_(report.entity.label_plural)),
                                 link="")
        self._summary = ListSummary(links=[], clear="")
        self._chart = pn.Column(margin=0, sizing_mode="stretch_width")
        self._table = RecordTable(label=_("Groups"), busy=True, columns=self._columns())
        rows.deliver(self._show)
        return pn.Column(self._head, self._summary,
                         pn.Row(by, measure, stylesheets=[BAR], sizing_mode="stretch_width"),
                         self._chart, self._table, sizing_mode="stretch_width", margin=0)

    def _columns(self) -> list[dict[str, Any]]:
        group = self.report.entity.field(self.report.dimension)
        measure = self.report.records.selection.measure(self.report.measure)
        columns = [("group", _(group.label), "start"), ("records", _("Number"), "end")]
        if measure.function != "count":
            columns.append(("measure", _(measure.label), "end"))
        columns.append(("share", _("Share"), "end"))
        return [{"name": name, "label": label, "align": align, "sortable": False, "sort": None,
                 "kind": "text", "primary": name == "group"} for name, label, align in columns]

    async def _reload(self, *_events: Any) -> None:
        self._table.busy = True
        self._show(await in_thread(self.report.records.desk.database.records, self.report.query))
        if self.on_state is not None:
            self.on_state()

    def _show(self, rows: list[dict[str, Any]]) -> None:
        with pn.io.hold():
            self._table.param.update(columns=self._columns(), rows=self._rows(rows), busy=False,
                                     empty={"title": _("No records to group")})
            self._chart.objects = [self._plot(rows)] if rows else []
            self._summary.param.update(count=ngettext("{n} group", "{n} groups", len(rows)),
                                       sentence=self._scope_sentence())

    def _scope_sentence(self) -> str:
        return sentence(self.report.records, self.display.formats)

    def _label(self, row: dict[str, Any]) -> str:
        group = self.report.entity.field(self.report.dimension)
        value = row["value"]
        if value is None:
            text = _("(blank)")
        elif group.kind in (DATE, DATETIME):
            text = self.display.formats.month(value)
        else:
            text = self.display.text(self.report.entity, group.name,
                                     {group.name: value, **_titled(group.name, row)})
        return f"{text} · {row['currency']}" if row["currency"] else text

    def _amount(self, row: dict[str, Any]) -> str:
        measure = self.report.records.selection.measure(self.report.measure)
        if measure.function == "count":
            return self.display.formats.number(row["records"])
        return self.display.text(self.report.entity, str(measure.field),
                                 {str(measure.field): row["measure"], **_currency_of(
                                     self.report.entity, str(measure.field), row)})

    def _rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        totals: dict[Any, float] = {}
        for row in rows:
            key = row["currency"]
            totals[key] = totals.get(key, 0.0) + float(row["measure"] or 0)
        counted = self.report.records.selection.measure(self.report.measure).function == "count"
        found = []
        for i, row in enumerate(rows):
            total = totals[row["currency"]]
            share = self.display.formats.percent(round(100 * float(row["measure"] or 0) / total, 1)) \
                if total else ""
            amount = [] if counted else [self._amount(row)]
            found.append({"id": i, "cells": [self._label(row), self.display.formats.number(
                row["records"]), *amount, share]})
        return found

    def _plot(self, rows: list[dict[str, Any]]) -> pn.pane.Bokeh:
        timed = self.report.entity.field(self.report.dimension).kind in (DATE, DATETIME)
        shown = rows[:BARS]
        shown = sorted(shown, key=lambda r: r["value"] or dt.datetime.min)[::-1] if timed else shown
        labels = _unique([self._label(row)[:60] for row in shown])
        source = ColumnDataSource({"group": labels, "value": [float(r["measure"] or 0)
                                                              for r in shown],
                                   "shown": [self._amount(row) for row in shown]})
        plot = figure(y_range=labels[::-1], height=60 + 26 * len(labels), toolbar_location=None,
                      tools="", sizing_mode="stretch_width", background_fill_alpha=0,
                      border_fill_alpha=0, outline_line_alpha=0)
        # A grey that is legible on both themes; the accent of the light one serves both.
        ink, accent = "#7a8494", COLOURS["light"]["accent"]
        bars = plot.hbar(y="group", right="value", height=0.68, source=source, color=accent,
                         alpha=0.85)
        plot.add_tools(HoverTool(renderers=[bars], tooltips=[("", "@group"), ("", "@shown")]))
        plot.grid.grid_line_alpha = 0.25
        plot.ygrid.grid_line_color = None
        plot.x_range.start = min(0.0, *source.data["value"], 0.0)
        for axis in plot.axis:
            axis.axis_line_alpha = axis.minor_tick_line_alpha = axis.major_tick_line_alpha = 0
            axis.major_label_text_color, axis.major_label_text_font_size = ink, "12px"
        plot.xaxis.formatter.use_scientific = False
        return pn.pane.Bokeh(plot, sizing_mode="stretch_width")


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
