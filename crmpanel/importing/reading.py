"""The files of our own export, as SQL that reads them as they were written."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from crmpanel.errors import CrmError, ImportFailed, StoreError
from crmpanel.importing.own import Manifest, Part, system_parts
from crmpanel.importing.workbooks import as_csv
from crmpanel.query.portable import restored
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store import Database

#: Characters of the longest row that is read.
LINE_SIZE = 64_000_000
_AGAIN = "Export it again."


class Reading:
    """The files of an export.

    Parameters
    ----------
    manifest : what it says of itself.
    database : where it is read.
    """

    def __init__(self, manifest: Manifest, database: Database) -> None:
        self._manifest, self._database = manifest, database
        self._stack = ExitStack()
        self._folder: Path | None = None
        self._files: dict[str, list[Path]] = {}
        self.system = system_parts(lambda sql: database.rows(Query(sql)))

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def files(self, part: Part) -> list[Path]:
        """Files that DuckDB reads: workbooks are written as CSV first."""
        if part.name not in self._files:
            paths = self._manifest.paths(part.name)
            is_book = self._manifest.kind == "xlsx"
            self._files[part.name] = [self._as_csv(p) for p in paths] if is_book else paths
        return self._files[part.name]

    def _as_csv(self, path: Path) -> Path:
        if self._folder is None:
            keep = tempfile.TemporaryDirectory(prefix="crmpanel-")
            self._folder = Path(self._stack.enter_context(keep))
        return as_csv(path, self._folder / f"{path.stem}.csv")

    def source(self, part: Part) -> str:
        """The rows of a table, after FROM."""
        listed = f"[{', '.join(literal(str(file)) for file in self.files(part))}]"
        if self._manifest.kind == "parquet":
            return f"read_parquet({listed})"
        names = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in self.header(part))
        return (
            f"read_csv({listed}, columns = {{{names}}}, header = true, auto_detect = false, "
            "delim = ',', quote = '\"', escape = '\"', nullstr = '', strict_mode = true, "
            f"max_line_size = {LINE_SIZE}, buffer_size = {LINE_SIZE})"
        )

    def header(self, part: Part) -> list[str]:
        """The columns that the export has."""
        file = self.files(part)[0]
        if self._manifest.kind == "parquet":
            sql = f"DESCRIBE SELECT * FROM read_parquet({literal(str(file))})"
            return [str(row[0]) for row in self._database.rows(Query(sql))]
        with file.open(newline="", encoding="utf-8") as stream:
            return next(csv.reader(stream), [])

    def values(self, part: Part, called: Mapping[tuple[str, str], str]) -> dict[str, str]:
        """SQL of the value of each column that the export has.

        Parameters
        ----------
        called : names that fields have here, by entity and name in the export.

        Raises
        ------
        ImportFailed : there is no such column here.
        """
        kinds = {name: kind for name, kind, _ in part.columns}
        here = {name: called.get((part.name, name), name) for name in self.header(part)}
        unknown = [name for name, known in here.items() if known not in kinds]
        if unknown:
            raise ImportFailed(
                f"{part.name} has columns that this version does not know: {', '.join(unknown)}.",
                "",
                "Import it with the version of crmpanel that it was exported with.",
            )
        return {known: self._value(name, kinds[known]) for name, known in here.items()}

    def _value(self, name: str, kind: str) -> str:
        column = quoted(name)
        if self._manifest.kind == "parquet":
            return column
        return restored(column) if kind == "VARCHAR" else f"CAST({column} AS {kind})"

    # -- what is wrong -----------------------------------------------------------------------

    def explained(self, error: StoreError) -> CrmError:
        """Which value could not be read, if that is why nothing was written."""
        for part, name, kind in self._typed():
            column = quoted(name)
            sql = (
                f"SELECT {column} FROM {self.source(part)} "
                f"WHERE {column} IS NOT NULL AND TRY_CAST({column} AS {kind}) IS NULL LIMIT 1"
            )
            try:
                found = self._database.rows(Query(sql))
            except Exception:
                return ImportFailed(f"{part.name} of the export cannot be read.", error.why, _AGAIN)
            if found:
                return ImportFailed(
                    f"{part.name} of the export has {found[0][0][:60]!r} in column {name}.",
                    "That is no value of it.",
                    "Correct it in the file, or export it again.",
                )
        return ImportFailed("The export cannot be restored.", error.why, _AGAIN)

    def _typed(self) -> Iterator[tuple[Part, str, str]]:
        if self._manifest.kind == "parquet":
            return
        for entity in (*self._database.registry, *self._manifest.entities):
            part = Part.of(entity)
            if self._manifest.paths(part.name):
                header = self.header(part)
                yield from ((part, n, k) for n, k, _ in part.columns if n in header)
