"""What was just done, with the way back."""

import param

from .base import Component
from .bundle import inline


class Toast(Component):
    """A notice over the page; it goes by itself unless it is a warning.

    Events
    ------
    ``{"type": "action", "index": int, "number": int}``  a button of notice `number`
    """

    events = ("action",)

    notice = param.Dict(
        default={"number": 0},
        doc="""
        ``{"number", "message", "tone", "busy": bool, "actions": [{"label", "href"?}]}``; a new
        number is a new notice, one without a message takes the last away.""",
    )

    _esm = inline("Toast")
