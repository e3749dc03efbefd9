"""Choosing: which source of a path is meant, and the mapping that is known for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from crmpanel.errors import ImportFailed, shortened
from crmpanel.importing.keeping import kept_mapping, kept_mappings
from crmpanel.importing.mapping import Mapping
from crmpanel.importing.mappingfile import load_mapping
from crmpanel.importing.own import own_mapping
from crmpanel.importing.recognise import best, fits, listed
from crmpanel.importing.rejectsfile import RejectsFile
from crmpanel.importing.sources import Source, Table, open_sources
from crmpanel.importing.understanding.profile import profile
from crmpanel.importing.understanding.proposal import Proposal
from crmpanel.importing.understanding.understand import understand
from crmpanel.model.registry import Registry
from crmpanel.store import Database


@dataclass(frozen=True)
class Choice:
    """A source, and the mapping that is known for it.

    Parameters
    ----------
    mapping : None if one has to be proposed.
    name : by which the records of the source are known, if not that of the mapping.
    why : where the mapping came from: ``given``, ``again``, ``shipped`` or ``proposed``.
    is_part : it holds only some rows of an export.
    """

    source: Source
    mapping: Mapping | None
    name: str = ""
    why: str = "given"
    is_part: bool = False


def choose(
    path: object,
    database: Database,
    mapping: str | Path | Mapping | None,
    find: Callable[[object], list[Source]] = open_sources,
) -> Choice:
    """What is at `path`, with `mapping`, or with the one that is known for it.

    Parameters
    ----------
    find : what finds the sources at a path.

    Raises
    ------
    UnknownName, ImportFailed : see `crmpanel.importing.import_`.
    """
    mapping = mapping or own_mapping(path)
    given = load_mapping(mapping, database.registry) if mapping is not None else None
    if isinstance(path, str | Path) and RejectsFile.is_one(Path(path)):
        return _corrected(RejectsFile(Path(path)), database, given)
    candidates = find(path)
    if given is not None:
        return Choice(next((s for s in candidates if fits(s, given)), candidates[0]), given)
    for source in candidates:
        if found := _again(source, database):
            return found
        if name := best(source, database.registry):
            return Choice(source, load_mapping(name, database.registry), why="shipped")
    return Choice(candidates[0], None, _called(candidates[0].name), "proposed")


def _again(source: Source, database: Database) -> Choice | None:
    """The mapping with which such a source was imported before."""
    for name, mapping in kept_mappings(database).items():
        if fits(source, mapping):
            return Choice(source, mapping, name, "again")
    return None


def _called(name: str) -> str:
    """A name for the records of a source, from that of its file."""
    words = re.findall(r"[^\W_]+", Path(name).stem.lower())
    return "_".join(words) or "import"


def _corrected(source: RejectsFile, database: Database, given: Mapping | None) -> Choice:
    """What was rejected, by the mapping with which it was read then."""
    kept = given or kept_mapping(database, source.source)
    if kept is None:
        raise ImportFailed(
            f"{source.name} holds rejects of {shortened(source.source)}.",
            f"Nothing of that source has been imported into {database.path.name}.",
            "Give the database that it was imported into, or the mapping with --as.",
        )
    parts = tuple(replace(part, required=False) for part in kept.sources)
    return Choice(source, replace(kept, sources=parts), source.source, "again", is_part=True)


class Tables(Protocol):
    """Tables of text that can be looked at: a `Stage`, or a source where it lies."""

    source: Source
    failed: dict[str, ImportFailed]
    cursor: Any

    @property
    def tables(self) -> dict[str, Table]:
        """Those that can be read, by name, their columns called as in the relations."""

    def relation(self, table: str) -> str:
        """A table as SQL that can stand after FROM: ``"@line"`` and its columns as text."""


def propose(stage: Tables, registry: Registry, choice: Choice) -> Proposal:
    """Understand the tables of a stage, or complete the mapping that is known for them.

    A shipped mapping was made for the system, not for this export: it is completed with the tables,
    fields and links that it does not know, too.

    Raises
    ------
    ImportFailed : no table holds anything of which records could be made.
    """
    tables = {
        name: (stage.relation(name), table.columns)
        for name, table in stage.tables.items()
        if table.columns
    }
    seen = profile(stage.cursor, tables)
    extend = choice.why == "shipped"
    found = understand(seen, stage.cursor, tables, registry, choice.mapping, extend)
    if not found.mapping.sources:
        for failed in stage.failed.values():
            raise failed
        raise _not_understood(stage)
    return found


def _not_understood(stage: Tables) -> ImportFailed:
    held = [f"{name} ({listed(table.columns)})" for name, table in stage.tables.items()]
    return ImportFailed(
        f"What {stage.source.name} holds is not understood.",
        "None of its tables has the columns of organisations, persons, activities, orders or "
        f"the like: {listed(held, 200)}.",
        "Say on the Import page what they are, or in a mapping of your own with --as FILE.toml "
        "(docs/importing.md); or drop the file on a card, where every table becomes a tab.",
    )
