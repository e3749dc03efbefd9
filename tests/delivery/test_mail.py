"""Digests as e-mail, to a real mail server: once a period, whatever happens."""

import datetime as dt
import email
import email.policy
import socket
import threading
from dataclasses import replace

import pytest

from crmpanel.controllers.delivering import Delivering
from crmpanel.controllers.notifications import Notifications
from crmpanel.controllers.subscriptions import Subscriptions
from crmpanel.delivery.digest import digest
from crmpanel.delivery.mailer import Mailer
from crmpanel.delivery.run import notify
from crmpanel.errors import InputError
from crmpanel.model.changeset import Create, Delete, Keep, MassUpdate, Set, Update

DAY = dt.timedelta(days=1)


def parsed(mail):
    return email.message_from_bytes(mail[1], policy=email.policy.default)


def parts(mail):
    message = parsed(mail)
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    return message, text.get_content(), html.get_content()


@pytest.mark.card("S3")
def test_a_mail_tells_what_others_changed(world, settings, mailbox):
    world.reader()
    world.move("Voss")
    world.write(Create("activity", {"subject": "Ring", "organisation_id": 1}))
    world.write(Update("person", 1, {"title": "CTO", "responsible_id": 3}))
    world.move("mine", user=1)
    assert world.notify(settings) == ["sent"]
    [mail] = mailbox.mails
    assert mail[0] == "kari@example.com"
    message, text, html = parts(mail)
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_subtype() for part in message.iter_parts()] == ["plain", "html"]
    assert message["Subject"] == "Nordlys AS: 3 changes"
    assert message["To"] == "Kari Nordmann <kari@example.com>"
    assert message["From"] == "The CRM <crm@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    for said in (
        "Nordlys AS – 3 changes",
        "https://crm.example.com/organisation/1",
        "  Ola Hansen, ",
        "  - City: Bergen → Voss",
        "  - Created activity “Ring”",
        "  - Person “Kari Vik” – Title: CEO → CTO",
        "  - Person “Kari Vik” – Responsible: blank → Åse Bjørk",
    ):
        assert said in text
        assert text.splitlines()[-1].startswith("Get no more mail: https://crm.example.com/")
    assert 'href="https://crm.example.com/organisation/1"' in html
    assert html.count("Person “Kari Vik”") == 1
    assert "mine" not in text + html


def test_lines_are_short_enough_and_addresses_whole(world, settings, mailbox):
    world.reader(follows=(1, 3))
    world.move("ÆØÅ " * 100)
    world.rename("Ål og " * 60, id=3)
    world.notify(settings)
    raw = mailbox.mails[0][1]
    assert max(len(line) for line in raw.split(b"\r\n")) < 900
    assert raw.isascii()
    found = parsed(mailbox.mails[0])["List-Unsubscribe"]
    assert found.startswith("<https://crm.example.com/unsubscribe?token=")
    assert found.endswith(">")
    assert " " not in found
    assert f"List-Unsubscribe: {found}".encode() in raw


# -- once a period -------------------------------------------------------------------------------


def test_there_is_one_mail_a_day_with_what_came_since(world, settings, mailbox, now):
    world.reader()
    assert world.notify(settings) == []
    world.move("a")
    assert world.notify(settings) == ["sent"]
    world.move("b")
    assert world.notify(settings) == world.notify(settings, now.replace(hour=23)) == []
    world.move("c")
    assert world.notify(settings, now + DAY) == ["sent"]
    assert world.notify(settings, now + 2 * DAY) == []
    texts = [parts(mail)[1] for mail in mailbox.mails]
    assert [("→ a" in t, "→ b" in t, "→ c" in t) for t in texts] == [
        (True, False, False),
        (False, True, True),
    ]
    ids = {parsed(mail)["Message-ID"] for mail in mailbox.mails}
    assert len(ids) == 2
    periods = [(d["period"], d["state"]) for d in world.deliveries()]
    assert periods == [("2026-02-03", "sent"), ("2026-02-04", "sent")]


def test_a_weekly_mail_comes_once_in_an_iso_week(world, settings, mailbox, now):
    world.reader(every="weekly")
    world.move("a")
    assert world.notify(settings) == ["sent"]  # a Tuesday
    world.move("b")
    sunday, monday = now + 5 * DAY, now + 6 * DAY
    assert world.notify(settings, sunday) == []
    assert world.notify(settings, monday) == ["sent"]
    assert [d["period"] for d in world.deliveries()] == ["2026-W06", "2026-W07"]


def test_only_what_comes_after_it_was_chosen(world, settings, mailbox):
    world.reader(every=None)
    world.move("before")
    Delivering(world.desk()).choose_digest("daily")
    assert world.notify(settings) == []
    world.move("after")
    world.notify(settings)
    assert "before →" in parts(mailbox.mails[0])[1]
    assert len(mailbox.mails) == 1


