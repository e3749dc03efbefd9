"""What was understood of an export, as the page shows it; the browser only sets text."""

from __future__ import annotations

from typing import Any

from crmpanel.controllers.importing.corrections import CUSTOM, KEY, format_of, uses
from crmpanel.controllers.importing.opening import KEPT, PROPOSED, RECOGNISED, REJECTS
from crmpanel.controllers.importing.seen import LinkSeen, Seen
from crmpanel.controllers.importing.session import Importing, can_be_imported, offered, ways
from crmpanel.importing.mapping import EntitySource
from crmpanel.importing.preview import ColumnResult
from crmpanel.importing.understanding.profile import ColumnProfile
from crmpanel.locale import _, ngettext
from crmpanel.model.entity import ROLES, Entity
from crmpanel.views.cells import Display

Shown = dict[str, Any]

LONGEST, EXAMPLES = 60, 3
#: How dates can be written, and what the last day of 2026 looks like then.
DATES = {
    "": "2026-12-31",
    "%d.%m.%Y": "31.12.2026",
    "%d/%m/%Y": "31/12/2026",
    "%m/%d/%Y": "12/31/2026",
    "%d-%m-%Y": "31-12-2026",
    "%Y/%m/%d": "2026/12/31",
    "%d.%m.%Y %H:%M": "31.12.2026 23:59",
    "%d/%m/%Y %H:%M": "31/12/2026 23:59",
    "%m/%d/%Y %H:%M": "12/31/2026 23:59",
    "%d %b %Y": "31 Dec 2026",
    "excel": "46387",
    "epoch": "1798675200",
}
NUMBERS = {"": "1234.5", ".": "1,234.5", ",": "1.234,5"}


