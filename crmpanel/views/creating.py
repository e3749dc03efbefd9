"""Creating in a window: what the form shows, and what becomes of its events."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from crmpanel.controllers.creating import Created, Creating
from crmpanel.controllers.draft import RECORD, Draft
from crmpanel.controllers.duplicates import Duplicate
from crmpanel.errors import CrmError
from crmpanel.locale import _
from crmpanel.model.likeness import NUMBER, SAME
from crmpanel.views.cells import Display
from crmpanel.views.components import RecordForm
from crmpanel.views.entering import offered
from crmpanel.views.loading import in_thread

log = logging.getLogger(__name__)

#: Kinds of input that take the whole width.
WIDE = ("area",)


class CreateForm:
    """A window for new records.

    Parameters
    ----------
    display : how values are shown.
    make : makes an empty form; called in a thread whenever the window is opened.
    title : heading of the window.
    on_created : awaited with what was made; what it returns is the address that the page goes to.
    button : label of a button that opens it; "" for none.
    again : whether one can go on with another record after saving.
    """

    def __init__(
        self,
        display: Display,
        make: Callable[[], Creating],
        title: str,
        on_created: Callable[[Created], Awaitable[str | None]],
        button: str = "",
        again: bool = True,
    ) -> None:
        self.display, self.title, self.again = display, title, again
        self._make, self._on_created = make, on_created
        self.creating: Creating | None = None
        self._number = self._looked = 0
        self.component = RecordForm(button=button)
        self.component.on_event(self._handle)

    async def open(self) -> None:
        """Open the window with an empty form."""
        try:
            self.creating, sections = await self._in_thread(self._read)
        except CrmError as error:
            self.display.notices.tell(str(error), "danger")
            return
        except Exception:
            log.exception("opening the form %r", self.title)
            self.display.notices.tell(_("Something went wrong."), "danger")
            return
        self._number += 1
        form = {
            "number": self._number,
            "token": self.creating.token,
            "title": self.title,
            "save": _("Save") if self.again else _("Create"),
            "again": self.again,
            "sections": sections,
        }
        self.component.param.update(form=form, users=self._users())

    def _read(self) -> tuple[Creating, list[dict[str, Any]]]:
        creating = self._make()
        return creating, [self._section(creating, draft) for draft in creating.drafts.values()]

    @staticmethod
    async def _in_thread(work: Callable[..., Any], *args: Any) -> Any:
        return await in_thread(work, *args)

    # -- what is shown -----------------------------------------------------------------------

    def _section(self, creating: Creating, draft: Draft) -> dict[str, Any]:
        occurring = draft.choices()
        optional = draft is not creating.draft
        first = draft.brief if len(creating.drafts) > 1 else draft.first
        return {
            "name": draft.entity.name,
            "title": _(draft.entity.label),
            "note": _("optional: made if anything is entered") if optional else "",
            "owner": draft.entity.organisation,
            "watched": sorted(draft.watched),
            "fields": [
                {**self._field(draft, name, occurring.get(name, [])), "first": name in first}
                for name in draft.inputs
            ],
        }

    def _field(self, draft: Draft, name: str, occurring: list[str]) -> dict[str, Any]:
        field, how = draft.entity.field(name), draft.inputs[name]
        owned = how == RECORD and self.display.desk.registry[str(field.target)].organisation
        return {
            "name": name,
            "label": _(field.label),
            "input": how,
            "value": draft.defaults.get(name, ""),
            "mandatory": name in draft.needed,
            "whole": how in WIDE or name in (draft.entity.title, draft.entity.organisation),
            "owned": owned not in (None, False, "id"),
            "offered": occurring,
            **offered(self.display, draft.entity, name),
        }

    def _users(self) -> list[dict[str, str]]:
        named = sorted(self.display.desk.users.items(), key=lambda user: str(user[1]).casefold())
        return [{"value": str(id), "label": str(name)} for id, name in named]

    # -- what is done ------------------------------------------------------------------------

    async def _handle(self, event: dict[str, Any]) -> None:
        if event["type"] == "open":
            await self.open()
        elif self.creating is None:
            return
        elif event["type"] == "find":
            await self._find(self.creating, event)
        elif event["type"] == "look":
            await self._look(self.creating, event)
        elif event["type"] == "save":
            await self._save(self.creating, event)

    async def _find(self, creating: Creating, event: Mapping[str, Any]) -> None:
        """Records that a reference can lead to, as one types."""
        draft = creating.drafts.get(_name(event.get("section")))
        if draft is None:
            return
        values = event.get("values")
        known = values if isinstance(values, dict) else {}
        asked = draft.find, event.get("field"), event.get("text"), known
        results = await self._in_thread(*asked)
        owner = draft.entity.organisation
        waits = owner in draft.inputs and owner != event.get("field")
        hint = _("Choose the organisation first") if waits and not known.get(owner) else ""
        key, text = str(event.get("key"))[:200], event.get("text")
        self.component.found = {"key": key, "text": text, "results": results, "hint": hint}

    async def _look(self, creating: Creating, event: Mapping[str, Any]) -> None:
        """Records that look the same; an answer that was overtaken is thrown away."""
        draft, values = creating.drafts.get(_name(event.get("section"))), event.get("values")
        number = event.get("number")
        if draft is None or not isinstance(values, dict) or not isinstance(number, int):
            return
        self._looked = number
        try:
            found = await self._in_thread(draft.alike, values)
        except CrmError:  # It is only a hint: what was entered may make no sense yet.
            found = []
        if self._looked == number:
            records = [self._same(draft, record) for record in found]
            self.component.alike = {
                "number": number,
                "section": draft.entity.name,
                "records": records,
            }

    def _same(self, draft: Draft, record: Duplicate) -> dict[str, Any]:
        names = [str(text) for text in (record.title, record.subtitle) if text]
        return {
            "title": ", ".join(names) or f"{_(draft.entity.label)} {record.id}",
            "href": self.display.record_link(draft.entity, record.id).get("href"),
            "reasons": ", ".join(record.reasons),
            "exact": any(likeness.way in (SAME, NUMBER) for likeness in record.likenesses),
        }

    async def _save(self, creating: Creating, event: Mapping[str, Any]) -> None:
        values = event.get("values")
        if event.get("token") != creating.token or not isinstance(values, dict):
            log.warning("ignored a form that is not open")
            return
        try:
            outcome = await self._in_thread(creating.save, values)
        except CrmError as error:
            outcome = Created("failed", str(error))
        except Exception:
            log.exception("creating %r", creating.draft.entity.name)
            said = _("Something went wrong."), _("The server's log has the details.")
            outcome = Created("failed", " ".join(said))
        await self._tell(outcome, again=self.again and event.get("again") is True)

    async def _tell(self, outcome: Created, again: bool) -> None:
        is_new = outcome.kind == "created" and self.creating is not None
        href = None
        if is_new:
            self.creating = None  # A second click finds no form.
            href = await self._on_created(outcome)
        self.component.outcome = {
            "number": self.component.outcome["number"] + 1,
            "kind": outcome.kind,
            "message": outcome.message,
            "problems": {name: dict(fields) for name, fields in outcome.problems.items()},
            "href": href,
        }
        if is_new and again:
            await self.open()


def _name(value: object) -> str:
    return value if isinstance(value, str) else ""
