"""A live source on screen: what it shows, and that nothing is offered that would change it."""

from pathlib import Path

import pytest

import crmpanel
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.links import Links
from crmpanel.errors import InputError, StoreError
from crmpanel.importing.attaching import attach
from crmpanel.locale.formats import Formats
from crmpanel.store import Live
from crmpanel.views.app import App
from crmpanel.views.cells import Display
from crmpanel.views.components import CardHeader
from crmpanel.views.list_words import empty_words
from crmpanel.workspace import Workspace

SMALL = Path(__file__).parents[1] / "importing" / "data" / "small"


@pytest.fixture(scope="module")
def live():
    with attach(SMALL) as attached:
        yield attached


@pytest.fixture
def display(live):
    return Display(Desk(live, "kn"), Formats(), Links())


@pytest.fixture
def app(display):
    def visit(url):
        return App(display, url)

    return visit


@pytest.fixture
def workspace(live):
    return Workspace(live, "kn")


@pytest.fixture
def card(workspace):
    shown = workspace.organisation("Fjord AS")
    shown.__panel__()
    return shown


@pytest.fixture
def record(card):
    return f"/organisation/{card.id}"


def texts(component):
    return [chip["text"] for chip in component.chips]


def head(page):
    """The head of a page."""
    [found] = page.main.select(CardHeader)
    return found


def test_the_app_bar_has_nothing_of_ones_own(app):
    assert set(app("/organisations").roots) == {"lists", "search", "router", "main"}


def test_of_a_live_source_there_is_neither_a_log_nor_a_page_of_deleted_records(app):
    [records] = app("/organisations").lists.component.groups
    assert {"organisations", "persons"} < {item["name"] for item in records}


def test_each_page_says_that_it_is_live(app, card):
    assert texts(card._heading.component)[-1] == "Live, read only"
    assert texts(head(app("/activities"))) == ["Live, read only"]


def test_a_card_offers_nothing_that_writes(card):
    assert isinstance(card.card.desk.database, Live)
    assert card._heading.component.actions == []
    card._tools.show(card._tools.read())
    assert card._heading.component.tools == []
    assert card._fields.editing.editable == {}
    records = card.activities
    records.__panel__()
    assert not records._creating.label
    assert not records._table.tickable


def test_in_the_app_a_card_has_its_address_only(app, record):
    page = app("/organisations")
    page.go(record)
    actions = [item["name"] for item in page._page._heading.component.actions]
    assert actions == ["link"]


@pytest.mark.parametrize("place", ["import", "deleted", "unsubscribe"])
def test_pages_that_change_something_say_why_they_do_not(app, place):
    page = app(f"/{place}")
    assert "cannot be changed here" in head(page).title
    assert "crmpanel import" in head(page).subtitle


def test_the_log_says_why_it_is_empty(card):
    assert card.log.count() == 0
    assert empty_words(card.log, None)["title"] == "A live source has no log"


def test_there_is_no_past(app, workspace, record):
    with pytest.raises(InputError, match="has no past"):
        workspace.as_of("2026-01-01")
    page = app("/organisations")
    page.go(f"{record}?as_of=2026-01-01")
    assert "has no past" in page.message.items[0]["text"]
    assert page._page.card.title == "Fjord AS"


def test_what_is_written_from_python_is_refused(workspace, card):
    def change():
        with workspace.changes() as changes:
            changes.set(card, name="Other")

    def star():
        card.favourite = True

    for write in (
        change,
        star,
        card.subscribe,
        lambda: workspace.create("organisation", name="New"),
        lambda: workspace.delete(card),
        lambda: workspace.undo(1),
        lambda: workspace.import_(SMALL),
    ):
        with pytest.raises(StoreError, match=r"cannot be changed here.*crmpanel import"):
            write()


def test_what_is_ones_own_is_empty(workspace, card):
    assert workspace.favourites().empty
    assert workspace.notifications().empty
    assert workspace.recycled().empty
    assert not card.favourite
    assert not card.subscribed


def test_connecting():
    with crmpanel.connect(attach=SMALL, mapping="salesforce", viewer="kn") as workspace:
        assert "<Workspace on small, live:" in repr(workspace)
        card = workspace.organisation("001000000000001AAA")
        assert card.card.title == "Fjord AS"
        assert card.persons.df()["name"].tolist() == ["Kari Dahl"]
        assert card.persons.count() == 1
    with pytest.raises(StoreError, match="closed"):
        card.persons.count()
