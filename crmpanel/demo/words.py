"""Word lists: the TOML files of `data/` as temporary tables that the SQL picks from."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import Any, Protocol

#: Every list is stretched to this many slots, so that SQL picks from it with one equality join.
SLOTS = 1024
LANGUAGES = ("nb", "da", "sv", "en")
COUNTRIES = ("NO", "SE", "DK", "FI", "DE", "GB")

Row = Sequence[Any]


class Execute(Protocol):
    """What this module needs of `crmpanel.store.writer.Load`."""

    def execute(self, sql: str, params: Sequence[Any] = ...) -> Any:
        """Run one statement."""


@cache
def toml(name: str) -> dict[str, Any]:
    """The parsed file `data/<name>.toml`."""
    return tomllib.loads(resources.files(__package__).joinpath("data", f"{name}.toml").read_text("utf-8"))


def table(load: Execute, name: str, columns: str, rows: Iterable[Row], key: str = "") -> None:
    """Make the temporary table `name`.

    `columns` reads like ``"slot INTEGER, text VARCHAR"``. `key` names columns to be hashed into the column
    `key`: one equality to join on, which the optimiser cannot turn round into a product of word lists.
    """
    pairs = [column.strip().split(" ", 1) for column in columns.split(",")]
    values = list(zip(*rows, strict=True)) or [()] * len(pairs)
    select = ", ".join(f"unnest(?::{kind}[]) AS {column}" for column, kind in pairs)
    hashed = f", hash({key}) AS key" if key else ""
    load.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT *{hashed} FROM (SELECT {select})",
                 [list(v) for v in values])


def split(line: str, parts: int) -> tuple[str | None, ...]:
    """The `parts` pieces of a line written ``a | b | c``; missing ones are None."""
    found = [piece.strip() for piece in line.split(" | ")]
    return tuple([*found, *[None] * (parts - len(found))])


def stretched(rows: Sequence[Row], slots: int = SLOTS) -> list[Row]:
    """`rows` repeated over `slots` slots, each prefixed by its slot."""
    return [(slot, *rows[slot * len(rows) // slots]) for slot in range(slots)]


def load_words(load: Execute, seed: int) -> None:
    """Make every word table in the session of `load`."""
    _places(load, seed)
    _companies(load)
    _catalogue(load)
    _users(load)
    phrases = [(kind, key, n, len(lines), *split(line, 4))
               for kind, key, lines in _phrases() for n, line in enumerate(lines)]
    table(load, "phrase_line", "kind VARCHAR, lang VARCHAR, n INTEGER, lines INTEGER, "
          "a VARCHAR, b VARCHAR, c VARCHAR, d VARCHAR", phrases)
    load.execute(f"""CREATE OR REPLACE TEMP TABLE phrase AS
        SELECT kind, lang, slot::INTEGER AS slot, hash(kind, lang, slot::INTEGER) AS key, a, b, c, d
        FROM phrase_line, range({SLOTS}) AS r(slot) WHERE n = slot * lines // {SLOTS}""")
    _scenarios(load)


def macros() -> list[str]:
    """Statements that make the macros holding names of days and months."""
    made = []
    for name in ("days", "months"):
        cases = " ".join(f"WHEN '{lang}' THEN {toml(lang)[name].split()!r}[i]" for lang in LANGUAGES)
        made.append(f"CREATE OR REPLACE TEMP MACRO {name}_of(l, i) AS CASE l {cases} END")
    return made


