"""Deleting a record: what goes with it, told beforehand."""

from __future__ import annotations

from crmpanel.controllers.desk import Desk
from crmpanel.model.changeset import Applied, Changeset, Delete
from crmpanel.query.deleting import CLEARED, GOES, consequences


class Deleting:
    """What happens if a record is deleted.

    Parameters
    ----------
    desk : database and viewer, who deletes it.
    entity, id : the record.
    """

    def __init__(self, desk: Desk, entity: str, id: int) -> None:
        self.desk, self.entity, self.id = desk, desk.registry[entity], int(id)
        found = desk.database.rows(consequences(desk.registry, self.entity, self.id))
        self._found = {(what, name): int(records) for what, name, records in found}

    def goes(self) -> dict[str, int]:
        """Records that are deleted with it, by name of their entity; those with most first."""
        return self._of(GOES)

    def cleared(self) -> dict[str, int]:
        """Records that stay and no longer refer to what is deleted, likewise."""
        return self._of(CLEARED)

    def _of(self, wanted: str) -> dict[str, int]:
        found = {name: n for (what, name), n in self._found.items() if what == wanted}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def apply(self, why: str = "") -> Applied:
        """Delete the record; see `delete`."""
        return delete(self.desk, self.entity.name, self.id, why)


def delete(desk: Desk, entity: str, id: int, why: str = "") -> Applied:
    """Delete a record with all that belongs to it, as one changeset that can be undone.

    Raises
    ------
    ValidationFailed : it never was there, or a record that stays has to refer to it.
    Conflict : somebody else has deleted it.
    """
    part = Delete(desk.registry[entity].name, id)
    return desk.database.apply(Changeset((part,), why, "delete", desk.viewer_id))
