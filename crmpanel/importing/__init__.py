"""Somebody's export becomes records: source → mapping → coercion → rejects → load."""

from crmpanel.importing.importer import Import, detect, import_
from crmpanel.importing.mapping import Mapping
from crmpanel.importing.mappingfile import mappings
from crmpanel.importing.preview import Preview
from crmpanel.importing.rejects import Reject
from crmpanel.importing.rejectsfile import save_rejects
from crmpanel.importing.report import Difference, Disagreement, EntityReport, ImportReport
from crmpanel.importing.unlinked import unlinked

__all__ = [
    "Difference",
    "Disagreement",
    "EntityReport",
    "Import",
    "ImportReport",
    "Mapping",
    "Preview",
    "Reject",
    "detect",
    "import_",
    "mappings",
    "save_rejects",
    "unlinked",
]
