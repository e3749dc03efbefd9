"""The head of an organisation or person card."""

import param

from .base import Component
from .bundle import inline


class CardHeader(Component):
    """Breadcrumb, avatar with initials, name, chips and key figures. Emits no events."""

    crumbs = param.List(item_type=dict, doc='``{"text", "href"}``, outermost first.')

    title = param.String(doc="The record's name.")

    subtitle = param.String(doc="One grey line below the name: town, industry, number.")

    chips = param.List(item_type=dict, doc='``{"text", "tone"}``: status, type.')

    facts = param.List(item_type=dict, doc='Key figures: ``{"label", "value", "tone"?, "href"?}``.')

    avatar = param.Boolean(default=True, doc="Whether initials stand before the title.")

    _esm = inline("CardHeader")
