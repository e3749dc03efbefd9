"""Build the demo data: the same SQL for two hundred organisations and for a hundred thousand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from string import Template
from typing import Any

from crmpanel.demo.files import contents
from crmpanel.demo.lists import load_lists
from crmpanel.demo.texts import load_texts
from crmpanel.demo.words import macros, table
from crmpanel.entities import REGISTRY
from crmpanel.errors import InputError

#: Steps of a batch in order, each using what the ones before left, and what to call them.
STEPS = {
    "calendar": "Calendar",
    "organisation": "Organisations",
    "person": "Persons",
    "quotation": "Quotations",
    "order": "Orders",
    "product": "Products",
    "ticket": "Support tickets",
    "meeting": "Meetings",
    "document": "Documents",
    "email": "E-mail",
    "activity": "Activities",
    "vat": "VAT numbers",
    "organisation_row": "Organisations",
    "pin": "Pins",
    "log": "Log",
}
#: What statuses mean that the entities do not declare.
ROLES = (
    ("quotation", "A - Hot", "open"),
    ("quotation", "B - Warm", "open"),
    ("quotation", "C - Cold", "open"),
    ("ticket", "Waiting for customer", "open"),
    ("organisation", "Active", "open"),
    ("organisation", "Dormant", "cancelled"),
    ("organisation", "Closed", "cancelled"),
)
#: Tables whose ids go on where the batch before stopped.
NUMBERED = (
    "person",
    "quotation",
    "order",
    "quotation_line",
    "product",
    "ticket",
    "meeting",
    "document",
    "email",
    "activity",
    "pin",
    "change",
    "changeset",
)
YEARS = 5
PER_ORGANISATION = 100  # activities
BLOCK = 40  # organisations of one group lie within a block; a batch is made of whole blocks
BATCH_BLOCKS = 125
BATCH_ACTIVITIES = 240_000

Progress = Callable[[str, float], None]


def build(
    database: Any,
    organisations: int = 200,
    activities: int | None = None,
    seed: int = 2026,
    today: dt.date | None = None,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Fill an empty database with the CRM of an invented Nordic company.

    Every number, name and date follows from `seed` and `today`: the same two give the same rows.
    The log holds about two rows per activity.

    Parameters
    ----------
    database : an open, empty `crmpanel.store.Database`.
    organisations : how many organisations; number 1001 is always Nordlys AS.
    activities : about how many activities; 100 per organisation if not given.
    seed : any whole number.
    today : the day the history ends and the plans begin; the current date if not given.
    progress : called with what was written and the share done, 0 to 1.

    Returns
    -------
    Rows per table.

    Raises
    ------
    InputError : impossible numbers, or a database that is not empty.
    """
    if organisations < 1 or (activities is not None and activities < 0):
        raise InputError(
            "Demo data needs at least one organisation and no negative number of activities."
        )
    activities = organisations * PER_ORGANISATION if activities is None else activities
    today = today or dt.date.today()
    settings = {
        "seed": int(seed),
        "today": today,
        "organisations": organisations,
        "activities": activities,
        "start": today.replace(year=today.year - YEARS, day=min(today.day, 28)),
    }
    say = progress or (lambda what, share: None)
    counts: dict[str, int] = {}
    for first, last in batches(organisations, activities):
        with database.load(why="Demo data", source="demo") as load:
            _words(load, settings)
            if first == 0:
                settings["weight"] = _begin(load, settings)
            _batch(load, {**settings, "first": first, "last": last}, say)
            counts = {
                name: _count(load, name)
                for name in (*(e.name for e in REGISTRY), "changeset", "content")
            }
    return counts


def batches(organisations: int, activities: int) -> Iterator[tuple[int, int]]:
    """First and last organisation of each batch: whole blocks, `BATCH_ACTIVITIES` or so."""
    per_block = max(1, activities * BLOCK // organisations)
    size = BLOCK * max(1, min(BATCH_ACTIVITIES // per_block, BATCH_BLOCKS))
    for first in range(0, organisations, size):
        yield first, min(first + size, organisations) - 1


def _begin(load: Any, settings: dict[str, Any]) -> str:
    """Users, contents, meanings of statuses; returns the weight of all organisations together."""
    if _count(load, "organisation"):
        raise InputError(
            "Demo data is only written into an empty database.", "", "Choose a new file."
        )
    _run(load, "user", settings)
    for content in {c.hash: c for c in contents()}.values():
        load.execute("INSERT INTO content VALUES (?, ?)", [content.hash, content.data])
    for role in ROLES:
        load.status_role(*role)
    # Decimals add up to the same in any order, floating numbers do not.
    sql = "SELECT sum(weight_of(k)::DECIMAL(18, 6))::VARCHAR FROM range(?) AS r(k)"
    return str(load.execute(sql, [settings["organisations"]]).fetchone()[0])


def _words(load: Any, settings: dict[str, Any]) -> None:
    """Macros and word tables: temporary, so each transaction makes its own."""
    for statement in macros():
        load.execute(statement)
    _run(load, "macros", settings)
    load_lists(load, settings["seed"])
    load_texts(load)
    table(
        load,
        "content_of",
        "kind VARCHAR, lang VARCHAR, variant INTEGER, extension VARCHAR, hash VARCHAR, size BIGINT",
        [(c.kind, c.lang, c.variant, c.extension, c.hash, len(c.data)) for c in contents()],
        "kind, lang, variant",
    )


def _batch(load: Any, settings: dict[str, Any], say: Progress) -> None:
    """One range of organisations with everything that belongs to them."""
    highest = {name: _highest(load, name) for name in NUMBERED}
    first, size = settings["first"], settings["last"] + 1 - settings["first"]
    for number, (step, what) in enumerate(STEPS.items(), 1):
        _run(load, step, {**settings, **highest})
        say(what, (first + size * number / len(STEPS)) / settings["organisations"])


@cache
def _sql(name: str) -> Template:
    return Template(resources.files(__package__).joinpath("sql", f"{name}.sql").read_text("utf-8"))


def _run(load: Any, name: str, settings: dict[str, Any]) -> None:
    """Run the statements of a file of `sql/`, with its $names filled in."""
    lines = _sql(name).substitute(settings).splitlines()
    for statement in "\n".join(line for line in lines if not line.startswith("--")).split(";\n"):
        if statement.strip():
            load.execute(statement.strip().removesuffix(";"))


def _count(load: Any, name: str) -> int:
    return int(load.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])


def _highest(load: Any, name: str) -> int:
    return int(load.execute(f'SELECT coalesce(max(id), 0) FROM "{name}"').fetchone()[0])
