"""`crmpanel notify` killed between its steps, started twice, and asked of a server."""

import email
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from crmpanel.cli import main
from crmpanel.delivery import asking, wire
from crmpanel.delivery.settings import Settings
from crmpanel.errors import CrmError, LockedDatabase
from crmpanel.query.query import Query
from crmpanel.store import open_

KILLED = Path(__file__).with_name("killed.py")
NOW = ["--now", "2026-02-03T10:30:00"]
LATER = ["--now", "2026-02-04T10:30:00"]


@pytest.fixture
def options(settings):
    return ["--smtp", settings.smtp, "--from", settings.sender, "--base-url", settings.base_url]


@pytest.fixture
def path(world, database):
    """A database with two readers and something to tell, closed."""
    world.reader(1)
    world.reader(2, "ola@example.com")
    world.move("Voss", user=3)
    database.close()
    return database.path


def notify(path, *options):
    return CliRunner().invoke(main, ["notify", str(path), *options])


def wrote_later(path):
    """Something else is written between two runs."""
    from crmpanel.model.changeset import Changeset, Update

    with open_(path) as database:
        database.apply(Changeset((Update("organisation", 1, {"city": "Later"}),), user=3))


def received(mailbox):
    """By recipient the mails, as (Message-ID, whether it tells of what came later)."""
    found = {}
    for to, raw in mailbox.mails:
        message = email.message_from_bytes(raw)
        text = message.get_payload()[0].get_payload(decode=True).decode()
        found.setdefault(to, []).append((message["Message-ID"], "Later" in text))
    return found


def ranges(path):
    with open_(path) as database:
        sql = 'SELECT viewer, period, "first", "last", state FROM delivery ORDER BY viewer, period'
        return database.rows(Query(sql))


