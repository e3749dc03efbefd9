"""The organisation search of the app bar."""

import param

from .base import Component
from .bundle import inline


class SearchBox(Component):
    """A type-ahead; answer a query by one ``param.update`` of `results`, `results_for`, `heading`.

    Keyboard: "/" or Ctrl+K focuses, Up/Down choose, Enter opens, Ctrl+Enter opens a new tab,
    Esc clears, then closes.

    Events
    ------
    ``{"type": "query", "text": str}``  120 ms after typing; at once on focus, where an empty text
    asks for recently viewed ones
    ``{"type": "choose", "id": result id}``  in addition to following the result's href
    """

    events = ("query", "choose")

    results = param.List(
        item_type=dict,
        doc="""
        ``{"id", "href", "title", "subtitle", "match": {"label", "text"}|None}``;
        `match` tells which other field matched.""",
    )

    results_for = param.String(
        doc="""
        The text these results answer; others are dimmed until the right ones come."""
    )

    heading = param.String(doc='"Recently viewed", "Organisations".')

    elsewhere = param.Dict(
        default={},
        doc="""``{"id": None, "href", "title"}``: the last choice, another search.""",
    )

    hint = param.String(default="No organisation matches", doc="Shown when a text has no results.")

    placeholder = param.String(default="Search organisations")

    _esm = inline("SearchBox")
