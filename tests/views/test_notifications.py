"""Star, bell, the menus of the app bar, and what is new on a card. No browser."""

import asyncio
import datetime as dt
import threading

import pytest

from crmpanel.controllers.deleting import delete
from crmpanel.controllers.delivering import Delivering
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.links import Links, Place
from crmpanel.controllers.merging import Merging
from crmpanel.controllers.mine import Mine
from crmpanel.controllers.notifications import Notifications
from crmpanel.controllers.saved_lists import SavedLists
from crmpanel.locale.formats import Formats
from crmpanel.model.changeset import Changeset, Create, Delete, Update
from crmpanel.views.cells import Display
from crmpanel.views.favourites import Favourites
from crmpanel.views.notifications import NotificationsView
from crmpanel.views.record_card import RecordCardView


@pytest.fixture
def display(database):
    display = Display(Desk(database, "kn"), Formats(), Links())
    display.notices.place()
    return display


@pytest.fixture
def card(display):
    card = RecordCardView.of(display, "organisation", 1)
    card.__panel__()
    return card


def run(component, **event):
    for heard in component._listeners:
        asyncio.run(heard(event))


def press(card, name, **event):
    asyncio.run(card._tools._act({"type": "tool", "name": name, **event}))


def tools(card):
    return {tool["name"]: tool.get("pressed") for tool in card._heading.component.tools}


def write(database, *parts, user=2):
    return database.apply(Changeset(parts, user=user))


@pytest.mark.card("S2")
def test_the_star_and_the_menu_follow_each_other(card, display):
    menu = Favourites(display)
    assert tools(card)["favourite"] is False
    press(card, "favourite", choice=True)
    assert tools(card)["favourite"] is True
    run(menu.component, type="open")
    favourites, _lists, recent = menu.component.groups
    (item,) = favourites["items"]
    assert (item["text"], item["href"]) == ("Nordlys AS", "/organisation/1")
    assert recent["items"] == []
    run(menu.component, type="act", key=item["key"], name="unstar")
    assert menu.component.groups[0]["items"] == []
    assert not Mine(display.desk).is_favourite("organisation", 1)


@pytest.mark.card("S2", "S3")
@pytest.mark.hardening(57)
@pytest.mark.parametrize("tool", ["favourite", "subscribe"])
def test_what_was_wanted_in_one_window_is_not_undone_in_another(tool, card, display):
    other = RecordCardView.of(display, "organisation", 1)
    other.__panel__()
    press(card, tool, choice=True)
    assert tools(other)[tool] is True
    press(other, tool, choice=True)
    assert tools(card)[tool] is True
    press(other, tool, choice=False)
    assert tools(card)[tool] is False


@pytest.mark.hardening(33)
@pytest.mark.parametrize(
    "event",
    [
        {"name": "other"},
        {"name": "favourite", "choice": "x"},
        {"name": "favourite"},
        {"name": None},
    ],
)
def test_a_forged_tool_does_nothing(card, display, event):
    asyncio.run(card._tools._act({"type": "tool", **event}))
    assert not Mine(display.desk).is_favourite("organisation", 1)


@pytest.mark.card("S3")
def test_the_bell_tells_what_others_change(card, display, database):
    centre = NotificationsView(display)
    press(card, "subscribe", choice=True)
    assert tools(card)["subscribe"] is True
    write(database, Update("organisation", 1, {"city": "Voss", "responsible_id": 2}))
    write(database, Create("activity", {"subject": "Ring", "organisation_id": 1}))
    write(database, Update("organisation", 1, {"city": "Ål"}), user=1)
    assert centre.component.unread == 2
    run(centre.component, type="open")
    created, changed = centre.component.items
    assert created["text"] == "Ola Hansen created Activity “Ring”"
    assert (created["note"], created["lines"]) == ("Nordlys AS", [])
    assert (changed["text"], changed["note"]) == ("Ola Hansen changed Nordlys AS", "")
    lines = {"label": "City", "old": "Bergen", "new": "Voss"}
    assert lines in changed["lines"]
    assert changed["href"] == "/organisation/1"
    run(centre.component, type="read", key=changed["key"])
    assert centre.component.unread == 1
    run(centre.component, type="read_all")
    assert centre.component.unread == 0
    assert not any(item["unread"] for item in centre.component.items)
    press(card, "subscribe", choice=False)
    write(database, Update("organisation", 1, {"city": "Oslo"}))
    assert centre.component.unread == 0


