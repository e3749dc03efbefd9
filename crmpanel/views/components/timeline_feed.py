"""The merged feed of a card, with its filters."""

import param

from .base import Component
from .bundle import inline


class TimelineFeed(Component):
    """Entries one below the other, under headings, with the filters above them.

    Keyboard: Up/Down move between the titles of entries, Home/End go to the first and last.

    Events
    ------
    ``{"type": "search", "text": str}``
    ``{"type": "kind", "name": str or None}``  a chip; None is that for all kinds
    ``{"type": "person", "value": id or None, "on": bool}``
    ``{"type": "changes", "on": bool}``  the switch
    ``{"type": "clear"}``  the button of the empty state, and beside the filters
    ``{"type": "more", "part": str}``  the button at the end of a part
    ``{"type": "fold", "key": str}``  a line that stands for several changes
    ``{"type": "pin", "key": str, "on": bool}``
    ``{"type": "open", "key": str}``  where ``"open": True`` and no href
    """

    events = (
        *("search", "kind", "person", "changes", "clear"),
        *("more", "fold", "pin", "open"),
    )

    label = param.String(doc="What it is called.")

    items = param.List(
        item_type=dict,
        doc="""
        In order; each has a unique ``"key"``. ``"type": "head"``: ``{"text", "count"?, "icon"?}``.
        ``"entry"``: ``{"icon", "kind", "title", "href"?, "open"?, "when": cell, "status"?: cell,
        "amount"?: str, "meta": [{"text", "href"?, "title"?}], "text"?, "pinned"?: bool,
        "changes"?: [{"label", "old", "new"}], "minor"?: bool}``; no ``pinned``, no button.
        ``"fold"``: ``{"text", "open"}``. ``"more"``: ``{"text", "part"}``.""",
    )

    kinds = param.List(item_type=dict, doc='Chips: ``{"name", "label", "icon", "count", "on"}``.')

    people = param.List(
        item_type=dict, doc='Who can be chosen: ``{"value", "label", "count", "on"}``.'
    )

    changes = param.Dict(
        default={}, doc='The switch: ``{"on", "label", "count"}``; empty for none.'
    )

    search = param.String(doc="The text that is searched for.")

    filtered = param.Boolean(doc="Whether any filter is set.")

    foot = param.Dict(default={}, doc='``{"text", "more"}``: how much is shown, and the button.')

    busy = param.Boolean(doc="Shows a skeleton when there are no entries yet, else a thin bar.")

    empty = param.Dict(default={}, doc='``{"title", "text", "action"}`` shown without entries.')

    _esm = inline("TimelineFeed")
