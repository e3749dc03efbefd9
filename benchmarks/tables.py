"""The results as Markdown tables, and the page of the documentation that they go into."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks import imports, writes
from benchmarks.browser import STEPS, Outcome
from benchmarks.data import Size
from benchmarks.machine import description
from benchmarks.server import Row

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
MARKS = ("<!-- measured -->", "<!-- end -->")


def server_table(small: Size, big: Size, rows: Sequence[Row]) -> str:
    """What the server's part takes, in milliseconds."""
    lines = [
        f"### Server, in process\n\nSmall: {small}. Big: {big}. Milliseconds, median /",
        "95th percentile; growth is the median of pairs, big over small, for organisations of",
        "the same size.\n",
        "| | small | big | growth | biggest organisations | × bare DuckDB, small / big |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        top = f"{row.biggest.p50:.1f} / {row.biggest.p95:.1f}" if row.biggest else ""
        bare = "{:.2f} / {:.2f}".format(*row.overhead) if row.overhead else ""
        lines.append(
            f"| {row.name} | {row.small.p50:.1f} / {row.small.p95:.1f} "
            f"| {row.big.p50:.1f} / {row.big.p95:.1f} | {row.growth:.2f} | {top} | {bare} |"
        )
    return "\n".join(lines)


def writes_table(rows: Sequence[writes.Row]) -> str:
    """What writing takes, in milliseconds."""
    lines = [
        "### Writes, side by side in one run\n\nMilliseconds, median / 95th percentile; × is the",
        "median of pairs, or the ratio of the 95th percentiles where that is said.\n",
        "| | | beside | | × | budget |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        own, other = (f"{times.p50:.1f} / {times.p95:.1f}" for times in (row.own, row.other))
        which = "" if row.share == 0.5 else " (95th percentile)"
        lines.append(
            f"| {row.name} | {own} | {row.beside} | {other} | {row.ratio:.2f}{which} "
            f"| {row.most:g} |"
        )
    return "\n".join(lines)


def imports_table(rows: Sequence[imports.Row]) -> str:
    """What an import takes, beside bare DuckDB."""
    lines = [
        "### Import, side by side in one run\n\nEach in a process of its own, into a new database;",
        "medians, × of pairs. Processor time is that of all threads together.\n",
        "| | | seconds | processor | rows/s | memory at most | ×, by the clock / processor |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        for way, load in row.loads.items():
            times = "" if way == "own" else "{:.2f} / {:.2f}".format(*row.against(way))
            lines.append(
                f"| {row.name} | {imports.NAMES[way]} | {load.times.p50 / 1000:.1f} "
                f"| {load.work.p50 / 1000:.1f} | {load.speed:,.0f} | {load.peak:,.0f} MB "
                f"| {times} |"
            )
    return "\n".join(lines)


def browser_table(outcomes: Sequence[Outcome]) -> str:
    """What a person waits for, beside the peers, in milliseconds."""
    own = outcomes[0]
    lines = [
        "### Browser, side by side in one run\n\nMilliseconds, median / 95th percentile, and × of",
        f"{own.name}.\n",
        "| | " + " | ".join(outcome.name for outcome in outcomes) + " |",
        "|---" * (len(outcomes) + 1) + "|",
    ]
    for step, label in STEPS.items():
        cells = [
            f"{o.steps[step].p50:.0f} / {o.steps[step].p95:.0f} (×{o.against(own, step):.2f})"
            for o in outcomes
        ]
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    cpu = [f"{o.cpu.p50:.0f} ms" for o in outcomes]
    lines.append("| server's processor time for a page | " + " | ".join(cpu) + " |")
    weights = [f"{o.megabytes:.1f} MB in {o.requests} requests" for o in outcomes]
    lines.append("| weight of a page, nothing cached | " + " | ".join(weights) + " |")
    return "\n".join(lines)


def machine_table() -> str:
    """The machine that the run was made on."""
    return "\n".join(["### Machine\n", "| | |", "|---|---|"] + [
        f"| {name} | {value} |" for name, value in description()
    ])  # fmt: skip


def write(tables: Sequence[str]) -> None:
    """Put the tables between the marks of docs/performance.md."""
    page = PAGE.read_text("utf-8")
    head, rest = page.split(MARKS[0])
    tail = rest.split(MARKS[1])[1]
    body = "\n\n".join(tables)
    PAGE.write_text(f"{head}{MARKS[0]}\n\n{body}\n\n{MARKS[1]}{tail}", "utf-8")
