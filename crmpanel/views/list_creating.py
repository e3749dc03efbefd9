"""The + of a list: a new record of what it lists, linked to what it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import panel as pn

from crmpanel.controllers.creating import Created, Creating, within
from crmpanel.controllers.draft import Draft, can_create
from crmpanel.controllers.hidden import Whereabouts, whereabouts
from crmpanel.controllers.sentence import filter_words
from crmpanel.locale import _, ngettext
from crmpanel.views.creating import CreateForm
from crmpanel.views.loading import in_thread
from crmpanel.views.notices import Action
from crmpanel.views.template_form import TemplateForm, template_of

if TYPE_CHECKING:
    from crmpanel.views.record_list import RecordListView


class ListCreating:
    """New records in a list.

    Parameters
    ----------
    records : the list.
    """

    def __init__(self, records: RecordListView) -> None:
        self.records, self.entity = records, records.entity
        self._form: CreateForm | None = None
        #: Puts the window into the page when it is first opened; a list that is only read has none.
        self.place: Callable[[Any], None] | None = None

    @property
    def label(self) -> str:
        """Label of the button; "" if such records are not made by hand."""
        if self.records.desk.is_read_only or not can_create(self.entity):
            return ""
        return _("New {entity}", entity=_(self.entity.label).lower())

    def open(self) -> None:
        """Open the window."""
        if self.place is None or not self.label:
            return
        if self._form is None:
            display = self.records.display
            kind = TemplateForm if template_of(self.entity) else CreateForm
            self._form = kind(display, self._make, self.label, self._created)
            self.place(self._form.component)
        pn.state.execute(self._form.open, schedule=False)

    def _make(self) -> Creating:
        desk, name = self.records.desk, self.entity.name
        return Creating(desk, [Draft(desk, name, within(desk, name, self.records.scope))])

    async def _created(self, outcome: Created) -> None:
        """Say so, and if the list does not show the record, why."""
        id = outcome.ids.get(self.entity.name)
        if id is None or outcome.applied is None:
            self.records.display.notices.tell(outcome.message, "success")
            return
        found = await in_thread(whereabouts, self.records, id)
        message = "\n".join(filter(None, (outcome.message, self._why_hidden(found))))
        actions = [self._opening(id)]
        if found.hidden_by:
            label = ngettext("Clear the filter", "Clear the filters", len(found.hidden_by))
            actions.append(Action(label, do=lambda: self._clear(found.hidden_by)))
        self.records.display.notices.done(outcome.applied, message, actions)

    def _why_hidden(self, found: Whereabouts) -> str:
        if found.hidden_by:
            words = [filter_words(self.records, self._formats, name) for name in found.hidden_by]
            return ngettext(
                "It is hidden by the filter {filters}.",
                "It is hidden by the filters {filters}.",
                len(words),
                filters=_(" and ").join(words),
            )
        return "" if found.on_page else _("It stands on another page of the list.")

    @property
    def _formats(self) -> Any:
        return self.records.display.formats

    def _opening(self, id: int) -> Action:
        display, on_open = self.records.display, self.records.on_open
        href = display.record_link(self.entity, id).get("href")
        open_ = (lambda: on_open(self.entity.name, id)) if on_open else None
        return Action(_("Open"), href=href, do=None if href else open_)

    def _clear(self, names: tuple[str, ...]) -> None:
        self.records.param.update(**{n: type(getattr(self.records, n))() for n in names})
