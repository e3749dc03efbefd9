"""Finding an organisation while typing."""

from __future__ import annotations

import re
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.model.filters import is_searchable
from crmpanel.query import lookup
from crmpanel.query.typed import anywhere, words_of

LONGEST = 200


class OrganisationSearch:
    """The type-ahead of the app bar.

    Parameters
    ----------
    desk : database and viewer; those that the viewer looked at come first.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk, self._entity = desk, desk.registry["organisation"]

    def recent(self) -> list[dict[str, Any]]:
        """Organisations looked at lately, latest first."""
        found = self.desk.database.records(lookup.viewed(self._entity, self.desk.me))
        return [{**row, "field": None, "matched": None} for row in found]

    def find(self, text: str) -> list[dict[str, Any]]:
        """Organisations that fit `text`: name, division, town, VAT number, phone, domain or key.

        Where nothing fits, those whose words resemble the words typed. Each record has ``field``
        and ``matched``: where the text was found, if that is not the name.
        """
        text = text.strip()[:LONGEST]
        if not is_searchable(text):
            return []
        if not text:
            return self.recent()
        for query in (lookup.suggest, lookup.resembling):
            found = self.desk.database.records(query(self._entity, text, self.desk.me))
            if found:
                return [{**row, **self._match(row, text)} for row in found]
        return []

    def _match(self, row: dict[str, Any], text: str) -> dict[str, Any]:
        """The first field, in order of `found_by`, of each word; then the first that is no name."""
        fields = [self._field(row, word) for word in words_of(text)]
        field = next((name for name in fields if name not in (None, self._entity.title)), None)
        field = field or self._entity.title
        return {"field": field, "matched": row[field]}

    def _field(self, row: dict[str, Any], word: str) -> str | None:
        pattern = re.compile(anywhere(word), re.IGNORECASE)
        return next(
            (name for name in self._entity.found_by if pattern.search(row[name] or "")), None
        )
