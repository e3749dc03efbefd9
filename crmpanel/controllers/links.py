"""Addresses: what a URL of the application says, and how one is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

#: Settings of an address: key and value, in order; a key may come several times.
Args = tuple[tuple[str, str], ...]


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
        path = {
            "list": f"/{quote(place.entity, safe='')}",
            "record": f"/{quote(place.entity, safe='')}/{quote(place.id or '', safe='')}",
            "report": f"/report/{quote(place.entity, safe='')}",
        }[place.kind]
        if place.kind == "list" and place.entity == "organisations":
            path = "/"
        args = list(place.args)
        if self.in_query:
            args = ([("at", path)] if path != "/" else []) + args
            path = ""
        query = urlencode(args, quote_via=quote, safe="/.:")
        return (
            f"{self.prefix}{path or '/'}" + (f"?{query}" if query else "")
            if not self.in_query
            else f"{self.prefix}" + (f"?{query}" if query else "")
        )

    def read(self, url: str) -> Place:
        """The place that an address (path and query) stands for; never fails."""
        parts = urlsplit(url)
        args = (
            parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100)
            if parts.query.count("&") < 100
            else []
        )
        path = parts.path.removeprefix(self.prefix)
        if self.in_query:
            path = next((value for key, value in args if key == "at"), "/")
            args = [pair for pair in args if pair[0] != "at"]
        steps = [unquote(step) for step in path.split("/") if step]
        if not steps:
            return Place("list", "organisations", args=tuple(args))
        if steps[0] == "report" and len(steps) == 2:
            return Place("report", steps[1], args=tuple(args))
        if len(steps) == 1:
            return Place("list", steps[0], args=tuple(args))
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
