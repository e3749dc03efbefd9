"""Encrypted connections to mail servers and webhooks: certificates are checked, and passwords wait."""

import socket
import ssl
import subprocess
from dataclasses import replace

import pytest

from crmpanel.delivery import outbound
from crmpanel.delivery.run import notify
from crmpanel.errors import CrmError


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for localhost, 127.0.0.1 and hooks.example that nobody trusts yet, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    names = "subjectAltName=DNS:localhost,DNS:hooks.example,IP:127.0.0.1"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=test",
    ]
    files = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-addext", names]
    subprocess.run([str(word) for word in [*command, *files]], check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def context(certificate):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*certificate)
    return made


@pytest.fixture
def trusted(monkeypatch, certificate):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))


@pytest.fixture
def told(world):
    world.reader()
    world.move("a")
    return world


@pytest.fixture(params=["starttls", "ssl"])
def encrypted(request, serve_mail, mailbox, context, settings):
    """Settings for a server that takes mail over encrypted connections alone."""
    options = {"tls_context": context, "require_starttls": True}
    if request.param == "ssl":
        options = {"ssl_context": context}
    return replace(settings, smtp=serve_mail(mailbox, **options), tls=request.param)


def test_mail_goes_out_encrypted(told, encrypted, mailbox, trusted):
    assert told.notify(encrypted) == ["sent"]
    assert len(mailbox.mails) == 1


def test_a_certificate_that_nobody_trusts_is_refused(told, encrypted, mailbox, now):
    [problem] = notify(told.database, encrypted, now).problems
    assert problem.reason.startswith("No encrypted connection to 127.0.0.1:")
    assert "certificate" in problem.reason
    assert mailbox.mails == []


def test_a_server_that_cannot_encrypt_gets_nothing(told, settings, mailbox, now):
    away = replace(settings, tls="starttls", user="crm", password="secret")
    [problem] = notify(told.database, away, now).problems
    assert "cannot do what is asked for" in problem.reason
    assert mailbox.mails == []


@pytest.fixture
def secure(receiver, context, monkeypatch):
    """The receiver behind https; every name is 127.0.0.1."""
    receiver.socket = context.wrap_socket(receiver.socket, server_side=True)
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.server_port))]
    monkeypatch.setattr(outbound.socket, "getaddrinfo", lambda *_, **__: found)
    return receiver


def post(name, receiver):
    return outbound.post(f"https://{name}:{receiver.server_port}/", b"x", {}, allow_private=True)


def test_a_webhook_is_known_by_its_name_though_its_address_is_called(secure, trusted):
    assert post("hooks.example", secure) == 204
    assert secure.calls[0][1]["Host"] == f"hooks.example:{secure.server_port}"


@pytest.mark.hardening(31)
def test_a_host_that_is_another_is_refused(secure, trusted):
    with pytest.raises(CrmError, match="certificate cannot be trusted"):
        post("other.example", secure)
    assert secure.calls == []


def test_a_webhook_that_nobody_trusts_is_refused(secure):
    with pytest.raises(CrmError, match="certificate cannot be trusted"):
        post("hooks.example", secure)
    assert secure.calls == []
