"""The head of an organisation or person card."""

import param

from .base import Component
from .bundle import inline


class CardHeader(Component):
    """Breadcrumb, avatar with initials, name, chips, key figures and a menu of actions.

    Events
    ------
    ``{"type": "action", "name": str}``  an entry of the menu, or a button
    ``{"type": "tool", "name": str, "item"?: str}``  a tool, or an entry of its menu
    """

    events = ("action", "tool")

    crumbs = param.List(item_type=dict, doc='``{"text", "href"}``, outermost first.')

    title = param.String(doc="The record's name.")

    subtitle = param.String(doc="One grey line below the name: town, industry, number.")

    chips = param.List(item_type=dict, doc='``{"text", "tone"}``: status, type.')

    facts = param.List(item_type=dict, doc='Key figures: ``{"label", "value", "tone"?, "href"?}``.')

    avatar = param.Boolean(default=True, doc="Whether initials stand before the title.")

    actions = param.List(
        item_type=dict,
        doc="""
        ``{"name", "label", "icon", "tone"?, "href"?, "copy"?}``; one with an address leads there,
        one with ``copy`` puts that address into the clipboard, others are events.""",
    )

    buttons = param.List(
        item_type=dict,
        doc="""
        What is to be done next, ``{"name", "label", "href"?, "primary"?}``, as `actions`; a new
        list makes buttons that were pressed ready again.""",
    )

    tools = param.List(
        item_type=dict,
        doc="""
        Icon buttons ``{"name", "label", "icon", "pressed"?, "items"?}``; one with `items` opens a
        menu of entries as in `actions`, which may have a second line (``note``), be ``checked`` or
        ``disabled`` (saying why), or be a ``heading``.""",
    )

    _esm = inline("CardHeader")
