"""Favourites: the star of a card, and the menu of the app bar that leads back to it."""

from __future__ import annotations

from typing import Any

from crmpanel.controllers.mine import Mine
from crmpanel.controllers.record_card import RecordCard
from crmpanel.controllers.saved_lists import SavedLists
from crmpanel.locale import _
from crmpanel.model.changeset import Applied
from crmpanel.model.personal import FAVOURITE, SAVED_LIST
from crmpanel.views.card_tools import Choice
from crmpanel.views.cells import Display
from crmpanel.views.components import FavouritesMenu
from crmpanel.views.loading import in_thread

Row = dict[str, Any]


class FavouriteTool:
    """The star in the head of a card."""

    name = "favourite"
    shows: tuple[str, ...] = (FAVOURITE.name,)

    def __init__(self, card: RecordCard, display: Display) -> None:
        self.card, self.mine = card, Mine(display.desk)

    def read(self) -> bool | None:
        """Whether the record is among the favourites; None where it cannot be."""
        if not self.card.entity.has_card:
            return None
        return self.mine.is_favourite(self.card.entity.name, self.card.id)

    def show(self, found: bool | None) -> Row | None:
        """The button."""
        if found is None:
            return None
        label = _("Remove from favourites") if found else _("Add to favourites")
        return {"name": self.name, "label": label, "icon": "star", "pressed": found}

    async def act(self, choice: Choice) -> None:
        """Put the record among the favourites, or take it away."""
        entity, id = self.card.entity.name, self.card.id
        await in_thread(self.mine.set_favourite, entity, id, choice is True)


class Favourites:
    """The menu of the app bar: favourites, saved lists, recently viewed.

    Parameters
    ----------
    display : how addresses are written; tells when something is kept elsewhere.
    """

    def __init__(self, display: Display) -> None:
        self.display, self.mine = display, Mine(display.desk)
        self.lists = SavedLists(display.desk)
        self.component = FavouritesMenu()
        self.component.on_event(self._handle)
        display.live.attend(self._written)

    async def refresh(self) -> None:
        """Show what there is now."""
        groups = await in_thread(self._read)
        self.component.param.update(groups=groups, busy=False)

    def _read(self) -> list[Row]:
        mine = self.mine
        starred = [self._record(row, starred=True) for row in mine.favourites()]
        saved = [self._list(row) for row in self.lists.all()]
        recent = [self._record(row, starred=False) for row in mine.recents()]
        return [
            {"title": _("Favourites"), "items": starred, "empty": _("The star of a card adds it.")},
            {"title": _("Saved lists"), "items": saved, "empty": _("“Save list” adds one.")},
            {"title": _("Recently viewed"), "items": recent, "empty": _("Nothing yet")},
        ]

    def _record(self, row: Row, starred: bool) -> Row:
        entity = self.display.desk.registry[row["entity"]]
        links = self.display.links
        kind = _(entity.label) if entity.name != "organisation" else ""
        remove = {"name": "unstar", "label": _("Remove from favourites"), "icon": "close"}
        return {
            "key": f"{'star' if starred else 'seen'} {row['entity']} {row['id']}",
            "text": row["title"] or f"{entity.label} {row['id']}",
            "note": " · ".join(filter(None, (kind, row["subtitle"]))),
            "href": links.record(entity.name, row["id"]) if links else None,
            "buttons": [remove] if starred else [],
        }

    def _list(self, row: Row) -> Row:
        told = row["told_since"] is not None
        label = _("Do not tell me of new ones") if told else _("Tell me when something new matches")
        return {
            "key": f"list {row['name']}",
            "text": row["name"],
            "note": "",
            "href": self.lists.href(row, self.display.links),
            "buttons": [
                {"name": "tell", "label": label, "icon": "bell", "pressed": told},
                {"name": "forget", "label": _("Remove"), "icon": "close"},
            ],
        }

    async def _handle(self, event: Row) -> None:
        known = {i["key"]: i for group in self.component.groups for i in group["items"]}
        item = known.get(str(event.get("key")))
        if event["type"] == "act" and item is not None:
            names = {button["name"] for button in item["buttons"]}
            if event.get("name") in names:
                await self.display.notices.guarded(lambda: self._act(event, item["key"]))
        await self.refresh()

    async def _act(self, event: Row, key: str) -> None:
        kind, _space, rest = key.partition(" ")
        if kind == "star":
            entity, id = rest.split(" ")
            await in_thread(self.mine.set_favourite, entity, int(id), False)
        elif event["name"] == "forget":
            await in_thread(self.lists.forget, rest)
        else:
            await in_thread(self.lists.tell, rest, event.get("on") is True)

    async def _written(self, applied: Applied) -> None:
        kept = {FAVOURITE.name, SAVED_LIST.name} & set(applied.personal)
        if kept and not self.component.busy:
            await self.refresh()
