"""The only DuckDB code: opening, reading, writing, checking and re-clustering a database."""

from crmpanel.store.database import Database
from crmpanel.store.opening import create, exists, open_

__all__ = ["Database", "create", "exists", "open_"]
