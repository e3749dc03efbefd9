"""Live: what anybody writes is shown at once on what a visitor looks at."""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial

import panel as pn

from crmpanel.model.changeset import Applied, RecordsChanged
from crmpanel.store import Database

log = logging.getLogger(__name__)

#: Awaited with what was written, in the visitor's event loop.
Watcher = Callable[[Applied], Awaitable[None]]


class Live:
    """Tells the views of one visitor what was written, in the visitor's own event loop.

    Parameters
    ----------
    database : tells what is written in this process, which is all that is written.
    whose : tells whose personal state the visitor is to be told of.

    Views are held weakly: one that is shown no longer is not told.
    """

    def __init__(self, database: Database, whose: Callable[[], str] = str) -> None:
        self._whose = whose
        self._watchers: list[weakref.WeakMethod[Watcher]] = []
        self._attendants: list[weakref.WeakMethod[Watcher]] = []
        self._database, self._doc = database, pn.state.curdoc
        self._loop: asyncio.AbstractEventLoop | None = None
        with suppress(RuntimeError):
            self._loop = asyncio.get_running_loop()
        self._context = copy_context()  # The language of messages belongs to the context.
        self._listener = _listener(weakref.ref(self), database)
        database.listeners.append(self._listener)

    def watch(self, watcher: Watcher) -> None:
        """Call a method of a view with all that is written from now on."""
        self._watchers.append(weakref.WeakMethod(watcher))

    def attend(self, watcher: Watcher) -> None:
        """As `watch`, for what stays whatever page is shown."""
        self._attendants.append(weakref.WeakMethod(watcher))

    def forget(self) -> None:
        """The views of a page are gone; others will come."""
        self._watchers.clear()

    def close(self) -> None:
        """Listen no more."""
        self.forget()
        self._attendants.clear()
        with suppress(ValueError):
            self._database.listeners.remove(self._listener)

    def tell(self, applied: Applied) -> None:
        """Called where it was written: in any thread, of any visitor."""
        if not applied.events and applied.viewer != self._whose():
            return
        spread = partial(self._context.copy().run, self._spread, applied)
        if self._doc is not None:
            self._doc.add_next_tick_callback(spread)
        elif self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(spread)
        else:
            asyncio.run(self._all(applied))  # plain Python: there is nobody to wait for it

    def _spread(self, applied: Applied) -> None:
        pn.state.execute(partial(self._all, applied), schedule=False)

    async def _all(self, applied: Applied) -> None:
        self._watchers = [watcher for watcher in self._watchers if watcher() is not None]
        for watcher in (*self._watchers, *self._attendants):
            call = watcher()
            if call is not None:
                try:
                    await call(applied)
                except Exception:
                    log.exception("showing what was written")


def _listener(live: weakref.ref[Live], database: Database) -> Callable[[Applied], None]:
    """What the database calls; it goes when the visitor has gone."""

    def listen(applied: Applied) -> None:
        heard = live()
        if heard is not None:
            heard.tell(applied)
        else:
            with suppress(ValueError):
                database.listeners.remove(listen)

    return listen


def concerns(
    event: RecordsChanged, entity: str, organisation: int | None = None, id: int | None = None
) -> bool:
    """Whether an event may be about some records.

    Parameters
    ----------
    entity : their entity.
    organisation : whose records they are, if they are one organisation's.
    id : which record, if it is one.
    """
    if event.entity != entity:
        return False
    if id is not None:
        return event.ids is None or id in event.ids
    if organisation is None or event.organisations is None:
        return True
    return organisation in event.organisations
