"""Lists that are the same in every language: towns, company names, articles, the seller's staff."""

from __future__ import annotations

import math
import random
from typing import Any

from crmpanel.demo.words import COUNTRIES, LANGUAGES, Execute, Row, picks, split, table, toml

TEAMS = ("sales", "inside", "service", "lead", "former")


def load_lists(load: Execute, seed: int) -> None:
    """Make the tables country, town, naming, stem, trade, item, staff, rep and what they need."""
    _countries(load, seed)
    _towns(load)
    _companies(load)
    _catalogue(load)
    _staff(load)


def _countries(load: Execute, seed: int) -> None:
    countries = toml("places")["country"]
    pattern = [code for code in COUNTRIES for _ in range(countries[code]["share"])]
    random.Random(seed).shuffle(pattern)
    slots = [(slot, code, pattern[:slot].count(code)) for slot, code in enumerate(pattern)]
    table(load, "country_slot", "slot INTEGER, country VARCHAR, position INTEGER", slots)
    keys = ("name", "own", "share", "currency", "rate", "lang", "dial", "vat", "forms")
    table(
        load,
        "country",
        "code VARCHAR, name VARCHAR, own VARCHAR, share INTEGER, currency VARCHAR, "
        "rate DOUBLE, lang VARCHAR, dial VARCHAR, vat DOUBLE, forms VARCHAR[]",
        [(code, *(country[key] for key in keys)) for code, country in countries.items()],
    )


def _towns(load: Execute) -> None:
    rows: list[Row] = []
    for line in toml("places")["town"]["rows"]:
        country, town, region, territory, area, weight, codes = split(line, 7)
        postcodes = str(codes).split("|" if "|" in str(codes) else " ")
        rows += [(country, town, region, territory, area, postcodes)] * int(str(weight))
    picks(
        load,
        "town",
        "country VARCHAR, town VARCHAR, region VARCHAR, territory VARCHAR, "
        "area VARCHAR, postcodes VARCHAR[]",
        rows,
        "country",
    )


def _companies(load: Execute) -> None:
    companies = toml("companies")
    stems = {code: _stems(companies[code]) for code in COUNTRIES}
    rows = [(code, n, stem) for code in COUNTRIES for n, stem in enumerate(stems[code])]
    table(load, "stem", "country VARCHAR, n INTEGER, text VARCHAR", rows, "country, n")
    trades = [
        (code, kind, n, *split(line, 2))
        for code in COUNTRIES
        for kind in ("trade", "supply")
        for n, line in enumerate(companies[kind][code])
    ]
    columns = "country VARCHAR, kind VARCHAR, n INTEGER, text VARCHAR, industry VARCHAR"
    table(load, "trade", columns, trades, "country, kind, n")
    sizes = [
        (code, len(stems[code]), len(companies["trade"][code]), len(companies["supply"][code]))
        for code in COUNTRIES
    ]
    columns = "country VARCHAR, stems INTEGER, trades INTEGER, supplies INTEGER, hop BIGINT"
    table(load, "naming", columns, [(*size, _hop(size[1] * size[2])) for size in sizes])


def _stems(words: dict[str, str]) -> list[str]:
    """Names without a trade: compounds, surnames and pairs of surnames, in a fixed mixed order."""
    fronts, backs, surnames, avoid = (
        words[key].split() for key in ("front", "back", "surname", "avoid")
    )
    made = [
        front + back
        for front in fronts
        for back in backs
        if front[-1].lower() != back[0] and front.lower() != back
    ]
    made += surnames
    made += [a + words["joint"] + b for a in surnames for b in surnames if a < b]
    made = [name for name in dict.fromkeys(made) if name not in avoid]
    random.Random(7).shuffle(made)
    return made


def _hop(size: int) -> int:
    """A step that visits all of `size` places, neighbours far apart: about the golden section."""
    step = int(size * 0.6180339887498949)
    while math.gcd(step, size) > 1:
        step += 1
    return step


def _catalogue(load: Execute) -> None:
    families = toml("catalogue")["family"]
    groups = list(dict.fromkeys(f["group"] for f in families if f["group"] != "any"))
    rows = [
        (lang, group, kind, *item)
        for lang in LANGUAGES
        for group in groups
        for kind in ("main", "extra", "service", "agreement")
        for f in families
        if f["kind"] == kind and f["group"] in (group, "any")
        for item in _items(f, lang)
    ]
    picks(
        load,
        "item",
        "lang VARCHAR, family VARCHAR, kind VARCHAR, number VARCHAR, name VARCHAR, "
        "thing VARCHAR, the_thing VARCHAR, price DOUBLE, cost DOUBLE, hours BOOLEAN",
        rows,
        "lang, family, kind",
        256,
    )
    load.execute("""CREATE OR REPLACE TEMP TABLE main_item AS
        SELECT hash(lang, name) AS key, number, name, price, cost
        FROM item_list WHERE kind = 'main'""")


def _items(family: dict[str, Any], lang: str) -> list[Row]:
    """The sizes of an article."""
    name, thing, the_thing = family[lang]
    joint = "" if family["code"].endswith("-") else "-"
    return [
        (
            f"{family['code']}{joint}{size}",
            name.format(size=size),
            thing,
            the_thing,
            family["price"] * family["step"] ** n,
            family["cost"],
            family.get("hours", False),
        )
        for n, size in enumerate(family["sizes"])
    ]


def _staff(load: Execute) -> None:
    words = toml("users")
    people = [(n, *split(line, 7)) for n, line in enumerate(words["users"], 1)]
    table(
        load,
        "staff",
        "id BIGINT, name VARCHAR, initials VARCHAR, title VARCHAR, team VARCHAR, "
        "countries VARCHAR, access_level VARCHAR, language VARCHAR, domain VARCHAR",
        [(*person, words["domain"]) for person in people],
    )
    rows = [
        (team, code, person[0])
        for team in TEAMS
        for code in COUNTRIES
        for person in people
        if person[4] == team and code in str(person[5]).split()
    ]
    picks(load, "rep", "team VARCHAR, country VARCHAR, user_id BIGINT", rows, "team, country", 64)