def _places(load: Execute, seed: int) -> None:
    places = toml("places")
    pattern = [code for code in COUNTRIES for _ in range(places["country"][code]["share"])]
    random.Random(seed).shuffle(pattern)
    position = {code: 0 for code in COUNTRIES}
    slots = []
    for slot, code in enumerate(pattern):
        slots.append((slot, code, position[code]))
        position[code] += 1
    table(load, "country_slot", "slot INTEGER, country VARCHAR, position INTEGER", slots)
    keys = ("name", "own", "share", "currency", "rate", "lang", "dial", "vat", "forms")
    table(load, "country", "code VARCHAR, name VARCHAR, own VARCHAR, share INTEGER, currency VARCHAR, "
          "rate DOUBLE, lang VARCHAR, dial VARCHAR, vat DOUBLE, forms VARCHAR[]",
          [(code, *(c[key] for key in keys)) for code, c in places["country"].items()])
    towns: dict[str, list[Row]] = {code: [] for code in COUNTRIES}
    for line in places["town"]["rows"]:
        country, town, region, territory, area, weight, codes = split(line, 7)
        postcodes = codes.split("|" if "|" in codes else " ")
        towns[country] += [(town, region, territory, area, postcodes)] * int(weight)
    table(load, "town", "country VARCHAR, slot INTEGER, town VARCHAR, region VARCHAR, "
          "territory VARCHAR, area VARCHAR, postcodes VARCHAR[]",
          [(code, *row) for code in COUNTRIES for row in stretched(towns[code])], "country, slot")


def _companies(load: Execute) -> None:
    companies = toml("companies")
    stems = {code: _stems(companies[code]) for code in COUNTRIES}
    trades = {code: [split(line, 2) for line in companies["trade"][code]] for code in COUNTRIES}
    table(load, "stem", "country VARCHAR, n INTEGER, text VARCHAR",
          [(code, n, stem) for code in COUNTRIES for n, stem in enumerate(stems[code])], "country, n")
    table(load, "trade", "country VARCHAR, n INTEGER, text VARCHAR, industry VARCHAR",
          [(code, n, *row) for code in COUNTRIES for n, row in enumerate(trades[code])], "country, n")
    table(load, "naming", "country VARCHAR, stems INTEGER, trades INTEGER",
          [(code, len(stems[code]), len(trades[code])) for code in COUNTRIES])


def _stems(words: dict[str, str]) -> list[str]:
    """Names without a trade: compounds, surnames and pairs of surnames, in a fixed mixed order."""
    fronts, backs, surnames = (words[key].split() for key in ("front", "back", "surname"))
    made = [front + back for front in fronts for back in backs
            if front[-1].lower() != back[0] and front.lower() != back]
    made += surnames
    made += [a + words["joint"] + b for a in surnames for b in surnames if a < b]
    made = list(dict.fromkeys(made))
    random.Random(7).shuffle(made)
    return made


def _catalogue(load: Execute) -> None:
    families = toml("catalogue")["family"]
    groups = list(dict.fromkeys(f["group"] for f in families if f["group"] != "any"))
    rows: list[Row] = []
    for lang in LANGUAGES:
        for group in groups:
            for kind in ("main", "extra", "service", "agreement"):
                items = [item for f in families if f["kind"] == kind and f["group"] in (group, "any")
                         for item in _items(f, lang)]
                rows += [(lang, group, kind, *row) for row in stretched(items, 256)]
    table(load, "item", "lang VARCHAR, family VARCHAR, kind VARCHAR, slot INTEGER, number VARCHAR, "
          "name VARCHAR, thing VARCHAR, the_thing VARCHAR, price DOUBLE, cost DOUBLE, hours BOOLEAN",
          rows, "lang, family, kind, slot")


def _items(family: dict[str, Any], lang: str) -> list[Row]:
    name, thing, the_thing = family[lang]
    joint = "" if family["code"].endswith("-") else "-"
    return [(f"{family['code']}{joint}{size}", name.format(size=size), thing, the_thing,
             family["price"] * family["step"] ** n, family["cost"], family.get("hours", False))
            for n, size in enumerate(family["sizes"])]


