"""What happened, in words: who did what to which record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.notifications import Item
from crmpanel.locale import _, ngettext
from crmpanel.query import lookup

Key = tuple[str, int]
Row = Mapping[str, Any]


def titles(desk: Desk, keys: Iterable[Key]) -> dict[Key, str]:
    """What records are called now; those that are not there are left out."""
    found: dict[Key, str] = {}
    wanted: dict[str, list[int]] = {}
    for about, id in dict.fromkeys(keys):
        wanted.setdefault(about, []).append(id)
    for name, ids in wanted.items():
        entity = desk.registry[name]
        for id, title in desk.database.rows(lookup.titles(entity, ids)):
            found[name, id] = str(title or "").strip() or f"{entity.label} {id}"
    return found


def headline(desk: Desk, item: Item) -> str:
    """One sentence for a changeset: "Ola Hansen changed Nordlys AS"."""
    who = desk.users.get(item.user or 0) or _("System")
    change = item.lines[0] if item.lines else {}
    if item.records == 1 and change:
        name = change["subject"] or _("(untitled)")
        said = _words(item, change).format(who=who, kind=_kind(desk, change), name=name)
    elif change and change["action"] == "delete" and _is_watched(item, change):
        said = _gone(item, who, change["subject"] or _("(untitled)"))
    else:
        said = _several(item, who)
    return _("{said} (undo)", said=said) if item.undoes is not None else said


def _is_watched(item: Item, change: Row) -> bool:
    return (change["entity"], change["record_id"]) == (item.entity, item.id)


def _gone(item: Item, who: str, name: str) -> str:
    """A watched record was deleted, and others with it, or merged into another."""
    if item.source == "merge":
        return _("{who} merged {name} into another record", who=who, name=name)
    n = item.records - 1
    if item.action != "delete":
        return ngettext(
            "{who} deleted {name} and changed {n} other record",
            "{who} deleted {name} and changed {n} other records",
            n,
            n=n,
            who=who,
            name=name,
        )
    return ngettext(
        "{who} deleted {name} and {n} other record",
        "{who} deleted {name} and {n} other records",
        n,
        n=n,
        who=who,
        name=name,
    )


def _several(item: Item, who: str) -> str:
    n = item.records
    if item.action == "insert":
        return ngettext("{who} created {n} record", "{who} created {n} records", n, n=n, who=who)
    if item.action == "delete":
        return ngettext("{who} deleted {n} record", "{who} deleted {n} records", n, n=n, who=who)
    return ngettext("{who} changed {n} record", "{who} changed {n} records", n, n=n, who=who)


def _words(item: Item, change: Row) -> str:
    if change["action"] == "update" and _is_watched(item, change):
        return _("{who} changed {name}")
    words = {
        "insert": _("{who} created {kind} “{name}”"),
        "update": _("{who} changed {kind} “{name}”"),
        "delete": _("{who} deleted {kind} “{name}”"),
    }
    return words.get(change["action"], _("{who} changed {kind} “{name}”"))


def _kind(desk: Desk, change: Row) -> str:
    name = str(change["entity"])
    return _(desk.registry[name].label) if name in desk.registry else name


def about(item: Item, titles: Mapping[Key, str]) -> str:
    """Of which watched records it is: "Nordlys AS", "Nordlys AS and 2 others"."""
    title = titles.get((item.entity, item.id), "")
    if item.watched < 2 or not title:
        return title
    n = item.watched - 1
    return ngettext("{name} and {n} other", "{name} and {n} others", n, n=n, name=title)
