"""The recycle bin: deleted records, and how one comes back."""

from __future__ import annotations

from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.errors import NotFound, shortened
from crmpanel.model.changeset import Applied
from crmpanel.query import deleting
from crmpanel.query.query import Query
from crmpanel.store.numbering import log_of

PAGE_SIZE = 50


class Recycled:
    """Deleted records that are not there now, latest first.

    Rows have ``entity``, ``id``, ``title``, ``at``, ``who``, ``changeset`` and ``went_with``: how
    many records were deleted together with it, which are not listed themselves.

    Parameters
    ----------
    desk : database and viewer.
    entity : only records of this entity, by name or plural.
    organisation : only records of the organisation with this id, and itself.
    """

    def __init__(
        self, desk: Desk, entity: str | None = None, organisation: int | None = None
    ) -> None:
        self.desk, self.organisation = desk, organisation
        self.entity = None if entity is None else desk.registry[entity]
        self._log = log_of(desk.registry)

    @property
    def query(self) -> Query:
        """All of them."""
        return self._query()

    def _query(self, limit: int | None = None, offset: int = 0) -> Query:
        which = (self.desk.registry, self._log, self.entity, self.organisation)
        return deleting.deleted(*which, limit, offset)

    def count(self) -> int:
        """How many there are."""
        which = (self.desk.registry, self._log, self.entity, self.organisation)
        return int(self.desk.database.scalar(deleting.deleted_count(*which)))

    def rows(self, page: int = 1, page_size: int = PAGE_SIZE) -> list[dict[str, Any]]:
        """One page of them."""
        return self.desk.database.records(self._query(page_size, (page - 1) * page_size))

    def df(self) -> Any:
        """All of them, as a pandas DataFrame."""
        return self.desk.database.frame(self.query)


def recycled(desk: Desk, entity: str | None = None, organisation: int | None = None) -> Recycled:
    """See `Recycled`."""
    return Recycled(desk, entity, organisation)


def restore(desk: Desk, entity: str, id: int) -> Applied:
    """Bring back a deleted record, with what went with it and the references to these.

    Also out of a mass edit or a merge, of which all else stays; references that have been given
    another value since stay as they are.

    Raises
    ------
    NotFound : no such record was deleted.
    UndoRefused : it is there, or refers to what is not; lists all of that.
    """
    declared = desk.registry[entity]
    query = deleting.last_deletion(log_of(desk.registry), declared, id)
    number = desk.database.scalar(query)
    if number is None:
        raise NotFound(f"No {declared.label.lower()} {shortened(id)} was deleted.")
    return desk.database.undo(int(number), desk.viewer_id, (declared.name, int(id)))
