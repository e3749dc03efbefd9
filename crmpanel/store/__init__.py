"""The only DuckDB code: opening, reading, writing, checking and re-clustering a database."""

from crmpanel.store.database import Database
from crmpanel.store.opening import create, exists, open_
from crmpanel.store.past import Past
from crmpanel.store.rolling_back import Scope

__all__ = ["Database", "Past", "Scope", "create", "exists", "open_"]
