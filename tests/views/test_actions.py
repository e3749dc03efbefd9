"""Copy, merge and delete from a card's menu; the log's buttons; deleted records. No browser."""

import asyncio

import pytest

from crmpanel.controllers.deleting import delete
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.controllers.links import Links
from crmpanel.errors import NotFound
from crmpanel.locale.formats import Formats
from crmpanel.model.changeset import Changeset, Create, Delete, Update
from crmpanel.views.app import App
from crmpanel.views.cells import Display
from crmpanel.views.record_card import RecordCardView
from crmpanel.views.recycled import RecycledView


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


def choose(card, name):
    asyncio.run(card._actions.choose({"type": "action", "name": name}))
    return card._actions.dialog.question


def answer(card, name="do", number=None, **values):
    actions = card._actions
    number = actions.dialog.question["number"] if number is None else number
    event = {"type": "answer", "number": number, "name": name, "values": values}
    asyncio.run(actions._handle(event))


def said(display):
    return display.notices._toasts[0].notice


def undo(display):
    index = [action["label"] for action in said(display)["actions"]].index("Undo")
    number = said(display)["number"]
    event = {"type": "action", "index": index, "number": number}
    asyncio.run(display.notices._act(event))


def texts(question):
    return " ".join(part.get("text", "") for part in question["parts"])


# -- delete ----------------------------------------------------------------------------------


@pytest.mark.card("S4")
def test_deleting_says_what_goes_along_and_can_be_undone(card, display, database):
    question = choose(card, "delete")
    assert question["title"] == "Delete Nordlys AS?" and "2 persons" in texts(question)
    answer(card)
    assert not card._actions.dialog.question.get("title")
    with pytest.raises(NotFound):
        find(display.desk, "organisation", 1)
    assert card._message.component.items[0]["action"] == "Restore"
    undo(display)
    assert find(display.desk, "organisation", 1)["name"] == "Nordlys AS"
    assert not card._message.component.items and card._heading.component.actions


def test_a_deleted_record_is_restored_from_its_card(card, display):
    choose(card, "delete")
    answer(card)
    asyncio.run(card._message._handle({"type": "action", "index": 0}))
    assert find(display.desk, "organisation", 1) and said(display)["message"] == "Restored"


@pytest.mark.parametrize("event", [{"number": -1}, {"name": "other"}, {"name": None}])
def test_forged_answers_do_nothing(card, display, event):
    choose(card, "delete")
    answer(card, **event)
    assert find(display.desk, "organisation", 1)


def test_a_second_answer_has_no_effect(card, display, database):
    number = choose(card, "delete")["number"]
    answer(card, number=number)
    writes = database.writes
    answer(card, number=number)
    assert database.writes == writes


def test_what_cannot_be_done_is_said_in_the_window(card, display, database):
    choose(card, "delete")
    database.apply(Changeset((Delete("organisation", 1),)))
    answer(card)
    assert "organisation 1" in card._actions.dialog.said["message"].lower()
    assert card._actions.dialog.question["title"] and not card._actions.dialog.busy


# -- copy ------------------------------------------------------------------------------------


@pytest.mark.card("S4")
def test_a_copy_takes_along_what_is_ticked(card, display):
    question = choose(card, "copy")
    items = {item["value"]: item["note"] for item in question["parts"][1]["items"]}
    assert items["persons"] == "2" and "log" not in items
    answer(card, lists=["persons"])
    made = said(display)
    assert made["message"] == "Copied" and made["actions"][0]["label"] == "Open"
    copied = RecordCardView.of(display, "organisation", made["actions"][0]["href"].split("/")[-1])
    assert copied.card.title == "Nordlys AS (copy)" and copied.card.counts()["persons"] == 2


@pytest.mark.parametrize("lists", [["no such"], [7, None], "persons", None])
def test_forged_lists_are_refused_or_ignored(card, display, lists):
    before = display.desk.database.scalar(display.desk.selection("person").count())
    choose(card, "copy")
    answer(card, lists=lists)
    assert display.desk.database.scalar(display.desk.selection("person").count()) == before


# -- merge -----------------------------------------------------------------------------------


