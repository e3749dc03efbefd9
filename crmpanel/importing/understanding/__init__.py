"""Understanding an export: what its tables and columns are, from names, values and measured links."""

from crmpanel.importing.understanding.profile import Profile, profile
from crmpanel.importing.understanding.proposal import Proposal, Question
from crmpanel.importing.understanding.understand import understand

__all__ = ["Profile", "Proposal", "Question", "profile", "understand"]
