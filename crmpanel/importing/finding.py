"""Finding: which sources there are at a path, told by what files hold, not by their names."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crmpanel.errors import ImportFailed
from crmpanel.importing.archive import unpack
from crmpanel.importing.bundle import Broken, Bundle
from crmpanel.importing.csvfiles import CsvFile, looks_like_table
from crmpanel.importing.sources import SQLITE_MAGIC, SQLITE_SUFFIXES, Source

#: Files below a folder that are looked at.
MAX_FILES = 5_000

TEXT = (".csv", ".tsv", ".tab", ".psv")
MAYBE_TEXT = (".txt", ".dat", ".asc", "")
EXCEL = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".xltx", ".xltm")
JSON = (".json", ".ndjson", ".jsonl")
PARQUET = (".parquet", ".pq")
DUCKDB = (".duckdb", ".ddb")
POSTGRES = re.compile(r"postgres(ql)?:/+(?P<rest>.*)", re.DOTALL)


def find_sources(given: object) -> list[Source]:
    """See `crmpanel.importing.sources.open_sources`."""
    if isinstance(given, str | os.PathLike):
        if address := POSTGRES.fullmatch(os.fspath(given)):
            from crmpanel.importing.postgres import Postgres

            return [Postgres(f"postgresql://{address['rest']}")]
        return _at(Path(given).expanduser())
    from crmpanel.importing.frames import Frames

    return [Frames.of(given)]


def _at(place: Path) -> list[Source]:
    try:
        if not place.exists():
            raise ImportFailed(
                f"There is no file or folder {place}.",
                "",
                "Give the folder that holds the exported files.",
            )
        if place.is_dir():
            return _in_folder(place.resolve(), place.resolve().name)
        return _in_file(place.resolve())
    except PermissionError as error:
        raise ImportFailed(
            f"{place.name} cannot be read.",
            f"{error.strerror}.",
            "Give yourself read access to it.",
        ) from None
    except ValueError as error:  # a path with a NUL
        raise ImportFailed("The path cannot be read.", f"{error}.", "Give another path.") from None


# -- what a file is --------------------------------------------------------------------------------


def kind_of(path: Path) -> str:
    """What a file holds: a suffix is believed only where the content does not tell.

    >>> kind_of(Path("exports/Account.csv"))  # doctest: +SKIP
    'csv'
    """
    suffix = path.suffix.lower()
    if suffix in DUCKDB:
        return "duckdb"  # not opened here: closing it again would give up this process's lock
    with path.open("rb") as file:
        head = file.read(64)
    if head.startswith(SQLITE_MAGIC):
        return "sqlite"
    if suffix in SQLITE_SUFFIXES:
        return "duckdb" if head[8:12] == b"DUCK" else "no sqlite"
    if head[8:12] == b"DUCK":
        return "duckdb"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip" if suffix not in EXCEL else "excel"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "excel"
    return _text_kind(path, suffix, head)


def _text_kind(path: Path, suffix: str, head: bytes) -> str:
    if suffix in PARQUET or (suffix in EXCEL and suffix != ".xls") or suffix == ".zip":
        return "excel" if suffix in EXCEL else suffix[1:]
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if suffix in JSON:
        return "json"
    if suffix in TEXT:
        return "csv"
    if suffix == ".xls":  # many programs call a text or a web page so
        return "web page" if start.startswith(b"<") else "csv"
    return "csv" if suffix in MAYBE_TEXT and looks_like_table(path) else ""


# -- one file --------------------------------------------------------------------------------------


def _in_file(path: Path) -> list[Source]:
    kind = kind_of(path)
    if kind == "zip":
        folder, keep, left_out = unpack(path)
        return _in_folder(folder, path.stem, left_out, keep)
    if not kind and path.suffix.lower() in MAYBE_TEXT:
        kind = "csv"
    source = _source(path, kind, path.stem, path.name)
    return [source if kind in ("sqlite", "duckdb") else Bundle(path.stem, [source])]


def _source(path: Path, kind: str, name: str, shown: str) -> Source:
    if kind == "csv":
        return CsvFile(path, name, shown)
    if kind == "sqlite":
        from crmpanel.importing.sqlitefile import SqliteFile

        return SqliteFile(path)
    if kind == "json":
        from crmpanel.importing.jsonfile import JsonFile

        return JsonFile(path, name, shown)
    if kind == "excel":
        from crmpanel.importing.excelfile import ExcelFile

        return ExcelFile(path, name, shown)
    if kind == "parquet":
        from crmpanel.importing.duckfiles import ParquetFiles

        return ParquetFiles([path], name, shown)
    if kind == "duckdb":
        from crmpanel.importing.duckfiles import DuckFile

        return DuckFile(path)
    raise _unreadable(path, kind, shown)


def _unreadable(path: Path, kind: str, shown: str) -> ImportFailed:
    why, remedy = "It is no kind of file that is known here.", "Give a CSV or Excel file."
    if kind == "no sqlite":
        why, remedy = "It is not a SQLite file.", "Give a SQLite file, or a folder of CSV files."
    if kind == "web page":
        why = "It is called a workbook, but is a web page."
        remedy = "Open it in a spreadsheet program, and save it as .xlsx or .csv."
    if kind == "zip":
        why, remedy = "It is a zip file within another.", "Unpack it, and give the folder."
    return ImportFailed(f"{shown} cannot be imported.", why, remedy)


# -- a folder --------------------------------------------------------------------------------------


@dataclass
class _Found:
    """What a folder holds."""

    files: list[tuple[Path, str]] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    def of(self, *kinds: str) -> list[Path]:
        return [path for path, kind in self.files if kind in kinds]


def _in_folder(
    folder: Path, name: str, left_out: dict[str, str] | None = None, keep: object = None
) -> list[Source]:
    found = _look(folder)
    found.left_out.update(left_out or {})
    tables = found.of("csv", "json", "excel", "parquet", "web page", "zip")
    databases = found.of("sqlite", "duckdb")
    claimed = found.of("no sqlite")
    if claimed and not databases and not tables:
        return _in_file(claimed[0])
    sources = [_database(path, keep) for path in databases]
    if tables:
        beside = "a database beside the files: give it alone to import it"
        found.left_out.update({path.name: beside for path in databases})
        parts = list(_parts(folder, found, tables, nested=keep is not None))
        sources.insert(0, Bundle(name, parts, found.left_out, keep))
    if not sources:
        raise _nothing(folder, name, found)
    return sources


def _database(path: Path, keep: object) -> Source:
    source = _source(path, kind_of(path), path.stem, path.name)
    return Bundle(path.stem, [source], keep=keep) if keep else source


def _nothing(folder: Path, name: str, found: _Found) -> ImportFailed:
    names = [str(file) for file in found.left_out]
    shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    return ImportFailed(
        f"There is nothing to import in {name}.",
        f"It holds no table or database, only {shown}." if names else "The folder is empty.",
        "Give the folder that holds the exported files.",
    )


def _look(folder: Path) -> _Found:
    """The files of a folder and those below it, with what they hold; hidden ones are passed."""
    found = _Found()
    for path in _files(folder):
        shown = path.relative_to(folder).as_posix()
        if not path.resolve().is_relative_to(folder):
            found.left_out[shown] = "a link that leads out of the folder"
            continue
        try:
            kind = kind_of(path)
        except OSError as error:
            found.left_out[shown] = f"{error.strerror}"
            continue
        if kind:
            found.files.append((path, kind))
        else:
            found.left_out[shown] = "no kind of table that is known"
    return found


def _files(folder: Path) -> Iterator[Path]:
    count = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith((".", "__MACOSX")))
        for name in sorted(names):
            path = Path(place, name)
            if name.startswith((".", "~$")) or not path.is_file():
                continue
            count += 1
            if count > MAX_FILES:
                raise ImportFailed(
                    f"{folder.name} holds more than {MAX_FILES:,} files.",
                    "That is no export of tables.",
                    "Give the folder that holds the exported files, and nothing else.",
                )
            yield path


def _parts(folder: Path, found: _Found, tables: list[Path], nested: bool) -> Iterator[Source]:
    """A source for each file; Parquet files that share a folder of their own are one table."""
    kinds = dict(found.files)
    grouped = _grouped(folder, [path for path in tables if kinds[path] == "parquet"])
    inside = {path for files in grouped.values() for path in files}
    names = _names(folder, [path for path in tables if path not in inside])
    for path, name in names.items():
        shown = path.relative_to(folder).as_posix()
        yield from _guarded(path, kinds[path], name, shown, nested)
    if grouped:
        from crmpanel.importing.duckfiles import ParquetFiles

        for place, files in grouped.items():
            shown = place.relative_to(folder.parent).as_posix()
            yield ParquetFiles(files, place.name, shown)


def _guarded(path: Path, kind: str, name: str, shown: str, nested: bool) -> list[Source]:
    """A file as a source; one that cannot be read is kept for its reason."""
    try:
        if kind == "zip" and not nested:
            return _in_file(path)
        return [_source(path, kind, name, shown)]
    except ImportFailed as error:
        return [Broken(name, shown, error)]


def _grouped(folder: Path, files: list[Path]) -> dict[Path, list[Path]]:
    """Folders whose Parquet files are parts of one table: called part…, or by number."""
    by_folder: dict[Path, list[Path]] = {}
    for path in files:
        by_folder.setdefault(path.parent, []).append(path)
    return {
        place: parts
        for place, parts in by_folder.items()
        if all(re.match(r"(part|data|chunk|file)?[-_.]?\d", path.stem) for path in parts)
    }


def _names(folder: Path, files: list[Path]) -> dict[Path, str]:
    """What the table of each file is called: as the file is, with its folder where needed."""
    stems = Counter(path.stem.casefold() for path in files)
    return {
        path: path.stem
        if stems[path.stem.casefold()] == 1
        else path.relative_to(folder).with_suffix("").as_posix()
        for path in files
    }
