"""The notification centre of the app bar, and the bell of a card."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crmpanel.controllers.delivering import CHOICES, DIGEST, WEBHOOK, Delivering
from crmpanel.controllers.list_news import ListNews, Matches
from crmpanel.controllers.notifications import PAGE, Item, Notifications
from crmpanel.controllers.record_card import RecordCard
from crmpanel.controllers.saved_lists import MOST
from crmpanel.controllers.subscriptions import Subscriptions
from crmpanel.controllers.telling import titles
from crmpanel.errors import CrmError
from crmpanel.locale import _, ngettext
from crmpanel.model.changeset import Applied
from crmpanel.model.personal import SUBSCRIPTION
from crmpanel.views.card_tools import Choice
from crmpanel.views.cells import Display
from crmpanel.views.components import NotificationCentre
from crmpanel.views.loading import in_thread
from crmpanel.views.news import news_item

Row = dict[str, Any]
#: Titles of new records that are told of a saved list.
NAMED = 3
MATCH = "list"


class SubscribeTool:
    """The bell in the head of a card."""

    name = "subscribe"
    shows: tuple[str, ...] = (SUBSCRIPTION.name,)

    def __init__(self, card: RecordCard, display: Display) -> None:
        self.card, self.subscriptions = card, Subscriptions(display.desk)
        self.display = display

    def read(self) -> bool | None:
        """Whether the viewer is told of the record; None where that cannot be."""
        if not self.card.entity.has_card:
            return None
        return self.subscriptions.current(self.card.entity.name, self.card.id) is not None

    def show(self, found: bool | None) -> Row | None:
        """The button."""
        if found is None:
            return None
        label = _("Unsubscribe") if found else _("Subscribe: be told when others change something")
        return {"name": self.name, "label": label, "icon": "bell", "pressed": found}

    async def act(self, choice: Choice) -> None:
        """Subscribe, or unsubscribe."""
        entity, id = self.card.entity.name, self.card.id
        if choice is not True:
            await in_thread(self.subscriptions.unsubscribe, entity, id)
        elif not await in_thread(self.read):
            await in_thread(self.subscriptions.subscribe, entity, id)
            said = _("You are told when others change {name}.", name=self.card.title)
            self.display.notices.tell(said, "success")


class NotificationsView:
    """The bell of the app bar and what it opens.

    Parameters
    ----------
    display : how values are shown; tells when something is written.
    """

    def __init__(self, display: Display) -> None:
        self.display, self.desk = display, display.desk
        self.notifications, self.lists = Notifications(self.desk), ListNews(self.desk)
        self.delivering = Delivering(self.desk)
        self.component = NotificationCentre()
        self.component.on_event(self._handle)
        self._limit, self._is_open = PAGE, False
        self._shown: dict[str, Item | Matches] = {}
        display.live.attend(self._written)

    async def begin(self) -> None:
        """Count what is unread, once the page is there."""
        await in_thread(self.lists.check)
        await self._count()

    # -- shown ---------------------------------------------------------------------------------

    async def _count(self) -> None:
        self.component.unread = await in_thread(self._unread)

    def _unread(self) -> int:
        return len(self.notifications.unread()) + sum(m.is_unread for m in self.lists.matches())

    async def _show(self) -> None:
        self.component.busy = True
        try:
            items, more, unread = await in_thread(self._read)
            settings = await in_thread(self._settings)
            self.component.param.update(items=items, more=more, unread=unread, settings=settings)
        finally:
            self.component.busy = False

    def _read(self) -> tuple[list[Row], bool, int]:
        items: list[Item | Matches] = list(self.notifications.items(self._limit + 1))
        more = len(items) > self._limit
        items = items[: self._limit]
        oldest = items[-1].at if more else None
        items += [m for m in self.lists.matches() if oldest is None or m.at >= oldest]
        items.sort(key=lambda item: item.at, reverse=True)
        self._shown = {_key(item): item for item in items}
        named = titles(self.desk, _records(items))
        rows = [
            news_item(self.display, self.notifications.log, item, named)
            if isinstance(item, Item)
            else self._match(item, named)
            for item in items
        ]
        return rows, more, self._unread()

    def _match(self, item: Matches, named: dict[tuple[str, int], str]) -> Row:
        known = [named[item.entity, id] for id in item.ids if (item.entity, id) in named]
        rest = 0 if item.has_grown else len(item.ids) - min(len(known), NAMED)
        row = next((row for row in self.lists.all() if row["name"] == item.name), None)
        return {
            "key": _key(item),
            "text": _said(item),
            "when": self.display.formats.datetime(item.at),
            "note": "",
            "href": self.lists.href(row, self.display.links) if row else None,
            "unread": item.is_unread,
            "lines": [{"text": title} for title in known[:NAMED]],
            "more": ngettext("and {n} more", "and {n} more", rest) if rest else None,
        }

    def _settings(self) -> list[Row]:
        registry = self.desk.registry
        heard = [
            {"name": name, "label": _(registry[name].label_plural), "value": wanted}
            for name, wanted in self.notifications.heard.items()
        ]
        return [
            {"title": _("Outside the application"), "items": self._channels()},
            {"title": _("Tell me about changes of"), "items": heard},
        ]

    def _channels(self) -> list[Row]:
        delivering = self.delivering
        mail = _("E-mail with what is new")
        if delivering.address:
            mail = _("E-mail with what is new, to {address}", address=delivering.address)
        options = [{"value": key, "label": _(label)} for key, label in CHOICES.items()]
        key = _("Calls are signed with the key {key}", key=delivering.webhook_key)
        return [
            {"name": DIGEST, "label": mail, "value": delivering.digest, "options": options},
            {
                "name": WEBHOOK,
                "label": _("Webhook: an address that is called with what is new"),
                "value": delivering.webhook,
                "hint": "https://",
                "note": key if delivering.webhook else "",
            },
        ]

    # -- done ----------------------------------------------------------------------------------

    async def _handle(self, event: Row) -> None:
        await self.display.notices.guarded(lambda: self._act(event))

    async def _act(self, event: Row) -> None:
        kind, item = event["type"], self._shown.get(str(event.get("key")))
        if kind == "open":
            self._is_open, self._limit = True, PAGE
            self.component.outcome = {}
            await in_thread(self.lists.check)
        elif kind == "older":
            self._limit += PAGE
        elif kind == "read" and item is not None:
            await in_thread(self._mark, item)
        elif kind == "read_all":
            await in_thread(self._mark_all)
        elif kind == "choose":
            await self._set(event)
        await self._show()

    def _mark(self, item: Item | Matches) -> None:
        if isinstance(item, Item):
            self.notifications.mark_read([item.number])
        else:
            self.lists.mark_read([item])

    def _mark_all(self) -> None:
        self.notifications.mark_all_read()
        self.lists.mark_read([match for match in self.lists.matches() if match.is_unread])

    def _choose(self, name: Any, value: Any) -> None:
        chosen = {DIGEST: self.delivering.choose_digest, WEBHOOK: self.delivering.choose_webhook}
        if isinstance(value, bool) and name in self.notifications.heard:
            self.notifications.hear(name, value)
        elif isinstance(value, str) and name in chosen:
            chosen[name](value)

    async def _set(self, event: Row) -> None:
        """Do what a setting says, and say beside it what came of that."""
        name = event.get("name")
        self.component.outcome = {}  # What is refused a second time is said again.
        try:
            await in_thread(self._choose, name, event.get("value"))
        except CrmError as error:
            self.component.outcome = {"name": name, "text": str(error), "tone": "danger"}
        else:
            self.component.outcome = {"name": name, "text": _("Kept"), "tone": "success"}

    async def _written(self, applied: Applied) -> None:
        """What was written may be news, or may have been read in another window."""
        if applied.events:
            entities = {event.entity for event in applied.events}
            await in_thread(self.lists.check, entities)
        elif not applied.personal or set(applied.personal) <= {"visit", "favourite"}:
            return
        if self._is_open:
            await self._show()
        else:
            await self._count()


def _said(item: Matches) -> str:
    if item.has_grown:
        return _(
            "“{list}” has more than {n} records now, too many to tell you of new ones.",
            list=item.name,
            n=MOST,
        )
    n = len(item.ids)
    return ngettext("{n} new in “{list}”", "{n} new in “{list}”", n, list=item.name)


def _key(item: Item | Matches) -> str:
    if isinstance(item, Item):
        return str(item.number)
    return f"{MATCH} {item.at.isoformat()} {item.name}"


def _records(items: Iterable[Item | Matches]) -> Iterable[tuple[str, int]]:
    """The records that items name."""
    for item in items:
        if isinstance(item, Item):
            yield item.entity, item.id
        else:
            yield from ((item.entity, id) for id in item.ids[:NAMED])
