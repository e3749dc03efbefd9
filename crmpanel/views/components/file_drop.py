"""A file that is dropped on the page, or chosen, sent in pieces, and what is understood of it."""

import param

from .base import Component
from .bundle import inline


class FileDrop(Component):
    """The whole page takes a file; a window shows what will become of it.

    Events
    ------
    ``{"type": "begin", "name": str, "size": int}``  a file is to be sent
    ``{"type": "piece", "upload": int, "at": int, "data": base64}``  the bytes from a place on
    ``{"type": "choose", "number": int, "match": str}``  another way to find organisations
    ``{"type": "load", "number": int}``  it is to become a list
    ``{"type": "close"}``  the window was closed
    """

    events = ("begin", "piece", "choose", "load", "close")

    enabled = param.Boolean(doc="Whether a file that is dragged over the page is taken.")

    asked = param.Integer(doc="Another number opens the window in which a file is chosen.")

    upload = param.Dict(
        default={"number": 0, "at": 0},
        doc='``{"number", "at"}``: the upload that goes on, and from where the next piece is due.',
    )

    piece = param.Integer(500_000, doc="Bytes of a piece.")

    proposal = param.Dict(
        default={"number": 0},
        doc="""
        What is understood: ``{"number", "title", "lead", "action", "matches": [{"name", "label"}],
        "chosen", "matched": {"share", "text"}, "unmatched": {"label", "items": [[text, rows]]},
        "columns": [{"label", "kind"}], "rows": [[text]], "notes": [text]}``; no title: closed.""",
    )

    said = param.Dict(default={}, doc='``{"number", "message", "tone"}`` is said in the window.')

    busy = param.String(doc="What is being done, in words; blank if nothing is.")

    _esm = inline("FileDrop")