@pytest.mark.hardening(59)
@pytest.mark.parametrize(
    ("step", "mails"), [("begun", 1), ("unsent", 1), ("sent", 2), ("finished", 1)]
)
def test_a_run_that_was_killed_is_resumed(path, options, mailbox, step, mails):
    command = [sys.executable, KILLED, step, path, *options, *NOW]
    with subprocess.Popen([str(w) for w in command], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "there\n"
        process.send_signal(signal.SIGKILL)
    begun = ranges(path)
    assert [row[4] for row in begun] == ["sent" if step == "finished" else "sending"]
    wrote_later(path)
    assert notify(path, *options, *NOW).exit_code == 0
    assert "nothing to deliver" in notify(path, *options, *NOW).output
    # Known by its name to whoever got it twice; it is the same delivery, not another.
    kari = received(mailbox)["kari@example.com"]
    assert len(kari) == mails
    assert len(set(kari)) == 1
    assert kari[0][1] is False
    assert ranges(path)[0][:4] == begun[0][:4]
    assert notify(path, *options, *LATER).exit_code == 0
    told = {to: [later for _, later in mails] for to, mails in received(mailbox).items()}
    assert told["kari@example.com"] == [False] * mails + [True]
    assert sum(told["ola@example.com"]) == 1


@pytest.mark.hardening(57)
def test_two_crons_at_once_send_once(path, options, mailbox):
    mailbox.slow = 0.5
    command = [sys.executable, "-m", "crmpanel.cli", "notify", path, *options, *NOW]
    both = [
        subprocess.Popen([str(w) for w in command], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = sorted(process.communicate(timeout=60)[0] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(to for to, _ in mailbox.mails) == ["kari@example.com", "ola@example.com"]
    assert said[1] == "There is nothing to deliver.\n"


def test_what_it_says_and_its_exit_code(path, options, mailbox):
    mailbox.refuse = {"ola@example.com"}
    result = notify(path, *options, *NOW)
    assert result.exit_code == 1
    assert "Kari Nordmann: e-mail of 2026-02-03, 1 change: sent\n" in result.output
    assert "Ola Hansen: e-mail of 2026-02-03, 1 change: failed. The mail server" in result.stderr
    mailbox.refuse = set()
    result = notify(path, *options, *NOW)
    assert (result.exit_code, len(mailbox.mails)) == (0, 2)


def test_a_dry_run_needs_no_settings(path, mailbox):
    result = notify(path, "--dry-run", *NOW)
    assert result.exit_code == 0
    assert "Kari Nordmann: e-mail of 2026-02-03, 1 change: planned" in result.output
    assert mailbox.mails == []


# -- while another process has the database ------------------------------------------------------


@pytest.fixture
def served(path):
    """`crmpanel serve` over the database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "crmpanel.cli", "serve", str(path), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        end = time.monotonic() + 60
        while not wire.socket_file(path).exists() and time.monotonic() < end:
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.05)
        yield process
        process.kill()


def test_a_server_is_asked_to_do_it(path, served, options, mailbox):
    file = wire.socket_file(path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    mailbox.refuse = {"ola@example.com"}
    result = notify(path, *options, *NOW)
    assert result.exit_code == 1
    assert "Kari Nordmann: e-mail of 2026-02-03, 1 change: sent\n" in result.output
    assert "No such mailbox" in result.stderr
    mailbox.refuse = set()
    link = path.with_name("link.duckdb")
    link.symlink_to(path)
    assert notify(link, *options, *NOW).exit_code == 0
    assert "nothing to deliver" in notify(path, *options, *NOW).output
    assert len(mailbox.mails) == 2
    result = notify(path, *NOW, "--smtp", options[1], "--from", "a@b.no")
    assert (result.exit_code, "--base-url" in result.stderr) == (1, True)
    served.send_signal(signal.SIGINT)
    served.wait(20)
    assert notify(path, *options, *LATER).exit_code == 0


def test_a_server_that_was_killed_leaves_a_socket_that_nobody_minds(path, served, options, mailbox):
    served.kill()
    served.wait()
    assert wire.socket_file(path).exists()
    assert notify(path, *options, *NOW).exit_code == 0
    with open_(path) as database, wire.listening(database):
        assert wire.ask(path, wire.request_of(Settings(), None, True)) is not None
    assert not wire.socket_file(path).exists()


def test_one_who_cannot_be_asked_is_named(path, options):
    settings = Settings.of({"base_url": "https://crm.example.com"})
    holder = "import sys, time; from crmpanel.store import open_; d = open_(sys.argv[1]); print(1, flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(path)], stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        with pytest.raises(LockedDatabase, match=str(process.pid)):
            asking.run(path, settings, patience=0.3)
        process.kill()


@pytest.mark.parametrize(
    "asked",
    [b"", b"{}", b"[]", b"null", b'{"settings": {}}', b"\xff\xfe", b"x" * 200_000,
     b'{"settings": {"smtp": 1}, "now": null, "dry_run": true}',
     b'{"settings": {"evil": "1"}, "now": null, "dry_run": true}',
     b'{"settings": {}, "now": "tomorrow", "dry_run": true}'],
)  # fmt: skip
def test_nonsense_on_the_socket_is_answered_and_survived(path, asked):
    with open_(path) as database, wire.listening(database):
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(wire.socket_file(path)))
            line.settimeout(10)
            try:
                line.sendall(asked)
                line.shutdown(socket.SHUT_WR)
            except BrokenPipeError:  # it has read enough
                pass
            try:
                answer = b"".join(iter(lambda: line.recv(65536), b""))
                assert "error" in json.loads(answer)
            except ConnectionResetError:
                assert len(asked) > wire.LONGEST
        report = wire.ask(path, wire.request_of(Settings(), None, True))
        assert [outcome.state for outcome in report.outcomes] == ["planned", "planned"]


def test_somebody_else_is_refused(path, monkeypatch):
    request = wire.request_of(Settings(), None, True)
    with open_(path) as database, wire.listening(database):
        monkeypatch.setattr(wire, "_is_us", lambda caller: False)
        with pytest.raises(CrmError, match="did not answer"):
            wire.ask(path, request)


def test_a_caller_who_could_not_be_heard_is_not_the_last(path, monkeypatch, caplog):
    fails, accept = [OSError(24, "Too many open files")], socket.socket.accept

    def unlucky(line):
        if fails:
            raise fails.pop()
        return accept(line)

    monkeypatch.setattr(socket.socket, "accept", unlucky)
    request = wire.request_of(Settings(), None, True)
    with open_(path) as database, wire.listening(database):
        assert wire.ask(path, request) is not None
    assert "Too many open files" in caplog.text


def test_a_path_too_long_for_a_socket(path):
    folder = path.parent / ("x" * 100)
    folder.mkdir()
    long = folder / path.name
    os.replace(path, long)
    with open_(long) as database, wire.listening(database):
        assert wire.ask(long, wire.request_of(Settings(), None, True)) is not None


def test_a_system_without_such_sockets_is_told_so(path, monkeypatch, caplog):
    monkeypatch.delattr(socket, "AF_UNIX")
    with pytest.raises(CrmError, match="Stop the server while crmpanel notify runs"):
        wire.ask(path, {})
    with open_(path) as database, wire.listening(database):
        assert "has no Unix domain sockets" in caplog.text
