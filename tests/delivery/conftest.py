"""A real mail server and a real receiver of webhooks, both of which can misbehave."""

import asyncio
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from crmpanel.controllers.delivering import Delivering
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.subscriptions import Subscriptions
from crmpanel.delivery.run import notify
from crmpanel.delivery.settings import Settings
from crmpanel.model.changeset import Changeset, Update
from crmpanel.query.query import Query

BASE = "https://crm.example.com"
SENDER = "The CRM <crm@example.com>"


class Mailbox:
    """What a mail server does with mail, and what it has got.

    Attributes
    ----------
    mails : what it has taken, as (recipient, message as bytes).
    refuse : recipients that it refuses.
    dies_after : number of mails after which it cuts every connection, before it answers.
    slow : seconds that it takes over each mail.
    """

    def __init__(self):
        self.mails, self.refuse, self.dies_after, self.slow = [], set(), None, 0.0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuse:
            return "550 5.1.1 No such mailbox\x07 here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.dies_after is not None and len(self.mails) >= self.dies_after:
            server.transport.abort()
            return "451 gone"
        if self.slow:
            await asyncio.sleep(self.slow)
        self.mails.append((envelope.rcpt_tos[0], envelope.content))
        return "250 OK"


@pytest.fixture(scope="session")
def login():
    """Lets crm in, whose password is secret."""

    def check(server, session, envelope, mechanism, auth):
        good = (auth.login, auth.password) == (b"crm", b"secret")
        return AuthResult(success=good, handled=False)

    return check


class Server(Controller):
    def factory(self):
        return SMTP(self.handler, **self.SMTP_kwargs)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def serve_mail():
    """Start a mail server over a mailbox; gives its address."""
    running = []

    def start(box, **options):
        server = Server(box, hostname="127.0.0.1", port=free_port(), **options)
        server.start()
        running.append(server)
        return f"127.0.0.1:{server.port}"

    yield start
    for server in running:
        server.stop(no_assert=True)


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def settings(serve_mail, mailbox):
    """Settings with a mail server that is there."""
    return Settings(smtp=serve_mail(mailbox), sender=SENDER, base_url=BASE)


class Receiver(ThreadingHTTPServer):
    """A receiver of webhooks.

    Attributes
    ----------
    calls : what it has got, as (path, headers, body).
    status : what it answers; `slow`: seconds until then; `location`: where it redirects to.
    """

    def __init__(self):
        self.calls, self.status, self.slow, self.location = [], 204, 0.0, None
        super().__init__(("127.0.0.1", 0), Called)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook?x=1"


class Called(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((self.path, dict(self.headers), body))
        time.sleep(self.server.slow)
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class World:
    """A database with readers, and short words for what happens in it."""

    def __init__(self, database, now):
        self.database, self.now = database, now

    def desk(self, user=1):
        return Desk(self.database, "nobody", lambda: self.now).working_as(user)

    def address(self, user, address):
        part = Update("user", user, {"email": address})
        self.database.apply(Changeset((part,), user=user))

    def reader(self, user=1, address="kari@example.com", every="daily", follows=(1,), hook=None):
        """Let a user follow organisations, and get mail of it."""
        self.address(user, address)
        for id in follows:
            Subscriptions(self.desk(user)).subscribe("organisation", id)
        choices = Delivering(self.desk(user), allow_private=True)
        if every:
            choices.choose_digest(every)
        if hook:
            choices.choose_webhook(hook)
        return self.desk(user)

    def write(self, *parts, user=2):
        return self.database.apply(Changeset(parts, user=user)).number

    def rename(self, name, id=1, user=2):
        return self.write(Update("organisation", id, {"name": name}), user=user)

    def move(self, city, id=1, user=2):
        return self.write(Update("organisation", id, {"city": city}), user=user)

    def notify(self, settings, now=None, **options):
        """States of the outcomes of a run."""
        report = notify(self.database, settings, now or self.now, **options)
        return [outcome.state for outcome in report.outcomes]

    def deliveries(self, user=1):
        sql = (
            'SELECT channel, period, "first", "last", state, reason FROM delivery '
            "WHERE viewer = ? ORDER BY channel, period"
        )
        return self.database.records(Query(sql, (f"user {user}",)))


@pytest.fixture
def world(database, now):
    return World(database, now)


@pytest.fixture(scope="session")
def sent_json():
    return lambda call: json.loads(call[2])
