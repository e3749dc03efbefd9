"""App: the served application: app bar, pages, and the address bar that names where one is."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Any

import panel as pn

from crmpanel.controllers.creating import Created, quick
from crmpanel.controllers.links import AS_OF, Args, Place
from crmpanel.controllers.list_state import from_args, to_args
from crmpanel.controllers.record_list import STATE
from crmpanel.controllers.search import OrganisationSearch
from crmpanel.errors import CrmError, Deleted, NotFound, NotYet, UnknownName
from crmpanel.importing.unlinked import can_be_unlinked
from crmpanel.locale import _
from crmpanel.model.entity import Entity
from crmpanel.model.filters import Condition, is_searchable
from crmpanel.views.as_of import Ahead, moment_args, not_yet, past_display, without_moment
from crmpanel.views.cells import Display
from crmpanel.views.components import CardHeader, PageMessage, Router, SearchBox, UserMenu
from crmpanel.views.creating import CreateForm
from crmpanel.views.favourites import Favourites
from crmpanel.views.heading import live_chip
from crmpanel.views.import_counts import UNLINKED
from crmpanel.views.importing import IMPORT, ImportPage
from crmpanel.views.lists_menu import DELETED, Lists
from crmpanel.views.loading import in_thread
from crmpanel.views.notifications import NotificationsView
from crmpanel.views.record_card import RecordCardView
from crmpanel.views.record_list import RecordListView
from crmpanel.views.recycled import RecycledView, offer_return
from crmpanel.views.report_page import ReportPage
from crmpanel.views.unsubscribe import UNSUBSCRIBE, UnsubscribePage

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
        self.lists = Lists(display.desk, self.links)
        self.search = SearchBox(placeholder=_("Search organisations"))
        make, title = partial(quick, display.desk), _("New organisation")
        self.create = CreateForm(display, make, title, self._created, _("New"), again=False)
        self.favourites, self.notifications = Favourites(display), NotificationsView(display)
        if not display.desk.is_read_only:
            pn.state.onload(self.notifications.begin)
        self.message = PageMessage()
        self.main = pn.Column(sizing_mode="stretch_width", margin=0)
        self._finder = OrganisationSearch(display.desk)
        self._page: Any = None
        self._key: tuple[Any, ...] = ()
        self._asked = ""
        self._told: list[dict[str, Any]] = []
        self._import: ImportPage | None = None
        self.router.on_event(self._navigate)
        self.search.on_event(self._search)
        self.message.on_event(self._dismiss)
        self._ahead, self._asked_for = Ahead(), 0
        if self._takes_time(self.links.read(url)):
            pn.state.onload(partial(self._navigate, {"url": url}))
        else:
            self.go(url)

    @property
    def roots(self) -> dict[str, Any]:
        """What the page template embeds, by name; of a live source nothing is one's own."""
        own = {
            "mine": self.favourites.component,
            "bell": self.notifications.component,
            "user": self._user_menu(),
            "menu": self.create.component,
        }
        return {
            "lists": self.lists.component,
            "search": self.search,
            "router": self.router,
            **({} if self.display.desk.is_read_only else own),
            "main": pn.Column(
                self.message,
                self.main,
                *self.display.notices.place(),
                sizing_mode="stretch_width",
                margin=0,
            ),
        }

    def _user_menu(self) -> UserMenu:
        desk = self.display.desk
        users = [{"id": id, "name": str(name)} for id, name in desk.users.items()]
        users.sort(key=lambda user: str(user["name"]).casefold())
        return UserMenu(users=users, current=desk.viewer_id)

    # -- navigation --------------------------------------------------------------------------

    async def _navigate(self, event: dict[str, Any]) -> None:
        """Go somewhere; what is read for it at length is read outside the event loop."""
        self._asked_for += 1
        mine, place = self._asked_for, self.links.read(event["url"])
        ahead = Ahead()
        if self._takes_time(place):
            ahead = await in_thread(Ahead.look, self.display, place)
        if mine == self._asked_for:
            self._ahead = ahead
            self.go(event["url"])
            self._ahead = Ahead()

    def _takes_time(self, place: Place) -> bool:
        """Whether something is rolled back for a page, or read where it lies."""
        is_viewed = place.arg(AS_OF) is not None or self.display.desk.is_live
        return place.kind in ("record", "report") and is_viewed

    def go(self, url: str) -> None:
        """Show what an address stands for; what it cannot mean is said, never raised."""
        place = self.links.read(url)
        self.lists.mark(place)
        self._told = []
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
        title, text = _("The address was not quite right"), "\n".join(messages[:6])
        wrong = [{"tone": "warning", "title": title, "text": text}] if messages else []
        self.message.items = [*self._told, *wrong]

    def _show(self, place: Place) -> list[str]:
        if place.kind == "report":
            return self._show_report(place)
        if place.kind == "record":
            return self._show_record(place)
        if place.entity in (DELETED, IMPORT, UNSUBSCRIBE):
            self._refuse_read_only()
        if place.entity == DELETED:
            return self._show_deleted(place)
        if place.entity == IMPORT:
            return self._show_import()
        if place.entity == UNSUBSCRIBE:
            return self._show_unsubscribe(place)
        return self._show_list(place)

    def _refuse_read_only(self) -> None:
        """Raise why there is no page for what changes something."""
        if (refusal := self.display.desk.database.refusal()) is not None:
            raise refusal

    def _entity(self, place: Place) -> Entity:
        """The entity of a page; what belongs to no organisation has none."""
        registry = self.display.desk.registry
        if place.entity not in registry or registry[place.entity].organisation is None:
            raise UnknownName("page", place.entity, [e.plural for e in registry])
        return registry[place.entity]

    def _show_list(self, place: Place) -> list[str]:
        entity = self._entity(place)
        scope, tie = self._unlinked(entity, place)
        key = ("list", entity.name, tie)
        records = (
            self._page
            if key == self._key
            else RecordListView(self.display.desk, entity.name, scope, display=self.display)
        )
        messages = from_args(records, tuple(pair for pair in place.args if pair not in tie))

        def here() -> Place:
            return Place("list", entity.plural, args=(*tie, *to_args(records)))

        def write(*_: Any) -> None:
            self._write(here())

        write()
        if key != self._key:
            self._key = key
            records.place = here
            records.param.watch(write, list(STATE))
            head = CardHeader(title=_(entity.label_plural), avatar=False, margin=(0, 0, 12, 0))
            if tie:
                head.subtitle = _("Without organisation")
            bin = {"name": DELETED, "label": _("Deleted records"), "icon": "trash"}
            bring = {"name": IMPORT, "label": _("Import …"), "icon": "inbox"}
            head.chips = live_chip(self.display.desk)
            if not self.display.desk.is_read_only:
                records.bring = self.links.list(IMPORT) if entity.organisation == "id" else None
                head.actions = [
                    {**bring, "href": self.links.list(IMPORT)},
                    {**bin, "href": self.links.list(DELETED)},
                ]
            self._set_page(records, _(entity.label_plural), head)
        return messages

    @staticmethod
    def _unlinked(entity: Entity, place: Place) -> tuple[list[Condition], Args]:
        """What ties a list to records of no organisation, as an import can leave them behind."""
        if not can_be_unlinked(entity) or UNLINKED not in place.args:
            return [], ()
        return [Condition((str(entity.organisation),), "blank")], (UNLINKED,)

    def _show_deleted(self, place: Place) -> list[str]:
        """Deleted records: all, or those of one organisation."""
        wanted = place.arg("organisation") or ""
        id = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else None
        root = self.display.desk.registry["organisation"]
        crumbs = [{"text": _(root.label_plural), "href": self.links.list(root.plural)}]
        title = _("Deleted records")
        head = CardHeader(title=title, avatar=False, crumbs=crumbs, margin=(0, 0, 12, 0))
        self._key = (DELETED, id)
        self._set_page(RecycledView(self.display, id), title, head)
        args = () if id is None else (("organisation", str(id)),)
        self._write(Place("list", DELETED, args=args))
        return []

    def _show_import(self) -> list[str]:
        """The page stays as it is while one looks elsewhere."""
        if self._import is None:
            self._import = ImportPage(self.display)
        self._key = (IMPORT,)
        self._set_page(self._import, self._import.title, self._import.head)
        self._import.runs.open()
        self._write(Place("list", IMPORT))
        return []

    def close(self) -> None:
        """The visitor has gone."""
        self.display.live.close()
        if self._import is not None:
            self._import.close()

    def _show_unsubscribe(self, place: Place) -> list[str]:
        page = UnsubscribePage(self.display, place)
        self._key = (UNSUBSCRIBE,)
        self._set_page(page.head, page.title)
        return []

    def _show_record(self, place: Place) -> list[str]:
        entity = self._entity(place)
        args, ahead = without_moment(place.args), self._ahead
        display, messages = ahead.shown or past_display(self.display, place)
        key = ("record", entity.name, place.id, *moment_args(display))
        if key == self._key:
            messages += self._page.show(args)
            self._page.on_state()
            return messages
        try:
            if ahead.error is not None:
                raise ahead.error
            card = RecordCardView.of(display, entity.name, place.id or "", found=ahead.found)
        except NotFound as error:
            if display is self.display:
                raise
            self._tell(display, place, error, messages)
            card = RecordCardView.of(self.display, entity.name, place.id or "")
        messages += card.show(args)
        card.on_state = lambda: self._follow(card)
        self._key = key
        card.on_state()
        self._set_page(card, card.card.title)
        pn.state.onload(card.visit)
        return messages

    def _tell(self, past: Display, place: Place, error: NotFound, messages: list[str]) -> None:
        """Say why a card is shown as it is now."""
        moment = past.desk.database.moment
        if isinstance(error, NotYet) and moment is not None:
            self._told.append(not_yet(self.display, place, moment, error))
        else:
            messages.append(str(error))

    def _follow(self, card: RecordCardView) -> None:
        """Address and title of the page after a card has changed."""
        args = (*card.args(), *moment_args(card.display))
        self._write(Place("record", card.card.entity.name, str(card.id), args))
        self.router.title = f"{card.card.title} – {BRAND}"

    def _show_report(self, place: Place) -> list[str]:
        ahead = self._ahead.shown
        display, messages = ahead or past_display(self.display, place, place.entity)
        page = ReportPage(display, display.links or self.links, place)
        page.view.on_state = lambda: self._write(page.place())
        self._key = ("report",)
        self._set_page(page.view, page.title, page.head)
        return messages + page.messages

    def _show_error(self, error: CrmError, title: str) -> list[str]:
        """A page that says what is wrong, without a traceback."""
        self._key = ()
        home = {"text": _("Organisations"), "href": self.links.list("organisations")}
        said = " ".join(filter(None, (error.why, error.remedy)))
        head = CardHeader(
            title=error.what or str(error), subtitle=said, crumbs=[home], avatar=False
        )
        if isinstance(error, Deleted):
            there = self.links.record(error.entity, error.id)
            offer_return(head, self.display, error, lambda: self.go(there))
        self._set_page(head, title)
        return []

    def _set_page(self, page: Any, title: str, head: Any = None) -> None:
        self._page = page
        self.display.live.forget()
        with pn.io.hold():
            self.main.objects = [part for part in (head, pn.panel(page)) if part is not None]
            self.router.title = f"{title} – {BRAND}"

    def _write(self, place: Place) -> None:
        """Filters replace the address; only going somewhere else makes a step to come Back from."""
        self.router.param.update(mode="replace", url=self.links.write(place))

    def _dismiss(self, event: dict[str, Any]) -> None:
        index = event.get("index")
        self.message.items = [item for i, item in enumerate(self.message.items) if i != index]

    # -- quick create ------------------------------------------------------------------------

    async def _created(self, outcome: Created) -> str | None:
        """Say so, and go to the new card."""
        if outcome.applied is not None:
            self.display.notices.done(outcome.applied, outcome.message)
        entity, id = next(iter(outcome.ids.items()), (None, None))
        return None if entity is None else self.links.record(entity, id)

    # -- search ------------------------------------------------------------------------------

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
                elsewhere=self._elsewhere(text.strip()),
                heading=heading,
                hint=_("No organisation matches"),
            )

    def _elsewhere(self, text: str) -> dict[str, Any]:
        """Whom one looks for is often known by the name of a person."""
        if not text or not is_searchable(text):
            return {}
        persons = self.display.desk.registry["person"].plural
        title = _("Search persons for “{text}”", text=text)
        return {"id": None, "href": self.links.list(persons, [("search", text)]), "title": title}

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
