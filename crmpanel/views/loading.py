"""Fetching while widgets are being built, so that a page usually arrives with its rows in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from contextvars import copy_context
from functools import partial
from typing import Any, Generic, TypeVar

import panel as pn

#: Seconds that building a page may wait for its rows; after that they follow when they are there.
PATIENCE = 0.15
_workers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="crmpanel-read")

T = TypeVar("T")


class Prefetch(Generic[T]):
    """A read begun in a thread.

    Parameters
    ----------
    work : the read; it runs outside the event loop.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._future = _workers.submit(copy_context().run, work)

    def deliver(self, show: Callable[[T], Any]) -> None:
        """Call `show` with the result: now if it comes in a moment, else once the page is open."""
        try:
            result = self._future.result(timeout=PATIENCE)
        except TimeoutError:
            pn.state.onload(partial(self._later, show))
        else:
            show(result)

    async def _later(self, show: Callable[[T], Any]) -> None:
        show(await asyncio.wrap_future(self._future))


async def in_thread(work: Callable[..., T], *args: Any) -> T:
    """Run something that reads or writes outside the event loop."""
    # The language of messages belongs to the context.
    run = copy_context().run
    return await asyncio.get_running_loop().run_in_executor(_workers, run, work, *args)
