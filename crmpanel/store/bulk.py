"""Bulk: what an import writes, new records by the million and staged changes, as one changeset."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from crmpanel.model.changeset import Applied, Changeset, RecordsChanged
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.numbering import Numbering
from crmpanel.store.staged import LISTED
from crmpanel.store.staging import Staging
from crmpanel.store.writing import added, events, log_rows, record, write_rows


@dataclass(frozen=True)
class New:
    """New records of one entity.

    Parameters
    ----------
    number : how many.
    fields : names of the fields that may have a value.
    insert : the statement that makes them.
    log : SELECT of ``organisation_id, record_id, subject`` of each.
    """

    entity: Entity
    number: int
    fields: tuple[str, ...]
    insert: str
    log: str


def write_bulk(
    staging: Staging,
    numbering: Numbering,
    changeset: Changeset,
    new: Sequence[New],
    origin: str,
    tell: Callable[[Entity], None] = lambda entity: None,
) -> Applied:
    """Write new records, each with one log row, and the staged rows, with a log row for each.

    A changeset that only makes records has no token: it is a load, which the past need not unwind.

    Parameters
    ----------
    origin : where the changes come from, for the log.
    tell : told of which entity records are written next.
    """
    load, groups, some = staging.load, staging.groups(), [n for n in new if n.number]
    if not groups and not some:
        return Applied(None)
    number, at = numbering.changeset(), numbering.moment()
    token = changeset.token if groups else ""
    record(load, replace(changeset, token=token), number, at)
    told = [_told(staging, n) for n in some]
    for n in some:
        tell(n.entity)
        load.execute(n.insert)
    if some:
        _log_new(staging, numbering, changeset, (number, at), some, origin)
    rows = added(groups, numbering.log)
    if groups:
        write_rows(staging, groups)
        log_rows(staging, groups, numbering, replace(changeset, source=origin), (number, at))
    for n in some:
        rows[n.entity.name] = rows.get(n.entity.name, 0) + n.number
    rows[numbering.log.name] += sum(n.number for n in some)
    load.seal(rows)
    return Applied(number, (*told, *events(staging, groups)))


def _told(staging: Staging, new: New) -> RecordsChanged:
    ids = organisations = None
    if new.number <= LISTED:
        rows = staging.load.execute(new.log).fetchall()
        ids = tuple(sorted(row[1] for row in rows))
        organisations = tuple(sorted({row[0] for row in rows if row[0] is not None}))
    return RecordsChanged(new.entity.name, "insert", new.number, new.fields, ids, organisations)


def _log_new(
    staging: Staging,
    numbering: Numbering,
    changeset: Changeset,
    when: tuple[int, dt.datetime],
    new: Sequence[New],
    origin: str,
) -> None:
    """One row for each record, those of an organisation together: what it held is in its table."""
    before = numbering.log_rows(sum(n.number for n in new))
    records = " UNION ALL ".join(
        f"SELECT organisation_id, {literal(n.entity.name)} AS entity, record_id, subject "
        f"FROM ({n.log})"
        for n in new
    )
    staging.load.execute(
        f"INSERT INTO {quoted(numbering.log.name)} "
        '("id", "organisation_id", "changeset", "at", "responsible_id", "action", "entity", '
        '"record_id", "subject", "field", "new_value", "source") '
        "SELECT ? + row_number() OVER (), "
        "organisation_id, ?, ?, ?, 'insert', entity, record_id, subject, 'id', record_id, ? "
        f"FROM (SELECT * FROM ({records}) ORDER BY organisation_id, entity, record_id)",
        [before, *when, changeset.user, origin],
    )
