"""Finding an organisation while typing."""

from __future__ import annotations

from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.query import lookup

LONGEST = 200


class OrganisationSearch:
    """The type-ahead of the app bar.

    Parameters
    ----------
    desk : database and viewer; those that the viewer looked at come first.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def recent(self) -> list[dict[str, Any]]:
        """Organisations looked at lately, latest first."""
        return self.desk.database.records(lookup.viewed(self.desk.viewer))

    def find(self, text: str) -> list[dict[str, Any]]:
        """Organisations that fit `text`: name, division, town, VAT number, phone, domain or key.

        Where nothing fits, those whose words resemble the words typed. Each record has ``field``
        and ``matched``: where the text was found.
        """
        text = text.strip()[:LONGEST]
        try:
            text.encode()
        except UnicodeEncodeError:
            return []
        if not text:
            return self.recent()
        database = self.desk.database
        return database.records(lookup.suggest(text, self.desk.viewer)) or database.records(
            lookup.resembling(text)
        )
