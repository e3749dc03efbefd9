"""Fetching while widgets are being built, so that a page usually arrives with its rows in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from contextvars import ContextVar, copy_context
from functools import partial
from typing import Any, Generic, TypeVar

import panel as pn

#: Seconds that building a page may wait for its rows; after that they follow when they are there.
PATIENCE = 0.15
_workers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="crmpanel-read")

#: Whether the cells of a notebook show cards; `notebook.load` says so.
in_notebook = False
_at_once = ContextVar("at_once", default=False)

T = TypeVar("T")


def is_for_cell() -> bool:
    """Whether what is built now is the output of a cell.

    What is sent to it before the browser has drawn it is lost, and nobody is told when it has.
    """
    return in_notebook and pn.state.curdoc is None


def once_open(load: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Load something more when the page is open; for a cell, before it is shown.

    Parameters
    ----------
    load : it awaits nothing but `in_thread`.
    """
    if not is_for_cell():
        pn.state.onload(load)
        return
    token, loading = _at_once.set(True), load()
    try:
        loading.send(None)
    except StopIteration:
        return
    finally:
        _at_once.reset(token)
    raise RuntimeError(f"{load} cannot be done at once.")


class Prefetch(Generic[T]):
    """A read begun in a thread.

    Parameters
    ----------
    work : the read; it runs outside the event loop.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._future = _workers.submit(copy_context().run, work)

    def deliver(self, show: Callable[[T], Any]) -> None:
        """Call `show` with the result: now if it comes in a moment, else once the page is open.

        The output of a cell waits as long as it takes.
        """
        try:
            result = self._future.result(timeout=None if is_for_cell() else PATIENCE)
        except TimeoutError:
            pn.state.onload(partial(self._later, show))
        else:
            show(result)

    async def _later(self, show: Callable[[T], Any]) -> None:
        show(await asyncio.wrap_future(self._future))


async def in_thread(work: Callable[..., T], *args: Any) -> T:
    """Run something that reads or writes outside the event loop."""
    if _at_once.get():
        return work(*args)
    # The language of messages belongs to the context.
    run = copy_context().run
    return await asyncio.get_running_loop().run_in_executor(_workers, run, work, *args)
