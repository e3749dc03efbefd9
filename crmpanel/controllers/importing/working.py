"""Working: what a long step does just now, how far it is, and how it is stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from crmpanel.errors import CrmError
from crmpanel.locale import _


class Cancelled(CrmError):
    """Somebody stopped it; nothing was written."""


@dataclass(frozen=True)
class State:
    """How far something is.

    Parameters
    ----------
    text : what is being done.
    done : how much of all, from 0 to 1.
    seconds : since it began.
    rows : rows in all; 0 if that is not known.
    """

    text: str
    done: float
    seconds: float
    rows: int = 0

    @property
    def rate(self) -> float:
        """Rows in a second."""
        return self.rows * self.done / self.seconds if self.seconds > 0.2 else 0.0

    @property
    def left(self) -> float | None:
        """Seconds that it will take, once that can be told."""
        if self.done < 0.03 or self.seconds < 1:
            return None
        return self.seconds * (1 - self.done) / self.done


class Work:
    """A long step; told of by the thread that does it, looked at by another.

    Parameters
    ----------
    title : what it is for.
    clock : tells seconds; replaced in tests.
    """

    def __init__(self, title: str, rows: int = 0, clock: Callable[[], float] = time.monotonic):
        self._clock, self._start, self.rows = clock, clock(), rows
        self._text, self._done, self._stopped = title, 0.0, False
        self.final = False

    def tell(self, text: str, done: float) -> None:
        """What is being done now.

        Raises
        ------
        Cancelled : it is to be stopped.
        """
        if self._stopped:
            what = _("The import was cancelled.")
            raise Cancelled(what, "", _("Nothing was written."))
        self._text, self._done = text, max(self._done, min(1.0, done))

    def cancel(self) -> None:
        """Stop at the next opportunity."""
        self._stopped = True

    @property
    def is_cancelled(self) -> bool:
        """Whether it is to be stopped."""
        return self._stopped

    @property
    def state(self) -> State:
        """How far it is."""
        return State(self._text, self._done, self._clock() - self._start, self.rows)
