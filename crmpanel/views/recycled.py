"""Deleted records, each of which can be restored with what went with it."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui
from panel.viewable import Viewer

from crmpanel.controllers.recycling import PAGE_SIZE, Recycled, restore
from crmpanel.errors import CrmError, Deleted
from crmpanel.locale import _
from crmpanel.model.changeset import Applied
from crmpanel.views.cells import Display
from crmpanel.views.components import CardHeader, RecordTable
from crmpanel.views.loading import Prefetch, in_thread
from crmpanel.views.notices import Action
from crmpanel.views.theme import PAGINATION

log = logging.getLogger(__name__)

Page = tuple[list[dict[str, Any]], int]


async def restore_record(display: Display, entity: str, id: int) -> None:
    """Bring a deleted record back, and say what came of it."""
    notices = display.notices
    try:
        applied = await in_thread(restore, display.desk, entity, id)
    except CrmError as error:
        notices.tell(str(error), "warning")
    except Exception:
        log.exception("restoring %s %s", entity, id)
        notices.tell(_("Something went wrong."), "danger")
    else:
        href = display.links.record(entity, id) if display.links else None
        notices.done(applied, _("Restored"), (Action(_("Open"), href),) if href else ())


def offer_return(
    head: CardHeader, display: Display, gone: Deleted, then: Callable[[], None]
) -> None:
    """Let the page that says that a record has been deleted bring it back.

    Parameters
    ----------
    then : called when that was tried.
    """

    async def act(event: dict[str, Any]) -> None:
        if event == {"type": "action", "name": "restore"}:
            await restore_record(display, gone.entity, gone.id)
            then()

    head.buttons = [{"name": "restore", "label": _("Restore"), "primary": True}]
    head.on_event(act)


class RecycledView(Viewer):
    """The deleted records of a database, latest first.

    Parameters
    ----------
    display : how values are shown.
    organisation : only records of the organisation with this id.
    """

    def __init__(self, display: Display, organisation: int | None = None, **params: Any) -> None:
        super().__init__(**params)
        self.display, self.recycled = display, Recycled(display.desk, None, organisation)
        self._shown: dict[str, tuple[str, int]] = {}
        self._page = 1

    def __panel__(self) -> pn.Column:
        self._table = RecordTable(label=_("Deleted records"), busy=True, columns=self._columns())
        self._table.on_event(self._handle)
        self._pages = pmui.Pagination(count=1, value=0, visible=False, **PAGINATION)
        self._pages.param.watch(self._turn, "value")
        Prefetch(lambda: self._read(1)).deliver(self._show)
        self.display.live.watch(self._written)
        return pn.Column(self._table, self._pages, margin=0, sizing_mode="stretch_width")

    @staticmethod
    def _columns() -> list[dict[str, Any]]:
        labels = {
            "title": (_("Record"), "text", "start"),
            "entity": (_("Kind"), "text", "start"),
            "at": (_("Deleted"), "datetime", "start"),
            "who": (_("Who"), "text", "start"),
            "went_with": (_("Went with it"), "integer", "end"),
            "restore": ("", "text", "end"),
        }
        return [
            {"name": n, "label": label, "kind": kind, "align": align, "primary": n == "title"}
            for n, (label, kind, align) in labels.items()
        ]

    def _read(self, page: int) -> Page:
        return self.recycled.rows(page), self.recycled.count()

    def _show(self, found: Page) -> None:
        records, total = found
        pages = max(1, math.ceil(total / PAGE_SIZE))
        with pn.io.hold():
            self._shown = {f"{r['entity']} {r['id']}": (r["entity"], r["id"]) for r in records}
            self._table.param.update(
                rows=[self._row(record) for record in records],
                busy=False,
                empty={"title": _("Nothing is deleted"), "text": "", "action": None},
            )
            self._pages.count = pages
            self._pages.param.update(value=min(self._page, pages) - 1, visible=pages > 1)

    def _row(self, record: dict[str, Any]) -> dict[str, Any]:
        registry, formats = self.display.desk.registry, self.display.formats
        kind = _(registry[record["entity"]].label) if record["entity"] in registry else ""
        went = record["went_with"]
        button = {"name": "restore", "label": _("Restore"), "icon": "undo", "text": _("Restore")}
        cells: list[Any] = [
            record["title"] or _("(untitled)"),
            kind,
            formats.datetime(record["at"]),
            record["who"] or "",
            formats.number(went) if went else "",
            {"text": "", "act": button},
        ]
        key = f"{record['entity']} {record['id']}"
        return {"id": key, "href": None, "muted": False, "cells": cells}

    async def _handle(self, event: dict[str, Any]) -> None:
        record = self._shown.get(str(event.get("id")))
        if event["type"] == "act" and event.get("name") == "restore" and record is not None:
            await restore_record(self.display, *record)

    async def _turn(self, event: Any) -> None:
        self._page = event.new + 1
        self._show(await in_thread(self._read, self._page))

    async def _written(self, applied: Applied) -> None:
        if any(event.action in ("delete", "insert") for event in applied.events):
            self._show(await in_thread(self._read, self._page))
