"""What the Import page says of where one is: what was brought, how far it is, what comes next."""

from __future__ import annotations

from typing import Any

from crmpanel.controllers.importing.session import Importing
from crmpanel.controllers.importing.working import Work
from crmpanel.importing.report import ImportReport
from crmpanel.locale import _, ngettext
from crmpanel.locale.formats import Formats

#: A text, and the buttons beside it.
Next = tuple[str, list[dict[str, Any]]]


def brought_words(importing: Importing, formats: Formats) -> dict[str, Any]:
    """What was brought: its name, its kind, how many tables and rows."""
    opened = importing.opened
    if opened is None:
        return {}
    stage, source = opened.import_.stage, opened.import_.source
    tables = len(stage.tables)
    text = ngettext(
        "{kind}: {n} table, {rows} rows",
        "{kind}: {n} tables, {rows} rows",
        tables,
        n=formats.number(tables),
        kind=source.kind,
        rows=formats.number(sum(map(stage.rows, stage.tables))),
    )
    return {"title": source.name, "text": text}


def progress_words(work: Work, formats: Formats) -> dict[str, Any]:
    """How far something is, how fast it goes and how long it will take."""
    state, parts = work.state, []
    if state.rate >= 1:
        parts.append(_("{n} rows a second", n=formats.number(round(state.rate))))
    if state.left is not None and state.left >= 1:
        parts.append(_("{n} s left", n=formats.number(round(state.left))))
    return {
        "text": _("Cancelling …") if work.is_cancelled else f"{state.text} …",
        "detail": " · ".join(parts),
        "done": state.done,
        "cancel": not work.is_cancelled,
    }


def next_words(importing: Importing, formats: Formats) -> Next:
    """What can be done next."""
    seen = importing.preview
    look = {"name": "look", "label": _("Look what would change"), "primary": True}
    if not importing.mapping.sources:
        return _("Nothing is made of these tables yet: choose what they hold."), []
    if seen is None or importing.is_stale:
        return _("Nothing has been written yet."), [look]
    news = sum(changes_of(seen.report).values())
    if not seen.is_new and not seen.report.conflicts:
        return _("There is nothing new in this export."), []
    blocked = bool(seen.report.doubts) and not importing.sure and importing.vanished != "ignore"
    label = ngettext("Import {n} record", "Import {n} records", news, n=formats.number(news))
    load = {"name": "load", "label": label, "primary": True, "disabled": blocked}
    if blocked:
        return _("Much has vanished: confirm above that the export is complete."), [load]
    return _("Everything is one change, which can be undone."), [load]


def done_words(report: ImportReport, formats: Formats, fate: str) -> str:
    """What an import did: how many records it brought, or what it changed of those there were.

    Parameters
    ----------
    fate : what became of vanished records.
    """
    if not report.again:
        n, number = report.loaded, formats.number(report.loaded)
        return ngettext("{n} record imported", "{n} records imported", n, n=number)
    changes = changes_of(report)
    if fate == "delete":
        changes["deleted"] = changes.pop("vanished")
    return changes_words(changes, formats)


def changes_of(report: ImportReport) -> dict[str, int]:
    """How many records of all entities are new, changed and so on."""
    kinds = ("new", "changed", "vanished", "returned", "linked")
    return {k: sum(getattr(e, k) for e in report.entities.values()) for k in kinds}


def changes_words(changes: dict[str, int], formats: Formats) -> str:
    """Numbers of new, changed and vanished records in a line; what there is none of is left out."""
    words = {
        "new": _("{n} new"),
        "changed": _("{n} changed"),
        "vanished": _("{n} vanished"),
        "returned": _("{n} back again"),
        "deleted": _("{n} deleted"),
        "linked": _("{n} linked"),
    }
    told = ((words[kind], number) for kind, number in changes.items() if number)
    return ", ".join(text.format(n=formats.number(number)) for text, number in told)


def left_words(report: ImportReport, formats: Formats) -> str:
    """How much could not be taken over; without rejected rows it is values and links alone."""
    count, n = report.reject_count, formats.number(report.reject_count)
    if any(entity.rejected for entity in report.entities.values()):
        return ngettext(
            "{n} row, value or link could not be taken over",
            "{n} rows, values or links could not be taken over",
            count,
            n=n,
        )
    return ngettext(
        "{n} value or link could not be taken over",
        "{n} values or links could not be taken over",
        count,
        n=n,
    )