@pytest.mark.card("S3")
def test_what_becomes_of_a_record_itself_is_told_before_what_goes_with_it(card, display, database):
    centre = NotificationsView(display)
    press(card, "subscribe", choice=True)
    desk = display.desk.working_as(2)
    delete(desk, "organisation", 1)
    run(centre.component, type="open")
    assert centre.component.items[0]["text"] == "Ola Hansen deleted Nordlys AS and 23 other records"
    database.undo(int(centre.component.items[0]["key"]), 2)
    Merging(desk, "organisation", 2, 1).apply()
    run(centre.component, type="open")
    merged, undone, _deleted = (item["text"] for item in centre.component.items)
    assert undone == "Ola Hansen created 24 records (undo)"
    assert merged == "Ola Hansen merged Nordlys AS into another record"


def test_of_several_records_each_value_says_whose_it_is(card, display, database):
    centre = NotificationsView(display)
    press(card, "subscribe", choice=True)
    moves = [Update("activity", id, {"action": "Moved"}) for id in (1, 2)]
    write(database, *moves, Update("organisation", 1, {"city": "Voss"}))
    run(centre.component, type="open")
    (item,) = centre.component.items
    assert item["text"] == "Ola Hansen changed 3 records"
    assert [line["label"] for line in item["lines"]] == [
        "City",
        "Call about the offer · Action",
        "Visit in Bergen · Action",
    ]


def test_settings_say_what_is_heard_of(card, display, database):
    centre = NotificationsView(display)
    press(card, "subscribe", choice=True)
    run(centre.component, type="open")
    run(centre.component, type="choose", name="activity", value=False)
    (group,) = [g for g in centre.component.settings if g["title"].startswith("Tell me")]
    assert {item["name"]: item["value"] for item in group["items"]}["activity"] is False
    for name, value in (("change", False), ("activity", "no"), (None, None)):
        run(centre.component, type="choose", name=name, value=value)
    write(database, Create("activity", {"subject": "Ring", "organisation_id": 1}))
    assert Notifications(display.desk).unread() == []


def test_settings_say_how_one_is_told_outside(card, display, database):
    centre = NotificationsView(display)

    def channels():
        return {item["name"]: item for item in centre.component.settings[0]["items"]}

    def choose(name, value):
        run(centre.component, type="choose", name=name, value=value)
        return centre.component.outcome["tone"], channels()[name]["value"]

    run(centre.component, type="open")
    assert channels()["digest"]["value"] == "never"
    assert choose("digest", "daily") == ("danger", "never"), "the user has no address"
    assert "no address" in centre.component.outcome["text"]
    write(database, Update("user", 1, {"email": "kari@nordlys.no"}))
    assert choose("digest", "daily") == ("success", "daily")
    assert "kari@nordlys.no" in channels()["digest"]["label"]
    assert choose("digest", "hourly") == ("danger", "daily")
    assert choose("webhook", "javascript:alert(1)") == ("danger", "")
    assert channels()["webhook"]["note"] == ""
    assert choose("webhook", "https://example.com/hook") == ("success", "https://example.com/hook")
    assert Delivering(display.desk).webhook_key in channels()["webhook"]["note"]
    assert centre.component.outcome["name"] == "webhook"


def test_what_is_new_in_a_saved_list_is_told(display, database):
    centre = NotificationsView(display)
    place = Place("list", "activities", args=(("status", "Planned"),))
    SavedLists(display.desk).save("Planned", place, told=True)
    write(
        database, Create("activity", {"subject": "Ring", "organisation_id": 1, "status": "Planned"})
    )
    assert centre.component.unread == 1
    run(centre.component, type="open")
    (item,) = centre.component.items
    assert item["text"] == "1 new in “Planned”"
    assert item["lines"] == [{"text": "Ring"}]
    assert item["href"] == "/activities?status=Planned"
    menu = Favourites(display)
    run(menu.component, type="open")
    (kept,) = menu.component.groups[1]["items"]
    assert [button.get("pressed") for button in kept["buttons"]] == [True, None]
    run(menu.component, type="act", key=kept["key"], name="forget")
    assert menu.component.groups[1]["items"] == []


