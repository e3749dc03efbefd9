"""The tools of a card: icon buttons in its head, each told to a small class of its own."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Protocol

from crmpanel.model.changeset import Applied
from crmpanel.views.cells import Display
from crmpanel.views.components import CardHeader
from crmpanel.views.loading import in_thread

log = logging.getLogger(__name__)

#: An entry of a menu, or whether a button that stays pressed is to be: not what it now is, as that
#: may be another by the time it is heard.
Choice = str | bool | None


class Tool(Protocol):
    """One tool."""

    name: str
    #: Entities and personal tables of which it shows something: a write there is shown at once.
    shows: tuple[str, ...]

    def read(self) -> Any:
        """What there is to be shown; reads the database, in a thread."""

    def show(self, found: Any) -> dict[str, Any] | None:
        """The button as `CardHeader.tools` has it; None where there is nothing to offer."""

    async def act(self, choice: Choice) -> None:
        """The button was pressed, or an entry of its menu chosen."""


class CardTools:
    """The tools of one card, in order.

    Parameters
    ----------
    header : shows them.
    display : tells the visitor what went wrong.
    """

    def __init__(self, header: CardHeader, display: Display, tools: Sequence[Tool]) -> None:
        self.header, self.display, self.tools = header, display, tuple(tools)
        header.on_event(self._act)
        display.live.watch(self._written)

    def read(self) -> list[Any]:
        """What the tools need to know; reads the database."""
        return [tool.read() for tool in self.tools]

    def show(self, found: Sequence[Any]) -> None:
        """Show the buttons."""
        shown = [tool.show(part) for tool, part in zip(self.tools, found, strict=True)]
        self.header.tools = [button for button in shown if button is not None]

    async def refresh(self, *_: Any) -> None:
        """Show the buttons as they are now."""
        self.show(await in_thread(self.read))

    async def _written(self, applied: Applied) -> None:
        shown = {name for tool in self.tools for name in tool.shows}
        written = {event.entity for event in applied.events} | set(applied.personal)
        if self.header.tools and shown & written:
            await self.refresh()

    async def _act(self, event: dict[str, Any]) -> None:
        offered = {button["name"]: button for button in self.header.tools}
        button, choice = offered.get(str(event.get("name"))), event.get("choice")
        if event["type"] != "tool" or button is None:
            return
        if not _offers(button, choice):
            log.warning("refused: %r is no entry of %s", choice, button["name"])
            return
        tool = next(tool for tool in self.tools if tool.name == button["name"])
        await self.display.notices.guarded(lambda: tool.act(choice))
        await self.refresh()


def _offers(button: dict[str, Any], choice: Any) -> bool:
    if "pressed" in button:
        return isinstance(choice, bool)
    return choice is None or choice in [item.get("name") for item in button.get("items", ())]
