"""Numbered SQL files: what every database holds beside the tables of its entities."""
