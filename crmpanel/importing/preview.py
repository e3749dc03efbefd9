"""Preview: what an import would do, as an object, as text and for a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

from crmpanel.importing.drafting import drafted, given, rows_of
from crmpanel.importing.linking import ready
from crmpanel.importing.loading import values_of
from crmpanel.importing.mapping import OfChildren, columns_of
from crmpanel.importing.matching import NEW, OLD
from crmpanel.importing.rejects import Reject
from crmpanel.importing.report import ImportReport
from crmpanel.importing.running import Run
from crmpanel.model.entity import Entity, Field
from crmpanel.query.sqltext import literal, quoted

#: Rejected values of a column that are shown.
SHOWN = 3


@dataclass(frozen=True)
class ColumnResult:
    """What became of the values of one field.

    Parameters
    ----------
    entity, field, label : the field.
    table, columns : where its values come from.
    filled, empty, rejected : how many there are, there are not, and could not be understood.
    examples : the first that could not be understood.
    """

    entity: str
    field: str
    label: str
    table: str
    columns: tuple[str, ...]
    filled: int
    empty: int
    rejected: int
    examples: tuple[Reject, ...] = ()

    def __str__(self) -> str:
        what = f"{self.filled:,} filled, {self.empty:,} empty"
        if self.rejected:
            what += f", {self.rejected:,} rejected: "
            what += ", ".join(repr(reject.value) for reject in self.examples)
        where = ", ".join(self.columns) or "a constant"
        return f"{self.entity}.{self.field} ({self.table}: {where}): {what}"


@dataclass(frozen=True)
class Sample:
    """The first records of an entity as they would be.

    Parameters
    ----------
    entity : its name.
    fields : those that hold something.
    rows : values by name of the field; a reference is what the record referred to is called.
    states : of each row, ``new`` or ``old``.
    """

    entity: Entity
    fields: tuple[Field, ...]
    rows: list[dict[str, Any]]
    states: list[str]


@dataclass(frozen=True)
class Preview:
    """What an import would do. Printing it shows tables; a notebook shows them as HTML.

    Parameters
    ----------
    report : counts, differences, conflicts, rejects and what was left out.
    samples : the first records by entity.
    columns : what became of the values of each field.
    warnings : per table, what is suspicious in the way it was read.
    duplicates : per entity, rows whose key occurs before.
    """

    report: ImportReport
    samples: dict[str, Sample]
    columns: list[ColumnResult]
    warnings: dict[str, list[str]] = field(default_factory=dict)
    duplicates: dict[str, int] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether there is anything to write."""
        return any(
            e.new or e.changed or e.vanished or e.returned or e.linked
            for e in self.report.entities.values()
        )

    @property
    def unlinked(self) -> dict[str, int]:
        """Records that would belong to no organisation, by entity."""
        return {name: e.unlinked for name, e in self.report.entities.items() if e.unlinked}

    def __str__(self) -> str:
        report = self.report
        head = f"Preview of {report.name} as {report.mapping}: nothing has been written"
        return "\n".join([head, *self._told(), *report.lines(), *map(str, self._bad())])

    def _told(self) -> Iterator[str]:
        for table, warnings in self.warnings.items():
            yield from (f"{table}: {warning}" for warning in warnings)
        yield from self.report.doubts
        for name, number in self.duplicates.items():
            yield f"{number:,} rows of {name} have a key that occurs before; the first counts"
        for name, number in self.unlinked.items():
            yield f"{number:,} {self._plural(name)} without organisation"
        if not self.is_new:
            yield "There is nothing new."
        for name in self.samples:
            yield ""
            yield from self._table(name)
        yield ""

    def _plural(self, name: str) -> str:
        sample = self.samples.get(name)
        return sample.entity.label_plural.lower() if sample else name

    def _bad(self) -> list[ColumnResult]:
        return [column for column in self.columns if column.rejected]

    def _table(self, name: str, width: int = 18, most: int = 6) -> Iterator[str]:
        sample = self.samples[name]
        fields = sample.fields[:most]
        yield f"{sample.entity.label_plural}, as they will be:"
        yield "  " + "  ".join(f"{_cut(f.label, width):{width}}" for f in fields)
        for row in sample.rows:
            yield "  " + "  ".join(f"{_cut(_text(row[f.name]), width):{width}}" for f in fields)

    def _repr_html_(self) -> str:
        """Tables for a notebook; all that comes from the export is escaped."""
        parts = [f"<p>{escape(line)}</p>" for line in self._notes()]
        parts.append(_html(["", *_COUNTS], self._counts()))
        for sample in self.samples.values():
            parts.append(f"<h4>{escape(sample.entity.label_plural)}</h4>")
            rows = [[_text(row[f.name]) for f in sample.fields] for row in sample.rows]
            parts.append(_html([f.label for f in sample.fields], rows))
        if self.report.conflicts:
            parts.append(_html(["Conflicts"], [[str(c)] for c in self.report.conflicts[:10]]))
        if bad := self._bad():
            parts.append(_html(["Values that could not be understood"], [[str(c)] for c in bad]))
        return "".join(parts)

    def _notes(self) -> Iterator[str]:
        yield f"Preview of {self.report.name} as {self.report.mapping}. Nothing has been written."
        yield from (f"{table}: {w}" for table, some in self.warnings.items() for w in some)
        yield from self.report.doubts

    def _counts(self) -> list[list[str]]:
        entities = self.report.entities.items()
        return [[name, *(f"{getattr(e, c):,}" for c in _COUNTS)] for name, e in entities]


