"""Who works here."""

import param

from .base import Component
from .bundle import inline


class UserMenu(Component):
    """The user that the visitor works as, and the others; choosing one opens the page as theirs.

    Emits no events: the choice is kept in a cookie. There is no signing in yet.
    """

    users = param.List(item_type=dict, doc='``{"id", "name"}`` of each, in order.')

    current = param.Integer(default=None, allow_None=True, doc="Id of the one who works.")

    _esm = inline("UserMenu")

    def __init__(self, **params):
        super().__init__(**{"sizing_mode": None} | params)
