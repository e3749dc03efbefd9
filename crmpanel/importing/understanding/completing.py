"""Completion of a mapping, proposed or written by hand: formats, number marks, custom fields."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from crmpanel.importing.mapping import (
    Chosen,
    Column,
    Concatenated,
    Custom,
    EntitySource,
    Join,
    Mapping,
    Multiplied,
    Taken,
    Value,
    columns_of,
)
from crmpanel.importing.recognise import spelt
from crmpanel.importing.understanding import dates
from crmpanel.importing.understanding.deriving import is_share
from crmpanel.importing.understanding.measuring import Measuring
from crmpanel.importing.understanding.naming import UNITS
from crmpanel.importing.understanding.profile import ColumnProfile, Profile
from crmpanel.importing.understanding.proposal import Question
from crmpanel.importing.understanding.times import time_form
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.importing.understanding.words import (
    caption,
    compact,
    snake,
    translated,
    words,
)
from crmpanel.model.declared import columns, free_label, free_name, labels
from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import (
    DATE,
    DATETIME,
    INTEGER,
    MONEY,
    NUMBER,
    PERCENT,
    SIZE,
    Kind,
)
from crmpanel.model.registry import Registry

#: Last words of columns that hold keys, which are no numbers to be summed up.
KEYS = ("id", "ids", "guid", "uuid", "key")
_NUMERIC = (INTEGER, MONEY, NUMBER, PERCENT, SIZE)
#: … and of those that may hold whole numbers that name something.
CODES = (*KEYS, "no", "nr", "number", "code", "ref", "nummer")
POSTAL = ("postalcode", "postcode", "zip", "zipcode", "postnr", "plz")
#: So many texts, at most, are told one by one what they mean.
MOST = 500
#: A day that reads differently in the two orders.
_EXAMPLE = ("4 March 2026", "3 April 2026")


@dataclass
class Completing:
    """Completes mappings for one set of tables."""

    profile: Profile
    registry: Registry
    measuring: Measuring

    def __post_init__(self) -> None:
        self.questions: list[Question] = []
        self.evidence: list[str] = []
        self._orders: dict[str, bool | None] = {}
        self._asked: set[str] = set()
        self._made: dict[str, dict[str, Custom]] = {}

    def complete(self, mapping: Mapping) -> Mapping:
        """The same mapping with what was left open."""
        sources = tuple(self._source(source) for source in mapping.sources)
        sources = self._customs(sources)
        return replace(mapping, sources=sources, unset_in=self._unset(mapping))

    def _source(self, source: EntitySource) -> EntitySource:
        entity = self.registry[source.entity]
        fields = {
            name: self._value(source, value, entity.field(name).kind)
            for name, value in source.fields.items()
            if name in entity.fields
        }
        return replace(source, fields={**source.fields, **fields})

    def column(self, source: EntitySource, column: Column) -> ColumnProfile | None:
        """What is known of a column of a source."""
        table = spelt(self.profile.tables, source.table_of(column.table))
        if table is None:
            return None
        columns = self.profile.tables[table].columns
        name = spelt(columns, column.name)
        return columns[name] if name else None

    def _value(self, source: EntitySource, value: Value, kind: Kind) -> Value:
        if isinstance(value, Multiplied) and not value.decimal:
            factors = [*value.columns, *([value.less] if value.less else [])]
            known = [p for c in factors if (p := self.column(source, c)) is not None]
            return replace(value, decimal=self._decimal(known)) if known else value
        if not isinstance(value, Taken) or value.transform or value.values:
            return value
        plain = [c for c in value.columns if isinstance(c, Column)]
        found = [p for c in plain if (p := self.column(source, c)) is not None and p.sample]
        if said := _translations(found):
            return replace(value, values=said)
        if kind is DATETIME and not value.format and not plain:
            return replace(value, format=self._with_times(source, value))
        if kind in (DATE, DATETIME) and not value.format and found:
            return replace(value, format=self._formats(found))
        if kind in _NUMERIC and not value.decimal and found:
            scale = value.scale or _scale(kind, found)
            return replace(value, decimal=self._decimal(found), scale=scale)
        return value

    def _formats(self, columns: list[ColumnProfile]) -> tuple[str, ...]:
        found: Counter[str] = Counter()
        for column in columns:
            found.update(self.date_forms(column))
        return dates.formats(dict(found.most_common()))

    def _with_times(self, source: EntitySource, value: Taken) -> tuple[str, ...]:
        """Formats of dates with the times that stand beside them, and of dates without one."""
        known = [p for c in columns_of(value) if (p := self.column(source, c)) is not None]
        if len(known) != 2 or not (time := time_form(known[1])):
            return ()
        forms = [form.replace(dates.ISO, "%Y-%m-%d") for form in self.date_forms(known[0])]
        return tuple(text for form in forms for text in (f"{form} {time}", form))

    def date_forms(self, column: ColumnProfile) -> dict[str, int]:
        """How the dates of a column are written, the order of day and month settled."""
        forms, total = dict(column.forms.dates), column.forms.total
        if sum(forms.values()) < total / 2:
            if column.forms.share("epoch") > 0.5:
                ms = any(len(text.strip()) > 11 for text in column.sample)
                return {dates.EPOCH_MS if ms else dates.EPOCH: total}
            if column.forms.share("serial") > 0.5:
                return {dates.EXCEL: total}
        if not any(dates.EITHER in form for form in forms):
            return self.measuring.all_forms(column, forms)
        order = dates.order_of(self.measuring.all_forms(column, forms))
        day_first = order.day_first if order and order.sure else self._asked_order(column, order)
        if order and order.sure:
            which = "day" if day_first else "month"
            self.evidence.append(f"{column.table}.{column.name}: the {which} comes first")
        return dates.settle(self.measuring.all_forms(column, forms), day_first)

    def _asked_order(self, column: ColumnProfile, order: dates.Order | None) -> bool:
        """What the table's other columns say, or the other tables', else it is asked."""
        for tables in ([column.table], list(self.profile.tables)):
            known = [o for o in map(self._order, tables) if o is not None]
            if known:
                return known[0]
        default = order.day_first if order else True
        self._ask(column, default)
        return default

    def _order(self, table: str) -> bool | None:
        if table not in self._orders:
            self._orders[table] = None
            for column in self.profile.tables[table].columns.values():
                if column.forms.share("date") > 0.5:
                    forms = self.measuring.all_forms(column, dict(column.forms.dates))
                    order = dates.order_of(forms)
                    if order and order.sure:
                        self._orders[table] = order.day_first
        return self._orders[table]

    def _ask(self, column: ColumnProfile, default: bool) -> None:
        about = f"{column.table}.{column.name}"
        if about in self._asked:
            return
        self._asked.add(about)
        form = next(form for form in column.forms.dates if dates.EITHER in form)
        text = next(t for t in column.sample if (dates.written(t.strip()) or "") == form)
        choices = {dates.settled(form, day): _EXAMPLE[not day] for day in (True, False)}
        self.questions.append(
            Question(
                about,
                f"Does the day or the month come first in {text!r}? (03/04/2026 would be …)",
                {form: f"day first: {choices[form]}" if i == 0 else f"month first: {choices[form]}"
                 for i, form in enumerate(choices)},
                dates.settled(form, default),
            )
        )  # fmt: skip

    def _decimal(self, columns: list[ColumnProfile]) -> str:
        """The decimal sign, where the numbers are not written plainly."""
        signs: Counter[str] = Counter()
        for column in columns:
            signs.update(self.measuring.signs(column))
        plain = all(
            text.strip().replace(".", "", 1).removeprefix("-").isdigit()
            for column in columns
            for text in column.sample
        )
        if signs[","] > signs["."]:
            return ","
        if signs["?"] and not signs["."] and not signs[","]:
            return self._unsure(columns)
        return "" if plain and not signs["?"] else ("." if signs["."] or not plain else "")

    def _unsure(self, columns: list[ColumnProfile]) -> str:
        """``1,234`` or ``1.234`` alone: what the other numbers of the table are written like."""
        column = columns[0]
        others: Counter[str] = Counter()
        for other in self.profile.tables[column.table].columns.values():
            others.update({s: n for s, n in other.forms.decimals.items() if s in ".,"})
        sign = next(c for text in column.sample for c in text if c in ".,")
        thousands = "," if sign == "." else "."
        default = others.most_common(1)[0][0] if others else ("." if sign == "," else sign)
        if not others:
            text = next(t for t in column.sample if sign in t)
            self.questions.append(
                Question(
                    f"{column.table}.{column.name}",
                    f"What does the sign in {text!r} mean?",
                    {sign: "it parts off the fraction", thousands: "it parts off thousands"},
                    default,
                )
            )
        return default

    def _unset(self, mapping: Mapping) -> dict[str, dict[str, tuple[str, ...]]]:
        """What means "nothing" in single columns; a mapping that knows no such texts has none."""
        found = {table: dict(columns) for table, columns in mapping.unset_in.items()}
        for name in _read(mapping) if mapping.unset else ():
            table = spelt(self.profile.tables, name)
            for column in self.profile.tables[table].columns.values() if table else ():
                texts = tuple(text for text in column.unset if text not in mapping.unset)
                if texts:
                    found.setdefault(name, {}).setdefault(column.name, texts)
        return found

    def _customs(self, sources: tuple[EntitySource, ...]) -> tuple[EntitySource, ...]:
        """Of every table, the columns that nothing is made from go to its first source."""
        used: dict[str, set[str]] = {}
        for source in sources:
            # What only tells blank from filled is kept, too.
            told = {v.column for v in source.fields.values() if isinstance(v, Chosen)}
            for column in source.columns():
                if column in told:
                    continue
                table = source.table_of(column.table)
                used.setdefault(table.casefold(), set()).add(column.name.casefold())
            given = {custom.name: custom for custom in source.custom.values()}
            self._made.setdefault(source.entity, {}).update(given)
        done: set[str] = set()
        found = []
        for source in sorted(sources, key=lambda s: s.group):
            if source.table.casefold() not in done:
                done.add(source.table.casefold())
                source = self._with_custom(source, used.get(source.table.casefold(), set()))
                for join in self._extensions(source):
                    done.add(join.table.casefold())
                    read = used.get(join.table.casefold(), set()) | {join.key.casefold()}
                    source = self._with_custom(source, read, join)
            found.append(source)
        order = {s.label + str(s.key): n for n, s in enumerate(sources)}
        return tuple(sorted(found, key=lambda s: order[s.label + str(s.key)]))

    def _extensions(self, source: EntitySource) -> list[Join]:
        """The joined tables that have one row for each record, and no others."""
        plain = [j for j in source.joins if not j.through and not j.where and j.on == source.key[0]]
        return [j for j in plain if len(source.key) == 1 and self._extends(source, j)]

    def _extends(self, source: EntitySource, join: Join) -> bool:
        own, other = self.profile.tables.get(source.table), self.profile.tables.get(join.table)
        key = other.columns.get(join.key) if other else None
        if own is None or other is None or key is None or other.rows > 1.1 * own.rows:
            return False
        return key.filled == other.rows and key.distinct >= 0.95 * other.rows

    def _with_custom(
        self, source: EntitySource, used: set[str], join: Join | None = None
    ) -> EntitySource:
        """The same with a field for every column of its table, or of a joined one, that is left."""
        table = spelt(self.profile.tables, join.table if join else source.table)
        if table is None:
            return source
        made = dict(source.custom)
        taken = {*columns(self.registry[source.entity]), *(own.name for own in made.values())}
        profile = self.profile.tables[table]
        unused = [c for c in profile.columns.values() if c.name.casefold() not in used]
        profile.count([column.name for column in unused])
        for column in unused:
            if column.filled:
                origin = f"{join.alias}.{column.name}" if join else column.name
                made[origin] = self._custom(column, taken, source.entity, origin)
                taken.add(made[origin].name)
        return replace(source, custom=made)

    def _custom(self, column: ColumnProfile, taken: set[str], entity: str, origin: str) -> Custom:
        """A field for a column; two tables share one only if both hold the same kind."""
        kind, made = _kind(column), self._made[entity]
        forms = dates.formats(self.date_forms(column)) if kind in ("date", "datetime") else ()
        decimal = self._decimal([column]) if kind == "number" else ""
        if known := _known(self.registry[entity], origin, kind):
            return Custom(known.name, known.label, kind, forms, decimal)
        others = {name for name, other in made.items() if other.kind != kind}
        name = free_name(snake(column.name), taken | others)
        called = {*labels(self.registry[entity]), *(other.label for other in made.values())}
        label = made[name].label if name in made else free_label(caption(column.name), called)
        made[name] = Custom(name, label, kind, forms, decimal)
        return made[name]


def _known(entity: Entity, origin: str, kind: str) -> Field | None:
    """The field that the database has had of such a column since an earlier import."""
    had = (f for f in entity.fields.values() if f.custom and f.origin == origin)
    return next((field for field in had if field.kind.name == kind), None)


def _is_code(column: ColumnProfile) -> bool:
    """Whether whole numbers name something: they are not added up, nor written with separators."""
    last = words(column.name)[-1:]
    return bool(last) and (last[0] in CODES or column.compact.endswith(POSTAL))


def _scale(kind: Kind, columns: list[ColumnProfile]) -> float | None:
    """What numbers are multiplied with: shares of one, and amounts in cents or millionths."""
    if kind is PERCENT and any(map(is_share, columns)):
        return 100
    if kind is MONEY:
        return next((unit for column in columns if (unit := _unit(column))), None)
    return None


def _unit(column: ColumnProfile) -> float | None:
    unit = UNITS.get((words(column.name)[-1:] or ("",))[0])
    return unit if column.forms.share("integer") > 0.98 else None


def _translations(columns: list[ColumnProfile]) -> tuple[tuple[str, str], ...]:
    """Of texts that are kept in several languages, the one that is meant."""
    texts = [t for column in columns for t in column.sample] if len(columns) == 1 else []
    said = [(text, plain) for text in texts if (plain := translated(text)) != text]
    return tuple(said) if len(said) <= MOST else ()


def _kind(column: ColumnProfile) -> str:
    """Kind of a custom field; what is not surely something else stays text."""
    forms = column.forms
    if forms.share("date") >= 0.98:
        time = any("%H" in f or "%I" in f or f == dates.ISO for f in forms.dates)
        timed = time and any(len(text.strip()) > 10 for text in column.sample)
        return "datetime" if timed else "date"
    if forms.share("boolean") >= 1 and column.distinct <= 2 and forms.share("integer") < 1:
        states = vocabulary().words["state"]
        return "choice" if any(compact(text) in states for text in column.sample) else "boolean"
    if forms.share("email") >= 0.95:
        return "email"
    if forms.share("url") >= 0.95:
        return "url"
    if forms.share("long") > 0.1:
        return "long_text"
    if words(column.name)[-1:] and words(column.name)[-1] in KEYS:
        return "identifier"
    if forms.share("padded") == 0 and column.longest <= 15:
        if forms.share("integer") == 1 and _is_code(column):
            return "identifier"
        if forms.share("integer") == 1:
            # Whole numbers so long are identifiers: article numbers, phones, accounts.
            return "integer" if column.longest <= 9 else "text"
        if forms.share("number") == 1:
            return "number"
    few = column.distinct <= 20 and column.filled >= 2 * column.distinct
    return "choice" if few else "text"


__all__ = ["Completing", "Concatenated"]


def _read(mapping: Mapping) -> list[str]:
    """The tables that a mapping reads."""
    joins = [join for source in mapping.sources for join in source.joins]
    through = [join.through.table for join in joins if join.through]
    names = [source.table for source in mapping.sources]
    return list(dict.fromkeys([*names, *(join.table for join in joins), *through]))
