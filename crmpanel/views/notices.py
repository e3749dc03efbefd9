"""Notices: what was just done, said over the page, with the way back."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.errors import CrmError, UndoRefused
from crmpanel.locale import _
from crmpanel.model.changeset import Applied
from crmpanel.views.components import Toast
from crmpanel.views.loading import in_thread

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Action:
    """A button of a notice: it leads to an address, or does something.

    Parameters
    ----------
    do : called without arguments; it may be a coroutine function.
    """

    label: str
    href: str | None = None
    do: Callable[[], Any] | None = None


class Notices:
    """What one visitor is told; the last notice takes the place of the one before.

    Parameters
    ----------
    desk : database and viewer, who undoes.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._toasts: list[Toast] = []
        self._actions: Sequence[Action] = ()
        self._number = 0

    def place(self) -> list[Toast]:
        """The component to be put into a page: one, and nothing if it is there already."""
        if self._toasts:
            return []
        toast = Toast()
        toast.on_event(self._act)
        self._toasts.append(toast)
        return [toast]

    def tell(self, message: str, tone: str = "neutral", actions: Sequence[Action] = ()) -> None:
        """Say something; warnings and dangers stay until they are dismissed."""
        self._say(message, tone, actions)

    def done(self, applied: Applied, message: str, actions: Sequence[Action] = ()) -> None:
        """Say what a changeset did, and offer to undo it."""
        number = applied.number
        undo = () if number is None else (Action(_("Undo"), do=lambda: self.undo(number)),)
        self._say(message, "success", (*actions, *undo))

    async def guarded(self, act: Callable[[], Awaitable[object]]) -> bool:
        """Do something; say what went wrong, and return whether nothing did."""
        try:
            await act()
        except CrmError as error:
            self.tell(str(error), "danger")
        except Exception:
            log.exception("something that a visitor did")
            self.tell(_("Something went wrong."), "danger")
        else:
            return True
        return False

    async def undo(self, number: int) -> None:
        """Undo a changeset and say what came of it; that can be undone as well."""
        self._say(_("Undoing …"), "neutral", (), busy=True)
        try:
            undo = self.desk.database.undo
            applied = await in_thread(undo, number, self.desk.viewer_id)
        except UndoRefused as error:
            reasons = " ".join(error.reasons[:3])
            self.tell(_("This can no longer be undone. {reasons}", reasons=reasons), "warning")
        except CrmError as error:
            self.tell(str(error), "danger")
        except Exception:
            log.exception("undoing changeset %s", number)
            self.tell(_("Something went wrong."), "danger")
        else:
            self._undone(applied)

    def _undone(self, applied: Applied) -> None:
        number = applied.number
        again = () if number is None else (Action(_("Redo"), do=lambda: self.undo(number)),)
        self._say(_("Undone"), "success", again)

    def _say(self, message: str, tone: str, actions: Sequence[Action], busy: bool = False) -> None:
        self._number += 1
        self._actions = tuple(actions)
        shown = [{"label": action.label, "href": action.href} for action in actions]
        for toast in self._toasts:
            toast.notice = {
                "number": self._number,
                "message": message,
                "tone": tone,
                "busy": busy,
                "actions": shown,
            }

    async def _act(self, event: dict[str, Any]) -> None:
        index = event.get("index")
        if event.get("number") != self._number or not isinstance(index, int):
            return  # a button of a notice that has gone
        if not 0 <= index < len(self._actions):
            return
        action, self._actions = self._actions[index], ()  # a second click has no effect
        result = action.do() if action.do else None
        if inspect.isawaitable(result):
            await result
