"""A window that asks: what is to happen, what comes along, which of two values is kept."""

import param

from .base import Component
from .bundle import inline


class AskDialog(Component):
    """A window made from data: texts, ticks, two records side by side, a search for a record.

    Events
    ------
    ``{"type": "answer", "number": int, "name": str, "values": {part: value}}``  a button
    ``{"type": "find", "number": int, "text": str}``  something was typed into a search
    ``{"type": "pick", "number": int, "id": row id}``  a found record was chosen
    ``{"type": "close", "number": int}``  it was closed without an answer
    """

    events = ("answer", "find", "pick", "close")

    question = param.Dict(
        default={"number": 0},
        doc="""
        ``{"number", "title", "wide", "parts": [...], "buttons": [{"name", "label", "kind"}]}``; a
        new number opens the window, no title closes it. A part is
        ``{"type": "text", "text", "tone"?}``,
        ``{"type": "input", "name", "label", "value", "longest"}``, a text whose Enter is the button
        ``do``,
        ``{"type": "ticks", "name", "label", "items": [{"value", "label", "note"?, "ticked"}]}``,
        ``{"type": "sides", "name", "heads": [left, right], "rows": [{"name", "label", "left",
        "right", "chosen": "left"|"right", "fixed": bool}]}`` or
        ``{"type": "find", "label", "placeholder"}``.""",
    )

    found = param.Dict(
        default={},
        doc='``{"text", "items": [{"id", "title", "subtitle"}], "hint"}`` answers a search.',
    )

    said = param.Dict(
        default={}, doc='``{"number", "message", "tone"}`` is said in the open window.'
    )

    busy = param.Boolean(doc="What was answered is being done.")

    _esm = inline("AskDialog")