class Words:
    """Makes what `ImportMapping` shows.

    Parameters
    ----------
    importing : the import, which has been read.
    display : how values are shown.
    """

    def __init__(self, importing: Importing, display: Display) -> None:
        self._importing, self._display = importing, display
        self._seen = Seen(importing)
        self._registry = importing.database.registry

    def shown(self) -> Shown:
        """All that was understood."""
        opened = self._importing.opened
        if opened is None:
            return {}
        mapping, results = self._importing.mapping, self._results()
        sources = [
            self._source(number, source, results) for number, source in enumerate(mapping.sources)
        ]
        sources = [table for table in sources if table["rows"]]
        entities = [entity for entity in self._registry if can_be_imported(entity)]
        used = {source.entity for source in mapping.sources}
        return {
            "title": self._title(),
            "how": self._how(),
            "name": opened.import_.name,
            "fixed": opened.how == REJECTS,
            "questions": self._questions(),
            "tables": [*sources, *self._left_out()],
            "entities": [{"value": e.name, "label": _(e.label_plural)} for e in entities],
            "fields": {name: self._fields(self._registry[name]) for name in sorted(used)},
            "statuses": self._statuses() if opened.how != REJECTS else [],
            "roles": [{"value": role, "label": _role(role)} for role in ROLES],
        }

    def _title(self) -> str:
        opened = self._importing.opened
        titles = {
            RECOGNISED: _("Recognised: {system}", system=self._importing.mapping.title),
            KEPT: _("This was imported before"),
            REJECTS: _("These are corrected rows of an import"),
        }
        return titles.get(opened.how if opened else "", _("What we make of it"))

    def _how(self) -> str:
        opened = self._importing.opened
        name = self._importing.mapping.title
        told = {
            RECOGNISED: _("By its tables and columns. Correct what is wrong."),
            KEPT: _("It is read as it was the last time: as {name}.", name=name),
            PROPOSED: _("Proposed from names and values. Look through it and correct it."),
        }
        return told.get(opened.how if opened else "", "")

    # -- tables --------------------------------------------------------------------------------

    def _source(self, number: int, source: EntitySource, results: Any) -> Shown:
        stage = self._importing.opened.import_.stage if self._importing.opened else None
        entity = self._registry[source.entity]
        names = self._importing.columns(source)
        found = self._importing.opened.import_.plan.table(source.table)  # type: ignore[union-attr]
        table = found.name if found else source.table
        known = stage is not None and table in stage.tables
        columns = [self._column(source, entity, name, results) for name in names]
        rows = stage.rows(table) if stage and known else 0
        bad = sum(column["bad"] for column in columns)
        return {
            "key": f"{table} {entity.name} {number}",
            "source": number,
            "table": table,
            "entity": entity.name,
            "note": "",
            "rows": self._counted(rows) if known else "",
            "bad": ngettext("{n} value rejected", "{n} values rejected", bad) if bad else "",
            "evidence": self._evidence(table, entity),
            "warnings": stage.warnings(table) if stage and known else [],
            "links": [self._link(entity, link) for link in self._seen.links(source)],
            "columns": columns,
        }

    def _counted(self, rows: int) -> str:
        number = self._display.formats.number(rows)
        return ngettext("{n} row", "{n} rows", rows, n=number)

    def _evidence(self, table: str, entity: Entity) -> list[str]:
        """What speaks for a table, but for what it is besides this entity."""
        opened = self._importing.opened
        told = opened.proposal.evidence if opened else ()
        starts = (f"{table} ", f"{table}.", f"{table}:")
        others = tuple(f"{table} holds {e.plural}" for e in self._registry if e is not entity)
        return [line for line in told if line.startswith(starts) and not line.startswith(others)]

    def _left_out(self) -> list[Shown]:
        """Tables that nothing is made of."""
        opened, mapping = self._importing.opened, self._importing.mapping
        if opened is None or opened.how == REJECTS:
            return []
        stage, plan = opened.import_.stage, opened.import_.plan
        used = {own.name for s in mapping.sources if (own := plan.table(s.table))}
        joined = {j.table for s in mapping.sources for j in s.joins}
        bare: Shown = {"source": None, "entity": "", "bad": "", "evidence": [], "warnings": []}
        bare |= {"links": [], "columns": []}
        found: list[Shown] = []
        for name in stage.tables:
            if name not in used:
                why = _("looked up by other tables") if name in joined else ""
                why = why or mapping.ignored.get(name, "")
                note = " · ".join(filter(None, (self._counted(stage.rows(name)), why)))
                found.append({**bare, "key": name, "table": name, "rows": "", "note": note})
        for name, why in stage.unreadable.items():
            cannot = {"key": name, "table": name, "rows": "", "note": why, "fixed": True}
            found.append({**bare, **cannot})
        return found

    def _link(self, entity: Entity, link: LinkSeen) -> Shown:
        target = self._registry[link.target]
        options = [{"value": "", "label": _("by key")}]
        for name in ways(target):
            field = _(target.field(name).label).lower()
            options.append({"value": name, "label": _("by {field}", field=field)})
        rate, low = "", False
        if link.rate is not None and link.rate.rows:
            low = link.rate.share < 0.9
            rate = _(
                "{matched} of {rows} rows ({share} %) match {key}",
                matched=self._display.formats.number(link.rate.matched),
                rows=self._display.formats.number(link.rate.rows),
                share=f"{100 * link.rate.share:.1f}",
                key=link.key,
            )
        return {
            "field": link.field,
            "label": _(entity.field(link.field).label),
            "column": ", ".join(link.columns),
            "by": link.by,
            "ways": options,
            "rate": rate,
            "low": low,
        }

    # -- columns -------------------------------------------------------------------------------

    def _results(self) -> dict[tuple[str, str, str], ColumnResult]:
        preview = self._importing.preview
        found: dict[tuple[str, str, str], ColumnResult] = {}
        for result in preview.columns if preview and not self._importing.is_stale else ():
            for column in result.columns:
                found.setdefault((result.entity, result.table, column), result)
        return found

    def _column(self, source: EntitySource, entity: Entity, name: str, results: Any) -> Shown:
        used = uses(source, name)
        column = self._seen.column(source, name)
        use = next((u for u in used if u not in (KEY, CUSTOM)), used[0] if used else "")
        others = [_(entity.field(u).label) for u in used if u not in (use, KEY, CUSTOM)]
        if KEY in used and use != KEY:
            others.insert(0, _("key"))
        if use == CUSTOM:
            made = source.custom[name]
            others.insert(0, f"{made.name} ({made.kind})" if made.name != name else made.kind)
        result = results.get((source.entity, source.table, name))
        formats = self._formats(source, entity, name, use)
        return {
            "name": name,
            "use": use,
            "also": ", ".join(others),
            "can_key": not column or column.filled >= 0.9 * column.rows,
            "examples": _examples(column),
            "filled": _filled(column),
            "formats": formats,
            "format": format_of(source, name) if formats else "",
            "result": self._result(result),
            "bad": result.rejected if result else 0,
        }

    def _result(self, result: ColumnResult | None) -> Shown | None:
        if result is None:
            return None
        number = self._display.formats.number
        empty, bad = result.empty, result.rejected
        return {
            "ok": _("{n} taken over", n=number(result.filled)),
            "empty": _("{n} empty", n=number(empty)) if empty else "",
            "bad": _("{n} rejected", n=number(bad)) if bad else "",
            "examples": "; ".join(f"{_short(r.value)}: {r.reason}" for r in result.examples),
        }

    def _formats(self, source: EntitySource, entity: Entity, name: str, use: str) -> list[Shown]:
        kind = source.custom[name].kind if use == CUSTOM else ""
        if use in entity.fields:
            kind = entity.field(use).kind.name
        known: dict[str, str] = {}
        if kind in ("date", "datetime"):
            known = DATES
        elif kind in ("number", "money", "percent", "integer"):
            known = NUMBERS
        if not known:
            return []
        now = format_of(source, name)
        found = {**known, **({now: now} if now not in known else {})}
        return [{"value": v, "label": _("written {example}", example=x)} for v, x in found.items()]

    def _fields(self, entity: Entity) -> list[Shown]:
        """Fields that a column can become, references first."""
        names = offered(entity)
        found = []
        for name in names:
            field = entity.field(name)
            group = _("Links") if field.target else _(field.group) or _("Other fields")
            found.append({"value": name, "label": _(field.label), "group": group})
        return sorted(found, key=lambda item: item["group"] != _("Links"))

    # -- questions -----------------------------------------------------------------------------

    def _questions(self) -> list[Shown]:
        opened = self._importing.opened
        return [
            {
                "number": number,
                "about": question.about,
                "text": question.text,
                "choices": [{"value": v, "label": text} for v, text in question.choices.items()],
                "value": self._importing.answers.get(number, question.default),
            }
            for number, question in enumerate(opened.proposal.questions if opened else ())
        ]

    def _statuses(self) -> list[Shown]:
        return [
            {
                "entity": found.entity.name,
                "title": _("What the statuses of {list} mean", list=_(found.entity.label_plural)),
                "items": [
                    {"status": status, "count": self._display.formats.number(n), "role": role}
                    for status, n, role in found.items
                ],
            }
            for found in self._seen.statuses()
        ]


def _role(role: str) -> str:
    words = {
        "open": _("Open"),
        "completed": _("Completed"),
        "won": _("Won"),
        "lost": _("Lost"),
        "cancelled": _("Cancelled"),
    }
    return words.get(role, role)


def _short(text: str | None) -> str:
    line = " ".join((text or "").split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _examples(column: ColumnProfile | None) -> str:
    return " · ".join(_short(text) for text in column.examples[:EXAMPLES]) if column else ""


def _filled(column: ColumnProfile | None) -> str:
    if column is None or not column.filled:
        return _("empty")
    return _("{share} % filled", share=f"{100 * column.share:.0f}")
