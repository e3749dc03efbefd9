"""Personal state: what belongs to one viewer, such as favourites, as declared tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from crmpanel.errors import UnknownName
from crmpanel.model.entity import Field
from crmpanel.model.kinds import DATETIME, ENTITY_NAME, IDENTIFIER, LONG_TEXT, NUMERAL, TEXT

#: Column that says whose a row is.
VIEWER = "viewer"


@dataclass(frozen=True)
class Personal:
    """A table of personal state: written by changesets, but never logged and not undone.

    Parameters
    ----------
    name : name of the table.
    key : what tells the rows of one viewer apart.
    values : what else a row holds.
    follows : whether rows about a record are made about the one that it is merged into as well.
    lasts : names of the fields that hold after which changeset a row begins, and at which it ended.
    """

    name: str
    key: tuple[Field, ...]
    values: tuple[Field, ...] = ()
    follows: bool = False
    lasts: tuple[str, str] | None = None

    @cached_property
    def fields(self) -> dict[str, Field]:
        """All columns by name."""
        return {f.name: f for f in (Field(VIEWER, IDENTIFIER), *self.key, *self.values)}

    def field(self, name: str) -> Field:
        """The column called `name`; raises `UnknownName`."""
        if name not in self.fields:
            raise UnknownName(f"field of {self.name}", name, self.fields)
        return self.fields[name]


_RECORD = (Field("entity", ENTITY_NAME), Field("record_id", NUMERAL))
_AT = Field("at", DATETIME)

FAVOURITE = Personal("favourite", _RECORD, (_AT,), follows=True)
#: From after one changeset up to another, which is blank while it lasts.
SUBSCRIPTION = Personal(
    "subscription",
    (*_RECORD, Field("since", NUMERAL)),
    (Field("until", NUMERAL), _AT),
    follows=True,
    lasts=("since", "until"),
)
#: When a card was opened last and the newest changeset then; the same of the visit before.
VISIT = Personal(
    "visit",
    _RECORD,
    (_AT, Field("seen", NUMERAL), Field("at_before", DATETIME), Field("seen_before", NUMERAL)),
)
#: A list with its filters, as an address; `told_since` is blank if its viewer is not told of it,
#: else the changeset up to which what its viewer wrote in it is known.
SAVED_LIST = Personal(
    "saved_list",
    (Field("name", TEXT),),
    (Field("address", LONG_TEXT), Field("told_since", NUMERAL), _AT),
)
#: A record that a saved list has: ``known``, ``new`` since then, or new and ``read``. The id -1 is
#: no record: the list has grown too long to be told of.
MATCH = Personal(
    "list_match",
    (Field("name", TEXT), Field("record_id", NUMERAL)),
    (Field("state", IDENTIFIER), _AT),
)
#: Notifications that were read, by changeset.
READ = Personal("notification_read", (Field("changeset", NUMERAL),))
PREFERENCE = Personal("preference", (Field("name", IDENTIFIER),), (Field("value", LONG_TEXT),))
#: What is sent of a period: the changesets after ``first`` up to ``last``, which never change once
#: it was begun. Its state is ``sending``, ``failed`` (for a reason; it is tried again) or ``sent``.
DELIVERY = Personal(
    "delivery",
    (Field("channel", IDENTIFIER), Field("period", IDENTIFIER)),
    (
        Field("first", NUMERAL),
        Field("last", NUMERAL),
        Field("state", IDENTIFIER),
        _AT,
        Field("reason", TEXT),
        Field("begun", DATETIME),
    ),
)

PERSONAL = {
    table.name: table
    for table in (
        FAVOURITE,
        SUBSCRIPTION,
        VISIT,
        SAVED_LIST,
        MATCH,
        READ,
        PREFERENCE,
        DELIVERY,
    )
}


def personal(name: str) -> Personal:
    """The table called `name`; raises `UnknownName`."""
    if name not in PERSONAL:
        raise UnknownName("personal table", name, PERSONAL)
    return PERSONAL[name]
