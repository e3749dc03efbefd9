"""Label and value pairs in titled groups, to be read."""

import param

from .base import Component
from .bundle import inline


class FieldPanels(Component):
    """Read-only groups of fields: values wrap, blanks show a dash, some can be copied."""

    panels = param.List(
        item_type=dict,
        doc="""
        ``{"title", "note"?, "fields": [{"label", "text", "href"?, "external"?, "tone"?, "note"?,
        "title"?, "copy"?}]}``""",
    )

    layout = param.Selector(
        default="side",
        objects=["side", "grid", "wide"],
        doc="""
        "side": one compact column. "grid": as many columns of cards as fit. "wide": whole width,
        fields in columns.""",
    )

    _esm = inline("FieldPanels")
