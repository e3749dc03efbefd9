"""What is written: beside bare SQL, while others read, and what it leaves behind."""

from __future__ import annotations

import datetime as dt
import itertools
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import data
from benchmarks.timing import Samples, ratio, side_by_side
from benchmarks.work import Side
from crmpanel.model.changeset import Changeset, MassUpdate, Set, Update
from crmpanel.query.query import Query
from crmpanel.store.optimize import optimize

#: Records of the mass edit.
MASS = 100_000
#: Activities that are new since the tables were sorted, at most; and the share of all.
TAIL, SHARE = 100_000, 10
#: Saves in a second while others read: what a hundred busy people do.
SAVES = 20
LOGGED = (
    'id, changeset, "at", responsible_id, source, entity, record_id, organisation_id, subject, '
    "action, field, old_value, new_value"
)


@dataclass(frozen=True)
class Row:
    """One thing measured beside another.

    Parameters
    ----------
    name, beside : what is done, and what it is compared with.
    own, other : their times.
    share : which of each case's times are compared: 0.5 for the median of pairs, else quantiles.
    most : the budget of the ratio.
    """

    name: str
    beside: str
    own: Samples
    other: Samples
    most: float
    share: float = 0.5

    @property
    def ratio(self) -> float:
        """How many times as long it takes."""
        if self.share == 0.5:
            return ratio(self.own, self.other)
        return self.own.quantile(self.share) / self.other.quantile(self.share)


