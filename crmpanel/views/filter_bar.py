"""The filters above a list: search, responsible, status, date, content."""

from __future__ import annotations

import asyncio
import datetime as dt
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from crmpanel.controllers.list_state import LONGEST_SEARCH
from crmpanel.controllers.record_list import FILTERS, RecordList
from crmpanel.locale import _
from crmpanel.model.period import PERIODS, days
from crmpanel.views.cells import Display
from crmpanel.views.loading import in_thread
from crmpanel.views.theme import MULTI, SMALL

#: Seconds of silence after which typing becomes a search.
PAUSE = 0.2
CUSTOM = "custom"
#: Stands between a choice and its number of records.
COUNTED = "  ·  "
ROW = """
:host { display: flex; flex-wrap: wrap; gap: 12px 8px; align-items: flex-start; width: 100%;
        min-height: 36px; }
"""
_NARROW = " @media (max-width: 560px) { :host { max-width: none; } }"
ITEM = ":host { flex: 1 1 150px; max-width: 260px; min-width: 130px; }" + _NARROW
WIDE_ITEM = ":host { flex: 2 1 200px; max-width: 340px; min-width: 160px; }" + _NARROW
Facet = list[tuple[Any, str | None, int]]


def overflow(labels: list[str], room: int = 22) -> str:
    """As many labels as fit, and how many more there are: ``Planned, Active +1``.

    >>> overflow(["Planned", "Active", "Completed"])
    'Planned, Active +1'
    """
    shown = labels[:1]
    for label in labels[1:]:
        if len(", ".join([*shown, label])) > room:
            break
        shown.append(label)
    more = len(labels) - len(shown)
    return ", ".join(shown) + (f" +{more}" if more else "")


