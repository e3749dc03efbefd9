"""Word lists: the TOML files of `data/` as temporary tables that the SQL picks from."""

from __future__ import annotations

import math
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

#: Topics of activities -> the groups of scenarios that fit.
ACTIVITY_TOPICS = {
    "equipment": ("quotation", "equipment"), "parts": ("quotation", "parts"), "agreement": ("quotation", "agreement"),
    "customer": ("customer",), "prospect": ("prospect",), "other": ("other",),
}

_PLAIN = ("Data sheet", "Drawing", "Minutes", "Certificate")
_BOUGHT = (*_PLAIN, "Photo", "Contract", "Service report", "Invoice")
#: Topics of documents -> the kinds that fit: before and after the first quotation, and once one is won.
DOCUMENT_TOPICS = {
    "customer": _BOUGHT, "customer.quoted": (*_BOUGHT, "Quotation"),
    "customer.won": (*_BOUGHT, "Quotation", "Order confirmation"),
    "prospect": (*_PLAIN, "Photo"), "prospect.quoted": (*_PLAIN, "Photo", "Quotation", "Quotation"),
    "other": (*_PLAIN, "Contract", "Invoice"), "other.quoted": (*_PLAIN, "Contract", "Invoice", "Quotation"),
    "other.won": (*_PLAIN, "Contract", "Invoice", "Quotation", "Order confirmation"),
}

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
    position = dict.fromkeys(COUNTRIES, 0)
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
    table(load, "naming", "country VARCHAR, stems INTEGER, trades INTEGER, hop BIGINT",
          [(code, len(stems[code]), len(trades[code]), _hop(len(stems[code]) * len(trades[code])))
           for code in COUNTRIES])


def _hop(size: int) -> int:
    """A step that visits all of `size` places, neighbours far apart: near the golden section, coprime."""
    step = int(size * 0.6180339887498949)
    while math.gcd(step, size) > 1:
        step += 1
    return step


def _stems(words: dict[str, str]) -> list[str]:
    """Names without a trade: compounds, surnames and pairs of surnames, in a fixed mixed order."""
    fronts, backs, surnames, avoid = (words[key].split() for key in ("front", "back", "surname", "avoid"))
    made = [front + back for front in fronts for back in backs
            if front[-1].lower() != back[0] and front.lower() != back]
    made += surnames
    made += [a + words["joint"] + b for a in surnames for b in surnames if a < b]
    made = [name for name in dict.fromkeys(made) if name not in avoid]
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
    load.execute("""CREATE OR REPLACE TEMP TABLE main_item AS
        SELECT DISTINCT hash(lang, name) AS key, number, name, price, cost FROM item WHERE kind = 'main'""")


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
        quotation = words["quotation"]
        for kind in ("New equipment", "Spare parts", "Service agreement", "Upgrade", "notes"):
            yield f"quotation.{kind}", lang, quotation[kind]
        yield "quotation.notes_known", lang, quotation["notes"] + quotation["notes_known"]
        for kind in ("alerts", "comments"):
            yield f"organisation.{kind}", lang, words["organisation"][kind]
        yield "person.comments", lang, words["person"]["comments"]
        yield "ticket", lang, words["ticket"]["rows"]
        for topic, kinds in DOCUMENT_TOPICS.items():
            yield f"document.{topic}", lang, [
                row for row in words["document"]["rows"] if row.split(" | ")[0] in kinds]
        for kind in ("greetings", "greetings_in", "closings", "mass"):
            yield f"email.{kind}", lang, words["email"][kind]
        yield "email.wrote", lang, [words["email"]["wrote"]]


def _scenarios(load: Execute) -> None:
    """Activities, meetings and e-mail threads: texts that belong together."""
    lists: dict[str, list[Row]] = {name: [] for name in ("act", "act_note", "meet", "meet_text", "thread", "mail")}
    for lang in LANGUAGES:
        words = toml(lang)
        for name, made in (("act", _acts(words)), ("act_note", _texts(words["activity"], "done", "plan")),
                           ("meet", _meets(words)), ("meet_text", _texts(words["meeting"], "done", "plan", "locations")),
                           ("thread", _threads(words)), ("mail", _mails(words))):
            lists[name] += [(lang, *row) for row in made]
    for name, columns, key in (
        ("act", "topic VARCHAR, slot INTEGER, n INTEGER, type VARCHAR, action VARCHAR, subject VARCHAR", "lang, topic, slot"),
        ("act_note", "n INTEGER, state VARCHAR, slot INTEGER, note VARCHAR", "lang, n, state, slot"),
        ("meet", "topic VARCHAR, slot INTEGER, n INTEGER, subject VARCHAR", "lang, topic, slot"),
        ("meet_text", "n INTEGER, kind VARCHAR, slot INTEGER, text VARCHAR", "lang, n, kind, slot"),
        ("thread", "topic VARCHAR, slot INTEGER, n INTEGER, subject VARCHAR, mails INTEGER", "lang, topic, slot"),
        ("mail", "n INTEGER, step INTEGER, way VARCHAR, body VARCHAR", ""),
    ):
        table(load, name, f"lang VARCHAR, {columns}", lists[name], key)


def _acts(words: dict[str, Any]) -> Iterable[Row]:
    """Subjects of activities by topic; what fits any quotation belongs to each kind of quotation too."""
    for topic, groups in ACTIVITY_TOPICS.items():
        lines = [(n, act["type"], act["action"], subject) for n, act in enumerate(words["activity"])
                 if act["group"] in groups for subject in act["subjects"]]
        yield from ((topic, *row) for row in stretched(lines))
        # Nobody plans a complaint.
        planned = [line for line in lines if line[2] != "Complaint"]
        yield from ((f"{topic}.plan", *row) for row in stretched(planned))


def _meets(words: dict[str, Any]) -> Iterable[Row]:
    for topic in ("customer", "prospect", "other"):
        lines = [(n, subject) for n, meet in enumerate(words["meeting"]) if meet["group"] == topic
                 for subject in meet["subjects"]]
        yield from ((topic, *row) for row in stretched(lines))


def _threads(words: dict[str, Any]) -> Iterable[Row]:
    threads = words["email"]["thread"]
    for topic in ("quotation", "customer", "prospect", "other"):
        lines = [(n, t["subject"], len(t["mails"])) for n, t in enumerate(threads) if t["group"] == topic]
        yield from ((topic, *row) for row in stretched(lines))


def _mails(words: dict[str, Any]) -> Iterable[Row]:
    for n, thread in enumerate(words["email"]["thread"]):
        yield from ((n, step, *mail.split(": ", 1)) for step, mail in enumerate(thread["mails"]))


def _texts(scenarios: list[dict[str, Any]], *kinds: str) -> Iterable[Row]:
    """What is written about each scenario, by kind of text."""
    for n, scenario in enumerate(scenarios):
        for kind in kinds:
            yield from ((n, kind, *row) for row in stretched([(text,) for text in scenario[kind]], 64))
