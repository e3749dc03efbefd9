"""Dropped: one file on its way to a list of its own, looked at before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crmpanel.errors import ImportFailed, UnknownName
from crmpanel.importing.dropping.keying import key_columns
from crmpanel.importing.dropping.linkage import ENOUGH, Match, Way, keys, matches, spoken
from crmpanel.importing.dropping.resolved import ROW_NUMBER, Resolved, id_column
from crmpanel.importing.dropping.shaping import Shape, label_of, placeholder, shaped
from crmpanel.importing.job import Choices, Job
from crmpanel.importing.keeping import kept_mapping
from crmpanel.importing.mapping import Column, Custom, EntitySource, Mapping, Route, Taken, Value
from crmpanel.importing.plan import Plan
from crmpanel.importing.report import ImportReport, OnProgress, Progress
from crmpanel.importing.running import Run
from crmpanel.importing.sources import open_sources
from crmpanel.importing.stage import Stage
from crmpanel.importing.understanding.completing import Completing
from crmpanel.importing.understanding.measuring import Measuring
from crmpanel.importing.understanding.profile import TableProfile, profile
from crmpanel.model.changeset import Applied, Changeset
from crmpanel.model.entity import Entity
from crmpanel.query.sqltext import quoted
from crmpanel.store import Database
from crmpanel.store.numbering import Numbering
from crmpanel.store.writer import Load


@dataclass(frozen=True)
class Found:
    """How many rows name a record, in all.

    Parameters
    ----------
    rows : rows of the file.
    linked : those that belong to an organisation.
    unmatched : texts that name none, or several, with how many rows have each; the first of them.
    """

    rows: int
    linked: int
    unmatched: list[tuple[str, int]]


class Dropped:
    """A file that is to become a list. Use it in a ``with``.

    Parameters
    ----------
    path : the file.
    database : where to.
    name : what the file is called by people, if that is not the name of `path`.
    progress : told what is done, and how much of it.
    user : id of the user who drops it, if known.

    Attributes
    ----------
    table : what is known of its columns.
    matches : ways to find the organisations of its rows, the best first.
    chosen : the one that is used; None leaves all rows without organisation.
    label : what the list will be called.

    Raises
    ------
    ImportFailed : it holds no table, or cannot be read.

    Examples
    --------
    >>> with Dropped("contracts.csv", database) as file:                # doctest: +SKIP
    ...     print(file.chosen, file.found().linked)
    ...     file.load()
    """

    def __init__(
        self,
        path: str | Path,
        database: Database,
        name: str | None = None,
        progress: OnProgress | None = None,
        user: int | None = None,
    ) -> None:
        self.path, self.database = Path(path), database
        self.name, self._user = name or self.path.name, user
        self._progress = Progress(progress)
        #: The name by which the records of the file are known when a newer one comes.
        self._source = f"file {self.name}"
        self.label = label_of(Path(self.name).stem)

    def __enter__(self) -> Dropped:
        self._progress.stage(0.0, 0.5)
        source = open_sources(self.path)[0]
        self.stage = Stage(self.database, source, self._progress).__enter__()
        try:
            self._look()
        except BaseException:
            self.stage.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stage.close()

    def close(self) -> None:
        """Forget the file."""
        self.stage.close()

    # -- what it is --------------------------------------------------------------------------

    def _look(self) -> None:
        for failed in self.stage.failed.values():
            raise failed
        full = [name for name in self.stage.tables if self.stage.rows(name)]
        if not full:
            raise ImportFailed(f"{self.name} holds no rows.", "", "Choose a file that has some.")
        self._table = max(full, key=self.stage.rows)
        staged = self.stage.tables[self._table]
        relation = self.stage.relation(self._table)
        found = profile(self.stage.cursor, {self._table: (relation, staged.columns)})
        self.table: TableProfile = found.tables[self._table]
        registry = self.database.registry
        self.existing = next((e for e in registry if e.custom and e.origin == self.name), None)
        self.root = next((e for e in registry if e.organisation == "id"), None)
        completing = Completing(found, registry, Measuring(self.stage.cursor, found))
        self._customs, self._unset = self._columns(completing)
        self.questions = completing.questions
        self.matches: list[Match] = []
        if self.root is not None:
            self.matches = matches(self.stage.cursor, self.table, registry, self.root)
        best = self.matches[0] if self.matches else None
        self.chosen = best if best and best.share >= ENOUGH else None
        self._responsible = self._find_responsible()

    def _columns(self, completing: Completing) -> tuple[dict[str, Custom], tuple[str, ...]]:
        """What each column holds, and texts that stand for nothing."""
        base = placeholder(self.database.registry, self.root, self.label, self.name)
        completing.registry = self.database.registry.with_(base)
        source = EntitySource(base.name, self._table, (), {}, {})
        mapping = completing.complete(Mapping("dropped", self.label, (source,), {}))
        return mapping.sources[0].custom, mapping.unset

    def _find_responsible(self) -> Match | None:
        """The column that names users: nearly all that it holds are some."""
        registry = self.database.registry
        if "user" not in registry:
            return None
        users = registry["user"]
        names = tuple(n for n in (users.title, "initials", "login", "email") if n in users.fields)
        way = Way(users.name, names, "name", users.label)
        for name, made in self._customs.items():
            column = self.table.columns[name]
            if made.kind in ("text", "choice", "email", "identifier") and column.distinct:
                match = self._measured(name, way)
                if match.share >= 0.8:
                    return match
        return None

    def _measured(self, column: str, way: Way) -> Match:
        text = spoken(quoted(column), way.how)
        [[filled, matched, several]] = self.stage.cursor.execute(
            f"SELECT count(*), count(*) FILTER (k.n = 1), count(*) FILTER (k.n > 1) FROM "
            f"(SELECT {text} AS key FROM {self.stage.relation(self._table)} "
            f"WHERE {quoted(column)} IS NOT NULL) AS t LEFT JOIN ({self._keys(way)}) AS k "
            "USING (key)"
        ).fetchall()
        return Match(column, way, filled, matched, several)

    def _keys(self, way: Way) -> str:
        return keys(self.database.registry, way)

    @property
    def warnings(self) -> list[str]:
        """What is suspicious in how it was read."""
        others = [name for name in self.stage.tables if name != self._table]
        left = [f"Only {self._table} is taken, not {', '.join(others)}."] if others else []
        return [*self.stage.warnings(self._table), *left]

    def choose(self, match: str | None) -> None:
        """Take another way to find organisations, by its name; None for none.

        Raises
        ------
        UnknownName : there is no such way.
        """
        known = {found.name: found for found in self.matches}
        if match is not None and match not in known:
            raise UnknownName("way to find organisations", match, known)
        self.chosen = known[match] if match is not None else None

    # -- what it will be -----------------------------------------------------------------------

    @property
    def shape(self) -> Shape:
        """The entity that it becomes, or is already."""
        if self.existing is not None:
            names = {f.origin: f.name for f in self.existing.own_fields if f.origin}
            return Shape(self.existing, {c: n for c, n in names.items() if c in self._customs})
        base = placeholder(self.database.registry, self.root, self.label, self.name)
        responsible = self._responsible.column if self._responsible else None
        whose = self.chosen.column if self.chosen else None
        return shaped(base, self.table, self._customs, responsible, whose)

    def found(self, limit: int = 100) -> Found:
        """How many rows belong to an organisation, and what names none."""
        rows = self.table.rows
        if self.chosen is None:
            return Found(rows, 0, [])
        column, way = quoted(self.chosen.column), self.chosen.way
        joined = (
            f"{self.stage.relation(self._table)} AS t LEFT JOIN ({self._keys(way)}) AS k "
            f"ON k.key = {spoken(f't.{column}', way.how)}"
        )
        cursor = self.stage.cursor
        [[linked]] = cursor.execute(f"SELECT count(*) FILTER (k.n = 1) FROM {joined}").fetchall()
        unmatched = cursor.execute(
            f"SELECT coalesce(t.{column}, ''), count(*) FROM {joined} "
            f"WHERE k.n IS DISTINCT FROM 1 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {int(limit)}"
        ).fetchall()
        return Found(rows, linked, unmatched)

    def first(self, limit: int = 5) -> list[tuple[Any, ...]]:
        """The first rows, as they are in the file, in the order of `table.columns`."""
        names = ", ".join(map(quoted, self.table.columns))
        sql = f'SELECT {names} FROM {self.stage.relation(self._table)} ORDER BY "@line" LIMIT '
        found: list[tuple[Any, ...]] = self.stage.cursor.execute(sql + str(int(limit))).fetchall()
        return found

    # -- loading -------------------------------------------------------------------------------

    def load(self) -> ImportReport:
        """Write it as one changeset that can be undone; a newer file of that name updates it.

        Raises
        ------
        ImportFailed : it cannot be loaded; nothing is written then.
        """
        name = self.shape.entity.name
        self._progress.stage(0.5, 1.0)
        report = self._perform(keep=True)
        self.existing = self.database.registry[name]
        return report

    def preview(self) -> ImportReport:
        """What loading it would do; nothing is written.

        Raises
        ------
        ImportFailed : as for `load`.
        """
        return self._perform(keep=False)

    def _perform(self, keep: bool) -> ImportReport:
        shape, reports = self.shape, list[ImportReport]()

        def act(load: Load, numbering: Numbering, changeset: Changeset) -> Applied:
            if self.existing is None:
                load.declare_entity(shape.entity)
            plan, stage = self._plan(shape, load)
            job = Job(plan, stage, load, numbering, self._source, Choices())
            run = Run(job, self._progress)
            run.prepare()
            applied = run.write(changeset) if keep else Applied(None)
            reports.append(run.report())
            return applied

        why = f"Import {self.name}"
        self.database.perform(act, Changeset((), why, "import", self._user), keep=keep)
        return reports[0]

    def _plan(self, shape: Shape, load: Load) -> tuple[Plan, Resolved]:
        entity = load.registry[shape.entity.name]
        links: dict[str, tuple[str, Way]] = {}
        if self.chosen is not None and entity.organisation:
            links[entity.organisation] = (self.chosen.column, self.chosen.way)
        if self._responsible and "responsible_id" in entity.fields:
            links["responsible_id"] = (self._responsible.column, self._responsible.way)
        stage = Resolved(self.stage, self._table, links, load.registry)
        source = EntitySource(
            entity.name,
            self._table,
            tuple(Column(name) for name in self._key()),
            self._values(entity, shape),
            {name: (Route(Column(id_column(name)), anywhere=True),) for name in links},
            custom={c: made for c, made in self._customs.items() if c not in shape.fields},
        )
        mapping = Mapping(
            self._source, shape.entity.label, (source,), {self._table: ()}, unset=self._unset
        )
        return Plan(stage.source, mapping, load.registry), stage

    def _values(self, entity: Entity, shape: Shape) -> dict[str, Value]:
        return {
            name: Taken(
                (Column(column),),
                self._customs[column].format,
                decimal=self._customs[column].decimal,
            )
            for column, name in shape.fields.items()
            if name in entity.fields
        }

    def _key(self) -> tuple[str, ...]:
        """The columns that rows are known by: those of the file before, else as few as can."""
        kept = kept_mapping(self.database, self._source) if self.existing else None
        if kept is not None:
            names = tuple(column.name for column in kept.sources[0].key)
            if all(name == ROW_NUMBER or name in self.table.columns for name in names):
                return names
        whose = self.chosen.column if self.chosen else None
        return key_columns(self.table, whose, self._is_key) or (ROW_NUMBER,)

    def _is_key(self, columns: Sequence[str]) -> bool:
        names = ", ".join(map(quoted, columns))
        rows = self.stage.relation(self._table)
        different = f"SELECT count(*) FROM (SELECT DISTINCT {names} FROM {rows})"
        sql = f"SELECT count(*) = ({different}) FROM {rows}"
        [[is_key]] = self.stage.cursor.execute(sql).fetchall()
        return bool(is_key)
