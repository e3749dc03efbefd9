"""Staging: what a changeset will do, as rows, before anything is written.

A row is a future log row: one field of one record, its old and its new value as text. A few rows
that were compared in memory stay there. As soon as there are more, or a statement needs them, all
are in the temporary table ``staged``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crmpanel.model.changeset import MassUpdate, Shift
from crmpanel.model.entity import Entity, Field
from crmpanel.model.proposal import Assigned, Made, Values
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.staged import (
    BATCH,
    BEYOND,
    CHANGED,
    GONE,
    LISTED,
    NEEDED,
    TABLE,
    TYPES,
    Group,
    Held,
    Row,
    are_few,
    compare,
    few,
    grouped,
    in_order,
    made_rows,
    written,
)
from crmpanel.store.writer import Load

_IDS = "SELECT unnest(?::BIGINT[])"


class Staging:
    """The staged rows of one write.

    Parameters
    ----------
    load : the transaction.
    """

    def __init__(self, load: Load) -> None:
        self.load, self.registry = load, load.registry
        self._fields: set[tuple[str, str]] = set()
        self._rows: list[Row] | None = []

    @property
    def in_memory(self) -> Sequence[Row] | None:
        """All staged rows, if they are not in the table."""
        return self._rows

    def execute(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """Run a statement that needs the table ``staged``."""
        if self._rows is not None:
            rows, self._rows = self._rows, None
            self.load.execute(TABLE)
            self.rows(rows)
        return self.load.execute(sql, params)

    # -- updates -----------------------------------------------------------------------------

    def values(self, step: Values) -> None:
        """Stage new values of records, compared with what these hold now."""
        for name in dict.fromkeys(name for texts in step.texts.values() for name in texts):
            ids = [id for id, texts in step.texts.items() if name in texts]
            self._replace(step.entity, step.entity.field(name), "SELECT unnest(?::BIGINT[])", [ids])
            self._fields.add((step.entity.name, name))
        ids = list(step.texts)
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            self.rows(compare(step, batch, self._held(step, batch)))

    def _held(self, step: Values, ids: Sequence[int]) -> dict[int, Held]:
        """What records hold now, in the fields that are to be changed."""
        entity = step.entity
        names = list(dict.fromkeys(name for id in ids for name in step.texts[id]))
        texts = "".join(f", {_text(entity.field(name))}" for name in names)
        which, params = 'r."id" IN (SELECT unnest(?::BIGINT[]))', [list(ids)]
        if few(ids):
            which, params = f'r."id" IN ({written(ids)})', []
        found = self.load.execute(
            f'SELECT r."id", {_organisation(entity)}, r.{quoted(entity.title)}{texts} '
            f"FROM {quoted(entity.name)} AS r WHERE {which}",
            params,
        ).fetchall()
        return {
            row[0]: Held(row[1], row[2], dict(zip(names, row[3:], strict=True))) for row in found
        }

    def rows(self, rows: Sequence[Row]) -> None:
        """Stage rows as they are."""
        if self._rows is not None and are_few([*self._rows, *rows]):
            self._rows += rows
        elif rows:
            columns = ", ".join(f"unnest(?::{kind}[])" for kind in TYPES)
            self.execute(
                f"INSERT INTO staged SELECT {columns}",
                [list(column) for column in zip(*rows, strict=True)],
            )

    def select(self, updates: str, fields: Iterable[tuple[str, str]]) -> None:
        """Stage updates as a query gives them.

        Parameters
        ----------
        updates : SELECT of ``entity, record_id, organisation_id, subject, field, old_value,
            new_value``.
        fields : entity and field of each of them.
        """
        self._fields.update(fields)
        self.execute(
            "INSERT INTO staged SELECT entity, record_id, organisation_id, subject, 'update', "
            f"field, old_value, new_value, NULL, NULL FROM ({updates})"
        )

    def compared(
        self, entity: Entity, field: Field, source: str, params: Sequence[Any], some: Sequence[int]
    ) -> None:
        """Stage new values of one field, from rows ``id, value, seen, is_seen``.

        Parameters
        ----------
        some : the ids, if they are few.
        """
        state = (
            f"CASE WHEN r.\"id\" IS NULL THEN '{GONE}' WHEN s.is_seen AND coalesce(s.seen, '') <> "
            f"coalesce({_text(field)}, '') THEN '{CHANGED}' END"
        )
        rows = f"(SELECT * FROM {quoted(entity.name)}{_where_id(some)})"
        from_ = f'FROM ({source}) AS s LEFT JOIN {rows} AS r ON r."id" = s.id'
        self._stage(entity, field, ("s.id", "s.value", "s.seen", state), from_, params)

    def assigned(self, step: Assigned) -> None:
        """Stage one assignment of a mass edit."""
        entity, field = step.entity, step.field
        new, state, value = "?::VARCHAR", "NULL", [step.text]
        if isinstance(step.assignment, Shift):
            moved = f"r.{quoted(field.name)} + to_days({literal(int(step.assignment.days))})"
            new, value = f"CAST(CAST({moved} AS {field.kind.sql}) AS VARCHAR)", []
            state = f"CASE WHEN year({moved}) NOT BETWEEN 1 AND 9999 THEN '{BEYOND}' END"
        from_, params, id = self._records(step.part)
        if id == "s.id":
            state = f"CASE WHEN r.\"id\" IS NULL THEN '{GONE}' ELSE {state} END"
        self._replace(entity, field, f"SELECT {id} {from_}", params)
        self._stage(entity, field, (id, new, "NULL", state), from_, [*value, *params])

    def _records(self, part: MassUpdate) -> tuple[str, list[Any], str]:
        """FROM for the records of a mass edit, its parameters, and where their id is."""
        table = quoted(self.registry[part.entity].name)
        if isinstance(part.records, tuple):
            ids = [int(id) for id in part.records[1]]
            source = "(SELECT DISTINCT unnest(?::BIGINT[]) AS id) AS s"
            rows = f"(SELECT * FROM {table}{_where_id(few(ids))})"
            return f'FROM {source} LEFT JOIN {rows} AS r ON r."id" = s.id', [ids], "s.id"
        where = part.records.where()
        return f"FROM {table} AS r WHERE {where.sql}", list(where.params), 'r."id"'

    def _stage(
        self,
        entity: Entity,
        field: Field,
        columns: tuple[str, str, str, str],
        from_: str,
        params: Sequence[Any],
    ) -> None:
        """Stage the rows whose value changes, and those in whose way something stands."""
        id, new, seen, state = columns
        self._fields.add((entity.name, field.name))
        self.execute(
            f"INSERT INTO staged SELECT {literal(entity.name)}, id, "
            f"{_organisation_after(entity, field)}, subject, 'update', {literal(field.name)}, "
            "old_value, new_value, seen, state FROM ("
            f"SELECT {id} AS id, {_organisation(entity)} AS organisation_id, "
            f"r.{quoted(entity.title)} AS subject, {_text(field)} AS old_value, "
            f"{new} AS new_value, {seen} AS seen, {state} AS state {from_}"
            ") WHERE old_value IS DISTINCT FROM new_value OR state IS NOT NULL",
            params,
        )

    def _replace(self, entity: Entity, field: Field, ids: str, params: Sequence[Any]) -> None:
        """A later part of the changeset counts: forget what an earlier one staged."""
        if (entity.name, field.name) in self._fields:
            self.execute(
                f'DELETE FROM staged WHERE "entity" = {literal(entity.name)} '
                f'AND "field" = {literal(field.name)} AND "record_id" IN ({ids})',
                params,
            )

    # -- new and deleted records -------------------------------------------------------------

    def made(self, records: Sequence[Made]) -> None:
        """Stage new records."""
        self.rows([row for record in records for row in made_rows(record)])

    def deleted(
        self,
        entity: Entity,
        ids: Sequence[int],
        owner: Entity | None = None,
        owners: Sequence[int] = (),
    ) -> None:
        """Stage the deletion of some records, and of those that belong to deleted ones of `owner`.

        Ids that are not there are staged as gone. What is staged to belong to another is kept.

        Parameters
        ----------
        owners : ids of the deleted records of `owner`.
        """
        which, params = [], list[Any]()
        if ids:
            which.append(f'r."id" IN ({written(ids) if few(ids) else _IDS})')
            params += [] if few(ids) else [list(ids)]
        if owner is not None:
            # Written out, a few lead DuckDB to the blocks where their records are.
            theirs = written(owners) if few(owners) else self.going(owner)
            column = f"r.{quoted(str(entity.organisation))}"
            which.append(f"{column} IN ({theirs}){self._unless_moved(entity, owner)}")
        where = " OR ".join(f"({condition})" for condition in which) or "FALSE"
        self._remove(entity, f"FROM {quoted(entity.name)} AS r WHERE {where}", params)
        if ids:
            self.execute(
                f"INSERT INTO staged SELECT {literal(entity.name)}, id, NULL, NULL, 'delete', "
                f"'id', NULL, NULL, NULL, '{GONE}' FROM ({_IDS} AS id) "
                f"WHERE id NOT IN ({self.going(entity)})",
                [list(ids)],
            )

    def _unless_moved(self, entity: Entity, owner: Entity) -> str:
        """Condition that a record is not staged to belong to one of `owner` that stays."""
        field = str(entity.organisation)
        if (entity.name, field) not in self._fields:
            return ""
        return (
            f' AND r."id" NOT IN (SELECT "record_id" FROM staged WHERE "action" = \'update\' '
            f'AND "entity" = {literal(entity.name)} AND "field" = {literal(field)} AND '
            f'("new_value" IS NULL OR CAST("new_value" AS BIGINT) NOT IN ({self.going(owner)})))'
        )

    def _remove(self, entity: Entity, from_: str, params: Sequence[Any]) -> None:
        fields = entity.fields.values()
        names = ", ".join(literal(field.name) for field in fields)
        texts = ", ".join(_text(field) for field in fields)
        self.execute(
            f"INSERT INTO staged SELECT {literal(entity.name)}, id, organisation_id, subject, "
            "'delete', field, old_value, NULL, NULL, NULL FROM ("
            f'SELECT r."id" AS id, {_organisation(entity)} AS organisation_id, '
            f"r.{quoted(entity.title)} AS subject, unnest([{names}]) AS field, "
            f"unnest([{texts}]) AS old_value {from_}) WHERE old_value IS NOT NULL",
            params,
        )

    @staticmethod
    def going(entity: Entity) -> str:
        """SELECT of the ids of an entity's records that are staged to be deleted."""
        return (
            f'SELECT "record_id" FROM staged WHERE "entity" = {literal(entity.name)} '
            "AND \"action\" = 'delete' AND \"field\" = 'id'"
        )

    def cleared(self, target: Entity, state: str | None = None) -> None:
        """Stage that references to deleted records of `target` are cleared in those that stay.

        Parameters
        ----------
        state : what that stands in the way of, if anything.
        """
        for entity in self.registry:
            for field in entity.references:
                if field.target == target.name and not entity.about:
                    self._clear(entity, field, target, state or (NEEDED * field.mandatory))

    def _clear(self, entity: Entity, field: Field, target: Entity, state: str) -> None:
        given = (
            f'SELECT "record_id" FROM staged WHERE "entity" = {literal(entity.name)} '
            f"AND (\"action\" = 'delete' AND \"field\" = 'id' "
            f'OR "action" = \'update\' AND "field" = {literal(field.name)})'
        )
        from_ = (
            f"FROM {quoted(entity.name)} AS r WHERE r.{quoted(field.name)} IN "
            f'({self.going(target)}) AND r."id" NOT IN ({given})'
        )
        self._stage(entity, field, ('r."id"', "NULL", "NULL", literal(state or None)), from_, ())

    def forget_updates_of_deleted(self) -> None:
        """A record that is deleted is not updated as well; but it must be as it was seen."""
        self.execute(
            "DELETE FROM staged AS u WHERE u.\"action\" = 'update' "
            f"AND u.\"state\" IS DISTINCT FROM '{CHANGED}' AND EXISTS (SELECT 1 FROM "
            "staged AS d WHERE d.\"action\" = 'delete' AND d.\"field\" = 'id' "
            'AND d."entity" = u."entity" AND d."record_id" = u."record_id")'
        )

    # -- what there is -----------------------------------------------------------------------

    def groups(self) -> list[Group]:
        """All staged rows by entity, action, field and state."""
        if self._rows is not None:
            return grouped(self._rows)
        found = self.execute(
            'SELECT "entity", "action", "field", "state", count(*), '
            f'min("record_id", {LISTED}), min("organisation_id", {LISTED}) '
            "FROM staged GROUP BY ALL"
        ).fetchall()
        return in_order(
            Group(entity, action, field, state, number, tuple(ids), tuple(organisations or ()))
            for entity, action, field, state, number, ids, organisations in found
        )

    def old_values(self, group: Group) -> list[str]:
        """The old values of a group, each once, but for blank ones."""
        if self._rows is not None:
            mine = [r for r in self._rows if (r.entity, r.field) == (group.entity, group.field)]
            return list(dict.fromkeys(r.old_value for r in mine if r.old_value is not None))
        sql = (
            'SELECT DISTINCT "old_value" FROM staged WHERE "entity" = ? AND "field" = ? '
            'AND "old_value" IS NOT NULL'
        )
        return [row[0] for row in self.execute(sql, [group.entity, group.field]).fetchall()]


def _where_id(some: Sequence[int]) -> str:
    return f' WHERE "id" IN ({written(some)})' if some else ""


def _text(field: Field) -> str:
    """The value of a field as the log keeps it."""
    column = f"r.{quoted(field.name)}"
    return column if field.kind.is_text else f"CAST({column} AS VARCHAR)"


def _organisation(entity: Entity) -> str:
    return f"r.{quoted(entity.organisation)}" if entity.organisation else "NULL::BIGINT"


def _organisation_after(entity: Entity, field: Field) -> str:
    """Whose log a row is in: a record that moves to another organisation is in that one's."""
    if field.name != entity.organisation:
        return "organisation_id"
    return "coalesce(CAST(new_value AS BIGINT), organisation_id)"
