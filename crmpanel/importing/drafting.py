"""Drafting: staged text becomes typed records, not linked yet; what does not fit is rejected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from crmpanel.errors import ImportFailed
from crmpanel.importing.mapping import Column, Constant, EntitySource, OfChildren, Taken, Value
from crmpanel.importing.plan import Plan
from crmpanel.importing.rejects import Rejects
from crmpanel.importing.staging import LINE, staged
from crmpanel.importing.values import checks, column_type, value_sql
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.writer import Load


def drafted(entity: str) -> str:
    """Name of the temporary table of records that are not linked yet, quoted."""
    return quoted(f"draft_{entity}")


def link_column(column: Column) -> str:
    """Name of the draft's column that keeps the key a link goes by, quoted."""
    return quoted(f"@{column}")


def fields_of(plan: Plan, entity: Entity) -> dict[str, Value]:
    """The fields that get a value from any source, each with one of the ways it gets it."""
    values = {n: v for source in plan.of(entity.name) for n, v in source.fields.items()}
    if entity.name in plan.mapping.stand_ins:
        values.setdefault(entity.title, Constant(""))
    if plan.mapping.currency:
        values.update({f.currency: Constant(plan.mapping.currency) for f in entity.own_fields
                       if f.currency and f.currency not in values})
    return values


def link_columns(plan: Plan, entity: str) -> list[Column]:
    """The columns that links of an entity go by, over all its sources."""
    routes = [route for s in plan.of(entity) for found in s.links.values() for route in found]
    return list(dict.fromkeys(route.column for route in routes))


def draft(plan: Plan, load: Load, rejects: Rejects, entity: Entity) -> None:
    """Make the draft table of an entity and fill it from all its sources."""
    columns = ['"@file" VARCHAR', f"{LINE} BIGINT", '"source_key" VARCHAR']
    columns += [f"{quoted(name)} {column_type(entity.field(name).kind, value)}"
                for name, value in fields_of(plan, entity).items()]
    columns += [f"{link_column(column)} VARCHAR" for column in link_columns(plan, entity.name)]
    load.execute(f"CREATE TEMP TABLE {drafted(entity.name)} ({', '.join(columns)})")
    for source in plan.of(entity.name):
        _Drafting(plan, load, rejects, entity, source).run()