class Writer:
    """The same writes by crmpanel and by bare SQL, on one database.

    Parameters
    ----------
    side : a database of one's own, which is written to.
    """

    def __init__(self, side: Side) -> None:
        self.side, self.texts = side, itertools.count()
        self.ids = [id for (id,) in side.database.rows(Query("SELECT id FROM organisation"))]
        last = side.database.scalar(Query("SELECT max(id) FROM change"))
        # Far away from the numbers that crmpanel gives.
        self._numbers = itertools.count(int(last) + 10**12)

    def _next(self, case: int) -> tuple[int, str]:
        return self.ids[case % len(self.ids)], f"+47 {next(self.texts)}"

    def save(self, case: int) -> None:
        """One field of one organisation."""
        id, phone = self._next(case)
        self.side.database.apply(Changeset((Update("organisation", id, {"phone": phone}),)))

    def save_bare(self, case: int) -> None:
        """The UPDATE and the INSERT of a log row, in one transaction."""
        id, phone = self._next(case + len(self.ids) // 2)
        with self._bare() as cursor:
            cursor.execute("UPDATE organisation SET phone = ? WHERE id = ?", [phone, id])
            row = [next(self._numbers), 1, dt.datetime.now(), 1, "edit", "organisation", id, id]
            row += ["Nordlys AS", "update", "phone", None, phone]
            marks = ", ".join("?" * len(row))
            cursor.execute(f"INSERT INTO change ({LOGGED}) VALUES ({marks})", row)

    def mass_edit(self, _case: int) -> None:
        """A status for many activities."""
        assignments = {"status": Set(f"Status {next(self.texts)}")}
        part = MassUpdate(("activity", self._many()), assignments)
        self.side.database.apply(Changeset((part,), source="mass edit"))

    def mass_edit_bare(self, _case: int) -> None:
        """The INSERT of the log rows from the table, and the UPDATE."""
        status, first = f"Status {next(self.texts)}", next(self._numbers)
        with self._bare() as cursor:
            which = "id IN (SELECT unnest(?::BIGINT[]))"
            cursor.execute(
                f"INSERT INTO change ({LOGGED}) SELECT {first} + row_number() OVER (), 1, ?, 1, "
                "'mass edit', 'activity', id, organisation_id, subject, 'update', 'status', "
                f"status, ? FROM activity WHERE {which}",
                [dt.datetime.now(), status, self._many()],
            )
            sql = f"UPDATE activity SET status = ? WHERE {which}"
            cursor.execute(sql, [status, self._many()])
        self._numbers = itertools.count(first + MASS + 1)

    def _many(self) -> list[int]:
        if not hasattr(self, "_ids"):
            sql = Query("SELECT id FROM activity ORDER BY id LIMIT ?", (MASS,))
            self._ids = [id for (id,) in self.side.database.rows(sql)]
        return self._ids

    @contextmanager
    def _bare(self) -> Iterator[Any]:
        cursor = self.side.bare.cursor()
        cursor.execute("BEGIN")
        yield cursor
        cursor.execute("COMMIT")

    @contextmanager
    def saving(self) -> Iterator[None]:
        """Somebody saves all the time."""
        done = threading.Event()

        def save() -> None:
            for case in itertools.count():
                if done.wait(1 / SAVES):
                    return
                self.save(case)

        thread = threading.Thread(target=save)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def rows(source: Path, samples: int) -> list[Row]:
    """Measure on copies of a database."""
    with tempfile.TemporaryDirectory() as folder:
        written = Side(data.copy(source, Path(folder), "written"))
        try:
            found = [*_writes(Writer(written), samples), _reads(Writer(written), samples)]
        finally:
            written.close()
        return [*found, _tail(source, Path(folder), samples)]


def _writes(writer: Writer, samples: int) -> Iterator[Row]:
    for name, own, bare, count, most in (
        ("Save one field", writer.save, writer.save_bare, samples, 3),
        ("Mass edit of 100,000 records", writer.mass_edit, writer.mass_edit_bare, 7, 2),
    ):
        works: dict[str, Callable[[Any], Any]] = {"own": own, "bare": bare}
        for work in works.values():
            work(0)
        times = side_by_side(works, range(count))
        yield Row(name, "the same in bare SQL", times["own"], times["bare"], most)


def _reads(writer: Writer, samples: int) -> Row:
    """Cards while somebody saves, and while nobody does, in turns."""
    side, times = writer.side, (Samples("saving"), Samples("quiet"))
    drawn = side.organisations.drawn(samples)
    read = {"card": side.card_with_activities}
    for start in range(0, samples, 50):
        cases = drawn[start : start + 50]
        with writer.saving():
            times[0].ms += side_by_side(read, cases)["card"].ms
        times[1].ms += side_by_side(read, cases)["card"].ms
    return Row(f"Card while {SAVES} saves a second go on", "while none do", *times, 1.5, 0.95)


def _tail(source: Path, folder: Path, samples: int) -> Row:
    """Cards with much that is new since the tables were sorted, and the same sorted."""
    unsorted = data.copy(source, folder, "unsorted")
    number = _append(unsorted)
    clustered = data.copy(unsorted, folder, "clustered")
    optimize(data.opened(clustered))
    sides = {"unsorted": Side(unsorted), "clustered": Side(clustered)}
    try:
        ids = sides["clustered"].organisations.drawn(samples)
        works = {name: side.card_with_activities for name, side in sides.items()}
        for work in works.values():
            for id in ids:
                work(id)
        times = side_by_side(works, ids)
    finally:
        for side in sides.values():
            side.close()
    name = f"Card with {number:,} new activities at the end of the tables"
    return Row(name, "after `crmpanel optimize`", times["unsorted"], times["clustered"], 1.5)


def _append(path: Path) -> int:
    """New activities with their log, in no order of organisations."""
    with data.opened(path) as database:
        there = int(database.scalar(Query("SELECT count(*) FROM activity")))
        number = min(TAIL, there // SHARE)
        with database.load("Benchmark", "benchmark") as load:
            load.execute(
                "CREATE TEMP TABLE new AS SELECT * REPLACE (id + (SELECT max(id) FROM activity) "
                f"AS id) FROM (SELECT * FROM activity USING SAMPLE {number} ROWS (reservoir, 1)) "
                "ORDER BY hash(id)"
            )
            load.execute("INSERT INTO activity SELECT * FROM new")
            load.execute(
                f"INSERT INTO change ({LOGGED}) SELECT (SELECT max(id) FROM change) + "
                "row_number() OVER (), 1, date, responsible_id, 'edit', 'activity', id, "
                "organisation_id, subject, 'insert', 'id', NULL, CAST(id AS VARCHAR) FROM new"
            )
    with data.opened(path) as database:
        database.maintain("CHECKPOINT")
    return number
