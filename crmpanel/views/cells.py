"""How a value of each kind is shown: text, link, chip or note. Data only; the browser sets text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crmpanel.controllers.desk import USERS, Desk
from crmpanel.controllers.links import Links
from crmpanel.controllers.sentence import field_label
from crmpanel.locale import _
from crmpanel.locale.formats import Formats
from crmpanel.model import kinds, safe
from crmpanel.model.entity import ID, Entity, Field
from crmpanel.query.selection import label_name
from crmpanel.query.where import CLOSED
from crmpanel.views.live import Live
from crmpanel.views.notices import Notices

Cell = str | dict[str, Any]

#: Colour of a status by what it means.
TONES = {
    "open": "info",
    "completed": "success",
    "won": "success",
    "lost": "danger",
    "cancelled": "neutral",
}
LONGEST_CELL = 300


@dataclass(frozen=True)
class Display:
    """What is needed to show values to somebody.

    Parameters
    ----------
    desk : database and viewer.
    formats : the user's language.
    links : addresses; None where there is no address bar (a notebook).
    """

    desk: Desk
    formats: Formats
    links: Links | None = None

    @cached_property
    def notices(self) -> Notices:
        """Tells the visitor what was done."""
        return Notices(self.desk)

    @cached_property
    def live(self) -> Live:
        """Tells the views of the visitor what is written."""
        return Live(self.desk.database, lambda: self.desk.me)

    def over(self, desk: Desk, links: Links | None = None) -> Display:
        """The same visitor, who is told of the same things, at another desk."""
        other = Display(desk, self.formats, links or self.links)
        other.__dict__["notices"] = self.notices
        return other

    def record_link(self, entity: Entity, id: Any) -> dict[str, Any]:
        """The part of a cell or row that opens a record."""
        if id is None:
            return {}
        if self.links is None:
            return {"href": None, "open": True}
        return {"href": self.links.record(entity.name, id)}

    def cell(self, entity: Entity, name: str, row: Mapping[str, Any]) -> Cell:
        """The value of a field of a record, ready to be shown."""
        field = entity.field(name)
        value = row.get(name)
        if value is None:
            return ""
        if name == entity.status and field.kind is kinds.CHOICE:
            return self._status(entity, value)
        if name == entity.due and self._is_overdue(entity, row):
            return self._overdue(field, value, row)
        return _SHOW.get(field.kind.name, _text)(self, entity, field, value, row)

    def text(self, entity: Entity, name: str, row: Mapping[str, Any]) -> str:
        """The value of a field as plain text, whole."""
        shown = self.cell(entity, name, row)
        return shown if isinstance(shown, str) else str(shown.get("whole", shown["text"]))

    def _status(self, entity: Entity, value: str) -> Cell:
        role = self.desk.database.status_roles(entity.name).get(value)
        return {"text": value, "tone": TONES.get(role or "", "neutral")}

    def _is_overdue(self, entity: Entity, row: Mapping[str, Any]) -> bool:
        value, now = row[str(entity.due)], self.desk.clock()
        late = value < now if isinstance(value, dt.datetime) else value < now.date()
        roles = self.desk.database.status_roles(entity.name)
        return late and roles.get(row.get(entity.status or "") or "") not in CLOSED

    def _overdue(self, field: Field, value: Any, row: Mapping[str, Any]) -> Cell:
        now = self.desk.clock().date()
        day = value.date() if isinstance(value, dt.datetime) else value
        plain = _SHOW[field.kind.name](self, None, field, value, row)
        late = self.formats.distance((now - day).days) if now > day else _("today")
        return {
            "text": plain,
            "note": _("{distance} overdue", distance=late) if now > day else _("overdue"),
            "tone": "danger",
        }


def _text(display: Display, entity: Any, field: Field, value: Any, row: Any) -> Cell:
    text = str(value)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def _link(make: Callable[[str], str | None], external: bool) -> Callable[..., Cell]:
    def show(display: Display, entity: Any, field: Field, value: Any, row: Any) -> Cell:
        href = make(str(value))
        text = _text(display, entity, field, value, row)
        return {"text": text, "href": href, "external": external} if href else text

    return show


def _website(display: Display, entity: Any, field: Field, value: Any, row: Any) -> Cell:
    """An address as people read it; it is copied, compared and followed whole."""
    cell = _link(safe.website, external=True)(display, entity, field, value, row)
    if isinstance(cell, str):
        return cell
    whole = cell["text"].strip()
    return {**cell, "text": whole.removeprefix("https://").removesuffix("/"), "whole": whole}


def _reference(display: Display, entity: Any, field: Field, value: Any, row: Any) -> Cell:
    title = row.get(label_name(field))
    text = title or _("No longer there")
    target = display.desk.registry[field.target or ""]
    if not title or target.organisation is None or display.links is None:
        return text
    return {"text": text, "href": display.links.record(target.name, value)}


def _entity_name(display: Display, entity: Any, field: Field, value: Any, row: Any) -> Cell:
    return _(display.desk.registry[value].label) if value in display.desk.registry else str(value)


def _field_name(display: Display, entity: Any, field: Field, value: Any, row: Any) -> Cell:
    if value == ID.name:  # tells that a record came or went
        return ""
    return field_label(display.desk.registry, str(value), row.get("entity"))


def _action(display: Display, entity: Any, field: Field, value: Any, row: Any) -> Cell:
    words = {"insert": _("created"), "update": _("changed"), "delete": _("deleted")}
    return words.get(value, str(value))


def _logged(display: Display, entity: Any, field: Field, value: Any, row: Any) -> Cell:
    """A value of the log as its field shows it; a text that is no such value stays as it is."""
    registry = display.desk.registry
    about = row.get("entity")
    fields = registry[about].fields if about in registry else {}
    if row.get("field") == ID.name:
        return ""
    logged = fields.get(row.get("field") or "")
    if logged is None:
        return _text(display, entity, field, value, row)
    with suppress(ValueError, KeyError):  # a load logs titles and other people's spellings
        if logged.target == USERS:
            return display.desk.users.get(int(value), str(value))
        if logged.target:
            return row.get("titles", {}).get((logged.target, str(value)), f"#{value}")
        if logged.kind.name in _READ:
            return str(
                _SHOW[logged.kind.name](display, None, logged, _READ[logged.kind.name](value), {})
            )
    return _text(display, entity, field, value, row)


_READ: dict[str, Callable[[str], Any]] = {
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
    "integer": int,
    "boolean": {"true": True, "false": False}.__getitem__,
}
_SHOW: dict[str, Callable[..., Any]] = {
    "date": lambda d, e, f, value, row: d.formats.date(value),
    "datetime": lambda d, e, f, value, row: d.formats.datetime(value),
    "integer": lambda d, e, f, value, row: d.formats.number(value),
    "number": lambda d, e, f, value, row: d.formats.number(value),
    "money": lambda d, e, f, value, row: d.formats.money(value, row.get(f.currency or "")),
    "percent": lambda d, e, f, value, row: d.formats.percent(value),
    "size": lambda d, e, f, value, row: d.formats.size(value),
    "boolean": lambda d, e, f, value, row: _("Yes") if value else _("No"),
    "email": _link(safe.email, external=False),
    "phone": _link(safe.phone, external=False),
    "url": _website,
    "reference": _reference,
    "entity_name": _entity_name,
    "field_name": _field_name,
    "action": _action,
    "logged_value": _logged,
}
