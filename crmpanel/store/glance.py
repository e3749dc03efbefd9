"""Glance: a DuckDB of its own in memory, to look at files that others wrote."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from crmpanel.errors import StoreError
from crmpanel.query.sqltext import literal
from crmpanel.store import refusals
from crmpanel.store.opening import is_open_here


class Typed(NamedTuple):
    """A column: its name, DuckDB's word for its type, and what a nested type is made of."""

    name: str
    kind: str
    parts: tuple[Typed, ...] = ()


class Glance:
    """Statements on an empty database, gone when it is closed. Use it in a ``with``.

    Parameters
    ----------
    file : what is looked at, for messages.

    Raises
    ------
    StoreError : a statement failed.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})

    def __enter__(self) -> Glance:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def execute(self, sql: str) -> None:
        """Run one statement."""
        self._explained(self._connection.execute, sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return list(self._explained(self._connection.execute, sql).fetchall())

    def register(self, view: str, frame: object) -> None:
        """Make a data frame visible under a name."""
        self._explained(self._connection.register, view, frame)

    def columns(self, sql: str) -> list[Typed]:
        """The columns of a query."""
        relation = self._explained(self._connection.sql, sql)
        return [
            _typed(name, kind) for name, kind in zip(relation.columns, relation.types, strict=True)
        ]

    def _explained(self, run: Any, *arguments: object) -> Any:
        try:
            return run(*arguments)
        except duckdb.Error as error:
            raise StoreError(
                f"{self._file} cannot be read.",
                refusals.first_line(error),
                "Give an undamaged copy that no program is writing to.",
            ) from error


def _typed(name: str, kind: Any) -> Typed:
    if kind.id != "struct":
        return Typed(name, str(kind.id))
    return Typed(name, "struct", tuple(_typed(inner, part) for inner, part in kind.children))


def load_sql(extension: str) -> str:
    """LOAD of an extension of DuckDB: the one that is installed as a package, or DuckDB's own.

    Parameters
    ----------
    extension : as its package calls it, e.g. ``postgres_scanner``.
    """
    found = importlib.util.find_spec(f"duckdb_extension_{extension}")
    for place in (found.submodule_search_locations or ()) if found else ():
        file = f"v{duckdb.__version__}/{extension}.duckdb_extension"
        if (path := Path(place, "extensions", file)).exists():
            return f"LOAD {literal(str(path))}"
    return f"LOAD {extension}"


def refuse_open_here(path: Path) -> None:
    """Raise if this process has the database file open: to read it again would unlock it.

    Raises
    ------
    StoreError : it has.
    """
    if is_open_here(path):
        raise StoreError(
            f"{path.name} is open here.",
            "A database that is in use cannot be read as a source.",
            "Close it first, or export it: crmpanel export DB --to FOLDER",
        )
