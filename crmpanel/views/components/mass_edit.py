"""The window in which many records are edited at once."""

import param

from .base import Component
from .bundle import inline


class MassEdit(Component):
    """Which fields get which values, then what that would change, then doing it.

    Events
    ------
    ``{"type": "preview", "steps": [{"field": name, "way": "set"|"clear"|"shift", "value"}]}``
    ``{"type": "apply", "leave_out": bool}``  what was previewed; some may be left out
    ``{"type": "opened"}``  choices are needed
    ``{"type": "closed"}``
    """

    events = ("preview", "apply", "opened", "closed")

    opened = param.Dict(
        default={},
        doc='``{"number", "title"}``: a new number opens the window; empty when it is closed.',
    )

    fields = param.List(
        item_type=dict,
        doc='``{"name", "label", "input", "ways": [...]}`` of each field that is offered.',
    )

    choices = param.Dict(default={}, doc="Values offered for a field, by its name.")

    users = param.List(item_type=dict, doc='``{"value", "label"}`` of each user.')

    outcome = param.Dict(
        default={},
        doc="""
        What came of the last event: ``{"number", "kind", "message", "problems": {name: text},
        "preview": {"head", "notes": [text], "fields": [{"label", "head", "rows": [{"old", "new",
        "n"}], "more"}], "samples": {"head", "columns": [text], "rows": [{"title", "values": [[old,
        new] or None]}]}, "refused": {"head", "rows": [{"title", "why"}], "more", "leave"} or None,
        "apply": text or None, "doing": text}}``.""",
    )

    _esm = inline("MassEdit")
