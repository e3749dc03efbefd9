"""Fields edited in place: the Fields tab and the side panel."""

import param

from .base import Component
from .bundle import inline


class FieldEditor(Component):
    """Groups of fields that become inputs, and a bar that saves what was entered as one.

    What is entered stays in the browser until it is saved. Editors with the same `book` share it:
    a field entered in one is entered in the other, one bar counts and saves them all.

    Events
    ------
    ``{"type": "save", "values": {name: text or None}, "mine": [name]}``  `mine` wins a conflict
    ``{"type": "theirs", "field": name}``  what somebody else has saved is kept
    ``{"type": "begin"}``  the first field is opened: choices and users are needed
    ``{"type": "undo"}``  the last save is taken back
    ``{"type": "drafts", "fields": [name]}``  for which fields something is entered now
    """

    events = ("save", "theirs", "undo", "drafts", "begin")

    panels = param.List(
        item_type=dict,
        doc="""
        As those of `FieldPanels`; a field that can be edited also has ``name``, ``input`` (how it
        is entered), ``value`` (text) and ``mandatory``; ``history`` leads to its changes.""",
    )

    layout = param.Selector(
        default="grid",
        objects=["grid", "side"],
        doc='"grid": as many columns of cards as fit. "side": one compact column that folds away.',
    )

    label = param.String(doc="The heading that folds a side panel.")

    book = param.String(default="alone", doc="Names what is entered; see above.")

    choices = param.Dict(default={}, doc="Values offered for a field, by its name.")

    users = param.List(item_type=dict, doc='``{"value", "label"}`` of each user.')

    home = param.String(doc="Address of the record; links below it do not leave what is entered.")

    outcome = param.Dict(
        default={},
        doc="""
        What came of the last event: ``{"number", "kind", "message", "problems": {name: text},
        "conflicts": {name: text}, "undo": bool}``; a new number is a new outcome.""",
    )

    _esm = inline("FieldEditor")
