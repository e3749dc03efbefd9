"""Work outside the event loop."""

import asyncio

from crmpanel import locale
from crmpanel.locale import use_language
from crmpanel.views.loading import Prefetch, in_thread


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
