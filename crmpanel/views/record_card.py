"""RecordCardView: the card of an organisation, a person or any other record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
import param
from panel.viewable import Viewer

from crmpanel.controllers.links import Args, Place
from crmpanel.controllers.list_state import from_args, to_args
from crmpanel.controllers.past import Found, found_at
from crmpanel.controllers.record_card import RecordCard, find
from crmpanel.controllers.record_list import STATE
from crmpanel.controllers.report import Report
from crmpanel.errors import NotFound
from crmpanel.locale import _
from crmpanel.model.changeset import Applied
from crmpanel.model.layout import Tab
from crmpanel.views.as_of import TINT, AsOf
from crmpanel.views.card_message import CardMessage
from crmpanel.views.card_tools import CardTools, Tool
from crmpanel.views.cells import Display
from crmpanel.views.components import TabBar
from crmpanel.views.details import Details
from crmpanel.views.favourites import FavouriteTool
from crmpanel.views.field_editing import FieldEditing
from crmpanel.views.file_drop import FileDropping
from crmpanel.views.heading import Heading
from crmpanel.views.in_python import InPython
from crmpanel.views.inside import Inside
from crmpanel.views.link_tool import LinkTool
from crmpanel.views.live import concerns
from crmpanel.views.loading import Prefetch, in_thread
from crmpanel.views.notifications import SubscribeTool
from crmpanel.views.record_actions import RecordActions
from crmpanel.views.record_list import RecordListView
from crmpanel.views.report import ReportView
from crmpanel.views.since_visit import Since
from crmpanel.views.won import Won

BODY = """
:host { display: flex; flex-wrap: wrap; gap: 14px 20px; align-items: flex-start; width: 100%; }
@media (max-width: 900px) { :host { flex-direction: column; gap: 12px; } }
"""
CONTENT = """
:host { flex: 999 1 0; min-width: min(100%, 600px); width: 100%; }
@media (max-width: 900px) { :host { flex: none; } }
"""
SIDE = """
:host { flex: 1 0 296px; width: 296px; }
:host(.folded) { flex: 0 0 40px; width: 40px; }
@media (max-width: 900px) { :host, :host(.folded) { flex: none; width: 100%; order: -1; } }
"""


class RecordCardView(InPython, Viewer):
    """A record with its header, tabs, lists and side panel.

    Each list tab is an attribute: ``card.activities`` is a `RecordListView` with parameters
    ``search, responsible, status, period, columns, sort`` and methods ``count()``, ``df()``,
    ``relation()`` and property ``sql``.

    Parameters
    ----------
    card : the record.
    display : how values are shown.
    """

    tab = param.String(default="", doc="Name of the tab that is open.")

    def __init__(self, card: RecordCard, display: Display, **params: Any) -> None:
        self.card, self.display = card, display
        self.on_state: Callable[[], Any] | None = None
        self._tabs: dict[str, Any] = {}
        self._counts: dict[str, int] = {}
        self._layout: pn.Column | None = None
        self._insides: dict[str, Inside] = {}
        self._since = Since(card, display, self._show_marks)
        card._make_list = self._make_list
        params["tab"] = params.get("tab") or card.layout.tabs[0].name
        super().__init__(**params)

    @classmethod
    def of(
        cls,
        display: Display,
        entity: str,
        key: str | int,
        by_name: bool = False,
        found: Found | None = None,
    ) -> RecordCardView:
        """The card of a record; see `controllers.past.found_at` for `key` and errors.

        Parameters
        ----------
        found : what that gave, if it has been asked already.
        """
        desk, record = found or found_at(display.desk, entity, key, by_name)
        display = display if desk is display.desk else display.over(desk)
        return cls(RecordCard(desk, entity, record), display)

    def __getattr__(self, name: str) -> Any:
        # Only reached for names that are no attribute: the list tabs.
        card = self.__dict__.get("card")
        if card is not None and any(tab.name == name for tab in card.layout.lists):
            return card.list(name)
        lists = ", ".join(tab.name for tab in card.layout.lists) if card else ""
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}. Its lists: {lists}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(tab.name for tab in self.card.layout.lists)]

    def __repr__(self) -> str:
        return f"<{self.card.entity.label} {self.card.id}: {self.card.title}>"

    __str__ = __repr__

    @property
    def id(self) -> int:
        """Id of the record."""
        return self.card.id

    @property
    def record(self) -> dict[str, Any]:
        """All fields of the record."""
        return dict(self.card.record)

    def _make_list(self, *args: Any) -> RecordListView:
        records = RecordListView(*args, display=self.display)
        open_inside(records)
        records.mark = lambda id: self._since.row_mark(records.entity.name, id)
        records.whose = self.card.title
        records.place = lambda: self._place(records)
        records.param.watch(lambda *_: self._state_changed(records), list(STATE))
        return records

    # -- building ----------------------------------------------------------------------------

    def __panel__(self) -> pn.Column:
        if self._layout is None:
            self._layout = self._build()
        return self._layout

    def _build(self) -> pn.Column:
        display, card = self.display, self.card
        numbers = Prefetch(lambda: (card.counts(), card.figures()))
        self._heading = Heading(card, display)
        self._past = AsOf(card, display, self._heading.component, self.args)
        self._heading.component.stylesheets = [TINT] * self._past.bar.past
        self._tools = CardTools(self._heading.component, display, (*self._own_tools(), self._past))
        tools = Prefetch(self._tools.read)
        self._files = FileDropping(card, display, self._show_list)
        self._actions = RecordActions(card, display, self._files.offer)
        self._heading.component.actions = self._actions.items()
        self._heading.component.on_event(self._actions.choose)
        self._fields = FieldEditing(card, display, self._show_tabs, self._since.field_mark)
        self._won = Won(card, display, self._heading.component)
        self._bar = TabBar(
            active=self.tab,
            tabs=self._tab_items(),
            label=_("Parts of the card of {name}", name=card.title),
        )
        self._bar.on_event(lambda event: self._select(event.get("name")))
        self._message = CardMessage(card, display)
        self._side = self._fields.side(stylesheets=[SIDE])
        self._content = pn.Column(stylesheets=[CONTENT], margin=0, sizing_mode="stretch_width")
        self._open_tab()
        self.param.watch(lambda *_: self._open_tab(), "tab")
        numbers.deliver(self._show_numbers)
        tools.deliver(self._tools.show)
        display.live.watch(self._written)
        body = pn.Row(
            self._content,
            self._side,
            stylesheets=[BODY],
            margin=(14, 0, 0, 0),
            sizing_mode="stretch_width",
        )
        return pn.Column(
            self._past.bar,
            self._heading.component,
            self._bar,
            self._message.component,
            body,
            self._actions.dialog,
            *self._files.place(),
            *(display.notices.place() if display.links is None else ()),
            margin=0,
            sizing_mode="stretch_width",
        )

    async def _show_list(self, tab: str) -> None:
        """Show a tab that has come to be."""
        card = self.card
        self._show_numbers((await in_thread(card.counts), await in_thread(card.figures)))
        self._select(tab)
        if self.on_state is not None:
            self.on_state()

    def _add(self, component: Any) -> None:
        """Put something into the page that most visits do without."""
        self.__panel__().append(component)

    def _own_tools(self) -> tuple[Tool, ...]:
        """The tools that change something, or are about the present."""
        card, display = self.card, self.display
        if card.desk.is_read_only:
            return ()
        links = LinkTool(card, display, self._add)
        return (links, FavouriteTool(card, display), SubscribeTool(card, display))

    async def _written(self, applied: Applied) -> None:
        """Show what anybody has written about the record, or about what belongs to it."""
        card = self.card
        if any(concerns(event, card.entity.name, id=card.id) for event in applied.events):
            await self._reread()
        if any(concerns(e, e.entity, card.organisation_id) for e in applied.events):
            counts = await in_thread(card.counts)
            self._show_numbers((counts, await in_thread(card.figures)))
            if "details" in self._tabs:
                await self._details.refresh()
            await self._won.refresh()

    async def _reread(self) -> None:
        card = self.card
        try:
            card.record = await in_thread(find, card.desk, card.entity.name, card.id)
        except NotFound:
            self._message.say_deleted()
            self._heading.component.param.update(actions=[], tools=[])
            return
        with pn.io.hold():
            self._heading.refresh()
            self._heading.component.actions = self._actions.items()
            self._bar.label = _("Parts of the card of {name}", name=card.title)
            self._message.refresh()
            self._fields.refresh()
        await self._tools.refresh()
        if self.on_state is not None:
            self.on_state()

    async def visit(self) -> None:
        """The visitor has come: show what is new since the last time."""
        if self.card.desk.is_read_only:
            return
        await self._since.begin()

    async def _show_marks(self) -> None:
        self._fields.refresh()
        for records in list(self.card._lists.values()):
            await records.follow()

    def tab_href(self, tab: str) -> str | None:
        """Address of a tab, with the state that its list is in."""
        if self.display.links is None:
            return None
        return self.display.links.record(self.card.entity.name, self.card.id, self.args(tab))

    def _place(self, records: RecordListView) -> Place:
        tab = next(name for name, made in self.card._lists.items() if made is records)
        return Place("record", self.card.entity.name, str(self.card.id), self.args(tab))

    def args(self, tab: str | None = None) -> Args:
        """The settings of an address that leads to a tab as it is now."""
        name = tab or self.tab
        args: Args = (("tab", name),) if name != self.card.layout.tabs[0].name else ()
        made = self.card._lists.get(name)
        return (*args, *(to_args(made) if made else ()))

    def _show_tabs(self) -> None:
        self._bar.tabs = self._tab_items()
        self._past.refresh()

    def _tab_items(self) -> list[dict[str, Any]]:
        number = self.display.formats.number
        unsaved = _("Unsaved changes") if self._fields.has_drafts else None
        return [
            {
                "mark": unsaved if tab.kind == "fields" else None,
                "name": tab.name,
                "label": _(tab.label),
                "href": self.tab_href(tab.name),
                "count": number(self._counts[tab.name]) if tab.name in self._counts else None,
            }
            for tab in self.card.layout.tabs
        ]

    # -- tabs --------------------------------------------------------------------------------

    def _select(self, name: Any) -> None:
        if any(tab.name == name for tab in self.card.layout.tabs):
            self.tab = name

    def _open_tab(self) -> None:
        """Show a tab; its content is made when it is first opened and kept."""
        tab = self.card.tab(self.tab)
        with pn.io.hold():
            if tab.name not in self._tabs:
                # A column of its own is hidden: its content may be shown elsewhere in a notebook,
                # and a stylesheet that sets `display` would win over being hidden.
                top = [self._since.component] if tab.kind == "details" else []
                self._tabs[tab.name] = pn.Column(
                    *top, self._make_tab(tab), margin=0, sizing_mode="stretch_width"
                )
                self._content.append(self._tabs[tab.name])
            elif tab.name in self._insides:
                self._insides[tab.name].close()
            for name, content in self._tabs.items():
                content.visible = name == tab.name
            for name, records in self.card._lists.items():
                # In a notebook a list may be shown in a cell of its own as well.
                records.come(name == tab.name or self.display.links is None)
            if "timeline" in vars(self):
                self.timeline.come(tab.kind == "details" or self.display.links is None)
            self._bar.active = tab.name
            self._past.refresh()
            self._make_room()

    def _make_tab(self, tab: Tab) -> Any:
        if tab.kind == "details":
            feed = self.timeline if self.card.layout.timeline else None
            self._details = Details(self.card, self.display, self.tab_href, self._select, feed)
            if self.display.links is not None:
                return self._details
            inside = self._watched(tab, Inside(self._details))
            for part in filter(None, (self._details, feed)):
                part.on_open = lambda entity, id: inside.show(
                    RecordCardView.of(self.display, entity, id)
                )
            return inside
        if tab.kind == "fields":
            return self._fields.fields()
        records: Any = self.card.list(tab.name)
        content = records.__panel__()
        if records.inside is not None:
            self._watched(tab, records.inside)
        return content

    def _watched(self, tab: Tab, inside: Inside) -> Inside:
        self._insides[tab.name] = inside
        inside.param.watch(self._make_room, "opened")
        return inside

    def _make_room(self, *_events: Any) -> None:
        """What is opened in place of a tab has the room of the side panel too."""
        inside = self._insides.get(self.tab)
        self._side.visible = inside is None or not inside.opened

    def show(self, args: Args) -> list[str]:
        """Bring the card into the state that an address describes; returns messages."""
        known = {tab.name: tab for tab in self.card.layout.tabs}
        wanted = [value for key, value in args if key == "tab"]
        name, messages = self.card.layout.tabs[0].name, []
        if wanted and wanted[-1] in known:
            name = wanted[-1]
        elif wanted:
            messages.append(
                _("There is no tab {name}; here is the first.", name=repr(wanted[-1][:60]))
            )
        rest = tuple(pair for pair in args if pair[0] != "tab")
        if known[name].kind == "list":
            messages += from_args(self.card.list(name), rest)
        elif rest:
            messages.append(_("This tab has no filters; those of the address were ignored."))
        self.tab = name
        return messages

    def _state_changed(self, records: RecordListView) -> None:
        if self._layout is not None:
            self._show_tabs()
        if self.on_state is not None and records is self.card._lists.get(self.tab):
            self.on_state()

    # -- numbers -----------------------------------------------------------------------------

    def _show_numbers(self, found: tuple[dict[str, int], Sequence[Any]]) -> None:
        """Tab counts and key figures."""
        self._counts, figures = found
        with pn.io.hold():
            self._bar.tabs = self._tab_items()
            if "details" in self._tabs:
                self._details.show_counts(self._counts)
            self._heading.show(figures)


def open_inside(records: RecordListView) -> None:
    """Let a list open records and its report in its own place, where there are no addresses."""
    display = records.display

    def show(view: Viewer) -> None:
        if display.links is None and records.inside is not None:
            records.inside.show(view)

    records.on_open = lambda entity, id: show(RecordCardView.of(display, entity, id))
    records.on_report = lambda: show(ReportView(Report(records), display))