def _users(load: Execute) -> None:
    staff = toml("users")
    people = [(n, *split(line, 7)) for n, line in enumerate(staff["users"], 1)]
    table(load, "staff", "id BIGINT, name VARCHAR, initials VARCHAR, title VARCHAR, team VARCHAR, "
          "countries VARCHAR, access_level VARCHAR, language VARCHAR, domain VARCHAR",
          [(*person, staff["domain"]) for person in people])
    rows: list[Row] = []
    for team in ("sales", "inside", "service", "lead", "former"):
        for code in COUNTRIES:
            ids = [(p[0],) for p in people if p[4] == team and code in p[5].split()]
            rows += [(team, code, *row) for row in stretched(ids, 64)] if ids else []
    table(load, "rep", "team VARCHAR, country VARCHAR, slot INTEGER, user_id BIGINT", rows, "team, country, slot")


def _phrases() -> Iterable[tuple[str, str, list[str]]]:
    """Plain lists: kind, language or country, lines ``a | b | c | d``."""
    places, persons = toml("places"), toml("persons")
    for code in COUNTRIES:
        yield "street", code, places["street"][code]
        for kind in ("male", "female", "last"):
            yield kind, code, persons[code][kind].split()
    for lang in LANGUAGES:
        words = toml(lang)
        yield "title", lang, persons["title"][lang]
        yield "place", lang, words["places"]
        yield "tail", lang, words["activity_more"]["tails"]
        for kind in ("New equipment", "Spare parts", "Service agreement", "Upgrade", "notes"):
            yield f"quotation.{kind}", lang, words["quotation"][kind]
        for kind in ("subjects", "done", "plan", "locations"):
            yield f"meeting.{kind}", lang, words["meeting"][kind]
        for kind in ("alerts", "comments"):
            yield f"organisation.{kind}", lang, words["organisation"][kind]
        yield "person.comments", lang, words["person"]["comments"]
        yield "ticket", lang, words["ticket"]["rows"]
        rows = words["document"]["rows"]
        yield "document.quotation", lang, rows
        yield "document.plain", lang, [r for r in rows if not {"{number}", "{quote}"} & set(r.split())]
        for kind in ("greetings", "greetings_in", "closings", "mass"):
            yield f"email.{kind}", lang, words["email"][kind]
        yield "email.wrote", lang, [words["email"]["wrote"]]


def _scenarios(load: Execute) -> None:
    """Activities and e-mail threads: lines that belong together."""
    subjects: list[Row] = []
    notes: list[Row] = []
    threads: list[Row] = []
    mails: list[Row] = []
    for lang in LANGUAGES:
        words = toml(lang)
        for group in ("quotation", "customer", "prospect", "other"):
            acts = [(n, a) for n, a in enumerate(words["activity"]) if a["group"] == group]
            lines = [(n, a["type"], a["action"], s) for n, a in acts for s in a["subjects"]]
            subjects += [(lang, group, *row) for row in stretched(lines)]
            for n, act in acts:
                for state in ("done", "plan"):
                    texts = [(text,) for text in act[state]]
                    notes += [(lang, n, state, *row) for row in stretched(texts, 64)]
            found = [(n, t) for n, t in enumerate(words["email"]["thread"]) if t["group"] == group]
            starts = [(n, t["subject"], len(t["mails"])) for n, t in found]
            threads += [(lang, group, *row) for row in stretched(starts)] if starts else []
            mails += [(lang, n, step, *mail.split(": ", 1)) for n, t in found
                      for step, mail in enumerate(t["mails"])]
    table(load, "act", "lang VARCHAR, topic VARCHAR, slot INTEGER, n INTEGER, type VARCHAR, "
          "action VARCHAR, subject VARCHAR", subjects, "lang, topic, slot")
    table(load, "act_note", "lang VARCHAR, n INTEGER, state VARCHAR, slot INTEGER, note VARCHAR", notes,
          "lang, n, state, slot")
    table(load, "thread", "lang VARCHAR, topic VARCHAR, slot INTEGER, n INTEGER, subject VARCHAR, "
          "mails INTEGER", threads, "lang, topic, slot")
    table(load, "mail", "lang VARCHAR, n INTEGER, step INTEGER, way VARCHAR, body VARCHAR", mails)
