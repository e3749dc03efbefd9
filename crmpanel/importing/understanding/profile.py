"""The profile of staged tables: what every column holds, counted in SQL and seen in samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from crmpanel.importing.understanding.forms import Forms, look
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.importing.understanding.words import compact
from crmpanel.query.sqltext import literal, quoted

#: Rows that are looked at one by one; tables of at most so many are known exactly.
SAMPLE = 2_000
#: Texts that are shown for a column.
EXAMPLES = 5


class Cursor(Protocol):
    """What of a DuckDB connection is needed."""

    def execute(self, query: str, parameters: Any = ...) -> Any:
        """Run a statement."""


@dataclass
class ColumnProfile:
    """What is known of one column.

    Parameters
    ----------
    table, name : which column.
    rows, filled, distinct : rows of the table, those that hold something, different texts
        (estimated in tables beyond `SAMPLE` rows).
    longest : characters of the longest text.
    forms : what the texts of the sample look like.
    sample : texts of the sample, with their frequency.
    unset : texts that stand for "nothing", as found in the sample.
    """

    table: str
    name: str
    rows: int
    filled: int = 0
    distinct: int = 0
    longest: int = 0
    forms: Forms = field(default_factory=Forms)
    sample: Counter[str] = field(default_factory=Counter)
    unset: tuple[str, ...] = ()
    #: Table, key and column of names, where the texts are keys of a table that has names for them.
    lookup: tuple[str, str, ColumnProfile] | None = None

    @property
    def compact(self) -> str:
        """The name without signs."""
        return compact(self.name)

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
        if not self.forms.total:
            return "empty"
        order = ("guid", "email", "url", "date", "integer", "number", "phone", "sfid", "domain")
        sure = [kind for kind in order if self.forms.share(kind) >= 0.9]
        return sure[0] if sure else "long" if self.forms.share("long") > 0.2 else "text"


@dataclass
class TableProfile:
    """A table and its columns."""

    name: str
    relation: str
    rows: int
    columns: dict[str, ColumnProfile]
    #: The name without what those of most tables begin with.
    called: str = ""

    def __post_init__(self) -> None:
        self.called = self.called or self.name

    @property
    def complete(self) -> bool:
        """Whether the samples hold all rows."""
        return self.rows <= SAMPLE


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
    counts = ["count(*)"]
    for column in columns:
        own = quoted(column)
        counts += [f"count({own})", f"approx_count_distinct({own})", f"max(length({own}))"]
    figures = cursor.execute(f"SELECT {', '.join(counts)} FROM {relation}").fetchone()
    rows = figures[0]
    samples = _sample(cursor, relation, columns, rows)
    table = TableProfile(name, relation, rows, {})
    for place, column in enumerate(columns):
        filled, distinct, longest = figures[1 + 3 * place : 4 + 3 * place]
        made = ColumnProfile(name, column, rows, filled, min(distinct, filled), longest or 0)
        _fill(made, samples[place], table.complete)
        table.columns[column] = made
    return table


def _sample(cursor: Cursor, relation: str, columns: Sequence[str], rows: int) -> list[Counter[str]]:
    if not columns:
        return []
    chosen = ", ".join(map(quoted, columns))
    # By line, not by chance: the same rows each time, and only those are read.
    some = "" if rows <= SAMPLE else f' WHERE "@line" % {rows // SAMPLE} = 0 LIMIT {SAMPLE}'
    found: list[Counter[str]] = [Counter() for _ in columns]
    for row in cursor.execute(f"SELECT {chosen} FROM {relation}{some}").fetchall():
        for counter, text in zip(found, row, strict=True):
            if text is not None and text != "":
                counter[text] += 1
    return found


_UNSET = frozenset(vocabulary().unset)


def _fill(column: ColumnProfile, sample: Counter[str], complete: bool) -> None:
    """Leave out of the sample what means "nothing"."""
    nothing = {text: sample.pop(text) for text in list(sample) if text in _UNSET}
    column.sample, column.forms = sample, look(sample)
    if column.kind in ("text", "long"):
        # A text that is rare may be a name: somebody is called Null.
        rare = {t: n for t, n in nothing.items() if n == 1 or n * 100 < sample.total()}
        sample.update(rare)
        column.forms = look(sample) if rare else column.forms
        nothing = {text: n for text, n in nothing.items() if text not in rare}
    column.unset = tuple(nothing)
    if complete:
        column.filled, column.distinct = sample.total(), len(sample)


def unset_list(texts: Sequence[str]) -> str:
    """SQL: a list of texts."""
    return ", ".join(map(literal, texts))
