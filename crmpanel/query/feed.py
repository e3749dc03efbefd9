"""Where a page of the merged feed begins and ends, as conditions on each of its branches."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crmpanel.model.kinds import DATE
from crmpanel.query.selection import Selection
from crmpanel.query.sqltext import quoted
from crmpanel.query.where import Predicate, all_of


@dataclass(frozen=True)
class Position:
    """A place in the feed, which is ordered by date, then by rank of the branch, then by id."""

    at: dt.datetime | None
    rank: int
    id: int


@dataclass(frozen=True)
class Branch:
    """The entries of one entity.

    Parameters
    ----------
    selection : its records that pass the filters; the entity has a date.
    rank : orders entries with the same date.
    """

    selection: Selection
    rank: int

    @property
    def is_log(self) -> bool:
        """Whether its rows tell of changes; all those of a record at once are one entry."""
        return bool(self.selection.entity.about)

    @property
    def date(self) -> str:
        """Column of the date."""
        return f"r.{quoted(str(self.selection.entity.date))}"

    @property
    def table(self) -> str:
        """The table with its alias."""
        return f"{quoted(self.selection.entity.name)} AS r"

    def moment(self, now: dt.datetime) -> dt.date:
        """The present as the date can be compared with it: a day has come when it begins."""
        entity = self.selection.entity
        return now.date() if entity.field(str(entity.date)).kind is DATE else now


@dataclass(frozen=True)
class Part:
    """A part of the feed.

    Parameters
    ----------
    now : divides what has been from what is to come; None for both.
    upcoming : what is to come, the soonest first; else what has been, the latest first, and at
        the end what has no date.
    after : position of the entry that it begins after.
    until : date of the entry that it ends before.
    bound : see `bound`.
    """

    now: dt.datetime | None = None
    upcoming: bool = False
    after: Position | None = None
    until: dt.datetime | None = None
    bound: dt.datetime | None = None

    @property
    def way(self) -> str:
        """The direction of the order, as SQL."""
        return "ASC NULLS LAST" if self.upcoming else "DESC NULLS LAST"

    @property
    def _beyond(self) -> str:
        return ">" if self.upcoming else "<"

    def where(self, branch: Branch, strictly: bool = False) -> Predicate:
        """Which rows of a branch are in it.

        Parameters
        ----------
        strictly : none with the date of the entry that it begins after.
        """
        back = "<" if self.upcoming else ">"
        found = [branch.selection.where()]
        if self.now is not None:
            found.append(self._since(branch, self.now))
        if self.after is not None:
            after = self.after
            found.append(self._farther(branch, after) if strictly else self._behind(branch, after))
        if self.until is not None:
            found.append(Predicate(f"{branch.date} {back} ?", (self.until,)))
        if self.bound is not None:
            found.append(Predicate(f"{branch.date} {back}= ?", (self.bound,)))
        return all_of(found)

    def having(self, branch: Branch) -> Predicate:
        """Which entries made of the rows of the log are in it."""
        if self.after is None or self.after.rank != branch.rank:
            return Predicate("TRUE")
        return Predicate(
            f'({branch.date} IS DISTINCT FROM ? OR min(r."id") {self._beyond} ?)',
            (self.after.at, self.after.id),
        )

    def _since(self, branch: Branch, now: dt.datetime) -> Predicate:
        moment = (branch.moment(now),)
        if self.upcoming:
            return Predicate(f"{branch.date} > ?", moment)
        return Predicate(f"({branch.date} <= ? OR {branch.date} IS NULL)", moment)

    def _farther(self, branch: Branch, after: Position) -> Predicate:
        if after.at is None:
            return Predicate("FALSE")
        return Predicate(f"{branch.date} {self._beyond} ?", (after.at,))

    def _behind(self, branch: Branch, after: Position) -> Predicate:
        """What has the same date is told apart by rank, and within a branch by id."""
        date, beyond, ahead = branch.date, self._beyond, branch.rank - after.rank
        if after.at is None:
            if ahead == 0 and not branch.is_log:
                return Predicate(f'({date} IS NULL AND r."id" {beyond} ?)', (after.id,))
            return Predicate("FALSE" if ahead < 0 else f"{date} IS NULL")
        blank = "" if self.upcoming else f" OR {date} IS NULL"
        if ahead == 0 and not branch.is_log:
            same = f'({date} = ? AND r."id" {beyond} ?)'
            at = after.at
            return Predicate(f"({date} {beyond} ? OR {same}{blank})", (at, at, after.id))
        return Predicate(f"({date} {beyond}{'=' * (ahead >= 0)} ?{blank})", (after.at,))
