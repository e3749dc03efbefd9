"""Recognising an export by its tables and columns, and saying what was looked for in vain."""

from __future__ import annotations

from collections.abc import Iterable

from crmpanel.errors import ImportFailed
from crmpanel.importing.mapping import Mapping
from crmpanel.importing.mappingfile import load_mapping, mappings
from crmpanel.importing.sources import Source, Table
from crmpanel.model.registry import Registry

SHOWN = 12


def find(names: dict[str, Table] | tuple[str, ...], wanted: str) -> str | None:
    """`wanted` among `names`, exactly or else without regard to case (some tools shout)."""
    if wanted in names:
        return wanted
    return next((name for name in names if name.casefold() == wanted.casefold()), None)


def listed(names: tuple[str, ...] | list[str], longest: int = 40) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    short = (n if len(n) <= longest else n[: longest - 1] + "…" for n in names[:SHOWN])
    return ", ".join(short) + more


def not_an_export(source: Source, tried: dict[str, Mapping], remedy: str) -> ImportFailed:
    """The error that names what was found at a path, and what was looked for."""
    wanted = "; ".join(
        f"for {name}: "
        + ", ".join(
            f"{table} ({', '.join(columns)})" for table, columns in mapping.recognise.items()
        )
        for name, mapping in tried.items()
    )
    return ImportFailed(
        f"{source.name} is not an export that can be imported"
        + (f" as {next(iter(tried))}." if len(tried) == 1 else "."),
        f"It holds {source.kind}: {listed(list(source.tables)) or 'no tables'}. "
        f"Looked for tables and columns {wanted}.",
        remedy,
    )


#: Of the columns that a mapping would read, so many must be there, or of those that are there so
#: many must be read.
ENOUGH = 0.3
#: Tables with no columns, or more than any system has, are broken: reading them will say how.
MOST = 1_000


def fits(source: Source, mapping: Mapping) -> int:
    """How many of the columns by which a mapping recognises its export are there; 0 if not all."""
    found = 0
    for table, columns in mapping.recognise.items():
        name = find(source.tables, table)
        if name is None or not all(find(source.tables[name].columns, c) for c in columns):
            return 0
        found += len(columns)
    return found


def really_fits(source: Source, mapping: Mapping) -> bool:
    """Whether the export has the keys, and most of the columns, that a mapping would read.

    A small export has not all of these; most of what it has is read then.

    Another system's export may have two tables of the same names; it had better be understood from
    what it holds than be read with a mapping that was not meant for it.
    """
    wanted = there = held = 0
    for made in mapping.sources:
        table = find(source.tables, made.table)
        columns = source.tables[table].columns if table else ()
        if not 0 < len(columns) <= MOST:
            continue
        if not all(key.table or find(columns, key.name) for key in made.key):
            return False
        read = {column.name for column in made.columns() if not column.table}
        wanted, held = wanted + len(read), held + len(columns)
        there += sum(find(columns, name) is not None for name in read)
    return there >= ENOUGH * min(wanted, held)


def best(source: Source, registry: Registry) -> str | None:
    """The shipped mapping that fits the source best."""
    shipped = {name: load_mapping(name, registry) for name in mappings()}
    scores = {n: fits(source, m) for n, m in shipped.items() if really_fits(source, m)}
    name = max(scores, key=lambda key: scores[key], default=None)
    return name if name is not None and scores[name] else None


def spelt(names: Iterable[str], wanted: str) -> str | None:
    """`wanted` among `names`, exactly or else in another case."""
    known = list(names)
    return find(tuple(known), wanted)
