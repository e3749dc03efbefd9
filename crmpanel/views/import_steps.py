"""What the Import page says of where one is: what was brought, how far it is, what comes next."""

from __future__ import annotations

from typing import Any

from crmpanel.controllers.importing.session import Importing
from crmpanel.controllers.importing.working import Work
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
    news = sum(e.new + e.changed + e.vanished for e in seen.report.entities.values())
    if not seen.is_new and not seen.report.conflicts:
        return _("There is nothing new in this export."), []
    blocked = bool(seen.report.doubts) and not importing.sure and importing.vanished != "ignore"
    label = _("Import {n} records", n=formats.number(news))
    load = {"name": "load", "label": label, "primary": True, "disabled": blocked}
    if blocked:
        return _("Much has vanished: confirm above that the export is complete."), [load]
    return _("Everything is one change, which can be undone."), [load]