def test_what_was_read_or_muted(world, settings, mailbox):
    world.reader()
    Notifications(world.desk()).hear("activity", False)
    world.write(Update("activity", 1, {"subject": "x"}))
    assert world.notify(settings) == []


@pytest.mark.hardening(57)
def test_two_runs_at_once_send_once(world, settings, mailbox, now):
    world.reader()
    world.reader(3, "ab@example.com")
    world.move("a")
    threads = [
        threading.Thread(target=notify, args=(world.database, settings, now)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Åse is not active.
    assert [to for to, _ in mailbox.mails] == ["kari@example.com"]


def test_a_dry_run_sends_and_writes_nothing(world, settings, mailbox):
    world.reader()
    world.move("a")
    writes = world.database.writes
    assert world.notify(settings, dry_run=True) == ["planned"]
    assert (world.database.writes, mailbox.mails, world.deliveries()) == (writes, [], [])


def test_one_who_is_not_active_gets_nothing(world, settings, mailbox):
    world.reader(3, "ab@example.com")
    world.move("a")
    assert world.notify(settings) == ["left out"]
    assert mailbox.mails == []


# -- what a reader may see -----------------------------------------------------------------------


@pytest.mark.hardening(46)
def test_titles_are_those_of_today_and_deleted_records_have_none(world, settings, mailbox):
    world.reader(follows=(1, 5))
    world.rename("Hemmelig AS")
    world.write(Delete("activity", 1))
    world.write(Delete("organisation", 5))
    world.rename("Nordlys AS")
    world.notify(settings)
    message, text, html = parts(mailbox.mails[0])
    for gone in ("Call about the offer", "Tvilling"):
        assert gone not in str(message["Subject"]) + text + html
    assert "- Deleted activity\n" in text.replace("\r", "")
    assert "A deleted organisation – 1 change" in text
    assert "/organisation/5" not in text + html
    assert message["Subject"] == "Nordlys AS and 1 other: 4 changes"


def test_a_mass_edit_is_told_once(world, settings, mailbox):
    world.reader(follows=(1, 3, 5))
    part = MassUpdate(("organisation", [1, 3, 5]), {"city": Set("Ål"), "type": Set("Partner")})
    world.write(part)
    world.notify(settings)
    message, text, _html = parts(mailbox.mails[0])
    assert message["Subject"] == "Nordlys AS: 1 change"
    assert "  - … and 2 more · also on 2 others that you follow" in text


@pytest.mark.hardening(46)
def test_nobody_gets_anothers(world, settings, mailbox):
    world.reader(1, follows=(1,))
    world.reader(2, "ola@example.com", follows=(3,))
    world.rename("Bare for Kari", user=3)
    world.rename("Bare for Ola", id=3, user=3)
    assert world.notify(settings) == ["sent", "sent"]
    texts = {to: parts((to, mail))[1] for to, mail in mailbox.mails}
    assert "Bare for Ola" not in texts["kari@example.com"]
    assert "Bare for Kari" not in texts["ola@example.com"]


@pytest.mark.hardening(18)
def test_hostile_texts_are_inert(world, settings, mailbox, hostile):
    world.reader(follows=(1, 4))
    bad = "Evil\r\nBcc: victim@example.com\r\n\r\n<script>alert(1)</script>\u202e\u2028x"
    world.write(Update("user", 2, {"name": bad}))
    world.rename(bad, id=4)
    world.move("<img src=x onerror=alert(1)>", id=4)
    world.notify(settings)
    message, text, html = parts(mailbox.mails[0])
    assert message["Bcc"] is None
    assert [to for to, _ in mailbox.mails] == ["kari@example.com"]
    assert "\n" not in message["Subject"]
    assert message["Subject"].startswith("Evil Bcc: victim@example.com <script>")
    for tag in ("<script", "<img", hostile, "\u202e"):
        assert tag not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert not [line for line in text.splitlines() if line.startswith("Bcc")]
    assert set(message.keys()) == {
        "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe",
        "Content-Language", "MIME-Version", "Content-Type",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["Kari\r\nBcc: a@b.no", '"><b>', "\u202eevil", "a, b@c.no;", "=?utf-8?q?x?=", "Ø" * 200]
)
def test_a_readers_name_cannot_add_recipients(world, settings, mailbox, name):
    world.reader()
    world.write(Update("user", 1, {"name": name}))
    world.move("a")
    assert world.notify(settings) == ["sent"]
    [(to, raw)] = mailbox.mails
    message = parsed((to, raw))
    assert to == "kari@example.com"
    assert [a.addr_spec for a in message["To"].addresses] == ["kari@example.com"]
    assert message["Bcc"] is None


def test_long_digests_say_how_much_more_there_is(world, settings, mailbox):
    world.reader()
    for n in range(103):
        world.move(str(n))
    world.notify(settings)
    message, text, _html = parts(mailbox.mails[0])
    assert message["Subject"] == "Nordlys AS: 103 changes"
    assert "… 3 more changes" in text


def test_dates_are_in_the_readers_language(world, settings, mailbox):
    world.reader()
    world.write(Update("user", 1, {"language": "nb"}))
    world.write(Update("quotation", 1, {"date": dt.date(2026, 12, 24)}))
    world.notify(settings)
    message, text, _html = parts(mailbox.mails[0])
    assert message["Content-Language"] == "nb"
    assert "15. jan. 2026 → 24. des. 2026" in text


# -- trouble -------------------------------------------------------------------------------------


def test_a_refused_recipient_does_not_keep_others_from_theirs(world, settings, mailbox, now):
    world.reader(1)
    world.reader(2, "ola@example.com")
    mailbox.refuse = {"kari@example.com"}
    world.move("a", user=3)
    report = notify(world.database, settings, now)
    assert [outcome.state for outcome in report.outcomes] == ["failed", "sent"]
    [problem] = report.problems
    assert problem.reason == (
        "The mail server refused the address. It answered 550 5.1.1 No such mailbox here."
    )
    [failed] = world.deliveries()
    assert (failed["state"], failed["reason"]) == ("failed", problem.reason)
    mailbox.refuse = set()
    world.move("b", user=3)
    assert world.notify(settings) == ["sent"]
    assert [to for to, _ in mailbox.mails] == ["ola@example.com", "kari@example.com"]
    assert "→ b" not in parts(mailbox.mails[1])[1], "it is the same delivery, not another"
    assert world.notify(settings, now + DAY) == ["sent", "sent"]
    assert "→ b" in parts(mailbox.mails[2])[1]


def test_after_days_of_failure_nothing_is_lost_or_told_twice(world, settings, mailbox, now):
    world.reader()
    mailbox.refuse = {"kari@example.com"}
    for day in range(4):
        world.move(f"day {day}")
        assert world.notify(settings, now + day * DAY) == ["failed"]
    mailbox.refuse = set()
    assert world.notify(settings, now + 4 * DAY) == ["sent", "sent"]
    texts = [parts(mail)[1] for mail in mailbox.mails]
    told = [[f"→ day {day}" in text for day in range(4)] for text in texts]
    assert told == [[True, False, False, False], [False, True, True, True]]


def test_a_server_that_is_away_begins_nothing(world, settings, mailbox, now):
    world.reader(1)
    world.reader(2, "ola@example.com")
    world.move("a", user=3)
    away = replace(settings, smtp="127.0.0.1:1")
    report = notify(world.database, away, now)
    assert [outcome.state for outcome in report.outcomes] == ["failed", "failed"]
    assert report.problems[0].reason == (
        "Nothing answers at 127.0.0.1:1. Start it, or correct --smtp."
    )
    assert world.deliveries() == []
    assert world.notify(settings) == ["sent", "sent"]


@pytest.mark.hardening(57)
def test_a_server_that_dies_in_the_middle(world, settings, mailbox, now):
    world.reader(1)
    world.reader(2, "ola@example.com")
    world.move("a", user=3)
    mailbox.dies_after = 1
    report = notify(world.database, settings, now)
    assert [outcome.state for outcome in report.outcomes] == ["sent", "failed"]
    assert report.problems[0].reason.startswith("The connection to the mail server broke.")
    mailbox.dies_after = None
    assert world.notify(settings) == ["sent"]
    assert [to for to, _ in mailbox.mails] == ["kari@example.com", "ola@example.com"]
    assert world.notify(settings) == []


def test_a_slow_server_is_given_up(world, settings, mailbox, now):
    world.reader(1)
    mailbox.slow = 3.0
    world.move("a", user=3)
    report = notify(world.database, settings, now, mailer=Mailer(settings, timeout=0.3))
    assert [outcome.state for outcome in report.outcomes] == ["failed"]
    assert "It took too long." in report.problems[0].reason


def test_a_server_that_says_nothing_is_given_up(world, settings, now):
    world.reader(1)
    world.move("a", user=3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        silent = replace(settings, smtp=f"127.0.0.1:{mute.getsockname()[1]}")
        report = notify(world.database, silent, now, mailer=Mailer(silent, timeout=0.3))
    assert "did not answer in time" in report.problems[0].reason


def test_logging_in(world, mailbox, serve_mail, settings, now, login):
    world.reader()
    world.move("a")
    options = {"authenticator": login, "auth_required": True, "auth_require_tls": False}
    wrong = replace(settings, smtp=serve_mail(mailbox, **options), user="crm", password="wrong")
    [problem] = notify(world.database, wrong, now).problems
    assert problem.reason.startswith("The mail server did not accept the user 'crm'.")
    assert "wrong" not in problem.reason.replace("$CRMPANEL_SMTP_PASSWORD", "")
    assert world.notify(replace(wrong, password="secret")) == ["sent"]


def test_one_who_loses_their_address_is_told_of_in_the_report(world, settings, mailbox, now):
    world.reader()
    world.address(1, None)
    world.move("a")
    [problem] = notify(world.database, settings, now).problems
    assert "no address" in problem.reason
    world.address(1, "new@example.com")
    assert world.notify(settings) == ["sent"]
    assert mailbox.mails[0][0] == "new@example.com"


def test_links_have_to_lead_somewhere(world, settings):
    world.reader()
    with pytest.raises(InputError, match="--base-url"):
        world.notify(replace(settings, base_url=""))


def test_an_ended_subscription_still_tells_what_came_while_it_lasted(world, settings, mailbox):
    world.reader()
    world.move("a")
    Subscriptions(world.desk()).unsubscribe("organisation", 1)
    world.move("b")
    world.notify(settings)
    text = parts(mailbox.mails[0])[1]
    assert ("→ a" in text, "→ b" in text) == (True, False)


class Meanwhile(Mailer):
    """A mailer during whose sending something else happens, once."""

    def __init__(self, settings, happens):
        super().__init__(settings)
        self.happens = [happens]

    def send(self, message, address):
        if self.happens:
            self.happens.pop()()
        super().send(message, address)


def begin_anew(world):
    Delivering(world.desk()).choose_digest("never")
    Delivering(world.desk()).choose_digest("daily")


def test_mail_ended_and_chosen_again_while_it_goes_out(world, settings, mailbox, now):
    world.reader()
    world.move("a")
    mailer = Meanwhile(settings, lambda: begin_anew(world))
    assert world.notify(settings, mailer=mailer) == ["sent"]
    [row] = world.deliveries()
    assert (row["state"], row["first"] < row["last"]) == ("sent", True)
    world.move("b")
    assert world.notify(settings) == [], "it was the mail of today"
    assert world.notify(settings, now + DAY) == ["sent"]


def test_what_failed_after_mail_was_ended_is_forgotten(world, settings, mailbox):
    world.reader()
    world.move("a")
    mailbox.refuse = {"kari@example.com"}
    mailer = Meanwhile(settings, lambda: begin_anew(world))
    assert world.notify(settings, mailer=mailer) == ["failed"]
    assert world.deliveries() == []
    mailbox.refuse = set()
    assert world.notify(settings) == []
    world.move("b")
    assert world.notify(settings) == ["sent"]


def test_one_who_has_ended_it_by_the_time_of_their_turn_gets_nothing(world, settings, mailbox):
    world.reader(1)
    world.reader(2, "ola@example.com")
    world.move("a", user=3)
    end = lambda: Delivering(world.desk(2)).choose_digest("never")  # noqa: E731
    assert world.notify(settings, mailer=Meanwhile(settings, end)) == ["sent"]
    assert [to for to, _ in mailbox.mails] == ["kari@example.com"]


@pytest.mark.parametrize("state", ["sending", "sent", "failed"])
def test_a_delivery_without_a_range_is_none(world, settings, mailbox, state):
    """Earlier versions could leave one behind."""
    desk = world.reader()
    key = {"channel": "mail", "period": "2026-02-03"}
    desk.keep(Keep("delivery", key, {"state": state, "at": world.now}))
    world.move("a")
    assert world.notify(settings) == ["sent"]
    assert [row["state"] for row in world.deliveries()] == ["sent"]


@pytest.mark.parametrize("fails", [ValueError("broken"), InputError("This cannot be told.")])
def test_one_reader_who_cannot_be_told_does_not_keep_others(
    world, settings, mailbox, now, monkeypatch, fails
):
    world.reader(1)
    world.reader(2, "ola@example.com")
    world.move("a", user=3)

    def broken(desk, *args):
        if desk.viewer_id == 1:
            raise fails
        return digest(desk, *args)

    monkeypatch.setattr("crmpanel.delivery.run.digest", broken)
    report = notify(world.database, settings, now)
    assert [(o.user, o.state) for o in report.outcomes] == [
        ("Kari Nordmann", "failed"),
        ("Ola Hansen", "sent"),
    ]
    assert report.problems[0].reason in (
        str(fails),
        "Something went wrong; the log has the details.",
    )
    assert [to for to, _ in mailbox.mails] == ["ola@example.com"]
