"""Label and value pairs in titled groups: the side panel and the Fields tab."""

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

    collapsible = param.Boolean(
        doc="Whether a heading folds the panels away; the browser remembers it."
    )

    label = param.String(doc="The heading of collapsible panels.")

    _esm = inline("FieldPanels")
