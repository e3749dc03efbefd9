"""Opening something from a view where there is no address bar: in its place, with a way back."""

from __future__ import annotations

from typing import Any

import panel as pn
import param
from panel.viewable import Viewer

from crmpanel.locale import _
from crmpanel.views.components import TabBar


class Inside(Viewer):
    """A view, or what was opened from it.

    Parameters
    ----------
    view : shown until something is opened from it, and again after that.
    """

    opened = param.Boolean(False, doc="Whether something is shown in place of the view.")

    def __init__(self, view: Any, **params: Any) -> None:
        super().__init__(**params)
        # A column of its own, as a stylesheet that sets `display` would win over being hidden.
        self._view = pn.Column(view, margin=0, sizing_mode="stretch_width")
        # The margin has room for the labels of filters, which stand out above them.
        self._layout = pn.Column(self._view, margin=(8, 0, 0, 0), sizing_mode="stretch_width")

    def __panel__(self) -> pn.Column:
        return self._layout

    def show(self, viewer: Any) -> None:
        """Show `viewer` in place of the view."""
        back = TabBar(
            tabs=[{"name": "back", "label": "← " + _("Back"), "count": None, "href": None}],
            active="",
        )
        back.on_event(lambda event: self.close())
        self._layout.objects = [self._view, back, viewer]
        self._view.visible = False
        self.opened = True

    def close(self) -> None:
        """Go back to the view."""
        if self.opened:
            self._view.visible = True
            self._layout.objects = [self._view]
            self.opened = False
