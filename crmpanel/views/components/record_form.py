"""A window in which new records are entered."""

import param

from .base import Component
from .bundle import inline


class RecordForm(Component):
    """Sections of fields in a window; a button, if it has a label, asks for it to be opened.

    Keyboard: Enter saves (Ctrl+Enter in a text of several lines), Escape closes, and asks first if
    anything was entered; "n" presses the button.

    Events
    ------
    ``{"type": "open"}``  the button
    ``{"type": "find", "section", "field", "key", "text", "values": {field: text}}``  records that
    a reference can lead to; answered by `found`
    ``{"type": "look", "section", "number", "values"}``  records that look the same; `alike`
    ``{"type": "try", "section", "number", "values"}``  what an address gives; answered by `trial`
    ``{"type": "save", "token", "values": {section: {field: text or None}}, "again": bool}``
    ``{"type": "close"}``  the window was closed
    """

    events = ("open", "find", "look", "try", "save", "close")

    form = param.Dict(
        default={"number": 0, "sections": []},
        doc="""
        ``{"number", "token", "title", "save", "again": bool, "sections": [{"name", "title",
        "note", "owner", "watched": [name], "fields": [{"name", "label", "input", "value",
        "mandatory", "first": bool, "whole": bool, "owned": bool, "offered": [text]}]}]}``; a new
        number opens the window. `owner` is the field of the organisation that `owned` references
        are found in; `watched` fields are looked at for records that look the same. A section
        with ``tried``, ``{"field", "watched": [name]}``, has an address that is tried
        out as it is entered.""",
    )

    users = param.List(item_type=dict, doc='``{"value", "label"}`` of each user.')

    found = param.Dict(
        default={},
        doc="""
        ``{"key", "text", "results": [{"id", "title", "subtitle"}], "hint"}``, as asked for.""",
    )

    alike = param.Dict(
        default={"number": 0, "section": "", "records": []},
        doc="""
        ``{"number", "section", "records": [{"title", "href", "reasons", "exact": bool}]}``.""",
    )

    trial = param.Dict(
        default={"number": 0, "section": ""},
        doc="""
        ``{"number", "section", "label", "text", "href", "problem", "inserts": [{"text", "label",
        "value"}]}``: what the address gives for which record, and what can be put into it.""",
    )

    outcome = param.Dict(
        default={"number": 0},
        doc="""
        What came of a save: ``{"number", "kind", "message", "problems": {section: {field: text}},
        "href"}``; once created, the window closes and the page goes to `href`, if there is one.""",
    )

    button = param.String(doc="Label of the button that opens the window; empty for none.")

    _esm = inline("RecordForm")
