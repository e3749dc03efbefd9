"""The card's tabs."""

import param

from .base import Component
from .bundle import inline


class TabBar(Component):
    """A row of tabs that are links; it scrolls sideways when they do not fit.

    Keyboard: all are one stop; Left/Right, Home/End move between them, Enter or Space opens.

    Events
    ------
    ``{"type": "select", "name": tab name}``  tabs without an href; the caller sets `active`
    """

    events = ("select",)

    tabs = param.List(
        item_type=dict,
        doc="""
        ``{"name", "label", "count": str|None, "href": str|None, "mark"?}``; `mark` says why a dot
        stands beside the label.""",
    )

    active = param.String(doc="Name of the current tab.")

    label = param.String(default="Tabs", doc="What the tabs belong to, for assistive technology.")

    _esm = inline("TabBar")
