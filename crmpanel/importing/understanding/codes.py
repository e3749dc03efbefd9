"""Codes that a system always uses: ``4`` is ``Resolved`` where columns tell that it is that one."""

from __future__ import annotations

from dataclasses import replace

from crmpanel.importing.mapping import Column, Taken
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.naming import coded
from crmpanel.importing.understanding.profile import TableProfile
from crmpanel.importing.understanding.vocabulary import vocabulary


def codes_of(table: TableProfile, entity: str) -> dict[str, dict[str, str]]:
    """By column of a table, what its codes mean; only where all columns of the system are there."""
    names = {column.compact: column.name for column in table.columns.values()}
    return {
        names[code.column]: code.texts
        for code in vocabulary().codes
        if code.entity == entity and {code.column, *code.beside} <= names.keys()
    }


def give_codes(draft: Draft) -> None:
    """Say what the codes in a draft's fields mean."""
    known = codes_of(draft.table, draft.entity)
    for field, value in draft.fields.items():
        texts = known.get(draft.column_of(field))
        if texts and isinstance(value, Taken) and not value.values:
            draft.fields[field] = replace(value, values=tuple(texts.items()))
    for column, texts in known.items():
        fields = draft.names.fields(coded(draft.names, column), draft.entity)
        field = max(fields, key=lambda name: fields[name], default="")
        if field and field not in draft.fields and column not in draft.used():
            draft.fields[field] = Taken((Column(column),), values=tuple(texts.items()))
    _outcome(draft, known)


def _outcome(draft: Draft, known: dict[str, dict[str, str]]) -> None:
    """Codes for won and lost come before the names of stages."""
    stage = draft.fields.get("level")
    if draft.entity != "quotation" or not isinstance(stage, Taken):
        return
    for column, texts in known.items():
        over = tuple(code for code, text in texts.items() if text in ("Won", "Lost"))
        if over and column != draft.column_of("level"):
            first = Column(column, when=((column, over),))
            draft.fields["level"] = Taken((first, *stage.columns), values=tuple(texts.items()))
