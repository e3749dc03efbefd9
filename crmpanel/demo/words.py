"""Word lists: the TOML files of `data/` as temporary tables that the SQL picks from."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import Any, Protocol

LANGUAGES = ("nb", "da", "sv", "en")
COUNTRIES = ("NO", "SE", "DK", "FI", "DE", "GB")
#: Lists are stretched to this many slots, so that SQL picks from any of them with one equality.
SLOTS = 1024

Row = Sequence[Any]


class Execute(Protocol):
    """What this module needs of `crmpanel.store.writer.Load`."""

    def execute(self, sql: str, params: Sequence[Any] = ...) -> Any:
        """Run one statement."""


@cache
def toml(name: str) -> dict[str, Any]:
    """The parsed file `data/<name>.toml`."""
    file = resources.files(__package__).joinpath("data", f"{name}.toml")
    return tomllib.loads(file.read_text("utf-8"))


def split(line: str, parts: int) -> tuple[str | None, ...]:
    """The `parts` pieces of a line written ``a | b | c``; missing ones are None."""
    found = [piece.strip() for piece in line.split(" | ")]
    return (*found, *[None] * (parts - len(found)))


def table(load: Execute, name: str, columns: str, rows: Iterable[Row], key: str = "") -> None:
    """Make the temporary table `name` of some rows.

    Parameters
    ----------
    columns : names and types, ``"slot INTEGER, text VARCHAR"``.
    key : columns to be hashed into the column `key`. Joining on that one value keeps the optimiser
        from seeing that two lists share a language, and from multiplying them.
    """
    pairs = [column.strip().split(" ", 1) for column in columns.split(",")]
    values = list(zip(*rows, strict=True)) or [()] * len(pairs)
    select = ", ".join(f"unnest(?::{kind}[]) AS {column}" for column, kind in pairs)
    hashed = f", hash({key}) AS key" if key else ""
    load.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT *{hashed} FROM (SELECT {select})",
        [list(column) for column in values],
    )


def picks(
    load: Execute, name: str, columns: str, rows: Iterable[Row], by: str, slots: int = SLOTS
) -> None:
    """Make the temporary table `name` to pick from: the rows of each list stretched over `slots`.

    Parameters
    ----------
    by : the columns that tell the lists apart; the column `key` is the hash of them and the slot.
    """
    table(
        load,
        f"{name}_list",
        columns + ", line INTEGER",
        ((*row, line) for line, row in enumerate(rows)),
    )
    load.execute(f"""CREATE OR REPLACE TEMP TABLE {name} AS
        SELECT * EXCLUDE (line, place, places), hash({by}, slot::INTEGER) AS key
        FROM (SELECT *, row_number() OVER (PARTITION BY {by} ORDER BY line) - 1 AS place,
                     count(*) OVER (PARTITION BY {by}) AS places FROM {name}_list),
             range({slots}) AS r(slot)
        WHERE place = slot * places // {slots}""")


def macros() -> list[str]:
    """Statements that make the macros holding the names of days and months."""
    made = []
    for name in ("days", "months"):
        cases = " ".join(
            f"WHEN '{lang}' THEN {toml(lang)[name].split()!r}[i]" for lang in LANGUAGES
        )
        made.append(f"CREATE OR REPLACE TEMP MACRO {name}_of(l, i) AS CASE l {cases} END")
    return made
