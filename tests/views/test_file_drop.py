"""Dropping a file on a card, without a browser."""

import asyncio
import base64

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.locale.formats import Formats
from crmpanel.query.query import Query
from crmpanel.views.cells import Display
from crmpanel.views.record_card import RecordCardView

CSV = (
    b"Firm;Score;Day\nCaf\xc3\xa9 Solberg;9;03.02.2026\n<img src=x onerror=alert(1)>;3;14.02.2026\n"
)


@pytest.fixture
def card(database, now):
    view = RecordCardView.of(
        Display(Desk(database, "kn", clock=lambda: now), Formats("en_GB"), None), "organisation", 3
    )
    view.__panel__()
    return view


def send(files, name="NPS answers.csv", data=CSV):
    async def sending():
        await files._handle({"type": "begin", "name": name, "size": len(data)})
        number = files.component.upload["number"]
        await files._handle(
            {"type": "piece", "upload": number, "at": 0, "data": base64.b64encode(data).decode()}
        )

    asyncio.run(sending())
    return files.component


def do(files, **event):
    asyncio.run(files._handle(event))


def test_it_is_understood_shown_and_made_a_tab(card, database):
    files = card._files
    component = send(files)
    found = component.proposal
    assert (
        found["title"] == "NPS answers.csv"
        and "2 rows" in found["lead"]
        and "NPS answers" in found["lead"]
    )
    assert [c["kind"] for c in found["columns"]] == ["Text", "Whole number", "Date"]
    assert found["matched"]["share"] == 0.5 and "1 of 2 rows" in found["matched"]["text"]
    assert found["unmatched"]["items"] == [["<img src=x onerror=alert(1)>", "1"]]
    assert component.busy == ""
    do(files, type="load", number=found["number"])
    assert component.proposal.get("title") is None
    assert card.tab == "nps_answers" and card.nps_answers.count() == 1
    assert [t["name"] for t in card._bar.tabs][-1] == "nps_answers"
    assert card._bar.tabs[-1]["count"] == "1"
    assert files._upload is None and files._dropped is None
    again = send(files)
    assert again.proposal["action"] == "Update the list"
    do(files, type="close")
    assert files._dropped is None


def test_a_newer_file_tells_what_it_would_change_before_and_after(card, database):
    files, first = (
        card._files,
        b"No;Firm;Score\n" + b"".join(b"%d;Solberg;7\n" % n for n in range(9)),
    )
    do(files, type="load", number=send(files, data=first).proposal["number"])
    newer = first.replace(b"0;Solberg;7", b"0;Solberg;8").replace(b"1;Solberg", b"10;Solberg")
    found = send(files, data=newer).proposal
    assert found["lead"].endswith(
        "update the list “NPS answers”. That is 1 new, 1 changed, 1 vanished."
    )
    assert database.scalar(Query("SELECT count(*) FROM nps_answer")) == 9  # nothing is written yet
    do(files, type="load", number=found["number"])
    notice = files.display.notices._toasts[0].notice
    assert notice["message"] == "“NPS answers”: 1 new, 1 changed, 1 vanished"
    assert send(files, data=newer).proposal["lead"].endswith("Nothing in it is new.")
    do(files, type="close")


def test_another_way_is_chosen_and_what_is_forged_has_no_effect(card, database):
    files = card._files
    number = send(files).proposal["number"]
    do(files, type="choose", number=number, match="-")
    assert files.component.proposal["matched"]["share"] == 0
    for event in (
        dict(type="choose", number=number, match="-"), dict(type="choose", number=99, match="-"), dict(type="load", number=number),
        dict(type="choose", number=files.component.proposal["number"], match=7), dict(type="piece", upload=0, at=0, data="x"),
    ):  # fmt: skip
        do(files, **event)
    assert database.scalar(Query("SELECT count(*) FROM declared_entity")) == 0
    do(files, type="choose", number=files.component.proposal["number"], match="no such")
    assert "no such" in files.component.said["message"]
    do(files, type="load", number=files.component.proposal["number"])
    assert (
        database.scalar(Query("SELECT count(*) FROM nps_answer WHERE organisation_id IS NULL")) == 2
    )


@pytest.mark.parametrize(("name", "data", "told"), [
    ("x.exe", b"MZ", "cannot be read"), ("x.csv", b"a,b\n", "x.csv"), ("x.xlsx", b"no workbook", "x.xlsx"), ("x.csv", b'a,b\n"x,1\n', "x.csv"),
])  # fmt: skip
def test_what_cannot_be_read_is_told_and_another_can_be_sent(card, name, data, told):
    files = card._files
    files.component.upload = {"number": 0, "at": 0}
    component = send(files, name, data)
    assert told in component.said["message"] and "upload." not in component.said["message"]
    assert component.busy == "" and component.proposal.get("title") is None
    assert send(files).proposal["title"] == "NPS answers.csv"
    do(files, type="close")


def test_the_menu_offers_it_on_cards_of_organisations(card, database, now):
    assert "file" in [item["name"] for item in card._actions.items()]
    asyncio.run(card._actions.choose({"name": "file"}))
    assert card._files.component.asked == 1
    person = RecordCardView.of(Display(Desk(database, "kn"), Formats("en_GB"), None), "person", 1)
    person.__panel__()
    assert "file" not in [item["name"] for item in person._actions.items()]
    assert person._files.place() == []
    do(person._files, type="begin", name="a.csv", size=3)
    assert person._files._upload is None


def test_in_the_past_nothing_is_taken(database, now):
    from crmpanel.controllers.past import at

    desk = at(Desk(database, "kn"), "2026-01-31")
    view = RecordCardView.of(Display(desk, Formats("en_GB"), None), "organisation", 1)
    view.__panel__()
    assert view._files.place() == []