@pytest.mark.card("S4")
def test_a_duplicate_is_found_compared_merged_and_taken_apart_again(card, display):
    choose(card, "merge")
    actions = card._actions
    assert [item["id"] for item in actions.dialog.found["items"]] == [2]  # looks the same
    number = actions.dialog.question["number"]
    asyncio.run(actions._handle({"type": "find", "number": number, "text": "solberg"}))
    assert [item["title"] for item in actions.dialog.found["items"]] == ["Café Solberg"]
    asyncio.run(actions._handle({"type": "pick", "number": number, "id": 3}))
    rows = {row["name"]: row for row in actions.dialog.question["parts"][1]["rows"]}
    assert (rows["city"]["left"], rows["city"]["right"]) == ("Bergen", "Malmö")
    assert rows["city"]["chosen"] == "left" and not rows["city"]["fixed"]
    answer(card, fields={"city": "right", "phone": "nonsense", "no_such": "right"})
    assert card.record["city"] == "Malmö" and card.record["phone"] == "+47 55 12 34 56"
    with pytest.raises(NotFound):
        find(display.desk, "organisation", 3)
    undo(display)
    assert find(display.desk, "organisation", 3)["city"] == "Malmö"
    assert card.record["city"] == "Bergen"


@pytest.mark.parametrize("id", [1, 4, 99, "3", None])
def test_only_what_was_found_can_be_picked(card, id):
    choose(card, "merge")
    number = card._actions.dialog.question["number"]
    asyncio.run(card._actions._handle({"type": "pick", "number": number, "id": id}))
    assert card._actions.dialog.question["number"] == number


def test_persons_are_merged_too(display):
    card = RecordCardView.of(display, "person", 1)
    card.__panel__()
    choose(card, "merge")
    number = card._actions.dialog.question["number"]
    asyncio.run(card._actions._handle({"type": "find", "number": number, "text": "øst"}))
    assert [item["title"] for item in card._actions.dialog.found["items"]] == ["Per Øst"]


# -- the log ---------------------------------------------------------------------------------


@pytest.fixture
def log(card, database):
    """The log after two fields were saved together."""
    values = {"city": "Narvik", "phone": "1"}
    database.apply(Changeset((Update("organisation", 1, values),), why="Moved", user=1))
    card.tab = "log"
    return card.log


def rows(log):
    return log._table.rows


@pytest.mark.card("S10")
def test_changes_that_were_saved_together_stand_under_one_heading(log):
    first, second, third = rows(log)[:3]
    assert first["group"] is second["group"] and "group" not in third
    assert first["group"]["text"].startswith("Kari Nordmann · ")
    assert first["group"]["note"].endswith("Moved") and first["group"]["act"]["label"] == "Undo"
    log.sort = ["field"]
    assert not any("group" in row for row in rows(log))


def press(log, **event):
    asyncio.run(log._log.act({"type": "act", **event}, log._shown))


@pytest.mark.card("S10")
def test_a_changeset_is_undone_from_its_heading(log, card):
    press(log, group=rows(log)[0]["group"]["key"], name="undo")
    assert (card.record["city"], card.record["phone"]) == ("Bergen", "+47 55 12 34 56")
    assert "undone in changeset" in str([row.get("group") for row in rows(log)])


@pytest.fixture
def wide_log(card, database):
    """The log after one changeset changed two organisations, and one of them twice."""
    parts = (
        Update("organisation", 1, {"city": "Narvik", "phone": "1"}),
        Update("organisation", 3, {"city": "Narvik"}),
        Update("activity", 1, {"subject": "Moved"}),
    )
    database.apply(Changeset(parts, why="Moved", source="mass edit", user=1))
    card.tab = "log"
    return card.log


def cities(display):
    return [find(display.desk, "organisation", id)["city"] for id in (1, 3)]


def test_a_heading_says_how_many_records_there_are_in_all(wide_log, database):
    assert rows(wide_log)[0]["group"]["note"] == "2 of 3 records · Moved"
    wide_log.search = "Nordlys"
    note = rows(wide_log)[0]["group"]["note"]
    assert note == "changed Organisation “Nordlys AS” · 1 of 3 records · Moved"


def test_pages_of_the_log_say_how_many_records_there_are_in_all(display, database):
    new = [Create("person", {"name": f"P{n}", "organisation_id": 1}) for n in range(60)]
    database.apply(Changeset(tuple(new), source="import", user=1))
    every = App(display, "/log")._page
    every.__panel__()
    assert rows(every)[0]["group"]["note"].startswith("50 of 60 records")


def test_undoing_changes_of_other_organisations_asks_first(wide_log, display):
    press(wide_log, group=rows(wide_log)[0]["group"]["key"], name="undo")
    assert cities(display) == ["Narvik", "Narvik"]
    question = wide_log._undoing.dialog.question
    assert texts(question) == "This also takes back 1 change of other organisations."
    event = {"type": "answer", "number": question["number"], "values": {}}
    asyncio.run(wide_log._undoing._handle({**event, "name": "cancel"}))
    assert cities(display) == ["Narvik", "Narvik"]
    asyncio.run(wide_log._undoing._handle({**event, "name": "do"}))
    assert cities(display) == ["Bergen", "Malmö"]
    assert "title" not in wide_log._undoing.dialog.question


