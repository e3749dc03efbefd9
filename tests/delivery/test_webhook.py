"""Digests to a webhook: signed JSON, each by one name, tried again until it is accepted."""

import datetime as dt
import hashlib
import hmac
from pathlib import Path

import pytest

from crmpanel.controllers.delivering import Delivering
from crmpanel.delivery.run import notify
from crmpanel.delivery.settings import Settings
from crmpanel.model.changeset import Create, Update

DAY = dt.timedelta(days=1)
PRIVATE = Settings(base_url="https://crm.example.com", allow_private=True)


@pytest.fixture
def hooked(world, receiver):
    world.reader(every=None, hook=receiver.url)
    return world


def test_what_is_sent(hooked, receiver, sent_json):
    hooked.move("Voss")
    hooked.write(Update("quotation", 1, {"value": 1200, "responsible_id": 2}))
    hooked.write(Create("activity", {"subject": "Ring", "organisation_id": 1}))
    assert hooked.notify(PRIVATE) == ["sent"]
    [call] = receiver.calls
    said = sent_json(call)
    assert call[0] == "/hook?x=1"
    assert call[1]["Content-Type"] == "application/json; charset=utf-8"
    assert call[1]["Idempotency-Key"] == said["id"]
    records = said.pop("records")
    assert {key: said[key] for key in ("schema", "period", "user", "changes", "more")} == {
        "schema": 1,
        "period": "2026-02-03",
        "user": {"id": 1, "name": "Kari Nordmann"},
        "changes": 3,
        "more": 0,
    }
    assert said["until"] - said["after"] >= 3
    [record] = records
    assert record["url"] == "https://crm.example.com/organisation/1"
    created, value, moved = record["changes"]
    assert created["lines"][0]["action"] == "insert"
    assert created["lines"][0]["title"] == "Ring"
    assert "field" not in created["lines"][0]
    lines = {line["field"]: line for line in value["lines"]}
    assert lines["responsible_id"]["new"] == "2"
    assert lines["responsible_id"]["new_text"] == "Ola Hansen"
    assert (moved["by"], moved["lines"][0]["old"], moved["lines"][0]["new"]) == (
        "Ola Hansen", "Bergen", "Voss",
    )  # fmt: skip
    assert dt.datetime.fromisoformat(moved["at"]).tzinfo is not None


def test_the_signature_is_that_of_the_readers_own_key(hooked, receiver):
    hooked.move("Voss")
    hooked.notify(PRIVATE)
    [(_path, headers, body)] = receiver.calls
    key = bytes.fromhex(Delivering(hooked.desk()).webhook_key)
    signed = headers["X-Crmpanel-Timestamp"].encode() + b"." + body
    expected = "sha256=" + hmac.new(key, signed, hashlib.sha256).hexdigest()
    assert headers["X-Crmpanel-Signature"] == expected
    assert Delivering(hooked.desk(2)).webhook_key != key.hex()


def test_the_documented_way_to_check_a_call_works(hooked, receiver):
    hooked.move("Voss")
    hooked.notify(PRIVATE)
    [(_path, headers, body)] = receiver.calls
    text = (Path(__file__).parents[2] / "docs" / "notify.md").read_text("utf-8")
    names = {}
    exec(text.partition("```python")[2].partition("```")[0], names)
    key = Delivering(hooked.desk()).webhook_key
    assert names["is_ours"](key, headers, body)
    assert not names["is_ours"](key, headers, body + b" ")
    assert not names["is_ours"](Delivering(hooked.desk(2)).webhook_key, headers, body)
    assert not names["is_ours"](key, {**headers, "X-Crmpanel-Timestamp": "1"}, body)


@pytest.mark.hardening(57)
def test_it_is_called_again_with_the_same_until_it_accepts(hooked, receiver, now):
    hooked.move("a")
    receiver.status = 503
    report = notify(hooked.database, PRIVATE, now)
    assert report.problems[0].reason.startswith("The webhook was not reached. It answered with 503")
    hooked.move("b")
    receiver.status = 200
    assert hooked.notify(PRIVATE, now + DAY) == ["sent", "sent"]
    assert hooked.notify(PRIVATE, now + DAY) == []
    first, again, second = (call[2] for call in receiver.calls)
    assert first == again != second
    keys = [call[1]["Idempotency-Key"] for call in receiver.calls]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.hardening(31)
def test_without_leave_it_does_not_call_our_own_network(hooked, receiver, now):
    hooked.move("a")
    report = notify(hooked.database, Settings(base_url="https://crm.example.com"), now)
    assert [outcome.state for outcome in report.outcomes] == ["failed"]
    assert receiver.calls == []


def test_mail_and_webhook_do_not_wait_for_each_other(world, settings, mailbox, receiver, now):
    world.reader(hook=receiver.url)
    world.move("a")
    mailbox.refuse = {"kari@example.com"}
    both = Settings.of({**settings.values(), "allow_private": True})
    assert world.notify(both) == ["failed", "sent"]
    mailbox.refuse = set()
    assert world.notify(both) == ["sent"]
    assert len(receiver.calls) == len(mailbox.mails) == 1


@pytest.mark.hardening(46)
def test_hostile_texts_stay_texts(hooked, receiver, sent_json, hostile):
    hooked.rename('"}],"x":"' + hostile)
    hooked.notify(PRIVATE)
    title = sent_json(receiver.calls[0])["records"][0]["title"]
    assert title == '"}],"x":"' + hostile.replace("\u202e", "")
