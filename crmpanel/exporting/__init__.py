"""Export: a database as files that people and programs read, and that an import takes back whole.

Each entity is a file, or several; documents are files of their own; a manifest beside them tells
what is what, so that nothing has to be guessed when they are imported.
"""

from crmpanel.exporting.export import FORMATS, Exported, export

__all__ = ["FORMATS", "Exported", "export"]
