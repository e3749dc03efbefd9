"""How values are shown."""

import pytest

from crmpanel.entities import REGISTRY
from crmpanel.locale.formats import Formats
from crmpanel.views.cells import Display


@pytest.fixture
def display(desk):
    return Display(desk, Formats("en_GB"), None)


@pytest.mark.card("S10")
@pytest.mark.parametrize(
    ("entity", "field", "value", "shown"),
    [
        ("activity", "date", "2026-02-03 10:30:00", "3 Feb 2026, 10:30"),
        ("quotation", "date", "2026-02-03", "3 Feb 2026"),
        ("activity", "responsible_id", "1", "Kari Nordmann"),
        ("activity", "responsible_id", "Somebody who left", "Somebody who left"),
        ("document", "public", "true", "Yes"),
        ("document", "public", "maybe", "maybe"),
        ("activity", "date", "soon", "soon"),
        ("gone", "gone", "<b>", "<b>"),
    ],
)
def test_the_log_shows_a_value_as_its_field_does(display, entity, field, value, shown):
    row = {"entity": entity, "field": field, "new_value": value}
    assert display.text(REGISTRY["change"], "new_value", row) == shown


@pytest.mark.parametrize(
    ("action", "shown"),
    [("insert", "created"), ("update", "changed"), ("delete", "deleted"), ("merged", "merged")],
)
def test_the_log_says_in_words_what_happened(display, action, shown):
    assert display.text(REGISTRY["change"], "action", {"action": action}) == shown


@pytest.mark.parametrize(
    ("value", "text", "href"),
    [
        ("https://www.nordlys.example/", "www.nordlys.example", "https://www.nordlys.example/"),
        ("https://x.no/a/b", "x.no/a/b", "https://x.no/a/b"),
        ("http://x.no", "http://x.no", "http://x.no"),  # that it is not encrypted is worth seeing
        (" www.x.no", "www.x.no", "https://www.x.no"),
    ],
)
def test_a_website_is_shown_as_people_read_it_and_leads_to_its_address(display, value, text, href):
    cell = display.cell(REGISTRY["organisation"], "website", {"website": value})
    assert (cell["text"], cell["href"], cell["external"]) == (text, href, True)
    # Whole where values are compared, and where it is copied.
    whole = display.text(REGISTRY["organisation"], "website", {"website": value})
    assert whole == cell["whole"] == value.strip()


def test_what_is_no_website_is_shown_as_it_is(display):
    for value in ("javascript:alert(1)", "https://", "none"):
        cell = display.cell(REGISTRY["organisation"], "website", {"website": value})
        assert cell == value or cell["text"] == value
