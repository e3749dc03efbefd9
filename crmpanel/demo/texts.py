"""Texts by language: single phrases, and scenarios whose texts belong together.

They are in `data/<language>.toml`, with slots in braces that the SQL fills (`sql/macros.sql`)::

    {first} {name}            the contact: first name, full name       {name2}  a colleague there
    {me} {colleague}          the seller's user, and one from service
    {thing} {the_thing}       the equipment, indefinite and definite: "heat pump", "the heat pump"
    {place} {city} {org}      a room of theirs, their town, the short name of the organisation
    {number} {quote}          number and description of the quotation, where there is one
    {day} {week} {month}      soon after the record's date
    {lastmonth} {month_now} {year}
    {n} {pct} {amount}        a few, a percentage, a sum of money

A capital (``{Thing}``) begins a sentence. A text is added in all languages; the tests compare them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crmpanel.demo.words import COUNTRIES, LANGUAGES, Execute, Row, picks, split, table, toml

#: Topics of activities -> the groups of scenarios that fit.
ACTIVITIES = {
    "equipment": ("quotation", "equipment"),
    "parts": ("quotation", "parts"),
    "agreement": ("quotation", "agreement"),
    "customer": ("customer",),
    "prospect": ("prospect",),
    "other": ("other",),
}
_PLAIN = ("Data sheet", "Drawing", "Minutes", "Certificate")
_BOUGHT = (*_PLAIN, "Photo", "Contract", "Service report", "Invoice")
#: Topics of documents -> the kinds that fit, before a quotation, after it and once one is won.
DOCUMENTS = {
    "customer": _BOUGHT,
    "customer.quoted": (*_BOUGHT, "Quotation"),
    "customer.won": (*_BOUGHT, "Quotation", "Order confirmation"),
    "prospect": (*_PLAIN, "Photo"),
    "prospect.quoted": (*_PLAIN, "Photo", "Quotation"),
    "other": (*_PLAIN, "Contract", "Invoice"),
    "other.quoted": (*_PLAIN, "Contract", "Invoice", "Quotation"),
    "other.won": (*_PLAIN, "Contract", "Invoice", "Quotation", "Order confirmation"),
}


def load_texts(load: Execute) -> None:
    """Make the tables phrase, act, act_note, meet, meet_text, thread and mail."""
    picks(
        load,
        "phrase",
        "kind VARCHAR, lang VARCHAR, a VARCHAR, b VARCHAR, c VARCHAR, d VARCHAR",
        [(kind, lang, *split(line, 4)) for kind, lang, lines in _phrases() for line in lines],
        "kind, lang",
    )
    picks(
        load,
        "act",
        "lang VARCHAR, topic VARCHAR, n INTEGER, type VARCHAR, action VARCHAR, subject VARCHAR",
        _each(_acts),
        "lang, topic",
    )
    picks(
        load,
        "act_note",
        "lang VARCHAR, n INTEGER, state VARCHAR, note VARCHAR",
        _each(lambda words: _about(words["activity"], "done", "plan")),
        "lang, n, state",
        64,
    )
    picks(
        load,
        "meet",
        "lang VARCHAR, topic VARCHAR, n INTEGER, subject VARCHAR",
        _each(_meets),
        "lang, topic",
    )
    picks(
        load,
        "meet_text",
        "lang VARCHAR, n INTEGER, kind VARCHAR, text VARCHAR",
        _each(lambda words: _about(words["meeting"], "done", "plan", "locations")),
        "lang, n, kind",
        64,
    )
    picks(
        load,
        "thread",
        "lang VARCHAR, topic VARCHAR, n INTEGER, subject VARCHAR, mails INTEGER",
        _each(_threads),
        "lang, topic",
    )
    table(
        load,
        "mail",
        "lang VARCHAR, n INTEGER, step INTEGER, way VARCHAR, body VARCHAR",
        _each(_mails),
    )


def _each(rows_of: Any) -> list[Row]:
    """The rows of every language, each prefixed by it."""
    return [(lang, *row) for lang in LANGUAGES for row in rows_of(toml(lang))]


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
        yield "ticket", lang, words["ticket"]["rows"]
        yield "person.comments", lang, words["person"]["comments"]
        yield "email.wrote", lang, [words["email"]["wrote"]]
        for kind in ("alerts", "comments"):
            yield f"organisation.{kind}", lang, words["organisation"][kind]
        for kind in ("greetings", "greetings_in", "closings", "mass"):
            yield f"email.{kind}", lang, words["email"][kind]
        for topic, kinds in DOCUMENTS.items():
            rows = words["document"]["rows"]
            yield f"document.{topic}", lang, [row for row in rows if row.split(" | ")[0] in kinds]
        quotation = words["quotation"]
        for kind in ("New equipment", "Spare parts", "Service agreement", "Upgrade", "notes"):
            yield f"quotation.{kind}", lang, quotation[kind]
        yield "quotation.notes_known", lang, quotation["notes"] + quotation["notes_known"]


def _acts(words: dict[str, Any]) -> Iterable[Row]:
    """Subjects of activities by topic; a planned one is never a complaint."""
    for topic, groups in ACTIVITIES.items():
        lines = [
            (n, act["type"], act["action"], subject)
            for n, act in enumerate(words["activity"])
            if act["group"] in groups
            for subject in act["subjects"]
        ]
        yield from ((topic, *line) for line in lines)
        yield from ((f"{topic}.plan", *line) for line in lines if line[2] != "Complaint")


def _meets(words: dict[str, Any]) -> Iterable[Row]:
    for n, meeting in enumerate(words["meeting"]):
        yield from ((meeting["group"], n, subject) for subject in meeting["subjects"])


def _threads(words: dict[str, Any]) -> Iterable[Row]:
    for n, thread in enumerate(words["email"]["thread"]):
        yield thread["group"], n, thread["subject"], len(thread["mails"])


def _mails(words: dict[str, Any]) -> Iterable[Row]:
    for n, thread in enumerate(words["email"]["thread"]):
        yield from ((n, step, *mail.split(": ", 1)) for step, mail in enumerate(thread["mails"]))


def _about(scenarios: list[dict[str, Any]], *kinds: str) -> Iterable[Row]:
    """What is written about each scenario, by kind of text."""
    for n, scenario in enumerate(scenarios):
        for kind in kinds:
            yield from ((n, kind, text) for text in scenario[kind])
