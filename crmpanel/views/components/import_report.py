"""What an import did."""

import param

from .base import Component
from .bundle import inline


class ImportReport(Component):
    """Counts of what was imported, where to look at it, what was rejected, and the way back.

    Events
    ------
    ``{"type": "undo"}``
    ``{"type": "rejects"}``  asks for `file`
    """

    events = ("undo", "rejects")

    shown = param.Dict(
        default={},
        doc="""
        ``{"title", "text", "tone", "counts", "links": [{"text", "href"}], "reject_text",
        "rejects", "undo": bool}``; empty before anything is imported.""",
    )

    file = param.Dict(default={}, doc='``{"number", "name", "text"}``: a file to save.')

    busy = param.Boolean(doc="Whether nothing can be done just now.")

    _esm = inline("ImportReport")
