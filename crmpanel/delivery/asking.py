"""`crmpanel notify`: a run here, or in the process that has the database open."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

from crmpanel.delivery.run import Report, notify
from crmpanel.delivery.settings import Settings
from crmpanel.delivery.wire import ask, request_of
from crmpanel.errors import LockedDatabase
from crmpanel.store import open_

#: Seconds to wait for a process that has the database open and cannot be asked, such as another
#: `crmpanel notify`.
PATIENCE = 20.0


def run(
    path: Path,
    settings: Settings,
    now: dt.datetime | None = None,
    dry_run: bool = False,
    patience: float = PATIENCE,
) -> Report:
    """Deliver what is due.

    Raises
    ------
    LockedDatabase : a process has the database open that is no server.
    CrmError : see `crmpanel.delivery.run.notify`.
    """
    end = time.monotonic() + patience
    while True:
        try:
            with open_(path) as database:
                return notify(database, settings, now, dry_run)
        except LockedDatabase:
            report = ask(path, request_of(settings, now, dry_run))
            if report is not None:
                return report
            if time.monotonic() > end:
                raise
        time.sleep(0.2)
