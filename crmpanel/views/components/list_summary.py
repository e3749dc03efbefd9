"""The line between the filters of a list and its table."""

import param

from .base import Component
from .bundle import inline


class ListSummary(Component):
    """How many records there are, which filters apply, and where to go from here.

    Events
    ------
    ``{"type": "clear"}``  remove all filters
    ``{"type": "create"}``  a new record
    ``{"type": "link", "name": link name}``  for links without an href (notebook)
    """

    events = ("clear", "create", "link")

    count = param.String(doc="The number of records in words; announced when it changes.")

    sentence = param.String(doc="The filters in words; empty if there are none.")

    clear = param.String(
        default="Clear filters", doc="Label of the button that removes all filters."
    )

    links = param.List(
        item_type=dict, doc='``{"name", "label", "icon", "href": str|None, "title"?}``'
    )

    create = param.String(doc="Label of the button for a new record; empty for none.")

    _esm = inline("ListSummary")
