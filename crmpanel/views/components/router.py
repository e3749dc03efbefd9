"""The address bar as a param."""

from functools import partial
from inspect import iscoroutinefunction

import param
from panel import state

from .base import Component
from .bundle import inline


class Router(Component):
    """No visible UI: shows `url` in the address bar and reports links and Back.

    Any plain click on ``<a data-nav href="/…">``, also inside a component, is turned into an event
    instead of a page load. `url` follows the browser before the listeners run. When they are done
    (coroutines are awaited) the progress bar ends and the page scrolls: to the top after a link, to
    where it was after Back.
    Work handed to a thread or a later tick is not awaited: increase `done` when it is finished.

    Events
    ------
    ``{"type": "navigate", "url": "/path?query", "trigger": "link"|"pop"}``
    """

    events = ("navigate",)

    url = param.String(
        doc="Path and query that the browser should show; what it shows already is left alone."
    )

    mode = param.Selector(
        default="push",
        objects=["push", "replace"],
        doc="""
        Whether a new `url` becomes a new history entry. Set both in one ``param.update``.""",
    )

    title = param.String(doc="The title of the browser's tab.")

    done = param.Integer(doc="A counter; a change ends the progress bar.")

    seen = param.Integer(
        doc="""
        The last navigation Python knows of; while it is behind, the browser ignores `url`."""
    )

    _esm = inline("Router")

    def __init__(self, **params):
        super().__init__(**{"sizing_mode": None, "width": 0, "height": 0} | params)

    def _handle_msg(self, msg) -> None:
        if not isinstance(msg, dict):
            return
        url, seq = msg.get("url"), msg.get("seq")
        if (
            isinstance(url, str)
            and url.startswith("/")
            and not url.startswith("//")
            and isinstance(seq, int)
        ):
            self.param.update(url=url, seen=seq)
            super()._handle_msg(msg)

    def emit(self, event: dict) -> None:
        """Deliver `event`, and end the progress bar when every listener is done."""
        if any(map(iscoroutinefunction, self._listeners)):
            state.execute(partial(self._emit_async, event), schedule=False)
            return
        super().emit(event)
        self.done += 1

    async def _emit_async(self, event: dict) -> None:
        try:
            for callback in list(self._listeners):
                result = callback(event)
                if hasattr(result, "__await__"):
                    await result
        finally:
            self.done += 1
