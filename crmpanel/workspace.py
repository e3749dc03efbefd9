"""Workspace: the store and who is looking, made into cards, lists, reports and served pages."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy as copy_of
from pathlib import Path
from typing import Any

from crmpanel.controllers.changes import Changes, which
from crmpanel.controllers.copying import copy
from crmpanel.controllers.deleting import delete
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.given import create
from crmpanel.controllers.links import Links
from crmpanel.controllers.merging import Merging
from crmpanel.controllers.mine import Mine
from crmpanel.controllers.notifications import Notifications
from crmpanel.controllers.past import at
from crmpanel.controllers.record_list import FILTERS
from crmpanel.controllers.recycling import recycled, restore
from crmpanel.controllers.report import Report
from crmpanel.errors import InputError, UnknownName
from crmpanel.importing.imports import Imports
from crmpanel.locale.formats import DEFAULT, Formats
from crmpanel.model.changeset import Applied
from crmpanel.model.filters import Condition
from crmpanel.model.moment import When
from crmpanel.query.counting import counts
from crmpanel.store import Database, open_
from crmpanel.views.cells import Display
from crmpanel.views.record_card import RecordCardView, open_inside
from crmpanel.views.record_list import RecordListView
from crmpanel.views.report import ReportView

DATABASE = "crm.duckdb"
#: In a notebook, where cells are run again: the last workspace over each database.
_latest: dict[Path, Workspace] = {}


def extension() -> None:
    """Load what cards need, if this is a notebook; each run of a cell has to, as it is output."""
    if in_notebook():
        from crmpanel.views import notebook

        notebook.load()


def in_notebook() -> bool:
    """Whether this code runs in a Jupyter kernel."""
    try:
        from IPython import get_ipython  # type: ignore[attr-defined]
    except ImportError:
        return False
    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def _show(value: Any, **options: Any) -> None:
    """Show a value below the cell that runs."""
    from IPython.display import display

    display(value, **options)


class Workspace(Imports):
    """A database and who is looking at it.

    Parameters
    ----------
    database : an open database.
    viewer : login or name of the user who is looking; by default the system's user. A stranger is
        nobody in the log.
    language : language of dates, numbers and amounts, e.g. ``"nb_NO"``.
    """

    def __init__(
        self, database: Database, viewer: str | None = None, language: str = DEFAULT
    ) -> None:
        self.database = database
        self.desk = Desk(database, viewer or getpass.getuser())
        if viewer is not None and self.desk.viewer_id is None:
            named = [id for id, name in self.desk.users.items() if name == viewer]
            self.desk = self.desk.working_as(named[0]) if len(named) == 1 else self.desk
        self.formats = Formats(language)
        self.closed = False

    @classmethod
    def open(cls, path: str | Path | None = None, **options: Any) -> Workspace:
        """Open the database at `path`; see `crmpanel.connect`."""
        opened = cls(open_(path or os.environ.get("CRMPANEL_DB") or DATABASE), **options)
        return opened._begun(opened.database.path)

    @classmethod
    def attach(cls, source: Any, mapping: Any = None, **options: Any) -> Workspace:
        """Look at data where they lie, read only; see `crmpanel.connect`."""
        from crmpanel.importing.attaching import attach

        return cls(attach(source, mapping), **options)._begun(Path(f"live {source}"))

    def _begun(self, place: Path) -> Workspace:
        """The workspace, once it can be shown.

        Parameters
        ----------
        place : what it is a workspace of.
        """
        extension()
        if in_notebook():
            self._replace_latest(place)
        return self

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
        records = RecordListView(self.desk, entity, display=self.display())
        open_inside(records)
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

    def as_of(self, when: When) -> Workspace:
        """The same workspace as it was at a moment in the past, exactly, from the log.

        Cards, lists and reports of it are read only. Closing it leaves this one open.

        Parameters
        ----------
        when : a day (its end), a time, ISO text of either, or the number of a changeset (right
            after it).

        Raises
        ------
        InputError : it is none of these, or has not come yet.
        NotFound : there is no such changeset.

        Example
        -------
        >>> ws.as_of("2026-01-01").organisation(17).activities.count()      # doctest: +SKIP
        """
        past = copy_of(self)
        past.desk = at(self.desk, when)
        past.database = past.desk.database
        past.closed = False
        return past

    def create(self, entity: str, /, **values: Any) -> int:
        """Make a record; see `RecordList.create`.

        Example
        -------
        >>> ws.create("organisation", name="Nordlys AS", city="Bergen")     # doctest: +SKIP
        """
        return create(self.desk, entity, {}, values)

    @contextmanager
    def changes(self, why: str = "") -> Iterator[Changes]:
        """Changes that are written together when the block ends, unless it ends with an error.

        In a notebook the cell shows what is changed, and the number by which it can be undone.

        Parameters
        ----------
        why : what they are for, in a person's words; kept with the log.

        Raises
        ------
        ValidationFailed : something cannot be saved; lists every problem. Nothing is written.
        Conflict : somebody else changed or deleted what is changed. Nothing is written.

        Example
        -------
        >>> with ws.changes(why="Reorganisation") as c:                     # doctest: +SKIP
        ...     c.set(card, phone="55 12 34 56")
        ...     c.update(card.activities, responsible="Ola Hansen")
        """
        changes = Changes(self.desk, why)
        yield changes
        if in_notebook():
            _show(changes.preview())
        applied = changes.apply()
        if in_notebook():
            _show({"text/plain": str(applied)}, raw=True)

    def _importer(self) -> int | None:
        return self.desk.viewer_id

    def undo(self, number: int) -> Applied:
        """Reverse a changeset by a new one; undoing that one does it again.

        Raises
        ------
        NotFound : there is no such changeset.
        UndoRefused : something later stands on it; lists all of that. Nothing is written.
        """
        return self.database.undo(number, self.desk.viewer_id)

    def merge(self, kept: Any, gone: Any, **values: Any) -> Applied:
        """Merge a record into another of its kind; undoing that takes them apart again.

        All that refers to the one refers to the other then. Blank fields of the one that is kept
        are filled from the other, which is deleted.

        Parameters
        ----------
        kept, gone : cards, or pairs of entity and id.
        values : fields of the one that is kept, if they are to be neither's.

        Raises
        ------
        InputError : they are of different kinds, or the same.
        ValidationFailed, Conflict : it cannot be saved; nothing is written.
        """
        (entity, id), (other, other_id) = which(kept), which(gone)
        declared = self.desk.registry[entity]
        if declared is not self.desk.registry[other]:
            raise InputError("Records of different kinds cannot be merged.")
        given = Changes(self.desk).named(declared, values)
        return Merging(self.desk, entity, id, other_id).apply(values=given)

    def delete(self, record: Any) -> Applied:
        """Delete a record, given by its card or as a pair of entity and id, and what belongs to it.

        Raises
        ------
        ValidationFailed, Conflict : it is not there, or another has to refer to it.
        """
        return delete(self.desk, *which(record))

    def favourites(self) -> Any:
        """The viewer's favourites by name, as a pandas DataFrame."""
        return Mine(self.desk).frame()

    def notifications(self, unread: bool = True) -> Any:
        """What others wrote about what the viewer subscribes to, as a pandas DataFrame.

        A row for each field that was changed, and for each record that came or went; newest first.

        Parameters
        ----------
        unread : leave out what has been read.
        """
        return Notifications(self.desk).frame(unread)

    def recycled(self, entity: str | None = None) -> Any:
        """Deleted records that are not there now, latest first, as a pandas DataFrame.

        ``went_with`` is the number of records that were deleted with one and come back with it.
        """
        return recycled(self.desk, entity).df()

    def restore(self, entity: str, id: int) -> Applied:
        """Bring back a deleted record, with what went with it.

        Raises
        ------
        NotFound : no such record was deleted.
        UndoRefused : it is there, or has to refer to what is not.
        """
        return restore(self.desk, entity, id)

    def copy(self, record: Any, lists: Iterable[str] = (), **values: Any) -> RecordCardView:
        """Copy a record; gives the card of the copy.

        Parameters
        ----------
        record : a card, or a pair of entity and id.
        lists : plurals of lists that come along, e.g. ``("persons", "activities")``.
        values : what the copy has instead of the record's values, e.g. another name.

        Raises
        ------
        UnknownName, InputError : there is no such list; there is too much.
        ValidationFailed : a mandatory field is blank.
        """
        entity, id = which(record)
        given = Changes(self.desk).named(self.desk.registry[entity], values)
        copied = copy(self.desk, entity, id, lists, **given)
        return self.card(entity, copied.id)

    def display(
        self,
        links: Links | None = None,
        formats: Formats | None = None,
        user: int | None = None,
    ) -> Display:
        """How values are shown: with addresses in a served page, without in a notebook.

        Parameters
        ----------
        user : id of the user who is looking, if it is another than the workspace's.
        """
        desk = self.desk if user not in self.desk.users else self.desk.working_as(user or 0)
        return Display(desk, formats or self.formats, links)

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

    def _replace_latest(self, place: Path) -> None:
        """Give up what an earlier run of the cell opened, so that one `close` is enough."""
        earlier = _latest.get(place)
        _latest[place] = self
        if earlier is not None:
            earlier.close()

    def close(self) -> None:
        """Close the database; other processes can open it then."""
        if not self.closed:
            self.closed = True
            self.database.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        name = self.database.path.name
        if self.database.moment is not None and self.database.users:
            return f"<Workspace on {name} as of {str(self.database.moment).replace('T', ' ')}>"
        if not self.database.users:
            return f"<Workspace on {name}, closed>"
        entities = {entity.name: entity for entity in self.desk.registry if not entity.about}
        query = counts({name: self.desk.selection(name) for name in entities})
        held = [
            f"{records:,} {entities[name].label_plural.lower()}"
            for name, records in self.database.rows(query)
            if records
        ]
        live = ", live" if self.desk.is_live else ""
        return f"<Workspace on {name}{live}: {', '.join(held) or 'empty'}>"
