"""The page that a mail's unsubscribe link leads to: it says what would end, and asks."""

from __future__ import annotations

import logging
from typing import Any

from crmpanel.controllers.links import Place
from crmpanel.delivery.mail import UNSUBSCRIBE
from crmpanel.delivery.unsubscribing import Unsubscribing
from crmpanel.errors import CrmError
from crmpanel.locale import _
from crmpanel.views.cells import Display
from crmpanel.views.components import CardHeader
from crmpanel.views.loading import in_thread

log = logging.getLogger(__name__)
#: A question in the middle of the page, with its button below.
QUESTION = """
:host { max-width: 560px; margin: 8vh auto 0 !important; }
header.head { display: flex; flex-direction: column; gap: 18px; }
header.head .top { order: 2; }
header.head .buttons { margin-inline-start: 0; }
header.head .crumbs { display: none; }
header.head .subtitle { margin-top: 6px; white-space: normal; }
"""
__all__ = ["UNSUBSCRIBE", "UnsubscribePage"]


class UnsubscribePage:
    """What a link ends, with a button: opening the page changes nothing.

    It works for whoever has the link, also if they have not chosen whom they work as.

    Parameters
    ----------
    display : how values are shown.
    place : where the visitor is, with the token.

    Raises
    ------
    InputError : the link is not ours, or too old.
    """

    def __init__(self, display: Display, place: Place) -> None:
        self._asked = Unsubscribing(display.desk, place.arg("token") or "")
        self.title = _("Unsubscribe")
        self.head = CardHeader(avatar=False, stylesheets=[QUESTION])
        self.head.on_event(self._handle)
        self._show()

    def _show(self) -> None:
        asked = self._asked
        if not asked.is_on:
            self._say(asked.name, _("This has been ended. You get no more mail about it."))
        elif asked.is_all:
            said = _("You will get no more e-mail. What you follow stays in your notifications.")
            self._say(_("Get no more mail?"), said, _("Get no more mail"))
        else:
            said = _("You will be told no more of what others change there.")
            self._say(_("Stop following {name}?", name=asked.name), said, _("Stop following"))

    def _say(self, title: str, text: str, button: str = "") -> None:
        buttons = [{"name": "end", "label": button, "primary": True}] if button else []
        self.head.param.update(title=title, subtitle=text, buttons=buttons)

    async def _handle(self, event: dict[str, Any]) -> None:
        if event["type"] != "action" or event.get("name") != "end":
            return
        try:
            await in_thread(self._asked.end)
        except CrmError as error:
            self._say(error.what, f"{error.why} {error.remedy}".strip())
        except Exception:
            log.exception("unsubscribing")
            self._say(_("Something went wrong."), _("The server's log has the details."))
        else:
            self._show()
