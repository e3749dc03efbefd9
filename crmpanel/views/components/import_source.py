"""Where somebody's export is brought: a drop zone, and the upload."""

import param

from .base import Component
from .bundle import inline


class ImportSource(Component):
    """A place to drop files and folders on, or to choose them; it uploads them in pieces.

    Events
    ------
    ``{"type": "begin", "files": [{"name", "size"}]}``  asks for `target`
    ``{"type": "piece", "file": int, "offset": int, "data": base64}``  where there is no address
    ``{"type": "uploaded", "number": int}``  all pieces of the target have arrived
    ``{"type": "failed"}``  the upload was broken off
    ``{"type": "again"}``  another export, please
    """

    events = ("begin", "piece", "uploaded", "failed", "again")

    target = param.Dict(
        default={},
        doc="""
        ``{"number", "address", "piece"}``: where the pieces go and how large they are; a new
        number starts the upload. Without address they go as events.""",
    )

    arrived = param.Dict(default={}, doc='``{"file", "received"}``: of a piece sent as an event.')

    brought = param.Dict(default={}, doc='``{"title", "text"}``: what has been read, if anything.')

    busy = param.Boolean(doc="Whether nothing can be brought just now.")

    limit = param.String(doc="The limit of size, in words.")

    _esm = inline("ImportSource")
