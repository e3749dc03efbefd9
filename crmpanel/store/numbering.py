"""Numbers that nothing ever had: of records, log rows and changesets."""

from __future__ import annotations

import datetime as dt

from crmpanel.errors import StoreError
from crmpanel.model.entity import Entity
from crmpanel.model.registry import Registry
from crmpanel.query.sqltext import quoted
from crmpanel.store.writer import Load

#: So many changesets are known again if they are sent twice.
REMEMBERED = 10_000


def log_of(registry: Registry) -> Entity:
    """The entity of the log; raises `StoreError` if there is none."""
    for entity in registry:
        if entity.about:
            return entity
    raise StoreError("Nothing can be changed here.", "There is no entity for the log.")


class Numbering:
    """The next free numbers, kept between writes so that no save has to look for them.

    The number of a deleted record is not given again: it comes back when that is undone.

    Attributes
    ----------
    as_of : after how many writes the numbers were right.
    """

    def __init__(self) -> None:
        self.as_of = -1
        self._next: dict[str, int] = {}
        self._latest = dt.datetime.min
        self._tokens: dict[str, int] | None = None

    def begin(self, load: Load, writes: int) -> Numbering:
        """Number a write that comes after so many others; returns itself."""
        if self.as_of != writes:
            self.as_of, self._next, self._latest = writes, {}, dt.datetime.min
            self._tokens = None
        self._load, self.log = load, log_of(load.registry)
        return self

    def record(self, entity: Entity) -> int:
        """An id for a new record."""
        return self.records(entity, 1)

    def records(self, entity: Entity, number: int) -> int:
        """The first of the ids for some new records; it stays free if there are none."""
        table, log = quoted(entity.name), quoted(self.log.name)
        used = (
            f'SELECT greatest((SELECT max("id") FROM {table}), '
            f'(SELECT max("record_id") FROM {log} WHERE "entity" = ?))'
        )
        return self._take(entity.name, used, (entity.name,), number)

    def log_rows(self, number: int) -> int:
        """The last id before those of `number` new log rows."""
        used = f'SELECT max("id") FROM {quoted(self.log.name)}'
        return self._take(self.log.name, used, (), number) - 1

    def known(self, token: str) -> int | None:
        """The number of the changeset that was sent with a token lately."""
        if self._tokens is None:
            sql = (
                "SELECT token, id FROM changeset WHERE token IS NOT NULL "
                f"ORDER BY id DESC LIMIT {REMEMBERED}"
            )
            self._tokens = dict(reversed(self._load.execute(sql).fetchall()))
        return self._tokens.get(token)

    def committed(self, token: str, number: int | None, writes: int) -> None:
        """A changeset was committed, as the last of so many writes."""
        self.as_of = writes
        if self._tokens is not None and number is not None:
            self._tokens[token] = number
            if len(self._tokens) > REMEMBERED:
                del self._tokens[next(iter(self._tokens))]

    def changeset(self) -> int:
        """Number of a new changeset."""
        used = (
            'SELECT greatest((SELECT max("id") FROM changeset), '
            f'(SELECT max("changeset") FROM {quoted(self.log.name)}))'
        )
        return self._take("changeset", used, ())

    def moment(self) -> dt.datetime:
        """Now, but never before the last changeset: clocks are set back, the log is not."""
        if self._latest == dt.datetime.min:
            row = self._load.execute('SELECT max("at") FROM changeset').fetchone()
            self._latest = row[0] if row and row[0] else dt.datetime.min
        self._latest = max(self._latest, dt.datetime.now().replace(microsecond=0))
        return self._latest

    def _take(self, name: str, used: str, params: tuple[str, ...], number: int = 1) -> int:
        if name not in self._next:
            row = self._load.execute(used, params).fetchone()
            self._next[name] = 1 + ((row[0] or 0) if row else 0)
        self._next[name] += number
        return self._next[name] - number
