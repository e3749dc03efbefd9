"""The import: source → stage → mapping → plan → preview or load, in one transaction."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from crmpanel.entities import REGISTRY
from crmpanel.errors import CrmError, ImportFailed, UnknownName
from crmpanel.importing.choosing import Choice, choose, propose
from crmpanel.importing.job import FATES, POLICIES, Choices, Job
from crmpanel.importing.mapping import Mapping
from crmpanel.importing.mappingfile import load_mapping
from crmpanel.importing.plan import Plan
from crmpanel.importing.preview import Preview, look
from crmpanel.importing.recognise import best
from crmpanel.importing.report import ImportReport, OnProgress, Progress
from crmpanel.importing.running import Run
from crmpanel.importing.sources import Source, open_sources, release
from crmpanel.importing.stage import Stage
from crmpanel.importing.understanding.proposal import Proposal
from crmpanel.model.changeset import Applied, Changeset
from crmpanel.model.registry import Registry
from crmpanel.store import Database
from crmpanel.store.numbering import Numbering
from crmpanel.store.writer import Load


def detect(path: object, registry: Registry = REGISTRY) -> str | None:
    """Name of the shipped mapping that fits what is at `path`, by its tables and columns.

    Raises
    ------
    ImportFailed : there is nothing that can be read.

    Examples
    --------
    ``detect("northwind.sqlite")`` gives ``"northwind"``, and ``None`` for a folder of other files.
    """
    sources = open_sources(path)
    try:
        return next((name for source in sources if (name := best(source, registry))), None)
    finally:
        for source in sources:
            release(source)


def import_(
    path: object,
    database: Database,
    mapping: str | Path | Mapping | None = None,
    progress: OnProgress | None = None,
    **options: Any,
) -> ImportReport:
    """Import somebody's export, or a newer one of the same source. All of it, or nothing.

    Parameters
    ----------
    path : what `crmpanel.importing.sources.open_sources` reads: a file, a folder, a zip, an
        address, a data frame. A file of rejects that were corrected updates only those rows.
    database : where to; unchanged if anything fails.
    mapping : name of a shipped mapping, a TOML file, or a Mapping; recognised if None.
    progress : called with what is being done and how much of all is done, from 0 to 1.
    options : see `Import.load`.

    Raises
    ------
    UnknownName : no such mapping, or no such choice.
    ImportFailed : the path, the mapping or the source cannot be used; says why and what to do.

    Examples
    --------
    ::

        with create("northwind.duckdb") as database:
            print(import_("northwind.sqlite", database))
    """
    with Import(path, database, mapping, progress) as import_:
        return import_.load(**options)


class Import:
    """An import in steps: read, understood, looked at, corrected, loaded. Use it in a ``with``.

    Parameters
    ----------
    path : what to import, as in `import_`.
    database : where to.
    mapping : as in `import_`; a Mapping is taken as it is, others are completed. Without one, it
        is that of the last import of such a source, a shipped one that recognises it, or else
        one that is proposed.
    progress : as in `import_`.
    name : the name under which the records of this source are known when a newer export comes; by
        default that of the mapping. Two sources of the same kind need two names.
    user : id of the user who imports, if known.

    Attributes
    ----------
    choice : the source, and where its mapping came from, if there is one.
    stage : all its tables as text, once it has been entered.
    proposal : the mapping that was made, or completed, with its evidence and with questions.
    plan : the source with the mapping that is used.

    Raises
    ------
    UnknownName, ImportFailed : as `import_`.

    Examples
    --------
    >>> with Import("export", database) as new:                         # doctest: +SKIP
    ...     print(new.preview())
    ...     new.use("corrected.toml")
    ...     report = new.load(policy="source")
    """

    def __init__(
        self,
        path: object,
        database: Database,
        mapping: str | Path | Mapping | None = None,
        progress: OnProgress | None = None,
        name: str | None = None,
        user: int | None = None,
    ) -> None:
        self.database, self._name, self._user = database, name, user
        self._progress = Progress(progress)
        self._tell = progress
        self._is_complete = isinstance(mapping, Mapping)
        self.choice: Choice = choose(path, database, mapping)
        self.proposal: Proposal | None = None
        if self.choice.mapping is not None:
            try:
                Plan(self.source, self.choice.mapping, self._registry).check()
            except CrmError:
                release(self.source)
                raise

    def __enter__(self) -> Import:
        self._progress.stage(0.0, 0.4)
        with self._explained():
            self.stage = Stage(self.database, self.source, self._progress).__enter__()
        try:
            self._understand()
        except BaseException:
            self.stage.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stage.close()

    def _understand(self) -> None:
        """Propose a mapping, or complete the one there is, unless it is to be taken as it is."""
        if self.choice.is_part or self._is_complete:
            self._take(self._given)
            return
        self._progress.say(f"Understanding {self.source.name}", 1.0)
        self.proposal = propose(self.stage, self._registry, self.choice)
        mapping = self.proposal.mapping
        if self.choice.mapping is None:
            mapping = replace(mapping, name=self.choice.name, title=self.source.name)
        self._take(mapping)

    @property
    def _given(self) -> Mapping:
        if self.choice.mapping is None:
            raise ImportFailed(f"There is no mapping for {self.source.name}.")
        return self.choice.mapping

    def _take(self, mapping: Mapping) -> None:
        plan = Plan(self.source, mapping, self._registry)
        plan.check()
        self.plan = plan

    @property
    def source(self) -> Source:
        """What is read."""
        return self.choice.source

    @property
    def mapping(self) -> Mapping:
        """How it is read."""
        return self.plan.mapping

    @property
    def name(self) -> str:
        """The name under which the records of this source are known."""
        return self._name or self.choice.name or self.mapping.name

    def use(self, mapping: str | Path | Mapping) -> None:
        """Take another mapping for the same tables, as it is.

        Raises
        ------
        UnknownName, ImportFailed : it cannot be used for them.
        """
        self._take(load_mapping(mapping, self._registry))

    @property
    def _registry(self) -> Registry:
        return self.database.registry

    def preview(self, rows: int = 5, **choices: Any) -> Preview:
        """What loading it would do; nothing is written.

        Parameters
        ----------
        rows : how many records of each entity to show.
        choices : ``policy``, ``decided``, ``vanished`` and ``strict``, as for `load`.

        Raises
        ------
        ImportFailed : as for `load`.
        """
        found: list[Preview] = []

        def act(load: Load, numbering: Numbering, _: Changeset) -> Applied:
            run = self._run(load, numbering, _choices(choices, self.choice.is_part))
            run.prepare()
            found.append(look(run, rows))
            return Applied(None)

        with self._explained():
            self.database.perform(act, self._changeset(), keep=False)
        return found[0]

    def load(self, **choices: Any) -> ImportReport:
        """Write it, as one changeset that can be undone; nothing is written if nothing is new.

        Parameters
        ----------
        choices : ``policy``: what becomes of fields that both a user and the source have changed
            since the last import: ``ask`` (they stay, and are listed), ``source`` or ``mine``;
            ``decided``: one of these by entity, id and field, for single fields;
            ``vanished``: what becomes of records that the source has no more: ``mark``, ``delete``
            or ``ignore``;
            ``strict``: any row, value or link that cannot be taken over stops the import;
            ``rejects``: a CSV file for the rows of which something could not be taken over, which
            can be corrected and imported;
            ``sure``: even if more than half of the records of an entity vanish.

        Raises
        ------
        UnknownName : no such choice.
        ImportFailed : says why, and what to do; nothing is written then.
        """
        reports: list[ImportReport] = []

        def act(load: Load, numbering: Numbering, changeset: Changeset) -> Applied:
            run = self._run(load, numbering, _choices(choices, self.choice.is_part))
            run.prepare()
            applied = run.write(changeset)
            reports.append(run.report())
            return applied

        with self._explained():
            self.database.perform(act, self._changeset())
        if self._tell:
            self._tell("Done", 1.0)
        return reports[0]

    def _run(self, load: Load, numbering: Numbering, choices: Choices) -> Run:
        return Run(Job(self.plan, self.stage, load, numbering, self.name, choices), self._progress)

    def _changeset(self) -> Changeset:
        why = f"Import {self.source.name}"
        return Changeset((), why, "import", self._user)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ImportFailed(
                f"The import of {self.source.name} was stopped.",
                f"{error.strerror or error}: {os.fspath(error.filename or 'a file')}.",
                "Give yourself access to the files, and room for a copy of the largest.",
            ) from error


def _choices(given: dict[str, Any], part: bool = False) -> Choices:
    """Choices as they were given; raises `UnknownName` for what is none."""
    known = ("policy", "decided", "vanished", "strict", "sure", "rejects")
    for name in given:
        if name not in known:
            raise UnknownName("choice of an import", name, known)
    decided = dict(given.get("decided") or {})
    for policy in (given.get("policy", "ask"), *decided.values()):
        if policy not in POLICIES:
            raise UnknownName("policy", policy, POLICIES)
    if (fate := given.get("vanished", "mark")) not in FATES:
        raise UnknownName("fate of vanished records", fate, FATES)
    return Choices(
        given.get("policy", "ask"),
        decided,
        fate,
        bool(given.get("strict")),
        bool(given.get("sure")),
        Path(given["rejects"]) if given.get("rejects") else None,
        part,
    )
