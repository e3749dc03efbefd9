"""Derived: amounts that lines add up to, whether an order is done, and which rows are deleted."""

from __future__ import annotations

from collections.abc import Sequence

from crmpanel.importing.coercion import YES
from crmpanel.importing.mapping import Chosen, Column, Multiplied, OfChildren, Taken
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.profile import ColumnProfile, TableProfile
from crmpanel.importing.understanding.vocabulary import vocabulary
from crmpanel.importing.understanding.words import compact
from crmpanel.model.entity import Entity

#: What has lines, and the reference by which a line names it.
PARENTS = {"order": "order_id", "quotation": "quotation_id"}
#: What is not done yet was planned, or is going on.
_AHEAD = ("activity", "meeting")
PLANNED, OPEN, DONE = "Planned", "OnGoing", "Completed"


def give_amounts(drafts: Sequence[Draft]) -> list[str]:
    """Totals of lines, and values of what has the lines, where no column holds them."""
    evidence = [line for draft in drafts if (line := _line_total(draft))]
    for draft in drafts:
        lines = [d for d in drafts if d.entity == "quotation_line" and _belong(d, draft)]
        counted = lines and all("line_total" in d.fields for d in lines)
        if counted and "value" not in draft.fields:
            draft.fields["value"] = OfChildren("sum", "quotation_line", "line_total")
            evidence.append(f"{draft.name}: the value is the sum of the lines")
    return evidence


def _belong(lines: Draft, draft: Draft) -> bool:
    """Whether lines name the records of a draft."""
    return bool(lines.links.get(PARENTS.get(draft.entity, "")))


def _line_total(draft: Draft) -> str:
    """The total of a line is price × quantity, less a discount that is a share."""
    if draft.entity != "quotation_line" or "line_total" in draft.fields:
        return ""
    if "quantity" not in draft.fields and isinstance(each := draft.fields.get("price"), Taken):
        draft.fields["line_total"] = each
        return f"{draft.name}: a line is one piece, so that its total is its price"
    price = _plain(draft, "price") or _plain(draft, "list_price")
    quantity = _plain(draft, "quantity")
    discount = draft.table.columns.get(draft.column_of("discount"))
    if not price or not quantity or not (discount is None or is_share(discount) or _zero(discount)):
        return ""
    less = Column(discount.name) if discount is not None and is_share(discount) else None
    draft.fields["line_total"] = Multiplied((Column(price), Column(quantity)), less)
    return f"{draft.name}: the total of a line is {price} × {quantity}" + (
        f" × (1 - {less.name})" if less else ""
    )


def _plain(draft: Draft, field: str) -> str:
    """The column of a field that holds nothing but numbers."""
    name = draft.column_of(field)
    column = draft.table.columns.get(name)
    return name if column is not None and column.forms.share("number") >= 0.98 else ""


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _zero(column: ColumnProfile) -> bool:
    return all(_number(text) == 0 for text in column.sample)


def is_share(column: ColumnProfile) -> bool:
    """Whether numbers are shares of one: 0.25 for 25 %."""
    numbers = [_number(text) for text in column.sample]
    return (
        bool(numbers)
        and all(n is not None and 0 <= n <= 1 for n in numbers)
        and any(0 < (n or 0) < 1 for n in numbers)
    )


def give_done(draft: Draft, entity: Entity) -> None:
    """A column that only says whether, or when, it was done becomes a status."""
    if entity.name not in ("activity", "meeting", "ticket", "order"):
        return
    status, undone = str(entity.status), PLANNED if entity.name in _AHEAD else OPEN
    if status not in draft.fields:
        _give_finished(draft, status, undone)
    column = draft.table.columns.get(draft.column_of(status))
    if column is None:
        return
    states, yes = vocabulary().words["state"], vocabulary().truths["yes"]
    done = any(text.strip().lower() in yes for text in column.sample)
    if (
        done
        and column.forms.share("boolean") == 1
        and not states & set(map(compact, column.sample))
    ):
        texts = [(t, DONE if t.strip().lower() in yes else undone) for t in column.sample]
        draft.fields[status] = Taken((Column(column.name),), values=tuple(sorted(texts)))


def _give_finished(draft: Draft, status: str, undone: str) -> None:
    """What has a time at which it was done is done."""
    shipped = draft.column_of("shipped_date") if draft.entity == "order" else ""
    if shipped and not draft.group:
        draft.fields[status] = Chosen(Column(shipped), OPEN, DONE)
        return
    for column in draft.table.columns.values():
        dated = 0 < column.share < 1 and column.forms.share("date") > 0.9
        if dated and column.compact in vocabulary().words["finished"]:
            draft.fields[status] = Chosen(Column(column.name), undone, DONE)
            return


def leave_out_deleted(draft: Draft, table: TableProfile, before: str = "") -> None:
    """Rows that say that they are deleted are left out; also those of a joined table."""
    known, yes = vocabulary().words["deleted"], vocabulary().truths["yes"]
    for column in table.columns.values():
        name = compact(column.name)
        if "archiv" in name:
            continue
        if name in known and column.forms.share("boolean") > 0.9:
            gone = tuple(text for text in column.sample if text.strip().lower() in yes)
            draft.skip[f"{before}{column.name}"] = gone or YES[:5]
        elif name.endswith("at") and name[:-2] in known and column.forms.share("date") > 0.9:
            draft.only[f"{before}{column.name}"] = ("",)
