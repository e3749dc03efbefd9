"""RecordCard: one record with its tabs, lists, counts and key figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.record_list import RecordList
from crmpanel.errors import AmbiguousName, NotFound, UnknownName
from crmpanel.layouts import LAYOUTS
from crmpanel.model.entity import Entity
from crmpanel.model.filters import Condition
from crmpanel.model.layout import Excerpt, Figure, Layout, Panel, Tab
from crmpanel.query import counting, lookup
from crmpanel.query.query import Query
from crmpanel.query.selection import label_name

MakeList = Callable[..., RecordList]


def layout_of(entity: Entity) -> Layout:
    """The declared layout of an entity's card, or a plain one: its fields and its log."""
    declared = LAYOUTS.get(entity.name)
    if declared:
        return declared
    side = tuple(
        f.name
        for f in entity.fields.values()
        if f.name
        in (
            entity.organisation,
            entity.status,
            entity.date,
            entity.amount,
            *entity.responsible,
            "person_id",
        )
    )
    tabs = (Tab("fields", "Fields", "fields"), Tab("log", "Log", entity="change"))
    return Layout(entity.name, f"{entity.name}_id", tabs, (Panel("Summary", side),))


def find(desk: Desk, entity: str, key: str | int, by_name: bool = False) -> dict[str, Any]:
    """One record, with the titles of the records that it refers to.

    Parameters
    ----------
    entity : name or plural.
    key : id, or key of the record in its source; a number is taken as an id first.
    by_name : a text is first taken as source key, and may be a name as well.

    Raises
    ------
    NotFound : there is none.
    AmbiguousName : several organisations carry the name.
    """
    declared = desk.registry[entity]
    ids = _ids(desk, declared, key, by_name)
    if not ids:
        raise NotFound(
            f"There is no {declared.label.lower()} {str(key)[:80]!r}.",
            "",
            "It may have been deleted or merged; search for its name.",
        )
    row = desk.database.records(lookup.record(declared, ids[0]))[0]
    titles = {label_name(field): _title(desk, str(field.target), row[field.name])
              for field in declared.references}
    return {**row, **titles}


def _title(desk: Desk, entity: str, id: int | None) -> str | None:
    """What a referred record is called; users are known, others are looked up by their key."""
    if id is None:
        return None
    if entity == "user":
        return desk.users.get(id)
    return desk.database.scalar(lookup.title(desk.registry[entity], id))


def _ids(desk: Desk, entity: Entity, key: str | int, by_name: bool) -> list[int]:
    number = _as_id(key)
    by_id = lookup.record(entity, number) if number is not None else None
    by_key = lookup.by_key(entity, str(key)) if isinstance(key, str) and _sayable(key) else None
    queries = [by_key, by_id] if by_name else [by_id, by_key]
    for query in filter(None, queries):
        found = desk.database.rows(query)
        if found:
            return [found[0][0]]
    return _ids_by_name(desk, entity, key) if by_name and by_key else []


def _ids_by_name(desk: Desk, entity: Entity, name: str | int) -> list[int]:
    found = desk.database.rows(lookup.by_title(entity, str(name).strip()))
    exact = [row for row in found if row[1] == name]
    # A name alone means the one without a division, where there is one.
    undivided = [row for row in exact or found if not row[2]]
    chosen = next((rows for rows in (exact, undivided) if len(rows) == 1), found)
    if len(chosen) > 1:
        choices = ", ".join(
            f"{id} ({', '.join(filter(None, (title, more)))})" for id, title, more in chosen[:8]
        )
        raise AmbiguousName(
            f"{len(chosen)} {entity.label_plural.lower()} are called {name!r}.",
            "",
            f"Give the id: {choices}.",
        )
    return [row[0] for row in chosen]


def _as_id(key: str | int) -> int | None:
    """`key` as an id, if it can be one (64 bits)."""
    text = str(key)
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    return None


