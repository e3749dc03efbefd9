"""The past of a card: the tool that leads there, and the bar that says when one is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.links import AS_OF, Args, PastLinks, Place
from crmpanel.controllers.past import Found, at, found_at, narrowed, neighbours
from crmpanel.controllers.record_card import RecordCard
from crmpanel.errors import CrmError, InputError, NotYet
from crmpanel.locale import N_, _, ngettext
from crmpanel.model.moment import Moment
from crmpanel.query.chronicle import Saved
from crmpanel.views.card_tools import Choice
from crmpanel.views.cells import Display
from crmpanel.views.components import AsOfBar, CardHeader

#: What is offered at once: label and days ago.
AGO = ((N_("A week ago"), 7), (N_("A month ago"), 30), (N_("A year ago"), 365))
#: So many of the last changes are offered.
LAST = 4
SECOND = dt.timedelta(seconds=1)
#: The day that the bar replaces in the pattern of an address.
SOME_DAY = "2000-01-01"
CHOOSE = "choose"
TINT = """
:host { padding: 8px 12px 0; box-sizing: border-box; border-radius: var(--crm-radius-l);
        background: color-mix(in srgb, var(--crm-warning-soft) 60%, transparent); }
"""


def past_display(
    display: Display, place: Place, listed: str | None = None
) -> tuple[Display, list[str]]:
    """How the values of an address are shown: as of the moment that it tells, if it does.

    Parameters
    ----------
    listed : the entity of a report, of which only the records in its scope are looked at.

    Returns
    -------
    display, messages : the present one, and why, if there is no such moment.
    """
    wanted = place.arg(AS_OF)
    if wanted is None or display.links is None:
        return display, []
    try:
        desk = at(display.desk, wanted)
        desk = narrowed(desk, listed, place.args) if listed else desk
    except InputError as error:
        return display, [_("{why} Here is the card as it is now.", why=str(error))]
    moment = desk.database.moment
    return display.over(desk, PastLinks(display.links, str(moment))), []


@dataclass(frozen=True)
class Ahead:
    """A card or a report of the past, read before it is built.

    Parameters
    ----------
    shown : what `past_display` gave.
    found : what `found_at` gave; None if the record was not there.
    error : why the record could not be found.
    """

    shown: tuple[Display, list[str]] | None = None
    found: Found | None = None
    error: CrmError | None = None

    @classmethod
    def look(cls, display: Display, place: Place) -> Ahead:
        """Read what an address needs; what is wrong with it is told when it is shown."""
        is_report = place.kind == "report"
        try:
            shown = past_display(display, place, place.entity if is_report else None)
        except CrmError:
            return cls()
        kept = (shown[0], list(shown[1]))
        try:
            if is_report:
                _touch(shown[0].desk, place.entity)
                return cls(kept)
            return cls(kept, found_at(shown[0].desk, place.entity, place.id or ""))
        except CrmError as error:
            return cls(kept, error=error)


def _touch(desk: Desk, name: str) -> None:
    """Have rolled back what a report reads: its records, and what these refer to."""
    entity = desk.registry[name]
    columns = [field.name for field in entity.fields.values() if field.group]
    desk.database.records(desk.selection(entity.name).page(columns, (), 1))


def without_moment(args: Args) -> Args:
    """The settings of an address but for the moment."""
    return tuple(pair for pair in args if pair[0] != AS_OF)


def moment_args(display: Display) -> Args:
    """The setting of an address that tells as of when something is shown."""
    return ((AS_OF, display.links.as_of),) if isinstance(display.links, PastLinks) else ()


def as_it_was(display: Display, moment: Moment) -> str:
    """As of when something is shown, in words."""
    formats = display.formats
    when = formats.date(moment.at) if moment.day else formats.datetime(moment.at)
    return _("As it was on {when}", when=when)


def not_yet(display: Display, place: Place, moment: Moment, error: NotYet) -> dict[str, Any]:
    """What is told of a record that was not there yet: since when it is, and the way to that day.

    Parameters
    ----------
    display : how the present is shown.
    moment : as of when it was looked for.
    """
    formats = display.formats
    said = formats.date if moment.day else formats.datetime
    what = _("{name} was not there yet on {when}.", name=error.name, when=said(moment.at))
    told: dict[str, Any] = {"tone": "info", "title": what}
    if error.since is None or display.links is None:
        return told
    day = (AS_OF, error.since.date().isoformat())
    args = (*without_moment(place.args), day)
    return told | {
        "text": _("It is there since {when}.", when=said(error.since)),
        "action": _("Show it on {day}", day=formats.date(error.since)),
        "href": display.links.record(place.entity, place.id, args),
    }


class AsOf:
    """A tool of a card: its past.

    Parameters
    ----------
    card : the record.
    display : how values are shown.
    header : the head of the card, where the tool is.
    args : the settings of the address of the card as it is now shown.
    """

    name = "as_of"
    shows: tuple[str, ...] = ()

    def __init__(
        self, card: RecordCard, display: Display, header: CardHeader, args: Callable[[], Args]
    ) -> None:
        self.card, self.display, self.header, self._args = card, display, header, args
        self.moment = card.desk.database.moment
        self.bar = AsOfBar(past=self.moment is not None, most=self._today().isoformat())
        self._found: tuple[list[Saved], list[Saved]] | None = None
        self.bar.on_event(lambda _event: self.bar.param.update(asked=0))

    @staticmethod
    def _today() -> dt.date:
        return dt.date.today()

    def refresh(self) -> None:
        """Lead from the tab that is open to the same one at other moments."""
        if self._found is not None:
            mine = self.show(self._found)
            tools = [mine if tool["name"] == self.name else tool for tool in self.header.tools]
            self.header.tools = [tool for tool in tools if tool]

    def _lead(self) -> None:
        day = self.moment.at.date() if self.moment else self._today() - dt.timedelta(days=30)
        self.bar.param.update(
            pattern=self._href(SOME_DAY),
            present=self._href(None),
            day=day.isoformat(),
        )
        if self.moment is not None and self._found is not None:
            self._say(self.moment, *self._found)

    def _href(self, moment: str | None) -> str:
        links = self.display.links
        assert links is not None
        present = links.present if isinstance(links, PastLinks) else links
        args = without_moment(self._args())
        moment_ = () if moment is None else ((AS_OF, moment),)
        return present.record(self.card.entity.name, self.card.id, (*args, *moment_))

    # -- the tool --------------------------------------------------------------------------------

    def read(self) -> tuple[list[Saved], list[Saved]]:
        """The last changes before the moment, and the first after it."""
        if self.display.links is None or self.card.desk.is_live:
            return [], []
        return neighbours(self.card, LAST)

    def show(self, found: tuple[list[Saved], list[Saved]]) -> dict[str, Any] | None:
        """The button; none where there is no log, or no address: a workspace leads there then."""
        if self.display.links is None or self.card.desk.is_live:
            return None
        self._found = found
        self._lead()
        before = found[0]
        today = self._today()
        items: list[dict[str, Any]] = [{"heading": True, "label": _("This card as it was …")}]
        for label, days in AGO:
            day = today - dt.timedelta(days=days)
            said = self.display.formats.date(day)
            items.append(
                {"name": str(days), "label": _(label), "note": said, "href": self._href(str(day))}
            )
        items.append({"name": CHOOSE, "label": _("On another day …"), "icon": "calendar"})
        if before:
            items.append({"heading": True, "label": _("Before the last changes")})
            items += [self._before(saved) for saved in before]
        label = _("As of another day") if self.moment else _("As of an earlier day")
        return {
            "name": self.name,
            "label": label,
            "icon": "clock",
            "items": items,
        }

    def _before(self, saved: Saved) -> dict[str, Any]:
        return {
            "name": f"before {saved.at}",
            "label": _("Before {when}", when=self.display.formats.datetime(saved.at)),
            "note": self._what(saved),
            "href": self._href(str(Moment(saved.at - SECOND))),
        }

    def _what(self, saved: Saved) -> str:
        n = self.display.formats.number(saved.changes)
        said = ngettext("{n} change", "{n} changes", saved.changes, n=n)
        return _("{changes} by {who}", changes=said, who=saved.who) if saved.who else said

    async def act(self, choice: Choice) -> None:
        """Ask for a day."""
        if choice == CHOOSE:
            self.bar.param.update(title=_("Show this card as it was on"), asked=self.bar.asked + 1)

    # -- the bar ---------------------------------------------------------------------------------

    def _say(self, moment: Moment, before: list[Saved], after: list[Saved]) -> None:
        earlier = before[0] if before else None
        later = after[0] if after else None
        steps = [
            {
                "label": _("Earlier change"),
                "back": True,
                "href": self._href(str(Moment(earlier.at - SECOND))) if earlier else None,
                "note": self._told(earlier, _("Nothing was changed before.")),
            },
            {
                "label": _("Later change"),
                "href": self._href(str(Moment(later.at))) if later else None,
                "note": self._told(later, _("Nothing was changed since.")),
            },
        ]
        self.bar.param.update(
            title=as_it_was(self.display, moment),
            note=_("Nothing can be changed here."),
            steps=steps,
        )

    def _told(self, saved: Saved | None, none: str) -> str:
        if saved is None:
            return none
        when = self.display.formats.datetime(saved.at)
        return f"{when}: {self._what(saved)}"
