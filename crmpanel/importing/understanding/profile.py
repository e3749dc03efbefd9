"""The profile of staged tables: what every column holds, counted in SQL and seen in samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple, Protocol

from crmpanel.importing.understanding.forms import Forms, look
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.importing.understanding.words import compact
from crmpanel.query.sqltext import quoted

#: Rows that are looked at one by one; tables of at most so many are known exactly.
SAMPLE = 2_000
#: Of the texts of larger ones, so many are looked at: enough for a share to be true within 2 %.
LOOKED = 600
#: Rows of a table in which a share is measured.
ENOUGH = 100_000
#: Texts that are shown for a column.
EXAMPLES = 5


class Cursor(Protocol):
    """What of a DuckDB connection is needed."""

    def execute(self, query: str, parameters: Any = ...) -> Any:
        """Run a statement."""


class Counts(NamedTuple):
    """What a column holds, counted.

    Parameters
    ----------
    filled, distinct : rows that hold something, and different texts (estimated in tables beyond
        `SAMPLE` rows).
    longest : characters of the longest text.
    """

    filled: int
    distinct: int
    longest: int


@dataclass
class ColumnProfile:
    """What is known of one column.

    Parameters
    ----------
    table, name : which column.
    rows : rows of the table.
    count : counts what a column of the table holds, which may take a scan of it.
    sample : texts of the sample, with their frequency.
    unset : texts that stand for "nothing", as found in the sample.
    """

    table: str
    name: str
    rows: int
    count: Callable[[str], Counts]
    sample: Counter[str] = field(default_factory=Counter)
    unset: tuple[str, ...] = ()
    #: Table, key and column of names, where the texts are keys of a table that has names for them.
    lookup: tuple[str, str, ColumnProfile] | None = None

    @property
    def compact(self) -> str:
        """The name without signs."""
        return compact(self.name)

    @cached_property
    def forms(self) -> Forms:
        """What the texts of the sample look like; of those of a large table, so many as tell."""
        if self.rows <= SAMPLE:
            return look(self.sample)
        return look(dict(islice(self.sample.items(), LOOKED)))

    @property
    def filled(self) -> int:
        """Rows that hold something."""
        return self.count(self.name).filled

    @property
    def distinct(self) -> int:
        """Different texts; estimated in large tables."""
        return self.count(self.name).distinct

    @property
    def longest(self) -> int:
        """Characters of the longest text."""
        return self.count(self.name).longest

    @property
    def share(self) -> float:
        """Of all rows, those that hold something."""
        return self.filled / self.rows if self.rows else 0.0

    @property
    def examples(self) -> list[str]:
        """The most frequent texts."""
        return [text for text, _ in self.sample.most_common(EXAMPLES)]

    @property
    def kind(self) -> str:
        """What most of the texts are, in a word."""
        return kind_of(self.forms)


def kind_of(forms: Forms) -> str:
    """What most texts are, in a word."""
    if not forms.total:
        return "empty"
    order = ("guid", "email", "url", "date", "integer", "number", "phone", "sfid", "domain")
    sure = [kind for kind in order if forms.share(kind) >= 0.9]
    return sure[0] if sure else "long" if forms.share("long") > 0.2 else "text"


@dataclass
class TableProfile:
    """A table and its columns.

    Parameters
    ----------
    cursor : on which its relation can be read.
    """

    name: str
    relation: str
    rows: int
    cursor: Cursor
    columns: dict[str, ColumnProfile] = field(default_factory=dict)
    counts: dict[str, Counts] = field(default_factory=dict)
    #: The name without what those of most tables begin with.
    called: str = ""

    def __post_init__(self) -> None:
        self.called = self.called or self.name

    @property
    def complete(self) -> bool:
        """Whether the samples hold all rows."""
        return self.rows <= SAMPLE

    @property
    def some(self) -> list[str]:
        """Condition that leaves of a large table as many rows as tell a share within 0.3 %."""
        parts = self.rows // ENOUGH
        return [f'hash("@line") % {parts} = 0'] if parts > 1 else []

    def count(self, names: Sequence[str]) -> None:
        """Count what columns hold, in one scan; those that nobody asks for are not counted."""
        new = [name for name in names if name not in self.counts]
        figures = [
            f"count({own}), approx_count_distinct({own}), max(length({own}))"
            for own in map(quoted, new)
        ]
        if new:
            sql = f"SELECT {', '.join(figures)} FROM {self.relation}"
            found = self.cursor.execute(sql).fetchone()
            for place, name in enumerate(new):
                filled, distinct, longest = found[3 * place : 3 * place + 3]
                self.counts[name] = Counts(filled, min(distinct, filled), longest or 0)

    def counted(self, name: str) -> Counts:
        """What a column holds."""
        self.count([name])
        return self.counts[name]


@dataclass
class Profile:
    """What is known of all tables, by name."""

    tables: dict[str, TableProfile]

    def column(self, table: str, name: str) -> ColumnProfile:
        """A column; raises `KeyError`."""
        return self.tables[table].columns[name]


def profile(cursor: Cursor, tables: Mapping[str, tuple[str, Sequence[str]]]) -> Profile:
    """Look at all tables.

    Parameters
    ----------
    cursor : on which the relations can be read.
    tables : by name, the SQL of the relation and its columns, all text; blank is NULL.
    """
    found = {}
    for name, (relation, columns) in tables.items():
        found[name] = _table(cursor, name, relation, [c for c in columns if c and c != "@line"])
    return Profile(found)


def _table(cursor: Cursor, name: str, relation: str, columns: Sequence[str]) -> TableProfile:
    rows = cursor.execute(f"SELECT count(*) FROM {relation}").fetchone()[0]
    table = TableProfile(name, relation, rows, cursor)
    samples = _sample(cursor, relation, columns, rows)
    for column, sample in zip(columns, samples, strict=True):
        made = table.columns[column] = ColumnProfile(name, column, rows, table.counted)
        longest = max(map(len, sample), default=0)
        _fill(made, sample)
        if table.complete:
            table.counts[column] = Counts(sample.total(), len(sample), longest)
    return table


def _sample(cursor: Cursor, relation: str, columns: Sequence[str], rows: int) -> list[Counter[str]]:
    if not columns:
        return []
    chosen = ", ".join(map(quoted, columns))
    # By line, not by chance: the same rows each time. Hashed, as what repeats every few rows would
    # be in all of them or in none.
    some = "" if rows <= SAMPLE else f' WHERE hash("@line") % {rows // SAMPLE} = 0 LIMIT {SAMPLE}'
    found: list[Counter[str]] = [Counter() for _ in columns]
    for row in cursor.execute(f"SELECT {chosen} FROM {relation}{some}").fetchall():
        for counter, text in zip(found, row, strict=True):
            if text is not None and text != "":
                counter[text] += 1
    return found


_UNSET = frozenset(vocabulary().unset)


def _fill(column: ColumnProfile, sample: Counter[str]) -> None:
    """Leave out of the sample what means "nothing"."""
    nothing = {text: sample.pop(text) for text in list(sample) if text in _UNSET}
    if nothing and kind_of(look(sample)) in ("text", "long"):
        # A text that is rare may be a name: somebody is called Null.
        rare = {t: n for t, n in nothing.items() if n == 1 or n * 100 < sample.total()}
        sample.update(rare)
        nothing = {text: n for text, n in nothing.items() if text not in rare}
    column.sample, column.unset = sample, tuple(nothing)
