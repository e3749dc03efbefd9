"""The table behind every list tab and every list of the Details tab."""

import param

from .base import Component
from .bundle import inline


class RecordTable(Component):
    """A server-side paged table; below 640 px of its own width each row becomes a small card.

    Keyboard: Up/Down move between the rows' links, Home/End go to the first and last, Enter opens;
    Left/Right move between the cells of a row, F2 (or Enter on a cell) edits it; Space ticks a row,
    with Shift all from the one ticked before; Shift with a click (or Enter) on a heading adds a
    sort key. A row opens with one click; two edit the cell.

    Events
    ------
    ``{"type": "sort", "column": name, "additive": bool}``
    ``{"type": "open", "id": row id, "column": name}``  where ``"open": True`` and no href
    ``{"type": "action"}``  the button of the empty state
    ``{"type": "act", "id": row id, "name": str}``  the button of a cell
    ``{"type": "act", "group": key, "name": str}``  the button of a heading over rows
    ``{"type": "tick", "ids": [row id], "on": bool, "seq": int}``
    ``{"type": "all" | "clear" | "mass", "seq": int}``  the buttons of the bar: tick all that match,
    untick all, edit the ticked rows
    ``{"type": "edit", "id": row id, "column": name}``  asks for `editing`
    ``{"type": "save", "id", "column", "value": text or None, "mine": bool}``  `mine` wins against
    what somebody else has saved
    ``{"type": "theirs", "id", "column"}``  what somebody else has saved is kept
    """

    events = (
        *("sort", "open", "action", "act"),
        *("tick", "all", "clear", "mass", "edit", "save", "theirs"),
    )

    columns = param.List(
        item_type=dict,
        doc="""
        ``{"name", "label", "align": "start"|"end", "sortable": bool, "sort": "asc"|"desc"|None,
        "order": int?, "kind": str, "primary": bool, "input": str?}``; `order` is the place in a
        sorting of several keys, shown when there are several; `input` how cells are edited.""",
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
        default={},
        doc="""
        ``{"title", "text", "action", "link": {"text", "href"}?}`` shown when there are no rows;
        `link` stands beside the button.""",
    )

    label = param.String(doc="What the table lists, for assistive technology.")

    dense = param.Boolean(doc="Lower rows.")

    tickable = param.Boolean(doc="Whether rows have tick boxes.")

    ticks = param.Dict(
        default={},
        doc="""
        ``{"seq": int, "on": [ids of ticked rows on this page], "number": str, "more": str,
        "message": str}``: `number` in all, `more` how many match if all of them can be ticked;
        `seq` is that of the last event.""",
    )

    editing = param.Dict(
        default={},
        doc="""
        ``{"number", "id", "fields": {column: {"name", "label", "input", "value", "mandatory",
        "text"}}}``: the row whose cells are edited; a new number is a new answer.""",
    )

    outcome = param.Dict(
        default={},
        doc="""
        What came of the last save: ``{"number", "id", "column", "kind", "message",
        "conflict"}``.""",
    )

    choices = param.Dict(default={}, doc="Values offered for a column, by its name.")

    users = param.List(item_type=dict, doc='``{"value", "label"}`` of each user.')

    _esm = inline("RecordTable")
