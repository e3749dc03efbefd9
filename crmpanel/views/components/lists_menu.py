"""The lists across all organisations."""

import param

from .base import Component
from .bundle import inline


class ListsMenu(Component):
    """A button of the app bar that leads to the pages with lists.

    Emits no events: all are links.
    """

    groups = param.List(
        item_type=list, doc='Groups of ``{"name", "text", "href"}``, with a line between them.'
    )

    current = param.String(doc="Name of the page that is open.")

    _esm = inline("ListsMenu")

    def __init__(self, **params):
        super().__init__(**{"sizing_mode": None} | params)
