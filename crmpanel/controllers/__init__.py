"""Param classes without widgets: what is chosen, what is shown, what was asked for."""
