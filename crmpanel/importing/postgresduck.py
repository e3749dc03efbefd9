"""A PostgreSQL database as DuckDB's extension sees it: its tables are read where they lie."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from crmpanel.errors import ImportFailed
from crmpanel.importing.duckfiles import DuckFile, InDuck
from crmpanel.query.sqltext import literal, quoted
from crmpanel.store.glance import Glance, load_sql


class PostgresInDuck(DuckFile):
    """The tables of a PostgreSQL database, attached read only.

    Parameters
    ----------
    address : ``postgresql://user:password@host:port/database``.
    """

    kind = "a PostgreSQL database"
    line = ""
    _schema = "public"

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        super().__init__(Path(unquote(parts.path.strip("/")) or "postgres"))
        self.paths, self._secret = [], unquote(parts.password or "")
        attach = f"ATTACH {literal(address)} AS {quoted(self._alias)} (TYPE postgres, READ_ONLY)"
        self._opening = (load_sql("postgres_scanner"), attach)

    def _check(self) -> None:
        try:
            with Glance(self.name) as glance:
                glance.execute(self._opening[0])
        except Exception as error:
            raise ImportFailed(
                f"The PostgreSQL database {self.name} cannot be read where it lies.",
                "DuckDB's postgres extension is not there, or not for this version of DuckDB.",
                "Import it: crmpanel import postgresql://… --db FILE, or install the extension "
                "(docs/importing.md).",
            ) from error

    def _count(self, glance: Glance, relation: str) -> int:
        """Not asked: to count them would read them all."""
        return 1

    @cached_property
    def _found(self) -> dict[str, InDuck]:
        try:
            found = dict(super()._found)
        except ImportFailed as error:
            raise ImportFailed(error.what, self._without_secret(error.why), error.remedy) from None
        if not found:
            raise ImportFailed(
                f"The PostgreSQL database {self.name} holds nothing to show.",
                "It has no table that this user may read.",
                "Give another database, or grant SELECT on its tables.",
            )
        return found

    def _without_secret(self, text: str) -> str:
        text = text.replace(self._secret, "…") if self._secret else text
        return re.sub(r"(://[^:@\s/]*):[^@\s]*@|(password=)\S+", r"\1\2…", text)
