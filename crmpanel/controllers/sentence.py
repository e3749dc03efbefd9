"""The filters as a sentence: "activities where status is Planned or Active and date is overdue"."""

from __future__ import annotations

import datetime as dt

from crmpanel.controllers.record_list import RecordList
from crmpanel.locale import _
from crmpanel.locale.formats import Formats
from crmpanel.model.filters import Condition
from crmpanel.model.kinds import ENTITY_NAME, FIELD_NAME
from crmpanel.model.operators import operator
from crmpanel.model.period import MOMENTS, PERIODS, days
from crmpanel.model.registry import Registry


def sentence(records: RecordList, formats: Formats) -> str:
    """What the list shows, in words; empty if nothing is filtered."""
    entity, filters = records.entity, records.filters
    parts = []
    if filters.search.strip():
        parts.append(_("some text contains “{text}”", text=filters.search.strip()))
    for condition in filters.without("period").all_conditions(entity, records.desk.clock().date()):
        parts.append(_clause(records, condition))
    if filters.period and entity.date:
        name = (entity.due or entity.date) if filters.period in MOMENTS else entity.date
        label = _(entity.field(name).label).lower()
        parts.append(
            _(
                "{field} is {period}",
                field=label,
                period=_in_sentence(filters.period, formats),
            )
        )
    if not parts:
        return ""
    return _(
        "{list} where {conditions}",
        list=_(entity.label_plural).lower(),
        conditions=_(" and ").join(parts),
    )


def filter_words(records: RecordList, formats: Formats, name: str) -> str:
    """One filter with its values: "Status: Planned, Active".

    Parameters
    ----------
    name : one of `record_list.FILTERS`, which is set.
    """
    entity, filters = records.entity, records.filters
    if name == "search":
        return _("Search: “{text}”", text=filters.search.strip())
    if name == "period":
        return _("{field}: {value}", field=_("Date"), value=period_label(filters.period, formats))
    fields = {"status": entity.status, "responsible": next(iter(entity.responsible), None)}
    chosen = Condition((str(fields[name]),), "in", tuple(getattr(filters, name)))
    values = ", ".join(_value(records, chosen, value) for value in chosen.values)
    return _("{field}: {value}", field=_(entity.field(chosen.fields[0]).label), value=values)


def _clause(records: RecordList, condition: Condition) -> str:
    field = records.entity.field(condition.fields[0])
    values = [_value(records, condition, value) for value in condition.values]
    phrase = _(operator(condition.operator).phrase, values=_(" or ").join(values))
    return f"{_(field.label).lower()} {phrase}"


def _value(records: RecordList, condition: Condition, value: object) -> str:
    if value is None:
        return _("blank")
    field, registry = records.entity.field(condition.fields[0]), records.desk.registry
    if field.target == "user":
        return records.desk.users.get(value, str(value))  # type: ignore[call-overload]
    if field.kind is ENTITY_NAME and value in registry:
        return _(registry[str(value)].label)
    if field.kind is FIELD_NAME:
        return field_label(registry, str(value))
    return str(value)


def field_label(registry: Registry, name: str, entity: str | None = None) -> str:
    """What a field is called, in one entity or in all that have it."""
    entities = [e for e in registry if entity in (None, e.name)]
    labels = dict.fromkeys(_(e.fields[name].label) for e in entities if name in e.fields)
    return " / ".join(labels) or name


def _in_sentence(period: str, formats: Formats) -> str:
    label = period_label(period, formats)
    return label.lower() if period in PERIODS else label


def period_label(period: str, formats: Formats) -> str:
    """A period as its menu shows it, or as its first and last day."""
    if period in PERIODS:
        return _(PERIODS[period])
    span = days(period, dt.date(2000, 1, 1))
    first = formats.date(span.start) if span.start else ""
    last = formats.date(span.end - dt.timedelta(days=1)) if span.end else ""
    if first and last:
        return _("{first} – {last}", first=first, last=last)
    if first:
        return _("from {first}", first=first)
    return _("until {last}", last=last) if last else _("any date")
