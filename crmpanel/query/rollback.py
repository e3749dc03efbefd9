"""Rollback: tables as they were at a moment, as SQL over the present tables and the log.

A record that was made later is left out, one that was deleted later is rebuilt, and a field that
was changed later has the old value of its first change since.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from crmpanel.model.entity import Entity, Field
from crmpanel.model.moment import Moment
from crmpanel.model.registry import Registry
from crmpanel.query.chronicle import later
from crmpanel.query.sqltext import literal, quoted

#: Temporary tables: log rows written later, records of which the log tells that they were made,
#: those that differ from now, and those of which all that was written later is looked for.
#: No entity can be called so.
LATER, MADE, TOUCHED = quoted("past rows"), quoted("past made"), quoted("past ids")
WANTED = quoted("past wanted")
_KEPT = ("entity", "record_id", "field", "action", "old_value", "at", "changeset", "id")
#: The order in which log rows were written.
ORDER = '"at", "changeset", "id"'


class Rollback:
    """SQL that undoes in a view what was written after a moment.

    Parameters
    ----------
    registry : the entities.
    moment : the moment.
    database : name of the database that has the tables; the views have the same names.
    tail : the first changeset that was not a load, if there is any. Loads make records, and may
        have logged what became of them; they move none, delete none and turn no reference.
    """

    def __init__(
        self, registry: Registry, moment: Moment, database: str, tail: int | None = None
    ) -> None:
        self.registry, self.moment, self.tail = registry, moment, tail
        self._database = database
        self.log = next(entity for entity in registry if entity.about)

    def table(self, name: str) -> str:
        """A table as it is now."""
        return f'{quoted(self._database)}."main".{quoted(name)}'

    # -- what was written later ----------------------------------------------------------------

    def later(self, number: str = "changeset") -> str:
        """Condition: a row was written after the moment; see `chronicle.later`."""
        return later(self.moment, number=number)

    def cut(self) -> list[str]:
        """Views of the log and of the changesets that end at the moment."""
        log, table = self.table(self.log.name), self.table("changeset")
        return [
            _view(self.log.name, f"SELECT * FROM {log} WHERE {self.later()} IS NOT TRUE"),
            _view("changeset", f"SELECT * FROM {table} WHERE {self.later('id')} IS NOT TRUE"),
        ]

    def begin(self) -> list[str]:
        """Empty tables for what was written later."""
        columns = ", ".join(map(quoted, _KEPT))
        rows = f"SELECT {columns} FROM {self.table(self.log.name)} LIMIT 0"
        return [
            f"CREATE OR REPLACE TEMP TABLE {LATER} AS {rows}",
            *(
                f"CREATE OR REPLACE TEMP TABLE {t} (entity VARCHAR, id BIGINT)"
                for t in (MADE, TOUCHED, WANTED)
            ),
        ]

    def renamed(self, organisation: int) -> str:
        """Condition on log rows: they tell of another title, or of the end, of others' records."""
        targets = {field.target for entity in self.entities() for field in entity.references}
        pairs = [
            (entity.name, name)
            for entity in self._owned()
            for name in (entity.title, "id")
            if entity.name in targets
        ]
        whose = f"{quoted(str(self.log.organisation))} IS DISTINCT FROM {int(organisation)}"
        return f"{self.tailed()} AND \"action\" <> 'insert' AND {_either(pairs)} AND {whose}"

    def about(self, where: str) -> str:
        """SELECT of the records, ``entity, record_id``, that later log rows are about."""
        return (
            f'SELECT DISTINCT "entity", "record_id" FROM {self.table(self.log.name)} '
            f"WHERE {where} AND {self.later()}"
        )

    def made(self, where: str) -> str:
        """Keep which records were made, as the log tells."""
        return (
            f'INSERT INTO {MADE} SELECT "entity", "record_id" FROM {self.table(self.log.name)} '
            f"WHERE {where} AND \"action\" = 'insert' AND \"field\" = 'id'"
        )

    def collect(self, where: str) -> str:
        """Keep log rows that were written later."""
        columns = ", ".join(map(quoted, _KEPT))
        return (
            f"INSERT INTO {LATER} SELECT {columns} FROM {self.table(self.log.name)} "
            f"WHERE {where} AND {self.later()}"
        )

    def moved(self, organisation: int) -> str:
        """SELECT of the records, ``entity, record_id``, that have left an organisation since."""
        fields = [(e.name, str(e.organisation)) for e in self._owned() if e.organisation != "id"]
        return self._turned(fields, organisation)

    def turned(self, key: str, entity: Entity, id: int) -> str:
        """SELECT of the records whose reference `key` to a record has been turned since."""
        return self._turned([(e.name, key) for e in self._with_key(key, entity)], id)

    def _turned(self, fields: Iterable[tuple[str, str]], id: int) -> str:
        pairs = list(fields)
        if not pairs:
            return self.about("FALSE")
        old = f'"old_value" = {literal(str(int(id)))}'
        return self.about(f"{self.tailed()} AND {old} AND {_either(pairs)}")

    def owner(self, entity: Entity, id: int) -> str:
        """SELECT of the organisation that a record belonged to, then of today's."""
        field, table = str(entity.organisation), self.table(entity.name)
        return (
            '(SELECT TRY_CAST("old_value" AS BIGINT) '
            f"FROM {self.table(self.log.name)} WHERE {self.tailed()} AND {self.later()} "
            f'AND "entity" = {literal(entity.name)} AND "record_id" = {int(id)} '
            f'AND "field" = {literal(field)} AND "action" <> \'insert\' ORDER BY {ORDER} LIMIT 1) '
            f'UNION ALL SELECT {quoted(field)} FROM {table} WHERE "id" = {int(id)}'
        )

    def tailed(self) -> str:
        """Condition on log rows: they are not older than the first changeset that was no load."""
        return f'"changeset" >= {int(self.tail)}' if self.tail is not None else "FALSE"

    # -- tables ----------------------------------------------------------------------------------

    def touch(self, entities: Iterable[Entity], organisation: int | None) -> list[str]:
        """Note the records that differ from now.

        Parameters
        ----------
        organisation : whose records are looked at; None for all.
        """
        late, at = [], literal(self.moment.at)
        for entity in entities:
            if "created" in entity.fields and (organisation is None or entity.organisation):
                whose = ""
                if organisation is not None:
                    whose = f" AND {quoted(str(entity.organisation))} = {int(organisation)}"
                late.append(
                    f'SELECT {literal(entity.name)} AS entity, "id" '
                    f'FROM {self.table(entity.name)} WHERE "created" > {at}{whose}'
                )
        unknown = (
            f"INSERT INTO {TOUCHED} SELECT entity, id FROM ({' UNION ALL '.join(late)}) AS l "
            f"ANTI JOIN {MADE} AS m USING (entity, id)"
        )
        rows = f'INSERT INTO {TOUCHED} SELECT DISTINCT "entity", "record_id" FROM {LATER}'
        return [rows, unknown] if late else [rows]

    def _was_not_yet(self, entity: Entity) -> str:
        """Condition: the log does not tell that a record was made, but it says so itself: later."""
        mine = f"SELECT id FROM {MADE} WHERE entity = {literal(entity.name)}"
        return f'"created" > {literal(self.moment.at)} AND "id" NOT IN ({mine})'

    def rebuild(
        self,
        entity: Entity,
        fields: Collection[str],
        organisation: int | None,
        others: Collection[int],
    ) -> list[str]:
        """A table of the touched records as they were, and a view of all records.

        Parameters
        ----------
        fields : those of which some row was written later.
        organisation, others : whose records, and which further ones, are touched; None for any.
        """
        known = [entity.field(name) for name in fields if name in entity.fields]
        turned = "".join(
            f', arg_min({{\'was\': "old_value"}}, o) FILTER ("field" = {literal(f.name)}) '
            f"AS {quoted('was ' + f.name)}"
            for f in known
        )
        # Each field once, with what it was and what was done, from its first row.
        rows = (
            f'WITH p AS (SELECT "record_id", '
            f'arg_min("action", o) FILTER ("field" = \'id\') AS did{turned} '
            f"FROM (SELECT *, row({ORDER}) AS o FROM {LATER} "
            f'WHERE "entity" = {literal(entity.name)}) GROUP BY "record_id"), '
            f"was AS (SELECT {', '.join(_value(f, f in known) for f in entity.fields.values())} "
            f"FROM p LEFT JOIN ({self._now(entity, organisation, others)}) AS r "
            'ON r."id" = p."record_id" WHERE did IS DISTINCT FROM \'insert\' '
            "AND (did = 'delete' OR r.\"id\" IS NOT NULL)) SELECT * FROM was"
        )
        if "created" in entity.fields:
            rows += f" WHERE ({self._was_not_yet(entity)}) IS NOT TRUE"
        columns, rebuilt = ", ".join(map(quoted, entity.fields)), quoted(f"past {entity.name}")
        there = f"{self._others(entity)} UNION ALL SELECT {columns} FROM {rebuilt}"
        return [f"CREATE OR REPLACE TEMP TABLE {rebuilt} AS {rows}", _view(entity.name, there)]

    def leave_out(self, entity: Entity) -> str:
        """A view of all records but those that are touched."""
        return _view(entity.name, self._others(entity))

    def _others(self, entity: Entity) -> str:
        columns = ", ".join(map(quoted, entity.fields))
        return (
            f"SELECT {columns} FROM {self.table(entity.name)} AS r WHERE NOT EXISTS (SELECT 1 FROM "
            f'{TOUCHED} AS t WHERE t.entity = {literal(entity.name)} AND t.id = r."id")'
        )

    @staticmethod
    def turned_fields() -> str:
        """SELECT of ``entity, field``: what was changed of records that were there."""
        return (
            f'SELECT DISTINCT "entity", "field" FROM {LATER} ANTI JOIN (SELECT "entity", '
            f'"record_id" FROM {LATER} WHERE "field" = \'id\' GROUP BY ALL HAVING '
            f"arg_min(\"action\", row({ORDER})) = 'insert') USING (entity, record_id)"
        )

    def _now(self, entity: Entity, organisation: int | None, others: Collection[int]) -> str:
        """SELECT of the present records among which are those that are touched."""
        all_ = f"SELECT * FROM {self.table(entity.name)}"
        if organisation is None or not entity.organisation:
            return all_
        own = f"{quoted(entity.organisation)} = {int(organisation)}"
        if not others:
            return f"{all_} WHERE {own}"
        some = ", ".join(literal(int(id)) for id in others)
        return f'{all_} WHERE {own} UNION ALL {all_} WHERE "id" IN ({some}) AND ({own}) IS NOT TRUE'

    # -- what is referred to across organisations --------------------------------------------

    def strangers(self, organisation: int) -> str:
        """SELECT of ``entity, id``: what an organisation's records refer to, but has not itself.

        It is asked of the views.
        """
        parts = []
        for target in self._owned():
            links = [
                f"SELECT {quoted(field.name)} AS id FROM {quoted(entity.name)} "
                f"WHERE {quoted(str(entity.organisation))} = {int(organisation)}"
                for entity in self._owned()
                for field in entity.references
                if field.target == target.name and field.name != entity.organisation
            ]
            if links:
                own = (
                    f'SELECT "id" FROM {quoted(target.name)} '
                    f"WHERE {quoted(str(target.organisation))} = {int(organisation)}"
                )
                some = f"(({' UNION '.join(links)}) EXCEPT {own})"
                parts.append(f"SELECT {literal(target.name)}, id FROM {some} WHERE id IS NOT NULL")
        return " UNION ALL ".join(parts)

    def referring(self, key: str, entity: Entity, id: int, organisation: int) -> str:
        """SELECT of ``entity, id``: records of other organisations that refer to one by `key`."""
        return " UNION ALL ".join(
            f'SELECT {literal(other.name)}, "id" FROM {self.table(other.name)} '
            f"WHERE {quoted(key)} = {int(id)} "
            f"AND {quoted(str(other.organisation))} IS DISTINCT FROM {int(organisation)}"
            for other in self._with_key(key, entity)
        )

    def _with_key(self, key: str, entity: Entity) -> list[Entity]:
        return [
            other
            for other in self._owned()
            if key in other.fields and other.fields[key].target == entity.name
        ]

    def entities(self) -> list[Entity]:
        """The entities whose tables are rolled back."""
        return [entity for entity in self.registry if not entity.about]

    def _owned(self) -> list[Entity]:
        return [entity for entity in self.entities() if entity.organisation]


def _either(pairs: Iterable[tuple[str, str]]) -> str:
    """Condition on log rows: one of some fields of entities; by the field alone it is quick."""
    some = list(pairs)
    fields = ", ".join(literal(field) for field in dict.fromkeys(field for _, field in some))
    both = ", ".join(f"({literal(entity)}, {literal(field)})" for entity, field in some)
    return f'"field" IN ({fields}) AND ("entity", "field") IN ({both})'


def _view(name: str, sql: str) -> str:
    return f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {sql}"


def _value(field: Field, is_turned: bool) -> str:
    """What a field held; the present value where the log has a text that is none of its values."""
    now, name = f"r.{quoted(field.name)}", quoted(field.name)
    if field.name == "id":
        return '"record_id" AS "id"'
    if not is_turned:
        return f"{now} AS {name}"
    was = quoted("was " + field.name)
    return (
        f"CASE WHEN {was} IS NULL THEN {now} WHEN {was}.was IS NOT NULL "
        f"THEN coalesce(TRY_CAST({was}.was AS {field.kind.sql}), {now}) END AS {name}"
    )
