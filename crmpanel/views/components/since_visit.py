"""What others changed since the visitor was here last."""

import param

from .base import Component
from .bundle import inline


class SinceVisit(Component):
    """A panel on top of a card that lists what is new; it is not there if nothing is.

    Events
    ------
    ``{"type": "dismiss"}``  it has been read
    ``{"type": "more"}``     all of it, please
    """

    events = ("dismiss", "more")

    title = param.String(doc='"Since your last visit on 3 November".')

    items = param.List(item_type=dict, doc="As `NotificationCentre.items`.")

    more = param.String(doc="Label of the button that shows all; empty if there are no more.")

    href = param.String(default=None, allow_None=True, doc="Address of the log of that time.")

    _esm = inline("SinceVisit")
