"""RecordCard: one record with its tabs, lists, counts and key figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.controllers.layout import layout_in
from crmpanel.controllers.record_list import RecordList
from crmpanel.errors import UnknownName
from crmpanel.model.entity import VANISHED, Entity
from crmpanel.model.filters import Condition
from crmpanel.model.layout import Excerpt, Figure, Tab
from crmpanel.query import counting
from crmpanel.query.query import Query
from crmpanel.query.selection import Selection

__all__ = ["MakeList", "RecordCard", "companions", "find"]

MakeList = Callable[..., RecordList]
FigureValue = tuple[Figure, str | None, str | None, list[str] | None]


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
        self.layout = layout_in(self.entity, desk.registry)
        self._make_list = make_list
        self._lists: dict[str, RecordList] = {}

    def follow_declarations(self) -> None:
        """Take up what the database has come to declare since the card was made."""
        registry = self.desk.registry
        self.entity = registry[self.entity.name]
        self.layout = layout_in(self.entity, registry)

    @property
    def id(self) -> int:
        """Id of the record."""
        return int(self.record["id"])

    @property
    def title(self) -> str:
        """What the record is called; never empty."""
        title = str(self.record.get(self.entity.title) or "").strip()
        return title or f"{self.entity.label} {self.id}"

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
        field = listed.fields.get(self.layout.key)
        if field is not None and field.target == self.entity.name:
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
        lists = {tab.name: self._selection(tab) for tab in self.layout.lists}
        return dict(self.desk.database.rows(counting.counts(lists))) if lists else {}

    def _selection(self, tab: Tab) -> Selection:
        entity = str(tab.entity)
        return self.desk.selection(entity, *self.scope(entity))

    def figures(self) -> Sequence[FigureValue]:
        """The key figures, in one statement.

        Returns
        -------
        figures : of each the declaration, the value as text, its currency, and the statuses of its
            records where it looks at them. A sum over several currencies has no value, but a
            currency.
        """
        if not self.layout.figures:
            return []
        chosen = {}
        for figure in self.layout.figures:
            selection = self._selection(self.tab(figure.tab))
            chosen[figure.name] = (selection.narrowed(**vars(figure.filters)), figure.number)
        rows = {row[0]: row[1:] for row in self.desk.database.rows(counting.figures(chosen))}
        return [(figure, *rows[figure.name]) for figure in self.layout.figures]

    def excerpt(self, excerpt: Excerpt) -> Sequence[dict[str, Any]]:
        """The first rows of a list, for Details."""
        return self.desk.database.records(self.excerpt_query(excerpt))

    def excerpt_query(self, excerpt: Excerpt) -> Query:
        """The query behind an excerpt."""
        tab = self.tab(excerpt.tab)
        entity = self.desk.registry[str(tab.entity)]
        selection = self._selection(tab).narrowed(**vars(excerpt.filters))
        needed = [*excerpt.columns, *companions(entity, excerpt.columns)]
        return selection.page(needed, entity.sort, excerpt.rows)


def companions(entity: Entity, columns: Sequence[str]) -> list[str]:
    """Fields needed to show `columns`: title for the link, currency, status and date for colour.

    Of what has vanished from its source, that it has.
    """
    # What the log's headings and buttons rest on.
    whole = [field.name for field in entity.own_fields] if entity.about else []
    currencies = [entity.field(name).currency for name in columns]
    gone = VANISHED if VANISHED in entity.fields else None
    needed = (entity.title, entity.status, entity.due, gone, *currencies, *whole)
    return [name for name in needed if name]
