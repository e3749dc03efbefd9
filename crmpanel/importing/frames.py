"""Data frames of pandas, Polars or Arrow, alone or in a dictionary by name."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter
from collections.abc import Mapping
from itertools import count
from typing import Any

from crmpanel.errors import ImportFailed
from crmpanel.importing.duckfiles import TypedTables
from crmpanel.query.sqltext import quoted
from crmpanel.store.glance import Glance

_numbers = count(1)


class Frames(TypedTables):
    """Frames by the names of their tables.

    Parameters
    ----------
    frames : by name.
    """

    kind = "data frames"
    is_everywhere = False

    def __init__(self, frames: Mapping[str, Any]) -> None:
        self.name = next(iter(frames)) if len(frames) == 1 else "data frames"
        self._frames = {name: _known(name, frame) for name, frame in frames.items()}
        number = next(_numbers)
        self._views = {name: f"frame {number} {n}" for n, name in enumerate(frames)}

    @classmethod
    def of(cls, given: object) -> Frames:
        """What was given as frames.

        Raises
        ------
        ImportFailed : it is none, nor a dictionary of some.
        """
        if isinstance(given, Mapping):
            if given and all(isinstance(name, str) and name for name in given):
                return cls(given)
            raise _no_frame(given, "A dictionary must hold frames by name, and at least one.")
        return cls({"data": given})

    def _relations(self, glance: Glance) -> dict[str, tuple[str, str]]:
        for name, view in self._views.items():
            glance.register(view, self._frames[name])
        return {name: (name, quoted(view)) for name, view in self._views.items()}

    def prepare(self, cursor: Any) -> None:
        """Register the frames on a cursor."""
        for name, view in self._views.items():
            cursor.register(view, self._frames[name])

    def release(self, cursor: Any) -> None:
        """Unregister them."""
        for view in self._views.values():
            cursor.unregister(view)


def _known(name: str, frame: Any) -> Any:
    """What DuckDB reads: text columns of pandas as text, others through Arrow."""
    library = type(frame).__module__.split(".")[0]
    if library == "pandas" and hasattr(frame, "columns"):
        return _of_pandas(name, frame)
    if library == "polars" and hasattr(frame, "collect"):
        frame = frame.collect()
    if library == "polars" and hasattr(frame, "to_frame"):
        frame = frame.to_frame()
    if library == "pyarrow" and hasattr(frame, "schema"):
        return frame
    if hasattr(frame, "__arrow_c_stream__"):
        return frame
    raise _no_frame(frame, "")


def _no_frame(given: object, why: str) -> ImportFailed:
    return ImportFailed(
        f"A {type(given).__name__} cannot be imported.",
        why,
        "Give a path, a data frame of pandas, Polars or Arrow, or a dictionary of them by name.",
    )


def _of_pandas(name: str, frame: Any) -> Any:
    frame = frame.copy(deep=False)
    frame.columns = [str(column) for column in frame.columns]
    twice = [column for column, n in Counter(frame.columns).items() if n > 1]
    if twice:
        raise ImportFailed(
            f"The frame {name} cannot be imported.",
            f"It has the column {twice[0]!r} more than once.",
            "Rename one of them.",
        )
    for column in frame.columns:
        kind = str(frame[column].dtype)
        if kind in ("object", "str", "category") or kind.startswith("string"):
            frame[column] = frame[column].astype(object).map(as_text).astype(object)
    return frame


def as_text(value: Any) -> str | None:
    """A value in a column of any kind, as text; what stands for nothing is None.

    >>> as_text(7.0), as_text("007"), as_text(float("nan")), as_text(True)
    ('7', '007', None, 'true')
    """
    if isinstance(value, str):
        return value or None
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return str(int(value)) if abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bytes):
        return f"(binary, {len(value)} bytes)"
    return str(value)
