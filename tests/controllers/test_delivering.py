"""What a viewer may choose to have delivered."""

import pytest

from crmpanel.controllers.delivering import HOOK, MAIL, Delivering, chosen
from crmpanel.controllers.desk import Desk
from crmpanel.errors import InputError, UnknownName
from crmpanel.model.changeset import Changeset, Keep, Update


@pytest.fixture
def kari(database):
    part = Update("user", 1, {"email": "kari@example.com"})
    database.apply(Changeset((part,), user=1))
    return Desk(database, "kn")


def test_nothing_is_chosen_at_first(kari):
    delivering = Delivering(kari)
    assert (delivering.digest, delivering.webhook, delivering.last(MAIL)) == ("never", "", None)
    assert delivering.address == "kari@example.com"
    assert chosen(kari) == {}


def test_choices_are_kept_and_ended(kari):
    delivering = Delivering(kari)
    delivering.choose_digest("weekly")
    delivering.choose_webhook(" https://example.com/hook ")
    again = Delivering(Desk(kari.database, "kn"))
    assert (again.digest, again.webhook) == ("weekly", "https://example.com/hook")
    assert set(chosen(kari)) == {1}
    again.choose_digest("never")
    again.choose_webhook("")
    assert (again.digest, again.webhook) == ("never", "")
    assert chosen(kari) == {}


@pytest.mark.parametrize("choice", ["hourly", "", "Daily", None, 1])
def test_only_what_there_is_can_be_chosen(kari, choice):
    with pytest.raises(UnknownName):
        Delivering(kari).choose_digest(choice)
    assert Delivering(kari).digest == "never"


@pytest.mark.hardening(31)
@pytest.mark.parametrize(
    "url", ["http://example.com", "https://a@b.no", "nonsense", "javascript:1"]
)
def test_a_webhook_must_be_one(kari, url):
    with pytest.raises(InputError, match="cannot be called"):
        Delivering(kari).choose_webhook(url)
    assert Delivering(kari).webhook == ""


def test_http_where_it_is_allowed(kari, monkeypatch):
    monkeypatch.setenv("CRMPANEL_ALLOW_PRIVATE", "1")
    Delivering(kari).choose_webhook("http://127.0.0.1:8000/")
    assert Delivering(kari).webhook == "http://127.0.0.1:8000/"


@pytest.mark.parametrize(
    "address",
    [None, "", "kari", "a@b@c", "a b@c.no", "a@b.no, c@d.no", "a@b.no\nBcc: c@d.no", "<a@b.no>", "a@" + "b" * 300],
)  # fmt: skip
def test_mail_needs_one_address(kari, address):
    with kari.database.load("Test", "test") as load:  # an import brings anything
        load.execute('UPDATE "user" SET email = ? WHERE id = 1', [address])
    with pytest.raises(InputError, match="no address"):
        Delivering(kari).choose_digest("daily")


def test_nobody_gets_nothing(database):
    nobody = Desk(database, "stranger")
    with pytest.raises(InputError, match="Nobody can be written to"):
        Delivering(nobody).choose_digest("daily")
    with pytest.raises(InputError, match="Nobody can be written to"):
        Delivering(nobody).choose_webhook("https://example.com")


def test_choosing_again_forgets_what_had_failed_before(kari):
    delivering = Delivering(kari)
    delivering.choose_digest("daily")
    for period, state in (("2026-01-01", "sent"), ("2026-01-02", "failed")):
        key = {"channel": MAIL, "period": period}
        kari.keep(Keep("delivery", key, {"first": 1, "last": 2, "state": state}))
    hook = {"channel": HOOK, "period": "x"}
    kari.keep(Keep("delivery", hook, {"first": 1, "last": 2, "state": "failed"}))
    delivering.choose_digest("weekly")
    assert delivering.last(MAIL)["state"] == "failed"
    delivering.choose_digest("never")
    delivering.choose_digest("daily")
    assert delivering.last(MAIL)["state"] == "sent"
    assert delivering.last(HOOK)["state"] == "failed"


def test_a_key_of_ones_own_that_stays(kari):
    key = Delivering(kari).webhook_key
    assert len(key) == 64
    assert Delivering(Desk(kari.database, "kn")).webhook_key == key
    assert Delivering(kari.working_as(2)).webhook_key != key


def test_a_digest_that_somebody_else_wrote_into_the_table_is_none(kari):
    kari.keep(Keep("preference", {"name": "digest"}, {"value": "hourly"}))
    assert Delivering(kari).digest == "never"
    assert chosen(kari) == {}
