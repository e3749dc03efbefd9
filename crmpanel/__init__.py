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


def connect(path: str | Path | None = None, **options: object) -> Workspace:
    """Open a database and return the workspace over it.

    Parameters
    ----------
    path : the database file; by default ``$CRMPANEL_DB``, else ``crm.duckdb`` in this folder.
    options : ``viewer`` (login of who is looking, by default the system's user) and ``language``
        (of dates and numbers, e.g. ``"nb_NO"``).

    Raises
    ------
    StoreError : the file is missing, locked, foreign, newer or damaged; says what to do.

    Example
    -------
    >>> ws = crmpanel.connect("crm.duckdb")                           # doctest: +SKIP
    >>> ws.organisation("Nordlys AS").activities.df()                 # doctest: +SKIP
    """
    from crmpanel.workspace import Workspace

    return Workspace.open(path, **options)  # type: ignore[arg-type]


def extension() -> None:
    """Load what a notebook needs to show cards; `connect` calls it by itself in a notebook."""
    from crmpanel.workspace import extension as load

    load()
