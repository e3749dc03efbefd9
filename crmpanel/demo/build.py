"""Build the demo data: the same SQL for two hundred organisations and for a hundred thousand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from string import Template
from typing import Any

from crmpanel.demo.files import contents
from crmpanel.demo.words import load_words, macros, table
from crmpanel.entities import REGISTRY
from crmpanel.errors import InputError

#: Order in which the entities are written; each step may use what the ones before left.
STEPS = ("organisation", "person", "quotation", "order", "product", "ticket", "meeting", "document",
         "email", "activity", "vat", "organisation_row", "log")
#: What statuses mean that the entities do not declare.
ROLES = (
    ("quotation", "A - Hot", "open"), ("quotation", "B - Warm", "open"), ("quotation", "C - Cold", "open"),
    ("ticket", "Waiting for customer", "open"), ("organisation", "Active", "open"),
    ("organisation", "Dormant", "cancelled"), ("organisation", "Closed", "cancelled"),
)
YEARS = 5
BLOCK = 40  # organisations of one group lie within a block; a batch is made of whole blocks
BATCH_ACTIVITIES = 500_000
KEYED = ("person", "quotation", "order", "quotation_line", "product", "ticket", "meeting", "document",
         "email", "activity", "change", "changeset")

Progress = Callable[[str, float], None]


def build(database: Any, organisations: int = 200, activities: int | None = None, seed: int = 2026,
          today: dt.date | None = None, progress: Progress | None = None) -> dict[str, int]:
    """Fill an empty database with the CRM of an invented Nordic company.

    Parameters
    ----------
    database : an open, empty `crmpanel.store.Database`.
    organisations : how many organisations; number 1001 is always Nordlys AS.
    activities : about how many activities; 100 per organisation if not given.
    seed, today : the same two give the same rows; `today` is the current date if not given.
    progress : called with the name of what was written and the share done, 0 to 1.

    Returns
    -------
    Rows per table.
    """
    if organisations < 1 or (activities is not None and activities < 0):
        raise InputError("Demo data needs at least one organisation and no negative number of activities.")
    activities = organisations * 100 if activities is None else activities
    today = today or dt.date.today()
    settings = {"seed": int(seed), "today": today, "start": today.replace(year=today.year - YEARS, day=min(today.day, 28)),
                "organisations": organisations, "activities": activities}
    say = progress or (lambda what, share: None)
    with database.load(why="Demo data", source="demo") as load:
        settings |= _begin(load, settings)
    for first, last in batches(organisations, activities):
        with database.load(why="Demo data", source="demo") as load:
            _batch(load, {**settings, "first": first, "last": last})
        say(f"organisations {first + 1}-{last + 1}", (last + 1) / organisations)
    with database.load(why="Demo data", source="demo") as load:
        return {name: _count(load, name) for name in (*(e.name for e in REGISTRY), "changeset", "content")}


def batches(organisations: int, activities: int) -> Iterator[tuple[int, int]]:
    """First and last organisation of each batch: whole blocks, about `BATCH_ACTIVITIES` activities."""
    per_block = max(1, activities * BLOCK // organisations)
    size = BLOCK * max(1, min(BATCH_ACTIVITIES // per_block, 125))
    for first in range(0, organisations, size):
        yield first, min(first + size, organisations) - 1


@cache
def _sql(name: str) -> Template:
    return Template(resources.files(__package__).joinpath("sql", f"{name}.sql").read_text("utf-8"))


def _run(load: Any, name: str, settings: dict[str, Any]) -> None:
    text = "\n".join(line for line in _sql(name).substitute(settings).splitlines() if not line.startswith("--"))
    for statement in text.split(";\n"):
        if statement.strip():
            load.execute(statement)


def _words(load: Any, settings: dict[str, Any]) -> None:
    """Macros and word tables: temporary, so each transaction makes its own."""
    for statement in macros():
        load.execute(statement)
    _run(load, "macros", settings)
    load_words(load, settings["seed"])


def _begin(load: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """Users, contents and meanings of statuses; returns what the batches need to know of the whole."""
    if _count(load, "organisation"):
        raise InputError("Demo data is only written into an empty database.", "", "Choose a new file.")
    _words(load, settings)
    load.execute("""INSERT INTO "user" BY NAME
        SELECT id, name, initials, lower(initials) AS login, mail_of(name, domain) AS email, title, access_level,
            replace(countries, ' ', ', ') AS territories, language, team <> 'former' AS active, start0()::TIMESTAMP AS created
        FROM staff ORDER BY id""")
    for content in {c.hash: c for c in contents()}.values():
        load.execute("INSERT INTO content VALUES (?, ?)", [content.hash, content.data])
    for role in ROLES:
        load.status_role(*role)
    weight = load.execute("SELECT sum(weight_of(k)) FROM range(?) AS r(k)", [settings["organisations"]]).fetchone()[0]
    return {"weight": repr(weight)}


def _batch(load: Any, settings: dict[str, Any]) -> None:
    """One range of organisations with everything that belongs to them."""
    highest = {name: _highest(load, name) for name in KEYED}
    _words(load, settings)
    _run(load, "calendar", settings)
    table(load, "content_of", "kind VARCHAR, lang VARCHAR, variant INTEGER, extension VARCHAR, hash VARCHAR, size BIGINT",
          [(c.kind, c.lang, c.variant, c.extension, c.hash, len(c.data)) for c in contents()], "kind, lang, variant")
    for name in STEPS:
        _run(load, name, {**settings, **highest, "factor": settings.get("factor", 1.0)})


def _count(load: Any, table_name: str) -> int:
    return int(load.execute(f'SELECT count(*) FROM "{table_name}"').fetchone()[0])


def _highest(load: Any, table_name: str) -> int:
    return int(load.execute(f'SELECT coalesce(max(id), 0) FROM "{table_name}"').fetchone()[0])