@dataclass(frozen=True)
class _Drafting:
    """One table becoming records of one entity."""

    plan: Plan
    load: Load
    rejects: Rejects
    entity: Entity
    source: EntitySource

    @cached_property
    def file(self) -> str:
        table = self.plan.table(self.source.table)
        return table.file if table else self.source.table

    @cached_property
    def line(self) -> str:
        return f"{quoted(self.source.table)}.{LINE}"

    @cached_property
    def key(self) -> str:
        return " || '/' || ".join(self.ref(column) for column in self.source.key)

    def ref(self, column: Column) -> str:
        if not self.plan.has(self.source, column):
            return "NULL::VARCHAR"
        return f"{quoted(column.table or self.source.table)}.{quoted(column.name)}"

    @cached_property
    def origin(self) -> str:
        """FROM clause: the table and those joined to it, at most one row of each."""
        parts = [f"{staged(self.source.table)} AS {quoted(self.source.table)}"]
        for join in self.source.joins:
            if self.plan.table(join.table) is None:
                continue
            key = quoted(join.key)
            parts.append(
                f"LEFT JOIN (SELECT * FROM {staged(join.table)} QUALIFY row_number() OVER "
                f"(PARTITION BY {key} ORDER BY {LINE}) = 1) AS {quoted(join.table)} "
                f"ON {self.ref(join.on)} = {quoted(join.table)}.{key}")
        return " ".join(parts)

    @property
    def kept(self) -> str:
        """Condition: the row has not been rejected so far."""
        return f"{self.line} NOT IN ({self.rejects.left_out(self.entity.name, self.file)})"

    def run(self) -> None:
        self._reject_skipped()
        self._reject_keyless()
        if not self.source.group:
            self._reject_duplicates()
        self._reject_values()
        self._note_blanks()
        self.load.execute(self._insert())

    def _reject(self, column: str, value: str, reason: str, where: str,
                loaded: bool = False) -> int:
        select = (f"SELECT {self.line} AS line, {literal(column)} AS \"column\", {value} AS \"value\", "
                  f"{reason} AS reason FROM {self.origin} WHERE ({where}) AND {self.kept}")
        return self.rejects.add_query(self.entity.name, literal(self.file), select, loaded)

    @property
    def _key_name(self) -> str:
        return " and ".join(map(str, self.source.key))

    def _reject_skipped(self) -> None:
        for name, values in self.source.skip.items():
            text = self.ref(Column(name))
            wanted = ", ".join(literal(value.lower()) for value in values)
            self._reject(name, text, literal("left out by the mapping"),
                         f"lower({text}) IN ({wanted})")

    def _reject_keyless(self) -> None:
        self._reject(self._key_name, "NULL::VARCHAR", literal("the record has no key"),
                     f"{self.key} IS NULL")

    def _reject_duplicates(self) -> None:
        name = drafted(self.entity.name)
        rows = (f"SELECT {self.line} AS line, {self.key} AS k, first_value({self.line}) OVER w AS "
                f"first FROM {self.origin} WHERE {self.kept} "
                f"WINDOW w AS (PARTITION BY {self.key} ORDER BY {self.line})")
        earlier = f"SELECT source_key FROM {name}"
        select = (f"SELECT line, {literal(self._key_name)} AS \"column\", k AS \"value\", CASE WHEN "
                  "first < line THEN 'the key occurs before, in line ' || first "
                  "ELSE 'the key occurs before, in another table' END AS reason "
                  f"FROM ({rows}) WHERE first < line OR k IN ({earlier})")
        self.rejects.add_query(self.entity.name, literal(self.file), select, loaded=False)

    def _reject_values(self) -> None:
        policy = self.plan.mapping.on_bad_value
        for name, value in self.source.fields.items():
            for check in checks(value, self.entity.field(name).kind, self.ref):
                found = self._reject(check.column, check.text, literal(check.reason), check.bad,
                                     loaded=policy == "empty")
                if found and policy == "fail":
                    raise self._stopped(check.reason, found)

    def _stopped(self, reason: str, found: int) -> ImportFailed:
        first = next(r for r in self.rejects.first() if r.reason == reason)
        more = f" There are {found - 1:,} more in that column." if found > 1 else ""
        return ImportFailed(
            f"The import of {self.plan.source.name} was stopped.", f"{first}.{more}",
            'Correct the source, or let the mapping say on_bad_value = "empty" or "reject".')

    def _note_blanks(self) -> None:
        """A record without its mandatory value is loaded, but not silently."""
        for name, value in self.source.fields.items():
            field = self.entity.field(name)
            if field.mandatory and not self.source.group and not isinstance(value, OfChildren):
                self._reject(name, "NULL::VARCHAR", literal(f"the {self.entity.name} has no {name}"),
                             f"{value_sql(value, field.kind, self.ref)} IS NULL", loaded=True)

    def _insert(self) -> str:
        columns = dict(self._columns())
        names = ", ".join(columns)
        group = f" GROUP BY {self.key}" if self.source.group else ""
        return (f"INSERT INTO {drafted(self.entity.name)} ({names}) "
                f"SELECT {', '.join(columns.values())} FROM {self.origin} WHERE {self.kept}{group} "
                f"ORDER BY {f'min({self.line})' if group else self.line}")

    def _columns(self) -> Iterator[tuple[str, str]]:
        """Quoted name and SQL of each column of the draft."""
        yield '"@file"', literal(self.file)
        yield LINE, f"min({self.line})" if self.source.group else self.line
        yield '"source_key"', self.key
        currencies = {f.currency for f in self.entity.own_fields if f.currency}
        for name, fallback in fields_of(self.plan, self.entity).items():
            value = self.source.fields.get(name)
            if value is None and name in currencies:
                value = fallback
            if value is not None:
                sql = self._one(value_sql(value, self.entity.field(name).kind, self.ref), value)
                if name in currencies and self.plan.mapping.currency:
                    sql = f"coalesce({sql}, {literal(self.plan.mapping.currency)})"
                yield quoted(name), sql
        for column in dict.fromkeys(r.column for found in self.source.links.values() for r in found):
            yield link_column(column), self._one(self.ref(column), None)

    def _one(self, sql: str, value: Value | None) -> str:
        """Of a group of rows: the aggregate, or the first that holds something."""
        if not self.source.group:
            return sql
        if isinstance(value, Taken) and value.aggregate:
            return f"{value.aggregate}({sql})"
        return f"arg_min({sql}, {self.line})"
