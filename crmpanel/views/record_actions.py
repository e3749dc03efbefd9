"""Actions of a card: copy, merge a duplicate, delete; each asks first and can be undone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from crmpanel.controllers.copying import Copying
from crmpanel.controllers.deleting import Deleting
from crmpanel.controllers.merging import GONE, KEPT, Merging
from crmpanel.controllers.record_card import RecordCard
from crmpanel.errors import CrmError
from crmpanel.locale import _, ngettext
from crmpanel.views.cells import Display
from crmpanel.views.components import AskDialog
from crmpanel.views.loading import in_thread
from crmpanel.views.merge_choice import lookalikes, sides
from crmpanel.views.notices import Action

log = logging.getLogger(__name__)

CANCEL = "cancel"
Answer = Callable[[dict[str, Any]], Any]


class RecordActions:
    """The menu of a card's header, and the windows that its entries open.

    Parameters
    ----------
    card : the record.
    display : how values are shown; tells the visitor what was done.
    drop : asks for a file that is to become a tab; None where there are no such tabs.
    """

    def __init__(
        self, card: RecordCard, display: Display, drop: Callable[[], object] | None = None
    ) -> None:
        self._drop = drop
        self.card, self.display, self.desk = card, display, card.desk
        self.dialog = AskDialog()
        self.dialog.on_event(self._handle)
        self._number = 0
        self._answer: Answer | None = None
        self._found: set[int] = set()

    def items(self) -> list[dict[str, Any]]:
        """The entries of the menu."""
        links, entity = self.display.links, self.card.entity
        items: list[dict[str, Any]] = []
        if links is not None:
            address = links.record(entity.name, self.card.id)
            items.append({"name": "link", "label": _("Copy link"), "icon": "link", "copy": address})
        if self.desk.is_read_only:
            return items
        if links is not None and entity.organisation == "id":
            gone = links.list("deleted", (("organisation", str(self.card.id)),))
            bin = {"name": "deleted", "label": _("Deleted records"), "icon": "undo", "href": gone}
        else:
            bin = None
        return [
            *items,
            {"name": "copy", "label": _("Copy as new …"), "icon": "copy"},
            {"name": "merge", "label": _("Merge a duplicate …"), "icon": "merge"},
            *(self._from_file() if self._drop else ()),
            *([bin] if bin else ()),
            {"name": "delete", "label": _("Delete …"), "icon": "trash", "tone": "danger"},
        ]

    def _from_file(self) -> list[dict[str, Any]]:
        return [{"name": "file", "label": _("Add a tab from a file …"), "icon": "plus"}]

    async def choose(self, event: dict[str, Any]) -> None:
        """An entry of the menu was chosen."""
        chosen = {"copy": self._copy, "merge": self._merge, "delete": self._delete}
        if event.get("name") == "file" and self._drop and not self.desk.is_read_only:
            self._drop()
        begin = None if self.desk.is_read_only else chosen.get(str(event.get("name")))
        if begin is not None:
            await self._guarded(begin)

    # -- asking ------------------------------------------------------------------------------

    def _ask(
        self, title: str, parts: list[Any], do: tuple[str, str], answer: Answer | None
    ) -> None:
        """Open the window.

        Parameters
        ----------
        do : label and kind of the button that does it.
        answer : awaited with what was chosen.
        """
        self._number += 1
        self._answer = answer
        buttons = [{"name": CANCEL, "label": _("Cancel"), "kind": "first"}]
        if answer is not None:
            buttons.append({"name": "do", "label": do[0], "kind": do[1]})
        wide = any(part["type"] == "sides" for part in parts)
        self.dialog.busy = False
        self.dialog.question = {
            "number": self._number,
            "title": title,
            "wide": wide,
            "parts": parts,
            "buttons": buttons,
        }

    def _close(self) -> None:
        self._number += 1
        self._answer = None
        self.dialog.question = {"number": self._number}

    async def _handle(self, event: dict[str, Any]) -> None:
        """An event of the window that is open now; those of earlier ones come too late."""
        if event.get("number") != self._number:
            return
        values = event.get("values")
        if event["type"] == "close":
            self._answer = None
        elif event["type"] == "find":
            await self._guarded(lambda: self._find(str(event.get("text") or "")))
        elif event["type"] == "pick" and event.get("id") in self._found:
            await self._guarded(lambda: self._compare(event["id"]))
        elif event["type"] == "answer" and self._answer is not None and event.get("name") == "do":
            answer, self._answer = self._answer, None  # a double click has one effect
            await self._answered(answer, values if isinstance(values, dict) else {})

    async def _answered(self, answer: Answer, values: dict[str, Any]) -> None:
        self.dialog.busy = True
        if await self._guarded(lambda: answer(values)):
            self._close()
        else:
            self.dialog.busy, self._answer = False, answer

    async def _guarded(self, act: Callable[[], Any]) -> bool:
        """Whether something went well; what went wrong is said in the window or over the page."""
        try:
            await act()
        except CrmError as error:
            self._say(str(error))
            return False
        except Exception:
            log.exception("acting on %s %s", self.card.entity.name, self.card.id)
            self._say(_("Something went wrong."))
            return False
        return True

    def _say(self, message: str) -> None:
        if self._answer is None and not self.dialog.busy:
            self.display.notices.tell(message, "danger")
        self.dialog.said = {"number": self.dialog.said.get("number", 0) + 1, "message": message}

    async def _thread(self, work: Callable[..., Any], *args: Any) -> Any:
        return await in_thread(work, *args)

    def _told(self, counts: dict[str, int]) -> str:
        """Numbers of records in words, by name of their entity: "12 activities, 1 person"."""
        registry, number = self.desk.registry, self.display.formats.number
        named = [
            (registry[name].label if n == 1 else registry[name].label_plural, n)
            for name, n in counts.items()
        ]
        return ", ".join(f"{number(n)} {_(label).lower()}" for label, n in named)

    # -- copy --------------------------------------------------------------------------------

    async def _copy(self) -> None:
        card = self.card
        copying = await self._thread(Copying, self.desk, card.entity.name, card.id)
        lists = await self._thread(copying.lists)
        registry, number = self.desk.registry, self.display.formats.number
        items = [
            {"value": name, "label": _(registry[name].label_plural), "note": number(n)}
            for name, n in lists.items()
            if n
        ]
        parts: list[Any] = [
            {"type": "text", "text": _("A new record “{name}” is made.", name=copying.title or "")}
        ]
        if items:
            label = _("What comes along?")
            parts.append({"type": "ticks", "name": "lists", "label": label, "items": items})

        async def answer(values: dict[str, Any]) -> None:
            chosen = values.get("lists")
            kept = [str(name) for name in chosen] if isinstance(chosen, list) else []
            copied = await self._thread(copying.apply, kept)
            self.display.notices.done(copied.applied, _("Copied"), self._open(copied.id))

        self._ask(_("Copy {name}", name=card.title), parts, (_("Copy"), "primary"), answer)

    def _open(self, id: int) -> tuple[Action, ...]:
        links = self.display.links
        return (Action(_("Open"), links.record(self.card.entity.name, id)),) if links else ()

    # -- delete ------------------------------------------------------------------------------

    async def _delete(self) -> None:
        card = self.card
        deleting = await self._thread(Deleting, self.desk, card.entity.name, card.id)
        goes, cleared = deleting.goes(), deleting.cleared()
        parts: list[Any] = []
        if goes:
            said = _("With it goes all that belongs to it: {records}.", records=self._told(goes))
            parts.append({"type": "text", "text": said, "tone": "warning"})
        if cleared:
            said = _(
                "These stay and no longer refer to it: {records}.", records=self._told(cleared)
            )
            parts.append({"type": "text", "text": said})
        parts.append({"type": "text", "text": _("It can be undone, and restored later.")})

        async def answer(_values: dict[str, Any]) -> None:
            applied = await self._thread(deleting.apply)
            self.display.notices.done(applied, _("Deleted {name}", name=card.title))

        title = _("Delete {name}?", name=card.title)
        self._ask(title, parts, (_("Delete"), "danger"), answer)

    # -- merge -------------------------------------------------------------------------------

    async def _merge(self) -> None:
        label = _("Find the duplicate of {name}", name=self.card.title)
        find = {"type": "find", "label": label, "placeholder": _("Search")}
        hint = _("Everything of the duplicate moves here, and the duplicate is deleted.")
        self._ask(label, [{"type": "text", "text": hint}, find], ("", ""), None)
        await self._find("")

    async def _find(self, text: str) -> None:
        rows = await self._thread(lookalikes, self.card, text)
        self._found = {row["id"] for row in rows}
        hint = _("Nothing matches.") if text.strip() else _("Nothing looks like a duplicate.")
        self.dialog.found = {"text": text, "items": rows, "hint": hint}

    async def _compare(self, id: int) -> None:
        card = self.card
        merging = await self._thread(Merging, self.desk, card.entity.name, card.id, id)
        pairs, moves = await self._thread(lambda: (merging.rows(), merging.moves()))
        gone = merging.gone.get(card.entity.title) or ""
        said = _("“{name}” is deleted. The merge can be undone.", name=gone)
        if moves:
            told = _("These move here: {records}.", records=self._told(moves))
            said = f"{told} {said}"
        table = sides(self.display, card.entity, merging, pairs)
        parts: list[Any] = [{"type": "text", "text": said, "tone": "info"}, table]

        async def answer(values: dict[str, Any]) -> None:
            chosen = values.get("fields")
            choices = {"left": KEPT, "right": GONE}
            picked = (
                {
                    pair.field.name: choices.get(str(chosen.get(pair.field.name)), pair.choice)
                    for pair in pairs
                }
                if isinstance(chosen, dict)
                else {}
            )
            applied = await self._thread(merging.apply, picked)
            number = sum(moves.values())
            said = ngettext(
                "Merged: {n} record moved here", "Merged: {n} records moved here", number
            )
            self.display.notices.done(applied, said)

        self._ask(_("Merge into {name}", name=card.title), parts, (_("Merge"), "primary"), answer)
