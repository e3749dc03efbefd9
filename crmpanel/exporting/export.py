"""Writing the files of an export, all of one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from crmpanel.errors import StoreError, UnknownName
from crmpanel.exporting.manifest import manifest
from crmpanel.exporting.workbook import write_workbooks
from crmpanel.importing.own import CONTENTS, MANIFEST, SYSTEM_FOLDER, Part, system_parts
from crmpanel.model.entity import Entity
from crmpanel.query.portable import protected
from crmpanel.query.sqltext import quoted
from crmpanel.store import Database, refusals
from crmpanel.store.snapshot import Snapshot, snapshot

Progress = Callable[[str, float], None]
_OPTIONS = {"csv": "FORMAT csv, HEADER", "parquet": "FORMAT parquet"}
FORMATS = ("csv", "xlsx", "parquet")


@dataclass(frozen=True)
class Exported:
    """What an export wrote.

    Parameters
    ----------
    folder : where to.
    files : of each entity, the files that hold its records.
    rows : of each entity, the number of its records.
    documents : number of files of documents.
    notes : what is worth knowing, a sentence each.
    """

    folder: Path
    files: dict[str, list[Path]]
    rows: dict[str, int]
    documents: int
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        files = sum(map(len, self.files.values()))
        told = f"{files} files in {self.folder}"
        if self.documents:
            told += f", and {self.documents:,} of documents"
        return "\n".join([told, *self.notes])


def export(
    database: Database,
    folder: Path,
    kind: str = "csv",
    progress: Progress | None = None,
    entities: Iterable[str] = (),
) -> Exported:
    """Write a database into a folder, from which ``crmpanel import`` makes an equal one.

    In CSV and Excel, text that a spreadsheet would run as a formula gets an apostrophe in front.

    Parameters
    ----------
    folder : made if it does not exist; must be empty, so that nothing is overwritten.
    kind : ``csv``, ``xlsx`` or ``parquet``.
    progress : told what is written, and how much of all is, from 0 to 1.
    entities : names or plurals of some entities; all that there is if none is named.

    Raises
    ------
    UnknownName : there is no such entity.
    StoreError : the folder is not empty, or cannot be written.
    """
    if kind not in FORMATS:
        raise UnknownName("format", kind, FORMATS)
    names = tuple(entities)
    chosen = _chosen(database, names)
    _make_empty(folder)
    try:
        with snapshot(database) as source:
            return _Export(source, folder, kind, progress).run(chosen, whole=not names)
    except OSError as error:
        raise refusals.unusable(folder, error) from error


def _chosen(database: Database, entities: tuple[str, ...]) -> list[Entity]:
    names = {database.registry[name].name for name in entities}
    return [entity for entity in database.registry if not names or entity.name in names]


class _Export:
    """One export."""

    def __init__(
        self, source: Snapshot, folder: Path, kind: str, progress: Progress | None
    ) -> None:
        self._source, self._folder, self._kind = source, folder, kind
        self._progress = progress or (lambda stage, done: None)
        self._notes: list[str] = []

    def run(self, entities: list[Entity], whole: bool) -> Exported:
        parts = [Part.of(entity) for entity in entities]
        system = system_parts(self._source.rows) if whole else []
        files: dict[str, list[Path]] = {}
        rows: dict[str, int] = {}
        for number, part in enumerate([*parts, *system]):
            self._progress(f"Writing {part.label}", number / (len(parts) + len(system) + 1))
            place = self._folder if part in parts else self._folder / SYSTEM_FOLDER
            place.mkdir(exist_ok=True)
            files[part.name], rows[part.name] = self._table(part, place)
        documents = self._contents() if whole else 0
        self._manifest(entities, files, rows, whole)
        self._progress("Written", 1.0)
        own = {part.name for part in parts}
        return Exported(
            self._folder,
            {name: paths for name, paths in files.items() if name in own},
            {name: count for name, count in rows.items() if name in own},
            documents,
            tuple(self._notes),
        )

    def _table(self, part: Part, place: Path) -> tuple[list[Path], int]:
        if self._kind == "xlsx":
            paths, rows, notes = write_workbooks(self._source, part, place)
            self._notes += notes
            return paths, rows
        csv = self._kind == "csv"
        columns = [
            f"{protected(sql) if csv and kind == 'VARCHAR' else sql} AS {quoted(name)}"
            for name, kind, sql in part.columns
        ]
        file = place / f"{part.name}.{self._kind}"
        select = f"SELECT {', '.join(columns)} FROM {quoted(part.name)}"
        return [file], self._source.write(select, file, _OPTIONS[self._kind])

    def _contents(self) -> int:
        """The files of documents, called by their hash: no name of a user's is a path."""
        place, names = self._folder / CONTENTS, set()
        hashes = [hash for (hash,) in self._source.rows("SELECT hash FROM content")]
        for number, hash in enumerate(hashes):
            self._progress("Writing documents", 0.9 + 0.1 * number / len(hashes))
            place.mkdir(exist_ok=True)
            [(data,)] = self._source.rows("SELECT data FROM content WHERE hash = ?", hash)
            names.add(name := sha256(data).hexdigest())
            (place / name).write_bytes(data)
        return len(names)

    def _manifest(
        self,
        entities: list[Entity],
        files: dict[str, list[Path]],
        rows: dict[str, int],
        whole: bool,
    ) -> None:
        paths = {
            name: [path.relative_to(self._folder).as_posix() for path in found]
            for name, found in files.items()
        }
        text = manifest(self._source.registry, entities, self._kind, paths, rows, whole)
        (self._folder / MANIFEST).write_text(text, "utf-8")


def _make_empty(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        full = any(folder.iterdir())
    except OSError as error:
        raise refusals.unusable(folder, error) from error
    if full:
        raise StoreError(f"The folder {folder} is not empty.", "", "Name another folder.")
