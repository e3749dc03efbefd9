"""The timeline as it is shown, and what it makes of a visitor's events, forged ones among them."""

import asyncio
import datetime as dt
from contextlib import suppress

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.links import Links
from crmpanel.errors import CrmError
from crmpanel.locale.formats import Formats
from crmpanel.model.changeset import Changeset, Create, Delete, Update
from crmpanel.views.cells import Display
from crmpanel.views.record_card import RecordCardView
from crmpanel.views.timeline import FIRST


@pytest.fixture
def opened(database, now):
    """Open a card with its timeline, as another visitor each time."""

    def open_card(login="kn", id=1, entity="organisation", links=None):
        display = Display(Desk(database, login, clock=lambda: now), Formats(), links)
        card = RecordCardView.of(display, entity, id)
        card.__panel__()
        if card.card.layout.timeline:
            run(card.timeline._count())
        return card

    return open_card


@pytest.fixture
def feed(opened):
    return opened().timeline


def run(work):
    """Run something, and what it began, to the end."""

    async def whole():
        await work
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.gather(*others)

    asyncio.run(whole())


def do(feed, type, **event):
    run(feed._handle({"type": type, **event}))


def items(feed, type="entry"):
    return [item for item in feed._component.items if item["type"] == type]


def titles(feed):
    return [item["title"] for item in items(feed)]


def test_it_has_sections_entries_and_exact_numbers(feed):
    assert [item["text"] for item in items(feed, "head")] == [
        "Upcoming", "Feb 2026", "Jan 2026", "Dec 2025",
    ]  # fmt: skip
    assert titles(feed)[:3] == ["Later today", "Kick-off", "Visit in Bergen"]
    assert feed._component.foot == {"text": f"Showing {FIRST + 3} of 16", "more": "Show older"}
    chips = {chip["name"]: chip["count"] for chip in feed._component.kinds}
    assert chips == dict(activity="6", meeting="1", email="2", quotation="3", order="2", ticket="2")
    call = next(item for item in items(feed) if item["title"] == "Call about the offer")
    assert (call["icon"], call["kind"], call["status"]["tone"]) == ("task", "Activity", "info")
    assert call["when"]["tone"] == "danger", "it is overdue"
    assert [part["text"] for part in call["meta"]] == ["Call", "Kari Nordmann", "Kari Vik", "Lamps"]
    offer = next(item for item in items(feed) if item["icon"] == "offer")
    assert offer["amount"].startswith("NOK") and offer["pinned"] is False


def test_older_entries_and_what_is_upcoming_come_by_pages(feed):
    do(feed, "more", part="older")
    do(feed, "more", part="upcoming")
    assert len(titles(feed)) == 16 and len({item["key"] for item in feed._component.items})
    assert [item["text"] for item in items(feed, "head")][-1] == "No date"
    assert feed._component.foot == {"text": "Showing 16 of 16", "more": ""}
    shown = feed._component.items
    do(feed, "more", part="older")  # there are none
    assert feed._component.items == shown


def test_filters_narrow_it_and_are_cleared(feed):
    do(feed, "search", text="offer")
    assert titles(feed) == ["Call about the offer", "Re: Offer", "Offer"]
    assert feed._component.filtered and not items(feed, "fold")
    do(feed, "kind", name="email")
    assert {item["icon"] for item in items(feed)} == {"mail"}
    do(feed, "kind", name="ticket")
    assert [chip["on"] for chip in feed._component.kinds] == [
        False,
        False,
        True,
        False,
        False,
        True,
    ]
    do(feed, "search", text="no such text")
    assert titles(feed) == [] and feed._component.empty["action"] == "Clear filters"
    do(feed, "clear")
    assert not feed.is_filtered and len(titles(feed)) == FIRST + 3
    do(feed, "person", value=2, on=True)
    assert [one["label"] for one in feed._component.people if one["on"]] == ["Ola Hansen"]
    do(feed, "person", value=2, on=False)
    assert feed.person == []


def test_changes_are_folded_into_a_line_and_unfolded(feed):
    assert [fold["text"] for fold in items(feed, "fold")] == [
        "4 changes by Kari Nordmann and 1 other"
    ]
    key = items(feed, "fold")[0]["key"]
    do(feed, "fold", key=key)
    change = next(item for item in items(feed) if item.get("minor"))
    assert change["title"].startswith(("Changed Person", "Changed Activity", "Created"))
    assert items(feed, "fold")[0]["open"] and "pinned" not in change
    do(feed, "fold", key=key)
    assert not [item for item in items(feed) if item.get("minor")]


def test_the_switch_shows_all_changes_with_old_and_new_values(feed):
    assert feed._component.changes == {"on": False, "label": "Field changes", "count": "4"}
    do(feed, "changes", on=True)
    do(feed, "more", part="older")
    changes = [item for item in items(feed) if item.get("minor")]
    assert len(changes) == 4 and not items(feed, "fold")
    title = next(item for item in changes if item["title"] == "Changed Person “Kari Vik”")
    assert title["changes"] == [{"label": "Title", "old": "CFO", "new": "CEO"}]
    assert "of 20" in feed._component.foot["text"]