def test_a_saved_list_that_has_grown_too_long_says_so(display, database, monkeypatch):
    centre = NotificationsView(display)
    SavedLists(display.desk).save("Planned", Place("list", "activities"), told=True)
    monkeypatch.setattr("crmpanel.controllers.saved_lists.MOST", 1)
    write(database, Create("activity", {"subject": "Ring", "organisation_id": 1}))
    run(centre.component, type="open")
    (item,) = centre.component.items
    assert item["text"].startswith("“Planned” has more than 2000 records now")
    assert (item["lines"], item["more"], item["unread"]) == ([], None, True)
    run(centre.component, type="read", key=item["key"])
    assert centre.component.unread == 0


def test_a_failing_read_ends_being_busy(display, monkeypatch):
    centre = NotificationsView(display)
    told = []
    monkeypatch.setattr(centre.notifications, "items", lambda *_: 1 / 0)
    monkeypatch.setattr(display.notices, "tell", lambda *said: told.append(said))
    run(centre.component, type="open")
    assert (centre.component.busy, told) == (False, [("Something went wrong.", "danger")])


def test_the_menu_asks_the_database_outside_the_event_loop(display, monkeypatch):
    SavedLists(display.desk).save("All", Place("list", "activities"))
    menu, asked = Favourites(display), []
    is_told = menu.lists.is_told
    where = lambda: asked.append(threading.current_thread())  # noqa: E731
    monkeypatch.setattr(menu.lists, "is_told", lambda name: where() or is_told(name))
    run(menu.component, type="open")
    run(menu.component, type="act", key="list All", name="tell", on=True)
    assert menu.lists.is_told("All") and threading.main_thread() not in asked[:1]


def test_pages_of_notifications(card, display, database):
    centre = NotificationsView(display)
    press(card, "subscribe", choice=True)
    for n in range(25):
        write(database, Update("organisation", 1, {"city": str(n)}))
    run(centre.component, type="open")
    assert (len(centre.component.items), centre.component.more) == (20, True)
    run(centre.component, type="older")
    assert (len(centre.component.items), centre.component.more) == (25, False)


# -- since my last visit -------------------------------------------------------------------------


@pytest.fixture
def later(database, now):
    """A visit to the card of organisation 1; then, days later, it is opened again."""
    Mine(Desk(database, "kn", clock=lambda: now)).visit("organisation", 1)

    def opened(entity="organisation", id=1):
        desk = Desk(database, "kn", clock=lambda: now + dt.timedelta(days=3))
        card = RecordCardView.of(Display(desk, Formats(), Links()), entity, id)
        card.__panel__()
        asyncio.run(card.visit())
        return card

    return opened


def test_what_is_new_since_the_last_visit_is_listed_and_marked(later, database):
    write(database, Update("organisation", 1, {"city": "Voss"}))
    write(database, Update("activity", 1, {"subject": "Ring nå"}))
    write(database, Update("organisation", 1, {"phone": "1"}), user=1)
    write(database, Delete("activity", 3))
    card = later()
    shown = card._since.component
    assert shown.title.startswith("Since your last visit on 3 Feb 2026, 10:30")
    assert shown.title.endswith("3 changes")
    assert [item["text"] for item in shown.items] == [
        "Ola Hansen deleted Activity “Minutes sent”",
        "Ola Hansen changed Activity “Call about the offer”",
        "Ola Hansen changed Nordlys AS",
    ]
    assert shown.href == "/organisation/1?tab=log&period=2026-02-03..2026-02-06"
    marks = {f["name"]: f["news"] for p in card._side.panels for f in p["fields"]}
    assert "was Bergen (Ola Hansen" in marks["city"]
    assert marks["phone"] is None, "one's own change is not news"
    card.tab = "activities"
    rows = {row["id"]: row["news"] for row in card.activities._table.rows}
    assert rows[1] and not rows[2]
    run(shown, type="dismiss")
    assert not shown.items
    assert not any(f["news"] for p in card._side.panels for f in p["fields"])
    assert not any(row["news"] for row in card.activities._table.rows)


def test_long_news_are_folded(later, database):
    for n in range(7):
        write(database, Update("organisation", 1, {"city": str(n)}))
    shown = later()._since.component
    assert (len(shown.items), shown.more) == (4, "Show 3 more")
    run(shown, type="more")
    assert (len(shown.items), shown.more) == (7, "")


def test_nothing_is_listed_on_a_first_visit_or_if_nothing_is_new(later, database):
    write(database, Update("organisation", 3, {"city": "Lund"}))
    assert later()._since.component.items == []
    assert later("organisation", 3)._since.component.items == []
