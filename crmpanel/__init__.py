"""crmpanel: the organisation card that CRM users love, over data that they own.

>>> import crmpanel                                                   # doctest: +SKIP
>>> crmpanel.connect("crm.duckdb").organisation("Nordlys AS")         # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from crmpanel.workspace import Workspace

__version__ = "0.1.0"
__all__ = ["__version__", "connect", "extension"]


def connect(
    path: str | Path | None = None,
    *,
    attach: object = None,
    mapping: object = None,
    **options: object,
) -> Workspace:
    """Open a database, or look at data where they lie, and return the workspace over it.

    Parameters
    ----------
    path : the database file; by default ``$CRMPANEL_DB``, else ``crm.duckdb`` in this folder.
    attach : instead of a database, what is shown as it lies, read only and without a copy: a
        folder of CSV or Parquet files, a DuckDB file, the address of a PostgreSQL database, or
        whatever else can be imported.
    mapping : how that is understood, as for an import; recognised or proposed if left out.
    options : ``viewer`` (login of who is looking, by default the system's user) and ``language``
        (of dates and numbers, e.g. ``"nb_NO"``).

    Raises
    ------
    StoreError : the file is missing, locked, foreign, newer or damaged; says what to do.
    ImportFailed : what is to be attached cannot be read where it lies; says what to do.

    Example
    -------
    >>> ws = crmpanel.connect("crm.duckdb")                           # doctest: +SKIP
    >>> ws.organisation("Nordlys AS").activities.df()                 # doctest: +SKIP
    >>> crmpanel.connect(attach="exports/salesforce")                 # doctest: +SKIP
    """
    from crmpanel.workspace import Workspace

    if attach is not None:
        return Workspace.attach(attach, mapping, **options)
    return Workspace.open(path, **options)  # type: ignore[arg-type]


def extension() -> None:
    """Load what a notebook needs to show cards; `connect` calls it by itself in a notebook."""
    from crmpanel.workspace import extension as load

    load()
