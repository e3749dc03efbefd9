"""What was understood of an export, and can be corrected."""

import param

from .base import Component
from .bundle import inline


class ImportMapping(Component):
    """The tables of an export and what their columns become, a select for each.

    Events
    ------
    ``{"type": "entity", "table": str, "source": int | None, "value": str}``  "" leaves it out
    ``{"type": "column", "source": int, "column": str, "value": str}``
    ``{"type": "format", "source": int, "column": str, "value": str}``
    ``{"type": "by", "source": int, "field": str, "value": str}``  how a link finds its record
    ``{"type": "role", "entity": str, "status": str, "value": str}``
    ``{"type": "answer", "number": int, "value": str}``
    ``{"type": "name", "value": str}``  under which the source is known
    ``{"type": "toml"}``  asks for `file`
    ``{"type": "bring", "text": str}``  a mapping as TOML
    """

    events = ("entity", "column", "format", "by", "role", "answer", "name", "toml", "bring")

    shown = param.Dict(
        default={},
        doc="""
        ``{"title", "how", "name", "summary", "questions", "tables", "entities", "fields",
        "statuses", "roles"}``, see `crmpanel.views.import_words`; empty before anything is read.
        """,
    )

    file = param.Dict(default={}, doc='``{"number", "name", "text"}``: a file to save.')

    busy = param.Boolean(doc="Whether nothing can be changed just now.")

    _esm = inline("ImportMapping")