def _sayable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class RecordCard:
    """One record with its tabs.

    Parameters
    ----------
    desk : database and viewer.
    entity : name or plural of the entity.
    record : the record as `find` gives it.
    make_list : makes a list; views pass one that makes lists which can be displayed.
    """

    def __init__(
        self, desk: Desk, entity: str, record: dict[str, Any], make_list: MakeList = RecordList
    ) -> None:
        self.desk, self.entity, self.record = desk, desk.registry[entity], record
        self.layout, self._make_list = layout_of(self.entity), make_list
        self._lists: dict[str, RecordList] = {}

    @property
    def id(self) -> int:
        """Id of the record."""
        return int(self.record["id"])

    @property
    def title(self) -> str:
        """What the record is called; never empty."""
        return self.record.get(self.entity.title) or f"{self.entity.label} {self.id}"

    @property
    def organisation_id(self) -> int | None:
        """Id of the organisation that the record belongs to (its own, for an organisation)."""
        return self.record.get(self.entity.organisation) if self.entity.organisation else None

    def tab(self, name: str) -> Tab:
        """The tab called `name`; raises `UnknownName`."""
        found = {tab.name: tab for tab in self.layout.tabs}
        if name not in found:
            raise UnknownName("tab", name, found)
        return found[name]

    def list(self, tab: str) -> RecordList:
        """The list of a tab, made when first asked for; raises `UnknownName`."""
        if tab not in self._lists:
            declared = self.tab(tab)
            if declared.entity is None:
                raise UnknownName("list", tab, [t.name for t in self.layout.lists])
            self._lists[tab] = self._make_list(
                self.desk, declared.entity, self.scope(declared.entity)
            )
        return self._lists[tab]

    def scope(self, entity: str) -> tuple[Condition, ...]:
        """Which records of another entity belong to this record."""
        listed = self.desk.registry[entity]
        if self.layout.key in listed.fields:
            return (Condition((self.layout.key,), "eq", (self.id,)),)
        if listed.about:
            what, which = listed.about
            mine = (
                Condition((what,), "eq", (self.entity.name,)),
                Condition((which,), "eq", (self.id,)),
            )
            if self.organisation_id is None:
                return mine
            return (Condition((str(listed.organisation),), "eq", (self.organisation_id,)), *mine)
        raise UnknownName(f"field of {entity}", self.layout.key, listed.fields)

    def counts(self) -> dict[str, int]:
        """Records of each list tab, in one statement."""
        tabs = {str(tab.entity): tab.name for tab in self.layout.lists}
        lists = {name: self.desk.selection(name, *self.scope(name)) for name in tabs}
        query = counting.counts(lists)
        return {tabs[name]: records for name, records in self.desk.database.rows(query)}

    def figures(self) -> list[tuple[Figure, str | None, str | None]]:
        """The key figures: declaration, value as text, currency; in one statement."""
        if not self.layout.figures:
            return []
        chosen = {}
        for figure in self.layout.figures:
            entity = str(self.tab(figure.tab).entity)
            selection = self.desk.selection(entity, *self.scope(entity))
            chosen[figure.name] = (selection.narrowed(**vars(figure.filters)), figure.number)
        rows = {
            name: (value, currency)
            for name, value, currency in self.desk.database.rows(counting.figures(chosen))
        }
        return [(figure, *rows[figure.name]) for figure in self.layout.figures]

    def excerpt(self, excerpt: Excerpt) -> list[dict[str, Any]]:
        """The first rows of a list, for Details."""
        return self.desk.database.records(self.excerpt_query(excerpt))

    def excerpt_query(self, excerpt: Excerpt) -> Query:
        """The query behind an excerpt."""
        name = str(self.tab(excerpt.tab).entity)
        entity = self.desk.registry[name]
        selection = self.desk.selection(name, *self.scope(name)).narrowed(**vars(excerpt.filters))
        needed = [*excerpt.columns, *companions(entity, excerpt.columns)]
        return selection.page(needed, entity.sort, excerpt.rows)


def companions(entity: Entity, columns: tuple[str, ...] | list[str]) -> list[str]:
    """Fields needed to show `columns`: title for the link, currency, status and date for colour."""
    currencies = [entity.field(name).currency for name in columns]
    return [
        name
        for name in (entity.title, entity.status, entity.due, *currencies, *(entity.about or ()))
        if name
    ]
