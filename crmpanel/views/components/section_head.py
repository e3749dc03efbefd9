"""The heading of a short list on the Details tab."""

import param

from .base import Component
from .bundle import inline


class SectionHead(Component):
    """Title, number of records, and the way to the whole list.

    Events
    ------
    ``{"type": "select"}``  the link, where it has no href (notebook)
    """

    events = ("select",)

    title = param.String(doc="What the list shows.")

    count = param.String(doc="How many records there are in all.")

    link = param.String(doc="Label of the link to the whole list.")

    href = param.String(default=None, allow_None=True, doc="Where it leads.")

    _esm = inline("SectionHead")
