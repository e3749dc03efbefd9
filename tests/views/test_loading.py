"""When what is read is shown: a page may arrive before its rows, the output of a cell may not."""

import asyncio
import time

import panel as pn
import pytest
from bokeh.document import Document
from panel.io.state import set_curdoc

from crmpanel import locale
from crmpanel.locale import use_language
from crmpanel.views import loading
from crmpanel.views.loading import Prefetch, in_thread, once_open


@pytest.fixture
def cell(monkeypatch):
    """Nothing can be waited for longer than a cell waits."""
    monkeypatch.setattr(loading, "in_notebook", True)
    monkeypatch.setattr(loading, "PATIENCE", 0)


@pytest.fixture
def later(monkeypatch):
    """What is done when the page is open."""
    callbacks = []
    monkeypatch.setattr(pn.state, "onload", callbacks.append)
    return callbacks


def slow():
    time.sleep(0.1)
    return "rows"


def in_loop(act):
    """Build something where an event loop runs, as kernels and servers do."""

    async def build():
        act()

    asyncio.run(build())


def test_a_cell_is_shown_with_its_rows(cell, later):
    """What came once it was shown was lost when the browser had not yet drawn it."""
    shown = []
    in_loop(lambda: Prefetch(slow).deliver(shown.append))
    assert (shown, later) == (["rows"], [])


def test_a_page_of_the_same_kernel_does_not_wait(cell, later):
    shown = []
    with set_curdoc(Document()):
        in_loop(lambda: Prefetch(slow).deliver(shown.append))
    assert shown == []
    asyncio.run(later[0]())
    assert shown == ["rows"]


def test_more_is_loaded_once_a_page_is_open_and_before_a_cell_is_shown(cell, later):
    shown = []

    async def load():
        shown.append(await in_thread(slow))
        shown.append(await in_thread(slow))

    in_loop(lambda: once_open(load))
    assert (shown, later) == (["rows", "rows"], [])
    with set_curdoc(Document()):
        once_open(load)
    assert (len(shown), later) == (2, [load])


def test_a_cell_waits_for_reads_only(cell):
    async def load():
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="at once"):
        in_loop(lambda: once_open(load))


def test_a_thread_speaks_the_language_of_who_asked():
    async def asked(language):
        use_language(language)
        return await in_thread(locale._language.get)

    async def both():
        return await asyncio.gather(asked("nb"), asked("sv"))

    assert asyncio.run(both()) == ["nb", "sv"]


def test_what_is_fetched_ahead_speaks_it_too():
    async def fetched():
        use_language("da")
        found = []
        Prefetch(locale._language.get).deliver(found.append)
        return found

    assert asyncio.run(fetched()) == ["da"]
