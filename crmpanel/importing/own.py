"""Our own exports: what lies in the folder, and the manifest that tells what is what."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crmpanel.errors import CrmError, ImportFailed
from crmpanel.importing.mapping import Column, EntitySource, Route, Taken, Value
from crmpanel.importing.mapping import Mapping as ExportMapping
from crmpanel.model.declared import entity_of, field_of
from crmpanel.model.entity import ID, SYSTEM_FIELDS, Entity, Field
from crmpanel.model.kinds import REFERENCE
from crmpanel.model.personal import PERSONAL
from crmpanel.model.registry import Registry

MANIFEST = "crmpanel.toml"
#: Folders of the files that hold no entity, and of the contents of documents.
SYSTEM_FOLDER, CONTENTS = "system", "documents"
#: The sheet of texts that are longer than a cell of a workbook can be.
LONG_TEXTS = "long texts"
#: Number of this form of export; a later one is refused.
FORM = 1
#: Tables beside those of entities and of personal state.
SYSTEM = ("changeset", "status_role")
#: Of the contents of documents, which are files, an export lists the names.
CONTENT_COLUMNS = (("hash", "VARCHAR", '"hash"'), ("file", "VARCHAR", 'lower(sha256("data"))'))
#: A part of a path: what `export` calls its files.
_STEP = re.compile(r"[a-z0-9_]{1,60}(-\d{1,4})?(\.(csv|xlsx|parquet))?")
HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Part:
    """A table of an export.

    Parameters
    ----------
    name : of the table, and of its files.
    label : what it is called while it is written.
    columns : name, SQL type and SQL of each.
    """

    name: str
    label: str
    columns: tuple[tuple[str, str, str], ...]

    @classmethod
    def of(cls, entity: Entity) -> Part:
        """The table of an entity."""
        names = ((f.name, f.kind.sql, f'"{f.name}"') for f in entity.fields.values())
        return cls(entity.name, entity.label_plural, tuple(names))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(name for name, _, _ in self.columns)


def system_parts(rows: Callable[[str], list[tuple[Any, ...]]]) -> list[Part]:
    """The tables that are no entity's.

    Parameters
    ----------
    rows : gives the rows of a query.
    """
    tables = (*SYSTEM, *PERSONAL)
    sql = (
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal "
        "AND database_name = current_database() ORDER BY table_name, column_index"
    )
    found = rows(sql)
    parts = [
        Part(name, name, tuple((c, type_, f'"{c}"') for t, c, type_ in found if t == name))
        for name in tables
    ]
    return [*parts, Part("content", "documents", CONTENT_COLUMNS)]


# -- the manifest ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Manifest:
    """What `crmpanel.toml` says of an export.

    Parameters
    ----------
    folder : where it lies.
    kind : form of the files.
    is_whole : whether everything of a database is there.
    files : paths by table, within the folder.
    rows : number of rows by table.
    fields : kinds of the fields by entity, of references with what they lead to.
    entities, more : entities and fields that the database has declared.
    """

    folder: Path
    kind: str
    is_whole: bool
    files: dict[str, tuple[str, ...]]
    rows: dict[str, int]
    entities: tuple[Entity, ...] = ()
    more: dict[str, tuple[Field, ...]] = field(default_factory=dict)

    def paths(self, table: str) -> list[Path]:
        """The files of a table."""
        return [self.folder / name for name in self.files.get(table, ())]


def is_own(path: str | Path) -> bool:
    """Whether an export of ours is at `path`: a folder with a manifest, or the manifest."""
    return _manifest_at(Path(path)) is not None


def _manifest_at(path: Path) -> Path | None:
    file = path if path.name == MANIFEST else path / MANIFEST
    try:
        with file.open("rb") as stream:
            return file if b"[crmpanel]" in stream.read(4000) else None
    except OSError:
        return None


def own_mapping(path: object) -> Path | None:
    """The mapping that comes with an export of ours; None if there is none at `path`."""
    return _manifest_at(Path(path)) if isinstance(path, str | Path) else None


def read_manifest(path: str | Path) -> Manifest:
    """The manifest of the export at `path`; nothing in it is trusted.

    Raises
    ------
    ImportFailed : it is none of ours, of a later form, or was changed so that it cannot be read.
    """
    file = _manifest_at(Path(path))
    if file is None:
        raise ImportFailed(f"{path} is no export of crmpanel.", f"It has no {MANIFEST}.")
    try:
        top = tomllib.loads(file.read_text("utf-8"))["crmpanel"]
        if int(top["form"]) > FORM:
            raise ImportFailed(
                f"{path} was exported by a later version of crmpanel.",
                f"It is of form {top['form']}; this version reads up to {FORM}.",
                "Import it with that version.",
            )
        return _manifest(file.parent, top)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, CrmError) as error:
        if isinstance(error, ImportFailed):
            raise
        raise ImportFailed(
            f"{file.name} of the export cannot be understood.",
            f"{error}".rstrip(".") + ".",
            "Export again, or delete it and import the files with a mapping of your own.",
        ) from error


def _manifest(folder: Path, top: Mapping[str, Any]) -> Manifest:
    fields: dict[str, list[Field]] = {}
    for spec in top.get("field", []):
        fields.setdefault(spec["entity"], []).append(field_of(spec["name"], spec["declaration"]))
    entities = tuple(
        entity_of(spec["name"], spec["declaration"], fields.pop(spec["name"], []))
        for spec in top.get("entity", [])
    )
    files = {str(name): tuple(map(_safe, paths)) for name, paths in top["files"].items()}
    return Manifest(
        folder,
        str(top["kind"]),
        bool(top["whole"]),
        files,
        {str(name): int(rows) for name, rows in top["rows"].items()},
        entities,
        {name: tuple(found) for name, found in fields.items()},
    )


def _safe(path: str) -> str:
    """A path as `export` writes it; nothing else is opened, wherever it leads."""
    steps = path.split("/")
    if len(steps) > 2 or not all(_STEP.fullmatch(step) for step in steps):
        raise ValueError(f"it names a file {path[:60]!r}, which no export has")
    return path


# -- as a mapping ----------------------------------------------------------------------------------


def mapping_of(
    registry: Registry, files: Mapping[str, Iterable[str]], title: str = "crmpanel"
) -> ExportMapping:
    """How the records of an export are added to a database that has others: a mapping.

    What is kept by the machinery, such as the log, stays behind.

    Parameters
    ----------
    files : names of the tables that hold each entity.
    """
    sources = tuple(_sources(registry, files))
    recognise: dict[str, tuple[str, ...]] = {}
    for source in sources[:1]:
        recognise[source.table] = (ID.name, registry[source.entity].title)
    return ExportMapping("crmpanel", title, sources, recognise, unset=())


def _sources(registry: Registry, files: Mapping[str, Iterable[str]]) -> Iterator[EntitySource]:
    for entity in _in_order(entity for entity in registry if entity.name in files):
        kept = {ID.name, *(field.name for field in SYSTEM_FIELDS)} - {"created"}
        own = [f for f in entity.fields.values() if f.name not in kept]
        links: dict[str, tuple[Route, ...]] = {
            f.name: (Route(Column(f.name)),) for f in own if f.kind is REFERENCE
        }
        values: dict[str, Value] = {
            f.name: Taken((Column(f.name),), transform="exported" if f.kind.is_text else "")
            for f in own
            if f.kind is not REFERENCE
        }
        for table in files[entity.name]:
            yield EntitySource(entity.name, table, (Column(ID.name),), values, links)


def _in_order(entities: Iterable[Entity]) -> list[Entity]:
    """What belongs to nobody, then organisations, then what is theirs; no log, no pins."""
    wanted = [e for e in entities if not e.about and (e.organisation or e.title != "entity")]
    return sorted(wanted, key=lambda e: (e.organisation is not None, e.organisation != "id"))
