"""The state of a list in an address: written without defaults, read with suspicion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from crmpanel.controllers.links import Args
from crmpanel.controllers.record_list import FILTERS, PAGE_SIZE, PAGE_SIZES, RecordList
from crmpanel.errors import FilterError, InputError, UnknownName, shortened
from crmpanel.locale import _
from crmpanel.model.entity import Field
from crmpanel.model.filters import check_search
from crmpanel.model.kinds import ENTITY_NAME, FIELD_NAME
from crmpanel.model.period import MOMENTS, days
from crmpanel.model.registry import Registry

LONGEST_SEARCH = 500


def to_args(records: RecordList) -> Args:
    """The settings that differ from the defaults, as pairs for an address."""
    args: list[tuple[str, str]] = []
    if records.search:
        args.append(("search", records.search))
    args += [
        ("responsible", "" if (id := records.desk.user_id(user)) is None else str(id))
        for user in records.responsible
    ]
    args += [("status", "" if status is None else status) for status in records.status]
    args += [("kind", "" if kind is None else kind) for kind in records.kind]
    if records.period:
        args.append(("period", records.period))
    if tuple(records.sort) not in ((), records.default_sort):
        args += [("sort", name) for name in records.sort]
    if tuple(records.columns) != records.default_columns:
        args += [("column", name) for name in records.columns]
    if records.page_size != PAGE_SIZE:
        args.append(("rows", str(records.page_size)))
    if records.page != 1:
        args.append(("page", str(records.page)))
    return tuple(args)


def from_args(records: RecordList, args: Args, strict: bool = False) -> list[str]:
    """Bring a list into the state that an address describes; what is missing is the default.

    A status that no record has is kept: records that have it may have been there, or may come.

    Parameters
    ----------
    strict : raise `InputError` rather than ignore a filter, which would show more than was asked.

    Returns
    -------
    messages : one for each setting that is unknown or makes no sense, which is ignored, and for
        each filter with a value that no record has.
    """
    messages: list[str] = []
    values: dict[str, list[str]] = {}
    for key, value in args:
        values.setdefault(key, []).append(value)
    state: dict[str, Any] = {}
    for key, read in _READERS.items():
        try:
            state.update(read(records, values.pop(key, [])))
        except InputError as error:
            if strict and key in FILTERS:
                raise
            messages.append(str(error))
            state.update(read(records, []))
    messages += [
        _("The address has an unknown setting {name}, which was ignored.", name=shortened(key))
        for key in values
    ]
    records.restore(**state)
    return messages if strict else [*messages, *_absent(records)]


def _search(records: RecordList, values: list[str]) -> dict[str, Any]:
    text = values[-1] if values else ""
    _check(text)
    return {"search": text}


def _check(text: str) -> None:
    if len(text) > LONGEST_SEARCH:
        n, limit = len(text), LONGEST_SEARCH
        raise FilterError(_("The text has {n} characters; the limit is {limit}.", n=n, limit=limit))
    check_search(text)


def _responsible(records: RecordList, values: list[str]) -> dict[str, Any]:
    if values and not records.entity.responsible:
        raise FilterError(
            _("{list} have no responsible user to filter on.", list=records.entity.label_plural)
        )
    return {"responsible": [records.desk.user_id(value or None) for value in values]}


def _status(records: RecordList, values: list[str]) -> dict[str, Any]:
    if values and not records.entity.status:
        raise FilterError(
            _("{list} have no status to filter on.", list=records.entity.label_plural)
        )
    return {"status": _texts(records, records.entity.status, values)}


def _kind(records: RecordList, values: list[str]) -> dict[str, Any]:
    if values and not records.entity.kind:
        raise FilterError(_("{list} have no kind to filter on.", list=records.entity.label_plural))
    return {"kind": _texts(records, records.entity.kind, values)}


def _texts(records: RecordList, name: str | None, values: list[str]) -> list[str | None]:
    """The values of a filter with choices: any that the field could have."""
    for value in filter(None, values if name else ()):
        _check(value)
        records.entity.field(str(name)).kind.check(value)
    return [value or None for value in values]


def _absent(records: RecordList) -> Iterator[str]:
    """What to say of values that no record has."""
    desk, entity = records.desk, records.entity
    for part, name, values in (
        ("status", entity.status, records.status),
        ("kind", entity.kind, records.kind),
    ):
        if not values or not name:
            continue
        here = desk.database.rows(desk.selection(entity.name, *records.scope).facet(part))
        roles = desk.database.status_roles(entity.name) if part == "status" else ()
        field = entity.field(name)
        known = {None, *(row[0] for row in here), *roles, *_declared(desk.registry, field)}
        unknown = [value for value in values if value not in known]
        if unknown:
            label, value = _(field.label).lower(), shortened(unknown[0])
            yield _("There is no {field} {value} here now.", field=label, value=value)


def _declared(registry: Registry, field: Field) -> set[str]:
    """Names of entities and fields, which the log may tell of even if it does not yet."""
    if field.kind is ENTITY_NAME:
        return {entity.name for entity in registry}
    if field.kind is FIELD_NAME:
        return {name for entity in registry for name in entity.fields}
    return set()


def _period(records: RecordList, values: list[str]) -> dict[str, Any]:
    period = values[-1] if values else ""
    if period and not records.entity.date:
        raise FilterError(_("{list} have no date to filter on.", list=records.entity.label_plural))
    if period == "overdue" and not records.entity.due:
        raise FilterError(_("{list} cannot be overdue.", list=records.entity.label_plural))
    if period and period not in MOMENTS:
        days(period, dt.date(2000, 1, 1))
    return {"period": period}


def _sort(records: RecordList, values: list[str]) -> dict[str, Any]:
    keys = {value.removeprefix("-"): value for value in values}
    _check_columns(records, keys)
    return {"sort": list(keys.values()) or list(records.default_sort)}


def _columns(records: RecordList, values: list[str]) -> dict[str, Any]:
    names = list(dict.fromkeys(values))
    _check_columns(records, names)
    return {"columns": names or list(records.usual_columns)}


def _check_columns(records: RecordList, names: Iterable[str]) -> None:
    """A field that no panel shows is no column either."""
    known = [field.name for field in records.all_columns]
    for name in names:
        if name not in known:
            raise UnknownName(f"column of {records.entity.plural}", name, known)


def _page_size(records: RecordList, values: list[str]) -> dict[str, Any]:
    size = values[-1] if values else str(PAGE_SIZE)
    if size not in {str(n) for n in PAGE_SIZES}:
        raise FilterError(
            _(
                "A page has {sizes} rows, not {value}.",
                value=shortened(size),
                sizes=", ".join(map(str, PAGE_SIZES)),
            )
        )
    return {"page_size": int(size)}


def _page(records: RecordList, values: list[str]) -> dict[str, Any]:
    page = values[-1] if values else "1"
    if not (page.isascii() and page.isdigit() and 1 <= int(page[:12]) <= 10_000_000):
        raise FilterError(_("There is no page {value}.", value=shortened(page)))
    return {"page": int(page)}


_READERS: dict[str, Callable[[RecordList, list[str]], dict[str, Any]]] = {
    "search": _search,
    "responsible": _responsible,
    "status": _status,
    "kind": _kind,
    "period": _period,
    "sort": _sort,
    "column": _columns,
    "rows": _page_size,
    "page": _page,
}
