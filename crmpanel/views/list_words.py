"""What stands around a list: how many records, the way to its report, why it is empty."""

from __future__ import annotations

from typing import Any

from crmpanel.controllers.list_state import to_args
from crmpanel.controllers.record_list import FILTERS, RecordList
from crmpanel.errors import CrmError
from crmpanel.locale import _, ngettext
from crmpanel.views.cells import Display


def count_words(records: RecordList, display: Display, total: int) -> str:
    """How many records there are, and which of them the page shows."""
    number = display.formats.number
    if total <= records.page_size:
        return ngettext("{n} record", "{n} records", total, n=number(total))
    first = (records.page - 1) * records.page_size
    last = min(first + records.page_size, total)
    return _("{first}–{last} of {n}", n=number(total), first=number(first + 1), last=number(last))


def report_link(records: RecordList, display: Display) -> dict[str, Any]:
    """The link to the report of these records, as `ListSummary` takes it."""
    links = display.links
    # A condition without a value asks for what is blank.
    scope = tuple(
        (name, str(*condition.values[:1]))
        for condition in records.scope
        for name in condition.fields
    )
    kept = tuple(pair for pair in to_args(records) if pair[0] in FILTERS)
    return {
        "name": "report",
        "label": _("Report"),
        "icon": "chart",
        "href": links.report(records.entity.plural, (*scope, *kept)) if links else None,
        "title": _("These records, grouped and summed"),
    }


def empty_words(
    records: RecordList, create: str | None, bring: str | None = None
) -> dict[str, Any]:
    """What an empty list says.

    Parameters
    ----------
    create : label of the button that makes the first record.
    bring : where an export can be brought instead.
    """
    name = _(records.entity.label_plural).lower()
    if records.is_filtered:
        return {
            "title": _("No {list} match the filters", list=name),
            "text": _("Try fewer words, another period or more statuses."),
            "action": _("Clear filters"),
        }
    if records.desk.is_live and records.entity.about:
        return no_log()
    link = {"text": _("Import …"), "href": bring} if bring else None
    return {"title": _("No {list} yet", list=name), "text": "", "action": create, "link": link}


def no_log() -> dict[str, Any]:
    """What the empty log of a live source says."""
    return {
        "title": _("A live source has no log"),
        "text": _("What is changed where it lies is not recorded here. Import it to have a log."),
        "action": None,
    }


def error_words(error: CrmError) -> dict[str, Any]:
    """What a list says that cannot be read."""
    return {
        "title": error.what,
        "text": f"{error.why} {error.remedy}".strip(),
        "action": _("Clear filters"),
    }
