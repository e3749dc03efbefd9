"""What a mass edit would change, in words and in the forms that values have in lists."""

from __future__ import annotations

from typing import Any

from crmpanel.controllers.desk import USERS
from crmpanel.locale import _, ngettext
from crmpanel.model.entity import Entity
from crmpanel.model.values import typed
from crmpanel.query.selection import label_name
from crmpanel.store.summary import FieldSummary, Refused, Sample, Summary
from crmpanel.views.cells import Display

#: Longer texts are told by their beginning.
LONGEST = 120
#: Of more dates only the first and the last are told.
DATES = 3


def shown(display: Display, entity: Entity, summary: Summary, gone: int) -> dict[str, Any]:
    """A summary as `MassEdit` takes it.

    Parameters
    ----------
    gone : how many of the records that were chosen are not there any more.
    """
    changed = counted(display, entity, summary.changed)
    return {
        "head": _head(display, entity, summary),
        "notes": list(_notes(display, summary, gone)),
        "fields": [_field(display, entity, field) for field in summary.fields],
        "samples": _samples(display, entity, summary),
        "refused": _refused(display, entity, summary) if summary.refused_number else None,
        "apply": _("Change {records}", records=changed) if summary.changed else None,
        "doing": _("Changing {records} …", records=changed),
    }


def counted(display: Display, entity: Entity, number: int) -> str:
    """So many records of an entity, e.g. "3 activities"."""
    name = _(entity.label if number == 1 else entity.label_plural)
    return f"{display.formats.number(number)} {name.lower()}"


def _head(display: Display, entity: Entity, summary: Summary) -> str:
    if not summary.changed:
        return _("Nothing would change.")
    n, records = summary.changed, counted(display, entity, summary.records)
    return _("{n} of {records} will change", n=display.formats.number(n), records=records)


def _notes(display: Display, summary: Summary, gone: int) -> Any:
    number = display.formats.number
    if summary.unchanged:
        n = summary.unchanged
        yield ngettext(
            "{n} record stays as it is: it has these values already, or no date to move.",
            "{n} records stay as they are: they have these values already, or no date to move.",
            n,
            n=number(n),
        )
    if gone:
        yield ngettext(
            "{n} of the selected records is not there any more.",
            "{n} of the selected records are not there any more.",
            gone,
            n=number(gone),
        )


def _field(display: Display, entity: Entity, field: FieldSummary) -> dict[str, Any]:
    number, declared = display.formats.number, entity.field(field.field)
    head = ngettext("{n} record", "{n} records", field.number, n=number(field.number))
    found = {"label": _(declared.label), "head": head, "rows": [], "more": ""}

    def text(value: str | None) -> str:
        return _text(display, entity, field.field, value)

    if declared.kind.is_day and field.distinct > DATES:
        # Of many dates a few say nothing, the first and the last do.
        spans = [_span(text(a), text(b)) for a, b in (field.span[:2], field.span[2:])]
        return {**found, "rows": [{"old": spans[0], "new": spans[1], "n": number(field.number)}]}
    rows = [
        {"old": text(value.old), "new": text(value.new), "n": number(value.number)}
        for value in field.values
    ]
    if field.others:
        found["more"] = _(
            "and {values} other values in {n} records",
            values=number(field.distinct - len(field.values)),
            n=number(field.others),
        )
    return {**found, "rows": rows}


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first} – {last}"


def _samples(display: Display, entity: Entity, summary: Summary) -> dict[str, Any]:
    names = [field.field for field in summary.fields if field.number]
    head = _("The records")
    if summary.changed > len(summary.samples):
        head = _(
            "The first {n} of {m} records",
            n=len(summary.samples),
            m=display.formats.number(summary.changed),
        )
    return {
        "head": head,
        "columns": [_(entity.label), *(_(entity.field(name).label) for name in names)],
        "rows": [_sample(display, entity, sample, names) for sample in summary.samples],
    }


def _sample(display: Display, entity: Entity, sample: Sample, names: list[str]) -> dict[str, Any]:
    def pair(name: str) -> list[str] | None:
        found = sample.values.get(name)
        return found and [_text(display, entity, name, value) for value in found]

    return {"title": sample.title or _("(untitled)"), "values": [pair(name) for name in names]}


def _refused(display: Display, entity: Entity, summary: Summary) -> dict[str, Any]:
    n, number = summary.refused_number, display.formats.number
    rest = n - len({refused.id for refused in summary.refused})
    return {
        "head": _("{records} cannot be changed", records=counted(display, entity, n)),
        "rows": [
            {"title": refused.title or _("(untitled)"), "why": _why(display, entity, refused)}
            for refused in summary.refused
        ],
        "more": _("… and {n} more", n=number(rest)) if rest > 0 else "",
        "leave": ngettext("Leave it out", "Leave these {n} out", n, n=number(n)),
    }


def _why(display: Display, entity: Entity, refused: Refused) -> str:
    label = _(entity.field(refused.field).label)
    if refused.state == "beyond":
        now = _text(display, entity, refused.field, refused.old)
        return _("{field}: {date} would be moved past the calendar.", field=label, date=now)
    return _("{field}: it cannot have this value.", field=label)


def _text(display: Display, entity: Entity, name: str, text: str | None) -> str:
    """A value of the log as lists show it."""
    field = entity.field(name)
    value = typed(field.kind, text)
    row = {name: value}
    if field.target == USERS:
        row[label_name(field)] = display.desk.users.get(value)
    elif name == entity.due and value is not None:
        row[str(entity.status)] = None
    shown = display.text(entity, name, row)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
