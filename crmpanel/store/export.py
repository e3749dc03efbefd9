"""``crmpanel export``: every table as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from crmpanel.errors import StoreError
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store import refusals
from crmpanel.store.database import Database

Progress = Callable[[str, float], None]
#: A spreadsheet takes a text that begins so for a formula. Apostrophes in front count as well, so
#: that taking one away from whatever begins so gives the text as it was.
FORMULA = r"^'*[=+\-@\t\r]"
OPTIONS = {"csv": "FORMAT csv, HEADER", "parquet": "FORMAT parquet"}


def export(
    database: Database, folder: Path, kind: str = "csv", progress: Progress | None = None
) -> list[Path]:
    """Write each entity into a file of its own.

    In CSV, text that a spreadsheet would run as a formula gets an apostrophe in front.

    Parameters
    ----------
    folder : made if it does not exist; must be empty, so that nothing is overwritten.
    kind : ``csv`` or ``parquet``.

    Raises
    ------
    StoreError : the folder is not empty, or cannot be written.
    """
    _make_empty(folder)
    entities = list(database.registry)
    files = []
    for i, entity in enumerate(entities):
        if progress:
            progress(f"Writing {entity.plural}", i / len(entities))
        file = folder / f"{entity.name}.{kind}"
        database.maintain(
            f"COPY ({_select(entity, kind)}) TO {literal(str(file))} ({OPTIONS[kind]})"
        )
        files.append(file)
    if progress:
        progress("Written", 1.0)
    return files


def _make_empty(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        full = any(folder.iterdir())
    except OSError as error:
        raise refusals.unusable(folder, error) from error
    if full:
        raise StoreError(f"The folder {folder} is not empty.", "", "Name another folder.")


def _select(entity: Entity, kind: str) -> str:
    columns = []
    for field in entity.fields.values():
        column = quoted(field.name)
        if kind == "csv" and field.kind.is_text:
            column = (
                f"CASE WHEN regexp_matches({column}, {literal(FORMULA)}) "
                f"THEN '''' || {column} ELSE {column} END AS {column}"
            )
        columns.append(column)
    return f'SELECT {", ".join(columns)} FROM {quoted(entity.name)} ORDER BY "id"'
