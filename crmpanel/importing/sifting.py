"""Sifting: rows that no record can be made of, and values that do not fit, become rejects.

What is wrong with a row is found while it is read, so that no table is read once for each check.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from crmpanel.errors import ImportFailed
from crmpanel.importing.mapping import Multiplied, OfChildren
from crmpanel.importing.origin import Origin, holds
from crmpanel.importing.values import Check, checks, value_sql
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal, quoted

if TYPE_CHECKING:
    from crmpanel.importing.job import Job

#: Type of what is wrong with a row.
PROBLEMS = 'STRUCT("column" VARCHAR, "value" VARCHAR, reason VARCHAR, loaded BOOLEAN)[]'
#: Why no record is made of a row; 0 where one is.
SKIPPED, KEYLESS, UNFIT = 1, 2, 3
LEFT_OUT = "left out by the mapping"
#: The row and the key of a draft.
_ROW = '"@row"'


@dataclass(frozen=True)
class _Looked:
    """A check of a value, and the columns of the draft's rows that it looks at."""

    check: Check
    field: str
    text: str
    bad: str


@dataclass(frozen=True)
class Sieve:
    """What rows of one source of an entity have to pass, as SQL on its rows as they are read.

    Parameters
    ----------
    entity : what the rows are to become.
    origin : where they come from.
    """

    entity: Entity
    origin: Origin

    @cached_property
    def _checks(self) -> list[_Looked]:
        """A value that could not be made of its text is bad; its text is only looked at."""
        found: list[_Looked] = []
        for name, value in self.origin.source.fields.items():
            kind = self.entity.field(name).kind
            for check in checks(value, kind, self.origin.ref):
                text = quoted(f"@text {len(found)}")
                bad = quoted(f"@bad {len(found)}")
                if not isinstance(value, Multiplied):
                    made = value_sql(value, kind, self.origin.ref)
                    bad = check.bad.replace(made, quoted(name)).replace(check.text, text)
                found.append(_Looked(check, name, text, bad))
        return found

    @cached_property
    def _skips(self) -> list[tuple[str, str, str]]:
        """Column, its alias and the condition for each reason to leave out a row."""
        found = []
        for number, (name, texts) in enumerate(self.origin.source.skip.items()):
            alias = quoted(f"@skip {number}")
            found.append((name, alias, holds(alias, texts)))
        return found

    @property
    def _is_read_too(self) -> bool:
        """Whether every row is a record of its own as well: one that is in no group is not lost."""
        own = self.origin.source
        same = [source for source in self.origin.plan.sources if source.table == own.table]
        return own.group and any(not source.group for source in same)

    def looked_at(self) -> dict[str, str]:
        """Columns that the conditions need besides those of the draft."""
        columns = {
            alias: self.origin.ref(self.origin.source.named(name)) for name, alias, _ in self._skips
        }
        for looked in self._checks:
            columns[looked.text] = looked.check.text
            if looked.bad.startswith('"@bad'):
                columns[looked.bad] = looked.check.bad
        return columns

    def problems(self) -> str:
        """SQL: all that is wrong with a row; NULL for nothing."""
        cases = [
            f"WHEN {condition} THEN [{_problem(name, alias, LEFT_OUT, False)}]"
            for name, alias, condition in self._skips
        ]
        if not self._is_read_too:
            cases.append(
                'WHEN "source_key" IS NULL THEN '
                f"[{_problem(self.origin.key_name, 'NULL', 'the record has no key', False)}]"
            )
        values = list(self._values())
        if values:
            some = " OR ".join(f"({bad})" for bad, _ in values)
            each = ", ".join(f"CASE WHEN {bad} THEN [{what}] ELSE [] END" for bad, what in values)
            cases.append(f"WHEN {some} THEN flatten([{each}])")
        return f"CASE {' '.join(cases)} END" if cases else "NULL"

    def _values(self) -> Iterator[tuple[str, str]]:
        """Condition and problem of each value that may be bad."""
        is_loaded = self.origin.plan.mapping.on_bad_value == "empty"
        for looked in self._checks:
            check = looked.check
            yield looked.bad, _problem(check.column, looked.text, check.reason, is_loaded)
        for name, value in self.origin.source.fields.items():
            is_mandatory = self.entity.field(name).mandatory and not self.origin.source.group
            if is_mandatory and not isinstance(value, OfChildren):
                reason = f"the {self.entity.name} has no {name}"
                yield f"{quoted(name)} IS NULL", _problem(name, "NULL", reason, True)

    def out(self) -> str:
        """SQL: why no record is made of a row."""
        cases = [f"WHEN {condition} THEN {SKIPPED}" for _, _, condition in self._skips]
        cases.append(f'WHEN "source_key" IS NULL THEN {KEYLESS}')
        if self._checks and self.origin.plan.mapping.on_bad_value != "empty":
            some = " OR ".join(f"({looked.bad})" for looked in self._checks)
            cases.append(f"WHEN {some} THEN {UNFIT}")
        return f"CASE {' '.join(cases)} ELSE 0 END"


