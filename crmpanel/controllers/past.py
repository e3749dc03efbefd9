"""The past: which moment is meant, and a record as it was then."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from crmpanel.controllers.desk import USERS, Desk
from crmpanel.controllers.finding import find
from crmpanel.controllers.layout import layout_of
from crmpanel.controllers.links import Args
from crmpanel.controllers.record_card import RecordCard
from crmpanel.errors import InputError, NotFound, NotYet
from crmpanel.locale import _
from crmpanel.model.moment import Moment, When, parse
from crmpanel.query import chronicle
from crmpanel.query.chronicle import Saved
from crmpanel.store import Past, Scope, Viewed
from crmpanel.store.numbering import log_of

#: A record, and the desk on which its card is read.
Found = tuple[Desk, dict[str, Any]]


def moment_of(desk: Desk, when: When) -> Moment:
    """The moment that is meant; today is as far as it has come.

    Parameters
    ----------
    when : a day (its end), a time, ISO text of either, or the number of a changeset (right after
        it).

    Raises
    ------
    InputError : it is none of these, or has not come yet.
    NotFound : there is no such changeset.
    """
    present = desk.database.present
    if isinstance(when, int):
        found = present.rows(chronicle.written_at(when))
        if not found:
            raise NotFound(f"There is no changeset {when}.")
        return Moment(found[0][0], when)
    moment, now = parse(when), dt.datetime.now()
    if moment.at <= now:
        return moment
    if moment.day and moment.at.date() == now.date():
        return Moment(now.replace(microsecond=0), present.scalar(chronicle.last_changeset()) or 0)
    raise InputError(
        _("{when} has not come yet.", when=str(moment)), "", _("Choose a day in the past.")
    )


def at(desk: Desk, when: When) -> Desk:
    """The same viewer in the past; raises as `moment_of`."""
    if desk.is_live:
        raise InputError(
            _("A live source has no past."),
            _("What was changed of it, and when, is not recorded."),
            _("Import it: from then on each day can be looked at."),
        )
    return desk.over(Past(desk.database.present, moment_of(desk, when)))


def found_at(desk: Desk, entity: str, key: str | int, by_name: bool = False) -> Found:
    """A record, and the desk on which its card is read.

    In the past, and in a live source, that is one for this card alone.

    Parameters
    ----------
    entity, key, by_name : see `finding.find`.

    Raises
    ------
    NotFound : there is none; if it came later, this tells since when it is there.
    AmbiguousName : several carry the name.
    """
    viewed = desk.database
    if not isinstance(viewed, Viewed):
        return desk, find(desk, entity, key, by_name)
    declared = desk.registry[entity]
    is_id = str(key).isascii() and str(key).isdigit() and len(str(key)) < 19
    if not is_id or (by_name and isinstance(key, str)):
        key = find(desk, entity, key, by_name)["id"]
    owner = viewed.owner(declared, int(key))
    scope = None
    if owner is not None:
        # A reference to the record is what its lists are scoped by.
        mine = declared.organisation == "id"
        link = () if mine else (layout_of(declared).key, declared.name, int(key))
        scope = Scope(owner, *link)
    scoped = desk.over(viewed.within(scope))
    try:
        return scoped, find(scoped, entity, int(key))
    except NotFound as error:
        later = _later(desk, viewed, entity, int(key)) if isinstance(viewed, Past) else None
        raise later or error from None


def narrowed(desk: Desk, entity: str, args: Args) -> Desk:
    """A desk in the past for the records of an entity that refer to one, as an address tells."""
    past, fields = desk.database, desk.registry[entity].fields
    for name, value in args:
        target = fields[name].target if name in fields else None
        if target and isinstance(past, Past) and value.isascii() and value.isdigit():
            owner = past.owner(desk.registry[target], int(value[:18]))
            if owner is not None:
                mine = desk.registry[target].organisation == "id"
                link = () if mine else (name, target, int(value[:18]))
                return desk.over(past.within(Scope(owner, *link)))
    return desk


def _later(desk: Desk, past: Past, entity: str, id: int) -> NotYet | None:
    """Why a record that there is now was not there."""
    try:
        record = find(desk.over(past.present), entity, id)
    except NotFound:
        return None
    declared = desk.registry[entity]
    name = record.get(declared.title) or f"{declared.label} {id}"
    found = past.present.scalar(
        chronicle.made_at(log_of(desk.registry), declared, id, past.moment)
    ) or record.get("created")
    since = _("It is there since {when}.", when=str(found)) if found else ""
    when = str(past.moment).replace("T", " ")
    what = _("{name} was not there yet on {when}.", name=name, when=when)
    return NotYet(what, since, str(name), found)


def neighbours(card: RecordCard, number: int) -> tuple[list[Saved], list[Saved]]:
    """The last changes of a card up to its moment, and the first after it, the nearest first.

    Of the card of an organisation, changes of what belongs to it count as well.
    """
    desk, past = card.desk, card.desk.database
    log, users = log_of(desk.registry), desk.registry[USERS]
    mine = chronicle.of_card(log, card.entity, card.id, card.organisation_id)
    moment = past.moment or Moment(dt.datetime.max)
    told = partial(chronicle.saved, log, users, moment, mine)
    before = [Saved(*row) for row in past.present.rows(told(False, number))]
    after = [Saved(*row) for row in past.present.rows(told(True, 1))] if past.moment else []
    return before, after
