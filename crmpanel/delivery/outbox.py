"""Outbox: what is delivered to a reader over a channel, written down before it goes out."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crmpanel.controllers.delivering import (
    DAILY,
    DIGEST,
    DIGEST_SINCE,
    FAILED,
    MAIL,
    SENDING,
    SENT,
    WEBHOOK_SINCE,
    WEEKLY,
)
from crmpanel.controllers.desk import Desk
from crmpanel.delivery.words import one_line
from crmpanel.model.changeset import Keep
from crmpanel.query import delivering, personal
from crmpanel.store.secret import derived

Row = dict[str, Any]


@dataclass(frozen=True)
class Delivery:
    """One mail, or one call of a webhook.

    Parameters
    ----------
    channel, period : there is one delivery of each.
    first, last : it tells of the changesets after `first`, up to and with `last`, however often
        it is tried.
    begun : when it was first tried.
    """

    channel: str
    period: str
    first: int
    last: int
    begun: dt.datetime


def period_of(now: dt.datetime, every: str) -> str:
    """The day, or the ISO week, of a moment in local time.

    >>> period_of(dt.datetime(2027, 1, 1), "weekly"), period_of(dt.datetime(2027, 1, 1), "daily")
    ('2026-W53', '2027-01-01')
    """
    week = now.isocalendar()
    return f"{week.year}-W{week.week:02}" if every == WEEKLY else now.date().isoformat()


class Outbox:
    """The deliveries of the viewer of a desk over one channel.

    A delivery is written with its range before it goes out, and once more after: if we are killed
    in between, the next run sends the same again, by the same name, so that whoever has got it
    already can tell. That is at least once, as mail cannot be better.

    Parameters
    ----------
    desk : the reader's own.
    channel : `delivering.MAIL` or `delivering.HOOK`.
    chosen : the reader's preferences, see `delivering.chosen`.
    """

    def __init__(self, desk: Desk, channel: str, chosen: Mapping[str, str]) -> None:
        self.desk, self.channel = desk, channel
        every = chosen.get(DIGEST, DAILY)
        self.every = every if every in (DAILY, WEEKLY) else DAILY
        since = chosen.get(DIGEST_SINCE if channel == MAIL else WEBHOOK_SINCE, "0")
        self._since = int(since) if since.isdecimal() else 0

    def _rows(self) -> list[Row]:
        return self.desk.database.records(delivering.deliveries(self.desk.me, self.channel))

    def unfinished(self) -> list[Delivery]:
        """Those that were begun and are not known to have arrived, oldest first."""
        return [
            Delivery(self.channel, row["period"], row["first"], row["last"], row["begun"])
            for row in self._rows()
            if row["state"] != SENT
        ]

    def due(self) -> Delivery | None:
        """The delivery of the present period, unless there is one already; nothing is written."""
        rows, now = self._rows(), self.desk.clock()
        period = period_of(now, self.every)
        if any(row["period"] == period for row in rows):
            return None
        first = max([self._since, *(row["last"] for row in rows)])
        newest = int(self.desk.database.scalar(personal.newest()))
        return Delivery(self.channel, period, first, newest, now) if newest > first else None

    def begin(self, delivery: Delivery) -> None:
        """Write down that it goes out now."""
        self._write(delivery, SENDING, None)

    def finish(self, delivery: Delivery, problem: str | None = None) -> None:
        """Write down that it has arrived, or why it has not.

        The reader may have ended the channel meanwhile, which forgets what is under way: what has
        arrived counts all the same, what has not is not wanted any more.
        """
        if problem is None:
            self._write(delivery, SENT, None)
        elif any(row["period"] == delivery.period for row in self._rows()):
            self._write(delivery, FAILED, one_line(problem))

    def _write(self, delivery: Delivery, state: str, reason: str | None) -> None:
        key = {"channel": delivery.channel, "period": delivery.period}
        values = {"first": delivery.first, "last": delivery.last, "begun": delivery.begun}
        now = self.desk.clock()
        self.desk.keep(
            Keep("delivery", key, {**values, "state": state, "reason": reason, "at": now})
        )

    def name(self, delivery: Delivery) -> str:
        """What tells a delivery from all others, of any database: the same whenever it is tried."""
        said = f"{self.desk.me}\n{self.channel}\n{delivery.period}\n{delivery.last}".encode()
        return hashlib.sha256(derived(self.desk.database, "delivery") + said).hexdigest()[:32]