_COUNTS = ("read", "new", "changed", "unchanged", "vanished", "conflicts", "rejected", "unlinked")


def _html(head: list[str], rows: list[list[str]]) -> str:
    cells = "".join(f"<th>{escape(text)}</th>" for text in head)
    body = "".join(
        f"<tr>{''.join(f'<td><bdi>{escape(text)}</bdi></td>' for text in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _cut(text: str, width: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


# -- looking -------------------------------------------------------------------------------------


def look(run: Run, rows: int) -> Preview:
    """What a prepared run would do.

    Parameters
    ----------
    rows : how many records of each entity to show.
    """
    job = run.job
    samples = {e.name: s for e in job.entities if (s := _sample(run, e, rows)).rows}
    warnings = {
        table.name: told
        for table in run.job.plan.tables.values()
        if (told := job.stage.warnings(table.name))
    }
    duplicates = dict(
        job.rows(
            'SELECT entity, count(*) FROM "import rejects" '
            "WHERE reason LIKE 'the key occurs before%' GROUP BY 1"
        )
    )
    return Preview(run.report(), samples, list(_columns(run)), warnings, duplicates)


def _sample(run: Run, entity: Entity, rows: int) -> Sample:
    """The first records, of each file in its order; new ones first."""
    job = run.job
    values, joins = values_of(job, entity)
    fields = [entity.field(name) for name in entity.fields if name in values]
    parts = []
    for f in fields:
        sql = values[f.name]
        if f.target:
            sql = _called(run, job.registry[f.target], sql)
        elif not isinstance(_derived(run, entity, f.name), OfChildren):
            sql = f"CAST({sql} AS {f.kind.sql})"
        parts.append(f"{sql} AS {quoted(f.name)}")
    found = job.rows(
        f"SELECT r.state, {', '.join(parts) or 'NULL'} FROM {ready(entity.name)} AS r "
        f'JOIN {drafted(entity.name)} AS d ON d."@row" = r."@row" {joins} '
        f"WHERE r.state IN ('{NEW}', '{OLD}') AND r.\"@row\" IN (SELECT \"@row\" "
        f"FROM {ready(entity.name)} WHERE state IN ('{NEW}', '{OLD}') "
        f'ORDER BY state <> \'{NEW}\', "@row" LIMIT {int(rows)}) ORDER BY r.state, r."@row"'
    )
    table = [dict(zip((f.name for f in fields), row[1:], strict=True)) for row in found]
    filled = tuple(f for f in fields if any(row[f.name] is not None for row in table))
    return Sample(entity, filled, table, [row[0] for row in found])


def _derived(run: Run, entity: Entity, name: str) -> object:
    values = (s.fields.get(name) for s in run.job.plan.of(entity.name))
    return next((value for value in values if value is not None), None)


def _called(run: Run, target: Entity, id: str) -> str:
    """What the record with an id is called, be it new or there already."""
    title, parts = quoted(target.title), []
    if target.name in run.job.plan.entities:
        parts.append(
            f"(SELECT any_value(x.{title}::VARCHAR) FROM {ready(target.name)} AS y "
            f'JOIN {drafted(target.name)} AS x ON x."@row" = y."@row" WHERE y."@id" = {id})'
        )
    parts.append(
        f"(SELECT any_value(z.{title}::VARCHAR) FROM {quoted(target.name)} AS z "
        f'WHERE z."id" = {id})'
    )
    return f"coalesce({', '.join(parts)})"


def _columns(run: Run) -> Iterator[ColumnResult]:
    """One scan of the drafts of each source, and one of the rejects."""
    job = run.job
    for number, source in enumerate(job.plan.sources):
        entity = job.registry[source.entity]
        values = {
            name: value
            for name, value in given(job.plan, source).items()
            if not isinstance(value, OfChildren)
        }
        if not values:
            continue
        counts = ", ".join(f"count({quoted(name)})" for name in values)
        where = rows_of(number)
        [(total, *filled)] = job.rows(
            f"SELECT count(*), {counts} FROM {drafted(entity.name)} WHERE {where}"
        )
        for (name, value), full in zip(values.items(), filled, strict=True):
            columns = tuple(map(str, columns_of(value)))
            told = " or ".join(columns)
            bad = f"entity = {literal(entity.name)} AND {rows_of(number, 'row')} AND "
            bad += f'"column" = {literal(told)} AND "value" IS NOT NULL'
            if not _can_be_bad(entity.field(name)):
                bad = "FALSE"
            rejected = job.rejects.count(bad) if bad != "FALSE" else 0
            examples = tuple(job.rejects.first(SHOWN, bad)) if rejected else ()
            empty = max(0, total - full - rejected)
            yield ColumnResult(
                entity.name, name, entity.field(name).label, source.table, columns, full, empty,
                rejected, examples,
            )  # fmt: skip


def _can_be_bad(field: Field) -> bool:
    return not field.kind.is_text


__all__ = ["ColumnResult", "Preview", "Sample", "look"]
