"""Dropping: a single file of whatever it is becomes a list of its own on every card."""

from crmpanel.importing.dropping.dropped import Dropped
from crmpanel.importing.dropping.linkage import Match, Way

__all__ = ["Dropped", "Match", "Way"]
