"""The head of a card: where we are, who this is, and its key figures."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.layout import layout_in
from crmpanel.controllers.record_card import FigureValue, RecordCard
from crmpanel.locale import _
from crmpanel.model.layout import Figure
from crmpanel.views.cells import Display
from crmpanel.views.components import CardHeader

#: The entity that cards belong to; all others stand below one of its records.
ROOT = "organisation"


def live_chip(desk: Desk) -> list[dict[str, str]]:
    """Says at the head of a page that nothing of a live source can be changed."""
    return [{"tone": "warning", "text": _("Live, read only")}] if desk.is_live else []


class Heading:
    """What the `CardHeader` of a record shows.

    Parameters
    ----------
    card : the record.
    display : how values are shown.
    """

    def __init__(self, card: RecordCard, display: Display) -> None:
        self.card, self.display = card, display
        waiting = [{"label": _(figure.label), "value": "…"} for figure in card.layout.figures]
        self.component = CardHeader(facts=waiting, **self._who())

    def refresh(self) -> None:
        """Tell of the record as it is now."""
        self.component.param.update(**self._who())

    def _who(self) -> dict[str, Any]:
        card = self.card
        return {
            "title": card.title,
            "subtitle": " · ".join(self._texts(card.layout.subtitle)),
            "chips": [
                *(self._chip(name) for name in card.layout.chips if card.record.get(name)),
                *live_chip(card.desk),
            ],
            "crumbs": self._crumbs(),
        }

    def show(self, figures: Sequence[FigureValue]) -> None:
        """Fill the key figures in."""
        self.component.facts = [self._fact(*figure) for figure in figures]

    def _texts(self, names: tuple[str, ...]) -> list[str]:
        shown = (
            self.display.text(self.card.entity, name, self.card.record)
            for name in names
            if self.card.record.get(name)
        )
        return [text for text in shown if text]

    def _chip(self, name: str) -> dict[str, Any]:
        cell = self.display.cell(self.card.entity, name, self.card.record)
        return {"tone": "info", "text": cell} if isinstance(cell, str) else cell

    def _crumbs(self) -> list[dict[str, Any]]:
        links, entity, owner = self.display.links, self.card.entity, self.card.organisation_id
        if links is None:
            return []
        registry = self.display.desk.registry
        root = registry[ROOT]
        crumbs = [{"text": _(root.label_plural), "href": links.list(root.plural)}]
        here = {"text": _(entity.label_plural), "href": links.list(entity.plural)}
        if entity.name == ROOT:
            return crumbs
        if owner is None:
            return [here]
        name = self.display.text(entity, str(entity.organisation), self.card.record)
        if any(tab.name == entity.plural for tab in layout_in(root, registry).tabs):
            here["href"] = links.record(ROOT, owner, (("tab", entity.plural),))
        return [*crumbs, {"text": name, "href": links.record(ROOT, owner)}, here]

    def _fact(
        self, figure: Figure, value: str | None, currency: str | None, statuses: list[str] | None
    ) -> dict[str, Any]:
        number = Decimal(value) if value else Decimal(0)
        return {
            "label": _(figure.label),
            "value": self._amount(number, currency, known=value is not None),
            "href": self._figure_href(figure, statuses or []),
            "tone": figure.tone if number else "neutral",
        }

    def _amount(self, number: Decimal, currency: str | None, known: bool) -> str:
        if currency and not known:
            return _("several currencies")
        if currency:
            return self.display.formats.compact_money(number, currency)
        return self.display.formats.number(number)

    def _figure_href(self, figure: Figure, statuses: list[str]) -> str | None:
        """The address of the counted records, if there are any that filters can single out."""
        if self.display.links is None or (figure.filters.conditions and not statuses):
            return None
        period = (("period", figure.filters.period),) if figure.filters.period else ()
        status = (("status", value) for value in statuses)
        args = (("tab", figure.tab), *status, *period)
        return self.display.links.record(self.card.entity.name, self.card.id, args)
