"""The rows of the log: grouped by changeset, with what brings back how it was."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import Any

from crmpanel.controllers.history import (
    Written,
    changesets,
    referred,
    restorable,
    restore_value,
)
from crmpanel.controllers.recycling import restore
from crmpanel.errors import Conflict, CrmError
from crmpanel.locale import N_, _, ngettext
from crmpanel.model.changeset import Applied
from crmpanel.views.cells import Display
from crmpanel.views.loading import in_thread
from crmpanel.views.notices import Action

log = logging.getLogger(__name__)

#: New and deleted records have a row for each field; more of them than this are folded.
FOLDED = 3
#: What the source of a changeset is called.
SOURCES = {
    "edit": N_("edit"),
    "mass edit": N_("mass edit"),
    "merge": N_("merge"),
    "copy": N_("copy"),
    "undo": N_("undo"),
    "restore": N_("restore"),
    "create": N_("new record"),
    "delete": N_("deletion"),
    "import": N_("import"),
}
Row = dict[str, Any]
Undo = Callable[[int], Awaitable[None]]


class LogRows:
    """What is added to the rows of a list of changes.

    Parameters
    ----------
    display : how values are shown; tells the visitor what was done.
    undo : undoes a changeset; None for what does so without asking.
    """

    def __init__(self, display: Display, undo: Undo | None = None) -> None:
        self.display, self.desk = display, display.desk
        self._undo = undo or display.notices.undo

    # -- shown -------------------------------------------------------------------------------

    def known(self, records: Sequence[Row], grouped: bool) -> dict[int, Written]:
        """The changesets of some changes, and titles for them; reads the database."""
        titles = referred(self.desk, records)
        for record in records:
            record["titles"] = titles
        shown = Counter(r["changeset"] for r in records if r.get("changeset") is not None)
        several = [number for number, changes in shown.items() if changes > 1]
        return changesets(self.desk, several) if grouped else {}

    def dress(
        self, rows: list[Row], records: Sequence[Row], written: dict[int, Written], column: int
    ) -> list[Row]:
        """Rows with their headings and buttons.

        Parameters
        ----------
        rows, records : the rows, and the changes that they show.
        written : the changesets.
        column : number of the column that has the buttons.
        """
        dressed = []
        pairs = zip(rows, records, strict=True)
        for number, group in groupby(pairs, lambda pair: pair[1].get("changeset")):
            members = list(group)
            head = self._head(written.get(number), [record for _row, record in members])
            for row, record in members:
                cells = list(row["cells"])
                cells[column] = self._with_button(cells[column], record)
                dressed.append({**row, "cells": cells, **({"group": head} if head else {})})
        return dressed

    def _head(self, changeset: Written | None, changes: Sequence[Row]) -> Row | None:
        if changeset is None or len(changes) == 1:
            return None
        who = self.desk.users.get(changeset.user or 0) or _("System")
        when = self.display.formats.datetime(changeset.at)
        head: Row = {
            "key": str(changeset.number),
            "text": f"{who} · {when}",
            "note": " · ".join(
                filter(None, (self._what(changeset, changes), self._why(changeset)))
            ),
            "folded": len(changes) > FOLDED and changes[0]["action"] in ("insert", "delete"),
        }
        is_undoable = changeset.by_field and changeset.undone_by is None
        if is_undoable and not self.desk.is_read_only:
            label = _("Redo") if changeset.undoes is not None else _("Undo")
            head["act"] = {"name": "undo", "label": label}
        return head

    def _what(self, changeset: Written, changes: Sequence[Row]) -> str:
        """What was done, and to how many records in all if there are more than are shown."""
        shown = len({(c["entity"], c["record_id"]) for c in changes})
        if changeset.records <= shown:
            return self.what(changes)
        number = self.display.formats.number
        n, total = number(shown), number(changeset.records)
        size = _("{n} of {total} records", n=n, total=total)
        return size if shown > 1 else f"{self.what(changes)} · {size}"

    def what(self, changes: Sequence[Row]) -> str:
        """In short what was done: "created Activity “Call back”"."""
        about = {(c["action"], c["entity"], c["record_id"]): c["subject"] for c in changes}
        if len(about) > 1:
            return ngettext("{n} record", "{n} records", len({key[1:] for key in about}))
        [((action, entity, _id), subject)] = about.items()
        words = {
            "insert": _("created {kind} “{name}”"),
            "update": _("changed {kind} “{name}”"),
            "delete": _("deleted {kind} “{name}”"),
        }
        registry = self.desk.registry
        kind = _(registry[entity].label) if entity in registry else str(entity)
        said = words.get(action)
        return said.format(kind=kind, name=subject or _("(untitled)")) if said else ""

    @staticmethod
    def _why(changeset: Written) -> str:
        if changeset.undone_by is not None:
            return _("undone in changeset {n}", n=changeset.undone_by)
        if changeset.undoes is not None:
            return _("undo of changeset {n}", n=changeset.undoes)
        return changeset.why or _(SOURCES.get(changeset.source, changeset.source))

    def _with_button(self, cell: Any, change: Row) -> Any:
        button = None
        if self.desk.is_read_only:
            return cell
        if restorable(self.desk, change) is not None:
            button = {"name": "restore", "label": _("Bring the old value back"), "icon": "undo"}
        elif change.get("action") == "delete":
            button = {"name": "return", "label": _("Restore the record"), "icon": "undo"}
        if button is None:
            return cell
        shown = cell if isinstance(cell, dict) else {"text": cell}
        return {**shown, "act": button}

    # -- done --------------------------------------------------------------------------------

    async def act(self, event: Row, shown: dict[Any, Row]) -> None:
        """Do what a button stands for, if it is one that is shown.

        Parameters
        ----------
        shown : the changes on the page, by id.
        """
        change, name = shown.get(event.get("id")), event.get("name")
        if self.desk.is_read_only:
            return
        if name == "undo":
            numbers = {str(change["changeset"]): change["changeset"] for change in shown.values()}
            if event.get("group") in numbers:
                await self._undo(numbers[event["group"]])
        elif name == "restore" and change is not None:
            await self._restore_value(change)
        elif name == "return" and change is not None:
            entity, id = str(change["entity"]), int(change["record_id"])
            await self._do(lambda: restore(self.desk, entity, id), _("Restored"))

    async def _restore_value(self, change: Row, anyway: bool = False) -> None:
        said = _("The old value is back")
        try:
            await self._do(lambda: restore_value(self.desk, change, anyway), said, raises=True)
        except Conflict as error:
            again = Action(_("Restore anyway"), do=lambda: self._restore_value(change, True))
            gone = any(found.field is None for found in error.collisions)
            self.display.notices.tell(str(error), "warning", () if gone else (again,))

    async def _do(self, work: Callable[[], Applied], said: str, raises: bool = False) -> None:
        notices = self.display.notices
        try:
            applied = await in_thread(work)
        except Conflict as error:
            if raises:
                raise
            notices.tell(str(error), "warning")
        except CrmError as error:
            notices.tell(str(error), "danger")
        except Exception:
            log.exception("bringing something back")
            notices.tell(_("Something went wrong."), "danger")
        else:
            notices.done(applied, said if applied else _("It is so already."))