def test_a_pin_is_told_of_undone_and_seen_by_others_at_once(opened):
    mine, other = opened().timeline, opened("oh").timeline
    do(mine, "pin", key="email 1", on=True)
    for feed in (mine, other):
        assert items(feed, "head")[0]["text"] == "Pinned"
        assert items(feed)[0]["title"] == "Offer" and items(feed)[0]["pinned"]
        assert titles(feed).count("Offer") == 1
        assert "of 16" in feed._component.foot["text"]
    [undo] = mine.display.notices._actions
    run(undo.do())
    assert items(other, "head")[0]["text"] == "Upcoming"
    do(mine, "pin", key="email 1", on=True)
    do(other, "pin", key="email 1", on=False)
    assert items(mine, "head")[0]["text"] == "Upcoming"


def test_what_others_write_is_shown_at_once_and_what_is_shown_stays(feed, database, now):
    do(feed, "more", part="older")
    before = len(titles(feed))
    new = {"subject": "Just now", "organisation_id": 1, "date": now - dt.timedelta(minutes=1)}
    database.apply(Changeset((Create("activity", new),)))
    assert "Just now" in titles(feed) and len(titles(feed)) >= before
    assert [item["text"] for item in items(feed, "head")][1] == "Today"
    database.apply(Changeset((Delete("activity", 3),)))
    assert "Minutes sent" not in titles(feed)


def test_out_of_sight_it_waits(opened, database):
    card = opened(links=Links())
    card.tab = "activities"
    seen = card.timeline._component.items
    database.apply(Changeset((Update("activity", 1, {"subject": "Renamed"}),)))
    assert card.timeline._component.items == seen
    card.tab = "details"
    assert "Renamed" in titles(card.timeline)


def test_in_a_notebook_an_entry_opens_in_place_and_a_change_opens_its_record(feed):
    heard = []
    feed.on_open = lambda *record: heard.append(record)
    do(feed, "open", key="ticket 1")
    do(feed, "changes", on=True)
    do(feed, "more", part="older")
    do(feed, "open", key="change 4")
    assert heard == [("ticket", 1), ("person", 1)]
    assert all(item["open"] for item in items(feed))


FORGED = [
    ("search", dict(text=7)), ("search", dict(text="x" * 500)), ("search", dict(text="a\0b")), ("search", {}),
    ("kind", dict(name="person")), ("kind", dict(name=7)), ("kind", dict(name="change")), ("kind", dict(name=["email"])),
    ("person", dict(value=99, on=True)), ("person", dict(value=True, on=True)), ("person", dict(value="1", on=True)),
    ("person", dict(value=[1], on=True)), ("more", dict(part="pinned")), ("more", {}), ("more", dict(part="fold x")),
    ("fold", dict(key="fold nothing")), ("fold", dict(key=7)), ("fold", {}), ("open", dict(key="user 1")),
    ("open", dict(key={"a": 1})), ("pin", dict(key="person 1", on=True)), ("pin", dict(key=None, on=True)),
    ("pin", dict(key="change 1", on=True)),
]  # fmt: skip


def test_forged_events_change_nothing(feed, database):
    writes, shown = database.writes, feed._component.items
    feed.on_open = lambda *record: pytest.fail("opened")
    for type, event in FORGED:
        do(feed, type, **event)
        assert (database.writes, feed._component.items) == (writes, shown), (type, event)
        assert not feed.is_filtered, (type, event)


def test_hostile_texts_stay_texts(opened, hostile):
    feed = opened(id=4).timeline
    [entry] = items(feed)
    assert entry["title"] == hostile and entry["status"]["text"] == hostile
    assert hostile.split()[0] in entry["text"]


def test_cards_without_entries_say_so_and_those_without_a_layout_have_none(opened):
    empty = opened(id=6).timeline._component
    assert empty.items == [] and "action" not in empty.empty
    assert titles(opened(entity="person").timeline)
    with pytest.raises(AttributeError):
        opened(entity="quotation").timeline  # noqa: B018


def test_a_change_alone_is_folded_and_nothing_is_counted(opened, database):
    database.apply(Changeset((Update("organisation", 6, {"name": "Havn AS"}),), user=1))
    feed = opened(id=6).timeline
    feed.display.desk.clock = lambda: dt.datetime.now() + dt.timedelta(hours=1)
    run(feed._again())
    assert len(items(feed, "fold")) == 1 and not titles(feed)
    assert feed._component.foot == {"text": "", "more": ""}


@pytest.mark.parametrize("error", [ValueError("broken"), CrmError("This cannot be read.")])
def test_a_failing_read_ends_being_busy_and_is_told(feed, monkeypatch, error):
    def broken(*_):
        raise error

    told, shown = [], titles(feed)
    feed._shown.ended = False
    monkeypatch.setattr(feed._reading, "older", broken)
    monkeypatch.setattr(feed.display.notices, "tell", lambda *said: told.append(said))
    do(feed, "more", part="older")
    assert not feed._component.busy
    assert [tone for _said, tone in told] == ["danger"]
    assert titles(feed) == shown
    monkeypatch.setattr(feed._reading, "first", lambda *_: broken)
    with suppress(ValueError):
        run(feed._again())
    assert not feed._component.busy
