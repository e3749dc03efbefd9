"""Imports: what a workspace can import, and what it can tell of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmpanel.importing.preview import Preview
    from crmpanel.importing.report import ImportReport
    from crmpanel.store import Database


class Imports:
    """The part of a workspace that imports; its modules are loaded when they are needed.

    Attributes
    ----------
    database : where to.
    """

    database: Database

    def _importer(self) -> int | None:
        """Id of the user who imports, if known."""
        return None

    def import_(
        self,
        path: Any,
        mapping: str | Path | None = None,
        preview: bool = False,
        **choices: Any,
    ) -> ImportReport | Preview:
        """Import an export, or a newer one of the same source; nothing is written if it fails.

        Parameters
        ----------
        path : a file, a folder or a zip of files, an address, or a data frame.
        mapping : name or TOML file; recognised if left out.
        preview : only look what it would do.
        choices : ``policy``, ``decided``, ``vanished``, ``strict``, ``sure`` and ``rejects``, see
            `crmpanel.importing.Import.load`; ``name``, by which records of the source are known;
            ``progress``, a function told of it.

        Raises
        ------
        UnknownName : no such mapping, or no such choice.
        ImportFailed : it cannot be imported; says why, and what to do.

        Example
        -------
        >>> ws.import_("exports/salesforce", preview=True)                  # doctest: +SKIP
        >>> ws.import_("exports/salesforce", policy="source")               # doctest: +SKIP
        """
        from crmpanel.importing.importer import Import

        how = {name: choices.pop(name, None) for name in ("progress", "name")}
        with Import(path, self.database, mapping, user=self._importer(), **how) as found:
            return found.preview(**choices) if preview else found.load(**choices)

    def drop(self, path: str | Path, name: str | None = None) -> ImportReport:
        """Make a list of its own of a file: a tab of every card, with the standard filters.

        Organisations are found by the column that names most of them. A newer file of the same
        name updates the list.

        Parameters
        ----------
        path : a file of any kind that can be imported.
        name : what it is called, if that is not the name of `path`.

        Raises
        ------
        ImportFailed : it cannot be imported; says why. Nothing is written then.

        Example
        -------
        >>> ws.drop("service_contracts.xlsx")                               # doctest: +SKIP
        >>> ws.organisation("Nordlys AS").service_contracts.df()            # doctest: +SKIP
        """
        from crmpanel.importing.dropping import Dropped

        with Dropped(path, self.database, name, user=self._importer()) as dropped:
            return dropped.load()

    def unlinked(self, entity: str | None = None) -> Any:
        """Records that belong to no organisation, as a pandas DataFrame.

        ``names`` has the keys by which the import they came with names what they belong to.

        Parameters
        ----------
        entity : name or plural; all that could belong to one, if left out.
        """
        from crmpanel.importing.unlinked import unlinked

        return self.database.relation(unlinked(self.database, entity)).df()

    def rejects(self, changeset: int, path: str | Path) -> int:
        """Write the rows of an import of which something could not be taken over as CSV.

        They can be corrected there, and imported. Returns how many there are.

        Raises
        ------
        NotFound : the changeset was no import.
        """
        from crmpanel.importing.rejectsfile import save_rejects

        return save_rejects(self.database, changeset, Path(path))
