"""``python -m benchmarks``: measure, print, and with ``--write`` keep the tables."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from benchmarks import browser, data, exports, imports, tables, writes
from benchmarks.server import Comparison
from benchmarks.work import Side


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--organisations", type=int, default=100_000)
    parser.add_argument("--activities", type=int, default=10_000_000)
    parser.add_argument("--only", choices=["server", "writes", "imports", "browser"])
    parser.add_argument("--small", type=Path, help="an existing small database")
    parser.add_argument("--db", type=Path, help="an existing big database")
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--accounts", type=int, default=100_000, help="of the export")
    parser.add_argument("--tasks", type=int, default=1_000_000, help="of the export")
    parser.add_argument("--loads", type=int, default=3, help="of the export, in each way")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    return parser.parse_args()


def _server(small: Path, big: Path, samples: int) -> str:
    sides = Side(small), Side(big)
    try:
        rows = Comparison(*sides, samples).rows()
        sizes = [data.Size.of(side.database) for side in sides]
        return tables.server_table(*sizes, rows)
    finally:
        for side in sides:
            side.close()


def _parts(asked: argparse.Namespace) -> Iterator[str]:
    """The tables that were asked for."""
    yield tables.machine_table()
    if asked.only in (None, "imports"):
        size = exports.Size(asked.accounts, asked.tasks)
        yield tables.imports_table(imports.rows(size, asked.loads))
    if asked.only == "imports":
        return
    small = asked.small or data.built(*data.SMALL)
    if asked.only in (None, "server"):
        big = asked.db or data.built(asked.organisations, asked.activities)
        yield _server(small, big, asked.samples)
    if asked.only in (None, "writes"):
        yield tables.writes_table(writes.rows(small, asked.samples))
    if asked.only in (None, "browser"):
        yield tables.browser_table(browser.run(small, asked.rounds))


def main() -> None:
    """Run what was asked for."""
    asked = _arguments()
    found = list(_parts(asked))
    print("\n\n".join(found))
    if asked.write:
        tables.write(found)


if __name__ == "__main__":
    main()
