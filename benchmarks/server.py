"""The server's part, in process: small database against big one, crmpanel against bare DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import cases
from benchmarks.timing import Samples, ratio, side_by_side
from benchmarks.work import Side


@dataclass(frozen=True)
class Row:
    """One thing measured.

    Parameters
    ----------
    name : what is done.
    small, big : times on either database, for organisations of the same sizes.
    biggest : times for the biggest organisations of the big one.
    overhead : crmpanel's time over that of the same statements in bare DuckDB, small and big.
    """

    name: str
    small: Samples
    big: Samples
    biggest: Samples | None = None
    overhead: tuple[float, float] | None = None

    @property
    def growth(self) -> float:
        """How many times as long the big database takes: the median of pairs."""
        return ratio(self.big, self.small)


class Comparison:
    """Everything that is measured on two databases.

    Parameters
    ----------
    small, big : the databases.
    count : samples of each thing.
    """

    def __init__(self, small: Side, big: Side, count: int) -> None:
        self.small, self.big, self.count = small, big, count
        self.big_ids = big.organisations.drawn(count)
        self.small_ids = small.organisations.drawn(count)
        self.big_ids = big.organisations.alike(small.organisations, self.small_ids)
        top = big.organisations.biggest()
        self.top_ids = [top[i % len(top)] for i in range(count)]

    def rows(self) -> list[Row]:
        """Measure, one thing after the other; each case is run once before it is timed."""
        found = []
        for measure in (self._cards, self._lists, self._searches, self._whole):
            for row in measure():
                print(f"  {row.name}: {row.small.p50:.1f} / {row.big.p50:.1f} ms", flush=True)
                found.append(row)
        return found

    def _row(
        self,
        name: str,
        work: str,
        small: Sequence[Any],
        big: Sequence[Any],
        top: Sequence[Any] | None = None,
    ) -> Row:
        both = [(getattr(self.small, work), small), (getattr(self.big, work), big)]
        if top is not None:
            both.append((getattr(self.big, work), top))
        samples = _timed([(run, list(sequence)) for run, sequence in both])
        return Row(name, samples[0], samples[1], samples[2] if top is not None else None)

    # -- by organisation ---------------------------------------------------------------------

    def _cards(self) -> list[Row]:
        ids = self.small_ids, self.big_ids, self.top_ids
        return [
            self._against_bare("Card with activities", "card_with_activities"),
            self._against_bare("Card with details", "card_with_details"),
            *self._pasts(),
            self._row("Log tab", "log", *ids),
            self._row("Timeline", "timeline", *ids),
            self._row("Timeline with changes", "timeline_with_changes", *ids),
        ]

    def _pasts(self) -> list[Row]:
        """The card as it was; organisations that are younger are left out."""
        chosen = [
            [id for id in ids if side.is_older(id, 365)]
            for side, ids in (
                (self.small, self.small_ids),
                (self.big, self.big_ids),
                (self.big, self.top_ids),
            )
        ]
        number = min(len(ids) for ids in chosen)
        cases = [ids[:number] for ids in chosen]
        return [
            self._row("Card with details, a week ago", "card_a_week_ago", *cases),
            self._row("Card with details, a year ago", "card_a_year_ago", *cases),
        ]

    def _against_bare(self, name: str, work: str) -> Row:
        parts: list[tuple[Callable[[Any], Any], list[Any]]] = []
        for side, ids in ((self.small, self.small_ids), (self.big, self.big_ids)):
            run = getattr(side, work)
            parts += [(run, ids), (side.run_bare, [side.statements(run, id) for id in ids])]
        parts.append((getattr(self.big, work), self.top_ids))
        small, bare_small, big, bare_big, top = _timed(parts)
        return Row(name, small, big, top, (ratio(small, bare_small), ratio(big, bare_big)))

    def _lists(self) -> list[Row]:
        made = [
            [side.filtered(id, seed) for seed, id in enumerate(ids)]
            for side, ids in (
                (self.small, self.small_ids),
                (self.big, self.big_ids),
                (self.big, self.top_ids),
            )
        ]
        report = [self.small_ids, self.big_ids, self.top_ids]
        return [
            self._row("Filter activities", "filter", *made),
            self._row("Choices beside the filters", "facets", *made),
            self._row("Report on an organisation", "report", *report),
        ]

    # -- over everything ---------------------------------------------------------------------

    def _searches(self) -> list[Row]:
        sides = ((self.small, self.small_ids), (self.big, self.big_ids))
        return [
            self._row("Search as typed", "search", *(cases.typed(*side) for side in sides)),
            self._row("Search, misspelt", "search", *(cases.misspelt(*side) for side in sides)),
        ]

    def _whole(self) -> list[Row]:
        pages = [cases.front_pages(side, self.count) for side in (self.small, self.big)]
        few = [None] * max(10, self.count // 20)
        return [
            self._row("List of all organisations", "all_organisations", *pages),
            self._row("Report on everything", "report", few, few),
        ]


def _timed(parts: list[tuple[Callable[[Any], Any], list[Any]]]) -> list[Samples]:
    """Times of works on cases of their own, side by side, after one round that warms up."""
    for work, sequence in parts:
        for case in sequence:
            work(case)
    works = {
        str(i): (lambda row, i=i, work=work: work(row[i])) for i, (work, _) in enumerate(parts)
    }
    return list(side_by_side(works, list(zip(*(s for _, s in parts), strict=True))).values())
