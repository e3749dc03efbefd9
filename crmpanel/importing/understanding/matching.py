"""Measured: which columns tell rows apart, and how many texts of one column another one holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crmpanel.importing.mapping import Column, Concatenated, Taken, columns_of
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.profile import ColumnProfile, Cursor, Profile
from crmpanel.query.sqltext import literal, quoted

#: Signs between several keys or names in one text, or around the one; and which part is meant.
SIGNS = {";": 1, ",": 1, "|": 1, " (": 1, "::::": 2}
#: Texts that are looked up first.
TRIED = 200


@dataclass(frozen=True)
class Rate:
    """How many rows of a column hold a text that another column has, too."""

    rows: int
    matched: int
    distinct: int = 0

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.matched / self.rows if self.rows else 0.0


def meant(text: str, split: str) -> str:
    """The part of a text that is meant."""
    parts = text.split(split) if split else [text]
    return parts[min(SIGNS.get(split, 1), len(parts)) - 1].strip()


def normal(text: str) -> str:
    """A text as names are compared: without regard to case and to spaces."""
    return " ".join(text.lower().split())


def normal_sql(sql: str) -> str:
    """SQL: the same."""
    return f"trim(regexp_replace(lower({sql}), '\\s+', ' ', 'g'))"


class Matching:
    """Measures, and remembers what it has measured."""

    def __init__(self, cursor: Cursor, profile: Profile) -> None:
        self._cursor, self._profile = cursor, profile
        self._rates: dict[tuple[object, ...], Rate] = {}
        self._unique: dict[tuple[str, tuple[str, ...], bool], bool] = {}
        self._normal: dict[tuple[str, str], set[str]] = {}

    def unique(self, table: str, columns: Sequence[str], blanks: bool = False) -> bool:
        """Whether the columns are filled in every row, and never the same in two.

        Parameters
        ----------
        blanks : some of them may be blank.
        """
        key = (table, tuple(columns), blanks)
        if key not in self._unique:
            self._unique[key] = self._is_unique(table, columns, blanks)
        return self._unique[key]

    def _is_unique(self, table: str, columns: Sequence[str], blanks: bool) -> bool:
        found = self._profile.tables[table]
        own = [found.columns[name] for name in columns]
        if not found.rows or (not blanks and any(c.filled < found.rows for c in own)):
            return False
        if found.complete and len(own) == 1:
            return own[0].distinct == found.rows
        names = ", ".join(quoted(name) for name in columns)
        row = self._cursor.execute(
            f"SELECT count(*) FROM (SELECT DISTINCT {names} FROM {found.relation})"
        ).fetchone()
        return bool(row[0] == found.rows)

    def is_named(self, table: str, name: str) -> bool:
        """Whether columns of other tables hold the texts of a column, and are not called so."""
        key = self._profile.tables[table].columns[name]
        for other in self._profile.tables.values():
            for column in other.columns.values() if other.name != table else ():
                common = len(column.sample.keys() & key.sample.keys())
                if common and column.name != name and common >= 0.6 * len(column.sample):
                    return True
        return False

    def holds(self, table: str, column: str, parts: Sequence[str]) -> float:
        """Of the rows in which all hold something, the share in which one text holds the others."""
        own, filled = f"lower({quoted(column)})", [f"{quoted(n)} <> ''" for n in (column, *parts)]
        each = [f"contains({own}, lower({quoted(part)}))" for part in parts]
        row = self._cursor.execute(
            f"SELECT avg(({' AND '.join(each)})::INTEGER) "
            f"FROM {self._profile.tables[table].relation} WHERE {' AND '.join(filled)}"
        ).fetchone()
        return float(row[0]) if row[0] is not None else 1.0

    def rate(
        self,
        column: ColumnProfile,
        key: ColumnProfile,
        *,
        loose: bool = False,
        where: tuple[str, Sequence[str]] | None = None,
        ignore: Sequence[str] = (),
        split: str = "",
    ) -> Rate:
        """Of the rows that hold something in `column`, those whose text is in `key`.

        Parameters
        ----------
        column, key : the two columns.
        loose : compare as names are compared.
        where : only rows where another column has one of these texts.
        ignore : texts that stand for "nothing" here.
        split : where a text has several parts, the sign between them: one of `SIGNS`.
        """
        place = (column.table, column.name, key.table, key.name, loose, str(where), split)
        if place not in self._rates:
            self._rates[place] = self._measure(column, key, loose, where, ignore, split)
        return self._rates[place]

    def _measure(
        self,
        column: ColumnProfile,
        key: ColumnProfile,
        loose: bool,
        where: tuple[str, Sequence[str]] | None,
        ignore: Sequence[str],
        split: str,
    ) -> Rate:
        tables = self._profile.tables
        if where is None and tables[column.table].complete and tables[key.table].complete:
            return self._counted(column, key, loose, ignore, split)
        if where is None and not self._likely(column, key, loose, split):
            return Rate(column.filled, 0)
        own, other = quoted(column.name), quoted(key.name)
        if split:
            own = f"trim(split_part({own}, {literal(split)}, {SIGNS[split]}))"
        if loose:
            own, other = normal_sql(own), normal_sql(other)
        left_out = [*column.unset, *ignore]
        conditions = [f"{quoted(column.name)} IS NOT NULL", *tables[column.table].some]
        if left_out:
            conditions.append(f"{quoted(column.name)} NOT IN ({_list(left_out)})")
        if where:
            conditions.append(f"{quoted(where[0])} IN ({_list(where[1])})")
        row = self._cursor.execute(
            f"SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (k IS NOT NULL), 0), count(v) "
            f"FROM (SELECT {own} AS v, count(*) AS n FROM {tables[column.table].relation} "
            f"WHERE {' AND '.join(conditions)} GROUP BY 1) LEFT JOIN "
            f"(SELECT DISTINCT {other} AS k FROM {tables[key.table].relation}) ON v = k"
        ).fetchone()
        return Rate(int(row[0]), int(row[1]), int(row[2]))

    def _likely(self, column: ColumnProfile, key: ColumnProfile, loose: bool, split: str) -> bool:
        """Whether some texts of the column are in the other; if not, the rest is not tried."""
        texts = [meant(t, split) if split else t for t in list(column.sample)[:TRIED]]
        if not texts:
            return False
        name, relation = quoted(key.name), self._profile.tables[key.table].relation
        if loose:
            name, texts = f"lower(trim({name}))", [normal(t) for t in texts]
        row = self._cursor.execute(
            f"SELECT count(DISTINCT {name}) FROM {relation} WHERE {name} IN ({_list(texts)})"
        ).fetchone()
        return bool(row[0] >= 0.03 * len(texts))

    def _counted(
        self, column: ColumnProfile, key: ColumnProfile, loose: bool, ignore: Sequence[str],
        split: str,
    ) -> Rate:  # fmt: skip
        texts: Counter[str] = Counter()
        for text, n in column.sample.items():
            if text not in ignore:
                texts[meant(text, split) if split else text] += n
        known: Iterable[str] = self._names(key) if loose else key.sample
        matched = sum(n for t, n in texts.items() if (normal(t) if loose else t) in known)
        return Rate(texts.total(), matched, len(texts))

    def depends(self, table: str, key: str, column: str) -> bool:
        """Whether a text of `key` goes with one text of `column` only."""
        row = self._cursor.execute(
            f"SELECT count(*), count(*) FILTER (n <= 1) FROM (SELECT {quoted(key)}, "
            f"count(DISTINCT {quoted(column)}) AS n FROM {self._profile.tables[table].relation} "
            f"WHERE {quoted(key)} IS NOT NULL GROUP BY 1)"
        ).fetchone()
        return bool(row[0]) and row[1] >= 0.98 * row[0]

    def composed(self, column: ColumnProfile, other: Draft, by: str, *, split: str = "") -> Rate:
        """The same where the field of the other is put together from several columns."""
        value = other.fields.get(by)
        if not isinstance(value, Concatenated | Taken) or any(c.table for c in columns_of(value)):
            return Rate(0, 0)
        place = (column.table, column.name, other.name, str(value), split)
        if place not in self._rates:
            known = self._made(other, value)
            texts = [(normal(meant(text, split)), n) for text, n in column.sample.items()]
            matched = sum(n for text, n in texts if text in known)
            self._rates[place] = Rate(column.sample.total(), matched, len(column.sample))
        return self._rates[place]

    def _made(self, other: Draft, value: Concatenated | Taken) -> set[str]:
        """The texts that a value of another draft comes to, as names are compared."""
        place = (other.name, str(value))
        if place not in self._normal:
            rows = self._cursor.execute(
                f"SELECT DISTINCT {normal_sql(_together(value))} FROM {other.table.relation} "
                "LIMIT 200000"
            ).fetchall()
            self._normal[place] = {row[0] for row in rows if row[0]}
        return self._normal[place]

    def _names(self, key: ColumnProfile) -> set[str]:
        place = (key.table, key.name)
        if place not in self._normal:
            self._normal[place] = {normal(text) for text in key.sample}
        return self._normal[place]


def _together(value: Column | Concatenated | Taken) -> str:
    """SQL: a text that is made of columns."""
    match value:
        case Concatenated(columns=columns):
            return f"nullif(concat_ws(' ', {', '.join(map(_together, columns))}), '')"
        case Taken(columns=columns):
            return f"coalesce({', '.join(map(_together, columns))})"
        case Column():
            return quoted(value.name)


def _list(texts: Sequence[str]) -> str:
    return ", ".join(map(literal, texts))
