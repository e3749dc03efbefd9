"""The notification centre: what others wrote about what one subscribes to."""

import param

from .base import Component
from .bundle import inline


class NotificationCentre(Component):
    """A bell in the app bar with the number of unread notifications, and the panel that it opens.

    Events
    ------
    ``{"type": "open"}``                      it was opened
    ``{"type": "older"}``                     more of them, please
    ``{"type": "read", "key": str}``          one has been read, or followed
    ``{"type": "read_all"}``
    ``{"type": "choose", "name": str, "value": bool | str}``   a setting
    """

    events = ("open", "older", "read", "read_all", "choose")

    unread = param.Integer(default=0, doc="How many are unread.")

    items = param.List(
        item_type=dict,
        doc="""
        ``{"key", "text", "when", "note", "href", "unread", "lines", "more"}``; a line is
        ``{"label", "old", "new"}`` or ``{"text"}``.""",
    )

    more = param.Boolean(default=False, doc="Whether there are older ones.")

    busy = param.Boolean(default=True, doc="Whether the items are not known yet.")

    settings = param.List(
        item_type=dict,
        doc="""
        ``{"title", "items"}``; an item is ``{"name", "label", "value": bool}``, or with
        ``options`` ``[{"value", "label"}]`` a choice among texts, or with ``hint`` a text; these
        may have a ``note`` below.""",
    )

    outcome = param.Dict(default={}, doc='``{"name", "text", "tone"}``: what came of a setting.')

    _esm = inline("NotificationCentre")

    def __init__(self, **params):
        super().__init__(**{"sizing_mode": None} | params)
