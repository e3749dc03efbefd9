"""The page of a report: what its address ties it to, its head, and the way back to the list."""

from __future__ import annotations

from typing import Any

from crmpanel.controllers.layout import layout_in
from crmpanel.controllers.links import Args, Links, Place
from crmpanel.controllers.list_state import from_args
from crmpanel.controllers.record_card import find
from crmpanel.controllers.record_list import FILTERS
from crmpanel.controllers.report import Report
from crmpanel.errors import InputError
from crmpanel.locale import _
from crmpanel.model.filters import Condition
from crmpanel.views.as_of import TINT, as_it_was, moment_args, without_moment
from crmpanel.views.cells import Display
from crmpanel.views.components import CardHeader
from crmpanel.views.heading import ROOT
from crmpanel.views.import_counts import UNLINKED
from crmpanel.views.record_list import RecordListView
from crmpanel.views.report import ReportView

CHOICES = ("by", "measure")


class ReportPage:
    """A report as an address describes it.

    Parameters
    ----------
    display : how values are shown; its links say how addresses are written.
    place : where the visitor is.

    Attributes
    ----------
    view, head, title : what is shown.
    messages : one for each setting of the address that makes no sense and was ignored.
    """

    def __init__(self, display: Display, links: Links, place: Place) -> None:
        self.display, self.links = display, links
        self.entity = display.desk.registry[place.entity]
        self.messages: list[str] = []
        self.scope, filters = self._scope(place.args)
        records = RecordListView(display.desk, self.entity.name, self.scope, display=display)
        self.report = Report(records)
        self._choose(place.arg("by"), place.arg("measure"))
        self.messages += from_args(records, filters)
        self._kept = tuple(p for p in without_moment(place.args) if p[0] not in CHOICES)
        self.view = ReportView(self.report, display)
        self.view.list_href = self._list_href
        self.title = _("{list}: report", list=_(self.entity.label_plural))
        self.head = self._head()

    def place(self) -> Place:
        """Where the visitor is, with dimension and measure as they are now chosen."""
        chosen = (("by", self.report.dimension), ("measure", self.report.measure))
        moment = moment_args(self.display)
        return Place("report", self.entity.plural, args=(*self._kept, *chosen, *moment))

    def _choose(self, by: str | None, measure: str | None) -> None:
        try:
            self.report.choose(by, measure)
        except InputError as error:
            self.messages.append(str(error))

    def _scope(self, args: Args) -> tuple[list[Condition], Args]:
        """What ties the report to one record, and the settings of its list."""
        scope, rest = [], []
        for name, value in without_moment(args):
            if name in self.entity.fields and name not in FILTERS:
                scope += self._tie(name, value)
            elif name not in CHOICES:
                rest.append((name, value))
        return scope, tuple(rest)

    def _tie(self, name: str, value: str) -> list[Condition]:
        if value.isascii() and value.isdigit() and len(value) < 19:
            condition = Condition((name,), "eq", (int(value),))
        elif not value and self.entity.field(name).target:
            condition = Condition((name,), "blank")
        elif self.entity.about and name == self.entity.about[0]:
            condition = Condition((name,), "eq", (value,))
        else:
            text = _(
                "{name} must be a number, not {value}; it was ignored.",
                name=name,
                value=repr(value[:60]),
            )
            self.messages.append(text)
            return []
        condition.check(self.entity)
        return [condition]

    def _owner(self) -> tuple[str, Any] | None:
        """Entity and id of the record whose card has the list that is reported on."""
        for condition in self.scope:
            target = self.entity.field(condition.fields[0]).target
            is_one = condition.operator == "eq"
            if is_one and target and self.display.desk.registry[target].has_card:
                return target, condition.values[0]
        return None

    def _list_href(self, args: Args) -> str:
        """Address of the list that is reported on: a tab of a card, or all records."""
        owner, registry = self._owner(), self.display.desk.registry
        for tab in layout_in(registry[owner[0]], registry).lists if owner else ():
            if owner and tab.entity == self.entity.name:
                return self.links.record(*owner, (("tab", tab.name), *args))
        tie = (UNLINKED,) if self._is_unlinked else ()
        return self.links.list(self.entity.plural, (*tie, *args))

    @property
    def _is_unlinked(self) -> bool:
        return Condition((str(self.entity.organisation),), "blank") in self.scope

    def _head(self) -> CardHeader:
        root = self.display.desk.registry[ROOT]
        crumbs = [{"text": _(root.label_plural), "href": self.links.list(root.plural)}]
        owner, named = self._owner(), _("All organisations")
        if self._is_unlinked:
            named = _("Without organisation")
        if owner:
            entity = self.display.desk.registry[owner[0]]
            named = str(find(self.display.desk, *owner)[entity.title] or owner[1])
            crumbs.append({"text": named, "href": self.links.record(*owner)})
        past = self.display.desk.database.moment
        return CardHeader(
            avatar=False,
            title=self.title,
            subtitle=named if past is None else f"{named} · {as_it_was(self.display, past)}",
            stylesheets=[TINT] * (past is not None),
            crumbs=[*crumbs, {"text": _("Report"), "href": None}],
        )
