"""Serving: one application per visitor, at addresses that name what is shown."""

from __future__ import annotations

import functools
import json
import logging
import socket
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import panel as pn
from tornado.websocket import WebSocketClosedError

from crmpanel.controllers.links import Links
from crmpanel.delivery.wire import listening
from crmpanel.errors import CrmError, StoreError
from crmpanel.locale import _, messages
from crmpanel.locale.formats import DEFAULT, Formats, negotiate
from crmpanel.views.app import BRAND, App
from crmpanel.views.components import CardHeader
from crmpanel.views.importing import IMPORT
from crmpanel.views.theme import page_template
from crmpanel.views.upload_route import ROUTE, UploadHandler

if TYPE_CHECKING:
    from crmpanel.workspace import Workspace

ROUTES = ("/", "/report/{entity}", "/{entity}", "/{entity}/{id}")


def page(workspace: Workspace, in_query: bool = False) -> pn.Template:
    """The page of the present request."""
    request = (
        pn.state.curdoc.session_context.request
        if pn.state.curdoc and pn.state.curdoc.session_context
        else None
    )
    path, query, language = _request(request)
    if request is not None and dict(request.cookies).get("crm-theme") == "dark":
        # Else widgets would be drawn light and turn dark a moment later.
        pn.config.theme = "dark"  # type: ignore[misc]
    formats = Formats(negotiate(language)) if language else workspace.formats
    links = Links(prefix=path if in_query else "", in_query=in_query)
    try:
        display = workspace.display(links, formats, _chosen_user(request))
        app = App(display, f"{path}?{query}" if query else path)
    except CrmError as error:  # a live source that is not there any more
        return explain(error)
    pn.state.on_session_destroyed(lambda _context: app.close())
    template = _template(app.router.title, formats.tag, links.list("organisations"))
    if not display.desk.is_read_only:
        template.add_variable("import_page", links.list(IMPORT))
    for name, root in app.roots.items():
        template.add_panel(name, root)
    return template


class PageTemplate(pn.Template):
    """Panel writes the representation of a page into its log at every step; ours is short."""

    def __repr__(self) -> str:
        return "page"


@functools.cache
def _compiled() -> Any:
    """The page's template, parsed once for all visitors."""
    return pn.Template(page_template()).template


def _template(title: str, language: str, home: str) -> pn.Template:
    template = PageTemplate(_compiled())
    words = json.dumps(messages(language)).replace("<", "\\u003c")
    variables = {
        "lang": language,
        "title": title,
        "brand": BRAND,
        "home": home,
        "words": words,
        "say": _,
    }
    for name, value in variables.items():
        template.add_variable(name, value)
    return template


def _chosen_user(request: Any) -> int | None:
    """The user that a visitor has chosen to work as; there is no signing in yet."""
    chosen = "" if request is None else str(dict(request.cookies).get("crm-user") or "")
    return int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else None


def _request(request: Any) -> tuple[str, str, str | None]:
    if request is None:
        return "/", "", None
    headers = {key.lower(): value for key, value in dict(request.headers).items()}
    language = headers.get("accept-language")
    query = getattr(request, "query", "") or ""
    return request.path, query if isinstance(query, str) else query.decode(), language


def servable(workspace: Workspace) -> Any:
    """Mark the page of this request as what ``panel serve`` shows.

    Raises
    ------
    StoreError : it is a workspace of the past.
    """
    _refuse_past(workspace)
    _tune()
    return page(workspace, in_query=True).servable()


def explain(error: CrmError) -> pn.Template:
    """A page that says why the application cannot start."""
    template = _template(error.what or str(error), DEFAULT, "")
    head = CardHeader(
        avatar=False, title=error.what or str(error), subtitle=f"{error.why} {error.remedy}".strip()
    )
    template.add_panel("main", pn.Column(head, sizing_mode="stretch_width"))
    return template


def serve(workspace: Workspace, port: int, address: str, open_browser: bool) -> None:
    """Serve until interrupted.

    Raises
    ------
    CrmError : the port is taken.
    StoreError : it is a workspace of the past.
    """
    _refuse_past(workspace)
    _refuse_taken(address, port)
    _tune()
    with nullcontext() if workspace.desk.is_live else listening(workspace.database):
        pn.serve(
            {route: lambda: page(workspace) for route in ROUTES},
            port=port,
            address=address,
            websocket_origin=_origins(address, port),
            show=open_browser,
            title=BRAND,
            threaded=False,
            extra_patterns=[(ROUTE, UploadHandler)],
            verbose=False,
        )


def _tune() -> None:
    """Panel waits 50 ms before it handles a change, to merge several; our events are single."""
    from panel.reactive import Syncable

    Syncable._debounce = 0
    for name in ("asyncio", "bokeh.server.views.ws", "tornado.application"):
        logging.getLogger(name).addFilter(_is_trouble)


def _is_trouble(record: logging.LogRecord) -> bool:
    """Whether a log record is worth telling: a visitor who leaves while we still send is not."""
    error = record.exc_info[1] if record.exc_info else None
    left = "Failed sending message as connection was closed" in record.getMessage()
    return not (left or isinstance(error, WebSocketClosedError))


def _origins(address: str, port: int) -> list[str]:
    names = {address, "localhost", "127.0.0.1"} - {"0.0.0.0"}
    return [f"{name}:{port}" for name in sorted(names)]


def _refuse_past(workspace: Workspace) -> None:
    """Half of the application is about what is new: favourites, notifications, what is entered."""
    if workspace.database.moment is not None:
        remedy = _("Serve the present one: each of its cards has a clock that leads to its past.")
        raise StoreError(_("A workspace of the past cannot be served."), "", remedy)


def _refuse_taken(address: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise CrmError(
                f"Port {port} cannot be used.", str(error.strerror), "Choose another with --port."
            ) from None
