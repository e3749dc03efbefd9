"""The databases that are measured: built once, kept in the user's cache folder."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

from crmpanel import demo
from crmpanel.query.query import Query
from crmpanel.store import Database, create, open_

SMALL = (1_000, 100_000)


def cache() -> Path:
    """Where databases are kept: ``$XDG_CACHE_HOME/crmpanel``, else below the temporary folder."""
    base = os.environ.get("XDG_CACHE_HOME") or tempfile.gettempdir()
    folder = Path(base) / "crmpanel"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def built(organisations: int, activities: int) -> Path:
    """A demo database of that size; made if it is not there yet."""
    path = cache() / f"{organisations}-{activities}.duckdb"
    if not path.exists():
        draft = path.with_suffix(".draft")
        print(f"Building {organisations:,} organisations, {activities:,} activities", flush=True)
        with create(draft, overwrite=True) as database:
            demo.build(database, organisations, activities, progress=_say)
            database.maintain("CHECKPOINT")
        move(draft, path)
    return path


def _say(what: str, share: float) -> None:
    print(f"\r{share:4.0%} {what}", end="\n" if share >= 1 else "", flush=True)


def move(source: Path, target: Path) -> None:
    """Rename a closed database together with its commit counter."""
    for end in (".commits", ""):
        os.replace(f"{source}{end}", f"{target}{end}")


def copy(source: Path, folder: Path, name: str) -> Path:
    """A copy of a closed database: a DuckDB file belongs to one process at a time."""
    target = folder / f"{name}.duckdb"
    for end in (".commits", ""):
        shutil.copyfile(f"{source}{end}", f"{target}{end}")
    return target


@dataclass(frozen=True)
class Size:
    """Rows of a database."""

    organisations: int
    activities: int
    log: int

    @classmethod
    def of(cls, database: Database) -> Size:
        """Count them."""
        tables = ("organisation", "activity", "change")
        count = [database.scalar(Query(f'SELECT count(*) FROM "{table}"')) for table in tables]
        return cls(*count)

    def __str__(self) -> str:
        return (
            f"{self.organisations:,} organisations, {self.activities:,} activities, "
            f"{self.log:,} log rows"
        )


class Organisations:
    """Which organisations people look at: those with much going on, more often.

    Each is drawn as the organisation of an activity drawn at random.
    """

    def __init__(self, database: Database) -> None:
        rows = database.rows(
            Query(
                "SELECT organisation_id, count(*) AS n FROM activity GROUP BY ALL "
                "ORDER BY n, organisation_id"
            )
        )
        self.ids = [id for id, _ in rows]
        self.sizes = [n for _, n in rows]

    def drawn(self, count: int, seed: int = 1) -> list[int]:
        """Organisations drawn by their number of activities."""
        return random.Random(seed).choices(self.ids, weights=self.sizes, k=count)

    def alike(self, others: Organisations, drawn: list[int]) -> list[int]:
        """For each drawn from `others`, one that is as big, so that two databases compare."""
        chooser, size = random.Random(2), dict(zip(others.ids, others.sizes, strict=True))
        found = []
        for id in drawn:
            place = bisect_left(self.sizes, size[id])
            near = range(max(0, place - 5), min(len(self.ids), place + 5))
            found.append(self.ids[chooser.choice(near)])
        return found

    def biggest(self, count: int = 10) -> list[int]:
        """The organisations with most activities."""
        return self.ids[-count:]

    def size(self, id: int) -> int:
        """Activities of an organisation."""
        return self.sizes[self.ids.index(id)]


def opened(path: Path) -> Database:
    """Open a database for measuring."""
    return open_(path)