def test_the_sizes_of_all_changesets_of_a_page_are_read_at_once(wide_log, database, statements):
    database.apply(Changeset((Update("organisation", 1, {"city": "Voss", "phone": "2"}),)))
    with statements(database) as asked:
        wide_log.refresh()
    assert sum("DISTINCT CASE" in sql for sql, _params in asked) == 1


@pytest.mark.card("S10")
def test_an_old_value_is_brought_back(log, card, display):
    at = {row["cells"][5]: row for row in rows(log)[:2]}
    assert at["City"]["cells"][6]["act"]["name"] == "restore"
    press(log, id=at["City"]["id"], name="restore")
    assert (card.record["city"], card.record["phone"]) == ("Bergen", "1")
    undo(display)
    assert card.record["city"] == "Narvik"


def test_an_old_value_over_a_later_one_asks(log, card, display, database):
    row = next(row for row in rows(log)[:2] if row["cells"][5] == "City")
    shown = dict(log._shown)
    database.apply(Changeset((Update("organisation", 1, {"city": "Voss"}),)))
    asyncio.run(log._log.act({"type": "act", "id": row["id"], "name": "restore"}, shown))
    assert card.record["city"] == "Voss" and said(display)["tone"] == "warning"
    event = {"type": "action", "index": 0, "number": said(display)["number"]}
    asyncio.run(display.notices._act(event))
    assert card.record["city"] == "Bergen"


@pytest.mark.parametrize(
    "event", [{}, {"id": 1e9}, {"group": "99", "name": "undo"}, {"group": 1, "name": "undo"}]
)
def test_forged_presses_in_the_log_do_nothing(log, card, database, event):
    writes = database.writes
    press(log, **{"name": "restore", **event})
    assert database.writes == writes


def test_fields_of_the_log_are_a_filter(card):
    card.tab = "log"
    card.log.kind = ["status"]
    assert [row["cells"][5] for row in rows(card.log)] == ["Status"]
    assert ("kind", "status") in card.args()
    [said] = card.show((("tab", "log"), ("kind", "no such")))
    assert "no such" in said and card.log.count() == 0


def test_references_in_the_log_are_titles(card, database):
    database.apply(Changeset((Update("activity", 1, {"person_id": 2}),)))
    card.tab = "log"
    assert "Per Øst" in str(rows(card.log)[0]["cells"])


# -- deleted records -------------------------------------------------------------------------


def test_deleted_records_are_listed_and_restored(display, database):
    database.apply(Changeset((Delete("organisation", 1),), user=1))
    database.apply(Changeset((Delete("organisation", 3),)))
    view = RecycledView(display)
    view.__panel__()
    titles = [row["cells"][0] for row in view._table.rows]
    assert titles == ["Café Solberg", "Nordlys AS"]
    assert view._table.rows[1]["cells"][1:4:2] == ["Organisation", "Kari Nordmann"]
    event = {"type": "act", "id": view._table.rows[1]["id"], "name": "restore"}
    asyncio.run(view._handle(event))
    assert find(display.desk, "organisation", 1)
    assert [row["cells"][0] for row in view._table.rows] == ["Café Solberg"]
    for forged in ({**event, "id": "person 1"}, {**event, "id": None}, {**event, "name": "x"}):
        asyncio.run(view._handle(forged))
    own = RecycledView(display, organisation=1)
    own.__panel__()
    assert own._table.rows == [] and own._table.empty["title"] == "Nothing is deleted"


@pytest.mark.card("S4")
def test_the_address_of_a_deleted_record_says_so_and_brings_it_back(display):
    delete(display.desk, "organisation", 1)
    app = App(display, "/organisation/1")
    (head,) = app.main.objects
    assert head.title == "Nordlys AS has been deleted."
    assert head.subtitle.startswith("Kari Nordmann did that on ")
    asyncio.run(head._listeners[0]({"type": "action", "name": "other"}))
    assert app.main.objects == [head]
    asyncio.run(head._listeners[0]({"type": "action", "name": "restore"}))
    assert app._page.card.title == "Nordlys AS"
    assert find(display.desk, "organisation", 1)["name"] == "Nordlys AS"


def test_who_works_is_chosen(database):
    desk = Desk(database, "nobody")
    assert desk.viewer_id is None
    ola = desk.working_as(2)
    assert ola.viewer_id == 2 and ola.viewer != desk.viewer
