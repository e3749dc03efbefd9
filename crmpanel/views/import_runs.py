"""The imports so far, below the start of the Import page: each can be undone."""

from __future__ import annotations

import logging
from typing import Any

import panel as pn
from panel.viewable import Viewer

from crmpanel.controllers.importing.runs import Done, last_imports
from crmpanel.errors import CrmError, UndoRefused
from crmpanel.locale import _
from crmpanel.model.changeset import Applied
from crmpanel.views.cells import Display
from crmpanel.views.components import RecordTable, SectionHead
from crmpanel.views.import_steps import changes_words
from crmpanel.views.loading import Prefetch, in_thread

log = logging.getLogger(__name__)


class ImportRuns(Viewer):
    """The last imports, the newest first; nothing where there are none.

    Parameters
    ----------
    display : how values are shown; tells the visitor what was done.
    """

    def __init__(self, display: Display, **params: Any) -> None:
        super().__init__(**params)
        self.display, self.desk = display, display.desk
        self._offered, self._refused = True, dict[int, str]()
        title = _("Imports so far")
        self.head = SectionHead(title=title, visible=False, margin=(20, 0, 0, 0))
        self.table = RecordTable(label=title, columns=self._columns(), visible=False)
        self.table.on_event(self._handle)

    def __panel__(self) -> pn.Column:
        return pn.Column(self.head, self.table, margin=0, sizing_mode="stretch_width")

    @staticmethod
    def _columns() -> list[dict[str, Any]]:
        labels = {
            "why": (_("What"), "text"),
            "at": (_("When"), "datetime"),
            "who": (_("Who"), "text"),
            "did": (_("What it did"), "text"),
            "undo": ("", "text"),
        }
        return [
            {"name": n, "label": label, "kind": kind, "align": "start", "primary": n == "why"}
            for n, (label, kind) in labels.items()
        ]

    def open(self) -> None:
        """The page is shown, for the first time or again."""
        self.display.live.watch(self._written)
        Prefetch(lambda: last_imports(self.desk)).deliver(self._show)

    def offer(self, on: bool) -> None:
        """Show them, or not while there is something else to do."""
        self._offered = on
        self._reveal()

    def _reveal(self) -> None:
        self.head.visible = self.table.visible = self._offered and bool(self.table.rows)

    def _show(self, found: list[Done]) -> None:
        with pn.io.hold():
            self.table.rows = [self._row(run) for run in found]
            self._reveal()

    def _row(self, run: Done) -> dict[str, Any]:
        formats, known_as = self.display.formats, run.source.removeprefix("file ")
        did = changes_words(run.changes, formats)
        cells: list[Any] = [
            {"text": run.why, "note": "" if known_as in run.why else known_as},
            formats.datetime(run.at),
            run.who or "",
            did,
            self._way_back(run),
        ]
        return {"id": run.number, "href": None, "muted": run.undone, "cells": cells}

    def _way_back(self, run: Done) -> Any:
        """The button, or why there is none."""
        if run.undone:
            return _("Undone")
        if run.number in self._refused:
            why = self._refused[run.number]
            return {"text": _("Cannot be undone: {why}", why=why), "title": why}
        label = _("Undo the import")
        return {"text": "", "act": {"name": "undo", "label": label, "icon": "undo", "text": label}}

    async def _handle(self, event: dict[str, Any]) -> None:
        listed = [row["id"] for row in self.table.rows]
        if event["type"] == "act" and event.get("name") == "undo" and event.get("id") in listed:
            await self._undo(int(event["id"]))

    async def _undo(self, number: int) -> None:
        notices = self.display.notices
        try:
            applied = await in_thread(self.desk.database.undo, number, self.desk.viewer_id)
        except UndoRefused as error:
            self._refused[number] = error.reasons[0]
            notices.tell(str(error), "warning")
        except CrmError as error:
            notices.tell(str(error), "warning")
        except Exception:
            log.exception("undoing changeset %s", number)
            notices.tell(_("Something went wrong."), "danger")
        else:
            notices.done(applied, _("The import was undone"))
        await self._read()

    async def _written(self, applied: Applied) -> None:
        if applied.events:
            await self._read()

    async def _read(self) -> None:
        self._show(await in_thread(last_imports, self.desk))
