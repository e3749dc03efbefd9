"""Forms of all texts of a column, not only of the sample, where tables are large."""

from __future__ import annotations

from collections import Counter

from crmpanel.importing.understanding import dates
from crmpanel.importing.understanding.forms import look
from crmpanel.importing.understanding.profile import ColumnProfile, Cursor, Profile
from crmpanel.query.sqltext import literal, quoted


class Measuring:
    """Looks once more, at the whole column, for what the sample may have missed."""

    def __init__(self, cursor: Cursor, profile: Profile) -> None:
        self._cursor, self._profile = cursor, profile
        self._forms: dict[tuple[str, str], dict[str, int]] = {}
        self._signs: dict[tuple[str, str], Counter[str]] = {}

    def all_forms(self, column: ColumnProfile, forms: dict[str, int]) -> dict[str, int]:
        """How the dates of a column are written, with what only rare rows show."""
        place = (column.table, column.name)
        if place not in self._forms:
            self._forms[place] = self._all_forms(column, forms)
        return self._forms[place]

    def _all_forms(self, column: ColumnProfile, forms: dict[str, int]) -> dict[str, int]:
        table = self._profile.tables[column.table]
        if table.complete or set(forms) == {dates.ISO}:
            return forms
        # One text of every shape there is, and of those that tell days from months.
        own = quoted(column.name)
        digits = "'0123456789', '9999999999'"
        shape = f"regexp_replace(translate({own}, {digits}), '[a-zA-Z]+', 'a', 'g')"
        big = (
            f"TRY_CAST(regexp_extract({own}, '^(\\d{{1,2}})[-./]', 1) AS INTEGER) > 12, "
            f"TRY_CAST(regexp_extract({own}, '^\\d{{1,2}}[-./](\\d{{1,2}})', 1) AS INTEGER) > 12"
        )
        rows = self._cursor.execute(
            f"SELECT any_value({own}), sum(n) FROM (SELECT {own}, count(*) AS n "
            f"FROM {table.relation} WHERE {own} IS NOT NULL GROUP BY 1) "
            f"GROUP BY {shape}, {big} ORDER BY 2 DESC LIMIT 200"
        ).fetchall()
        found = Counter(forms)
        for text, n in rows:
            form = dates.written(text.strip())
            if form is not None and (form not in found or dates.EITHER not in form):
                found[form] += n
        return dict(found)

    def signs(self, column: ColumnProfile) -> Counter[str]:
        """The decimal signs of a column's numbers."""
        place = (column.table, column.name)
        if place not in self._signs:
            self._signs[place] = self._all_signs(column)
        return self._signs[place]

    def _all_signs(self, column: ColumnProfile) -> Counter[str]:
        table = self._profile.tables[column.table]
        if table.complete or set(column.forms.decimals) & {".", ","}:
            return column.forms.decimals
        own = quoted(column.name)
        rows = self._cursor.execute(
            f"SELECT {own} FROM {table.relation} WHERE regexp_matches({own}, {literal('[.,]')}) "
            "LIMIT 1000"
        ).fetchall()
        return column.forms.decimals + look(Counter(row[0] for row in rows)).decimals
