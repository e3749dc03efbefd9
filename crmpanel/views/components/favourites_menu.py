"""One's own: favourites, saved lists, recently viewed."""

import param

from .base import Component
from .bundle import inline


class FavouritesMenu(Component):
    """A button of the app bar with what the visitor keeps at hand.

    Events
    ------
    ``{"type": "open"}``                             it was opened: `groups` is to be made anew
    ``{"type": "act", "name": str, "key": str, "on"?: bool}``   a button of an entry; of one that
                                                     stays pressed, whether it is to be
    """

    events = ("open", "act")

    groups = param.List(
        item_type=dict,
        doc="""
        ``{"title", "empty", "items"}``; an item is ``{"key", "text", "note", "href", "buttons"}``,
        its buttons ``{"name", "label", "icon", "pressed"?}``.""",
    )

    busy = param.Boolean(default=True, doc="Whether the groups are not known yet.")

    _esm = inline("FavouritesMenu")

    def __init__(self, **params):
        super().__init__(**{"sizing_mode": None} | params)
