"""Since my last visit: what others changed on a card, listed on top and marked where it stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crmpanel.controllers.mine import Mine, Visit
from crmpanel.controllers.notifications import Item, Notifications
from crmpanel.controllers.record_card import RecordCard
from crmpanel.locale import _, ngettext
from crmpanel.query.news import Watch
from crmpanel.views.cells import Display
from crmpanel.views.components import SinceVisit
from crmpanel.views.loading import in_thread
from crmpanel.views.news import news_item

Row = dict[str, Any]
#: Changesets that are told at first, and at most.
FEW, MOST = 4, 60


@dataclass(frozen=True)
class Found:
    """What is new.

    Parameters
    ----------
    visit : the visit before this one.
    items : changesets, newest first.
    touched : ids of records by entity.
    fields : what fields of the record held, by name, as their mark says it.
    """

    visit: Visit
    items: tuple[Item, ...]
    touched: Mapping[str, frozenset[int]] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)


class Since:
    """What is new on a card for somebody who has been there before.

    Parameters
    ----------
    card : the record.
    display : how values are shown.
    on_marks : awaited when marks are to be shown, or no more.
    """

    def __init__(
        self, card: RecordCard, display: Display, on_marks: Callable[[], Awaitable[None]]
    ) -> None:
        self.card, self.display, self._on_marks = card, display, on_marks
        self.notifications = Notifications(display.desk)
        self.component = SinceVisit()
        self.component.on_event(self._handle)
        self._found: Found | None = None
        self._visit: Visit | None = None

    async def begin(self) -> None:
        """Note the visit, and show what is new since the one before."""
        self._show(await in_thread(self._begin))
        if self._found is not None:
            await self._on_marks()

    def _begin(self) -> Found | None:
        visit = Mine(self.display.desk).visit(self.card.entity.name, self.card.id)
        return None if visit is None else self._read(visit)

    def _read(self, visit: Visit) -> Found | None:
        watch = Watch(self.card.entity.name, self.card.id, visit.seen)
        items = self.notifications.since(watch, MOST)
        if not items:
            return None
        fields = {row["field"]: self._mark(row) for row in self.notifications.fields(watch)}
        return Found(visit, items, self.notifications.touched(watch), fields)

    def _mark(self, row: Row) -> str:
        log, text = self.notifications.log, self.display.text
        who = self.display.desk.users.get(row["who"] or 0) or _("System")
        when = self.display.formats.datetime(row["at"])
        old = text(log, "old_value", row) or _("empty")
        return _(
            "New since your last visit: was {old} ({who}, {when})", old=old, who=who, when=when
        )

    # -- shown ---------------------------------------------------------------------------------

    def field_mark(self, name: str) -> str | None:
        """What the mark of a field says, if it is new."""
        return self._found.fields.get(name) if self._found else None

    def row_mark(self, entity: str, id: int) -> str | None:
        """What the mark of a record in a list says, if it is new."""
        if self._found is None or id not in self._found.touched.get(entity, ()):
            return None
        return _("New since your last visit")

    def _show(self, found: Found | None, limit: int = FEW) -> None:
        self._found = found
        if found is None:
            self.component.items = []
            return
        n = len(found.items)
        rest = n - limit
        said = ngettext("{n} change", "{n} changes", n, n=f"{n}+" if n == MOST else n)
        when = self.display.formats.datetime(found.visit.at)
        self.component.param.update(
            title=_("Since your last visit on {when}: {changes}", when=when, changes=said),
            items=[self._item(item) for item in found.items[:limit]],
            more=ngettext("Show {n} more", "Show {n} more", rest) if rest > 0 else "",
            href=self._log_href(found.visit),
        )

    def _item(self, item: Item) -> Row:
        shown = news_item(self.display, self.notifications.log, item, {})
        return {**shown, "href": None, "unread": False}

    def _log_href(self, visit: Visit) -> str | None:
        links, card = self.display.links, self.card
        log = next((t for t in card.layout.lists if t.entity == self.notifications.log.name), None)
        if links is None or log is None:
            return None
        period = f"{visit.at.date()}..{self.display.desk.clock().date()}"
        return links.record(card.entity.name, card.id, (("tab", log.name), ("period", period)))

    async def _handle(self, event: Row) -> None:
        if event["type"] == "dismiss":
            self._show(None)
            await self._on_marks()
        elif event["type"] == "more":
            self._show(self._found, MOST)
