"""What an import would do, before anything is written."""

import param

from .base import Component
from .bundle import inline


class ImportPreview(Component):
    """Counts, warnings, differences and conflicts of an import, and what becomes of them.

    Events
    ------
    ``{"type": "sample", "entity": str}``  show the first records of an entity
    ``{"type": "policy" | "vanished", "value": str}``
    ``{"type": "decide", "number": int, "value": str}``  one conflict
    ``{"type": "sure", "value": bool}``  although so much has vanished
    """

    events = ("sample", "policy", "vanished", "decide", "sure")

    shown = param.Dict(
        default={},
        doc="""
        ``{"title", "text", "stale", "hints", "counts", "doubts", "sure", "fate", "fates",
        "gone", "conflicts", "conflict_text", "policy", "policies", "changes", "rejects",
        "reject_text", "entity"}``, see `crmpanel.views.import_words`; empty before a preview.
        """,
    )

    busy = param.Boolean(doc="Whether nothing can be chosen just now.")

    _esm = inline("ImportPreview")
