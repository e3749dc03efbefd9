"""Bulk: what an import writes, new records by the million and staged changes, as one changeset."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from crmpanel.model.changeset import Applied, Changeset, RecordsChanged
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.numbering import Numbering
from crmpanel.store.staged import LISTED
from crmpanel.store.staging import Staging
from crmpanel.store.writer import Load
from crmpanel.store.writing import added, events, log_rows, record, write_rows

#: Rows of the log that are sorted at once.
SORTED = 1_000_000
#: Organisation and number of a log row.
Mark = tuple[int | None, int]


@dataclass(frozen=True)
class New:
    """New records of one entity.

    Parameters
    ----------
    number : how many.
    first : the id of the first; those of the others follow.
    fields : names of the fields that may have a value.
    insert : the statement that makes them.
    """

    entity: Entity
    number: int
    first: int
    fields: tuple[str, ...]
    insert: str

    def logged(self, before: int = 0) -> str:
        """SELECT of the log's rows, numbered from after `before`, once the records are there."""
        owner = quoted(self.entity.organisation) if self.entity.organisation else "NULL::BIGINT"
        return (
            f'SELECT "id" + {before + 1 - self.first} AS id, {owner} AS organisation_id, '
            f'{literal(self.entity.name)} AS entity, "id" AS record_id, '
            f"{quoted(self.entity.title)}::VARCHAR AS subject FROM {quoted(self.entity.name)} "
            f'WHERE "id" >= {self.first}'
        )


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
    for n in some:
        tell(n.entity)
        load.execute(n.insert)
    told = [_told(staging, n) for n in some]
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
        rows = staging.load.execute(new.logged()).fetchall()
        ids = tuple(sorted(row[3] for row in rows))
        organisations = tuple(sorted({row[1] for row in rows if row[1] is not None}))
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
    before, parts = numbering.log_rows(sum(n.number for n in new)), []
    for n in new:
        parts.append(n.logged(before))
        before += n.number
    most = max(range(len(new)), key=lambda place: new[place].number)
    for slice in _slices(staging.load, parts[most]):
        staging.load.execute(
            f"INSERT INTO {quoted(numbering.log.name)} "
            '("id", "organisation_id", "changeset", "at", "responsible_id", "action", "entity", '
            '"record_id", "subject", "field", "new_value", "source") '
            "SELECT id, organisation_id, ?, ?, ?, 'insert', entity, record_id, subject, 'id', "
            f"record_id, ? FROM ({' UNION ALL '.join(parts)}) WHERE {slice} "
            "ORDER BY organisation_id, id",
            [*when, changeset.user, origin],
        )


def _slices(load: Load, rows: str) -> list[str]:
    """Conditions that part log rows by organisation and number, about `SORTED` to each, in order.

    New records are stored in that order, so every so manieth of the most frequent shows where to
    part, and DuckDB reads only what a slice needs. Sorted as a whole, the log of ten million
    records did not fit into the memory that an import takes.

    Parameters
    ----------
    rows : SELECT of the log rows of the entity that has most.
    """
    marks = load.execute(
        f"SELECT organisation_id, id FROM ({rows}) WHERE record_id % {SORTED} = 0 "
        "ORDER BY organisation_id NULLS LAST, id"
    ).fetchall()
    owned = [mark for mark in marks if mark[0] is not None]
    all_marks = [None, *owned, (None, 0), *marks[len(owned) :], None]
    return [f"{_from(low)} AND {_until(high)}" for low, high in pairwise(all_marks)]


def _from(mark: Mark | None) -> str:
    """Condition: a row is not before a mark; those of no organisation are the last."""
    if mark is None:
        return "TRUE"
    owner, id = mark
    if owner is None:
        return f"organisation_id IS NULL AND id >= {id}"
    return f"organisation_id >= {owner} AND (organisation_id > {owner} OR id >= {id})"


def _until(mark: Mark | None) -> str:
    """Condition: a row is before a mark."""
    if mark is None:
        return "TRUE"
    owner, id = mark
    if owner is None:
        return f"(organisation_id IS NOT NULL OR id < {id})"
    return f"organisation_id <= {owner} AND (organisation_id < {owner} OR id < {id})"
