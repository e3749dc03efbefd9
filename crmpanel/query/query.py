"""Query: one read, as SQL text and its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crmpanel.query.sqltext import inlined


@dataclass(frozen=True)
class Query:
    """One read of the database; immutable, and the same whoever runs it.

    Parameters
    ----------
    sql : SQL text with ``?`` placeholders.
    params : their values, in order.
    """

    sql: str
    params: tuple[Any, ...] = ()

    @property
    def text(self) -> str:
        """The SQL with its values written in, to be copied and run anywhere.

        >>> Query('SELECT * FROM "order" WHERE "status" = ?', ("New",)).text
        'SELECT * FROM "order" WHERE "status" = \\'New\\''
        """
        return inlined(self.sql, self.params)
