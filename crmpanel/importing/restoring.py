"""Restoring: an export of ours into a database without records, which becomes equal to the first.

Ids stay as they are, so that every link, the log and the past are what they were.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from crmpanel.errors import ImportFailed, StoreError
from crmpanel.importing.own import (
    CONTENTS,
    HASH,
    Manifest,
    Part,
    read_manifest,
)
from crmpanel.importing.reading import Reading
from crmpanel.importing.report import OnProgress
from crmpanel.model.declared import columns, free_name, is_same
from crmpanel.model.entity import Entity, Field
from crmpanel.query.query import Query
from crmpanel.query.sqltext import quoted
from crmpanel.store import Database
from crmpanel.store.writer import Load


@dataclass(frozen=True)
class Restored:
    """What was restored.

    Parameters
    ----------
    name : of the folder.
    rows : records by entity.
    documents : contents of documents.
    cleared : references to records that the export has not, which are blank.
    seconds : how long it took.
    """

    name: str
    rows: dict[str, int]
    documents: int
    cleared: int
    seconds: float

    @property
    def loaded(self) -> int:
        """Records of all entities."""
        return sum(self.rows.values())

    def __str__(self) -> str:
        lines = [f"Restored {self.name}: {self.loaded:,} records in {self.seconds:.1f} s"]
        lines += [f"{name:16}{rows:>10,}" for name, rows in self.rows.items() if rows]
        if self.documents:
            lines.append(f"{self.documents:,} contents of documents")
        if self.cleared:
            lines.append(f"{self.cleared:,} links to records that were not exported are blank")
        return "\n".join(lines)


def is_empty(database: Database) -> bool:
    """Whether a database has no records but those that every new one has."""
    return all(
        database.scalar(Query(f"SELECT count(*) FROM {quoted(entity.name)}")) <= len(entity.shipped)
        for entity in database.registry
    )


def restore(path: str | Path, database: Database, progress: OnProgress | None = None) -> Restored:
    """Make an empty database equal to the exported one, or to the exported part of it.

    Parameters
    ----------
    path : the folder of the export.

    Raises
    ------
    ImportFailed : it is no export of ours, it is incomplete, or a value in it cannot be read;
        nothing is written then.
    """
    manifest = read_manifest(path)
    if not is_empty(database):
        raise ImportFailed(
            f"{database.path.name} holds records already.",
            "An export is restored into a new database.",
            "Import it into another one: crmpanel import FOLDER --db NEW.duckdb",
        )
    with Reading(manifest, database) as reading:
        try:
            with database.load(f"Import {manifest.folder.name}", "import") as load:
                return _Restoring(manifest, reading, load, progress).run()
        except StoreError as error:
            raise reading.explained(error) from error
        except OSError as error:
            raise ImportFailed(
                f"{manifest.folder.name} cannot be read.",
                f"{error.strerror or error}: {Path(error.filename or '').name or 'a file'}.",
                "Export it again, or give yourself access to the files.",
            ) from error


class _Restoring:
    """One restoring inside its transaction."""

    def __init__(
        self, manifest: Manifest, reading: Reading, load: Load, progress: OnProgress | None
    ) -> None:
        self._manifest, self._reading, self._load = manifest, reading, load
        self._progress = progress or (lambda text, done: None)
        self._called: dict[tuple[str, str], str] = {}

    def run(self) -> Restored:
        start = time.perf_counter()
        self._declare()
        entities = [e for e in self._load.registry if e.name in self._manifest.files]
        self._refuse_unknown(entities)
        rows = {}
        for number, entity in enumerate(entities):
            self._progress(f"Reading {entity.label_plural}", 0.9 * number / len(entities))
            if entity.shipped:
                self._load.execute(f"DELETE FROM {quoted(entity.name)}")
            rows[entity.name] = self._insert(Part.of(entity))
        documents = self._system() if self._manifest.is_whole else 0
        cleared = 0 if self._manifest.is_whole else sum(map(self._clear, entities))
        self._progress("Restored", 1.0)
        seconds = time.perf_counter() - start
        return Restored(self._manifest.folder.name, rows, documents, cleared, seconds)

    def _declare(self) -> None:
        """What the exported database has declared; the code may have come to declare the same."""
        load = self._load
        for entity in self._manifest.entities:
            if entity.name in load.registry or entity.plural in load.registry:
                raise ImportFailed(
                    f"The export has an entity {entity.name} of its own.",
                    "This version of crmpanel declares one of that name.",
                    "Open the database that it is of with this version, and export it again.",
                )
        waiting = list(self._manifest.entities)
        while waiting:
            ready = [e for e in waiting if all(self._is_known(f.target, e) for f in e.references)]
            for entity in ready or waiting:
                load.declare_entity(entity)
            waiting = [entity for entity in waiting if entity not in ready] if ready else []
        for name, fields in self._manifest.more.items():
            entity, new = load.registry[name], list[Field]()
            for field in fields:
                there = entity.fields.get(field.name)
                if there is not None and is_same(there, field):
                    continue
                called = free_name(field.name, columns(entity.with_fields(new)))
                self._called[name, field.name] = called
                new.append(replace(field, name=called))
            load.declare(name, new)

    def _is_known(self, target: str | None, entity: Entity) -> bool:
        return target == entity.name or target in self._load.registry

    def _refuse_unknown(self, entities: Sequence[Entity]) -> None:
        known = {entity.name for entity in entities}
        known |= {part.name for part in self._reading.system}
        for table in self._manifest.files:
            if table not in known:
                raise ImportFailed(
                    f"The export has a table {table}, which this version does not know.",
                    "",
                    "Import it with the version of crmpanel that it was exported with.",
                )

    def _insert(self, part: Part) -> int:
        if not self._manifest.paths(part.name):
            return 0
        values = self._reading.values(part, self._called)
        names = ", ".join(map(quoted, values))
        rows = self._load.execute(
            f"INSERT INTO {quoted(part.name)} ({names}) "
            f"SELECT {', '.join(values.values())} FROM {self._reading.source(part)}"
        ).fetchall()[0][0]
        expected = self._manifest.rows.get(part.name)
        if rows != expected:
            raise ImportFailed(
                f"{part.name} has {rows:,} rows; {expected or 0:,} were exported.",
                "A file of it is not as it was written.",
                "Export it again; or, if that is meant, correct the number in crmpanel.toml.",
            )
        return int(rows)

    def _system(self) -> int:
        """What is no entity's; gives the number of contents of documents."""
        for part in self._reading.system:
            if part.name == "content":
                return self._contents(part)
            self._load.execute(f"DELETE FROM {quoted(part.name)}")
            self._insert(part)
        return 0

    def _contents(self, part: Part) -> int:
        rows = self._load.execute(
            f"SELECT {', '.join(self._reading.values(part, {}).values())} "
            f"FROM {self._reading.source(part)}"
        ).fetchall()
        for number, (hash, name) in enumerate(rows):
            self._progress("Reading documents", 0.9 + 0.1 * number / len(rows))
            if not HASH.fullmatch(str(name)):
                raise ImportFailed(f"No document can be in a file {str(name)[:60]!r}.")
            data = (self._manifest.folder / CONTENTS / name).read_bytes()
            if hashlib.sha256(data).hexdigest() != name:
                raise ImportFailed(
                    f"The document {name[:12]}… is not as it was exported.",
                    "What is in its file does not agree with its name.",
                    "Export it again.",
                )
            self._load.execute("INSERT INTO content VALUES (?, ?)", [hash, data])
        return len(rows)

    def _clear(self, entity: Entity) -> int:
        """Of a part of a database: blank references to what it has not; gives their number."""
        cleared = 0
        for field in () if entity.about else entity.references:
            name, there = quoted(field.name), quoted(str(field.target))
            cleared += self._load.execute(
                f"UPDATE {quoted(entity.name)} SET {name} = NULL "
                f'WHERE {name} IS NOT NULL AND {name} NOT IN (SELECT "id" FROM {there})'
            ).fetchall()[0][0]
        return cleared
