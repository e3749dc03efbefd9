"""The table behind every list tab and every list of the Details tab."""

import param

from .base import Component
from .bundle import inline


class RecordTable(Component):
    """A server-side paged table; below 640 px of its own width each row becomes a small card.

    Keyboard: Up/Down move between the rows' links, Home/End go to the first and last, Enter opens;
    Shift with a click (or Enter) on a heading adds a sort key.

    Events
    ------
    ``{"type": "sort", "column": name, "additive": bool}``
    ``{"type": "open", "id": row id, "column": name}``  where ``"open": True`` and no href
    ``{"type": "action"}``  the button of the empty state
    ``{"type": "act", "id": row id, "name": str}``  the button of a cell
    ``{"type": "act", "group": key, "name": str}``  the button of a heading over rows
    """

    events = ("sort", "open", "action", "act")

    columns = param.List(
        item_type=dict,
        doc="""
        ``{"name", "label", "align": "start"|"end", "sortable": bool, "sort": "asc"|"desc"|None,
        "order": int?, "kind": str, "primary": bool}``; `order` is the place in a sorting of several
        keys, shown when there are several.""",
    )

    rows = param.List(
        item_type=dict,
        doc="""
        ``{"id", "href": str|None, "open": bool?, "cells": [...], "muted": bool}``. A cell is a str
        or ``{"text", "href"?, "external"?, "open"?, "tone"?, "title"?, "note"?}``; with a tone it
        is a chip (dates and numbers: coloured text); `note` is a secondary grey text after it;
        ``"act": {"name", "label", "icon"}`` is a button. Rows that follow each other and have a
        ``"group": {"key", "text", "note"?, "folded"?, "act"?: {"name", "label"}}`` with the same
        key stand under one heading.""",
    )

    busy = param.Boolean(
        doc="Shows skeleton rows when there are no rows yet, else a thin bar after 150 ms."
    )

    empty = param.Dict(
        default={}, doc='``{"title", "text", "action"}`` shown when there are no rows.'
    )

    label = param.String(doc="What the table lists, for assistive technology.")

    dense = param.Boolean(doc="Lower rows.")

    _esm = inline("RecordTable")
