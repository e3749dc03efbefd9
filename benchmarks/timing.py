"""Timing things side by side, so that whatever else the machine does falls on all of them alike."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass
class Samples:
    """Milliseconds of one thing, in the order in which they were measured."""

    name: str
    ms: list[float] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        """The value below which `share` of the samples lie (nearest rank)."""
        ordered = sorted(self.ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    @property
    def p50(self) -> float:
        """The median."""
        return median(self.ms)

    @property
    def p95(self) -> float:
        """What one in twenty exceeds."""
        return self.quantile(0.95)


def stopwatch(work: Callable[..., Any], *args: Any) -> float:
    """Milliseconds that `work` takes."""
    start = time.perf_counter()
    work(*args)
    return (time.perf_counter() - start) * 1000


def side_by_side(
    works: dict[str, Callable[[Any], Any]], cases: Sequence[Any], seed: int = 1
) -> dict[str, Samples]:
    """Time every work on every case, in an order that changes from case to case.

    Garbage is collected between samples, not inside them.
    """
    shuffle = random.Random(seed).shuffle
    samples = {name: Samples(name) for name in works}
    names = list(works)
    gc.collect()
    gc.disable()
    try:
        for i, case in enumerate(cases):
            shuffle(names)
            for name in names:
                samples[name].ms.append(stopwatch(works[name], case))
            if i % 20 == 19:
                gc.collect()
    finally:
        gc.enable()
    return samples


def ratio(these: Samples, those: Samples) -> float:
    """How many times as long these took: the median over pairs measured one after the other."""
    return median(a / b for a, b in zip(these.ms, those.ms, strict=True))
