"""Two people at work at the same time: what one saves, the other sees."""

from pathlib import Path

import pytest
from serving import eventually, run_script
from test_editing import Form


@pytest.fixture(scope="module")
def site(serve, make_world):
    """A server on a database of our own: what is changed here is counted elsewhere."""
    script = Path(__file__).with_name("world.sql").read_text()
    return serve(make_world("live", lambda database: run_script(database, script)))


@pytest.mark.card("S5", "S10")
def test_what_one_saves_the_other_sees_at_once(visit, site):
    """Hardening 47 and 48: different fields are merged, the same field asks."""
    mine, theirs = (
        Form(visit(site=site), "/organisation/1"),
        Form(visit(site=site), "/organisation/1"),
    )
    mine.enter("City", "Narvik")
    theirs.enter("Division", "Nordlig").enter("Website", "https://nordlys.example").save(2)
    mine.shows(Division="Nordlig")
    assert mine.input("City").input_value() == "Narvik"
    assert eventually(lambda: "Nordlig" in mine.page.locator("header.head .subtitle").inner_text())
    mine.save(1)
    theirs.shows(City="Narvik", Division="Nordlig")
    mine.enter("City", "Voss")
    theirs.enter("City", "Alta").save(1)
    mine.press("Save")
    mine.page.locator(".grid .conflict").wait_for()
    assert "Alta" in mine.page.locator(".grid .conflict").inner_text()


def test_a_field_that_is_open_stays_open(visit, site):
    """What others save must not close a field under the hands of one who is about to type."""
    mine, theirs = (
        Form(visit(site=site), "/organisation/1"),
        Form(visit(site=site), "/organisation/1"),
    )
    mine.row("Address").get_by_role("button", name="Edit Address", exact=True).click()
    theirs.enter("Postcode", "8514").save(1)
    mine.shows(Postcode="8514")
    assert mine.input("Address").is_visible()
    assert mine.input("Address").evaluate("it => it === it.getRootNode().activeElement")
