"""A file dropped on a card: sent, understood, shown, and made a tab."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from typing import Any

import panel as pn

from crmpanel.controllers.record_card import RecordCard
from crmpanel.controllers.uploading import PIECE, Upload
from crmpanel.errors import CrmError
from crmpanel.importing.dropping import Dropped, Match
from crmpanel.importing.report import ImportReport
from crmpanel.locale import _, ngettext
from crmpanel.model.changeset import Applied
from crmpanel.views.cells import Display
from crmpanel.views.components import FileDrop
from crmpanel.views.import_steps import changes_of, changes_words
from crmpanel.views.loading import in_thread

log = logging.getLogger(__name__)

#: Rows, columns and unmatched texts that are shown, characters of a cell, and ways to choose from.
ROWS, COLUMNS, UNMATCHED, CELL, WAYS = 5, 40, 50, 120, 12
#: Value of the choice that no way is.
NONE = "-"


class FileDropping:
    """What the visitor does with a file.

    Parameters
    ----------
    card : the card on which it is dropped; only that of an organisation takes files.
    display : tells the visitor what was done.
    show : called with the name of the tab that has come or was updated.
    """

    def __init__(
        self, card: RecordCard, display: Display, show: Callable[[str], Awaitable[object]]
    ) -> None:
        self.card, self.display, self.desk, self._show = card, display, card.desk, show
        self._takes = card.entity.organisation == "id" and not self.desk.is_read_only
        self.component = FileDrop(enabled=self._takes, piece=PIECE)
        self.component.on_event(self._handle)
        self._upload: Upload | None = None
        self._dropped: Dropped | None = None
        self._number = 0
        if pn.state.curdoc is not None and pn.state.curdoc.session_context is not None:
            pn.state.on_session_destroyed(lambda _context: self._forget())

    def place(self) -> list[FileDrop]:
        """What is to be put into the page."""
        return [self.component] if self._takes else []

    @property
    def offer(self) -> Callable[[], None] | None:
        """Opens the window in which a file is chosen; None where none is taken."""
        return self._ask if self._takes else None

    def _ask(self) -> None:
        self.component.asked += 1

    async def _handle(self, event: dict[str, Any]) -> None:
        if not self._takes:
            return
        acts = {
            "begin": self._begin,
            "piece": self._piece,
            "choose": self._choose,
            "load": self._load,
            "close": self._close,
        }
        try:
            await acts[event["type"]](event)
        except CrmError as error:
            self._say(self._named(str(error)))
        except Exception:
            log.exception("taking a file")
            self._say(_("Something went wrong."))

    def _say(self, message: str, tone: str = "danger") -> None:
        number = self.component.said.get("number", 0) + 1
        with pn.io.hold():
            self.component.busy = ""
            self.component.said = {"number": number, "message": message, "tone": tone}

    def _named(self, message: str) -> str:
        """A message in which the file is called as its owner calls it."""
        upload = self._upload
        return message.replace(upload.path.name, upload.name) if upload else message

    async def _thread(self, work: Callable[..., Any], *args: Any) -> Any:
        # The language of messages belongs to the context.
        return await in_thread(copy_context().run, work, *args)

    # -- sending -----------------------------------------------------------------------------

    async def _begin(self, event: dict[str, Any]) -> None:
        self._forget()
        self._upload = Upload(event.get("name"), event.get("size"))
        await self._go_on()

    async def _piece(self, event: dict[str, Any]) -> None:
        upload = self._upload
        if upload is None or event.get("upload") != self._number or upload.is_complete:
            return  # of an upload that was given up
        await in_thread(upload.take, event.get("at"), event.get("data"))
        if upload is self._upload:
            await self._go_on()

    async def _go_on(self) -> None:
        upload = self._upload
        assert upload is not None
        if upload.at == 0:
            self._number += 1
        self.component.upload = {"number": self._number, "at": upload.at}
        if upload.is_complete:
            self.component.busy = _("Looking at the file …")
            await self._understand(upload)

    async def _understand(self, upload: Upload) -> None:
        database, user = self.desk.database, self.desk.viewer_id
        found = Dropped(upload.path, database, upload.name, user=user)
        await self._thread(found.__enter__)
        if upload is not self._upload:  # given up meanwhile
            found.close()
            return
        self._dropped = found
        await self._propose()

    # -- what is understood ------------------------------------------------------------------

    async def _propose(self) -> None:
        dropped = self._dropped
        if dropped is None:
            return
        self._number += 1
        proposal = await self._thread(self._described, dropped)
        with pn.io.hold():
            self.component.busy = ""
            self.component.proposal = {"number": self._number, **proposal}

    def _described(self, dropped: Dropped) -> dict[str, Any]:
        number, found = self.display.formats.number, dropped.found(UNMATCHED)
        shape, columns = dropped.shape, list(dropped.table.columns)[:COLUMNS]
        label = dropped.existing.label_plural if dropped.existing else dropped.label
        said = ngettext("{n} row", "{n} rows", found.rows, n=number(found.rows))
        lead = _("{rows}. They become the list “{name}” on every card.", rows=said, name=label)
        seen = dropped.preview() if dropped.existing else None
        if seen is not None:
            lead = _("{rows}. They update the list “{name}”.", rows=said, name=label)
            lead = f"{lead} {self._would(seen)}"
        left = found.rows - found.linked
        kinds = {c: shape.entity.field(n).kind.name for c, n in shape.fields.items()}
        return {
            "title": dropped.name,
            "lead": lead,
            "action": _("Update the list") if dropped.existing else _("Add the tab"),
            "matches": self._ways(dropped),
            "chosen": dropped.chosen.name if dropped.chosen else NONE,
            "matched": {
                "share": found.linked / found.rows,
                "text": _(
                    "{linked} of {rows} rows find their organisation ({share} %)",
                    linked=number(found.linked),
                    rows=number(found.rows),
                    share=number(round(100 * found.linked / found.rows, 1)),
                ),
            },
            "unmatched": {
                "label": ngettext(
                    "{n} row without organisation is kept too",
                    "{n} rows without organisation are kept too",
                    left,
                    n=number(left),
                ),
                "items": [[text[:CELL], number(rows)] for text, rows in found.unmatched],
            },
            "columns": [
                {"label": column, "kind": kind_label(kinds.get(column, "text"))}
                for column in columns
            ],
            "rows": [[str(c or "")[:CELL] for c in r[:COLUMNS]] for r in dropped.first(ROWS)],
            "notes": [self._named(note) for note in dropped.warnings]
            + [question.text for question in dropped.questions]
            + (seen.doubts if seen else []),
        }

    def _would(self, seen: ImportReport) -> str:
        """What a newer file would change."""
        changes = changes_words(changes_of(seen), self.display.formats)
        return _("That is {changes}.", changes=changes) if changes else _("Nothing in it is new.")

    def _ways(self, dropped: Dropped) -> list[dict[str, str]]:
        ways = [{"name": m.name, "label": self._way(m)} for m in dropped.matches[:WAYS]]
        return [*ways, {"name": NONE, "label": _("Nobody's: rows without organisation")}]

    def _way(self, match: Match) -> str:
        share = self.display.formats.number(round(100 * match.share, 1))
        told = _(
            "{column} is the {field} ({share} % found)",
            column=match.column,
            field=_(match.way.label),
            share=share,
        )
        if match.ambiguous:
            several = self.display.formats.number(match.ambiguous)
            told += _(", {n} name several", n=several)
        return told

    async def _choose(self, event: dict[str, Any]) -> None:
        dropped, match = self._dropped, event.get("match")
        if dropped is None or event.get("number") != self._number or not isinstance(match, str):
            return
        dropped.choose(None if match == NONE else match)
        await self._propose()

    # -- loading -----------------------------------------------------------------------------

    async def _load(self, event: dict[str, Any]) -> None:
        dropped = self._dropped
        if dropped is None or event.get("number") != self._number:
            return
        self._number += 1  # a double click has one effect
        self.component.busy = _("Adding the tab …")
        try:
            report = await self._thread(dropped.load)
        except BaseException:
            self._number = self.component.proposal["number"]
            raise
        entity = dropped.shape.entity
        self._forget()
        with pn.io.hold():
            self.component.busy = ""
            self.component.proposal = {"number": self._number}
        changes = changes_words(changes_of(report), self.display.formats)
        said = f"“{entity.label_plural}”: {changes or _('nothing new')}"
        self.display.notices.done(Applied(report.changeset), said)
        self.card.follow_declarations()
        for tab in self.card.layout.lists:
            if tab.entity == entity.name:
                await self._show(tab.name)

    async def _close(self, _event: dict[str, Any]) -> None:
        if not self.component.busy:
            self._forget()

    def _forget(self) -> None:
        dropped, self._dropped = self._dropped, None
        upload, self._upload = self._upload, None
        if dropped is not None:
            dropped.close()
        if upload is not None:
            upload.discard()


def kind_label(kind: str) -> str:
    """What a kind of field is called."""
    labels = {
        "text": _("Text"),
        "long_text": _("Long text"),
        "identifier": _("Number or code"),
        "choice": _("Choice"),
        "email": _("E-mail"),
        "phone": _("Phone"),
        "url": _("Web address"),
        "integer": _("Whole number"),
        "number": _("Number"),
        "money": _("Amount"),
        "percent": _("Percent"),
        "boolean": _("Yes or no"),
        "date": _("Date"),
        "datetime": _("Date and time"),
    }
    return labels.get(kind, _("Text"))
