"""Addresses: what a URL of the application says, and how one is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode

#: Settings of an address: key and value, in order; a key may come several times.
Args = tuple[tuple[str, str], ...]
#: What the bare address shows.
HOME = "organisations"
#: The setting that holds the place, where it is no path.
AT = "at"
#: The setting that holds the moment as of which a card is shown.
AS_OF = "as_of"
#: Settings that are read; an address with more was not made here.
MOST_ARGS = 1000


@dataclass(frozen=True)
class Place:
    """Where somebody is in the application.

    Parameters
    ----------
    kind : ``list`` (all records of an entity), ``record`` (a card) or ``report``.
    entity : name or plural of the entity, as it stands in the address.
    id : key of the record, as it stands in the address.
    args : the settings.
    """

    kind: str
    entity: str
    id: str | None = None
    args: Args = field(default=())

    def arg(self, key: str) -> str | None:
        """The last value of a setting, or None."""
        return next((value for name, value in reversed(self.args) if name == key), None)


class Links:
    """Writes and reads addresses.

    Parameters
    ----------
    prefix : path below which the application is served, without a trailing slash.
    in_query : write the place into the query (``?at=/organisation/17``) instead of the path, for
        hosts that serve a single path, such as ``panel serve app.py``.
    """

    def __init__(self, prefix: str = "", in_query: bool = False) -> None:
        self.prefix, self.in_query = prefix, in_query

    def write(self, place: Place) -> str:
        """The address of a place: ``/organisation/17?tab=activities&status=Planned``."""
        path, args = self._path(place), list(place.args)
        if self.in_query:
            # Left out where it says nothing, unless a setting would be taken for it.
            at = [(AT, path)] if path != "/" or any(key == AT for key, _ in args) else []
            path, args = "", at + args
        query = urlencode(args, quote_via=quote, safe="/.:", errors="replace")
        return (self.prefix + path or "/") + (f"?{query}" if query else "")

    @staticmethod
    def _path(place: Place) -> str:
        if place.kind == "list" and place.entity == HOME:
            return "/"
        steps = {"list": (place.entity,), "record": (place.entity, place.id or "")}
        words = steps.get(place.kind, ("report", place.entity))
        return "".join("/" + quote(word, safe="", errors="replace") for word in words)

    def read(self, url: str) -> Place:
        """The place that an address (path and query) stands for; never fails."""
        path, _, query = url.partition("#")[0].partition("?")
        args = parse_qsl("&".join(query.split("&")[:MOST_ARGS]), keep_blank_values=True)
        if self.prefix and f"{path}/".startswith(f"{self.prefix}/"):
            path = path[len(self.prefix) :]
        if self.in_query:
            place = next((pair for pair in args if pair[0] == AT), (AT, "/"))
            path, args = place[1], [pair for pair in args if pair is not place]
        steps = [unquote(step) for step in path.split("/") if step]
        if not steps:
            return Place("list", HOME, args=tuple(args))
        if len(steps) == 1:
            return Place("list", steps[0], args=tuple(args))
        if steps[0] == "report" and len(steps) == 2:
            return Place("report", steps[1], args=tuple(args))
        return Place("record", steps[0], "/".join(steps[1:]), tuple(args))

    def list(self, plural: str, args: Args = ()) -> str:
        """Address of the list of all records of an entity."""
        return self.write(Place("list", plural, args=args))

    def record(self, entity: str, id: object, args: Args = ()) -> str:
        """Address of the card of a record."""
        return self.write(Place("record", entity, str(id), args))

    def report(self, plural: str, args: Args = ()) -> str:
        """Address of the report of an entity."""
        return self.write(Place("report", plural, args=args))


class PastLinks(Links):
    """Addresses from a card as of a moment: they lead to cards and reports as of the same.

    Parameters
    ----------
    links : how addresses are written.
    as_of : the moment, as it stands in addresses.
    """

    def __init__(self, links: Links, as_of: str) -> None:
        super().__init__(links.prefix, links.in_query)
        self.present, self.as_of = links, as_of

    def record(self, entity: str, id: object, args: Args = ()) -> str:
        """Address of the card of a record as it was."""
        return super().record(entity, id, (*args, (AS_OF, self.as_of)))

    def report(self, plural: str, args: Args = ()) -> str:
        """Address of the report of an entity as it was."""
        return super().report(plural, (*args, (AS_OF, self.as_of)))