def _problem(column: str, value: str, reason: str, loaded: bool) -> str:
    return (
        f"{{'column': {literal(column)}, 'value': {value}::VARCHAR, 'reason': {literal(reason)}, "
        f"'loaded': {literal(loaded)}}}"
    )


def left_keys(entity: str) -> str:
    """Name of the temporary table of keys of which no record could be made, quoted."""
    return quoted(f"left_{entity}")


def sift(job: Job, entity: str, rows: str, is_group: bool = False) -> None:
    """Take out of a table of drafts what does not pass, and keep the reasons.

    Parameters
    ----------
    is_group : rows with the same key are one record.

    Raises
    ------
    ImportFailed : a value does not fit, and the mapping says to stop then.
    """
    job.execute(f"CREATE TEMP TABLE IF NOT EXISTS {left_keys(entity)} (source_key VARCHAR)")
    if not is_group:
        _take_out_duplicates(job, entity, rows)
    job.rejects.add_query(
        entity,
        f'SELECT {_ROW}, p."column", p."value", p.reason, p.loaded '
        f'FROM (SELECT {_ROW}, unnest("@bad") AS p FROM {rows} WHERE "@bad" IS NOT NULL)',
    )
    if job.plan.mapping.on_bad_value == "fail":
        _stop(job, entity, rows)
    if job.count(f'{rows} WHERE "@out" <> 0'):
        job.execute(
            f'INSERT INTO {left_keys(entity)} SELECT "source_key" FROM {rows} '
            f'WHERE "@out" = {UNFIT}'
        )
        job.execute(f'DELETE FROM {rows} WHERE "@out" <> 0')


def _take_out_duplicates(job: Job, entity: str, rows: str) -> None:
    """Of rows with the same key the first counts, in the first table that has it."""
    made = f'"@out" NOT IN ({SKIPPED}, {KEYLESS})'
    # Most often there are none, which their hashes tell in half the time and memory.
    twice = 'count(*) - count(DISTINCT hash("source_key"))'
    if not job.one(f"SELECT {twice} FROM {rows} WHERE {made}"):
        return
    job.execute(
        'CREATE OR REPLACE TEMP TABLE "first rows" AS '
        f'SELECT "source_key", min({_ROW}) AS first FROM {rows} WHERE {made} '
        "GROUP BY 1 HAVING count(*) > 1"
    )
    again = f'd.{_ROW} > f.first AND d."source_key" = f."source_key" AND d.{made}'
    here, mask = f"d.{_ROW} >> 40 = f.first >> 40", (1 << 40) - 1
    job.rejects.add_query(
        entity,
        f'SELECT d.{_ROW}, {_key_names(job, entity)} AS "column", d."source_key" AS "value", '
        f"CASE WHEN {here} THEN 'the key occurs before, in line ' || (f.first & {mask}) "
        "ELSE 'the key occurs before, in another table' END AS reason, FALSE AS loaded "
        f'FROM {rows} AS d JOIN "first rows" AS f ON {again}',
    )
    job.execute(f'DELETE FROM {rows} AS d USING "first rows" AS f WHERE {again}')


def _key_names(job: Job, entity: str) -> str:
    names = {
        number: " and ".join(map(str, source.key))
        for number, source in enumerate(job.plan.sources)
        if source.entity == entity
    }
    cases = " ".join(f"WHEN {number} THEN {literal(name)}" for number, name in names.items())
    return f"CASE d.{_ROW} >> 40 {cases} END"


def _stop(job: Job, entity: str, rows: str) -> None:
    found = job.count(f'{rows} WHERE "@out" = {UNFIT}')
    if not found:
        return
    job.rejects.locate(job.plan)
    [row] = job.rows(f'SELECT min({_ROW}) FROM {rows} WHERE "@out" = {UNFIT}')
    [first] = job.rejects.first(1, f"row = {row[0]} AND entity = {literal(entity)} AND NOT loaded")
    reason = f"reason = {literal(first.reason)} AND entity = {literal(entity)}"
    more = job.rejects.count(reason) - 1
    text = f" There are {more:,} more in that column." if more else ""
    raise ImportFailed(
        f"The import of {job.plan.source.name} was stopped.",
        f"{first}.{text}",
        'Correct the source, or let the mapping say on_bad_value = "empty" or "reject".',
    )
