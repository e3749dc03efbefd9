"""The message catalogue lists every user-facing text, and a translation is used."""

from __future__ import annotations

import datetime as dt
import runpy
from pathlib import Path

import pytest

from crmpanel import locale
from crmpanel.locale import _, ngettext
from crmpanel.locale.formats import Formats, negotiate

ROOT = Path(__file__).parents[2]


def test_the_catalogue_lists_every_text() -> None:
    tool = runpy.run_path(str(ROOT / "docs" / "make_messages.py"))
    current = (ROOT / "crmpanel" / "locale" / "crmpanel.pot").read_text("utf-8")
    assert tool["catalogue"]() == current, "run: python docs/make_messages.py"


def test_texts_of_code_declarations_script_and_page_are_in_it() -> None:
    current = (ROOT / "crmpanel" / "locale" / "crmpanel.pot").read_text("utf-8")
    for text in ("Clear filters", "Next follow-up", "Sort by {column}", "Skip to content"):
        assert f'msgid "{text}"' in current


def test_slots_and_plurals() -> None:
    assert _("{shown} of {total}", shown=1, total=3) == "1 of 3"
    assert ngettext("{n} record", "{n} records", 1) == "1 record"
    assert ngettext("{n} record", "{n} records", 2, n="2") == "2 records"


def test_a_translation_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    from babel.messages.catalog import Catalog

    norwegian = Catalog(locale="nb")
    norwegian.add("Clear filters", "Fjern filtre")
    monkeypatch.setattr(locale, "_catalogue", lambda language: norwegian)
    assert _("Clear filters") == "Fjern filtre"
    assert _("Not translated") == "Not translated"
    assert locale.messages("nb-NO") == {"Clear filters": "Fjern filtre"}


@pytest.mark.parametrize(
    ("header", "expected"),
    [("nn;q=0.5, nb-NO, en;q=0.3", "nb_NO"), ("", "en_GB"), (None, "en_GB"), ("xx-YY", "en_GB"),
     ("en-US,en;q=0.9", "en_US"), ("*;q=x,,;;", "en_GB")],
)  # fmt: skip
def test_the_language_of_a_browser(header: str | None, expected: str) -> None:
    assert negotiate(header) == expected


def test_formats_of_two_languages() -> None:
    english, norwegian = Formats("en_GB"), Formats("nb-NO")
    moment = dt.datetime(2026, 11, 23, 14, 5)
    assert english.datetime(moment) == "23 Nov 2026, 14:05"
    assert english.datetime(dt.datetime(2026, 11, 23)) == english.date(moment.date())
    assert english.compact_money(1_234_567, "NOK") == "NOK\u00a01.2M"
    assert norwegian.money(1234.5, "NOK").replace("\u00a0", " ") == "1 234,50 kr"
    assert english.money(1234.5, None) == "1,234.50"
    assert english.money(1, "<b>") == "1.00 <b>"
    assert english.percent(25) == "25%"
    assert [english.size(n) for n in (7, 12_345, 3_000_000)] == ["7 B", "12.3 kB", "3 MB"]
    assert Formats("no such language").tag == "en-GB"
