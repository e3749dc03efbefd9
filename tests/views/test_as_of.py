"""A card as it was: its address, what it shows, that nothing can be changed. No browser."""

import asyncio
import datetime as dt
import threading

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.links import Links, Place
from crmpanel.controllers.mine import Mine
from crmpanel.controllers.past import moment_of
from crmpanel.controllers.saved_lists import SavedLists
from crmpanel.errors import InputError, NotFound, StoreError
from crmpanel.locale.formats import Formats
from crmpanel.model.changeset import Changeset, Create, Update
from crmpanel.query.query import Query
from crmpanel.store import past as store_past
from crmpanel.views.app import App
from crmpanel.views.cells import Display
from crmpanel.workspace import Workspace

DAY = dt.timedelta(days=1)


@pytest.fixture
def display(database):
    return Display(Desk(database, "kn"), Formats(), Links())


@pytest.fixture
def yesterday(database):
    """The day before everything was renamed, as far as the log tells."""
    for part in (
        Update("organisation", 1, {"name": "Sydlys AS"}),
        Update("person", 1, {"name": "Kari Viken"}),
        Create("activity", {"subject": "Later", "organisation_id": 1}),
    ):
        database.apply(Changeset((part,), user=1))
    return str(dt.date.today() - DAY)


@pytest.fixture
def app(display, yesterday):
    return App(display, f"/organisation/1?as_of={yesterday}")


def state(database):
    return database.scalar(Query("SELECT max(id) FROM changeset"))


def test_the_whole_card_is_as_it_was(app, yesterday):
    card = app._page
    assert card.card.title == card._heading.component.title == "Nordlys AS"
    assert card._past.bar.past
    assert "As it was on" in card._past.bar.title
    assert app.router.url == f"/organisation/1?as_of={yesterday}"
    assert all(tab["href"].endswith(f"as_of={yesterday}") for tab in card._bar.tabs)
    before = card.card.counts()["activities"]
    card._past.refresh()
    app.go(card._past.bar.present)
    assert app._page.card.title == "Sydlys AS"
    assert not app._page._past.bar.past
    assert app._page.card.counts()["activities"] == before + 1


def test_steps_lead_from_change_to_change(app):
    seen = []
    for label in ("Later change", "Earlier change"):
        [step] = [s for s in app._page._past.bar.steps if s["label"] == label]
        app.go(step["href"])
        seen.append(app._page.card.title)
    assert seen == ["Sydlys AS", "Nordlys AS"]
    [step] = [s for s in app._page._past.bar.steps if s["label"] == "Earlier change"]
    app.go(step["href"])
    assert app.router.url.endswith("T09:59:59")  # the second before a change of the test data


@pytest.mark.hardening(32)
def test_nothing_can_be_changed(app, database):
    card, before = app._page, state(database)
    card.tab = "activities"
    records = card.activities
    assert [item["name"] for item in card._heading.component.actions] == ["link"]
    assert [tool["name"] for tool in card._heading.component.tools] == ["as_of"]
    assert not records._table.tickable
    assert not records._summary.create
    assert not records._cells.inputs
    fields = [f for panel in card._fields._panels(False) for f in panel["fields"]]
    assert not [f for f in fields if f.get("edit") or f.get("kind")]
    # What a forged message asks for is refused as well.
    forged = {"type": "save", "values": {"name": "x"}, "mine": ["name"]}
    asyncio.run(card._fields._handle(forged))
    id = next(iter(records._shown))
    asyncio.run(records._cells._handle({"type": "edit", "id": id, "column": "subject"}))
    for name in ("copy", "merge", "delete"):
        asyncio.run(card._actions.choose({"type": "action", "name": name}))
        assert not card._actions.dialog.question.get("parts")
    records._ticking._handle({"type": "tick", "ids": [id], "on": True})
    records._ticking._handle({"type": "mass"})
    records._summary_event({"type": "create"})
    log = card.card.list("log")
    asyncio.run(log._log.act({"name": "undo", "group": "1"}, {1: {"changeset": 1}}))
    assert state(database) == before


@pytest.mark.hardening(22)
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("rubbish", "neither a date nor a time"),
        ("", "neither a date nor a time"),
        ("%00", "neither a date nor a time"),
        ("9999-01-01", "has not come yet"),
        ("<img src=x>", "neither a date nor a time"),
    ],
)
def test_a_moment_that_is_none_is_told_and_ignored(display, given, said):
    app = App(display, f"/organisation/1?as_of={given}")
    assert said in app.message.items[0]["text"]
    assert app.router.url == "/organisation/1"
    assert not app._page._past.bar.past


def test_what_was_not_there_yet_is_told(display, database, yesterday):
    made = database.apply(Changeset((Create("organisation", {"name": "Young"}),)))
    id = made.events[0].ids[0]
    app = App(display, f"/organisation/{id}?as_of={yesterday}&tab=log")
    [told] = app.message.items
    date, today = display.formats.date, dt.date.today()
    assert told["title"] == f"Young was not there yet on {date(today - DAY)}."
    assert told["text"] == f"It is there since {date(today)}."
    assert told["action"] == f"Show it on {date(today)}"
    assert app._page.card.title == "Young"
    app.go(told["href"])
    assert not app.message.items
    assert app._page.card.title == "Young" and app._page.tab == "log" and app._page._past.bar.past


