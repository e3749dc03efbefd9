"""The Import page: bring an export, see what it is, correct it, look what would change, load it."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Any

import panel as pn
from panel.viewable import Viewer

from crmpanel.controllers.importing.session import Importing
from crmpanel.controllers.importing.uploads import PIECE
from crmpanel.controllers.importing.working import Cancelled
from crmpanel.errors import CrmError
from crmpanel.locale import _
from crmpanel.views.cells import Display
from crmpanel.views.components import (
    CardHeader,
    ImportBar,
    ImportMapping,
    ImportPreview,
    ImportReport,
    ImportSource,
    PageMessage,
    RecordTable,
)
from crmpanel.views.import_counts import Counts
from crmpanel.views.import_runs import ImportRuns
from crmpanel.views.import_sample import sample_table
from crmpanel.views.import_steps import brought_words, next_words, progress_words
from crmpanel.views.import_words import Words
from crmpanel.views.upload_route import UPLOAD

log = logging.getLogger(__name__)

#: The page's name in addresses, where others have the plural of an entity.
IMPORT = "import"
#: Seconds between two looks at how far something is, and rows that are previewed without asking.
PAUSE, AT_ONCE = 0.2, 200_000
#: Bytes of a piece that comes through the websocket.
SMALL_PIECE = 256 * 1024
# Imports are long: they must not take the threads that pages are read with.
_workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="crmpanel-import")


class ImportPage(Viewer):
    """Steps of an import below each other; what was entered stays while one looks elsewhere.

    Parameters
    ----------
    display : how values are shown.
    """

    def __init__(self, display: Display, **params: Any) -> None:
        super().__init__(**params)
        self.display, self.importing = display, Importing(display.desk)
        self.title = _("Import")
        self.head = CardHeader(title=self.title, avatar=False, margin=(0, 0, 12, 0))
        self.head.subtitle = _("Bring what you have: from another CRM, an ERP, or a spreadsheet.")
        megabytes = self.importing.uploads.limit // 2**20
        limit = _("Up to {n} MB. Larger ones with the command crmpanel import.", n=megabytes)
        self.source, self.mapping = ImportSource(limit=limit), ImportMapping()
        self.preview, self.report, self.bar = ImportPreview(), ImportReport(), ImportBar()
        self.table = RecordTable(visible=False)
        self.message, self.runs = PageMessage(), ImportRuns(display)
        self._number, self._entity, self._undone = 0, "", False
        self._parts = (self.source, self.mapping, self.preview, self.report, self.bar)
        for part in self._parts:
            part.on_event(self._handle)
        self.message.on_event(self._dismiss)

    def __panel__(self) -> pn.Column:
        return pn.Column(
            self.source,
            self.message,
            self.mapping,
            self.preview,
            self.table,
            self.report,
            self.bar,
            self.runs,
            margin=0,
            sizing_mode="stretch_width",
        )

    def close(self) -> None:
        """Give up what is open; files are removed."""
        self.importing.cancel()
        _workers.submit(self.importing.close)

    # -- events --------------------------------------------------------------------------------

    async def _handle(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        act = {"act": str(event.get("name"))}.get(kind, kind)
        do = getattr(self, f"_on_{act}", None) if act.isidentifier() else None
        try:
            if do is not None:
                await do(event)
        except Cancelled as error:
            self._say(str(error), "info")
        except CrmError as error:
            log.info("refused: %s", error)
            self._fail(error)
            await self._show()
        except Exception:
            log.exception("importing")
            said = _("Something went wrong."), _("The server's log has the details.")
            self._say(" ".join(said), "danger")
            await self._show()

    def _dismiss(self, event: dict[str, Any]) -> None:
        if event["type"] == "dismiss":
            self.message.items = []

    def _fail(self, error: CrmError) -> None:
        text = f"{error.why} {error.remedy}".strip()
        self._say(text, "danger", error.what or str(error))

    def _say(self, text: str, tone: str, title: str = "") -> None:
        self.message.items = [{"tone": tone, "title": title or text, "text": text if title else ""}]

    async def _run(self, work: Callable[..., Any], *args: Any) -> Any:
        # The language of messages belongs to the context.
        run = copy_context().run
        return await asyncio.get_running_loop().run_in_executor(_workers, run, work, *args)

    # -- bringing ------------------------------------------------------------------------------

    async def _on_begin(self, event: dict[str, Any]) -> None:
        self.message.items = []
        await self._run(self.importing.uploads.begin, event.get("files"))
        self._number += 1
        links, token = self.display.links, self.importing.uploads.token
        routed = links is not None and not links.in_query
        address = f"{links.prefix}{UPLOAD}/{token}" if routed and links else ""
        piece = PIECE if routed else SMALL_PIECE
        self.source.target = {"number": self._number, "address": address, "piece": piece}

    async def _on_piece(self, event: dict[str, Any]) -> None:
        file, offset, data = (event.get(key) for key in ("file", "offset", "data"))
        whole = all(isinstance(n, int) and not isinstance(n, bool) for n in (file, offset))
        if not whole or not isinstance(data, str) or len(data) > 2 * SMALL_PIECE:
            return
        try:
            content = base64.b64decode(data, validate=True)
            received = await self._run(self.importing.uploads.write, file, offset, content)
        except (CrmError, binascii.Error) as error:
            self.source.arrived = {"file": file, "received": -1, "error": str(error)}
        else:
            self.source.arrived = {"file": file, "received": received, "error": ""}

    async def _on_failed(self, event: dict[str, Any]) -> None:
        await self._run(self.importing.uploads.close)
        if event.get("cancelled") is not True:
            reason = str(event.get("reason") or "")[:300]
            self._say(reason, "danger", _("The upload was broken off"))

    async def _on_uploaded(self, event: dict[str, Any]) -> None:
        if event.get("number") != self._number:
            return
        await self._long(self.importing.read)
        self._undone, self._entity = False, ""
        await self._show()
        if self.importing.mapping.sources and self.importing.rows <= AT_ONCE:
            await self._on_look({})

    async def _on_again(self, event: dict[str, Any]) -> None:
        self.message.items = []
        await self._run(self.importing.close)
        await self._show()

    # -- correcting ----------------------------------------------------------------------------

    async def _correct(self, work: Callable[..., Any], *args: Any) -> None:
        self.message.items = []
        await self._run(work, *args)
        await self._show()

    async def _on_entity(self, event: dict[str, Any]) -> None:
        asked = (event.get(key) for key in ("table", "source", "value"))
        await self._correct(self.importing.set_entity, *asked)

    async def _on_column(self, event: dict[str, Any]) -> None:
        asked = (event.get(key) for key in ("source", "column", "value"))
        await self._correct(self.importing.set_column, *asked)

    async def _on_format(self, event: dict[str, Any]) -> None:
        asked = (event.get(key) for key in ("source", "column", "value"))
        await self._correct(self.importing.set_format, *asked)

    async def _on_by(self, event: dict[str, Any]) -> None:
        asked = (event.get(key) for key in ("source", "field", "value"))
        await self._correct(self.importing.set_by, *asked)

    async def _on_role(self, event: dict[str, Any]) -> None:
        asked = (event.get(key) for key in ("entity", "status", "value"))
        await self._correct(self.importing.set_role, *asked)

    async def _on_answer(self, event: dict[str, Any]) -> None:
        await self._correct(self.importing.answer, event.get("number"), event.get("value"))

    async def _on_name(self, event: dict[str, Any]) -> None:
        await self._correct(self.importing.rename, event.get("value"))

    async def _on_bring(self, event: dict[str, Any]) -> None:
        await self._correct(self.importing.bring, event.get("text"))
        self._say(_("The mapping file is used now."), "success")

    async def _on_toml(self, event: dict[str, Any]) -> None:
        text = await self._run(self.importing.toml)
        name = f"{self.importing.mapping.name}.toml"
        self.mapping.file = self._file(name, text)

    def _file(self, name: str, text: str) -> dict[str, Any]:
        self._number += 1
        return {"number": self._number, "name": name, "text": text}

    # -- looking and loading -------------------------------------------------------------------

    async def _on_look(self, event: dict[str, Any]) -> None:
        self.message.items = []
        await self._long(self.importing.look)
        samples = self.importing.preview.samples if self.importing.preview else {}
        if self._entity not in samples:
            first = next((name for name in samples if name != "user"), "")
            self._entity = first or next(iter(samples), "")
        await self._show()

    async def _on_sample(self, event: dict[str, Any]) -> None:
        self._entity = str(event.get("entity"))
        await self._show()

    async def _on_policy(self, event: dict[str, Any]) -> None:
        await self._choose(policy=event.get("value"))

    async def _on_vanished(self, event: dict[str, Any]) -> None:
        await self._choose(vanished=event.get("value"))

    async def _on_sure(self, event: dict[str, Any]) -> None:
        await self._choose(sure=event.get("value"))

    async def _choose(self, **choices: Any) -> None:
        self.importing.choose(**choices)
        await self._look_again()

    async def _on_decide(self, event: dict[str, Any]) -> None:
        self.importing.decide(event.get("number"), event.get("value"))
        await self._look_again()

    async def _look_again(self) -> None:
        """Count anew after a choice, where that does not take long; else it is asked for."""
        if self.importing.is_stale and self.importing.rows <= AT_ONCE:
            await self._long(self.importing.look)
        await self._show()

    async def _on_load(self, event: dict[str, Any]) -> None:
        self.message.items = []
        await self._long(self.importing.load)
        self._undone = False
        await self._show()

    async def _on_cancel(self, event: dict[str, Any]) -> None:
        self.importing.cancel()

    async def _on_rejects(self, event: dict[str, Any]) -> None:
        text = await self._run(self.importing.rejects)
        name = f"{self.importing.mapping.name} rejects.csv"
        self.report.file = self._file(name, "\ufeff" + text)

    async def _on_undo(self, event: dict[str, Any]) -> None:
        report, desk = self.importing.report, self.display.desk
        if report is None or report.changeset is None or self._undone:
            return
        await self._run(desk.database.undo, report.changeset, desk.viewer_id)
        self._undone = True
        await self._show()

    async def _long(self, work: Callable[[], None]) -> None:
        """Do something that takes time, and tell how far it is."""
        self._busy(True)
        telling = asyncio.ensure_future(self._tell())
        try:
            await self._run(work)
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling
            self._busy(False)

    def _busy(self, on: bool) -> None:
        with pn.io.hold():
            for part in (self.source, self.mapping, self.preview, self.report):
                part.busy = on
            if not on:
                self.bar.work = {}

    async def _tell(self) -> None:
        while True:
            if (work := self.importing.work) is not None:
                self.bar.work = progress_words(work, self.display.formats)
            await asyncio.sleep(PAUSE)

    # -- showing -------------------------------------------------------------------------------

    async def _show(self) -> None:
        understood, preview, report = await self._run(self._shown)
        with pn.io.hold():
            self.source.brought = brought_words(self.importing, self.display.formats)
            self.mapping.shown, self.preview.shown = understood, preview
            self.report.shown = report
            self.runs.offer(self.importing.opened is None)
            self._show_sample()
            self._show_bar()

    def _shown(self) -> tuple[dict[str, Any], ...]:
        importing, counts = self.importing, Counts(self.importing, self.display)
        if importing.report is not None:
            return {}, {}, counts.report(self._undone)
        return Words(importing, self.display).shown(), counts.preview(self._entity), {}

    def _show_sample(self) -> None:
        seen = self.importing.preview
        sample = seen.samples.get(self._entity) if seen and not self.importing.report else None
        self.table.visible = sample is not None
        if sample is not None:
            columns, rows = sample_table(sample, self.display)
            self.table.param.update(columns=columns, rows=rows, label=self.title)

    def _show_bar(self) -> None:
        importing = self.importing
        text, actions = "", []
        if importing.report is None and importing.opened is not None:
            text, actions = next_words(importing, self.display.formats)
        self.bar.param.update(text=text, actions=actions)
