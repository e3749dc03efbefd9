"""Sifting: rows that no record can be made of, and values that do not fit, become rejects."""

from __future__ import annotations

from dataclasses import dataclass

from crmpanel.errors import ImportFailed
from crmpanel.importing.mapping import OfChildren
from crmpanel.importing.origin import Origin, holds
from crmpanel.importing.rejects import Rejects
from crmpanel.importing.values import checks, value_sql
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal


@dataclass(frozen=True)
class Sieve:
    """The rows of one source of an entity, sifted.

    Parameters
    ----------
    rejects : where to keep what does not pass.
    entity : what the rows are to become.
    origin : where they come from.
    earlier : name of the table with the entity's records made so far, quoted.
    """

    rejects: Rejects
    entity: Entity
    origin: Origin
    earlier: str

    @property
    def kept(self) -> str:
        """SQL condition: the row has passed so far."""
        left_out = self.rejects.left_out(self.entity.name, self.origin.file)
        return f"{self.origin.line} NOT IN ({left_out})"

    def run(self) -> None:
        """Sift; what passes then meets the condition `kept`.

        Raises
        ------
        ImportFailed : a value does not fit, and the mapping says to stop then.
        """
        self._skipped()
        self._keyless()
        if not self.origin.source.group:
            self._duplicates()
        self._unfitting()
        if not self.origin.source.group:
            self._blank()

    def _reject(self, column: str, value: str, reason: str, where: str, loaded: bool) -> int:
        select = (
            f'SELECT {self.origin.line} AS line, {literal(column)} AS "column", '
            f'{value} AS "value", {literal(reason)} AS reason '
            f"FROM {self.origin.sql} WHERE ({where}) AND {self.kept}"
        )
        file = literal(self.origin.file)
        return self.rejects.add_query(self.entity.name, file, select, loaded)

    def _skipped(self) -> None:
        for name, values in self.origin.source.skip.items():
            text = self.origin.ref(self.origin.source.named(name))
            where = holds(text, values)
            self._reject(name, text, "left out by the mapping", where, loaded=False)

    def _keyless(self) -> None:
        where = f"{self.origin.key} IS NULL"
        self._reject(
            self.origin.key_name, "NULL::VARCHAR", "the record has no key", where, loaded=False
        )

    def _duplicates(self) -> None:
        """Of rows with the same key the first counts, in the first table that has it."""
        line, key = self.origin.line, self.origin.key
        rows = (
            f"SELECT {line} AS line, {key} AS k, first_value({line}) OVER w AS first "
            f"FROM {self.origin.sql} WHERE {self.kept} "
            f"WINDOW w AS (PARTITION BY {key} ORDER BY {line})"
        )
        select = (
            f'SELECT line, {literal(self.origin.key_name)} AS "column", k AS "value", '
            "CASE WHEN first < line THEN 'the key occurs before, in line ' || first "
            "ELSE 'the key occurs before, in another table' END AS reason "
            f"FROM ({rows}) WHERE first < line OR k IN (SELECT source_key FROM {self.earlier})"
        )
        file = literal(self.origin.file)
        self.rejects.add_query(self.entity.name, file, select, loaded=False)

    def _unfitting(self) -> None:
        policy = self.origin.plan.mapping.on_bad_value
        for name, value in self.origin.source.fields.items():
            for check in checks(value, self.entity.field(name).kind, self.origin.ref):
                found = self._reject(
                    check.column, check.text, check.reason, check.bad, loaded=policy == "empty"
                )
                if found and policy == "fail":
                    raise self._stopped(check.reason, found)

    def _stopped(self, reason: str, found: int) -> ImportFailed:
        [first] = self.rejects.first(1, f"reason = {literal(reason)}")
        more = f" There are {found - 1:,} more in that column." if found > 1 else ""
        return ImportFailed(
            f"The import of {self.origin.plan.source.name} was stopped.",
            f"{first}.{more}",
            'Correct the source, or let the mapping say on_bad_value = "empty" or "reject".',
        )

    def _blank(self) -> None:
        """A record without its mandatory value is loaded, but not silently."""
        for name, value in self.origin.source.fields.items():
            field = self.entity.field(name)
            if field.mandatory and not isinstance(value, OfChildren):
                where = f"{value_sql(value, field.kind, self.origin.ref)} IS NULL"
                reason = f"the {self.entity.name} has no {name}"
                self._reject(name, "NULL::VARCHAR", reason, where, loaded=True)
