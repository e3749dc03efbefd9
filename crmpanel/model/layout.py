"""Layout: which tabs, panels and lists a card has, as data."""

from __future__ import annotations

from dataclasses import dataclass, field

from crmpanel.model.filters import FilterSet


@dataclass(frozen=True)
class Tab:
    """A tab of a card.

    Parameters
    ----------
    name : name in the URL and, for lists, attribute of the card.
    label : English label.
    kind : ``details``, ``fields`` or ``list``.
    entity : for lists, the name of the entity shown.
    """

    name: str
    label: str
    kind: str = "list"
    entity: str | None = None


@dataclass(frozen=True)
class Panel:
    """A titled group of fields."""

    title: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Excerpt:
    """The first rows of a list, shown on Details.

    Parameters
    ----------
    tab : name of the tab that has the whole list.
    columns : names of the columns; the first is what the row is called.
    rows : how many rows.
    filters : what the excerpt is narrowed to.
    half : whether two such lists stand side by side where there is room.
    """

    tab: str
    columns: tuple[str, ...]
    rows: int = 5
    filters: FilterSet = field(default_factory=FilterSet)
    half: bool = False


@dataclass(frozen=True)
class Figure:
    """A key figure in the header of a card.

    Parameters
    ----------
    name, label : key and English label.
    tab : the tab whose records it counts; the figure leads there.
    number : ``count``, ``sum:FIELD`` or ``max:FIELD``.
    filters : which of the records.
    tone : how the figure is coloured when it is not zero.
    """

    name: str
    label: str
    tab: str
    number: str = "count"
    filters: FilterSet = field(default_factory=FilterSet)
    tone: str = "neutral"


@dataclass(frozen=True)
class Layout:
    """The card of an entity.

    Parameters
    ----------
    entity : name of the entity that the card shows.
    key : field of the listed entities that refers to it.
    tabs : in order.
    side : panels beside every tab.
    subtitle : fields shown in one line below the title.
    chips : fields shown as chips beside the title.
    figures : key figures in the header.
    details : panels and lists of the Details tab.
    timeline : names of the entities, the log among them, that the timeline of Details merges; none
        for no timeline.
    """

    entity: str
    key: str
    tabs: tuple[Tab, ...]
    side: tuple[Panel, ...]
    subtitle: tuple[str, ...] = ()
    chips: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    details: tuple[Excerpt, ...] = ()
    about: tuple[Panel, ...] = ()
    timeline: tuple[str, ...] = ()

    @property
    def lists(self) -> tuple[Tab, ...]:
        """The tabs that are lists."""
        return tuple(tab for tab in self.tabs if tab.kind == "list")
