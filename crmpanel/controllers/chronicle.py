"""Telling: what the log knows of one record, as frames for a notebook."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crmpanel.controllers.desk import USERS
from crmpanel.controllers.given import field_called
from crmpanel.controllers.history import referred
from crmpanel.controllers.past import moment_of
from crmpanel.controllers.record_card import RecordCard
from crmpanel.model.entity import ID, Entity
from crmpanel.model.moment import Moment, When, parse
from crmpanel.query import chronicle
from crmpanel.query.query import Query
from crmpanel.store.numbering import log_of

MICROSECOND = dt.timedelta(microseconds=1)


def field_history(card: RecordCard, name: str) -> Any:
    """The changes of one field, as a pandas DataFrame: when, who, from, to, changeset.

    Raises
    ------
    UnknownName : there is no such field.
    """
    field = card.entity.field(field_called(card.entity, name))
    query = chronicle.of_field(*_log(card), card.entity, card.id, field.name)
    return _frame(card, query)[["when", "who", "from", "to", "changeset"]]


def changed_since(card: RecordCard, when: When) -> Any:
    """What was changed of a record and of what belongs to it, as a pandas DataFrame.

    A new or deleted record has one row.

    Parameters
    ----------
    when : a day (from its beginning), a time, ISO text of either, or the number of a changeset
        (what came after it).

    Raises
    ------
    InputError, NotFound : it is none of these.
    """
    registry, key = card.desk.registry, card.layout.key
    others = [
        entity
        for entity in registry
        if key in entity.fields
        and entity.fields[key].target == card.entity.name
        and not entity.about
    ]
    log, users = _log(card)
    mine = chronicle.about(log, card.entity, card.id, key, others)
    return _frame(card, chronicle.since(log, users, _begun(card, when), mine))


def _begun(card: RecordCard, when: When) -> Moment:
    """The moment before the first that counts."""
    if isinstance(when, int):
        return moment_of(card.desk, when)
    moment = parse(when)
    if moment.day:
        moment = Moment(dt.datetime.combine(moment.at.date(), dt.time.min))
    return moment if moment.at == dt.datetime.min else Moment(moment.at - MICROSECOND)


def _log(card: RecordCard) -> tuple[Entity, Entity]:
    """The entities of the log and of users."""
    registry = card.desk.registry
    return log_of(registry), registry[USERS]


def _frame(card: RecordCard, query: Query) -> Any:
    """Changes with titles where they have references."""
    desk, registry = card.desk, card.desk.registry
    rows = desk.database.records(query)
    titles = referred(
        desk, [{**row, "old_value": row["from"], "new_value": row["to"]} for row in rows]
    )
    frame = desk.database.frame(query)
    for column in ("from", "to"):
        values = [titles.get((_target(registry, r), str(r[column])), r[column]) for r in rows]
        # That a record came or went is told by a row of its id.
        frame[column] = [
            None if r["field"] == ID.name else v for r, v in zip(rows, values, strict=True)
        ]
    return frame


def _target(registry: Any, row: dict[str, Any]) -> str:
    fields = registry[row["entity"]].fields if row["entity"] in registry else {}
    return (fields[row["field"]].target or "") if row["field"] in fields else ""
