"""History: what the log tells of changesets, and old values brought back from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.inputs import input_of
from crmpanel.errors import InputError
from crmpanel.locale import _
from crmpanel.model.changeset import Applied, Changeset, Update
from crmpanel.model.entity import Field
from crmpanel.query import history, lookup
from crmpanel.store.numbering import log_of


@dataclass(frozen=True)
class Written:
    """A changeset as it is told of.

    Parameters
    ----------
    number : its number.
    at, user : when, and the id of who.
    why, source : in a person's words, and ``edit``, ``import`` …
    undoes, undone_by : number of the changeset that it undoes, and of the one that undid it.
    by_field : whether every value was logged, so that it can be undone; that of a load is not.
    records : how many records it is about.
    """

    number: int
    at: dt.datetime
    user: int | None
    why: str
    source: str
    undoes: int | None
    undone_by: int | None
    by_field: bool
    records: int


def changesets(desk: Desk, numbers: Iterable[int]) -> dict[int, Written]:
    """What is known of some changesets, by number."""
    some = tuple(dict.fromkeys(int(number) for number in numbers))
    log = log_of(desk.registry)
    rows = desk.database.rows(history.changesets(log, some)) if some else ()
    return {row[0]: Written(*row) for row in rows}


def changes_elsewhere(desk: Desk, number: int, organisation: int) -> int:
    """How many changes of a changeset are not of an organisation, nor of what belongs to it."""
    query = history.changes_elsewhere(log_of(desk.registry), number, organisation)
    return int(desk.database.scalar(query))


def referred(desk: Desk, changes: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """Titles of the records that old and new values refer to, by entity and id as text."""
    wanted: dict[str, set[str]] = {}
    for change in changes:
        field = _field(desk, change)
        if field is not None and field.target:
            values = {change.get("old_value"), change.get("new_value")} - {None}
            wanted.setdefault(field.target, set()).update(map(str, values))
    found = {}
    for name, ids in wanted.items():
        some = tuple(int(id) for id in ids if _is_id(id))
        titles = desk.database.rows(lookup.titles(desk.registry[name], some)) if some else ()
        found.update({(name, str(id)): str(title) for id, title in titles if title})
    return found


def _is_id(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 19


def _field(desk: Desk, change: Mapping[str, Any]) -> Field | None:
    about = str(change.get("entity"))
    fields = desk.registry[about].fields if about in desk.registry else {}
    return fields.get(str(change.get("field")))


def restorable(desk: Desk, change: Mapping[str, Any]) -> Field | None:
    """The field that a log row tells of, if its old value can be brought back."""
    field = _field(desk, change)
    if change.get("action") != "update" or field is None or field.is_read_only or not field.group:
        return None
    old = change.get("old_value")
    if field.target and old is not None and not _is_id(str(old)):
        return None  # loads log references by title
    if field.mandatory and old is None:
        return None
    entity = desk.registry[str(change["entity"])]
    return field if field.target or input_of(entity, field) else None


def restore_value(desk: Desk, change: Mapping[str, Any], anyway: bool = False) -> Applied:
    """Give a field the value again that it had before a change.

    Parameters
    ----------
    change : the row of the log.
    anyway : also if the field has been changed again since.

    Raises
    ------
    InputError : the row tells of no field that can be changed.
    Conflict : the field was changed again, or the record deleted.
    ValidationFailed : the field cannot have the value any more.
    """
    field = restorable(desk, change)
    if field is None:
        raise InputError(_("This value cannot be brought back."))
    expected = None if anyway else {field.name: change["new_value"]}
    part = Update(
        str(change["entity"]), int(change["record_id"]), {field.name: change["old_value"]}, expected
    )
    why = _("Value from before changeset {n}", n=change["changeset"])
    return desk.database.apply(Changeset((part,), why, "restore", desk.viewer_id))
