"""The import of one visitor: each step is a method, which may take its time."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.importing import corrections as edit
from crmpanel.controllers.importing.opening import REJECTS, Opened, begin
from crmpanel.controllers.importing.uploads import Uploads
from crmpanel.controllers.importing.working import Work
from crmpanel.errors import CrmError, InputError, UnknownName
from crmpanel.importing.job import FATES, POLICIES
from crmpanel.importing.mapping import EntitySource, Mapping
from crmpanel.importing.mappingfile import load_mapping
from crmpanel.importing.preview import Preview
from crmpanel.importing.rejectsfile import save_rejects
from crmpanel.importing.report import ImportReport
from crmpanel.importing.understanding.matching import Matching
from crmpanel.locale import _
from crmpanel.model.entity import Entity
from crmpanel.store import Database

#: Signs of a mapping that is brought, and of the name of a source.
LONGEST_MAPPING, LONGEST_NAME = 2_000_000, 60


class Importing:
    """An import in steps: `read`, corrections, `look`, `load`. One step at a time.

    Parameters
    ----------
    desk : database and viewer, in whose name it is done.
    uploads : the files.

    Attributes
    ----------
    opened : the export that was read.
    mapping : how it is read by now.
    preview, report : what it would do, and what it did.
    is_stale : the preview is of another mapping, or of other choices.
    policy, decided, vanished, sure : the choices, see `crmpanel.importing.Import.load`.
    work : the long step that is being done.
    """

    def __init__(self, desk: Desk, uploads: Uploads | None = None) -> None:
        self.desk, self.uploads = desk, uploads or Uploads()
        self.opened: Opened | None = None
        self.work: Work | None = None
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self.preview: Preview | None = None
        self.report: ImportReport | None = None
        self.is_stale = False
        self.policy, self.vanished, self.sure = "ask", "mark", False
        self.decided: dict[tuple[str, int, str], str] = {}
        self.answers: dict[int, str] = {}

    @property
    def database(self) -> Database:
        """Where to."""
        return self.desk.database

    @property
    def mapping(self) -> Mapping:
        """How the export is read.

        Raises
        ------
        InputError : nothing has been read.
        """
        return self._open().import_.mapping

    @property
    def rows(self) -> int:
        """Rows of all tables that are used."""
        opened = self.opened
        if opened is None:
            return 0
        stage, used = opened.import_.stage, {s.table for s in self.mapping.sources}
        return sum(stage.rows(name) for name in stage.tables if name in used)

    def _open(self) -> Opened:
        if self.opened is None:
            raise InputError(_("There is nothing to import yet."), "", _("Choose a file first."))
        return self.opened

    @contextmanager
    def _step(self, title: str) -> Iterator[Work]:
        """One long step; a second one that is asked for meanwhile is refused."""
        if not self._lock.acquire(blocking=False):
            raise InputError(_("Something is being done already."), "", _("Wait until it is done."))
        try:
            self.work = Work(title, self.rows)
            yield self.work
        finally:
            self.work = None
            self._lock.release()

    # -- steps ---------------------------------------------------------------------------------

    def read(self, path: Path | None = None) -> None:
        """Read and understand what was uploaded.

        Raises
        ------
        CrmError : it cannot be read; says why. Nothing is open then.
        """
        with self._step(_("Reading")) as work:
            self._shut()
            place = self.uploads.path if path is None else path
            self.opened = begin(place, self.database, work.tell, self.desk.viewer_id)
            self._forget()

    def look(self) -> None:
        """See what loading would do; nothing is written.

        Raises
        ------
        CrmError : it could not be loaded so; says why.
        """
        with self._step(_("Looking what would change")) as work, self._heard(work):
            self.preview = self._open().import_.preview(rows=8, **self._choices())
            self.is_stale = False

    def load(self) -> None:
        """Write it.

        Raises
        ------
        CrmError : nothing was written; says why.
        """
        with self._step(_("Importing")) as work, self._heard(work):
            self.report = self._open().import_.load(**self._choices(), sure=self.sure)

    def _heard(self, work: Work) -> AbstractContextManager[None]:
        return self._open().import_.telling(partial(_scaled, work))

    def _choices(self) -> dict[str, Any]:
        return {"policy": self.policy, "decided": dict(self.decided), "vanished": self.vanished}

    def cancel(self) -> None:
        """Stop what is being done; nothing is written then."""
        if self.work is not None:
            self.work.cancel()

    def rejects(self) -> str:
        """What could not be taken over by the import, as CSV that can be corrected and imported.

        Raises
        ------
        InputError : nothing has been imported.
        """
        if self.report is None or self.report.changeset is None:
            raise InputError(_("Nothing has been imported."))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rejects.csv"
            save_rejects(self.database, self.report.changeset, path)
            return path.read_text("utf-8-sig")

    def close(self) -> None:
        """Give up what is open and remove the files; more often does nothing."""
        self.cancel()
        with self._lock:
            self._shut()
            self._forget()
        self.uploads.close()

    def _shut(self) -> None:
        opened, self.opened = self.opened, None
        if opened is not None:
            with suppress(CrmError):
                opened.import_.__exit__(None, None, None)

    # -- corrections ---------------------------------------------------------------------------

    def use(self, mapping: Mapping) -> None:
        """Take another mapping; what was seen of the one before is stale.

        Raises
        ------
        InputError, ImportFailed : it cannot be used; the one before stays.
        """
        self._open().use(mapping)
        self._changed()

    def _changed(self) -> None:
        self.is_stale = self.preview is not None

    def rename(self, name: object) -> None:
        """Know the records of this source under another name."""
        text = name.strip() if isinstance(name, str) else ""
        if not 0 < len(text) <= LONGEST_NAME or not text.isprintable():
            limit = LONGEST_NAME
            raise InputError(_("A name has 1 to {limit} characters.", limit=limit))
        self._open().import_.rename(text)
        self._changed()

    def bring(self, text: object) -> None:
        """Take a mapping as TOML.

        Raises
        ------
        ImportFailed : it cannot be used; names what was meant where a name is misspelt.
        """
        if not isinstance(text, str) or len(text) > LONGEST_MAPPING:
            raise InputError(_("This is no mapping."))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{self.mapping.name}.toml"
            path.write_text(text, "utf-8", errors="replace")
            self.use(load_mapping(path, self.database.registry))

    def toml(self) -> str:
        """The mapping as TOML, with what speaks for it."""
        opened = self._open()
        return replace(opened.proposal, mapping=self.mapping).toml()

    def set_entity(self, table: object, number: object, name: object) -> None:
        """A table, or a source of it, becomes records of an entity; ``""`` leaves it out."""
        opened, mapping = self._open(), self.mapping
        if number is not None:
            source = edit.source_at(mapping, number)
            table = source.table
        if name == edit.NOTHING:
            if number is not None:
                self.use(edit.tied(edit.without_source(mapping, int(str(number))), self._registry))
            return
        if table not in opened.profile.tables:
            raise UnknownName("table", table, opened.profile.tables)
        entity = self._entity(name)
        matching = Matching(opened.import_.stage.cursor, opened.profile)
        made = edit.drafted(opened.profile.tables[str(table)], entity, matching)
        place = None if number is None else int(str(number))
        tied = edit.tied(edit.with_table(mapping, made, place), self._registry)
        self.use(opened.completed(tied))

    def set_column(self, number: object, column: object, use: object) -> None:
        """A column becomes a field, a new field or the key, or is left out."""
        source, entity, name = self._column(number, column)
        if not isinstance(use, str):
            raise UnknownName("use of a column", use, entity.fields)
        bare = edit.with_column(source, name, edit.NOTHING, entity)
        made = None
        if use == edit.CUSTOM:
            made = self._completed(number, bare).custom.get(name)
        elif use not in (edit.NOTHING, edit.KEY) and not _can_be_given(entity, use):
            raise UnknownName(f"field of {entity.name}", use, offered(entity))
        changed = edit.with_column(source, name, use, entity, made)
        if use in changed.fields:
            done = self._completed(number, changed).fields[use]
            changed = replace(changed, fields={**changed.fields, use: done})
        self._put(number, changed)

    def set_format(self, number: object, column: object, format: object) -> None:
        """The dates or numbers of a column are written in a form."""
        source, _entity, name = self._column(number, column)
        if not isinstance(format, str) or len(format) > 200:
            raise UnknownName("format", format, [])
        self._put(number, edit.with_format(source, name, format))

    def set_by(self, number: object, field: object, by: object) -> None:
        """A link goes by a field of the record it leads to; ``""`` by its key."""
        source = edit.source_at(self.mapping, number)
        entity = self._registry[source.entity]
        if field not in source.links:
            raise UnknownName("link", field, source.links)
        name = str(field)
        target = self._registry[str(entity.field(name).target)]
        if by != "" and by not in ways(target):
            raise UnknownName("way to a record", by, ways(target))
        routes = tuple(replace(route, by=str(by)) for route in source.links[name])
        self._put(number, replace(source, links={**source.links, name: routes}))

    def set_role(self, entity: object, status: object, role: object) -> None:
        """A status means something."""
        declared = self._entity(entity)
        if not isinstance(status, str) or len(status) > 500:
            raise UnknownName("status", status, [])
        self.use(edit.with_role(self.mapping, declared.name, status, str(role)))

    def answer(self, number: object, choice: object) -> None:
        """Answer a question of the proposal."""
        questions = self._open().proposal.questions
        if isinstance(number, bool) or not isinstance(number, int):
            raise UnknownName("question", number, [])
        if not 0 <= number < len(questions) or choice not in questions[number].choices:
            raise UnknownName("answer", choice, [])
        about = questions[number].about
        for at, source in enumerate(self.mapping.sources):
            for column in self.columns(source):
                if about == f"{source.table}.{column}" and edit.uses(source, column):
                    with suppress(InputError):
                        self._put(at, edit.with_format(source, column, str(choice)))
        self.answers[number] = str(choice)

    def choose(self, **choices: Any) -> None:
        """Choose what becomes of conflicts and of what has vanished."""
        if choices.get("policy", "ask") not in POLICIES:
            raise UnknownName("policy", choices["policy"], POLICIES)
        if choices.get("vanished", "mark") not in FATES:
            raise UnknownName("fate of vanished records", choices["vanished"], FATES)
        self.policy = choices.get("policy", self.policy)
        self.vanished = choices.get("vanished", self.vanished)
        if isinstance(choices.get("sure"), bool):
            self.sure = choices["sure"]
        if {"policy", "vanished"} & set(choices):
            self._changed()

    def decide(self, number: object, policy: object) -> None:
        """Choose for one conflict."""
        conflicts = self.preview.report.conflicts if self.preview else []
        if isinstance(number, bool) or not isinstance(number, int):
            raise UnknownName("conflict", number, [])
        if not 0 <= number < len(conflicts) or policy not in POLICIES:
            raise UnknownName("policy", policy, POLICIES)
        self.decided[conflicts[number].key] = str(policy)
        self._changed()

    # -- helpers -------------------------------------------------------------------------------

    @property
    def _registry(self) -> Any:
        return self.database.registry

    def _entity(self, name: object) -> Entity:
        known = {entity.name: entity for entity in self._registry if can_be_imported(entity)}
        if not isinstance(name, str) or name not in known:
            raise UnknownName("entity", name, known)
        return known[name]

    def columns(self, source: EntitySource) -> tuple[str, ...]:
        """The columns of a source's own table."""
        opened = self._open()
        table = opened.import_.plan.table(source.table)
        found = opened.import_.stage.tables.get(table.name) if table else None
        return found.columns if found else ()

    def _column(self, number: object, column: object) -> tuple[EntitySource, Entity, str]:
        source = edit.source_at(self.mapping, number)
        known = self.columns(source)
        if not isinstance(column, str) or column not in known:
            raise UnknownName("column", column, known)
        return source, self._registry[source.entity], column

    def _completed(self, number: object, source: EntitySource) -> EntitySource:
        at = int(str(number))
        return self._open().completed(edit.with_source(self.mapping, at, source)).sources[at]

    def _put(self, number: object, source: EntitySource) -> None:
        self.use(edit.with_source(self.mapping, int(str(number)), source))

    @property
    def is_fixed(self) -> bool:
        """Whether the mapping is that of an earlier import, whose rejects come back."""
        return self._open().how == REJECTS


def _scaled(work: Work, text: str, done: float) -> None:
    """Reading was half of the whole; from there on it is the whole."""
    work.tell(text, (done - 0.5) * 2)


def can_be_imported(entity: Entity) -> bool:
    """Whether records of an entity can come from an export: not the log."""
    return not entity.about and bool(entity.own_fields)


def offered(entity: Entity) -> list[str]:
    """Names of the fields that a column can become."""
    return [name for name in entity.fields if _can_be_given(entity, name)]


def _can_be_given(entity: Entity, name: str) -> bool:
    known = entity.fields.get(name)
    return known is not None and name not in ("id", "source_key", "source_name", "vanished")


def ways(target: Entity) -> list[str]:
    """Fields by which a record can be named, besides its key."""
    kinds = ("email", "url", "identifier")
    found = [f.name for f in target.own_fields if f.kind.name in kinds or f.name == "domain"]
    return list(dict.fromkeys([target.title, *found]))


__all__ = ["Importing", "can_be_imported", "offered", "ways"]
