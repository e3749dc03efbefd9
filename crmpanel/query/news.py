"""News: what others wrote about some records, by changeset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crmpanel.model.entity import Entity
from crmpanel.model.registry import Registry
from crmpanel.query.query import Query
from crmpanel.query.sqltext import literal, quoted

#: Beyond every changeset.
FOREVER = 2**62


@dataclass(frozen=True)
class Watch:
    """A record that is watched after one changeset, up to and with another.

    Parameters
    ----------
    entity, id : the record; of an organisation, what belongs to it is watched as well.
    since, until : numbers of the changesets.
    """

    entity: str
    id: int
    since: int
    until: int = FOREVER


@dataclass(frozen=True)
class Wanted:
    """Whose news.

    Parameters
    ----------
    watches : the records.
    me : id of the user whose own changesets are no news; None for nobody, whose are those without
        a user.
    muted : entities that are not to be heard of.
    after, before : numbers of changesets; only those between are wanted.
    """

    watches: tuple[Watch, ...]
    me: int | None = None
    muted: tuple[str, ...] = ()
    after: int = 0
    before: int = FOREVER


def news(registry: Registry, log: Entity, wanted: Wanted, limit: int) -> Query:
    """Changesets, newest first.

    Columns: number, at, user_id, why, source, undoes; ``changes``: rows of the log, a new or
    deleted record having one; ``records``: how many those are about; ``first``: the first watched
    record that it is about, as a dictionary of entity and id; ``watched``: how many those are;
    ``action``: what was done to all of them, ``update`` if not the same to all.
    """
    return Query(
        f"{_hits(registry, log, wanted)} "
        'SELECT c.id AS number, c."at", c.user_id, c.why, c.source, c.undoes, '
        "count(DISTINCT h.row) AS changes, count(DISTINCT (h.what, h.which)) AS records, "
        "min(struct_pack(entity := h.entity, id := h.id)) AS first, "
        "count(DISTINCT (h.entity, h.id)) AS watched, "
        "CASE count(DISTINCT h.action) WHEN 1 THEN min(h.action) ELSE 'update' END AS action "
        "FROM hits AS h JOIN changeset AS c ON c.id = h.changeset "
        "GROUP BY ALL ORDER BY c.id DESC LIMIT ?",
        (limit,),
    )


def numbers(registry: Registry, log: Entity, wanted: Wanted) -> Query:
    """The numbers of these changesets."""
    hits = _hits(registry, log, wanted)
    return Query(f"{hits} SELECT DISTINCT changeset FROM hits ORDER BY changeset")


def touched(registry: Registry, log: Entity, wanted: Wanted, limit: int) -> Query:
    """Records that these changesets are about: pairs of entity and id."""
    hits = _hits(registry, log, wanted)
    return Query(f"{hits} SELECT DISTINCT what, which FROM hits ORDER BY ALL LIMIT ?", (limit,))


def fields(registry: Registry, log: Entity, wanted: Wanted, entity: str, id: int) -> Query:
    """What a record held before: field, old value, and who changed it last and when."""
    return Query(
        f"{_hits(registry, log, wanted)} "
        'SELECT l."field", arg_min(l."old_value", l."id") AS old_value, '
        f'arg_max(l.{quoted(log.responsible[0])}, l."id") AS who, max(l."at") AS "at" '
        f'FROM hits AS h JOIN {quoted(log.name)} AS l ON l."id" = h.row '
        f'WHERE l."changeset" > {_least(wanted)} AND l."action" = \'update\' '
        'AND h.what = ? AND h.which = ? GROUP BY l."field"',
        (entity, id),
    )


def lines(registry: Registry, log: Entity, wanted: Wanted, most: int) -> Query:
    """Rows of the log, the first `most` of each changeset, a watched record before what it has."""
    names = ("id", *(field.name for field in log.own_fields))
    columns = ", ".join(f"l.{quoted(name)}" for name in names)
    # A new or deleted record is told of once, before what was changed.
    order = 'NOT h.itself, l."field" IS DISTINCT FROM \'id\', l."id"'
    return Query(
        f"{_hits(registry, log, wanted)} "
        f"SELECT {columns} FROM (SELECT row, changeset, "
        "bool_or(what = entity AND which = id) AS itself FROM hits GROUP BY ALL) AS h "
        f'JOIN {quoted(log.name)} AS l ON l."id" = h.row AND l."changeset" = h.changeset '
        f'WHERE l."changeset" > {_least(wanted)} '
        f'QUALIFY row_number() OVER (PARTITION BY l."changeset" ORDER BY {order}) <= {int(most)} '
        f'ORDER BY l."changeset" DESC, {order}'
    )


#: Of a new or deleted record one row is told of, that of its id.
_TOLD = "(l.\"action\" NOT IN ('insert', 'delete') OR l.\"field\" = 'id' OR l.\"field\" IS NULL)"


def _least(wanted: Wanted) -> int:
    return max(wanted.after, min((w.since for w in wanted.watches), default=FOREVER))


def _hits(registry: Registry, log: Entity, wanted: Wanted) -> str:
    """A row for each row of the log and watched record that it is about."""
    values = ", ".join(
        f"({literal(w.entity)}, {int(w.id)}, {int(w.since)}, {int(w.until)})"
        for w in wanted.watches
    )
    w = "w(entity, id, since, until) AS " + (
        f"(VALUES {values})" if values else "(SELECT '', 0, 0, 0 WHERE FALSE)"
    )
    roots = [e.name for e in registry if e.organisation == "id"]
    parts = [_branch(log, wanted, on) for on in _conditions(registry, log, roots, wanted)]
    union = " UNION ".join(parts) or _branch(log, wanted, "FALSE")
    # A log that was brought along may tell of changesets that nothing else is known of.
    known = "SELECT a.* FROM about AS a JOIN changeset AS c ON c.id = a.changeset"
    return f"WITH {w}, about AS ({union}), hits AS MATERIALIZED ({known})"


def _conditions(registry: Registry, log: Entity, roots: Sequence[str], wanted: Wanted) -> list[str]:
    """How a row of the log is about a watched record: its own, of what it has, or had."""
    watched = {watch.entity for watch in wanted.watches}
    found = []
    if watched & set(roots):
        ids = ", ".join(str(int(w.id)) for w in wanted.watches if w.entity in roots)
        is_root = f"w.entity IN ({', '.join(map(literal, roots))})"
        owner = f"l.{quoted(str(log.organisation))}"
        # The list lets DuckDB pass over parts of the log that are about other organisations.
        found.append(f"{is_root} AND {owner} = w.id AND {owner} IN ({ids})")
        moved = [
            f'(l."entity" = {literal(e.name)} AND l."field" = {literal(str(e.organisation))})'
            for e in registry
            if e.organisation not in (None, "id") and not e.about
        ]
        if moved:
            found.append(
                f"{is_root} AND ({' OR '.join(moved)}) AND l.\"action\" = 'update' "
                'AND l."old_value" = CAST(w.id AS VARCHAR)'
            )
    if watched - set(roots):
        found.append('l."entity" = w.entity AND l."record_id" = w.id')
    return found


def _branch(log: Entity, wanted: Wanted, on: str) -> str:
    muted = ", ".join(map(literal, wanted.muted))
    heard = f' AND l."entity" NOT IN ({muted})' if muted else ""
    return (
        'SELECT l."id" AS row, l."changeset" AS changeset, w.entity AS entity, w.id AS id, '
        'l."entity" AS what, l."record_id" AS which, l."action" AS action '
        f"FROM {quoted(log.name)} AS l JOIN w ON {on} "
        f'WHERE l."changeset" > {_least(wanted)} AND l."changeset" < {int(wanted.before)} '
        'AND l."changeset" > w.since AND l."changeset" <= w.until '
        f"AND {_others(log, wanted)} AND {_TOLD}{heard}"
    )


def _others(log: Entity, wanted: Wanted) -> str:
    """What is not one's own; nobody's own is what nobody wrote by hand, loads apart."""
    who = f"l.{quoted(log.responsible[0])}"
    if wanted.me is not None:
        return f"{who} IS DISTINCT FROM {int(wanted.me)}"
    by_hand = "SELECT id FROM changeset WHERE user_id IS NULL AND token IS NOT NULL"
    return f'({who} IS NOT NULL OR l."changeset" NOT IN ({by_hand}))'
