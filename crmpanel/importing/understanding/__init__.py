"""Understanding an export from its names, its values and measured links."""

from crmpanel.importing.understanding.profile import Profile, profile
from crmpanel.importing.understanding.proposal import Proposal, Question
from crmpanel.importing.understanding.understand import understand

__all__ = ["Profile", "Proposal", "Question", "profile", "understand"]
