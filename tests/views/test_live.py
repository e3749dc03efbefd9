"""What anybody writes is shown on what others look at; what was done can be undone from a notice."""

import asyncio
import gc

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.controllers.links import Links
from crmpanel.locale.formats import Formats
from crmpanel.model.changeset import Applied, Changeset, Create, Delete, RecordsChanged, Update
from crmpanel.views.cells import Display
from crmpanel.views.live import Live, concerns
from crmpanel.views.notices import Action, Notices
from crmpanel.views.record_card import RecordCardView


@pytest.fixture
def card(database):
    card = RecordCardView.of(Display(Desk(database, "kn"), Formats()), "organisation", 1)
    card.__panel__()
    return card


def rename(database, name, id=1):
    return database.apply(Changeset((Update("organisation", id, {"name": name}),)))


def test_a_card_follows_what_somebody_else_writes(card, database):
    rename(database, "Nordlys Kraft AS")
    assert card._heading.component.title == "Nordlys Kraft AS" == card.record["name"]
    assert card._counts["log"] == 5


def ring(database):
    create = Create("activity", {"subject": "Ring tilbake", "organisation_id": 1})
    database.apply(Changeset((create,)))


def test_a_list_in_sight_follows_and_one_out_of_sight_waits(database):
    served = Display(Desk(database, "kn"), Formats(), Links())
    card = RecordCardView.of(served, "organisation", 1)
    card.__panel__()
    card.tab = "activities"
    seen = len(card.activities._table.rows)
    card.tab = "persons"
    ring(database)
    assert len(card.activities._table.rows) == seen
    assert card._counts["activities"] == seen + 1
    card.tab = "activities"
    assert len(card.activities._table.rows) == seen + 1


def test_in_a_notebook_a_list_may_be_shown_in_a_cell_of_its_own(card, database):
    """It follows although the card that it belongs to shows another tab."""
    card.activities.__panel__()
    card.tab = "persons"
    seen = len(card.activities._table.rows)
    ring(database)
    assert len(card.activities._table.rows) == seen + 1


def test_a_record_that_was_deleted_says_so(card, database):
    database.apply(Changeset((Delete("organisation", 1),)))
    assert "deleted" in card._message.component.items[0]["title"]


def test_a_field_with_a_draft_keeps_what_was_seen(card, database):
    card.tab = "fields"
    fields = card._fields
    asyncio.run(fields._handle({"type": "drafts", "fields": ["city", 7, None]}))
    database.apply(Changeset((Update("organisation", 1, {"city": "Voss", "phone": "1"}),)))
    assert (fields.editing.seen["city"], fields.editing.seen["phone"]) == ("Bergen", "1")
    asyncio.run(fields._handle({"type": "save", "values": {"city": "Narvik"}}))
    assert card._side.outcome["kind"] == "conflict"


def test_views_that_are_gone_are_forgotten(database):
    class View:
        async def written(self, applied):
            heard.append(applied)

    heard, live, view = [], Live(database), View()
    live.watch(view.written)
    rename(database, "A")
    assert len(heard) == 1
    del view
    gc.collect()
    rename(database, "B")
    assert len(heard) == 1
    listeners = len(database.listeners)
    del live
    gc.collect()
    rename(database, "C")
    assert len(database.listeners) == listeners - 1


def test_a_view_that_fails_keeps_nothing_from_the_others(database, caplog):
    class View:
        async def fails(self, applied):
            raise ValueError("no")

        async def hears(self, applied):
            heard.append(applied)

    heard, live, view = [], Live(database), View()
    live.watch(view.fails)
    live.watch(view.hears)
    rename(database, "A")
    assert heard and "no" in caplog.text
    live.close()
    rename(database, "B")
    assert len(heard) == 1


def event(ids=(1,), organisations=(7,)):
    return RecordsChanged("person", "update", 1, ("name",), ids, organisations)


def test_what_an_event_is_about():
    assert concerns(event(), "person", 7) and not concerns(event(), "person", 8)
    assert concerns(event(), "person") and not concerns(event(), "order")
    assert concerns(event(), "person", id=1) and not concerns(event(), "person", id=2)
    assert concerns(event(None, None), "person", 8) and concerns(event(None), "person", id=2)


# -- notices ---------------------------------------------------------------------------------


def press(notices, index, number=None):
    toast = notices._toasts[0]
    number = toast.notice["number"] if number is None else number
    asyncio.run(notices._act({"type": "action", "index": index, "number": number}))
    return toast.notice


def test_what_was_done_is_undone_and_done_again(database):
    notices = Notices(Desk(database, "kn"))
    [toast] = notices.place()
    assert notices.place() == []
    notices.done(rename(database, "Nytt navn"), "Saved")
    assert [action["label"] for action in toast.notice["actions"]] == ["Undo"]
    assert press(notices, 0)["message"] == "Undone"
    assert name(database) == "Nordlys AS"
    press(notices, 0)
    assert name(database) == "Nytt navn"


def name(database):
    return find(Desk(database, "kn"), "organisation", 1)["name"]


def test_what_cannot_be_undone_says_why(database):
    notices = Notices(Desk(database, "kn"))
    notices.place()
    first = rename(database, "Nytt navn")
    rename(database, "Enda nyere")
    notices.done(first, "Saved")
    said = press(notices, 0)
    assert said["tone"] == "warning" and "no longer" in said["message"]


@pytest.mark.parametrize("index", [-1, 5, "0", None, 1.0, [0]])
def test_forged_and_late_presses_do_nothing(database, index):
    done = []
    notices = Notices(Desk(database, "kn"))
    notices.place()
    notices.tell("Said", actions=[Action("Do", do=lambda: done.append(1))])
    press(notices, index)
    press(notices, 0, number=-1)
    assert not done
    press(notices, 0)
    press(notices, 0)  # a second press of the same button has no effect
    assert done == [1]


def test_nothing_to_undo_offers_nothing(database):
    notices = Notices(Desk(database, "kn"))
    [toast] = notices.place()
    notices.done(Applied(None), "Nothing had to be changed")
    assert toast.notice["actions"] == []
