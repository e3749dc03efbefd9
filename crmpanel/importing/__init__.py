"""Somebody's export becomes records: source → mapping → coercion → rejects → load."""

from crmpanel.importing.importer import detect, import_
from crmpanel.importing.mapping import Mapping
from crmpanel.importing.mappingfile import mappings
from crmpanel.importing.rejects import Reject
from crmpanel.importing.report import EntityReport, ImportReport

__all__ = ["EntityReport", "ImportReport", "Mapping", "Reject", "detect", "import_", "mappings"]
