"""The route by which a browser brings the pieces of files, beside the pages."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from tornado.web import RequestHandler

from crmpanel.controllers.importing.uploads import PIECE, uploads_of
from crmpanel.errors import CrmError

#: Where pieces go: the token of the uploads, and the number of the file.
UPLOAD = "/import/upload"
ROUTE = rf"{UPLOAD}/([\w-]{{20,60}})/(\d{{1,4}})"
log = logging.getLogger(__name__)


class UploadHandler(RequestHandler):
    """Takes one piece of one file from who knows the token of its upload."""

    def check_origin(self) -> bool:
        """Whether a page of this server sends it, as far as the browser tells."""
        return self.request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")

    async def put(self, token: str, number: str) -> None:
        """Add a piece."""
        uploads = uploads_of(token)
        if uploads is None or not self.check_origin():
            return self._refuse(404, "There is no such upload.")
        if len(self.request.body) > PIECE:
            return self._refuse(413, "The piece is too large.")
        offset = self.get_query_argument("offset", "")
        if not (offset.isascii() and offset.isdigit() and len(offset) < 16):
            return self._refuse(400, "The piece has no place.")
        try:
            body = self.request.body
            received = await asyncio.to_thread(uploads.write, int(number), int(offset), body)
        except CrmError as error:
            self._refuse(409, str(error))
        except OSError as error:
            log.warning("An upload could not be kept: %s", error)
            self._refuse(507, "There is no room for the files on the server.")
        else:
            self._answer({"received": received})

    def _refuse(self, status: int, why: str) -> None:
        self.set_status(status)
        self._answer({"error": why})

    def _answer(self, content: dict[str, Any]) -> None:
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self.finish(content)
