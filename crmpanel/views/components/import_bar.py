"""What is being done by an import, and what can be done next."""

import param

from .base import Component
from .bundle import inline


class ImportBar(Component):
    """A bar at the foot of the window: progress while something is done, else the next step.

    Events
    ------
    ``{"type": "act", "name": str}``  one of the buttons
    ``{"type": "cancel"}``  stop what is being done
    """

    events = ("act", "cancel")

    work = param.Dict(
        default={},
        doc='``{"text", "detail", "done": 0 to 1, "cancel": bool}`` of what is being done.',
    )

    text = param.String(doc="What is to be known before the next step.")

    actions = param.List(item_type=dict, doc='``{"name", "label", "primary"?, "disabled"?}``.')

    _esm = inline("ImportBar")
