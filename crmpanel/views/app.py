"""App: the served application: app bar, pages, and the address bar that names where one is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import panel as pn

from crmpanel.controllers.links import Args, Place
from crmpanel.controllers.list_state import from_args, to_args
from crmpanel.controllers.record_card import layout_of
from crmpanel.controllers.record_list import FILTERS
from crmpanel.controllers.report import Report
from crmpanel.controllers.search import OrganisationSearch
from crmpanel.errors import CrmError, InputError, UnknownName
from crmpanel.locale import _
from crmpanel.model.filters import Condition
from crmpanel.views.cells import Display
from crmpanel.views.components import CardHeader, PageMessage, Router, SearchBox
from crmpanel.views.record_card import RecordCardView
from crmpanel.views.record_list import RecordListView
from crmpanel.views.report import ReportView

BRAND = "crmpanel"
log = logging.getLogger(__name__)


class App:
    """One visitor's application.

    Parameters
    ----------
    display : how values are shown; its links say how addresses are written.
    url : path and query that the visitor asked for.
    """

    def __init__(self, display: Display, url: str) -> None:
        self.display, self.links = display, display.links
        self.router = Router(url=url, title=BRAND)
        self.search = SearchBox(placeholder=_("Search organisations"))
        self.message = PageMessage()
        self.main = pn.Column(sizing_mode="stretch_width", margin=0)
        self._finder = OrganisationSearch(display.desk)
        self._page: Any = None
        self._key: tuple[Any, ...] = ()
        self._asked = ""
        self.router.on_event(self._navigate)
        self.search.on_event(self._search)
        self.message.on_event(self._dismiss)
        self.go(url)

    @property
    def roots(self) -> dict[str, Any]:
        """What the page template embeds, by name."""
        return {
            "search": self.search,
            "router": self.router,
            "main": pn.Column(self.message, self.main, sizing_mode="stretch_width", margin=0),
        }

    # -- navigation --------------------------------------------------------------------------

    def _navigate(self, event: dict[str, Any]) -> None:
        self.go(event["url"])

    def go(self, url: str) -> None:
        """Show what an address stands for; what it cannot mean is said, never raised."""
        place = self.links.read(url)
        try:
            messages = self._show(place)
        except CrmError as error:
            messages = self._show_error(error, _("Not found"))
        except Exception:
            log.exception("showing %s", url)
            messages = self._show_error(
                CrmError(_("Something went wrong."), "", _("The server's log has the details.")),
                _("Something went wrong."),
            )
        self.message.items = (
            [
                {
                    "tone": "warning",
                    "title": _("The address was not quite right"),
                    "text": "\n".join(messages[:6]),
                }
            ]
            if messages
            else []
        )

    def _show(self, place: Place) -> list[str]:
        if place.kind == "report":
            return self._show_report(place)
        if place.kind == "record":
            return self._show_record(place)
        return self._show_list(place)

    def _show_list(self, place: Place) -> list[str]:
        registry = self.display.desk.registry
        if place.entity not in registry or registry[place.entity].organisation is None:
            raise UnknownName("page", place.entity, [e.plural for e in registry])
        entity = registry[place.entity]
        key = ("list", entity.name)
        records = (
            self._page
            if key == self._key
            else RecordListView(self.display.desk, entity.name, display=self.display)
        )
        messages = from_args(records, place.args)
        if key != self._key:
            self._key = key
            records.param.watch(
                lambda *_: self._write(Place("list", entity.plural, args=to_args(records))),
                [*FILTERS, "sort", "columns", "page", "page_size"],
            )
            head = CardHeader(title=_(entity.label_plural), avatar=False)
            self._set_page(records, _(entity.label_plural), head)
        return messages

    def _show_record(self, place: Place) -> list[str]:
        desk = self.display.desk
        entity = desk.registry[place.entity]
        key = ("record", entity.name, place.id)
        if key == self._key:
            return self._page.show(place.args)
        card = RecordCardView.of(self.display, entity.name, place.id or "")
        messages = card.show(place.args)
        card.on_state = lambda: self._write(Place("record", entity.name, str(card.id), card.args()))
        self._key = key
        if messages:
            card.on_state()
        self._set_page(card, card.card.title)
        if card.card.organisation_id is not None:
            self._remember(card.card.organisation_id)
        return messages

    def _show_report(self, place: Place) -> list[str]:
        desk = self.display.desk
        entity = desk.registry[place.entity]
        scope, rest, messages = self._scope(entity, place)
        records = RecordListView(desk, entity.name, scope, display=self.display)
        report = Report(records)
        by, measure = place.arg("by"), place.arg("measure")
        try:
            report.choose(by, measure)
        except InputError as error:
            messages.append(str(error))
        messages += from_args(records, tuple(p for p in rest if p[0] not in ("by", "measure")))
        view = ReportView(report, self.display)
        fixed = tuple(p for p in place.args if p[0] not in ("by", "measure"))
        view.list_href = self._list_href(scope, entity)
        view.on_state = lambda: self._write(
            Place(
                "report",
                entity.plural,
                args=(*fixed, ("by", report.dimension), ("measure", report.measure)),
            )
        )
        self._key = ("report",)
        self._set_page(
            view, _("Report: {list}", list=_(entity.label_plural)), self._report_head(scope, entity)
        )
        return messages

    def _list_href(self, scope: list[Condition], entity: Any) -> Callable[[Args], str]:
        """Address of the list that a report is about: a tab of a card, or all records."""
        for condition in scope:
            target = entity.field(condition.fields[0]).target
            for tab in layout_of(self.display.desk.registry[target]).lists if target else ():
                if tab.entity == entity.name:
                    return lambda args: self.links.record(
                        target, condition.values[0], (("tab", tab.name), *args)
                    )
        return lambda args: self.links.list(entity.plural, args)

    def _scope(self, entity: Any, place: Place) -> tuple[list[Condition], tuple[Any, ...], list]:
        """The part of a report's address that ties it to one record, and the rest."""
        scope, rest, messages = [], [], []
        for name, value in place.args:
            if name in entity.fields and name not in FILTERS:
                if value.isascii() and value.isdigit() and len(value) < 19:
                    scope.append(Condition((name,), "eq", (int(value),)))
                elif entity.about and name == entity.about[0]:
                    scope.append(Condition((name,), "eq", (value,)))
                else:
                    messages.append(
                        _(
                            "{name} must be a number, not {value}; it was ignored.",
                            name=name,
                            value=repr(value[:60]),
                        )
                    )
            else:
                rest.append((name, value))
        for condition in scope:
            condition.check(entity)
        return scope, tuple(rest), messages

    def _report_head(self, scope: list[Condition], entity: Any) -> CardHeader:
        crumbs = [{"text": _("Organisations"), "href": self.links.list("organisations")}]
        for condition in scope:
            field = entity.field(condition.fields[0])
            target = self.display.desk.registry[field.target] if field.target else None
            if target is not None and target.has_card:
                card = RecordCardView.of(self.display, target.name, condition.values[0])
                crumbs.append(
                    {"text": card.card.title, "href": self.links.record(target.name, card.id)}
                )
        named = crumbs[-1]["text"] if len(crumbs) > 1 else _("All organisations")
        return CardHeader(
            avatar=False,
            title=_("{list}: report", list=_(entity.label_plural)),
            subtitle=named,
            crumbs=[*crumbs, {"text": _("Report"), "href": None}],
        )

    def _show_error(self, error: CrmError, title: str) -> list[str]:
        """A page that says what is wrong, without a traceback."""
        self._key = ()
        home = {"text": _("Organisations"), "href": self.links.list("organisations")}
        self._set_page(
            CardHeader(
                title=error.what or str(error), subtitle=error.remedy, crumbs=[home], avatar=False
            ),
            title,
        )
        return []

    def _set_page(self, page: Any, title: str, head: Any = None) -> None:
        self._page = page
        with pn.io.hold():
            self.main.objects = [part for part in (head, pn.panel(page)) if part is not None]
            self.router.title = f"{title} – {BRAND}"

    def _write(self, place: Place) -> None:
        """Filters replace the address; only going somewhere else makes a step to come Back from."""
        self.router.param.update(mode="replace", url=self.links.write(place))

    def _dismiss(self, event: dict[str, Any]) -> None:
        index = event.get("index")
        self.message.items = [item for i, item in enumerate(self.message.items) if i != index]

    # -- search ------------------------------------------------------------------------------

    def _remember(self, organisation: int) -> None:
        desk = self.display.desk
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            desk.database.remember_viewed(desk.viewer, organisation)
            return
        loop.run_in_executor(None, desk.database.remember_viewed, desk.viewer, organisation)

    async def _search(self, event: dict[str, Any]) -> None:
        if event["type"] != "query":
            return
        text = str(event.get("text") or "")
        self._asked = text
        found = await asyncio.to_thread(self._finder.find, text)
        if text == self._asked:
            heading = _("Organisations") if text.strip() else _("Recently viewed")
            self.search.param.update(
                results=[self._result(r) for r in found],
                results_for=text,
                heading=heading,
                hint=_("No organisation matches"),
            )

    def _result(self, row: dict[str, Any]) -> dict[str, Any]:
        organisation = self.display.desk.registry["organisation"]
        where = [row["division"], row["city"], row["country"], row["type"]]
        match = None
        if row["field"] not in (None, "name", "division", "city"):
            match = {"label": _(organisation.field(row["field"]).label), "text": row["matched"]}
        return {
            "id": row["id"],
            "title": row["name"],
            "match": match,
            "href": self.links.record("organisation", row["id"]),
            "subtitle": " · ".join(part for part in where if part),
        }
