"""Reading a timeline, outside the event loop: all that an entry shows, and the changes between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crmpanel.controllers.feed_pages import Entry, position
from crmpanel.controllers.history import referred
from crmpanel.controllers.timeline import PAGE_SIZE, Timeline
from crmpanel.views.timeline_items import TOP, Folded, Shown, key_of


@dataclass(frozen=True)
class Numbers:
    """What is counted once the entries are there."""

    totals: dict[str, int]
    coming: int
    count: int
    users: list[tuple[int | None, str | None, int]]


class Reading:
    """Reads what a timeline shows; its methods are called in threads.

    Parameters
    ----------
    feed : the timeline.
    """

    def __init__(self, feed: Timeline) -> None:
        self.feed = feed

    def first(self, shown: Shown, been: int, coming: int) -> Callable[[], Shown]:
        """What reads so much of each part; what is unfolded in `shown` stays so."""
        unfolded = {key: len(f.entries) for key, f in shown.folds.items() if f.entries}

        def read() -> Shown:
            found = Shown(
                self.feed.pinned(), self.feed.upcoming(None, coming), self.feed.rows(None, been)
            )
            found.ended = len(found.been) < been
            self._dress(found, [*found.pinned, *found.coming, *found.been])
            self._fold(found, found.been, None)
            for key, number in unfolded.items():
                if key in found.folds:
                    self.unfold(found, key, number)
            return found

        return read

    def older(self, known: Shown) -> Shown:
        """What is shown, and a page more."""
        last = position(known.been[-1]) if known.been else None
        page = self.feed.rows(last, PAGE_SIZE)
        known.ended = len(page) < PAGE_SIZE
        self._dress(known, page)
        self._fold(known, page, last)
        known.been = [*known.been, *page]
        return known

    def later(self, known: Shown) -> Shown:
        """What is shown, and a page more of what is to come."""
        page = self.feed.upcoming(position(known.coming[-1]), PAGE_SIZE)
        self._dress(known, page)
        known.coming = [*known.coming, *page]
        return known

    def _dress(self, known: Shown, entries: list[Entry]) -> None:
        """Read what else is shown of entries."""
        known.records |= self.feed.records(entries)
        rows = self.feed.changes(entries)
        titles = referred(self.feed.desk, rows.values())
        for row in rows.values():
            row["titles"] = titles
        known.changes |= rows

    def _fold(self, known: Shown, page: list[Entry], after: Any) -> None:
        """Count what was changed between the entries of a page."""
        if not self.feed.folds_changes:
            return
        dates = [entry["at"] for entry in page if entry["at"] is not None]
        for slot, fold in self.feed.folds(page, after, known.ended).items():
            before = page[slot - 1] if slot else (known.been[-1] if after else None)
            key = key_of(before) if before else TOP
            until = dates[slot] if slot < len(dates) else None
            known.folds[key] = Folded(fold, position(before) if before else None, until)

    def unfold(self, known: Shown, key: str, number: int) -> Shown:
        folded = known.folds[key]
        folded.entries = self.feed.unfolded(folded.after, folded.until, max(number, PAGE_SIZE))
        self._dress(known, folded.entries)
        return known

    def numbers(self) -> Numbers:
        return Numbers(
            self.feed.totals(), self.feed.upcoming_count(), self.feed.count(), self.feed.users()
        )
