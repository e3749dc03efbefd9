"""Workspace: the store and who is looking, made into cards, lists, reports and served pages."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.links import Links
from crmpanel.controllers.record_list import FILTERS
from crmpanel.controllers.report import Report
from crmpanel.errors import UnknownName
from crmpanel.locale.formats import DEFAULT, Formats
from crmpanel.model.filters import Condition
from crmpanel.store import Database, open_
from crmpanel.views.cells import Display
from crmpanel.views.record_card import RecordCardView
from crmpanel.views.record_list import RecordListView
from crmpanel.views.report import ReportView

DATABASE = "crm.duckdb"


def extension() -> None:
    """Load Panel's notebook support once, if this is a notebook."""
    if in_notebook() and not getattr(extension, "loaded", False):
        from crmpanel.views import notebook

        notebook.load()
        extension.loaded = True  # type: ignore[attr-defined]


def in_notebook() -> bool:
    """Whether this code runs in a Jupyter kernel."""
    try:
        from IPython import get_ipython  # type: ignore[attr-defined]
    except ImportError:
        return False
    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


class Workspace:
    """A database and who is looking at it.

    Parameters
    ----------
    database : an open database.
    viewer : login of the person who is looking; by default the system's user.
    language : language of dates, numbers and amounts, e.g. ``"nb_NO"``.
    """

    def __init__(
        self, database: Database, viewer: str | None = None, language: str = DEFAULT
    ) -> None:
        self.database = database
        self.desk = Desk(database, viewer or getpass.getuser())
        self.formats = Formats(language)

    @classmethod
    def open(cls, path: str | Path | None = None, **options: Any) -> Workspace:
        """Open the database at `path`; see `crmpanel.connect`."""
        extension()
        return cls(open_(path or os.environ.get("CRMPANEL_DB") or DATABASE), **options)

    def organisation(self, id_or_name: int | str) -> RecordCardView:
        """The card of an organisation.

        Parameters
        ----------
        id_or_name : its id, its key in the system it was imported from, or its name.

        Raises
        ------
        NotFound : there is none.
        AmbiguousName : several carry the name; the message lists their ids.
        """
        return self.card("organisation", id_or_name)

    def card(self, entity: str, id_or_name: int | str) -> RecordCardView:
        """The card of a record of any entity, e.g. ``card("person", 17)``."""
        return RecordCardView.of(self.display(), entity, id_or_name, by_name=True)

    def list(self, entity: str) -> RecordListView:
        """The list of all records of an entity, e.g. ``list("organisations")``."""
        display = self.display()
        records = RecordListView(self.desk, entity, display=display)
        return records

    def report(self, name: str, **filters: Any) -> ReportView:
        """The report of an entity.

        Parameters
        ----------
        name : the entity, e.g. ``"quotations"``.
        filters : ``search``, ``responsible``, ``status``, ``period`` as on a list; ``organisation``
            (id or name); ``by`` and ``measure``.

        Example
        -------
        >>> ws.report("quotations", period="this_year", by="level").df()    # doctest: +SKIP
        """
        scope = []
        if (organisation := filters.pop("organisation", None)) is not None:
            scope.append(
                Condition(("organisation_id",), "eq", (self.organisation(organisation).id,))
            )
        by, measure = filters.pop("by", None), filters.pop("measure", None)
        for key in filters:
            if key not in FILTERS:
                raise UnknownName("filter", key, [*FILTERS, "organisation", "by", "measure"])
        display = self.display()
        report = Report(RecordListView(self.desk, name, scope, display=display, **filters))
        report.choose(by, measure)
        return ReportView(report, display)

    def display(self, links: Links | None = None, formats: Formats | None = None) -> Display:
        """How values are shown: with addresses in a served page, without in a notebook."""
        return Display(self.desk, formats or self.formats, links)

    def serve(
        self, port: int = 5006, address: str = "127.0.0.1", open_browser: bool = False
    ) -> None:
        """Serve the application until interrupted; see `crmpanel.server`."""
        from crmpanel.server import serve

        serve(self, port, address, open_browser)

    def servable(self) -> Any:
        """The application for ``panel serve app.py``, which serves a single path."""
        from crmpanel.server import servable

        return servable(self)

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Workspace on {self.database.path.name}>"
