"""Base class of the JavaScript components: data goes in as params, events come out as dicts."""

from collections.abc import Callable
from functools import partial

from panel import state
from panel.custom import JSComponent

from .bundle import bundle


class Component(JSComponent):
    """A display component that reports what the user did through `on_event`.

    Data flows one way: Python sets params, the browser never changes them. The browser's messages
    are dicts with a `type`; those not named in `events` are dropped, as any client can forge one.
    """

    events: tuple[str, ...] = ()

    _bundle = bundle()

    __abstract = True

    def __init__(self, **params):
        params.setdefault("sizing_mode", "stretch_width")
        params.setdefault("margin", 0)
        self._listeners: list[Callable[[dict], object]] = []
        super().__init__(**params)

    def on_event(self, callback: Callable[[dict], object]) -> None:
        """Call `callback(event)` for every event; it may be a coroutine function."""
        self._listeners.append(callback)

    def emit(self, event: dict) -> None:
        """Deliver `event` to the listeners, as if the browser had sent it (also handy in tests)."""
        for callback in list(self._listeners):
            state.execute(partial(callback, event), schedule=False)

    def _handle_msg(self, msg) -> None:
        if isinstance(msg, dict) and msg.get("type") in self.events:
            self.emit(msg)