def test_a_report_as_it_was(app, display, yesterday):
    card = app._page
    card.tab = "activities"
    card.activities.__panel__()
    [href] = [i["href"] for i in card.activities._summary.links if i["name"] == "report"]
    assert f"as_of={yesterday}" in href
    then = card.activities.count()
    app.go(href)
    assert app._page.report.records.count() == then
    assert app.router.url.endswith(f"as_of={yesterday}")


# -- outside the event loop ----------------------------------------------------------------------


@pytest.fixture
def rolled_back(monkeypatch):
    """The threads in which something is rolled back."""
    threads = []
    for name in ("roll_back", "roll_back_entities"):
        work = getattr(store_past, name)

        def seen(*args, work=work, **options):
            threads.append(threading.current_thread())
            return work(*args, **options)

        monkeypatch.setattr(store_past, name, seen)
    return threads


@pytest.mark.parametrize("scope", ["", "&organisation_id=1"])
def test_a_report_is_rolled_back_outside_the_event_loop(display, yesterday, rolled_back, scope):
    app = App(display, "/organisations")
    url = f"/report/activities?as_of={yesterday}{scope}&status=Planned"
    asyncio.run(app._navigate({"url": url}))
    count = app._page.report.records.count()
    assert count == sum(row["records"] for row in app._page.report.rows()) > 0
    assert rolled_back and threading.main_thread() not in rolled_back


def test_what_was_not_there_is_looked_for_once(display, database, yesterday, rolled_back):
    made = database.apply(Changeset((Create("organisation", {"name": "Young"}),)))
    app = App(display, "/organisations")
    url = f"/organisation/{made.events[0].ids[0]}?as_of={yesterday}"
    asyncio.run(app._navigate({"url": url}))
    assert "Young was not there yet on" in app.message.items[0]["title"]
    assert app._page.card.title == "Young"
    assert threading.main_thread() not in rolled_back


def test_moments(display, database, yesterday):
    desk = display.desk
    last = state(database)
    assert moment_of(desk, last).changeset == last
    today = moment_of(desk, dt.date.today())
    assert today.at <= dt.datetime.now()
    assert today.changeset == last
    with pytest.raises(NotFound, match="no changeset"):
        moment_of(desk, last + 1)
    with pytest.raises(InputError, match="has not come yet"):
        moment_of(desk, dt.date.today() + DAY)


# -- in a notebook -----------------------------------------------------------------------------


@pytest.fixture
def ws(database, yesterday):
    return Workspace(database, viewer="kn")


def test_a_workspace_as_of(ws, yesterday, database):
    past = ws.as_of(yesterday)
    assert repr(past) == f"<Workspace on crm.duckdb as of {yesterday}>"
    card = past.organisation("Nordlys AS")
    assert card.record["name"] == "Nordlys AS"
    assert card.persons.df()["name"].tolist().count("Kari Viken") == 0
    assert past.list("activities").count() == ws.list("activities").count() - 1
    with pytest.raises(NotFound):
        past.organisation("Sydlys AS")
    first = past.as_of(state(database) - 2)
    assert first.organisation(1).record["name"] == "Sydlys AS"
    assert first.card("person", 1).record["name"] != "Kari Viken"
    past.close()
    assert ws.organisation(1).record["name"] == "Sydlys AS"
    assert repr(past).endswith("closed>")


def test_a_workspace_of_the_past_is_not_served_but_says_how(ws, yesterday):
    past = ws.as_of(yesterday)
    for show in (past.serve, past.servable):
        with pytest.raises(StoreError, match="each of its cards has a clock"):
            show()


@pytest.mark.parametrize(
    "change",
    [
        lambda ws, card: setattr(card, "favourite", True),
        lambda ws, card: ws.organisation(3).subscribe(),
        lambda ws, card: card.unsubscribe(),
        lambda ws, card: SavedLists(ws.desk).save("Mine", Place("list", "activities")),
        lambda ws, card: Mine(ws.desk).visit("organisation", 1),
        lambda ws, card: ws.desk.prefer("a", "1"),
    ],
)
def test_personal_state_cannot_be_written_from_the_past(ws, yesterday, change, database):
    """What the past reads as the newest changeset is not what is the newest now."""
    ws.organisation(1).subscribe()
    past, writes = ws.as_of(yesterday), database.writes
    with pytest.raises(StoreError, match="The past cannot be changed"):
        change(past, past.organisation(1))
    assert database.writes == writes
    assert ws.organisation(1).subscribed


def test_lists_of_the_past_keep_no_columns_and_are_not_saved(app, database):
    card = app._page
    card.tab = "activities"
    records, writes = card.card.list("activities"), database.writes
    records.columns = ["subject"]
    records.keep_columns()
    records._saving.open()
    assert (records._saving.link(), records._saving.dialog) == ([], None)
    assert database.writes == writes


def test_history_and_changes_of_a_card(ws, yesterday):
    card = ws.organisation(1)
    told = card.history("name")
    assert list(told.columns) == ["when", "who", "from", "to", "changeset"]
    assert told[["from", "to"]].to_numpy().tolist() == [["Nordlys AS", "Sydlys AS"]]
    assert told["who"].notna().all()
    changed = card.changed_since(dt.date.today())
    assert changed[["entity", "action"]].to_numpy().tolist() == [
        ["organisation", "update"],
        ["person", "update"],
        ["activity", "insert"],
    ]
    assert card.changed_since(int(told["changeset"][0]))["entity"].tolist() == [
        "person",
        "activity",
    ]
    assert ws.card("person", 1).changed_since(yesterday)["field"].tolist() == ["name"]
    assert card.changed_since("2999-01-01").empty
