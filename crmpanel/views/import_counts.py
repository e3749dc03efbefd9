"""What an import would do, and what it did, as the page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crmpanel.controllers.importing.session import Importing
from crmpanel.importing.preview import Preview, Sample
from crmpanel.importing.report import Disagreement, EntityReport, ImportReport
from crmpanel.locale import _, ngettext
from crmpanel.model.entity import Entity
from crmpanel.query.query import Query
from crmpanel.query.sqltext import quoted
from crmpanel.views.cells import Display
from crmpanel.views.import_steps import done_words, left_words

Shown = dict[str, Any]
#: Conflicts, changes and rejects that are shown one by one.
MOST = 50
#: The setting of an address that leads to records without organisation.
UNLINKED = ("unlinked", "1")
REJECTS = 10


def _columns(again: bool) -> dict[str, str]:
    """Counts that are shown, with what they are called."""
    words = {
        "read": _("Rows"),
        "new": _("New"),
        "changed": _("Changed"),
        "unchanged": _("Unchanged"),
        "vanished": _("Vanished"),
        "conflicts": _("Conflicts"),
        "unlinked": _("Unlinked"),
        "rejected": _("Rejected rows"),
    }
    first = ("read", "new", "unlinked", "rejected")
    return {name: words[name] for name in (words if again else first)}


TONES = {"new": "success", "rejected": "danger", "conflicts": "warning", "unlinked": "warning"}


class Counts:
    """Makes what `ImportPreview` and `ImportReport` show.

    Parameters
    ----------
    importing : the import.
    display : how values are shown.
    """

    def __init__(self, importing: Importing, display: Display) -> None:
        self._importing, self._display = importing, display
        self._registry = importing.database.registry

    def _number(self, value: int) -> str:
        return self._display.formats.number(value)

    def preview(self, entity: str) -> Shown:
        """What it would do; of an entity the first records are shown below."""
        seen = self._importing.preview
        if seen is None:
            return {}
        report, importing = seen.report, self._importing
        sample = seen.samples.get(entity)
        gone = sum(e.vanished for e in report.entities.values())
        return {
            "title": _("What would be imported"),
            "text": _("The mapping has changed since: look again.")
            if importing.is_stale
            else _("Nothing has been written yet."),
            "stale": importing.is_stale,
            "hints": list(self._hints(seen)),
            "counts": self._table(report, seen),
            "entity": entity if sample else "",
            "sample_title": self._sample_title(sample) if sample else "",
            **self._vanished(report, gone),
            **self._conflicts(report),
            "changes": [self._change(d) for d in report.differences[:MOST] if not _new(d)],
            **self._rejects(report),
        }

    def _sample_title(self, sample: Sample) -> str:
        name = _(sample.entity.label_plural)
        return _("{list}, as they will look", list=name)

    def _hints(self, seen: Preview) -> Iterator[str]:
        for table, warnings in seen.warnings.items():
            yield from (f"{table}: {warning}" for warning in warnings)
        for name, number in seen.duplicates.items():
            label = _(self._registry[name].label_plural)
            yield ngettext(
                "{list}: {n} row has a key that occurred before; the first counts.",
                "{list}: {n} rows have a key that occurred before; the first counts.",
                number,
                n=self._number(number),
                list=label,
            )

    def _table(self, report: ImportReport, seen: Preview | None = None) -> Shown:
        columns = _columns(report.again)
        rows = []
        for name, entity in report.entities.items():
            declared = self._registry[name]
            cells = [self._cell(name, key, entity, seen is None) for key in columns]
            has = seen is not None and name in seen.samples
            label = _(declared.label_plural)
            rows.append({"entity": name, "label": label, "cells": cells, "sample": has})
        return {"columns": list(columns.values()), "rows": rows}

    def _cell(self, name: str, key: str, entity: EntityReport, done: bool) -> Shown:
        value = getattr(entity, key)
        tone = TONES.get(key) if value else None
        return {"text": self._number(value), "tone": tone}

    def _vanished(self, report: ImportReport, gone: int) -> Shown:
        fates = {
            "mark": _("Mark them as vanished"),
            "delete": _("Delete them"),
            "ignore": _("Leave them alone"),
        }
        importing = self._importing
        asked = gone or importing.vanished != "mark"
        text = ngettext(
            "{n} record is no longer in the export.",
            "{n} records are no longer in the export.",
            gone,
            n=self._number(gone),
        )
        if importing.vanished == "ignore":
            text = _("What is no longer in the export stays as it is.")
        return {
            "gone": text if asked and report.again else "",
            "fates": [{"value": value, "label": label} for value, label in fates.items()],
            "fate": importing.vanished,
            "doubts": report.doubts,
            "sure": importing.sure,
        }

    def _conflicts(self, report: ImportReport) -> Shown:
        count = sum(entity.conflicts for entity in report.entities.values())
        policies = {
            "ask": _("Decide later: mine stay"),
            "source": _("The export wins"),
            "mine": _("Mine win"),
        }
        text = ngettext(
            "{n} value was changed both here and in the export.",
            "{n} values were changed both here and in the export.",
            count,
            n=self._number(count),
        )
        return {
            "conflict_text": text if count else "",
            "conflicts": [self._conflict(n, c) for n, c in enumerate(report.conflicts[:MOST])],
            "policy": self._importing.policy,
            "policies": [{"value": value, "label": label} for value, label in policies.items()],
        }

    def _conflict(self, number: int, found: Disagreement) -> Shown:
        formats = self._display.formats
        parts = [found.by or "", formats.datetime(found.at) if found.at else ""]
        deleted = found.field == "id"
        label = _("Deleted") if deleted else self._label(found.entity, found.field)
        return {
            "number": number,
            "record": self._title(found.entity, found.id, found.record),
            "href": None if deleted else self._href(found.entity, found.id),
            "field": label,
            "before": "" if deleted else found.before or "–",
            "mine": _("deleted") if deleted else found.mine or "–",
            "source": found.source or "–",
            "by": ", ".join(filter(None, parts)),
            "choice": self._importing.decided.get(found.key, self._importing.policy),
        }

    def _change(self, found: Any) -> Shown:
        return {
            "record": self._title(found.entity, found.id, found.record),
            "href": self._href(found.entity, found.id),
            "field": self._label(found.entity, found.field),
            "old": found.old or "",
            "new": found.new or "–",
        }

    def _title(self, entity: str, id: int, title: str | None) -> str:
        return title or f"{_(self._registry[entity].label)} {id}"

    def _label(self, entity: str, field: str) -> str:
        known = self._registry[entity].fields
        return _(known[field].label) if field in known else field

    def _href(self, entity: str, id: int) -> str | None:
        links, declared = self._display.links, self._registry[entity]
        if links is None or declared.organisation is None:
            return None
        return links.record(entity, id)

    def _rejects(self, report: ImportReport) -> Shown:
        count = report.reject_count
        text = left_words(report, self._display.formats)
        shown = [str(reject) for reject in report.rejects[:REJECTS]]
        if count > len(shown):
            shown.append(_("… and {n} more", n=self._number(count - len(shown))))
        return {"reject_text": text if count else "", "rejects": shown}

    # -- afterwards ----------------------------------------------------------------------------

    def report(self, undone: bool = False) -> Shown:
        """What it did."""
        report = self._importing.report
        if report is None:
            return {}
        title = done_words(report, self._display.formats, self._importing.vanished)
        text = _("In {seconds} seconds, {rate} rows a second.", **self._speed(report))
        tone = "success"
        if report.changeset is None:
            title, tone = _("Nothing was new"), "info"
            text = _("The database already holds what is in the export.")
        if undone:
            title, tone = _("The import was undone"), "info"
            text = _("Everything is as it was before.")
        return {
            "title": title,
            "text": text,
            "tone": tone,
            "counts": self._table(report),
            "links": [] if undone else list(self._links(report)),
            **self._rejects(report),
            "undo": report.changeset is not None and not undone,
        }

    def _speed(self, report: ImportReport) -> dict[str, str]:
        rate = self._number(round(report.rate))
        return {"seconds": f"{report.seconds:.1f}", "rate": rate}

    def _links(self, report: ImportReport) -> Iterator[Shown]:
        links = self._display.links
        if links is None:
            return
        for name, entity in report.entities.items():
            declared = self._registry[name]
            if declared.organisation is None or not entity.loaded:
                continue
            text = self._all(declared, entity.loaded)
            yield {"text": text, "href": links.list(declared.plural)}
            if entity.unlinked:
                text = self._without(declared, entity.unlinked)
                yield {"text": text, "href": links.list(declared.plural, (UNLINKED,))}

    def _all(self, entity: Entity, number: int) -> str:
        """What leads to a list; a number only where the list has no other records."""
        label = _(entity.label_plural).lower()
        if self._held(entity) == number:
            return f"{self._number(number)} {label}"
        return _("All {list}", list=label)

    def _without(self, entity: Entity, number: int) -> str:
        label = _(entity.label_plural)
        if self._held(entity, f"{quoted(str(entity.organisation))} IS NULL") == number:
            n = self._number(number)
            return _("{n} {list} without organisation", n=n, list=label.lower())
        return _("{list} without organisation", list=label)

    def _held(self, entity: Entity, where: str = "TRUE") -> int:
        sql = f"SELECT count(*) FROM {quoted(entity.name)} WHERE {where}"
        return int(self._importing.database.scalar(Query(sql)))


def _new(difference: Any) -> bool:
    return difference.field in ("id", "vanished")
