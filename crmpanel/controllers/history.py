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
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal

#: What the log says of a changeset that was written field by field; others cannot be undone.
BY_FIELD = ("insert", "update", "delete")


@dataclass(frozen=True)
class Written:
    """A changeset as it is told of.

    Parameters
    ----------
    number : its number.
    at, user : when, and the id of who.
    why, source : in a person's words, and ``edit``, ``import`` …
    undoes, undone_by : number of the changeset that it undoes, and of the one that undid it.
    """

    number: int
    at: dt.datetime
    user: int | None
    why: str
    source: str
    undoes: int | None
    undone_by: int | None


def changesets(desk: Desk, numbers: Iterable[int]) -> dict[int, Written]:
    """What is known of some changesets, by number."""
    some = ", ".join(literal(int(number)) for number in dict.fromkeys(numbers))
    if not some:
        return {}
    sql = (
        'SELECT c.id, c."at", c.user_id, c.why, c.source, c.undoes, '
        "(SELECT max(u.id) FROM changeset AS u WHERE u.undoes = c.id) "
        f"FROM changeset AS c WHERE c.id IN ({some})"
    )
    return {row[0]: Written(*row) for row in desk.database.rows(Query(sql))}


def restorable(desk: Desk, change: Mapping[str, Any]) -> Field | None:
    """The field that a log row tells of, if its old value can be brought back."""
    registry = desk.registry
    if change.get("action") != "update" or change.get("entity") not in registry:
        return None
    entity = registry[str(change["entity"])]
    field = entity.fields.get(str(change.get("field")))
    if field is None or field.is_read_only or not field.group:
        return None
    if field.mandatory and change.get("old_value") is None:
        return None
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