class FilterBar:
    """Widgets that follow the parameters of a list, and the other way round.

    Parameters
    ----------
    records : the list that is filtered.
    display : how values are shown.
    """

    def __init__(self, records: RecordList, display: Display) -> None:
        self.records, self.display, self._typed = records, display, 0
        self.number = display.formats.number
        entity = records.entity
        self.search = pmui.TextInput(
            placeholder=_("Search"),
            max_length=LONGEST_SEARCH,
            stylesheets=[WIDE_ITEM],
            sizing_mode="stretch_width",
            **SMALL,
        )
        self.responsible = (
            self._choices("responsible", _(entity.field(entity.responsible[0]).label))
            if entity.responsible
            else None
        )
        self.status = (
            self._choices("status", _(entity.field(entity.status).label)) if entity.status else None
        )
        self.kind = (
            self._choices("kind", _(entity.field(entity.kind).label)) if entity.kind else None
        )
        self.period = self._periods() if entity.date else None
        self.content = self._contents()
        self._range: pmui.DateRangePicker | None = None
        self._row = pn.Row(
            *filter(
                None,
                (
                    self.search,
                    self.responsible,
                    self.status,
                    self.kind,
                    self.period,
                    self.content,
                ),
            ),
            stylesheets=[ROW],
            sizing_mode="stretch_width",
            margin=0,
        )
        self.search.param.watch(self._type, "value_input")
        self.search.param.watch(lambda event: self._set(search=event.new), "value")
        records.param.watch(self._follow, [*FILTERS, "columns"])
        self._follow()

    def __panel__(self) -> pn.Row:
        return self._row

    def _choices(self, part: str, label: str) -> pmui.MultiChoice:
        widget = pmui.MultiChoice(
            label=label,
            options={},
            value=[],
            searchable=True,
            chip=False,
            filter_on_search=True,
            stylesheets=[ITEM],
            sizing_mode="stretch_width",
            **MULTI,
        )
        widget.param.watch(lambda event: self._set(**{part: list(event.new)}), "value")
        return widget

    def _periods(self) -> pmui.Select:
        entity = self.records.entity
        offered = [key for key in PERIODS if key != "overdue" or entity.due]
        options = {
            _("Any date"): "",
            **{_(PERIODS[key]): key for key in offered},
            _("Choose dates …"): CUSTOM,
        }
        widget = pmui.Select(
            label=_(entity.field(str(entity.date)).label),
            options=options,
            value="",
            stylesheets=[ITEM],
            sizing_mode="stretch_width",
            **SMALL,
        )
        widget.param.watch(self._choose_period, "value")
        return widget

    def _contents(self) -> pmui.MultiChoice:
        fields = {_(f.label): f.name for f in self.records.all_columns}
        widget = pmui.MultiChoice(
            label=_("Content"),
            options=fields,
            searchable=True,
            chip=False,
            value=list(self.records.columns),
            stylesheets=[ITEM],
            sizing_mode="stretch_width",
            **MULTI,
        )
        widget.param.watch(self._choose_columns, "value")
        return widget

    # -- from the widgets --------------------------------------------------------------------

    def _set(self, **values: Any) -> None:
        changed = {k: v for k, v in values.items() if getattr(self.records, k) != v}
        if changed:
            self.records.param.update(**changed)

    async def _type(self, event: param.parameterized.Event) -> None:
        self._typed += 1
        mine = self._typed
        await asyncio.sleep(PAUSE)
        if mine == self._typed:
            self._set(search=event.new)

    def _choose_period(self, event: param.parameterized.Event) -> None:
        if event.new == CUSTOM:
            self._show_range(True)
        else:
            self._show_range(False)
            self._set(period=event.new)

    def _choose_range(self, event: param.parameterized.Event) -> None:
        if event.new and all(event.new):
            first, last = (day.isoformat()[:10] for day in event.new)
            self._set(period=f"{first}..{last}")

    def _choose_columns(self, event: param.parameterized.Event) -> None:
        kept = [name for name in self.records.columns if name in event.new]
        added = [name for name in event.new if name not in kept]
        before = list(self.records.columns)
        self._set(columns=kept + added or list(self.records.default_columns))
        if list(self.records.columns) != before:
            pn.state.execute(partial(in_thread, self.records.keep_columns), schedule=False)
        if not event.new:
            self.content.value = list(self.records.columns)

    # -- from the list -----------------------------------------------------------------------

    def _follow(self, *_events: Any) -> None:
        """Show in the widgets what the list is narrowed to."""
        records = self.records
        if records.search not in (self.search.value, self.search.value_input):
            self.search.value = self.search.value_input = records.search
        if self.responsible is not None:
            self._show(self.responsible, [records.desk.user_id(u) for u in records.responsible])
        if self.status is not None:
            self._show(self.status, list(records.status))
        if self.kind is not None:
            self._show(self.kind, list(records.kind))
        if self.period is not None:
            self._show_period(records.period)
        self.content.param.update(
            value=list(records.columns), value_label=_("{n} columns", n=len(records.columns))
        )

    def _show(self, widget: pmui.MultiChoice, values: list[Any]) -> None:
        names = {value: label for label, value in widget.options.items()}
        for value in values:
            if value not in names:
                names[value] = self._label(widget, value, None)
        labels = [names[value].rsplit(COUNTED, 1)[0] for value in values]
        widget.param.update(
            options={label: value for value, label in names.items()},
            value=values,
            value_label=overflow(labels) if labels else "",
        )

    def _label(self, widget: pmui.MultiChoice, value: Any, title: str | None) -> str:
        if value is None:
            return _("(nobody)") if widget is self.responsible else _("(blank)")
        entity = self.records.entity
        for own, name in ((self.status, entity.status), (self.kind, entity.kind)):
            if widget is own and name is not None:
                return self.display.text(entity, name, {name: value})
        return title or self.records.desk.users.get(value, str(value))

    def show_facets(self, part: str, facet: Facet) -> None:
        """Offer the choices of a part, with the number of records beside each."""
        widget = {"responsible": self.responsible, "status": self.status, "kind": self.kind}[part]
        if widget is None:
            return
        options = {
            f"{self._label(widget, value, title)}{COUNTED}{self.number(count)}": value
            for value, title, count in facet
        }
        chosen = getattr(self.records, part)
        values = (
            [self.records.desk.user_id(u) for u in chosen]
            if part == "responsible"
            else list(chosen)
        )
        missing = {
            self._label(widget, value, None) + COUNTED + "0": value
            for value in values
            if value not in options.values()
        }
        widget.options = {**options, **missing}
        self._show(widget, values)

    def _show_period(self, period: str) -> None:
        assert self.period is not None
        is_range = bool(period) and period not in PERIODS
        if not (self.period.value == CUSTOM and not period):
            self.period.value = CUSTOM if is_range else period
        if is_range:
            self._show_range(True)
            span = days(period, dt.date.today())
            if span.start and span.end and self._range is not None:
                self._range.value = (span.start, span.end - dt.timedelta(days=1))

    def _show_range(self, visible: bool) -> None:
        """The picker of two dates is made when it is first needed."""
        if visible and self._range is None:
            self._range = pmui.DateRangePicker(
                label=_("From – to"),
                value=None,
                stylesheets=[WIDE_ITEM],
                sizing_mode="stretch_width",
                **SMALL,
            )
            self._range.param.watch(self._choose_range, "value")
            position = self._row.objects.index(self.period) + 1
            self._row.insert(position, self._range)
        if self._range is not None:
            self._range.visible = visible
