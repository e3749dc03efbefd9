"""Addresses that users enter: called only where nobody of ours listens, and nowhere else."""

import ipaddress
import socket
import threading
import time

import pytest

from crmpanel.controllers.delivering import webhook_parts
from crmpanel.delivery import outbound
from crmpanel.errors import CrmError, InputError


@pytest.mark.hardening(31)
@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user@example.com/",
        "https://user:pass@example.com/",
        "https://@example.com/",
        "https://example.com/#a",
        "https://example.com:99999/",
        "https://example.com/a b",
        "https://example.com/\r\nHost: evil",
        "https://example.com\\@evil.com/",
        "https://exa\u202emple.com/",
        "https://[::1",
        "//example.com",
        "https://ex%61mple.com/",
        "https://example.com/" + "a" * 2000,
    ],
)
def test_addresses_that_cannot_be_called(url):
    with pytest.raises(InputError, match="cannot be called"):
        webhook_parts(url)


PRIVATE = [
    "127.0.0.1",
    "127.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "198.18.0.1",
    "::1",
    "::",
    "fc00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::7f00:1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
]
NEVER = [
    "169.254.169.254",
    "fe80::1",
    "fd00:ec2::254",
    "::ffff:169.254.169.254",
    "224.0.0.1",
    "ff02::1",
]


@pytest.mark.hardening(31)
@pytest.mark.parametrize("address", [*PRIVATE, *NEVER])
def test_our_own_network_is_not_called(address):
    assert not outbound.may_call(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111"])
def test_public_addresses_are(address):
    assert outbound.may_call(ipaddress.ip_address(address))


@pytest.mark.hardening(31)
@pytest.mark.parametrize("address", NEVER)
def test_metadata_is_not_even_where_private_is_allowed(address):
    assert outbound.may_call(ipaddress.ip_address("127.0.0.1"), allow_private=True)
    assert not outbound.may_call(ipaddress.ip_address(address), allow_private=True)


def resolving(monkeypatch, *answers):
    """Names resolve to each answer in turn, the last for ever; gives what was asked."""
    asked, left = [], list(answers)

    def look_up(host, port, *args, **kwargs):
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in found]

    monkeypatch.setattr(outbound.socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.hardening(31)
@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "https://localhost/", "https://2130706433/", "https://0x7f.1/",
     "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest/meta-data"],
)  # fmt: skip
def test_other_spellings_of_ourselves_are_refused(url):
    with pytest.raises(CrmError, match=r"own network|not reached"):
        outbound.post(url, b"", {})


@pytest.mark.hardening(31)
def test_one_private_address_among_public_ones_is_enough(monkeypatch):
    resolving(monkeypatch, ["1.1.1.1", "127.0.0.1"])
    with pytest.raises(CrmError, match="own network"):
        outbound.post("https://example.com/", b"", {})


@pytest.mark.hardening(31)
def test_a_name_cannot_mean_another_host_a_moment_later(monkeypatch):
    asked = resolving(monkeypatch, ["1.1.1.1"], ["127.0.0.1"])
    called = []

    def connect(address, timeout):
        called.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(outbound.socket, "create_connection", connect)
    with pytest.raises(CrmError, match="Connection refused"):
        outbound.post("https://example.com/", b"", {})
    assert (called, asked) == ([("1.1.1.1", 443)], ["example.com"])


def test_the_host_is_named_though_its_address_is_called(monkeypatch, receiver):
    resolving(monkeypatch, ["127.0.0.1"])
    url = f"http://hooks.example:{receiver.server_port}/a?b=c"
    assert outbound.post(url, b"x", {"A": "b"}, allow_private=True) == 204
    [(path, headers, body)] = receiver.calls
    assert (path, headers["Host"], body) == (
        "/a?b=c", f"hooks.example:{receiver.server_port}", b"x",
    )  # fmt: skip


@pytest.mark.hardening(31)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(receiver, status):
    receiver.status, receiver.location = status, "http://127.0.0.1:1/elsewhere"
    with pytest.raises(CrmError, match=f"{status}, and redirects are not followed"):
        outbound.post(receiver.url, b"", {}, allow_private=True)
    assert len(receiver.calls) == 1


def test_one_who_takes_too_long_is_given_up(receiver):
    receiver.slow = 2.0
    with pytest.raises(CrmError, match="did not answer"):
        outbound.post(receiver.url, b"", {}, allow_private=True, timeout=0.3)


def test_one_who_sends_a_byte_now_and_then_is_given_up_too():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            caller, _ = server.accept()
            with caller:
                try:
                    for byte in b"HTTP/1.1 200 OK\r\n" + b"A" * 1000:
                        caller.send(bytes([byte]))
                        time.sleep(0.05)
                except OSError:
                    pass

        thread = threading.Thread(target=drip)
        thread.start()
        start = time.monotonic()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(CrmError, match="did not answer"):
            outbound.post(url, b"", {}, allow_private=True, timeout=0.5)
        assert time.monotonic() - start < 2
        thread.join()


def test_one_who_speaks_no_http_is_an_error_like_others():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            caller, _ = server.accept()
            with caller:
                caller.recv(65536)
                caller.send(b"\0\x07<b>hello\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(CrmError, match="not reached") as caught:
            outbound.post(url, b"", {}, allow_private=True)
        assert "\x07" not in str(caught.value)
        thread.join()
