"""The links of a card: a menu of addresses outside, and of what one does with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from crmpanel.controllers.creating import Created, Creating
from crmpanel.controllers.draft import Draft
from crmpanel.controllers.record_card import RecordCard
from crmpanel.controllers.record_links import LINKS, RecordLink, has_links, links_of
from crmpanel.locale import _
from crmpanel.views.card_tools import Choice
from crmpanel.views.cells import Display
from crmpanel.views.template_form import TemplateForm


class LinkTool:
    """The tool; see `card_tools.Tool`.

    Parameters
    ----------
    card : the record.
    display : how values are shown; tells the visitor what was done.
    place : puts the window for a new link into the page when it is first opened.
    """

    name = "links"
    shows: tuple[str, ...] = (LINKS,)

    def __init__(self, card: RecordCard, display: Display, place: Callable[[Any], None]) -> None:
        self.card, self.display, self._place = card, display, place
        self._form: TemplateForm | None = None

    def read(self) -> list[RecordLink]:
        """The links of the record."""
        return links_of(self.card.desk, self.card.entity, self.card.record)

    def show(self, found: Sequence[RecordLink]) -> dict[str, Any] | None:
        """The button with its menu: this organisation's own links first."""
        if not has_links(self.card.desk, self.card.entity):
            return None
        own, others = [x for x in found if x.own], [x for x in found if not x.own]
        items = [_entry(link) for link in own]
        if own and others:
            items = [_heading("own", _("Only here")), *items, _heading("all", _("Everywhere"))]
        items += [_entry(link) for link in others]
        if not found:
            items.append(_heading("none", _("There are no links yet.")))
        items += [{"name": "rule", "rule": True}, *self._doing()]
        return {"name": self.name, "label": _("Links"), "icon": "external", "items": items}

    def _doing(self) -> list[dict[str, Any]]:
        links, registry = self.display.links, self.card.desk.registry
        items = [{"name": "new", "label": _("Add a link …"), "icon": "plus"}]
        if links is not None:
            href = links.list(registry[LINKS].plural)
            items.append(
                {"name": "edit", "label": _("Edit links …"), "icon": "pencil", "href": href}
            )
        return items

    async def act(self, choice: Choice) -> None:
        """Open the window for a new link."""
        if choice != "new":
            return
        if self._form is None:
            self._form = TemplateForm(
                self.display,
                self._make,
                _("New link"),
                self._created,
                again=False,
                card=self.card,
            )
            self._place(self._form.component)
        await self._form.open()

    def _make(self) -> Creating:
        desk, about = self.card.desk, {"entity": self.card.entity.name}
        return Creating(desk, [Draft(desk, LINKS, about)])

    async def _created(self, outcome: Created) -> None:
        if outcome.applied is not None:
            self.display.notices.done(outcome.applied, outcome.message)


def _entry(link: RecordLink) -> dict[str, Any]:
    entry = {"name": f"link-{link.id}", "label": link.name}
    if link.reason:
        return {**entry, "disabled": link.reason}
    return {**entry, "note": link.host, "href": link.url, "external": True}


def _heading(name: str, label: str) -> dict[str, Any]:
    return {"name": name, "label": label, "heading": True}
