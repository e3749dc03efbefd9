"""A live source in a browser: read where it lies, nothing to change, never a traceback."""

import shutil
from pathlib import Path

import pytest
from serving import Server, eventually

SMALL = Path(__file__).parents[1] / "importing" / "data" / "small"


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(SMALL, tmp_path / "exported")


@pytest.fixture
def screen(visit, folder, tmp_path):
    server = Server(tmp_path / "served", what=("--attach", folder))
    yield visit(site=server)
    server.stop()
    assert "Traceback" not in server.log


def names(screen, expected):
    """Whether the list comes to have these names."""
    return eventually(lambda: [row[0] for row in screen.cells()] == expected)


def test_a_card_of_files_that_change(screen, folder):
    page = screen.page
    screen.open("/")
    page.get_by_role("link", name="Fjord AS", exact=True).click()
    page.get_by_role("heading", name="Fjord AS", level=1).wait_for()
    page.get_by_text("Live, read only").wait_for()
    for label in ("New", "Save", "Favourites", "Notifications", "As of an earlier day"):
        assert not page.get_by_role("button", name=label, exact=True).count(), label
    page.locator("nav [data-tab=persons]").click()
    assert names(screen, ["Kari Dahl"])
    assert not page.get_by_role("button", name="New person").count()
    assert not page.locator("tbody input[type=checkbox]").count()

    file = folder / "Contact.csv"
    whole = file.read_bytes()
    file.write_bytes(whole + b"003000000000009AAA,001000000000001AAA,Ola,Holm,,,,,\n")
    page.reload()
    screen.ready()
    assert names(screen, ["Kari Dahl", "Ola Holm"])

    file.unlink()
    page.reload()
    page.get_by_text("Contact.csv is not there any more").first.wait_for()
    file.write_bytes(whole)
    page.reload()
    screen.ready()
    assert names(screen, ["Kari Dahl"])
