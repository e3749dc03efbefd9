"""Staged rows: what a changeset will do to one field of one record, and what is in its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from crmpanel.model.proposal import Made, Texts, Values
from crmpanel.query.sqltext import literal

#: ``state`` is blank where all is well; else what stands in the way.
COLUMNS = {
    "entity": "VARCHAR",
    "record_id": "BIGINT",
    "organisation_id": "BIGINT",
    "subject": "VARCHAR",
    "action": "VARCHAR",
    "field": "VARCHAR",
    "old_value": "VARCHAR",
    "new_value": "VARCHAR",
    "seen": "VARCHAR",
    "state": "VARCHAR",
}
TYPES = tuple(COLUMNS.values())
TABLE = f"CREATE TEMP TABLE staged ({', '.join(f'{n} {t}' for n, t in COLUMNS.items())})"
#: What the log keeps of a staged row.
LOGGED = tuple(COLUMNS)[:8]
#: So many records are read at a time to be compared with what was entered.
BATCH = 10_000
#: So many records are found through the index of their table; more by reading it.
FEW = 20
#: So many rows, of so many records, are kept in memory and written record by record; more go
#: through a temporary table, which costs as much as eight records do.
ROWS_IN_MEMORY, RECORDS_IN_MEMORY = 100, 8
#: So many ids are told of a write; of more only the number.
LISTED = 1000
#: The record is not there; it is there already; it holds another value than was seen.
GONE, THERE, CHANGED = "gone", "there", "changed"
#: A date beyond the calendar; a mandatory reference that would be cleared; a reference to a record
#: that is to go.
BEYOND, NEEDED, REFERRING = "beyond", "needed", "referring"


class Row(NamedTuple):
    """A staged row, in the order of `COLUMNS`."""

    entity: str
    record_id: int
    organisation_id: int | None
    subject: str | None
    action: str
    field: str
    old_value: str | None
    new_value: str | None
    seen: str | None = None
    state: str | None = None

    @property
    def logged(self) -> tuple[str | int | None, ...]:
        """What the log keeps of it, in the order of `LOGGED`."""
        return self[: len(LOGGED)]


@dataclass(frozen=True)
class Group:
    """Staged rows of one entity, action and field that are in the same state.

    Parameters
    ----------
    number : how many.
    ids, organisations : of the first of them, at most `LISTED`.
    """

    entity: str
    action: str
    field: str
    state: str | None
    number: int
    ids: tuple[int, ...]
    organisations: tuple[int, ...]

    @property
    def few(self) -> tuple[int, ...]:
        """The ids if they are few enough to be looked up one by one, else nothing."""
        return few(self.ids)


class Held(NamedTuple):
    """What a record holds: whose it is, its title, and text by field."""

    organisation: int | None
    title: str | None
    texts: Texts


def compare(step: Values, ids: Sequence[int], held: Mapping[int, Held]) -> list[Row]:
    """Rows to stage for new values: of what changes, and of what something stands in the way."""
    rows: list[Row] = []
    entity = step.entity
    for id in ids:
        now = held.get(id)
        if not now and not step.texts[id]:
            rows.append(Row(entity.name, id, None, None, "update", "id", None, None, None, GONE))
        for name, text in step.texts[id].items():
            old, seen = now.texts[name] if now else None, step.seen[id].get(name)
            state = None if now else GONE
            if now and name in step.seen[id] and (seen or "") != (old or ""):
                state = CHANGED
            if state is None and text == old:
                continue
            title, owner = (now.title, now.organisation) if now else (None, None)
            if name == entity.organisation and text:
                owner = int(text)
            rows.append(Row(entity.name, id, owner, title, "update", name, old, text, seen, state))
    return rows


def made_rows(record: Made) -> list[Row]:
    """Rows to stage for a new record."""
    entity, texts = record.entity, record.texts
    owner = texts.get(entity.organisation) if entity.organisation else None
    whose, title = int(owner) if owner else None, texts.get(entity.title)
    return [
        Row(entity.name, record.id, whose, title, "insert", name, None, text)
        for name, text in texts.items()
    ]


def are_few(rows: Sequence[Row]) -> bool:
    """Whether rows are few enough to be written record by record."""
    records = {(row.entity, row.record_id) for row in rows[:ROWS_IN_MEMORY]}
    return len(rows) <= ROWS_IN_MEMORY and len(records) <= RECORDS_IN_MEMORY


def grouped(rows: Sequence[Row]) -> list[Group]:
    """Rows by entity, action, field and state."""
    found: dict[tuple[str, str, str, str | None], list[Row]] = {}
    for row in rows:
        found.setdefault((row.entity, row.action, row.field, row.state), []).append(row)
    return in_order(
        Group(
            *key,
            len(same),
            tuple(sorted(row.record_id for row in same)),
            tuple(sorted(r.organisation_id for r in same if r.organisation_id is not None)),
        )
        for key, same in found.items()
    )


def in_order(groups: Iterable[Group]) -> list[Group]:
    """Groups in the order in which they are written."""
    return sorted(groups, key=lambda g: (g.entity, g.action, g.field, g.state or ""))


def written(ids: Sequence[int]) -> str:
    """Ids as SQL text."""
    return ", ".join(literal(int(id)) for id in ids)


def few(ids: Sequence[int]) -> tuple[int, ...]:
    """The ids if they are few enough to be looked up one by one, else nothing."""
    return tuple(ids) if len(ids) <= FEW else ()
