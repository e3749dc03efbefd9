"""Links that end subscriptions: only ours, only for a while, and only once somebody confirms."""

import base64
import datetime as dt
import json
import re

import pytest

from crmpanel.controllers.delivering import Delivering
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.subscriptions import Subscriptions
from crmpanel.delivery import tokens
from crmpanel.delivery.tokens import Ending
from crmpanel.delivery.unsubscribing import Unsubscribing
from crmpanel.errors import InputError
from crmpanel.model.changeset import Delete
from crmpanel.store import create

TODAY = dt.date(2026, 2, 3)
REFUSED = "This link does not work"


def follows(world, id=1, user=1):
    return Subscriptions(world.desk(user)).current("organisation", id) is not None


@pytest.fixture
def stranger(world):
    return Desk(world.database, "stranger", lambda: world.now)


@pytest.mark.parametrize(
    "ending", [Ending(1), Ending(2, "organisation", 17), Ending(2**60, "æ", 2**60)]
)
def test_a_token_says_what_was_written(database, ending):
    token = tokens.write(database, ending, TODAY)
    assert tokens.read(database, token, TODAY) == ending
    assert re.fullmatch(r"[\w.-]+", token), "it stands in an address as it is"
    assert token == tokens.write(database, ending, TODAY)


def test_a_token_ends_some_day(database):
    token = tokens.write(database, Ending(1), TODAY)
    tokens.read(database, token, TODAY + dt.timedelta(tokens.LASTS))
    with pytest.raises(InputError, match=REFUSED):
        tokens.read(database, token, TODAY + dt.timedelta(tokens.LASTS + 1))


def forged(token):
    said, signature = token.split(".")
    other = base64.urlsafe_b64encode(json.dumps([2, None, None, 999999]).encode()).decode()
    yield from (
        "",
        ".",
        "a",
        "a.b",
        said,
        f"{said}.",
        f".{signature}",
        f"{token}x",
        token + "=" * 9,
    )
    yield from (f"{other.rstrip('=')}.{signature}", f"{said}.{'A' * 43}", token[::-1], token * 50)
    yield from (f"{said}.{signature[:-4]}", "\0.\0", "ø.ø", f" {token}", f"{said}\n.{signature}")


@pytest.mark.hardening(35)
def test_forged_tokens_are_refused_alike(database):
    token = tokens.write(database, Ending(1), TODAY)
    said = set()
    for text in forged(token):
        with pytest.raises(InputError, match=REFUSED) as caught:
            tokens.read(database, text, TODAY)
        said.add(str(caught.value))
    old = TODAY + dt.timedelta(999)
    with pytest.raises(InputError) as caught:
        tokens.read(database, token, old)
    assert said == {str(caught.value)}


def test_a_token_of_another_database_is_none_here(database, tmp_path):
    with create(tmp_path / "other.duckdb") as other:
        token = tokens.write(other, Ending(1), TODAY)
    with pytest.raises(InputError, match=REFUSED):
        tokens.read(database, token, TODAY)


def test_looking_changes_nothing_and_ending_only_that(world, stranger):
    world.reader(follows=(1, 3))
    world.reader(2, "ola@example.com")
    token = tokens.write(world.database, Ending(1, "organisation", 1), world.now.date())
    writes = world.database.writes
    asked = Unsubscribing(stranger, token)
    assert (asked.name, asked.is_on, asked.is_all) == ("Nordlys AS", True, False)
    assert world.database.writes == writes
    asked.end()
    asked.end()
    assert not Unsubscribing(stranger, token).is_on
    assert (follows(world), follows(world, 3), follows(world, 1, user=2)) == (False, True, True)
    assert Delivering(world.desk()).digest == "daily"


def test_all_mail(world, stranger):
    world.reader(hook="https://example.com/hook")
    token = tokens.write(world.database, Ending(1), world.now.date())
    asked = Unsubscribing(stranger, token)
    assert (asked.is_on, asked.is_all) == (True, True)
    asked.end()
    assert Delivering(world.desk()).digest == "never"
    assert (follows(world), Delivering(world.desk()).webhook) == (True, "https://example.com/hook")
    assert not Unsubscribing(stranger, token).is_on


@pytest.mark.hardening(46)
def test_a_deleted_record_has_no_title(world, stranger):
    world.reader(follows=(5,))
    token = tokens.write(world.database, Ending(1, "organisation", 5), world.now.date())
    world.write(Delete("organisation", 5))
    asked = Unsubscribing(stranger, token)
    assert asked.name == "a deleted organisation"
    asked.end()
    assert not follows(world, 5)


def test_the_links_of_a_mail_work(world, stranger, settings, mailbox):
    world.reader(follows=(1, 3))
    world.move("a")
    world.notify(settings)
    raw = mailbox.mails[0][1].replace(b"=\r\n", b"").decode()
    found = re.findall(r"unsubscribe\?token=(?:3D)?([\w.-]+)", raw)
    asked = [Unsubscribing(stranger, token) for token in dict.fromkeys(found)]
    assert {(a.is_all, a.ending.id) for a in asked} == {(True, None), (False, 1)}
