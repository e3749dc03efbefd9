"""Inline messages: a refused save, a conflict, a slow server."""

import param

from .base import Component
from .bundle import inline


class PageMessage(Component):
    """Alerts above the content; takes no room when there are none.

    Events
    ------
    ``{"type": "dismiss", "index": int}``  the caller removes the item
    ``{"type": "action", "index": int}``  the item's button, which has no `href`
    """

    events = ("dismiss", "action")

    items = param.List(
        item_type=dict,
        doc="""
        ``{"tone", "title", "text", "action"?, "href"?}``; warnings and dangers are announced at
        once. The action of one with an address is a link.""",
    )

    _esm = inline("PageMessage")
