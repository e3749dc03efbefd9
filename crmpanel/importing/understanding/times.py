"""Times of day that stand beside their dates, in a column of their own."""

from __future__ import annotations

import re

from crmpanel.importing.mapping import Column, Concatenated, Taken
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.profile import ColumnProfile, TableProfile
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.importing.understanding.words import words
from crmpanel.model.entity import Entity
from crmpanel.model.kinds import DATETIME

_TIME = re.compile(r"\d{1,2}(?P<colon>[:.])\d\d(?P<second>[:.]\d\d)?(?P<noon> ?[AaPp][Mm])?")


def give_times(draft: Draft, entity: Entity) -> None:
    """Put together what was when: `Start Date` and `Start Time`."""
    for name, value in draft.fields.items():
        column = draft.table.columns.get(draft.column_of(name))
        plain = isinstance(value, Taken) and len(value.columns) == 1
        if column is None or not plain or entity.fields[name].kind is not DATETIME:
            continue
        if time := _beside(column, draft.table):
            both = Concatenated((Column(column.name), Column(time.name)))
            draft.fields[name] = Taken((both,))


def _beside(date: ColumnProfile, table: TableProfile) -> ColumnProfile | None:
    """The column with the times of day that belong to dates."""
    said = [w for w in words(date.name) if w not in vocabulary().words["day"]]
    if date.forms.share("date") < 0.9 or any(":" in text for text in date.sample):
        return None
    for column in table.columns.values():
        own = words(column.name)
        rest = [w for w in own if w not in vocabulary().words["clock"]]
        if rest == said and len(rest) < len(own) and time_form(column):
            return column
    return None


def time_form(column: ColumnProfile) -> str:
    """How times of day are written, as a strptime format; blank if a column holds others."""
    forms = {_form(text.strip()) for text in column.sample}
    return forms.pop() if len(forms) == 1 else ""


def _form(text: str) -> str:
    match = _TIME.fullmatch(text)
    if match is None:
        return ""
    second = f"{match['second'][0]}%S" if match["second"] else ""
    noon = ("" if match["noon"][0] != " " else " ") + "%p" if match["noon"] else ""
    return f"{'%I' if noon else '%H'}{match['colon']}%M{second}{noon}"
