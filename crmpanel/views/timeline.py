"""TimelineView: the merged feed of a card, with its filters; the same in a page and a notebook."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
from panel.viewable import Viewer

from crmpanel.controllers.feed_pages import Entry
from crmpanel.controllers.pinning import PINS
from crmpanel.controllers.record_card import RecordCard
from crmpanel.controllers.timeline import FILTERS, PAGE_SIZE, Timeline
from crmpanel.errors import CrmError
from crmpanel.locale import _
from crmpanel.model.changeset import Applied, RecordsChanged
from crmpanel.views.cells import Display
from crmpanel.views.components import TimelineFeed
from crmpanel.views.list_words import error_words
from crmpanel.views.live import concerns
from crmpanel.views.loading import Prefetch, in_thread, once_open
from crmpanel.views.timeline_filters import Filters, refuse
from crmpanel.views.timeline_items import Items, Shown, key_of
from crmpanel.views.timeline_reading import Numbers, Reading

log = logging.getLogger(__name__)

#: Entries at first: of what has been, and of what is to come; then pages.
FIRST, COMING = 8, 3


class TimelineView(Timeline, Viewer):
    """A timeline that can be displayed. Its parameters are those of `Timeline`.

    Parameters
    ----------
    card : the record.
    display : how values are shown.
    """

    def __init__(self, card: RecordCard, *, display: Display, **params: Any) -> None:
        self.display = display
        #: Opens a record (entity, id), where records have no address.
        self.on_open: Callable[[str, Any], Any] | None = None
        #: Whether somebody can see it; if not, it waits with reading.
        self.in_sight = True
        self._is_stale = False
        self._component: TimelineFeed | None = None
        self._asked = 0
        self._shown, self._numbers = Shown(), Numbers({}, 0, 0, [])
        self._counted = False
        super().__init__(card, **params)
        self._items, self._reading = Items(self, display), Reading(self)
        self._filters = Filters(self, display)

    def __repr__(self) -> str:
        return f"<{_('Timeline')}: {self.card.title}>"

    __str__ = __repr__

    def __panel__(self) -> TimelineFeed:
        if self._component is None:
            found = Prefetch(self._reading.first(self._shown, FIRST, COMING))
            self._component = TimelineFeed(label=_("Timeline"), busy=True)
            self._component.on_event(self._handle)
            self._filters.component = self._component
            self._filters.show(self._numbers)
            self.param.watch(self._changed, [*FILTERS, "show_changes"])
            found.deliver(self._show)
            once_open(self._count)
            self.display.live.watch(self._written)
        return self._component

    # -- showing -----------------------------------------------------------------------------

    def _changed(self, *_events: Any) -> None:
        self._asked += 1
        self._component_now.busy = True
        self._filters.show(self._numbers)
        pn.state.execute(partial(self._load, self._asked, FIRST, COMING), schedule=False)

    @property
    def _component_now(self) -> TimelineFeed:
        assert self._component is not None
        return self._component

    async def _load(self, asked: int, been: int, coming: int) -> None:
        """Read everything anew; an answer that was overtaken is thrown away."""
        try:
            found = await in_thread(self._reading.first(self._shown, been, coming))
        except CrmError as error:
            if asked == self._asked:
                self._show_error(error)
            return
        finally:
            self._end(asked)
        if asked == self._asked:
            self._counted = False
            self._show(found)
            await self._count()

    async def _count(self) -> None:
        asked = self._asked
        try:
            numbers = await in_thread(self._reading.numbers)
        except CrmError:
            return  # the entries have said why
        if asked == self._asked:
            self._numbers, self._counted = numbers, True
            with pn.io.hold():
                self._show(self._shown)
                self._filters.show(self._numbers)

    def _show(self, found: Shown) -> None:
        self._shown = found
        coming = self._numbers.coming if self._counted else None
        self._component_now.param.update(
            items=self._items.of(found, coming),
            busy=False,
            empty=self._empty(),
            foot=self._foot(found),
        )

    def _foot(self, found: Shown) -> dict[str, str]:
        number = self.display.formats.number
        shown = len(found.entries)
        more = "" if found.ended else _("Show older")
        if not self._counted:
            return {"text": "", "more": more}
        total = self._numbers.count
        if not total:
            return {"text": "", "more": ""}  # folded changes alone are not counted
        said = _("Showing {shown} of {total}", shown=number(shown), total=number(total))
        return {"text": said, "more": more if shown < total else ""}

    def _empty(self) -> dict[str, Any]:
        if self.is_filtered:
            title = _("Nothing matches the filters")
            text = _("Try fewer words, more kinds or other people.")
            return {"title": title, "text": text, "action": _("Clear filters")}
        text = _("Activities, e-mails and whatever else is recorded will stand here.")
        return {"title": _("Nothing has happened yet"), "text": text}

    def _show_error(self, error: CrmError) -> None:
        self._shown = Shown(ended=True)
        self._component_now.param.update(busy=False, items=[], foot={}, empty=error_words(error))

    # -- what the visitor does ---------------------------------------------------------------

    async def _handle(self, event: dict[str, Any]) -> None:
        """Do what was asked for, if it is something that is shown."""
        handlers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "search": self._filters.searched,
            "kind": self._filters.kind,
            "person": self._filters.person,
            "changes": self._filters.switch,
            "clear": lambda e: self.clear(),
            "more": self._more,
            "fold": lambda e: self._toggle(str(e.get("key"))),
            "pin": self._pin,
            "open": self._open,
        }
        handler = handlers[event["type"]]

        async def do() -> None:
            result = handler(event)
            if result is not None:
                await result

        await self.display.notices.guarded(do)

    async def _more(self, event: dict[str, Any]) -> None:
        part = str(event.get("part"))
        if part.startswith("fold "):
            await self._toggle(part, more=True)
        elif part == "older" and not self._shown.ended:
            await self._extend(self._reading.older)
        elif part == "upcoming" and self._shown.coming:
            await self._extend(self._reading.later)
        else:
            refuse(event)

    async def _extend(self, read: Callable[[Shown], Shown]) -> None:
        """Read more into a copy of what is shown, unless the answer is overtaken."""
        self._asked += 1
        asked = self._asked
        self._component_now.busy = True
        known = Shown(**{name: _copied(value) for name, value in vars(self._shown).items()})
        try:
            found = await in_thread(read, known)
        finally:
            self._end(asked)
        if asked == self._asked:
            self._show(found)

    def _end(self, asked: int) -> None:
        """Nothing is waited for any more, unless something else was asked for meanwhile."""
        if asked == self._asked:
            self._component_now.busy = False

    async def _toggle(self, key: str, more: bool = False) -> None:
        folded = self._shown.folds.get(key.removeprefix("fold "))
        if folded is None:
            refuse({"fold": key})
        elif folded.entries and not more:
            folded.entries = []
            self._show(self._shown)
        else:
            number, name = len(folded.entries) + PAGE_SIZE, key.removeprefix("fold ")
            await self._extend(lambda known: self._reading.unfold(known, name, number))

    def _open(self, event: dict[str, Any]) -> None:
        entry = self._known(event)
        if entry is None or self.on_open is None:
            refuse(event)
        else:
            self.on_open(*self._leads_to(entry))

    def _leads_to(self, entry: Entry) -> tuple[str, int]:
        """The record of an entry; that of a change is the one that was changed."""
        entity = self.desk.registry[entry["kind"]]
        row = self._shown.changes.get((entry["rows"] or [0])[0])
        if entity.about and row and row[entity.about[1]] is not None:
            return str(row[entity.about[0]]), int(row[entity.about[1]])
        return entity.name, int(entry["id"])

    def _known(self, event: dict[str, Any]) -> Entry | None:
        unfolded = [entry for f in self._shown.folds.values() for entry in f.entries]
        known = {**self._shown.entries, **{key_of(entry): entry for entry in unfolded}}
        return known.get(str(event.get("key")))

    # -- pins and what others write ----------------------------------------------------------

    async def _pin(self, event: dict[str, Any]) -> None:
        entry = self._shown.entries.get(str(event.get("key")))
        if entry is None or self.desk.registry[entry["kind"]].about or not self.pins.can_pin:
            refuse(event)
            return
        on, notices = event.get("on") is True, self.display.notices
        work = partial(self.pins.pin if on else self.pins.unpin, entry["kind"], entry["id"])
        try:
            applied = await in_thread(work)
        except CrmError as error:
            notices.tell(str(error), "warning")
        except Exception:
            log.exception("pinning %s", event.get("key"))
            notices.tell(_("Something went wrong."), "danger")
        else:
            said = _("Pinned to the top, for everybody") if on else _("Unpinned")
            notices.done(applied, said if applied else _("It is so already."))

    def come(self, in_sight: bool) -> None:
        """It comes into sight or goes out of it."""
        self.in_sight = in_sight
        if in_sight and self._is_stale:
            self._is_stale = False
            pn.state.execute(self._again, schedule=False)

    async def _written(self, applied: Applied) -> None:
        if any(self._concerns(event) for event in applied.events):
            self._is_stale = not self.in_sight
            if self.in_sight:
                await self._again()

    async def _again(self) -> None:
        """Read as much as is shown once more."""
        self._asked += 1
        been, coming = len(self._shown.been), len(self._shown.coming)
        await self._load(self._asked, max(FIRST, been), max(COMING, coming))

    def _concerns(self, event: RecordsChanged) -> bool:
        """Whether an event may have changed an entry: whatever is written is a change at least."""
        return event.entity == PINS or concerns(event, event.entity, self.card.organisation_id)


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, list | dict) else value
