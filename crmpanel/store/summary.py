"""Summary: what a mass edit would do, counted in the database, whatever the number of records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crmpanel.model.changeset import Applied, Changeset, MassUpdate
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.changesets import check, stage
from crmpanel.store.numbering import Numbering
from crmpanel.store.staging import Staging
from crmpanel.store.writer import Load
from crmpanel.store.writing import write

#: Old values told of a field, records shown in full, and refused records told by name.
VALUES, SAMPLE, NAMED = 10, 20, 50

Text = str | None


@dataclass(frozen=True)
class Replaced:
    """Records whose field holds `old` and gets `new`."""

    old: Text
    new: Text
    number: int


@dataclass(frozen=True)
class FieldSummary:
    """What happens to one field.

    Parameters
    ----------
    number : records whose value changes.
    distinct : different old values among them.
    values : the most frequent old values, at most `VALUES`.
    span : the least and the greatest value, before and after.
    """

    field: str
    number: int
    distinct: int
    values: tuple[Replaced, ...]
    span: tuple[Text, Text, Text, Text]

    @property
    def others(self) -> int:
        """Records with other old values than those told."""
        return self.number - sum(value.number for value in self.values)


@dataclass(frozen=True)
class Sample:
    """One of the records: its title, and old and new value by field."""

    id: int
    title: Text
    values: dict[str, tuple[Text, Text]]


@dataclass(frozen=True)
class Refused:
    """A record that cannot be changed, and the state that its staged row is in."""

    id: int
    title: Text
    field: str
    old: Text
    state: str


@dataclass(frozen=True)
class Summary:
    """What a mass edit would do, as texts of the log.

    Parameters
    ----------
    changeset : the mass edit.
    records : how many it is about.
    changed : how many of them would hold another value, refused ones left out.
    refused_number, refused : records that cannot be changed; the first `NAMED` by name.
    fields, samples : what happens, counted, and the first `SAMPLE` records in full.
    digest : differs if anything else would be written.
    """

    changeset: Changeset = field(repr=False)
    records: int
    changed: int
    refused_number: int
    refused: tuple[Refused, ...]
    fields: tuple[FieldSummary, ...]
    samples: tuple[Sample, ...]
    digest: int

    @property
    def unchanged(self) -> int:
        """How many hold the new values already."""
        return max(0, self.records - self.changed - self.refused_number)


class Outdated(Exception):
    """What was previewed is not what would be written now."""

    def __init__(self, summary: Summary) -> None:
        super().__init__("The records have changed since the preview.")
        self.summary = summary


def summarise(load: Load, numbering: Numbering, changeset: Changeset) -> Summary:
    """What a changeset with one `MassUpdate` would do; to be rolled back.

    Raises
    ------
    ValidationFailed : no record can be changed so, e.g. as the value refers to nothing.
    """
    return _summary(_without_refused(load, numbering, changeset), numbering, changeset)


def apply_previewed(
    load: Load, numbering: Numbering, previewed: Summary, leave_out: bool = False
) -> Applied:
    """Write what was previewed, and nothing else; a second time it has no effect.

    Parameters
    ----------
    leave_out : write the rest where some records are refused; without it nothing is written then.

    Raises
    ------
    Outdated : something else would be written by now; it has the new summary.
    ValidationFailed, Conflict : records are refused and not left out.
    """
    changeset = previewed.changeset
    before = numbering.known(changeset.token)
    if before is not None:
        return Applied(before)
    staging = _without_refused(load, numbering, changeset)
    if (_digest(staging), _refused_number(staging)) != (
        previewed.digest,
        previewed.refused_number,
    ):
        raise Outdated(_summary(staging, numbering, changeset))
    if previewed.refused_number and not leave_out:
        load.execute("INSERT INTO staged SELECT * FROM refused")
        check(staging, staging.groups(), numbering.log)
    return write(staging, staging.groups(), numbering, changeset)


def _without_refused(load: Load, numbering: Numbering, changeset: Changeset) -> Staging:
    """Staged rows; those of records in whose way something stands are in the table `refused`."""
    staging = stage(load, numbering, changeset)
    load.execute(
        'CREATE TEMP TABLE refused AS SELECT * FROM staged WHERE "record_id" IN '
        '(SELECT "record_id" FROM staged WHERE "state" IS NOT NULL)'
    )
    if _refused_number(staging):
        load.execute('DELETE FROM staged WHERE "record_id" IN (SELECT "record_id" FROM refused)')
    return staging


def _summary(staging: Staging, numbering: Numbering, changeset: Changeset) -> Summary:
    check(staging, staging.groups(), numbering.log)
    mass = [part for part in changeset.changes if isinstance(part, MassUpdate)]
    return Summary(
        changeset,
        sum(_records(staging, part) for part in mass),
        _one(staging, 'SELECT count(DISTINCT "record_id") FROM staged'),
        _refused_number(staging),
        _refused(staging),
        _fields(staging, staging.registry[mass[0].entity], mass[0]),
        _samples(staging),
        _digest(staging),
    )


def _one(staging: Staging, sql: str, params: tuple[Any, ...] = ()) -> int:
    row = staging.execute(sql, params).fetchone()
    return int(row[0] or 0) if row else 0


def _records(staging: Staging, part: MassUpdate) -> int:
    if isinstance(part.records, tuple):
        return len(set(part.records[1]))
    count = part.records.count()
    return _one(staging, count.sql, count.params)


def _digest(staging: Staging) -> int:
    """The same for the same staged values, in whatever order."""
    columns = '"entity", "record_id", "field", "old_value", "new_value"'
    return _one(staging, f"SELECT bit_xor(hash({columns}))::HUGEINT + count(*) FROM staged")


def _refused_number(staging: Staging) -> int:
    return _one(staging, 'SELECT count(DISTINCT "record_id") FROM refused')


def _refused(staging: Staging) -> tuple[Refused, ...]:
    found = staging.execute(
        'SELECT "record_id", "subject", "field", "old_value", "state" FROM refused '
        f'WHERE "state" IS NOT NULL ORDER BY "record_id", "field" LIMIT {NAMED}'
    ).fetchall()
    return tuple(Refused(*row) for row in found)


def _fields(staging: Staging, entity: Entity, part: MassUpdate) -> tuple[FieldSummary, ...]:
    """Every field that is assigned, in that order; dates and numbers by value, not as text."""
    return tuple(_field(staging, entity, name) for name in part.assignments)


def _field(staging: Staging, entity: Entity, name: str) -> FieldSummary:
    kind, where = entity.field(name).kind, f'WHERE "field" = {literal(name)}'
    spans = ", ".join(
        f"CAST({least}(CAST({quoted(column)} AS {kind.sql})) AS VARCHAR)"
        for column in ("old_value", "new_value")
        for least in ("min", "max")
    )
    row = staging.execute(
        f"SELECT count(*), count(DISTINCT coalesce(\"old_value\", '')), {spans} FROM staged {where}"
    ).fetchone()
    number, distinct, *span = row or (0, 0, None, None, None, None)
    values = staging.execute(
        f'SELECT "old_value", min("new_value"), count(*) AS number FROM staged {where} '
        f'GROUP BY "old_value" ORDER BY number DESC, "old_value" NULLS FIRST LIMIT {VALUES}'
    ).fetchall()
    told = tuple(Replaced(*value) for value in values)
    return FieldSummary(name, number, distinct, told, (span[0], span[1], span[2], span[3]))


def _samples(staging: Staging) -> tuple[Sample, ...]:
    found = staging.execute(
        'SELECT "record_id", "subject", "field", "old_value", "new_value" FROM staged WHERE '
        '"record_id" IN (SELECT "record_id" FROM staged GROUP BY "record_id" '
        f"ORDER BY min(rowid) LIMIT {SAMPLE}) ORDER BY rowid"
    ).fetchall()
    samples: dict[int, Sample] = {}
    for id, title, name, old, new in found:
        samples.setdefault(id, Sample(id, title, {})).values[name] = (old, new)
    return tuple(samples.values())
