"""The bar over a card as it was."""

import param

from .base import Component
from .bundle import inline


class AsOfBar(Component):
    """Says as of when a card is shown, leads to other moments, and back; or asks for a moment.

    Events
    ------
    ``{"type": "close"}``  no moment is chosen
    """

    events = ("close",)

    past = param.Boolean(doc="Whether the past is shown; the bar is there then.")

    asked = param.Integer(doc="How often a moment was asked for; the bar is there then, too.")

    title = param.String(doc="As of when the card is shown.")

    note = param.String(doc="What else there is to know.")

    day = param.String(doc="The day in the input, ``2026-01-01``.")

    most = param.String(doc="The last day that can be chosen.")

    pattern = param.String(doc="Address of this card as of the day 2000-01-01.")

    steps = param.List(
        item_type=dict, doc='``{"label", "note", "href"?, "back"?}``: other moments.'
    )

    present = param.String(doc="Address of this card as it is now.")

    _esm = inline("AsOfBar")
