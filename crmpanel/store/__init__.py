"""The only DuckDB code: opening, reading, writing, checking and re-clustering a database."""

from crmpanel.store.database import Database
from crmpanel.store.live import Live
from crmpanel.store.opening import create, exists, open_
from crmpanel.store.past import Past
from crmpanel.store.rolling_back import Scope
from crmpanel.store.viewed import Viewed

__all__ = ["Database", "Live", "Past", "Scope", "Viewed", "create", "exists", "open_"]
